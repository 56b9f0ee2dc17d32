"""Verified copies of the database. A backup that was not read back is a hope, not a backup."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.store import integrity, soundness
from vigil.store.database import Database, Row
from vigil.store.opening import connect, look_at
from vigil.store.private_files import make_file, make_folder, sync
from vigil.store.sqlite_errors import plain_words

KEPT = 7
"""A week of mornings."""

_NAME = re.compile(r"vigil-\d{12}\.db(\.part)?(-wal|-shm|-journal)?")

_COUNTS = """
    SELECT (SELECT commits FROM pulse), (SELECT count(*) FROM night), (SELECT count(*) FROM minute),
    (SELECT total(count) FROM minute), (SELECT count(*) FROM ledger), (SELECT count(*) FROM summary),
    (SELECT count(*) FROM answer)
"""


def backup(database: Database, folder: Path, *, keep: int = KEPT) -> Path:
    """Copy the database into `folder`, prove the copy, and return it; older ones than the last `keep` go.

    The name carries the number of commits, so names sort by age and no clock is needed. The copy is of one instant
    even while the night is being written, and is encrypted with the same key where the database is. Mode 0600. Raises
    StoreError, and then the folder is as it was.

    While commits are missing from the database no older backup goes: one of them may still hold what was lost. A gap
    that the database has, the copy has too: nights to come are worth a backup all the same. The last backup that is
    whole is then kept beside the others, because it may hold what is damaged here.
    """
    folder = folder.absolute()
    make_folder(folder)
    _remember(database, folder)
    part = folder / f"vigil-{database.commits:012d}.db.part"
    try:
        _remove(part)
        make_file(part)
        counts = _copy(database.path, part)
        gaps = database.damage()
        faults = [*soundness.faults(part), *(each for each in _looked_over(part, integrity.damage) if each not in gaps)]
        if faults:
            message = f"the backup did not come out whole ({faults[0]}); it was thrown away; check the disk"
            raise StoreError(message)
        sync(part)
        made = part.replace(folder / f"vigil-{counts[0]:012d}.db")
        sync(folder)
    except OSError as error:
        message = f"the backup could not be written ({error.strerror}); nothing was kept of it; check {folder}"
        raise StoreError(message) from error
    finally:
        _remove(part)
    for old in () if database.lost_commits else _superseded(folder, keep, gaps=bool(gaps)):
        _remove(old)
    return made


def _superseded(folder: Path, keep: int, *, gaps: bool) -> list[Path]:
    """The backups that may go; with gaps not the last one that is whole."""
    every = backups(folder)
    whole = next((one for one in reversed(every) if not verify(one)), None) if gaps else None
    return [old for old in every[: -max(1, keep)] if old != whole]


def backups(folder: Path) -> list[Path]:
    """The finished backups in a folder, oldest first."""
    return sorted(path for path in made_by_vigil(folder) if path.suffix == ".db")


def made_by_vigil(folder: Path) -> list[Path]:
    """Every file of a backup in the folder, also what a crash left behind."""
    return [path for path in folder.iterdir() if _NAME.fullmatch(path.name)] if folder.is_dir() else []


def verify(path: Path) -> tuple[str, ...]:
    """What is wrong with a backup, in words; nothing if it can be relied on. Changes nothing and never raises."""
    return _looked_over(path, integrity.problems)


def _looked_over(path: Path, look: Callable[[sqlite3.Connection], tuple[str, ...]]) -> tuple[str, ...]:
    try:
        if not path.is_file():
            return (f"there is no backup at {path}",)
        look_at(path)
        with plain_words(), _reading(path, "mode=ro&immutable=1") as connection:
            return look(connection)
    except (StoreError, OSError) as error:
        return (str(error),)


def _copy(source: Path, part: Path) -> Row:
    """Copy one instant of the database and return its counts; raises StoreError unless the copy has the same.

    A connection of its own, so that the writer can go on. The copy leaves write-ahead mode: it is one file.
    """
    with plain_words(), _reading(source, "mode=ro") as live:
        live.execute("BEGIN")
        counts: Row = live.execute(_COUNTS).fetchone()
        with closing(connect(part, "mode=rw", like=source)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            copied: Row = copy.execute(_COUNTS).fetchone()
    if copied != counts:
        message = "the backup does not hold what the database holds; it was thrown away; try again"
        raise StoreError(message)
    return counts


@contextmanager
def _reading(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    with closing(connect(path, how)) as connection:
        yield connection


def _remember(database: Database, folder: Path) -> None:
    """Keep the folder's name, so that erasing finds its backups."""
    if database.row("SELECT 1 FROM backup_folder WHERE path = ?", (str(folder),)) is None:
        with database.atomic():
            database.execute("INSERT INTO backup_folder (path) VALUES (?)", (str(folder),))


def _remove(path: Path) -> None:
    for side in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + side).unlink(missing_ok=True)
