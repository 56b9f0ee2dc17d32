"""A morning, for command and page alike: the night that is meant, what was said of it, and keeping what is said now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from vigil.app.config import read_settings
from vigil.app.diary_journal import in_journal
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal, settle_waiting
from vigil.app.loss_words import loss_words
from vigil.app.morning_words import WORDS, Told, change_words
from vigil.app.stored_night import StoredNight, find, read
from vigil.app.tonight import KeptNights, Tonight, kept_nights, latest_sleeper, sleeper_of
from vigil.app.wiring import OpenShelf, packaged_parameters, reading, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import InputError, NotFoundError, StoreError
from vigil.domain.settings import Settings
from vigil.engine.nights_known import NightKnown
from vigil.night.missed import heart_hardly_changed
from vigil.store.answers import Answers
from vigil.store.nights import NightRow, Nights

Given: TypeAlias = Mapping[str, int | bool]
"""Details that were said, by the name of their field."""

ReadNight: TypeAlias = Callable[[OpenShelf, NightRow], StoredNight]

WAITS = "It waits until the watch is over, and is put to its night then; nothing more is needed."


@dataclass(frozen=True, slots=True)
class Morning:
    """What there is to see: every night of the sleeper, the one that is asked about, its account, and the settings.

    waits: whether its answer waits until the store can be written. loss: what can be done after a loss.
    """

    shelf: Shelf
    kept: KeptNights
    night: NightKnown | None
    chosen: Settings
    told: Told | None = None
    waits: bool = False
    loss: tuple[str, ...] = ()

    def tonight(self) -> Tonight:
        """Tonight as it stands."""
        return Tonight.of(self.kept.nights, packaged_parameters(), self.chosen)

    def with_answer(self, night: NightKnown, answer: Answer) -> Morning:
        """The same with one morning answered."""
        return replace(self, kept=self.kept.with_answer(night.number, answer), night=replace(night, answer=answer))

    def changes(self, night: NightKnown) -> str:
        """What the answer of a night changes tonight, beside nothing said of it, in words."""
        return change_words(self.with_answer(night, Answer()).tonight(), self.tonight(), night.answer)


def look(home: Home, shelf: Shelf, which: str | int | None = None, read_night: ReadNight = read) -> Morning:
    """The sleeper's nights and the one that is meant: by its name, its key, or the latest. Raises NotFoundError.

    read_night: how the night that is meant is read. Answers that wait count as said.
    """
    chosen, parameters = read_settings(home.settings_file), packaged_parameters()
    said = in_journal(home, shelf)
    with reading(home, (shelf,)) as opened:
        if which is None:
            kept = kept_nights(opened[0], parameters, latest_sleeper(opened[0])) if opened else KeptNights()
            row = kept.rows[-1] if kept.rows else None
        else:
            row = find(opened, which)[1] if isinstance(which, str) else _row(opened, which)
            kept = kept_nights(opened[0], parameters, sleeper_of(shelf, row.name))
        for each in kept.nights:
            if each.name in said.waiting:
                kept = kept.with_answer(each.number, said.waiting[each.name])
        night = next((known for known in kept.nights if row is not None and known.number == row.key), None)
        if night is None and row is not None:
            message = "that night was not watched live, so there is no morning to it; nothing was kept"
            raise NotFoundError(message)
        told = None if row is None else _told(opened[0], row, read_night)
        loss = loss_words(home, opened[0]) if opened and which is None else ()
    kept = replace(kept, remarks=(*kept.remarks, *said.remarks))
    waits = night is not None and night.name in said.waiting
    return Morning(shelf, kept, night, chosen, told, waits, loss)


def _row(opened: list[OpenShelf], key: int) -> NightRow:
    if not opened:
        message = "no night is kept yet; nothing was read"
        raise NotFoundError(message)
    return Nights(opened[0].database).row(key)


def _told(shelf: OpenShelf, row: NightRow, read_night: ReadNight) -> Told | None:
    """The night's account, or None if what was kept of it cannot be read; `kept_nights` says that."""
    try:
        stored = read_night(shelf, row)
    except StoreError:
        return None
    return Told(stored.account, stored.clock, heart_hardly_changed(stored.report))


def merged(it: Morning, night: NightKnown, word: MorningWord | None, given: Given, *, change: bool) -> Answer:
    """What is known and what was said now; what contradicts the first needs `change`, else InputError is raised."""
    before = night.answer
    if "resumed" in given and not can_resume(it, night, resumed=bool(given["resumed"])):
        message = "nudging is not paused after that night; nothing was changed; to see the plan: vigil morning"
        raise InputError(message)
    told = {name: value for name, value in given.items() if name != "resumed"}
    contradicts = any(getattr(before, name) not in (None, value) for name, value in told.items())
    contradicts |= word is not None and before.word not in (MorningWord.LEFT, word)
    if contradicts and not change:
        message = (
            f"night {night.name} is answered already ({WORDS[before.word]}); that was kept; "
            "to say something else: the same with --change"
        )
        raise InputError(message)
    if word is not None and before.word not in (MorningWord.LEFT, word):
        before = Answer(resumed=before.resumed)
    return replace(before, word=before.word if word is None else word, **given)  # type: ignore[arg-type]  # by name


def can_resume(it: Morning, night: NightKnown, *, resumed: bool) -> bool:
    """Only after the last night, and only if nudging rests (or was taken up then)."""
    paused = it.tonight().plan.pause is not None
    return night.number == it.kept.nights[-1].number and (paused if resumed else night.answer.resumed)


def keep(home: Home, it: Morning, night: NightKnown, answer: Answer, now_ms: int) -> Morning:
    """Keep an answer, durably; while a night is watched it waits in the journal. now_ms: Unix time. Raises StoreError.

    It goes by way of the journal always, so that of two that were given at once the later one stays.
    """
    try:
        with journal(home, it.shelf) as opened:
            opened.notes.wait(night.name, answer, now_ms)
    except StoreError:  # a broken journal is no reason to lose it: the store may be whole
        with writing(home, it.shelf) as store:
            Answers(store.database).put(night.number, answer)
        return it.with_answer(night, answer)
    settle_waiting(home, it.shelf)
    with journal(home, it.shelf) as opened:
        waits = any(one.night == night.name for one in opened.notes.waiting())
    return replace(it.with_answer(night, answer), waits=waits)
