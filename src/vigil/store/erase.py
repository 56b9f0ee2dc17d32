"""Erasing that really erases: rows, free pages, the write-ahead log, and every backup Vigil made.

What a disk keeps beneath the file system (worn flash cells, snapshots) is out of a program's reach and is not
promised.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.store import sealing
from vigil.store.backup import backup, made_by_vigil
from vigil.store.checksums import NUMBER_BITS, place_of
from vigil.store.cipher import witness_of
from vigil.store.database import Database
from vigil.store.integrity import LEDGER_COLUMNS
from vigil.store.ledger import unnamed
from vigil.store.nights import NightRow, Nights
from vigil.store.private_files import wipe
from vigil.store.quarantine import belongings, set_aside


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done. unreachable: folders that once held backups and are not there now (a stick that was pulled).

    set_aside: damaged databases that were set aside and may still hold what was erased; only erasing all removes them.
    """

    nights: int
    backups: int
    unreachable: tuple[str, ...]
    set_aside: tuple[str, ...] = ()


def forget(database: Database, *nights: int) -> Erased:
    """Erase nights and their answers from the database and from every backup; backups are made anew.

    Their rows in the ledger lose the night's name and what became of the permit; that a nudge was given stays,
    or erasing a night would fill up tonight's caps. Raises NotFoundError; BusyError while somebody reads the
    database; StoreError. After these two the rows are gone but traces may remain: `scrub` once the reason is over.
    """
    rows = [Nights(database).row(night) for night in nights]
    with database.atomic():
        for row in rows:
            _take_out(database, row)
    return scrub(database, nights=len(rows), renew=True)


def _take_out(database: Database, row: NightRow) -> None:
    for table in ("summary", "answer"):
        database.execute(f"DELETE FROM {table} WHERE night = ?", (row.key,))
    last = place_of(row.key, (1 << NUMBER_BITS) - 1)
    database.execute("DELETE FROM minute WHERE place BETWEEN ? AND ?", (place_of(row.key, 0), last))
    database.execute("DELETE FROM night WHERE key = ?", (row.key,))
    found = database.rows(f"SELECT {LEDGER_COLUMNS} FROM ledger WHERE night = ?", (row.name,))
    marks = ", ".join("?" * (LEDGER_COLUMNS.count(",") + 2))
    database.execute_many(
        f"INSERT OR REPLACE INTO ledger ({LEDGER_COLUMNS}, crc) VALUES ({marks})",
        [unnamed(values) for values in found],
    )


def forget_all(database: Database) -> Erased:
    """Erase every night, the whole ledger, every backup and what was set aside as damaged. Raises as `forget`."""
    with database.atomic():
        ((nights,),) = database.rows("SELECT count(*) FROM night")
        for table in ("summary", "answer", "minute", "night", "ledger"):
            database.execute(f"DELETE FROM {table}")
        database.execute("DELETE FROM sqlite_sequence WHERE name = 'ledger'")
    for folder in sorted({file.parent for file in set_aside(database.path)}):
        aside = folder / database.path.name
        _wipe([*belongings(aside), witness_of(aside)])
        with suppress(OSError):  # somebody's own file is in it
            folder.rmdir()
    return scrub(database, nights=nights, renew=False)


def scrub(database: Database, *, nights: int = 0, renew: bool = True) -> Erased:
    """Leave no trace of what was deleted: write the file anew, empty its log, replace (`renew`) or remove backups.

    A backup that cannot be made anew, say for want of room, is removed all the same before the error is raised.
    """
    database.rewrite()
    with suppress(OSError):  # what a change that was cut short has left is tried again at the next start
        sealing.finish(database.path)
    folders = [Path(path) for (path,) in database.rows("SELECT path FROM backup_folder")]
    removed = 0
    for folder in folders:
        old = made_by_vigil(folder)
        try:
            if old and renew:
                fresh = backup(database, folder)
                old = [path for path in old if path != fresh]
        finally:
            removed += _wipe(old)
    return Erased(
        nights,
        removed,
        tuple(str(folder) for folder in folders if not folder.is_dir()),
        tuple(str(file) for file in set_aside(database.path)),
    )


def _wipe(paths: list[Path]) -> int:
    try:
        for path in paths:
            wipe(path)
    except OSError as error:
        message = f"a copy could not be removed ({error}); the rest was erased; remove that file yourself"
        raise StoreError(message) from error
    return len(paths)
