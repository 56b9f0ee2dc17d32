"""Erasing: what would go, counted, and then gone. One way for the command and the page.

Each erasing takes rows, free pages, logs, Vigil's own backups, pictures, and the words of the journal along.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from vigil.app.home import Home, Shelf
from vigil.app.journal_room import forget_words, journal_if_any, journal_path
from vigil.app.private import wipe_passing
from vigil.app.said_first import SAID_NAME
from vigil.app.stayed_down import DOWN_NAME
from vigil.app.stored_night import find
from vigil.app.tonight import day_of
from vigil.app.wiring import BEGUN_LOCK, BEGUN_NAME, LOCK_NAME, PAGE_LOCK, backup_folder, reading, writing
from vigil.domain.errors import LockedError, StoreError
from vigil.night.in_words import counted
from vigil.store.answers import Answers
from vigil.store.backup import made_by_vigil
from vigil.store.calls import CALLS_NAME
from vigil.store.database import Database
from vigil.store.erase import Erased, forget, forget_all
from vigil.store.journal_backup import made_of_journals
from vigil.store.journal_erase import WordsErased, erase_words_of, words_of
from vigil.store.journal_file import LOCK_NAME as JOURNAL_LOCK
from vigil.store.live_state import LIVE_NAME, MOST_CHARACTERS
from vigil.store.live_state import read as read_live
from vigil.store.lock import StoreLock
from vigil.store.nights import Nights
from vigil.store.private_files import wipe

STAYS = (LOCK_NAME, JOURNAL_LOCK, PAGE_LOCK, BEGUN_LOCK)
"""Files of locks are never removed, or two processes could each lock their own; a number and a time stand in them,
and in the page's where that is."""

TOLD = (LIVE_NAME, SAID_NAME, CALLS_NAME, DOWN_NAME, BEGUN_NAME)
"""Small files beside a store that tell of the last night."""

CHOSEN = ("settings", "setup", "wearables", "help")
"""Files beside the settings that only go if that is asked for, by their first word."""

SAID = ("evening",)

ALL_DAYS = ("", "9999-12-31")
"""From entries that are about no day to the last day there is."""

SPOKEN = "erase everything"
"""What is typed before everything goes: a yes is said too quickly."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Target:
    """A night that is to go."""

    shelf: Shelf
    name: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to go. nights: these. shelves: the stores in which journal entries are looked for.

    days: entries about these dates (ISO) go too, the first and the last included.
    """

    nights: tuple[Target, ...]
    shelves: tuple[Shelf, ...]
    days: tuple[str, str] | None = None

    def names(self, shelf: Shelf) -> tuple[str, ...]:
        """The nights of one store."""
        return tuple(each.name for each in self.nights if each.shelf is shelf)


@dataclass(frozen=True, slots=True)
class WouldGo:
    """How much a wish comes to. answers: of mornings. entries: of the journal. copies: backups made anew or removed."""

    nights: int
    answers: int
    entries: int
    pictures: int
    copies: int

    @property
    def words(self) -> str:
        """The same for a person."""
        entries = "1 journal entry" if self.entries == 1 else f"{self.entries} journal entries"
        parts = (counted(self.nights, "night"), counted(self.answers, "answer"), entries)
        pictures = counted(self.pictures, "picture")
        return f"This goes: {', '.join(parts)}, {pictures}; backups made anew or removed: {self.copies}."


@dataclass(frozen=True, slots=True)
class Gone:
    """What was erased in one store; None where there was nothing of that kind to look at."""

    shelf: Shelf
    nights: Erased | None
    words: WordsErased | None


def one_night(home: Home, shelves: Sequence[Shelf], name: str) -> Wish:
    """The night of that name, or beginning of it; raises NotFoundError naming near ones."""
    with reading(home, tuple(shelves)) as opened:
        found, row = find(opened, name)
    return Wish((Target(found.shelf, row.name),), (found.shelf,))


def period(home: Home, shelves: Sequence[Shelf], first: date, last: date) -> Wish:
    """Every night whose evening was from `first` to `last`, both included. A night without a clock is in no period."""
    with reading(home, tuple(shelves)) as opened:
        rows = [(each.shelf, row) for each in opened for row in Nights(each.database).nights()]
    days = {(shelf, row.name): day_of(row) for shelf, row in rows}
    span = range((first - _EPOCH) // timedelta(days=1), (last - _EPOCH) // timedelta(days=1) + 1)
    nights = tuple(Target(*key) for key, day in days.items() if day is not None and day in span)
    return Wish(nights, tuple(shelves), (first.isoformat(), last.isoformat()))


def every_night(home: Home, shelves: Sequence[Shelf]) -> Wish:
    """Every night of these stores, for counting; `erase_all` takes the ledger and whole journals too."""
    with reading(home, tuple(shelves)) as opened:
        nights = tuple(Target(each.shelf, row.name) for each in opened for row in Nights(each.database).nights())
    return Wish(nights, tuple(shelves), ALL_DAYS)


def count(home: Home, wish: Wish) -> WouldGo:
    """What would go. Changes nothing. Raises StoreError."""
    answers = entries = pictures = copies = 0
    for shelf in wish.shelves:
        names, folders = wish.names(shelf), {backup_folder(home, shelf)}
        with reading(home, (shelf,)) as opened:
            for each in opened:
                folders |= {Path(path) for (path,) in each.database.rows("SELECT path FROM backup_folder")}
                keys = {row.key for row in Nights(each.database).nights() if row.name in names}
                answers += sum(_has_answer(each.database, key) for key in keys)
        with journal_if_any(home, shelf, read_only=True) as journal:
            if journal is not None:
                entries += len(words_of(journal, names, wish.days))
                entries += sum(note.night in names for note in journal.notes.written())
        pictures += len(list(_pictures(home, shelf, names)))
        copies += sum(len(made_by_vigil(folder)) + len(made_of_journals(folder)) for folder in folders)
    return WouldGo(len(wish.nights), answers, entries, pictures, copies)


def _has_answer(database: Database, key: int) -> bool:
    try:
        return Answers(database).get(key) is not None
    except StoreError:
        return True


def erase(home: Home, wish: Wish) -> tuple[Gone, ...]:
    """Erase it. Words go first: a night that is gone could not be named again.

    Raises BusyError while a watch holds the store; StoreError, and then what was not reached is still there, and the
    same may be asked again.
    """
    gone = []
    for shelf in wish.shelves:
        names = wish.names(shelf)
        wipe_passing(home.shelf(shelf))
        with ExitStack() as held:
            store = held.enter_context(writing(home, shelf)) if names else None
            journal = held.enter_context(journal_if_any(home, shelf))
            words = None if journal is None else erase_words_of(journal, names, wish.days)
            erased = None if store is None else _forget(store.database, names)
        for path in (*_pictures(home, shelf, names), *_told_of(home.shelf(shelf), names)):
            wipe(path)
        gone.append(Gone(shelf, erased, words))
    return tuple(gone)


def _told_of(folder: Path, names: Sequence[str]) -> list[Path]:
    """When a night was asked for on the page, how it stood when it was told last, and what it said first.

    The latter two name a night, and stay where that is known to be another one.
    """
    told = read_live(folder / LIVE_NAME)
    another = told is not None and told.night not in {name[:MOST_CHARACTERS] for name in names}
    going = (BEGUN_NAME,) if another else (BEGUN_NAME, SAID_NAME, LIVE_NAME)  # the last one tells whose they are
    return [folder / name for name in going if names]


def _forget(database: Database, names: Sequence[str]) -> Erased:
    nights = Nights(database)
    return forget(database, *(nights.find(name).key for name in names))


def erase_all(home: Home, shelves: Sequence[Shelf]) -> tuple[Gone, ...]:
    """Every night, the record of nudges, the journal, what was set aside and every backup. Raises as `erase`."""
    gone = []
    for shelf in shelves:
        wipe_passing(home.shelf(shelf))
        words, erased = forget_words(home, shelf), None
        if home.database(shelf).exists():
            with writing(home, shelf) as opened:
                erased = forget_all(opened.database)
        beside = (home.shelf(shelf) / name for name in TOLD)
        for path in (*_pictures(home, shelf, None), *beside):
            wipe(path)
        gone.append(Gone(shelf, erased, words))
    return tuple(gone)


@dataclass(frozen=True, slots=True)
class Everything:
    """What became of everything. files: how many were overwritten and removed. remarks: what to know besides."""

    gone: tuple[Gone, ...]
    files: int
    remarks: tuple[str, ...] = ()


def erase_everything(home: Home, *, settings: bool) -> Everything:
    """All that Vigil keeps, in every store, also where the passphrase is lost; with `settings` pairing and setting up.

    A page that is open loses its own file, and must end. Raises BusyError while a watch holds a store.
    """
    shelves = [shelf for shelf in Shelf if home.shelf(shelf).is_dir()]
    gone: list[Gone] = []
    remarks = []
    for shelf in shelves:
        try:
            gone += erase_all(home, (shelf,))
        except LockedError:
            remarks.append(f"{shelf.value} was locked and went unopened: backups in other folders were not looked for.")
    files = 0
    with ExitStack() as held:
        for shelf in shelves:
            held.enter_context(StoreLock.acquire(home.shelf(shelf) / LOCK_NAME, time.strftime("%H:%M")))
        for shelf in shelves:
            files += _empty(home.shelf(shelf))
    for path in _beside_settings(home, (*SAID, *(CHOSEN if settings else ()))):
        wipe(path)
        files += 1
    return Everything(tuple(gone), files, tuple(remarks))


def _empty(folder: Path) -> int:
    """Overwrite and remove every file below a folder but those of locks; how many."""
    files = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    going = [path for path in files if path.name not in STAYS]
    for path in going:
        wipe(path)
    for below in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        with suppress(OSError):
            below.rmdir()
    return len(going)


def _beside_settings(home: Home, first_words: Sequence[str]) -> list[Path]:
    """Files beside the settings, those that were moved aside too, by their first word."""
    found = home.config.iterdir() if home.config.is_dir() else ()
    return [path for path in found if path.is_file() and path.name.split(".")[0] in first_words]


def _pictures(home: Home, shelf: Shelf, names: Sequence[str] | None) -> Iterator[Path]:
    """Pictures in Vigil's own folder, None for all; one that the person put elsewhere is theirs."""
    folder = home.pictures(shelf)
    return (path for path in (folder.iterdir() if folder.is_dir() else ()) if names is None or path.stem in names)


def has_anything(home: Home, shelf: Shelf) -> bool:
    """Whether nights or words are kept in a store."""
    return home.database(shelf).exists() or journal_path(home, shelf).exists()
