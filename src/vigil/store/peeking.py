"""The first bytes of a database file, read without letting go of anybody's locks.

Whoever closes a file lets go of every lock that its process has on it, SQLite's own included, and another process may
then take the database from under a writer (sqlite.org/howtocorrupt.html, 2.2). So what is looked at stays open.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from threading import Lock

MOST_KEPT = 64
"""Files that stay open, the latest looked at: far more than the databases and backups there are. Our choice."""

_kept: OrderedDict[tuple[int, int], int] = OrderedDict()
_lock = Lock()


def beginning(path: Path, length: int) -> bytes:
    """Its first `length` bytes, fewer of a shorter file; nothing of one that is not there. Raises OSError."""
    with _lock:
        try:
            return os.pread(_open(path), length, 0)
        except FileNotFoundError:
            return b""


def _open(path: Path) -> int:
    """Its descriptor; that keeps its number on the disk from being given to another file."""
    found = path.stat()
    place = found.st_dev, found.st_ino
    if place not in _kept:
        _let_go()
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        there = os.fstat(descriptor)
        place = there.st_dev, there.st_ino
        with suppress(KeyError):  # it was replaced meanwhile, by one that is open already
            os.close(_kept.pop(place))
        _kept[place] = descriptor
    _kept.move_to_end(place)
    return _kept[place]


def _let_go() -> None:
    """Close what was removed from the disk, whose room is only then free, and the one looked at longest ago."""
    for place, descriptor in tuple(_kept.items()):
        if os.fstat(descriptor).st_nlink == 0:
            os.close(_kept.pop(place))
    while len(_kept) >= MOST_KEPT:
        os.close(_kept.popitem(last=False)[1])
