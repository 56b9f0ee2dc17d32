"""Getting at a database file: what is looked at before anything could change it, and how it is connected to."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from vigil.domain.errors import DamagedError, NotFoundError, StoreError, UnwritableError
from vigil.store import cipher, schema
from vigil.store.peeking import beginning
from vigil.store.private_files import make_file, make_folder
from vigil.store.sqlite_errors import errors, plain_words

BUSY_S = 2.0
"""How long to wait for another writer: longer than any commit (11 ms at p99), shorter than a person's patience."""

_SMALLEST_PAGE = 512
"""sqlite.org/fileformat.html, 1.3.2. No database is shorter than one page."""

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_PAGES = slice(16, 20)
"""Of a rollback journal: how many pages the database had before (fileformat.html, 3)."""

_OURS = {"migration", "pulse", "night", "minute", "ledger"}
"""Tables that no other program's database has together."""


def connect(path: Path, how: str, *, like: Path | None = None) -> sqlite3.Connection:
    """A connection without implicit transactions. how: `mode=rw` and the like (sqlite.org/uri.html).

    The one place where the driver is chosen: SQLCipher for an encrypted database, else Python's own. like: the database
    whose key a file that is made has. Raises LockedError.
    """
    key = cipher.key_for(path if like is None else like)
    if key is None:
        connection = sqlite3.connect(f"{path.as_uri()}?{how}", timeout=BUSY_S, isolation_level=None, uri=True)
    else:
        connection = cipher.connect(path, how, key, BUSY_S)
    connection.text_factory = _text
    return connection


def _text(data: bytes) -> str:
    """A letter that is damaged spoils its row, which then does not fit its checksum, and not the reading of all."""
    return data.decode("utf-8", "replace")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing.

    A file without a write-ahead log is opened as immutable, because even a reader would otherwise make one.
    """
    log = path.with_name(path.name + "-wal")
    alone = not log.exists() or log.stat().st_size == 0
    return connect(path, "mode=ro&immutable=1" if alone else "mode=ro")


def prepare(path: Path, *, create: bool) -> None:
    """Make the file if it is missing, or look at it before anything could change it. Raises OSError, StoreError."""
    if not is_unborn(path):
        look_at(path)
    elif not create and not path.exists():
        message = f"there is no database at {path}; nothing was made"
        raise NotFoundError(message)
    if create:
        make_folder(path.parent)
        make_file(path)


def is_unborn(path: Path) -> bool:
    """Whether there is no database yet: no file, an empty one, or one of which the very first write was cut short.

    The last is a file with a rollback journal that begins with no pages: SQLite, given the chance, empties the file.
    (Of 10 000 simulated power cuts one left this, with a file that looked like somebody else's.) Raises OSError.
    """
    if not path.exists() or path.stat().st_size == 0:
        return True
    journal = path.with_name(path.name + "-journal")
    if not journal.is_file():
        return False
    with journal.open("rb") as file:
        header = file.read(_PAGES.stop)
    return header.startswith(_JOURNAL_MAGIC) and header[_PAGES] == bytes(4)


def look_at(path: Path) -> None:
    """Raise StoreError unless the file is a database of Vigil's, of a step that is known. Changes nothing.

    DamagedError if it is no database at all, or was Vigil's and its header no longer says so, or names a step that
    was never taken: a newer Vigil writes both down at once.

    LockedError if it is encrypted and its key is not known here.

    The first bytes are looked at here, because SQLite takes a file shorter than a page for an empty database.
    """
    if cipher.key_for(path) is None:
        found = beginning(path, _SMALLEST_PAGE)
        if not found.startswith(cipher.MAGIC) or len(found) < _SMALLEST_PAGE:
            message = f"{path} is not a database; it was left as it is; move it away or name another file"
            raise DamagedError(message)
    with plain_words():
        connection = connect_to_read(path)
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            reached = schema.version(connection)
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            taken = _last_step(connection) if "migration" in tables else None
        finally:
            connection.close()
    ours = application == schema.APPLICATION_ID
    spoilt = (not ours and tables >= _OURS) or (
        ours and reached > len(schema.shipped()) and taken not in (None, reached)
    )
    if spoilt:
        message = f"the beginning of {path.name} is damaged; it was left as it is; go back to the last backup"
        raise DamagedError(message)
    schema.refuse_newer(reached if ours else 0, len(schema.shipped()))
    if not ours and (application or tables):
        message = f"{path.name} is another program's database; it was left as it is; name another file"
        raise StoreError(message)


def _last_step(connection: sqlite3.Connection) -> int | None:
    """The step that was last written down as taken; None if that cannot be told."""
    try:
        found = connection.execute("SELECT max(number) FROM migration").fetchone()[0]
    except errors("OperationalError"):
        return None
    return found if type(found) is int else None


def unreadable(path: Path, error: OSError) -> StoreError:
    """The error of a file that the system does not let us read."""
    return UnwritableError(f"{path} could not be read ({error.strerror}); nothing was changed; check that it is yours")
