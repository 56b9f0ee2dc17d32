"""Asking on the first evening: one question at a time. Enter leaves it, and whatever was answered is kept at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from vigil.interview.crisis import help_for, help_words
from vigil.interview.interview import Interview, Reply, effective
from vigil.interview.question import Choice, Kind, Offer, Question
from vigil.interview.questions import QUESTIONS
from vigil.interview.typed import Refusal, understood

Read: TypeAlias = Callable[[str], str]
"""Shows a prompt and returns the line that was typed, "" for Enter; raises EOFError where nobody answers."""

Say: TypeAlias = Callable[[str], None]
"""Shows a paragraph."""

Keep: TypeAlias = Callable[[Interview, str], None]
"""Keeps the answers after the question of that name was answered."""

HELP = "help"
"""Typed at any question, it shows whom to call."""

MOST_LISTED = 9
"""More choices than this are named in a row, and chosen by name."""

_HINTS = {
    Kind.ONE: "A number",
    Kind.SEVERAL: "Numbers, such as 1 2",
    Kind.YES_NO: "y or n",
    Kind.TIME: "A time, such as 23:15",
    Kind.TEXT: "Name and number, more than one with ; between, - for nobody",
}

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Sitting:
    """What asking needs of the world. ask: shows a question's own words (not its choices), apart from the rest."""

    read: Read
    say: Say
    ask: Say
    keep: Keep


def sit(interview: Interview, sitting: Sitting) -> None:
    """Ask everything that is open, until the end, Ctrl-C, or where nobody answers; what was answered is kept.

    Raises what `sitting.keep` raises.
    """
    try:
        while (question := interview.next_question) is not None:
            interview = ask(interview, question, sitting)
    except (EOFError, KeyboardInterrupt):
        return


def ask(interview: Interview, question: Question, sitting: Sitting) -> Interview:
    """Ask one question until it is answered or left. Raises EOFError, KeyboardInterrupt."""
    choices = question.offered(effective(interview.answers))
    sitting.say("")
    sitting.say(f"{QUESTIONS.index(question) + 1} of {len(QUESTIONS)}. {question.why}")
    sitting.ask(question.text)
    if question.kind is not Kind.YES_NO:
        for line in _listed(choices):
            sitting.say(line)
    while line := sitting.read(f"{_hint(question, choices)}; Enter leaves it for later: ").strip():
        if line.casefold() == HELP:
            show_help(interview, sitting.say)
            continue
        reply = _reply(interview, question, line)
        if isinstance(reply, Refusal):
            sitting.say(reply.words)
            continue
        return _taken(reply, question, sitting)
    return interview.left(question.id)


def show_help(interview: Interview, say: Say) -> None:
    """Whom to call, the nearest first."""
    now = effective(interview.answers)
    for line in help_words(help_for(str(now.get("country", "")), str(now.get("contact", "")))):
        say(line)


def _reply(interview: Interview, question: Question, line: str) -> Reply | Refusal:
    value = understood(question, line, effective(interview.answers))
    return value if isinstance(value, Refusal) else interview.answered(question.id, value)


def _taken(reply: Reply, question: Question, sitting: Sitting) -> Interview:
    """Keep the answer if it is one to keep, say what follows, and make the offer there may be."""
    interview = reply.interview
    if question.kept:
        sitting.keep(interview, question.id)
    for words in reply.said:
        sitting.say(words)
    if reply.offer is not None and _wished(reply.offer, sitting.read):
        accepted = interview.answered(reply.offer.question, reply.offer.value)
        if isinstance(accepted, Reply):
            interview = accepted.interview
            sitting.keep(interview, reply.offer.question)
    if reply.afterwards:
        sitting.say(reply.afterwards)
    return interview


def _wished(offer: Offer, read: Read) -> bool:
    while True:
        line = read(f"{offer.words} y or n: ").strip().casefold()
        if line in _ANSWERS:
            return _ANSWERS[line]


def _listed(choices: tuple[Choice, ...]) -> list[str]:
    if len(choices) > MOST_LISTED:
        return [", ".join(choice.words for choice in choices) + "."]
    return [f"{number}  {choice.words}" for number, choice in enumerate(choices, start=1)]


def _hint(question: Question, choices: tuple[Choice, ...]) -> str:
    return "Its name" if len(choices) > MOST_LISTED else _HINTS[question.kind]
