"""SQLite's errors in plain words, in one place.

Only CORRUPT and NOTADB mean damage; "locked", "full" and "cannot write" must never be taken for it
(reliability 1.2, A10: Home Assistant once set a healthy database aside because it was locked).
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from vigil.domain.errors import BusyError, DamagedError, FullError, StoreError, UnwritableError

PRIMARY = 0xFF
"""Extended result codes keep the primary code in their low byte (sqlite.org/rescode.html)."""

_WORDS: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (
        BusyError,
        "another program is using the database; nothing was changed; close the other one or try again",
    ),
    sqlite3.SQLITE_LOCKED: (
        BusyError,
        "the database is being read at this moment; nothing was changed; try again",
    ),
    sqlite3.SQLITE_FULL: (
        FullError,
        "there is no room left on the disk; this step was not stored, all before it is safe; free some space",
    ),
    sqlite3.SQLITE_IOERR: (
        UnwritableError,
        "the disk could not be read or written; this step was not stored; look at the disk, then start Vigil again",
    ),
    sqlite3.SQLITE_READONLY: (
        UnwritableError,
        "the database may only be read here; nothing was changed; check who owns the file",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        UnwritableError,
        "the database could not be opened; nothing was changed; check that the folder exists and is yours",
    ),
    sqlite3.SQLITE_CORRUPT: (
        DamagedError,
        "the database is damaged; it was left as it is; keep a copy and go back to the last backup",
    ),
    sqlite3.SQLITE_NOTADB: (
        DamagedError,
        "the file is not a database; it was left as it is; move it away or name another",
    ),
    sqlite3.SQLITE_CONSTRAINT: (
        StoreError,
        "what was to be stored breaks a rule of the database; it was not stored; please report this",
    ),
}


def errors(kind: str = "Error") -> tuple[type[Exception], ...]:
    """What SQLite raises: sqlite3's own, and SQLCipher's where it is in use, which are a family of their own.

    kind: a name of the database interface's (PEP 249), such as "OperationalError".
    """
    there = (sqlite3, sys.modules.get("sqlcipher3.dbapi2"))
    return tuple(getattr(driver, kind) for driver in there if driver is not None)


def in_words(error: Exception) -> StoreError:
    """The StoreError, or BusyError, that says what an SQLite error means; the original text is kept in brackets."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, UnicodeDecodeError):  # SQLite quotes a schema whose letters are none
        code = sqlite3.SQLITE_CORRUPT
    kind, words = _WORDS.get(
        code & PRIMARY if isinstance(code, int) else -1,
        (StoreError, "the database refused; this step was not stored; please report this"),
    )
    return kind(f"{words} ({error})")


@contextmanager
def plain_words() -> Iterator[None]:
    """Turn every error of SQLite, and every value it cannot hold, into a StoreError."""
    try:
        yield
    except errors() as error:
        raise in_words(error) from error
    except (OverflowError, UnicodeError) as error:
        raise in_words(error) from error
