"""The file of the journal: a database of its own, so that words can be written while a night holds the other.

Several processes may write (the page, the command line): each change is one short transaction, and whoever comes
second waits for at most two seconds. What was acknowledged survives a power cut, as in `database.py`.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from vigil.domain.errors import BusyError, DamagedError, NotFoundError, StoreError
from vigil.store.opening import connect, is_unborn, unreadable
from vigil.store.private_files import make_file, make_folder, open_file, sync
from vigil.store.schema import refuse_newer, statements
from vigil.store.sqlite_errors import errors, plain_words

NAME = "journal.db"
NIGHTS = "vigil.db"
"""The database of nights beside it."""

LOCK_NAME = "journal.lock"

APPLICATION_ID = 0x5647_4C4A
""" "VGLJ" in the header of the file (sqlite.org/fileformat.html, offset 68)."""

SIDES = ("", "-wal", "-shm", "-journal")
"""Files that belong to a database."""

STEP = 1
"""The step of `journal_schema.sql`."""

MOST_BYTES = 64 << 20
"""SQLite refuses longer rows before it makes room for them: one text is at most 4 MB."""

Row: TypeAlias = tuple[Any, ...]

_PRAGMAS = (
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "temp_store=MEMORY",  # nothing intimate in the system's temporary folder
)
_WRITER_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "fullfsync=ON",  # macOS: fsync alone does not flush the drive
    "checkpoint_fullfsync=ON",
    "secure_delete=ON",
    "wal_autocheckpoint=256",
)


class JournalFile:
    """An open journal database. Made by `open`; belongs to the thread that opened it. Raises StoreError throughout."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, writes: bool) -> None:
        self._connection = connection
        self.path = path
        self.writes = writes

    @classmethod
    def open(cls, path: Path, *, create: bool = True, read_only: bool = False) -> JournalFile:
        """Open it, and make it if it is missing and `create`. Folder mode 0700, files 0600.

        Raises NotFoundError if it is missing; BusyError; DamagedError; StoreError if it is another program's or a
        newer Vigil's. All of them leave the file as it was. `read_only` changes nothing.
        """
        path = path.absolute()
        try:
            unborn = is_unborn(path)
            if unborn and (read_only or not create):
                message = f"there is no journal at {path}; nothing was made"
                raise NotFoundError(message)
            if unborn:
                _make(path)
            with plain_words():
                connection = connect(path, "mode=ro" if read_only else "mode=rw")
        except OSError as error:
            raise unreadable(path, error) from error
        opened = cls(connection, path, writes=not read_only)
        try:
            opened._set_up()
        except BaseException:
            opened.close()
            raise
        return opened

    def _set_up(self) -> None:
        need_journal(self._connection, self.path)
        with plain_words():
            for pragma in (*_PRAGMAS, *(_WRITER_PRAGMAS if self.writes else ("query_only=ON",))):
                self._connection.execute(f"PRAGMA {pragma}").fetchall()
            if isinstance(self._connection, sqlite3.Connection):  # SQLCipher's has no limits to set
                self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)

    @property
    def changes(self) -> int:
        """How many changes were ever made."""
        found = self.row("SELECT changes FROM state")
        return int(found[0]) if found else 0

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Every row of an answer."""
        with plain_words():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of an answer, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def execute(self, sql: str, values: Sequence[object] = ()) -> int:
        """One statement inside `atomic`; the number of the row it made, if it made one."""
        self._need_transaction()
        with plain_words():
            return self._connection.execute(sql, values).lastrowid or 0

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """One statement for each row, inside `atomic`."""
        self._need_transaction()
        with plain_words():
            self._connection.executemany(sql, rows)

    def _need_transaction(self) -> None:
        """A disk that is full may end a transaction behind our back: going on would commit half of it."""
        if not self._connection.in_transaction:
            message = "a change outside a transaction; it was not made; please report this"
            raise StoreError(message)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All of the block's changes, durably on disk at its end, or none. Raises BusyError, FullError."""
        with plain_words():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("UPDATE state SET changes = changes + 1")
            with plain_words():
                self._connection.execute("COMMIT")
        except BaseException:
            with suppress(*errors()):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            raise

    def rewrite(self) -> None:
        """Leave no trace of what was deleted: index and file are written anew, and the log is emptied.

        FTS5 keeps deleted words until its trees are merged. Its own "secure-delete" exists from SQLite 3.42 on, and
        once it was used an older SQLite cannot read the index (sqlite.org/fts5.html, 6.12): so the index is rebuilt
        instead, everywhere. Raises BusyError while somebody reads.
        """
        with self.atomic():
            self.execute("INSERT INTO words(words) VALUES ('rebuild')")
        with plain_words():
            self._connection.execute("VACUUM")
        self.empty_log()

    def empty_log(self) -> None:
        """Fold the write-ahead log into the file and empty it; raises BusyError while somebody reads."""
        with plain_words():
            (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            message = (
                "somebody is still reading the journal, so traces of what was erased may remain in its log; "
                "close every other Vigil and erase again"
            )
            raise BusyError(message)

    def problems(self) -> tuple[str, ...]:
        """What is wrong, in words, by SQLite's own check; nothing if all is well."""
        try:
            lines = [str(line) for (line,) in self.rows("PRAGMA integrity_check(10)")]
            lost = self.rows("PRAGMA foreign_key_check")
        except DamagedError as error:
            return (str(error),)
        found = [f"SQLite says: {line}" for line in lines if line != "ok"]
        return (*found, "tags or threads of entries that are gone") if lost else tuple(found)

    def copy_to(self, target: Path) -> None:
        """One instant of it into an empty file, which is then one file without a log. Outside `atomic` only."""
        with plain_words(), closing(connect(target, "mode=rw", like=self.path)) as copy:
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()

    def close(self) -> None:
        """Close; the log is folded in if nobody else has it open. Twice is harmless."""
        with plain_words():
            self._connection.close()


def need_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError unless it is a journal of a known step; DamagedError if it is no database. Changes nothing."""
    with plain_words():
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (step,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        message = f"{path.name} is another program's database; it was left as it is; move it away or name another file"
        raise StoreError(message)
    refuse_newer(step, STEP)


def schema_sql() -> str:
    """The tables of a journal."""
    return resources.files("vigil.store").joinpath("journal_schema.sql").read_text("utf-8")


def _make(path: Path) -> None:
    """Make the database unless another process was faster. Raises OSError, StoreError.

    It is made whole beside its place and takes it last, so that nobody ever sees half of one; one process at a time,
    by a lock that is held for milliseconds. The file of the lock is never removed, or two processes could each lock
    their own. Where the nights beside it are encrypted, it is too, with the same key.
    """
    make_folder(path.parent)
    descriptor = open_file(path.with_name(LOCK_NAME))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if is_unborn(path):
            part = path.with_name(f"{path.name}-making")
            for side in SIDES:
                part.with_name(part.name + side).unlink(missing_ok=True)
            make_file(part)
            with plain_words(), closing(connect(part, "mode=rw", like=path.with_name(NIGHTS))) as connection:
                _fill(connection)
            sync(part)
            part.replace(path)
            sync(path.parent)
    finally:
        os.close(descriptor)


def _fill(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements(schema_sql()):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
    connection.execute(f"PRAGMA user_version = {STEP:d}")
    connection.execute("COMMIT")
