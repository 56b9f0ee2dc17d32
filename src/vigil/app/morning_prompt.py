"""Asking in the morning: one question, more only if wanted, and Enter leaves at any point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from vigil.app.morning_words import meant
from vigil.domain.answers import MOST, MOST_DREAMS, Answer, MorningWord
from vigil.engine.nights_known import NightKnown

Read: TypeAlias = Callable[[str], str]
"""Shows a question and returns the line that was typed, "" for Enter; raises EOFError where nobody answers."""

QUESTION = """How was the night?
  q  quiet
  b  bad dream
  k  a dream I'd keep
  d  don't remember
One letter and Enter; Enter alone leaves: """

MORE = "Kept. Enter leaves; m for a few more questions: "


@dataclass(frozen=True, slots=True)
class Detail:
    """One optional question. most: its highest number, or None for yes and no."""

    field: str
    question: str
    most: int | None = None


_OF_A_DREAM = (
    Detail("dreams", "How many bad dreams?", MOST_DREAMS),
    Detail("distress", f"How distressing, 0 to {MOST}?", MOST),
    Detail("woken", "Did it wake you, y or n?"),
)
_OF_A_NUDGE = (
    Detail("disturbed", "Did Vigil disturb you, y or n?"),
    Detail("was_awake", "Were you already awake when it nudged, y or n?"),
)
_OF_THE_DAY = (Detail("sleepiness", f"How sleepy are you now, 0 to {MOST}?", MOST),)

_YES = {"y": True, "yes": True, "n": False, "no": False}


def ask(night: NightKnown, read: Read) -> Answer:
    """The answer that was given; leaving at the first question is the answer `LEFT`. Raises EOFError there."""
    try:
        word = _word(read)
    except KeyboardInterrupt:
        return Answer()
    if word is None:
        return Answer()
    answer = Answer(word)
    try:
        if _line(read, MORE) not in ("m", "more"):
            return answer
        for detail in _details(night, word):
            value = _value(read, detail)
            if value is None:
                return answer
            answer = replace(answer, **{detail.field: value})  # type: ignore[arg-type]  # by name
    except (EOFError, KeyboardInterrupt):
        return answer
    return answer


def _details(night: NightKnown, word: MorningWord) -> tuple[Detail, ...]:
    """What makes sense to ask after this night."""
    dream = _OF_A_DREAM if word is MorningWord.BAD_DREAM else ()
    return (*dream, *(_OF_A_NUDGE if night.interventions else ()), *_OF_THE_DAY)


def _word(read: Read) -> MorningWord | None:
    """The answer, or None for leaving."""
    question = QUESTION
    while line := _line(read, question):
        word = meant(line)
        if word is not None:
            return word
        question = "q, b, k or d, or Enter to leave: "
    return None


def _value(read: Read, detail: Detail) -> int | bool | None:
    """A number or a yes or no, or None for leaving."""
    while line := _line(read, f"{detail.question} "):
        if detail.most is None and line in _YES:
            return _YES[line]
        if detail.most is not None and line.isdecimal() and len(line) <= 3 and int(line) <= detail.most:
            return int(line)
    return None


def _line(read: Read, question: str) -> str:
    return read(question).strip().lower()
