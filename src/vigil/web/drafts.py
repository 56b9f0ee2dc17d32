"""What is being typed on a form and is not sent yet: kept as `static/draft.js` sends it, and put back into the form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigil.app.journal_room import journal, journal_if_any
from vigil.domain.errors import InputError, NotFoundError
from vigil.domain.journal import Draft, name_or_none, place_of
from vigil.store.journal import Journal
from vigil.store.nights import Nights
from vigil.web.rooms import Rooms

MOST_FIELDS = 100
"""Fields of one form. Our choice: more than any page has."""

ENTRY = place_of(0).removesuffix("0")
"""How the place of an entry begins; a number follows."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was left. fields: every value of each name. kept_ms: when, UTC in ms since 1970."""

    place: str
    fields: Mapping[str, Sequence[str]]
    kept_ms: int

    def first(self, name: str, otherwise: str = "") -> str:
        """The first value of a field."""
        return next(iter(self.fields.get(name, ())), otherwise)


def keep(rooms: Rooms, place: str, fields: Mapping[str, Sequence[str]], night: int | None = None) -> None:
    """Keep a form as it stands now; no fields let it go. night: the key of the one it is about.

    Raises NotFoundError where the entry or night was erased: then nothing of it may come back by a forgotten window.
    Raises InputError for what is too much, StoreError.
    """
    text = json.dumps(fields, ensure_ascii=False) if fields else ""
    draft = Draft(place, text, None if night is None else _name(rooms, night))
    if not draft.place or len(fields) > MOST_FIELDS:
        message = "this is no form of Vigil's; nothing was kept"
        raise InputError(message)
    with journal(rooms.home, rooms.shelf) as opened:
        _need_entry(opened, draft.place)
        opened.notes.put_draft(draft, rooms.wall_ms())


def typed(rooms: Rooms, place: str) -> Typed | None:
    """The form that was left at this place, or None. Raises StoreError."""
    with journal_if_any(rooms.home, rooms.shelf, read_only=True) as opened:
        draft = None if opened is None else opened.notes.draft(name_or_none(place) or "")
    return None if draft is None else _typed(draft)


def all_typed(rooms: Rooms, places: str) -> tuple[Typed, ...]:
    """Every form that was left at a place that begins so, the latest first. Raises StoreError."""
    with journal_if_any(rooms.home, rooms.shelf, read_only=True) as opened:
        drafts = () if opened is None else opened.notes.drafts(places)
    return tuple(found for found in map(_typed, drafts) if found is not None)


def let_go(rooms: Rooms, place: str) -> None:
    """What was left at this place is kept by now, or not wanted. Raises StoreError."""
    with journal_if_any(rooms.home, rooms.shelf) as opened:
        if opened is not None:
            opened.notes.put_draft(Draft(place, ""), rooms.wall_ms())


def _typed(draft: Draft) -> Typed | None:
    """A draft as a form, None for one that no form made."""
    try:
        fields = json.loads(draft.text)
        return Typed(draft.place, {str(name): list(map(str, fields[name])) for name in fields}, draft.kept_ms)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def _name(rooms: Rooms, key: int) -> str:
    with rooms.reading() as shelf:
        if shelf is None:
            message = "no night is kept here, or it was erased; nothing was kept of what you type"
            raise NotFoundError(message)
        return Nights(shelf.database).row(key).name


def _need_entry(opened: Journal, place: str) -> None:
    number = place.removeprefix(ENTRY)
    if place != number and number.isascii() and number.isdigit():
        opened.entry(int(number))
