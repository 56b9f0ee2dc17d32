"""What a question is: words, why they are asked, choices, when it is asked, and what each answer leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Value: TypeAlias = str | tuple[str, ...]
"""One answer: a choice, a time HH:MM or a text; or several choices in the order in which they were said."""

Answers: TypeAlias = Mapping[str, Value]
"""Question to answer. What is not there was left for later."""

SettingValue: TypeAlias = bool | str | tuple[str, ...]

MOST_TEXT = 400
"""Characters of a text; our choice: some names and numbers, not a diary."""


class Kind(Enum):
    """How a question is answered."""

    ONE = "one"
    SEVERAL = "several"
    YES_NO = "yes_no"
    TIME = "time"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds if the answer to a question is (or has among several) one of `values`."""

    question: str
    values: tuple[str, ...]

    def holds(self, answers: Answers) -> bool:
        """Whether it holds; never where the question was left."""
        value = answers.get(self.question, ())
        return any(one in self.values for one in (value if isinstance(value, tuple) else (value,)))


@dataclass(frozen=True, slots=True)
class Lead:
    """What an answer leads to; each part may be empty.

    watch_only: the reason why Vigil then only watches. turn_to: where to turn. note: what to know. sets: settings by
    their key in the settings file; a later question's word stands over an earlier one's.
    """

    watch_only: str = ""
    turn_to: str = ""
    note: str = ""
    sets: tuple[tuple[str, SettingValue], ...] = ()

    @property
    def says(self) -> tuple[str, ...]:
        """What is said when the answer was given."""
        return tuple(words for words in (self.note, self.turn_to) if words)


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer. alone: it goes with no other. offered_when: one of these must hold, if there are any."""

    id: str
    words: str
    lead: Lead = Lead()
    alone: bool = False
    offered_when: tuple[Condition, ...] = ()
    not_offered: str = ""

    def offered(self, answers: Answers) -> bool:
        """Whether it can be chosen after these answers."""
        return not self.offered_when or any(condition.holds(answers) for condition in self.offered_when)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to do for the person, if they wish: accepting is answering another question so."""

    words: str
    question: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the first evening.

    asked_when: all must hold. kept: False if the answer must never be stored; such a question is asked while nothing
    after it is answered. needed: until it is answered, Vigil only watches. shows_help: "yes" shows whom to talk to.
    offers: what is offered with "yes". ordered: the order of several choices is part of the answer.
    """

    id: str
    text: str
    why: str
    kind: Kind
    choices: tuple[Choice, ...] = ()
    asked_when: tuple[Condition, ...] = ()
    kept: bool = True
    needed: bool = False
    shows_help: bool = False
    offers: Offer | None = None
    ordered: bool = False

    def asked(self, answers: Answers) -> bool:
        """Whether it makes sense after these answers."""
        return all(condition.holds(answers) for condition in self.asked_when)

    def offered(self, answers: Answers) -> tuple[Choice, ...]:
        """The choices there are after these answers."""
        return tuple(choice for choice in self.choices if choice.offered(answers))

    def chosen(self, value: Value) -> tuple[Choice, ...]:
        """The choices an answer names, in its order; none for a time or a text."""
        by_id = {choice.id: choice for choice in self.choices}
        return tuple(by_id[one] for one in (value if isinstance(value, tuple) else (value,)) if one in by_id)
