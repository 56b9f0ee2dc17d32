"""Looking at a database file takes nobody's lock away."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from vigil.store import cipher, peeking
from vigil.store.database import Database
from vigil.store.opening import look_at

_TRIES = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0).execute("BEGIN EXCLUSIVE")
except sqlite3.OperationalError:
    sys.exit(7)
"""
"""Another process that wants the file alone."""


def test_a_look_keeps_the_locks_of_who_looks(tmp_path: Path) -> None:
    """Closing a file lets go of its process's locks, and another process could take the database from under us."""
    path = tmp_path / "vigil.db"
    Database.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode=DELETE").fetchall()
        holder.execute("BEGIN EXCLUSIVE")
        assert cipher.key_for(path) is None
        assert not cipher.is_sealed(path)
        look = subprocess.run([sys.executable, "-c", _TRIES, str(path)], check=False)
        assert look.returncode == 7


def test_looking_at_a_whole_database_keeps_them_too(tmp_path: Path) -> None:
    """The same for what is looked at before opening."""
    path = tmp_path / "vigil.db"
    Database.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
        holder.execute("BEGIN IMMEDIATE")
        look_at(path)
        look = subprocess.run([sys.executable, "-c", _TRIES, str(path)], check=False)
        assert look.returncode == 7


def test_a_file_that_was_replaced_is_seen_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stays open is let go of once it is gone, or too many are; nothing is told of the file that was there."""
    monkeypatch.setattr(peeking, "MOST_KEPT", 3)
    path = tmp_path / "file"
    assert peeking.beginning(path, 4) == b""
    for number in range(10):
        (tmp_path / "new").write_bytes(b"%03d-and-more" % number)
        (tmp_path / "new").replace(path)
        assert peeking.beginning(path, 3) == b"%03d" % number
        (tmp_path / f"other-{number}").write_bytes(b"xyz")
        assert peeking.beginning(tmp_path / f"other-{number}", 8) == b"xyz"
        assert len(peeking._kept) <= 3
