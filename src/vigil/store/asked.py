"""What the sleeper asks of the night process from the page: one small file for each wish, in a folder beside the store.

It needs no database, no port and no program that listens: a wish at three in the morning must work with everything
but the night process broken, as *stop* does. *Stop* itself has its own file (`hold.py`), which outlives a restart.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from enum import Enum
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.store.private_files import FILE_MODE, make_folder, read_small

ASKED_NAME = "asked"
"""The folder, beside the store."""

MOST_WAITING = 32
"""More wishes at once than a person makes; a night process that runs takes them within a second. Our choice."""

MOST_BYTES = 1024

STALE_MS = 600_000
"""A mark that is made at three must not arrive at noon: after ten minutes a wish is dropped. Our choice."""

_READY = ".wish"
_PART = ".part"
_FORMAT = 1

_MOST_LOOKED_AT = 1000
"""Files taken in one go: a folder that something filled cannot hold up a night."""


class Wish(Enum):
    """What can be asked."""

    AWAKE = "awake"
    BAD_DREAM = "bad_dream"
    END = "end"
    """good morning: the night is over"""


def ask(folder: Path, wish: Wish, wall_ms: int) -> None:
    """Leave a wish for the night process, whole or not at all; raises StoreError in words.

    wall_ms: now, UTC in ms since 1970. It is not made durable: what a power cut takes, nobody would have heard.
    """
    try:
        make_folder(folder)
        if _waiting(folder) >= MOST_WAITING:
            message = (
                f"{MOST_WAITING} wishes wait already and Vigil has not taken them; this one was not left; look whether "
                "a night is being watched"
            )
            raise StoreError(message)
        name = f"{max(0, wall_ms):016d}-{secrets.token_hex(6)}"  # a name that nobody else makes; chance ends with it
        body = json.dumps({"format": _FORMAT, "wish": wish.value, "wall_ms": wall_ms}).encode("ascii")
        _put(folder / (name + _PART), folder / (name + _READY), body)
    except OSError as error:
        message = (
            f"this could not be passed on to the night ({error.strerror}); nothing was changed; the button on the "
            "wearable and vigil stop still work"
        )
        raise StoreError(message) from error


def taken(folder: Path, now_wall_ms: int) -> list[Wish]:
    """The wishes that wait, oldest first, each removed before it is returned. Never raises.

    now_wall_ms: a wish further from it than `STALE_MS` is dropped, and so is whatever else lies in the folder. One that
    cannot be removed is not returned, or it would come again at every look.
    """
    wishes: list[Wish] = []
    for name in _names(folder):
        path = folder / name
        wish = _read(path, now_wall_ms) if name.endswith(_READY) else None
        if name.endswith(_PART) and _is_young(path, now_wall_ms):
            continue  # somebody is writing it
        if _removed(path) and wish is not None:
            wishes.append(wish)
    return wishes


def _waiting(folder: Path) -> int:
    with os.scandir(folder) as found:
        return sum(1 for _, _entry in zip(range(MOST_WAITING), found, strict=False))


def _put(part: Path, path: Path, data: bytes) -> None:
    """A new file, never one that is there already, by way of `part`. Raises OSError, and then nothing is left."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        part.rename(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def _names(folder: Path) -> list[str]:
    """Sorted, which is by the time they were asked at."""
    try:
        with os.scandir(folder) as found:
            return sorted(entry.name for _, entry in zip(range(_MOST_LOOKED_AT), found, strict=False))
    except OSError:
        return []


def _read(path: Path, now_wall_ms: int) -> Wish | None:
    """The wish in a file, if it is one and still young. What is no plain file is not waited for."""
    try:
        return _parsed(read_small(path, MOST_BYTES), now_wall_ms)
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _parsed(data: bytes, now_wall_ms: int) -> Wish | None:
    """Raises ValueError, TypeError or RecursionError."""
    found = json.loads(data) if len(data) <= MOST_BYTES else None
    if type(found) is not dict or found.get("format") != _FORMAT or found.keys() != {"format", "wish", "wall_ms"}:
        return None
    wall_ms = found["wall_ms"]
    if type(wall_ms) is not int or abs(now_wall_ms - wall_ms) > STALE_MS:
        return None
    return Wish(found["wish"])


def _is_young(path: Path, now_wall_ms: int) -> bool:
    with suppress(OSError):
        return abs(now_wall_ms - path.lstat().st_mtime_ns // 1_000_000) <= STALE_MS
    return False


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        with suppress(OSError):
            path.rmdir()  # a folder is none of ours; one that holds something is left
        return False
    return True
