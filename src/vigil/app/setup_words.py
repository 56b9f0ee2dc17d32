"""The first evening in words and as JSON: what was answered, what follows from it, what is said at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vigil.interview.consequences import Standing
from vigil.interview.interview import Interview, effective
from vigil.interview.question import Question, Value
from vigil.interview.questions import EACH_EVENING, FIRST_NIGHTS, QUESTIONS, TRY_BY_DAY
from vigil.interview.saved import FORMAT, VERSION, to_saved

OPENING = (
    "About five minutes. Enter leaves a question for later, Ctrl-C stops; what you answered is kept, on this computer "
    "only, and everything can be changed. Typing help shows whom to call, at any question."
)
OPEN = "left for later"
NEVER_KEPT = "never kept"
NOT_ASKED = "not asked"


def answer_words(question: Question, interview: Interview) -> str:
    """What was answered, or why there is no answer."""
    now = effective(interview.answers)
    if not question.kept:
        return NEVER_KEPT
    if not question.asked(now):
        return NOT_ASKED
    return OPEN if question.id not in now else _value_words(question, now[question.id])


def standing_words(standing: Standing) -> Iterator[str]:
    """What follows from the answers, the most important first."""
    yield "I only watch." if standing.watch_only else "I nudge, within your limits, once I know your nights."
    yield from standing.reasons
    yield from standing.where_to_turn
    yield from standing.notes


def closing_words(standing: Standing, interview: Interview, *, watching: bool) -> Iterator[str]:
    """What is said at the end of a sitting. watching: nothing will be done tonight, for whatever reason."""
    if watching or standing.watch_only:
        yield FIRST_NIGHTS
    yield from standing.reasons
    if not standing.watch_only:
        yield TRY_BY_DAY
    yield EACH_EVENING
    if left := [one.id for one in interview.open_questions if one.kept]:
        yield f"{OPEN.capitalize()}: {', '.join(left)}. To go on: vigil setup"
    yield "To see your answers: vigil setup --show. To change one: vigil setup --again NAME"


def setup_json(interview: Interview, standing: Standing) -> dict[str, Any]:
    """The answers and what follows from them."""
    return to_saved(interview) | {
        "format": f"{FORMAT}-report",
        "version": VERSION,
        "known": standing.known.value,
        "open": [one.id for one in interview.open_questions if one.kept],
        "watch_only": standing.watch_only,
        "reasons": list(standing.reasons),
        "where_to_turn": list(standing.where_to_turn),
        "notes": list(standing.notes),
        "outputs": [one.value for one in standing.outputs],
        "bed_time_min": standing.bed_time_min,
        "wake_time_min": standing.wake_time_min,
    }


def names() -> str:
    """The names of the questions, for help and refusals."""
    return ", ".join(one.id for one in QUESTIONS)


def _value_words(question: Question, value: Value) -> str:
    chosen = question.chosen(value)
    if chosen:
        return "; ".join(choice.words for choice in chosen)
    return str(value) or "nobody"
