"""Room kept back for the worst moment: a file to let go of when the disk is full.

On a full disk even deleting rows and folding in the log fail (reliability 2), so the ledger and the hold are given
room by removing this. Made at arming, while there is plenty (fault F15).
"""

from __future__ import annotations

import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.store.private_files import full_sync, make_folder, open_file, sync

WARN_MB = 500
"""Less free room than this is said at bedtime (reliability F15)."""

LEAST_MB = 200
"""With less than this at arming nothing is nudged (reliability F15), and the ballast is not made."""

BALLAST_MB = 32
"""Reliability F15. A night and its log take less than a tenth of it."""

BYTES_PER_MB = 1_000_000
_BLOCK = 512
"""`st_blocks` counts in these, whatever the file system's own (POSIX, sys/stat.h)."""


def free_mb(path: Path) -> int:
    """How much room a person may still use where `path` is or will be, in whole MB. Raises StoreError if unknown."""
    there = path.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return shutil.disk_usage(there).free // BYTES_PER_MB
    except OSError as error:
        message = f"how much room the disk has could not be told ({error.strerror}); nudging is not armed; look at it"
        raise StoreError(message) from error


class Ballast:
    """The ballast at one path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_held(self) -> bool:
        """Whether it is there, and really takes up its room."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        return min(found.st_size, found.st_blocks * _BLOCK) >= BALLAST_MB * BYTES_PER_MB

    def make(self) -> bool:
        """Make it if there is room for it and for `LEAST_MB` beside it; whether it is there now.

        Never raises for want of room, and then leaves no part of it. Raises StoreError if the folder cannot be made.
        """
        if self.is_held:
            return True
        make_folder(self._path.parent)
        self.release()
        if free_mb(self._path) < LEAST_MB + BALLAST_MB:
            return False
        try:
            self._fill()
        except OSError:
            self.release()
        return self.is_held

    def release(self) -> bool:
        """Give its room back; whether there was any. Never raises: it is called when everything else has failed."""
        try:
            self._path.unlink()
        except OSError:
            return False
        with suppress(OSError):
            sync(self._path.parent)
        return True

    def _fill(self) -> None:
        descriptor = open_file(self._path)
        try:
            _allocate(descriptor)
            if not self.is_held:
                _write_out(descriptor)
            full_sync(descriptor)
        finally:
            os.close(descriptor)


def _allocate(descriptor: int) -> None:
    """Reserve the blocks, where the system can (macOS cannot)."""
    reserve = getattr(os, "posix_fallocate", None)
    if reserve is not None:
        with suppress(OSError):
            reserve(descriptor, 0, BALLAST_MB * BYTES_PER_MB)


def _write_out(descriptor: int) -> None:
    """Write every byte, in a pattern that no file system compresses away. Raises OSError."""
    chance = random.Random(4)
    for megabyte in range(BALLAST_MB):
        data = chance.randbytes(BYTES_PER_MB)
        if os.pwrite(descriptor, data, megabyte * BYTES_PER_MB) != len(data):
            message = "only a part could be written"
            raise OSError(0, message)
