"""The number of commits, kept beside the database as a witness.

One flipped bit in a write-ahead log makes SQLite drop every later commit and call the rest sound (reliability
2: 500 of 500 such flips went unnoticed). Nothing inside the database can tell; a number outside it can. It is
written after each commit and never synced: at a power cut it may fall behind, which says nothing, but it can
never run ahead of what was committed.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

from vigil.store.private_files import open_file

_LENGTH = 29


class Head:
    """The witness beside one database. Errors are swallowed: it must never fail a commit that has been made."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + "-head")
        self._descriptor: int | None = None

    def read(self) -> int:
        """The number of commits that were acknowledged, as far as is known; 0 if nothing is."""
        try:
            text = self._path.read_bytes()
            number, crc = text[:20], text[21:_LENGTH]
            return int(number) if int(crc, 16) == zlib.crc32(number) else 0
        except (OSError, ValueError):
            return 0

    def write(self, commits: int) -> None:
        """Note that so many commits have been made."""
        number = b"%020d" % commits
        with suppress(OSError):
            if self._descriptor is None:
                self._descriptor = open_file(self._path)
            os.pwrite(self._descriptor, number + b" %08x" % zlib.crc32(number), 0)

    def close(self) -> None:
        """Let the file go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
