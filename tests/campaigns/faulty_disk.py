"""A disk between SQLite and the real one: it writes down every call, and can refuse any of them.

It is a VFS of SQLite's (through apsw, which brings a newer SQLite than the standard library's: what is written by the
one is read by the other here). `Adapter` lets `vigil.store.database.Database` run its own statements over it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from vigil.store import database, opening

NAME = "vigil-faulty-disk"

_OWN_CALLS = ("pwrite", "fsync", "open", "ftruncate", "unlink", "rename", "replace", "mkdir")
"""What Vigil's own files are written with."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes the disk. kind: write, sync, truncate, delete, or ack (what the caller was promised)."""

    kind: str
    file: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Disk:
    """What happens to calls: each is counted; `calls` keeps those that change the disk, if `records`.

    fail_at: number, from 1, of the first call that fails; spell: how many fail from there. code: EIO or ENOSPC, of
    which the latter fails, and counts, only what takes room.
    """

    records: bool = False
    fail_at: int = 0
    spell: int = 1
    code: int = errno.EIO
    calls: list[Call] = field(default_factory=list)
    count: int = 0
    failed: int = 0

    def passes(self, *, takes_room: bool) -> bool:
        """Count a call; whether it may go on."""
        if self.code == errno.ENOSPC and not takes_room:
            return True
        self.count += 1
        fails = 0 < self.fail_at <= self.count < self.fail_at + self.spell
        self.failed += fails
        return not fails

    def note(self, kind: str, file: str, offset: int = 0, data: bytes = b"") -> None:
        """Keep a call that was made."""
        if self.records:
            self.calls.append(Call(kind, file, offset, data))


_disk = Disk()
"""The one that the VFS and the patches work on; see `on`."""


def _need(*, takes_room: bool = False) -> None:
    if not _disk.passes(takes_room=takes_room):
        raise apsw.FullError("full") if _disk.code == errno.ENOSPC else apsw.IOError("input/output error")


_CODES: tuple[tuple[type[apsw.Error], int], ...] = (
    (apsw.FullError, apsw.SQLITE_FULL),
    (apsw.IOError, apsw.SQLITE_IOERR),
    (apsw.CantOpenError, apsw.SQLITE_CANTOPEN),
)
"""An exception out of the VFS comes back as it is, without the code that SQLite made of it."""


class _Quiet:
    def excepthook(self, etype: object, evalue: object, etraceback: object) -> bool:
        """An error where SQLite asks nobody (it checks for a log, it closes): it has taken note of it."""
        return True


class _File(_Quiet, apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.name = Path(path or "").name
        apsw.VFSFile.__init__(self, "unix", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 — SQLite's name
        _need()
        return super().xRead(amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 — SQLite's name
        _need(takes_room=True)
        super().xWrite(data, offset)
        _disk.note("write", self.name, offset, bytes(data))

    def xSync(self, flags: int) -> None:  # noqa: N802 — SQLite's name
        _need()
        super().xSync(flags)
        _disk.note("sync", self.name)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 — SQLite's name
        _need()
        super().xTruncate(newsize)
        _disk.note("truncate", self.name, newsize)

    def xFileSize(self) -> int:  # noqa: N802 — SQLite's name
        _need()
        return super().xFileSize()


class _Vfs(_Quiet, apsw.VFS):
    def __init__(self) -> None:
        apsw.VFS.__init__(self, NAME, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 — SQLite's name
        if not _disk.passes(takes_room=True):
            raise apsw.CantOpenError("cannot open")
        return _File(name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 — SQLite's name
        _need()
        super().xDelete(filename, syncdir)
        _disk.note("delete", Path(filename).name)


_vfs = _Vfs()


class Adapter:
    """As much of sqlite3.Connection as Vigil's store uses, over apsw; its errors are sqlite3's, with their codes."""

    def __init__(self, path: Path, how: str) -> None:
        flags = apsw.SQLITE_OPEN_READONLY if "mode=ro" in how else apsw.SQLITE_OPEN_READWRITE
        with _as_sqlite3():
            self._connection = apsw.Connection(f"{path.as_uri()}?{how}", flags=flags | apsw.SQLITE_OPEN_URI, vfs=NAME)
            self._connection.set_busy_timeout(0)

    @property
    def in_transaction(self) -> bool:
        return not self._connection.get_autocommit()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> _Cursor:
        with _as_sqlite3():
            return _Cursor(self._connection.execute(sql, values).fetchall(), self._connection.changes())

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            self.execute(sql, row)

    def close(self) -> None:
        with suppress(apsw.Error):  # as SQLite itself: closing never fails, what it could not fold in stays in the log
            self._connection.close()


@dataclass
class _Cursor:
    rows: list[Any]
    rowcount: int

    def fetchall(self) -> list[Any]:
        return self.rows

    def fetchone(self) -> Any:
        return self.rows[0] if self.rows else None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        made = sqlite3.OperationalError(str(error))
        known = next((code for kind, code in _CODES if isinstance(error, kind)), apsw.SQLITE_ERROR)
        made.sqlite_errorcode = getattr(error, "extendedresult", 0) or getattr(error, "result", known)
        raise made from error


@contextmanager
def on(disk: Disk, *, own_files: bool = False) -> Iterator[Disk]:
    """Let every database that is opened meanwhile, and with `own_files` every file of Vigil's own, use this disk."""
    global _disk  # noqa: PLW0603 — a VFS is one for the process
    before, _disk = _disk, disk
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "connect", Adapter)
        patch.setattr(opening, "connect", Adapter)
        for name in _OWN_CALLS if own_files else ():
            patch.setattr(os, name, _refusable(getattr(os, name), takes_room=name != "unlink"))
        try:
            yield disk
        finally:
            _disk = before


def _refusable(original: Callable[..., Any], *, takes_room: bool) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if not _disk.passes(takes_room=takes_room):
            raise OSError(_disk.code, os.strerror(_disk.code))
        return original(*args, **kwargs)

    return call
