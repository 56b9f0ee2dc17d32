"""The page of a morning: what was said, what Vigil says, and the form in which more can be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vigil.app.evening_marks import mark_words, offered
from vigil.app.morning_room import WAITS, Morning, can_resume
from vigil.app.morning_words import (
    WORDS,
    account_lines,
    answer_words,
    learned_words,
    missed_words,
    terror_words,
    watched_words,
)
from vigil.domain.answers import MOST, Answer, MorningWord
from vigil.domain.journal import MorningNote
from vigil.engine.nights_known import NightKnown
from vigil.web.drafts import Typed
from vigil.web.views.said_links import Part, linked
from vigil.web.words import Words

CHOICES = (MorningWord.QUIET, MorningWord.BAD_DREAM, MorningWord.KEPT_DREAM, MorningWord.NOT_REMEMBERED)
"""The four taps, in this order."""

NUMBERS = ("dreams", "distress", "dread", "sleepiness")
"""What can be told in a number, in the order of the form; dread is of the note, the rest of the answer."""

FLAGS = ("woken", "disturbed", "was_awake")
"""What can be told by yes or no."""

YES, NO = "yes", "no"

MOST_DREAMS_OFFERED = 10
"""Bad dreams that can be chosen; who counted more types them at the terminal."""

OFFERED = {"dreams": range(1, MOST_DREAMS_OFFERED + 1)}

OF_A_DREAM = frozenset({"dreams", "woken"})
OF_A_NUDGE = frozenset({"disturbed", "was_awake"})

WORDS_FIELD, EVENING_FIELD = "words", "evening"


@dataclass(frozen=True, slots=True)
class Tap:
    """One of the four buttons."""

    value: str
    words: str
    said: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be chosen. options: value, words, and whether it is chosen; the first is "not said".

    had: what is kept of it, as the form has it.
    """

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]
    had: str


@dataclass(frozen=True, slots=True)
class More:
    """The form. place: of its draft. had: marks that are kept. came_from: places of drafts that were put into it."""

    place: str
    fields: tuple[Field, ...]
    marks: tuple[tuple[str, str, bool], ...]
    had: tuple[str, ...]
    words: str
    evening: str
    version: int
    came_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MorningPage:
    """What the template shows; None for its night where there is none yet."""

    key: int | None
    title: str
    lines: tuple[str, ...]
    taps: tuple[Tap, ...]
    said: tuple[str, ...]
    account: tuple[str, ...]
    tonight: tuple[Part, ...]
    rests_on: tuple[tuple[Part, ...], ...]
    notes: tuple[str, ...]
    more: More | None
    before: int | None = None
    after: int | None = None
    resume: bool = False


def morning_page(it: Morning, title: str, more: More | None, *, going_on: bool, t: Words) -> MorningPage:
    """The page of a morning."""
    night, notes = it.night, [*(t("morning.note", what=one) for one in it.kept.remarks), *it.loss]
    plan = it.tonight()
    tonight, rests_on = linked(plan.words), tuple(map(linked, learned_words(plan.learned)))
    if night is None:
        return MorningPage(None, title, (t("morning.none"),), (), (), (), tonight, rests_on, tuple(notes), None)
    if going_on:
        notes.insert(0, t("morning.going_on"))
    told = None if it.told is None else replace(it.told, clock=replace(it.told.clock, write=t.time))
    before, after = _around(it, night)
    return MorningPage(
        key=night.number,
        title=title,
        lines=(_capital(watched_words(night)),),
        taps=tuple(Tap(word.value, _capital(WORDS[word]), night.answer.word is word) for word in CHOICES),
        said=tuple(_said(it, night, more, t)),
        account=tuple(account_lines(told)),
        tonight=tonight,
        rests_on=rests_on,
        notes=tuple(notes),
        more=more,
        before=before,
        after=after,
        resume=can_resume(it, night, resumed=True),
    )


def _said(it: Morning, night: NightKnown, more: More | None, t: Words) -> list[str]:
    """What was said, and what is said to it."""
    if night.answer.is_empty:
        return []
    dread = "" if more is None else next((field.had for field in more.fields if field.name == "dread"), "")
    marks = () if more is None else tuple(map(mark_words, more.had))
    return [
        t("morning.noted", answer=answer_words(night.answer, int(dread) if dread else None)),
        *([t("morning.marks_said", marks=", ".join(marks))] if marks else []),
        *([WAITS] if it.waits else []),
        *missed_words(night, it.told),
        *terror_words(night),
        it.changes(night),
    ]


def _around(it: Morning, night: NightKnown) -> tuple[int | None, int | None]:
    keys = [one.number for one in it.kept.nights]
    place = keys.index(night.number)
    return (keys[place - 1] if place else None), (keys[place + 1] if place + 1 < len(keys) else None)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# The form.


def more_form(
    night: NightKnown, note: MorningNote, drafts: Sequence[Typed], place: str, t: Words, taps: Sequence[str] = ()
) -> More:
    """The form as it stands: what is kept, and what was typed and not kept yet, the latest first.

    place: of the draft of this form. taps: what was said in the evening, ticked where nothing was said since.
    """
    known = {**_of_answer(night.answer), "dread": note.dread}
    latest = _standing(drafts)
    typed = latest[0] if latest else None
    asked = [name for name in (*NUMBERS, *FLAGS) if known[name] is not None or _fits(name, night)]
    marks = note.marks if note.version else tuple(taps)
    return More(
        place=place,
        fields=tuple(_field(name, shown(known[name]), typed, t) for name in asked),
        marks=offered(typed.fields.get("marks", ()) if typed else marks),
        had=note.marks,
        words=_text(WORDS_FIELD, note.words, note.version, latest),
        evening=_text(EVENING_FIELD, note.evening, note.version, latest),
        version=note.version,
        came_from=tuple(one.place for one in latest),
    )


def _of_answer(answer: Answer) -> dict[str, int | bool | None]:
    return {name: getattr(answer, name) for name in (*NUMBERS, *FLAGS) if name != "dread"}


def _fits(name: str, night: NightKnown) -> bool:
    """Whether it makes sense to ask for it after this night."""
    if name in OF_A_DREAM:
        return night.answer.word is MorningWord.BAD_DREAM
    return name not in OF_A_NUDGE or night.interventions > 0


def _standing(drafts: Sequence[Typed]) -> list[Typed]:
    """The drafts without those that were put into a later one."""
    put = {place for one in drafts for place in one.fields.get("from", ())}
    return [one for one in drafts if one.place not in put]


def _text(name: str, kept: str, version: int, drafts: Sequence[Typed]) -> str:
    """The text in a field: what was being typed over what is kept, and nothing of either lost."""
    texts = [one.first(name) for one in drafts]
    if not any(one.first("version") == str(version) for one in drafts):
        texts.append(kept)  # what was typed began from an older text
    found = ""
    for text in reversed(texts):
        if text.strip() and text not in found:
            found = text if not found or found in text else f"{found}\n\n{text}"
    return found


def _field(name: str, had: str, typed: Typed | None, t: Words) -> Field:
    """A list to choose from. had: what is kept; typed: a form that was left, whose choice counts if it was one."""
    left = had if typed is None else typed.first(name, had)
    value = had if typed is not None and left == typed.first(f"had.{name}") else left
    values = (YES, NO) if name in FLAGS else tuple(map(str, OFFERED.get(name, range(MOST + 1))))
    more = (value,) if value and value not in values else ()
    words = {YES: t("morning.yes"), NO: t("morning.no"), "": t("morning.unsaid")}
    options = tuple((one, words.get(one, one), one == value) for one in ("", *values, *more))
    return Field(name, t(f"morning.{name}"), options, had)


def shown(value: int | None) -> str:
    """A number or a yes or no as the form has it; "" for what was not said."""
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)


# What is sent.


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form changes: fields that hold something else than when they were shown. marks: None for unchanged.

    evening: what else it held, in words; None from a form that did not ask.
    """

    given: Mapping[str, int | bool | None]
    marks: tuple[str, ...] | None
    words: str
    evening: str | None
    version: int


def sent(form: Mapping[str, str], many: Mapping[str, Sequence[str]]) -> Sent:
    """What was sent. What two windows say of different things then stands beside each other."""
    given = {
        name: _value(name, form[name])
        for name in (*NUMBERS, *FLAGS)
        if name in form and form[name] != form.get(f"had.{name}", "")
    }
    marks = tuple(many.get("marks", ()))
    return Sent(
        given,
        marks if set(marks) != set(many.get("had.marks", ())) else None,
        form.get(WORDS_FIELD, ""),
        form.get(EVENING_FIELD),
        int(form["version"][:9]) if form.get("version", "").isascii() and form.get("version", "").isdigit() else 0,
    )


def _value(name: str, text: str) -> int | bool | None:
    """As it is kept; what is no number stays out of its bounds, and is refused where it is kept."""
    if not text:
        return None
    if name in FLAGS:
        return text == YES
    return int(text[:9]) if text.isascii() and text.isdigit() else -1
