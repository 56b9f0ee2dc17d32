"""A damaged database is set aside, never deleted and never written over, and recording goes on in a fresh one.

What warrants it is decided in `soundness.py`. Whoever calls this holds the store's lock.

The fresh database counts commits as lost from its first moment, so that its ledger is not readable and every budget
counts as spent (fault F16), until a person accepts the loss. It is made whole beside the damaged one before anything
is moved, and takes its place last: wherever the power is cut, the next start finds the work and finishes it, and at
no instant is there a store whose budget looks unspent.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.errors import DamagedError, FullError, StoreError, UnwritableError
from vigil.store import schema, sealing
from vigil.store.cipher import witness_of
from vigil.store.database import Database
from vigil.store.head import Head
from vigil.store.opening import connect, connect_to_read
from vigil.store.private_files import FOLDER_MODE, make_file, make_folder, sync
from vigil.store.soundness import MOST_NIGHTS, faults
from vigil.store.sqlite_errors import errors, plain_words

DAMAGED_FOLDER = "damaged"
"""Beside the database; a folder in it for each time something was set aside."""

SET_ASIDE_WORDS = "The file with your nights was damaged. I kept a copy and started a fresh one."
LOST_WORDS = "Some of what was stored is no longer there."
BUDGET_WORDS = "What was spent on nudges is not known, so I do not nudge until you have accepted the loss."

_SIDES = ("-shm", "-wal", "-journal", "", "-head")
"""In the order in which they go: the log before the database, which alone could still be opened by mistake."""

_UNKNOWN_COMMITS = 1_000_000_000
"""More than a commit a second in 30 years: where the count is lost, backups to come must sort after those there are."""

_UNKNOWN_NIGHTS = 1 << 20
"""More nights than in any life, where the last key is lost."""

_MOST_COMMITS = 10**11
"""A count beyond this is damaged, and would not fit the name of a backup."""

_ODD = re.compile(r"[^0-9A-Za-z.-]+")


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that can be written.

    quarantined: the folder into which a damaged one was moved, or None. faults: what was wrong with it, in words.
    """

    database: Database
    quarantined: Path | None = None
    faults: tuple[str, ...] = ()

    @property
    def budget_spent(self) -> bool:
        """Whether the budget counts as spent, because what was spent is not known."""
        return self.database.lost_commits > 0

    @property
    def why(self) -> str:
        """What happened, for the evening and the morning; nothing if all is well."""
        said = [SET_ASIDE_WORDS] if self.quarantined else []
        if self.budget_spent:
            said += [BUDGET_WORDS] if said else [LOST_WORDS, BUDGET_WORDS]
        return " ".join(said)


def open_or_quarantine(path: Path, stamp: str) -> Opened:
    """Open the database for writing; a damaged one is set aside first and a fresh one is opened.

    stamp: what to call the folder if one is needed, such as "2026-04-08-0214"; no clock is read here. Raises
    BusyError, FullError, UnwritableError, LockedError, and StoreError for a newer Vigil's or another program's
    database: all of them leave everything where it was.
    """
    path = path.absolute()
    finished = _finish(path)
    with suppress(OSError):  # it is tried again at the next start
        sealing.finish(path)
    found = faults(path)
    if not found:
        try:
            return Opened(Database.open(path), finished)
        except DamagedError as error:
            found = (str(error),)
    folder = quarantine(path, stamp)
    return Opened(Database.open(path), folder, found)


def renew(database: Database, stamp: str, *, surely: bool = False) -> Path | None:
    """Look at an open database that SQLite called damaged; where it is, go on in a fresh one, in the same object.

    Returns the folder it was set aside into, or None if it is sound after all and was only opened anew. surely: set it
    aside even so. Raises StoreError as `open_or_quarantine`; the database is then closed, and it may be tried again.
    """
    with suppress(StoreError):
        database.close()
    folder = quarantine(database.path, stamp) if surely else None
    opened = open_or_quarantine(database.path, stamp)
    database.take_over(opened.database)
    return opened.quarantined or folder


def quarantine(path: Path, stamp: str) -> Path:
    """Move the database and all that belongs to it into `damaged/STAMP` beside it, and put a fresh one in its place.

    Returns that folder; one of that name that is there already is left alone, and "-2", "-3" ... is added. Nobody may
    have the database open. Raises StoreError, FullError; what was begun is finished at the next start.
    """
    path = path.absolute()
    try:
        folder = _free_folder(path.parent / DAMAGED_FOLDER, _ODD.sub("-", stamp) or "unknown")
        fresh = _make_fresh(path, folder)
        return _move(path, folder, fresh)
    except OSError as error:
        raise _unmoved(path, error) from error


def set_aside(path: Path) -> list[Path]:
    """The databases that were set aside from this path, oldest folder first."""
    return sorted((path.parent / DAMAGED_FOLDER).glob(f"*/{path.name}"))


def _finish(path: Path) -> Path | None:
    """Finish what a power cut has interrupted; the folder, if there was anything to finish."""
    folder = None
    try:
        for fresh in sorted(path.parent.glob(f"{path.name}-fresh-*")):
            folder = path.parent / DAMAGED_FOLDER / fresh.name.removeprefix(f"{path.name}-fresh-")
            _move(path, folder, fresh)
    except OSError as error:
        raise _unmoved(path, error) from error
    return folder


def _free_folder(above: Path, wanted: str) -> Path:
    make_folder(above)
    number, folder = 1, above / wanted
    while folder.exists():
        number += 1
        folder = above / f"{wanted}-{number}"
    return folder


def _make_fresh(path: Path, folder: Path) -> Path:
    """A fresh database, whole and closed, named after the folder that the damaged one will go to."""
    part = path.with_name(f"{path.name}-making")
    for side in ("", "-journal"):
        part.with_name(part.name + side).unlink(missing_ok=True)
    was = _remembered(path)
    make_file(part)
    with plain_words(), closing(connect(part, "mode=rw", like=path)) as connection:
        schema.migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE pulse SET commits = ?, lost = ?", (was.commits, max(1, was.commits)))
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('night', ?)", (was.nights,))
        connection.executemany("INSERT INTO backup_folder (path) VALUES (?)", [(each,) for each in was.folders])
        connection.execute("COMMIT")
    sync(part)
    fresh = part.replace(path.with_name(f"{path.name}-fresh-{folder.name}"))
    sync(path.parent)
    return fresh


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What a fresh database must know of the damaged one.

    commits: how many there were, so that backups to come sort after those there are. nights: the last key that was
    given, so that nights which are taken back keep theirs and stand before the new ones. folders: of backups.
    """

    commits: int
    nights: int
    folders: tuple[str, ...]


def _remembered(path: Path) -> _Remembered:
    """As much as can still be read, and otherwise more than it can have been."""
    commits, nights, folders = Head(path).read(), 0, set()
    with suppress(*errors(), OSError, ValueError), closing(connect_to_read(path)) as connection:
        ((found,),) = connection.execute("SELECT commits FROM pulse").fetchall()
        commits = max(commits, _within(found, _MOST_COMMITS))
        ((found,),) = connection.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'night'").fetchall()
        nights = _within(found, MOST_NIGHTS - _UNKNOWN_NIGHTS)
        folders = {str(name) for (name,) in connection.execute("SELECT path FROM backup_folder")}
    return _Remembered(commits or _UNKNOWN_COMMITS, nights or _UNKNOWN_NIGHTS, tuple(sorted(folders)))


def _within(found: object, beyond: int) -> int:
    """The number if it is one and within bounds; 0 if it is not to be believed."""
    return found if type(found) is int and 0 <= found < beyond else 0


def _move(path: Path, folder: Path, fresh: Path) -> Path:
    """Everything that belongs to the database into the folder, then the fresh one into its place. Raises OSError."""
    make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    for each in belongings(path):
        if (folder / each.name).exists():
            message = "something of that name is there already"
            raise FileExistsError(errno.EEXIST, message)
        each.rename(folder / each.name)
        sync(folder)
    with suppress(FileNotFoundError):  # the fresh one has the same key, and so the same witness
        shutil.copyfile(witness_of(path), witness_of(folder / path.name))
    for each in (folder.parent, path.parent):
        sync(each)
    fresh.rename(path)
    sync(path.parent)
    return folder


def belongings(path: Path) -> Iterator[Path]:
    """The files of a database that are there: its logs, itself, and its witness."""
    return (each for each in (path.with_name(path.name + side) for side in _SIDES) if each.exists())


def _unmoved(path: Path, error: OSError) -> StoreError:
    message = (
        f"{path.name} is damaged and could not be set aside ({error.strerror}); nothing of it was deleted or written "
        "over; look at the disk, then start Vigil again"
    )
    kind = FullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else UnwritableError
    return kind(message)
