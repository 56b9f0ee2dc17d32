"""Answers as plain JSON, and back: what is unknown or broken is left out and asked again, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vigil.interview.interview import Interview
from vigil.interview.question import Value
from vigil.interview.questions import QUESTIONS
from vigil.interview.typed import Refusal, checked

FORMAT = "vigil-setup"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Restored:
    """The interview as it was saved. left_out: names of saved answers that could not be used."""

    interview: Interview
    left_out: tuple[str, ...] = ()


def to_saved(interview: Interview) -> dict[str, object]:
    """Plain JSON, in the order of the questions whatever the order of answering; only what is kept."""
    answers = {one.id: interview.answers[one.id] for one in QUESTIONS if one.kept and one.id in interview.answers}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in answers.items()}
    return {"format": FORMAT, "version": VERSION, "answers": plain}


def from_saved(document: object) -> Restored | Refusal:
    """The interview in a document, or why it is none. It never raises."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        return Refusal("these are no answers of the first evening")
    if is_newer(document):
        return Refusal("a newer Vigil wrote these answers")
    version, given = document.get("version"), document.get("answers")
    if type(version) is not int or version != VERSION or not isinstance(given, Mapping):
        return Refusal("these answers are damaged")
    answers: dict[str, Value] = {}
    for question in QUESTIONS:
        if question.kept and question.id in given:
            known = checked(question, given[question.id], _OFFERS_ALL)
            if not isinstance(known, Refusal):
                answers[question.id] = known
    return Restored(Interview(answers), tuple(str(name) for name in given if name not in answers))


def is_newer(document: object) -> bool:
    """Whether a later Vigil wrote these answers; they are not ours to touch."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        return False
    version = document.get("version")
    return type(version) is int and version > VERSION


_OFFERS_ALL = {"room": "alone"}
"""Whether a choice is offered depends on other answers, and is looked at when they are used, not when they are read."""
