"""The journal: entries, their tags, and the threads a person names. What is beside them stands in `journal_notes.py`.

Nothing typed is lost: a change that began from an old version is kept beside the other. Erasing stands in
`journal_erase.py`, copies in `journal_backup.py`. Instants come from outside, as Unix milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from vigil.domain.errors import InputError, NotFoundError, StoreError
from vigil.domain.journal import (
    MOST_TITLE,
    Draft,
    Entry,
    Found,
    FoundMorning,
    Thread,
    Written,
    fold,
    name_or_none,
)
from vigil.store.journal_file import JournalFile, Row
from vigil.store.journal_notes import Notes
from vigil.store.journal_search import find, in_memory

TWICE = " (changed twice)"
"""Added to the title of what would have been written over."""

AGAIN_MS = 60_000
"""A second tap on a slow page, or a page that is sent again, comes within this. Our choice."""

PAGE = 50
"""Entries in one list. Our choice."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry after a change. twice: it had been changed meanwhile, and this is a new entry beside it."""

    entry: Entry
    twice: bool = False

    @property
    def words(self) -> str:
        """The same for a person."""
        if self.twice:
            return (
                "This entry was also changed somewhere else meanwhile. Both are kept: yours is a new entry beside it."
            )
        return "Kept."


Age: TypeAlias = tuple[str, int, int]
"""Where something stands in the list: the day it is about, when it was written, and its number."""


def age_of(entry: Entry) -> Age:
    """Where an entry stands in the list."""
    return (entry.what.day or "", entry.written_ms, entry.id)


@dataclass(frozen=True, slots=True)
class Only:
    """Which entries to list; None for any. before: where the one stands after which to go on."""

    night: str | None = None
    tag: str | None = None
    thread: int | None = None
    before: Age | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found: entries, and words of mornings, the fittest of each first."""

    entries: tuple[Found, ...]
    mornings: tuple[FoundMorning, ...]


class Journal:
    """The journal of one store. Every method raises StoreError if the database refuses; `Written` checks what goes in.

    A text that SQLite cannot hold never comes here: the records of `domain/journal.py` clean what they are given.
    """

    def __init__(self, file: JournalFile) -> None:
        self.file = file
        self.notes = Notes(file)

    @classmethod
    @contextmanager
    def open(cls, path: Path, *, create: bool = True, read_only: bool = False) -> Iterator[Journal]:
        """Open for the length of a block; raises as `JournalFile.open`."""
        file = JournalFile.open(path, create=create, read_only=read_only)
        try:
            yield cls(file)
        finally:
            file.close()

    # Entries.

    def add(self, what: Written, now_ms: int) -> Entry:
        """Keep a new entry, durably; the same sent again within a minute is one. Raises NotFoundError for a thread."""
        with self.file.atomic():
            sent = self.file.row(f"{_SELECT} {_SENT}", (now_ms, AGAIN_MS, what.title, what.body, what.night, what.day))
            before = None if sent is None else self._made(sent)
            if before is not None and before.what == what:
                return before
            return self._entry(self._insert(what, now_ms))

    def change(self, number: int, version: int, what: Written, now_ms: int) -> Changed:
        """Keep an entry as it is now. version: the one that was being edited.

        If that is no longer the latest, both stay: this one becomes a new entry. Raises NotFoundError if the entry was
        erased meanwhile.
        """
        with self.file.atomic():
            before = self._entry(number)
            if what == before.what:
                return Changed(before)
            if version != before.version:
                title = (what.title or before.what.title)[: MOST_TITLE - len(TWICE)] + TWICE
                beside = self._insert(replace(what, title=title), now_ms)
                return Changed(self._entry(beside), twice=True)
            self._need_thread(what.thread)
            self._unindex(number)
            self.file.execute(
                "UPDATE entry SET night = ?, day = ?, title = ?, body = ?, thread = ?, edited_ms = ?,"
                " version = version + 1 WHERE id = ?",
                (what.night, what.day, what.title, what.body, what.thread, now_ms, number),
            )
            self.file.execute("DELETE FROM tag WHERE entry = ?", (number,))
            self._tag(number, what.tags)
            self._index(number)
            self.file.execute("INSERT INTO words(words) VALUES ('optimize')")  # old words leave the index
            return Changed(self._entry(number))

    def entry(self, number: int) -> Entry:
        """One entry; raises NotFoundError."""
        return self._entry(number)

    def entries(self, only: Only | None = None, limit: int = PAGE) -> tuple[Entry, ...]:
        """Entries, newest first: by the day they are about, then by when they were written."""
        only = only or Only()
        asked = {
            "night = ?": None if only.night is None else (only.night,),
            "thread = ?": None if only.thread is None else (only.thread,),
            "id IN (SELECT entry FROM tag WHERE fold = ?)": None if only.tag is None else (fold(only.tag),),
            f"({_AGE}) < (?, ?, ?)": only.before,
        }
        given = {sql: values for sql, values in asked.items() if values is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        order = "ORDER BY coalesce(day, '') DESC, written_ms DESC, id DESC LIMIT ?"
        values = (*(value for each in given.values() for value in each), limit)
        return tuple(map(self._made, self.file.rows(f"{_SELECT} {where} {order}", values)))

    def find(self, looked_for: str, limit: int = PAGE) -> Hits:
        """What holds every word, or its beginning: entries in title, text or tags, and mornings. Never a fault."""
        notes = self.notes.written()
        with in_memory([note.text for note in notes]) as words:
            entries, mornings = find((self.file, words), looked_for, limit)
        return Hits(
            tuple(Found(self._entry(number), title, pieces) for number, title, pieces in entries),
            tuple(FoundMorning(notes[number - 1], pieces) for number, _, pieces in mornings),
        )

    def tags(self) -> tuple[tuple[str, int], ...]:
        """Every tag, as it was typed last, and how many entries have it."""
        return tuple(self.file.rows("SELECT name, count(*) FROM tag GROUP BY fold ORDER BY fold"))

    # Threads.

    def threads(self) -> tuple[Thread, ...]:
        """Every thread, by name."""
        return tuple(Thread(*row) for row in self.file.rows(f"{_THREADS} GROUP BY thread.id ORDER BY thread.fold"))

    def thread(self, name: str) -> Thread:
        """The thread of that name; raises NotFoundError."""
        found = self.file.row(f"{_THREADS} WHERE thread.fold = ? GROUP BY thread.id", (fold(name_or_none(name) or ""),))
        if found is None:
            message = (
                f"no thread is called {name_or_none(name)!r}; nothing was changed; to see them: vigil journal threads"
            )
            raise NotFoundError(message)
        return Thread(*found)

    def put_thread(self, name: str, note: str = "", number: int | None = None) -> Thread:
        """Name a thread, or give the one of that number another name and note. Raises InputError, NotFoundError."""
        clean = _thread_of(name, note)
        with self.file.atomic():
            self._need_thread(number)
            taken = self.file.row("SELECT id FROM thread WHERE fold = ?", (fold(clean.place),))
            if taken is not None and taken[0] != number:
                message = f"a thread is called {clean.place!r} already; nothing was changed; choose another name"
                raise InputError(message)
            values = (clean.place, fold(clean.place), clean.text)
            if number is None:
                self.file.execute(_NEW_THREAD, values)
            else:
                self.file.execute("UPDATE thread SET name = ?, fold = ?, note = ? WHERE id = ?", (*values, number))
        return self.thread(clean.place)

    # For erasing and taking back, inside a transaction of theirs.

    def take_out(self, number: int) -> None:
        """Delete an entry and its words in the index; `scrub_journal` then leaves no trace of it."""
        self._unindex(number)
        self.file.execute("DELETE FROM entry WHERE id = ?", (number,))

    def put_back(self, entry: Entry) -> None:
        """An entry of a copy, under its own number if that is free."""
        taken = self.file.row("SELECT 1 FROM entry WHERE id = ?", (entry.id,))
        number = self._insert(entry.what, entry.written_ms, None if taken else entry.id)
        values = (entry.edited_ms, entry.version, number)
        self.file.execute("UPDATE entry SET edited_ms = ?, version = ? WHERE id = ?", values)

    def same_thread(self, name: str, note: str) -> int:
        """The number of the thread of that name, made if it is not here. Raises InputError."""
        clean = _thread_of(name, note)
        values = (clean.place, fold(clean.place), clean.text)
        found = self.file.row("SELECT id FROM thread WHERE fold = ?", values[1:2])
        return int(found[0]) if found else self.file.execute(_NEW_THREAD, values)

    # Rows.

    def _insert(self, what: Written, now_ms: int, number: int | None = None) -> int:
        self._need_thread(what.thread)
        number = self.file.execute(
            "INSERT INTO entry (id, night, day, title, body, thread, written_ms, edited_ms, version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (number, what.night, what.day, what.title, what.body, what.thread, now_ms, now_ms),
        )
        self._tag(number, what.tags)
        self._index(number)
        return number

    def _tag(self, number: int, tags: tuple[str, ...]) -> None:
        rows = [(number, place, name, fold(name)) for place, name in enumerate(tags)]
        self.file.execute_many("INSERT INTO tag (entry, place, name, fold) VALUES (?, ?, ?, ?)", rows)

    def _index(self, number: int) -> None:
        self.file.execute(f"INSERT INTO words(rowid, title, body, tags) {_SEARCHED}", (number,))

    def _unindex(self, number: int) -> None:
        """Take an entry's words out of the index, which must be told them as they were put in."""
        self.file.execute(
            f"INSERT INTO words(words, rowid, title, body, tags) SELECT 'delete', * FROM ({_SEARCHED})", (number,)
        )

    def _need_thread(self, number: int | None) -> None:
        if number is not None and self.file.row("SELECT 1 FROM thread WHERE id = ?", (number,)) is None:
            message = "that thread is not there any more; nothing was kept; choose another, or none"
            raise NotFoundError(message)

    def _entry(self, number: int) -> Entry:
        found = self.file.row(f"{_SELECT} WHERE id = ?", (number,))
        if found is None:
            message = (
                f"there is no entry {number}, or it was erased; nothing was changed; "
                "what you wrote is still where you wrote it, and can be kept as a new entry"
            )
            raise NotFoundError(message)
        return self._made(found)

    def _made(self, row: Row) -> Entry:
        number, night, day, title, body, thread, *when = row
        tags = tuple(
            name for (name,) in self.file.rows("SELECT name FROM tag WHERE entry = ? ORDER BY place", (number,))
        )
        try:
            return Entry(number, Written(title, body, tags, night, day, thread), *when)
        except InputError as error:
            message = f"entry {number} holds what Vigil never writes; it was left as it is; go back to a backup"
            raise StoreError(message) from error


def _thread_of(name: str, note: str) -> Draft:
    """Name and note, cleaned; raises InputError without a name."""
    clean = Draft(name, note)
    if not clean.place:
        message = "a thread needs a name; nothing was kept; give it one"
        raise InputError(message)
    return clean


_AGE = "coalesce(day, ''), written_ms, id"
_SELECT = "SELECT id, night, day, title, body, thread, written_ms, edited_ms, version FROM entry"
_SEARCHED = "SELECT id, title, body, tags FROM searched WHERE id = ?"
_SENT = "WHERE abs(written_ms - ?) <= ? AND title = ? AND body = ? AND night IS ? AND day IS ? ORDER BY id DESC"
_NEW_THREAD = "INSERT INTO thread (name, fold, note) VALUES (?, ?, ?)"
_THREADS = """
    SELECT thread.id, thread.name, thread.note, count(entry.id)
    FROM thread LEFT JOIN entry ON entry.thread = thread.id
"""
