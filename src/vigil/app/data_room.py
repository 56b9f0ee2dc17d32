"""A person's own data as a room to look around in: how large it is, its backups; for page and command."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from vigil.app.home import Home, Shelf
from vigil.app.journal_room import back_up_journal, journal_path, take_words_back
from vigil.app.unlocking import is_unattended
from vigil.app.wiring import backup_folder, watching
from vigil.domain.errors import NotFoundError
from vigil.store.backup import backup, backups, verify
from vigil.store.database import Database
from vigil.store.journal_backup import is_journal, journal_backups, verify_journal
from vigil.store.journal_erase import journals_aside
from vigil.store.quarantine import DAMAGED_FOLDER, set_aside
from vigil.store.restore import restore


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup, or a file that was set aside as damaged. made_ms: when, UTC in ms since 1970. size: in bytes.

    words: whether it is of the journal, not of nights. aside: whether it was set aside. encrypted: whether only the
    passphrase opens it.
    """

    path: Path
    made_ms: int
    size: int
    words: bool
    aside: bool
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on the disk: nights, journal, backups of both, pictures, and files that were set aside."""

    nights: int
    journal: int
    backups: int
    pictures: int
    aside: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.nights + self.journal + self.backups + self.pictures + self.aside


def sizes(home: Home, shelf: Shelf) -> Sizes:
    """How much room a store takes. Raises OSError."""
    place = home.shelf(shelf)
    beside = [path for path in place.iterdir() if path.is_file()] if place.is_dir() else []
    nights, words = (
        sum(path.stat().st_size for path in beside if path.name.startswith(database.name))
        for database in (home.database(shelf), journal_path(home, shelf))
    )
    kept = (backup_folder(home, shelf), home.pictures(shelf), place / DAMAGED_FOLDER)
    return Sizes(nights, words, *(_below(folder) for folder in kept))


def _below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def copies(home: Home, shelf: Shelf) -> tuple[Copy, ...]:
    """Everything that something could be taken back from, the newest first. Raises OSError."""
    folder = backup_folder(home, shelf)
    aside = (*set_aside(home.database(shelf)), *journals_aside(journal_path(home, shelf)))
    found = [_copy(path, aside=False) for path in (*backups(folder), *journal_backups(folder))]
    found += [_copy(path, aside=True) for path in aside if path.suffix == ".db"]
    return tuple(sorted(found, key=lambda copy: (copy.made_ms, copy.path.name), reverse=True))


def _copy(path: Path, *, aside: bool) -> Copy:
    told = path.stat()
    words = path.name.startswith("journal")
    return Copy(path, told.st_mtime_ns // 1_000_000, told.st_size, words, aside, is_unattended(path))


def faults(copy: Copy) -> tuple[str, ...]:
    """What is wrong with a copy, in words; nothing if it can be relied on. Takes a second or two. Never raises."""
    return verify_journal(copy.path) if copy.words else verify(copy.path)


def make_copy(home: Home, shelf: Shelf, folder: Path | None = None) -> tuple[Path, ...]:
    """Verified copies of nights and journal; a running watch is not disturbed. Raises NotFoundError, StoreError."""
    place = backup_folder(home, shelf) if folder is None else folder
    made = [back_up_journal(home, shelf, place)]
    if home.database(shelf).exists():
        with Database.open(home.database(shelf), create=False) as database:
            made.insert(0, backup(database, place))
    kept = tuple(path for path in made if path is not None)
    if not kept:
        message = "nothing is kept yet, so there is nothing to copy; to see a night: vigil demo"
        raise NotFoundError(message)
    return kept


def take_back(home: Home, shelf: Shelf, source: Path) -> tuple[str, ...]:
    """Take back what a copy still has and is not here, and say what that was. Nothing that is here is written over.

    Raises BusyError while a watch holds the store; StoreError, LockedError for a copy under another passphrase.
    """
    stamp = time.strftime("%Y-%m-%d-%H%M")
    if is_journal(source):
        restored, remark = take_words_back(home, shelf, source, stamp)
        return tuple(filter(None, (remark, restored.words)))
    with watching(home, shelf) as (opened, how):
        return tuple(filter(None, (how.why, restore(opened.database, source).words)))


def copy_named(home: Home, shelf: Shelf, name: str) -> Copy:
    """The copy of that file name, and no other file: what a page may ask for. Raises NotFoundError."""
    for copy in copies(home, shelf):
        if copy.path.name == name and not copy.aside:
            return copy
    message = "there is no such backup any more; nothing was changed; look at the list again"
    raise NotFoundError(message)
