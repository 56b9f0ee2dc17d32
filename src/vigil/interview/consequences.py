"""What the answers lead to, taken together. Where something is open or in doubt, Vigil only watches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from vigil.domain.requests import Output
from vigil.interview.interview import Interview, effective
from vigil.interview.question import Answers, Lead, Question, SettingValue
from vigil.interview.questions import QUESTIONS
from vigil.interview.typed import minutes_of

SETTINGS_OF = {
    "way": ("nudging",),
    "watched": ("nudging",),
    "room": ("room",),
    "agrees": ("room",),
    "outputs": ("outputs",),
    "signal_lost": ("on_signal_lost",),
}
"""Which settings an answer to a question may change; no other answer touches the person's settings."""

NOT_SET_UP = "Vigil is not set up yet, so I only watch. It takes five minutes: vigil setup"
STILL_OPEN = 'One question is still open ("{asked}"), so I only watch: vigil setup --again {name}'
UNREADABLE = "Your answers of the first evening cannot be read, so I only watch. To answer again: vigil setup"
NOTHING_REACHES = "What you wear cannot buzz, and nothing else may be used: no nudge can reach you."


def still_open(question: Question) -> str:
    """That a question is open without which Vigil only watches: which one, and where it is."""
    return STILL_OPEN.format(asked=question.text, name=question.id)


class Known(Enum):
    """How much was answered."""

    NOTHING = "nothing"
    PART = "part"
    ALL = "all"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from the first evening.

    watch_only: nothing may be done at night, with the reasons. where_to_turn, notes: in words. outputs: what may be
    used at all, in the person's order. settings: what the answers say about the settings, by key. bed_time_min,
    wake_time_min: minutes since local midnight, None if not said. sham: always False; a night that only pretends is
    for a trial to ask about, on its own day, and after asking how the person is.
    """

    known: Known
    watch_only: bool
    reasons: tuple[str, ...] = ()
    where_to_turn: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = (Output.VIBRATION,)
    settings: tuple[tuple[str, SettingValue], ...] = ()
    bed_time_min: int | None = None
    wake_time_min: int | None = None
    sham: bool = False


def unreadable(reason: str) -> Standing:
    """The standing where the answers cannot be read; reason: why, in a sentence."""
    return Standing(Known.UNREADABLE, watch_only=True, reasons=(UNREADABLE, reason))


def consequences(answers: Answers) -> Standing:
    """The standing after these answers, whatever they are."""
    now, interview = effective(answers), Interview(answers)
    leads = tuple(_leads(now))
    reasons = tuple(lead.watch_only for lead in leads if lead.watch_only)
    needed = next((one for one in interview.open_questions if one.needed), None)
    known = Known.NOTHING if not now else Known.ALL if interview.complete else Known.PART
    if needed is not None:
        reasons = (*reasons, NOT_SET_UP if known is Known.NOTHING else still_open(needed))
    outputs = _outputs(now)
    notes = tuple(lead.note for lead in leads if lead.note)
    if now.get("wearable") == "silent" and now.get("outputs") == ("vibration",) and not reasons:
        notes = (*notes, NOTHING_REACHES)
    return Standing(
        known,
        watch_only=bool(reasons),
        reasons=reasons,
        where_to_turn=tuple(lead.turn_to for lead in leads if lead.turn_to),
        notes=notes,
        outputs=outputs,
        settings=_settings(now, leads, is_open=needed is not None),
        bed_time_min=minutes_of(now.get("bed_time")),
        wake_time_min=minutes_of(now.get("wake_time")),
    )


def _leads(now: Answers) -> Iterator[Lead]:
    for question in QUESTIONS:
        if question.id in now:
            yield from (choice.lead for choice in question.chosen(now[question.id]))


def _outputs(now: Answers) -> tuple[Output, ...]:
    chosen = now.get("outputs", ())
    return tuple(Output(one) for one in chosen) if chosen else (Output.VIBRATION,)


def _settings(now: Answers, leads: tuple[Lead, ...], *, is_open: bool) -> tuple[tuple[str, SettingValue], ...]:
    """The settings that were answered. Nudging is switched on only when nothing speaks against it any more."""
    said: dict[str, SettingValue] = {}
    for lead in leads:
        for key, value in lead.sets:
            said[key] = bool(said.get(key, True)) and value if key == "nudging" else value
    if is_open and said.get("nudging"):
        del said["nudging"]
    if "outputs" in now:
        said["outputs"] = tuple(one.value for one in _outputs(now))
    return tuple(said.items())
