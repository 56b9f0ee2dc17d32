"""One Vigil at a time: an exclusive lock on a file beside the database.

The kernel holds the lock and lets it go when the process ends in whatever way (1.9 ms after kill -9, reliability 2),
so there is no stale lock to clear. The file is never removed: removing it would let two processes each lock their
own. What is written inside is only for the message.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from vigil.domain.errors import BusyError, StoreError
from vigil.store.private_files import make_folder, open_file

_MOST_BYTES = 200


class StoreLock:
    """The lock, held until `release`, the end of a `with` block, or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: Path, started: str) -> StoreLock:
        """Take the lock at once or raise BusyError naming who holds it; StoreError if the file cannot be made.

        started: when this Vigil started, in words for the person who is refused ("22:41").
        """
        make_folder(path.parent)
        try:
            descriptor = open_file(path)
        except OSError as error:
            message = f"the lock {path} could not be made ({error.strerror}); nothing was started; check the folder"
            raise StoreError(message) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, _MOST_BYTES, 0).decode("utf-8", "replace").strip()
            os.close(descriptor)
            message = f"Vigil already runs ({holder or 'just started'}); nothing was started; stop that one first"
            raise BusyError(message) from error
        with suppress(OSError):  # a full disk must not keep the lock from being held
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"pid {os.getpid()}, since {started}\n".encode()[:_MOST_BYTES], 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let go. Twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> StoreLock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
