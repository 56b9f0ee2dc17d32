"""The words of mornings among the entries of the journal: kept with their morning, read and found with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from vigil.app.home import Home, Shelf
from vigil.app.tonight import day_of
from vigil.app.wiring import reading
from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.journal import Entry, Found, FoundMorning, MorningNote
from vigil.store.journal import Age, Hits, Journal, Only, age_of
from vigil.store.nights import NightRow, Nights

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class InTheMorning:
    """What was typed on a morning, as an entry among others. day: ISO date. key: of its night, None if it is not kept.

    It is changed at that morning, and erased with its night.
    """

    note: MorningNote
    day: str
    key: int | None = None


Kept: TypeAlias = Entry | InTheMorning


def age(one: Kept) -> Age:
    """Where it stands in the list; no two mornings were kept at the same instant."""
    return age_of(one) if isinstance(one, Entry) else (one.day, one.note.kept_ms, 0)


def in_the_morning(note: MorningNote, row: NightRow | None) -> InTheMorning:
    """A morning's words with their day: the one after the evening, or where that is not known, when they were kept."""
    evening = None if row is None else day_of(row)
    day = datetime.fromtimestamp(note.kept_ms / 1000, UTC).astimezone().date()
    with suppress(OverflowError):  # a clock that was never right
        day = day if evening is None else _EPOCH + timedelta(days=evening + 1)
    return InTheMorning(note, day.isoformat(), None if row is None else row.key)


def newest(opened: Journal, rows: Mapping[str, NightRow], only: Only, limit: int) -> tuple[Kept, ...]:
    """Entries and the words of mornings, newest first. Those have no tag and no thread. rows: every night, by name."""
    entries: tuple[Kept, ...] = opened.entries(only, limit)
    if only.tag is not None or only.thread is not None:
        return entries
    notes = [note for note in opened.notes.written() if only.night in {None, note.night}]
    mornings = [in_the_morning(note, rows.get(note.night)) for note in notes]
    older = [one for one in mornings if only.before is None or age(one) < only.before]
    return tuple(sorted((*entries, *older), key=age, reverse=True)[:limit])


def written_in_the_morning(opened: Journal, rows: Mapping[str, NightRow], night: str) -> InTheMorning:
    """The words of the morning after a night; raises NotFoundError where there are none."""
    note = opened.notes.morning(night)
    if note is None or not note.text:
        message = f"nothing was written in the morning after night {night!r}; to see what was: vigil journal list"
        raise NotFoundError(message)
    return in_the_morning(note, rows.get(note.night))


def with_kept(hits: Hits, rows: Mapping[str, NightRow]) -> list[tuple[Kept, Found | FoundMorning]]:
    """What was found, each with what it was found in: entries, then mornings."""
    mornings = ((in_the_morning(one.note, rows.get(one.note.night)), one) for one in hits.mornings)
    return [*((one.entry, one) for one in hits.entries), *mornings]


def night_rows(home: Home, shelf: Shelf) -> dict[str, NightRow]:
    """Every night of a store by its name; none where they cannot be read: the journal can be all the same."""
    try:
        with reading(home, (shelf,)) as opened:
            return {row.name: row for each in opened for row in Nights(each.database).nights()}
    except StoreError:
        return {}
