"""Whether a database may be written on, or must first be set aside.

Two kinds of damage are told apart.

*A gap* stays where it is: a minute, a night's entry, a summary or an answer that does not fit its checksum. It is
named, left out and never guessed at, everything around it is exact, and nothing that is written later touches it.

*Unsound* is what going on would make worse, or what limits the acts: SQLite's own structure (a page in two places, a
row in no order), the schema, the steps, the count of commits, the keys of nights, and any row of the ledger that is
damaged or gone. On such a database nothing more is written.

Neither kind is "locked", "full", "cannot be read here", "of a newer Vigil" or "another program's": those raise, and
the file stays as it is (reliability 1.2, A10).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TypeAlias

from vigil.domain.errors import DamagedError
from vigil.store import schema
from vigil.store.checksums import crc_of
from vigil.store.integrity import LEDGER_COLUMNS
from vigil.store.opening import connect_to_read, is_unborn, look_at, unreadable
from vigil.store.peeking import beginning
from vigil.store.sqlite_errors import PRIMARY, errors, plain_words

MOST_NIGHTS = 1 << 38
"""Keys of nights stay below this, so that a minute's place fits into 64 bits. No life has so many nights."""

_ROW_ONLY = re.compile(r"(?:CHECK constraint failed|[\w-]+ value) in (\w+)")
_GAP_TABLES = ("minute", "night", "summary", "answer")

_FIXED = ((18, b"\x01\x01", b"\x02\x02"), (44, b"\0\0\0\4"), (56, b"\0\0\0\1"))
"""Fields of the header that Vigil's files never change: format of journal, of schema, of text (fileformat.html 1.3)."""

_HEADER_BYTES = 100
_APPLICATION = slice(68, 72)


def faults(path: Path) -> tuple[str, ...]:
    """What makes the database unsound, in words; nothing if it may be written on, or is not there. Changes nothing.

    Raises StoreError for what is no damage: another program's, a newer Vigil's, busy, or a disk that cannot be read.
    """
    try:
        if is_unborn(path):
            return ()
        header = _header_faults(path)
        if header:
            return header
        look_at(path)
        with plain_words(), closing(connect_to_read(path)) as connection:
            return tuple(_faults(connection))
    except OSError as error:
        raise unreadable(path, error) from error
    except DamagedError as error:
        return (str(error),)


def _header_faults(path: Path) -> tuple[str, ...]:
    """SQLite would call these "unsupported" or "read-only", which is no damage, were the file not known to be ours."""
    header = beginning(path, _HEADER_BYTES)
    if int.from_bytes(header[_APPLICATION]) != schema.APPLICATION_ID:
        return ()
    fits = all(any(header[at : at + len(each)] == each for each in allowed) for at, *allowed in _FIXED)
    return () if fits else ("the beginning of the database is damaged",)


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Every fault of an open database; one that SQLite refuses to read further ends the list."""
    try:
        yield from _structure(connection)
        yield from _ledger(connection)
        yield from _counts(connection)
    except errors() as error:
        if getattr(error, "sqlite_errorcode", 0) & PRIMARY not in NEVER_OURS:
            raise
        yield f"SQLite says: {error}"
    except (TypeError, ValueError) as error:
        yield f"a column holds what Vigil never writes there ({error})"


NEVER_OURS = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What SQLite answers to our own, fixed questions only if the file is not what we wrote."""


def _structure(connection: sqlite3.Connection) -> Iterator[str]:
    reached = schema.version(connection)
    found = objects(connection)
    if not found and reached == 0:
        return
    if not 0 < reached <= len(schema.shipped()) or found != as_shipped(reached):
        yield "its tables are not those that Vigil made"
        return
    for (line,) in connection.execute("PRAGMA integrity_check(10000)").fetchall():
        if line != "ok" and not _is_gap(str(line)):
            yield f"SQLite says: {line}"
    steps = [number for (number,) in connection.execute("SELECT number FROM migration ORDER BY number")]
    if steps != list(range(1, reached + 1)):
        yield "its steps are not those that Vigil took"


def _is_gap(line: str) -> bool:
    """Whether SQLite complains of one row of a table in which damage is only a gap."""
    found = _ROW_ONLY.match(line)
    return found is not None and found[1] in _GAP_TABLES


def _ledger(connection: sqlite3.Connection) -> Iterator[str]:
    if not schema.version(connection):
        return
    numbers = []
    for *columns, crc in connection.execute(f"SELECT {LEDGER_COLUMNS}, crc FROM ledger ORDER BY number"):
        numbers.append(columns[0])
        if crc_of(*columns) != crc:
            yield f"row {columns[0]} of the ledger does not fit its checksum"
    last = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()).get("ledger", 0)
    if numbers != list(range(1, len(numbers) + 1)) or last != len(numbers):
        yield "rows of the ledger are missing"


def _counts(connection: sqlite3.Connection) -> Iterator[str]:
    if not schema.version(connection):
        return
    pulse = connection.execute("SELECT commits, lost FROM pulse").fetchall()
    if len(pulse) != 1 or min(pulse[0]) < 0:
        yield "its count of commits is damaged"
    keys = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    ((lowest, highest),) = connection.execute("SELECT min(key), max(key) FROM night").fetchall()
    if not 0 <= (lowest or 0) <= (highest or 0) <= keys.get("night", 0) < MOST_NIGHTS:
        yield "its count of nights is damaged"


_Objects: TypeAlias = list[tuple[str, str, str, str]]


def objects(connection: sqlite3.Connection) -> _Objects:
    """Every table, index, view and trigger: kind, name, table, and its SQL without comments and line ends."""
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").fetchall()
    return [(kind, name, table, " ".join(_COMMENT.sub(" ", sql or "").split())) for kind, name, table, sql in found]


@cache
def as_shipped(reached: int) -> _Objects:
    """The same of a database that this Vigil has made and taken so many steps."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        schema.migrate(fresh, schema.shipped()[:reached])
        return objects(fresh)


_COMMENT = re.compile(r"--[^\n]*")
