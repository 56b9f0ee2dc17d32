"""Numbered forward steps of the database. The number reached is `PRAGMA user_version`.

Each step is one SQL file and one transaction, which also holds its record, so that a step is done and recorded
or neither. There is no way back: an older Vigil refuses a newer database without touching it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from vigil.domain.errors import StoreError
from vigil.store.sqlite_errors import plain_words

APPLICATION_ID = 0x5649474C
""" "VIGL" in the header of the file (sqlite.org/fileformat.html, offset 68)."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `number` from 1, the file's name, and its SQL."""

    number: int
    name: str
    sql: str


def shipped() -> tuple[Migration, ...]:
    """The steps that came with this Vigil, in order."""
    folder = resources.files("vigil.store.migrations")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return tuple(Migration(int(file.name[:4]), file.name, file.read_text("utf-8")) for file in files)


def version(connection: sqlite3.Connection) -> int:
    """The number of the last step that was applied; 0 for an empty database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration] | None = None) -> int:
    """Apply every step that is missing and return how many there were.

    The connection must be in autocommit (`isolation_level=None`). Raises StoreError, before anything is changed,
    if the steps are not numbered 1, 2, 3, ... or the database is newer than they are; and, with nothing of the
    step kept, if a step fails.
    """
    steps = shipped() if steps is None else steps
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        message = "the steps of the database are not numbered 1, 2, 3; nothing was changed; install Vigil again"
        raise StoreError(message)
    with plain_words():
        reached = version(connection)
    refuse_newer(reached, len(steps))
    return sum(_apply(connection, step) for step in steps[reached:])


def refuse_newer(reached: int, known: int) -> None:
    """Raise StoreError if the database has steps that this Vigil does not know."""
    if reached > known:
        message = (
            f"the database was written by a newer Vigil (step {reached}; this one knows {known}); "
            "it was not touched; install the newer Vigil again"
        )
        raise StoreError(message)


def _apply(connection: sqlite3.Connection, step: Migration) -> bool:
    """One step, unless another process was faster. IMMEDIATE, so that two of them queue up here."""
    with plain_words():
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version(connection) >= step.number:
                connection.execute("ROLLBACK")
                return False
            for statement in statements(step.sql):
                connection.execute(statement)
            connection.execute("INSERT INTO migration (number, name) VALUES (?, ?)", (step.number, step.name))
            connection.execute(f"PRAGMA user_version = {step.number:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return True


def statements(sql: str) -> Iterator[str]:
    """The statements of a script one by one (`executescript` would end the transaction they must share)."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        message = "a step of the database ends in the middle of a statement; nothing was changed"
        raise StoreError(message)
