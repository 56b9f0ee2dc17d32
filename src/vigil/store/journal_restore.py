"""Taking back what a copy of the journal still holds. Nothing that is here is changed, and twice takes nothing twice.

The file is only read, its tables must be those that Vigil makes, and what it may cost is bounded; each row is held
against the rules that new words are held against. Answers that waited, and drafts, are not taken back: they were given
to the store, or finished, long ago.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from vigil.domain.errors import DamagedError, InputError, NotFoundError, StoreError
from vigil.domain.journal import Entry, MorningNote, Written
from vigil.store.journal import Journal
from vigil.store.journal_backup import remember_folder
from vigil.store.journal_file import SIDES, JournalFile, Row, need_journal, schema_sql
from vigil.store.journal_notes import note_of
from vigil.store.opening import connect, unreadable
from vigil.store.private_files import make_folder
from vigil.store.quarantine import DAMAGED_FOLDER
from vigil.store.sqlite_errors import plain_words

_READ = ("entry", "tag", "thread", "morning")
_STEPS, _MOST_LOOKS = 1_000_000, 2_000
"""SQLite is asked to stop after so many steps of its machine, so many times: some 20 s, as in `foreign.py`."""

_BEYOND = 1000
"""So many numbers are still tried, one by one, where the list of entries itself breaks off. Our choice."""

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class WordsRestored:
    """What was taken back. already: entries that were here. skipped: damaged, or senseless, parts."""

    entries: int
    mornings: int
    already: int
    skipped: int

    @property
    def words(self) -> str:
        """The same for a person."""
        said = [f"Taken back into the journal: entries {self.entries}, mornings {self.mornings}."]
        said += [f"Already here and left alone: {self.already}."] if self.already else []
        said += [f"Damaged and left out: {self.skipped}."] if self.skipped else []
        return " ".join(said)


def restore_journal(journal: Journal, source: Path) -> WordsRestored:
    """Take back every entry, thread and morning that is not here yet, all of them or none.

    Raises NotFoundError; StoreError, with nothing taken, for a file that is no journal, or a newer Vigil's.
    """
    source = source.absolute()
    if source == journal.file.path:
        message = "that is the journal itself; nothing was taken back; name a copy of it"
        raise StoreError(message)
    with _reading(source, journal.file.path.parent) as file, journal.file.atomic():
        return _Restoring(journal, file).all()


class _Restoring:
    def __init__(self, journal: Journal, file: JournalFile) -> None:
        self._journal = journal
        self._file = file
        self._skipped = 0

    def all(self) -> WordsRestored:
        threads = self._threads()
        here = _Here(self._journal.file)
        taken = already = 0
        for number in self._keys("entry", "id"):
            entry = self._whole(partial(self._entry, number))
            if entry is None:
                continue
            if here.has(entry):
                already += 1
                continue
            thread = threads.get(entry.what.thread or 0)
            self._journal.put_back(replace(entry, what=replace(entry.what, thread=thread)))
            taken += 1
        return WordsRestored(taken, self._mornings(), already, self._skipped)

    def _threads(self) -> dict[int, int]:
        """The number here of each thread there; one that is not here is named anew."""
        found: dict[int, int] = {}
        for number in self._keys("thread", "id"):
            row = self._whole(partial(self._row, "SELECT name, note FROM thread WHERE id = ?", number))
            kept = None if row is None else self._whole(partial(self._journal.same_thread, *row))
            if kept is not None:
                found[number] = kept
        return found

    def _entry(self, number: int) -> Entry:
        row = self._row(
            "SELECT title, body, night, day, thread, written_ms, edited_ms, version FROM entry WHERE id = ?", number
        )
        title, body, night, day, thread, *when = row
        tags = tuple(
            name for (name,) in self._file.rows("SELECT name FROM tag WHERE entry = ? ORDER BY place", (number,))
        )
        if not all(type(each) is int for each in when):
            raise TypeError
        return Entry(number, Written(title, body, tags, night, day, thread), *when)

    def _mornings(self) -> int:
        taken, here = 0, self._journal.notes.mornings()
        for night in self._keys("morning", "night"):
            note = self._whole(partial(self._note, night))
            if note is not None and note.night not in here:
                self._journal.notes.put_back(note)
                taken += 1
        return taken

    def _note(self, night: str) -> MorningNote:
        return note_of(
            self._row(
                "SELECT night, dread, words, marks, evening, kept_ms, version FROM morning WHERE night = ?", night
            )
        )

    def _row(self, sql: str, key: int | str) -> Row:
        found = self._file.row(sql, (key,))
        if found is None:
            raise TypeError
        return found

    def _whole(self, make: Callable[[], _Made]) -> _Made | None:
        """What is made of a row, None and counted where the row is damaged or senseless."""
        try:
            return make()
        except (DamagedError, InputError, TypeError, ValueError, AttributeError):
            self._skipped += 1
        except StoreError as error:
            if error.__cause__ is None or isinstance(error.__cause__, sqlite3.Error):
                raise
            self._skipped += 1
        return None

    def _keys(self, table: str, column: str) -> Iterator[Any]:
        """The keys of a table; where the list breaks off, the numbers that could follow and are there."""
        found: list[Any] = []
        try:
            for (key,) in self._file.rows(f"SELECT {column} FROM {table} ORDER BY {column}"):
                found.append(key)
        except DamagedError:
            self._skipped += 1
            for number in range(1, _BEYOND + 1):
                with suppress(DamagedError):
                    if self._file.row(f"SELECT 1 FROM {table} WHERE {column} = ?", (number,)):
                        found.append(number)
        yield from found


class _Here:
    """What is here already: the same number and instant of writing, or the same instant and words."""

    def __init__(self, file: JournalFile) -> None:
        rows = file.rows("SELECT id, written_ms, title, body FROM entry")
        self._numbers = {(number, written_ms) for number, written_ms, _, _ in rows}
        self._words = {(written_ms, title, hash(body)) for _, written_ms, title, body in rows}

    def has(self, entry: Entry) -> bool:
        words = (entry.written_ms, entry.what.title, hash(entry.what.body))
        return (entry.id, entry.written_ms) in self._numbers or words in self._words


@contextmanager
def _reading(source: Path, beside: Path) -> Iterator[JournalFile]:
    """Open a file that is not to be believed; one with a log is copied into `beside` first, since reading writes."""
    folder = beside / "reading-words"
    try:
        if not source.is_file():
            message = f"there is no journal at {source}; nothing was taken back"
            raise NotFoundError(message)
        log = source.with_name(source.name + "-wal")
        logged = log.is_file() and log.stat().st_size > 0
        if logged:
            shutil.rmtree(folder, ignore_errors=True)
            make_folder(folder)
            for each in (source, log):
                shutil.copyfile(each, folder / each.name)
        with plain_words():
            connection = connect(folder / source.name, "mode=rw") if logged else connect(source, "mode=ro&immutable=1")
        with closing(connection):
            need_journal(connection, source)
            _bound(connection)
            yield JournalFile(connection, source, writes=False)
    except OSError as error:
        raise unreadable(source, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bound(connection: sqlite3.Connection) -> None:
    with plain_words():
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        looks = iter(range(_MOST_LOOKS))
        connection.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
        if _tables(connection) != _as_made():
            message = "its tables are not those that Vigil makes; nothing was taken from it; use another copy"
            raise StoreError(message)


def _tables(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    rows = connection.execute("SELECT name, type, sql FROM sqlite_schema").fetchall()
    return {name: (kind, sql) for name, kind, sql in rows if name in _READ}


@cache
def _as_made() -> dict[str, tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(schema_sql())
        return _tables(fresh)


def begin_anew(path: Path, stamp: str, copies: Path) -> Path:
    """Move a damaged journal, and all that belongs to it, into a free folder of `damaged/`, and begin a fresh one.

    Nothing is deleted, and the fresh one knows of the folders with copies: those that can still be read, and `copies`.
    stamp: what to call the folder, such as "2026-04-08-0214". Nobody may have it open. Raises StoreError.
    """
    number, wanted = 1, path.parent / DAMAGED_FOLDER / f"{stamp}-journal"
    folder = wanted
    while folder.exists():
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    folders = {copies, *_folders(path)}
    make_folder(folder.parent)
    make_folder(folder)
    try:
        for side in reversed(SIDES):
            with suppress(FileNotFoundError):
                path.with_name(path.name + side).rename(folder / (path.name + side))
    except OSError as error:
        message = f"the journal is damaged and could not be moved aside ({error.strerror}); it was left; check the disk"
        raise StoreError(message) from error
    with Journal.open(path) as fresh:
        for each in sorted(folders):
            remember_folder(fresh.file, each)
    return folder


def _folders(path: Path) -> set[Path]:
    with suppress(StoreError), Journal.open(path, create=False) as damaged:
        return {Path(each) for (each,) in damaged.file.rows("SELECT path FROM backup_folder")}
    return set()
