"""One Vigil at a time: an exclusive lock on a file beside the database.

The kernel holds the lock and lets it go when the process ends in whatever way (1.9 ms after kill -9, reliability 2),
so there is no stale lock to clear. The file is never removed: removing it would let two processes each lock their
own. What is written inside is only for the message.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from vigil.domain.errors import BusyError, StoreError
from vigil.store.private_files import make_folder, open_file

_MOST_BYTES = 200

_LOOKS = 200
"""Looking at a lock takes it for a few microseconds, trying 200 times a few hundred. Our choice."""

_AGAIN_S = 0.1
"""Pause between two tries of who waits for the lock. Our choice."""


class StoreLock:
    """The lock, held until `release`, the end of a `with` block, or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: Path, started: str, patience_s: float = 0.0) -> StoreLock:
        """Take the lock or raise BusyError naming who holds it; StoreError if the file cannot be made.

        started: when this Vigil started, in words for the person who is refused ("22:41"). patience_s: how long it is
        waited for whoever holds it; at once unless said.
        """
        make_folder(path.parent)
        try:
            descriptor = open_file(path)
        except OSError as error:
            message = f"the lock {path} could not be made ({error.strerror}); nothing was started; check the folder"
            raise StoreError(message) from error
        try:
            _lock_within(descriptor, patience_s)
        except BlockingIOError as error:
            holder = os.pread(descriptor, _MOST_BYTES, 0).decode("utf-8", "replace").strip()
            os.close(descriptor)
            message = f"Vigil already runs ({holder or 'just started'}); nothing was started; stop that one first"
            raise BusyError(message) from error
        except OSError as error:
            os.close(descriptor)
            message = f"the lock {path} could not be taken ({error.strerror}); nothing was started; use a local disk"
            raise StoreError(message) from error
        with suppress(OSError):  # a full disk must not keep the lock from being held
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"pid {os.getpid()}, since {started}\n".encode()[:_MOST_BYTES], 0)
        return cls(descriptor)

    @property
    def descriptor(self) -> int:
        """What a child process may be handed, so that the lock is held for as long as either of them lives.

        Raises StoreError after `release`.
        """
        if self._descriptor is None:
            message = "a lock that was let go cannot be handed on; nothing was started; please report this"
            raise StoreError(message)
        return self._descriptor

    def release(self) -> None:
        """Let go. Twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> StoreLock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def _lock_within(descriptor: int, patience_s: float) -> None:
    """Take the lock as soon as it is free; raises BlockingIOError if it is still held after so long."""
    until_s = time.monotonic() + patience_s
    while time.monotonic() < until_s:
        with suppress(BlockingIOError):
            _lock(descriptor)
            return
        time.sleep(_AGAIN_S)
    _lock(descriptor)


def _lock(descriptor: int) -> None:
    """Take the lock; raises BlockingIOError if it is held, and not merely looked at (`holder_of`) for an instant."""
    for _ in range(_LOOKS):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        getattr(os, "sched_yield", int)()  # macOS has none, and needs none: the other one runs on another core
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def holder_of(path: Path) -> str:
    """Who holds the lock, in the words left in it; "" if nobody does, or it cannot be told. Never raises."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, _MOST_BYTES, 0).decode("utf-8", "replace").strip()
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return ""
