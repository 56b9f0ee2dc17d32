"""The sleeper's *stop*, kept where a restart and a power cut leave it, and where no broken database can take it away.

One file of one size, made beforehand, so that pressing stop overwrites it in place and needs no room on a full disk
(file systems that copy on write need a block all the same: let the ballast go first). It reads as *not held* in two
cases only: it is absent, or it is, byte for byte, what `clear_hold` writes. Everything else holds, so that nothing
that happens halfway through writing, or to the disk later, can give back what the sleeper has taken away.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeGuard

from vigil.domain.errors import StoreError
from vigil.store.private_files import full_sync, make_folder, open_file, sync

HOLD_BYTES = 512
"""One sector: the least that any disk writes at once."""

NIGHT_CHARACTERS = 32
"""As much of a night's name as earlier versions wrote. None is written now: erasing a night would have to write to this
file, and that could meet somebody who presses stop."""

MOST_WALL_MS = 4_102_444_800_000
"""The first instant of the year 2100, UTC: a wall clock beyond it is broken. Our choice."""

_MAGIC = b"VIGIL HOLD 1 "
_CRC = 8


@dataclass(frozen=True, slots=True)
class Hold:
    """A stop. until_wall_ms: when it ends by itself, UTC in ms since 1970; None: when a person ends it.

    since_wall_ms: when it was pressed.
    """

    until_wall_ms: int | None
    since_wall_ms: int


@dataclass(frozen=True, slots=True)
class HoldState:
    """What the file says. hold: what is known of the stop; None if there is none, or if it cannot be read.

    why: in words, if the file could not be read and therefore holds.
    """

    held: bool
    hold: Hold | None = None
    why: str = ""

    def lasts(self, wall_ms: int | None) -> bool:
        """Whether nothing may be done at this instant of the wall clock (None: it is not known, or not sane).

        It ends by itself only if an end was chosen, and a clock that is known and not before the beginning is past it.
        """
        if not self.held:
            return False
        if self.hold is None or self.hold.until_wall_ms is None:
            return True
        return not (_is_wall(wall_ms) and max(self.hold.since_wall_ms, self.hold.until_wall_ms) <= wall_ms)


NOT_HELD = HoldState(held=False)

Mark: TypeAlias = tuple[int, int]
"""The file itself and when it was last written to (ns since 1970 by the file system)."""


def read_hold(path: Path) -> HoldState:
    """What the file says. Never raises: what cannot be read holds."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return NOT_HELD
    except OSError as error:
        return _doubtful(error.strerror or "it cannot be read")
    return _state_of(data)


def mark_of(path: Path) -> Mark | None:
    """A mark of the file that whatever is written to it changes; None if it is not there or cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _state_of(data: bytes) -> HoldState:
    if data == _CLEAR:
        return NOT_HELD
    try:
        return HoldState(held=True, hold=_parsed(data))
    except (ValueError, KeyError, TypeError, RecursionError):
        return _doubtful("it is damaged or of another version")


def write_hold(path: Path, hold: Hold) -> None:
    """Stop, durably: when this returns it survives a power cut. Switch the outputs off before calling it.

    An end that is no instant becomes "until a person ends it". Raises StoreError if nothing could be written; the
    caller then holds for as long as it runs.
    """
    try:
        _overwrite(path, _packed(hold), must_last=True)
    except OSError as error:
        message = (
            f"the stop could not be written down ({error.strerror}); Vigil stays stopped while it runs, but a restart "
            "might forget it; look at the disk"
        )
        raise StoreError(message) from error


def clear_hold(path: Path) -> None:
    """End the stop. Raises StoreError, and then it goes on.

    That the disk holds it is not waited for in vain: if it cannot be told, a power cut may bring the stop back, which
    is the safe side; but whoever reads the file now finds what this call has answered.
    """
    try:
        _overwrite(path, _CLEAR, must_last=False)
    except OSError as error:
        message = f"the stop could not be ended ({error.strerror}); Vigil stays stopped; look at the disk"
        raise StoreError(message) from error


def prepare_hold(path: Path) -> None:
    """Make the file if there is none, so that a stop needs no room later. A stop that stands is left standing.

    Raises StoreError if there is no room: without the file there is no stop that lasts, so nothing may be armed.
    """
    try:
        if path.exists() or path.is_symlink():
            return
        make_folder(path.parent)
        _replace(path, _CLEAR, must_last=True)
    except OSError as error:
        message = (
            f"the file that keeps a stop could not be made ({error.strerror}); nudging is not armed; free some space"
        )
        raise StoreError(message) from error


def _overwrite(path: Path, data: bytes, *, must_last: bool) -> None:
    """In place if that can be done, else by a new file in its place. Raises OSError.

    must_last: also if the disk does not confirm that it holds it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        make_folder(path.parent)
        _replace(path, data, must_last=must_last)
        return
    try:
        _put(descriptor, data, must_last=must_last)
    except OSError:
        _replace(path, data, must_last=must_last)
    finally:
        os.close(descriptor)


def _replace(path: Path, data: bytes, *, must_last: bool) -> None:
    """By a new file that takes the place of the old one: it is whole, or not there."""
    part = path.with_name(path.name + ".new")
    descriptor = open_file(part)
    try:
        _put(descriptor, data, must_last=True)
    finally:
        os.close(descriptor)
    part.replace(path)
    with nullcontext() if must_last else suppress(OSError):
        sync(path.parent)


def _put(descriptor: int, data: bytes, *, must_last: bool) -> None:
    if os.pwrite(descriptor, data, 0) != len(data):
        message = "only a part could be written"
        raise OSError(0, message)
    with suppress(OSError):  # a longer file is damaged; it reads as held until it is cut
        if os.fstat(descriptor).st_size != HOLD_BYTES:
            os.ftruncate(descriptor, HOLD_BYTES)
    with nullcontext() if must_last else suppress(OSError):
        full_sync(descriptor)


def _packed(hold: Hold, night: str = "") -> bytes:
    """The file of a hold. night: as an earlier version may have named it."""
    since = hold.since_wall_ms if _is_wall(hold.since_wall_ms) else 0
    until = hold.until_wall_ms if _is_wall(hold.until_wall_ms) else None
    body = json.dumps([until, since, night[:NIGHT_CHARACTERS]], separators=(",", ":"))
    return _signed(body.encode("ascii"))


def _signed(body: bytes) -> bytes:
    return (_MAGIC + b"%08x " % zlib.crc32(body) + body).ljust(HOLD_BYTES - 1) + b"\n"


_CLEAR = _signed(b"not held")


def _parsed(data: bytes) -> Hold:
    """The hold in the file; raises ValueError, KeyError or TypeError if it is not exactly what was written."""
    until, since, night = json.loads(data[len(_MAGIC) + _CRC :])
    hold = Hold(until, since)
    sane = _is_wall(since) and (until is None or _is_wall(until)) and isinstance(night, str)
    if not sane or _packed(hold, night) != data:
        message = "not a hold of this version"
        raise ValueError(message)
    return hold


def _is_wall(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= MOST_WALL_MS


def _doubtful(why: str) -> HoldState:
    words = f"the file that keeps a stop cannot be relied on ({why}), so Vigil stays stopped until you end the stop"
    return HoldState(held=True, why=words)
