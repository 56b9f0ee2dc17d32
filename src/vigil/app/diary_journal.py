"""What the journal adds to the diary: dread, what the evening held, answers that still wait, and the person's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vigil.app.diary_nights import Evenings
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal_if_any
from vigil.domain.answers import Answer
from vigil.domain.errors import StoreError


@dataclass(frozen=True, slots=True)
class InJournal:
    """evenings, waiting: as `diary_nights` takes them. words: night and a morning's words, where there are any.

    remarks: what could not be read, in words; the diary goes on without it.
    """

    evenings: Evenings = field(default_factory=dict)
    waiting: Mapping[str, Answer] = field(default_factory=dict)
    words: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


def in_journal(home: Home, shelf: Shelf) -> InJournal:
    """Everything the diary wants of a journal; nothing where there is none. Makes no file, and never raises."""
    try:
        with journal_if_any(home, shelf, read_only=True) as opened:
            if opened is None:
                return InJournal()
            notes, waiting = opened.notes.mornings(), opened.notes.waiting()
    except StoreError as error:
        return InJournal(remarks=(str(error),))
    return InJournal(
        {night: (note.dread, note.marks) for night, note in notes.items()},
        {one.night: one.answer for one in waiting},
        tuple((night, note.words) for night, note in notes.items() if note.words.strip()),
    )
