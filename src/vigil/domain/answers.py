"""What the sleeper says in the morning: one word, and a few numbers if they like. Nothing is owed.

Frequency and distress are kept apart (mission 4: they are separate constructs). No licensed scale is reproduced.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from vigil.domain.errors import InputError

MOST_DREAMS = 20
"""More bad dreams in a night than anybody counts: a slip of the finger."""

MOST = 10
"""Distress and sleepiness go from 0, none at all, to this."""


class MorningWord(Enum):
    """The one answer to "how was the night"."""

    QUIET = "quiet"
    BAD_DREAM = "bad_dream"
    KEPT_DREAM = "kept_dream"
    """a strong dream that the sleeper would rather have kept"""
    NOT_REMEMBERED = "not_remembered"
    LEFT = "no_answer"
    """left without answering, or never asked: an answer too, and never counted for or against anything"""


@dataclass(frozen=True, slots=True)
class Answer:
    """One morning. What was not said is None.

    dreams: bad dreams, 0 to 20. distress, sleepiness: 0 to 10. woken: by a bad dream. disturbed: by Vigil.
    was_awake: already awake when Vigil nudged. resumed: after this night nudging was taken up again (`worsening.py`).
    Raises InputError outside the bounds.
    """

    word: MorningWord = MorningWord.LEFT
    dreams: int | None = None
    distress: int | None = None
    sleepiness: int | None = None
    woken: bool | None = None
    disturbed: bool | None = None
    was_awake: bool | None = None
    resumed: bool = False

    def __post_init__(self) -> None:
        """Raise InputError outside the bounds."""
        for name, most in _NUMBERS.items():
            _check_number(name, getattr(self, name), most)
        for name in _FLAGS:
            _check_flag(name, getattr(self, name))

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was said."""
        return self == Answer()

    @property
    def against_a_nudge(self) -> bool:
        """Whether it says that a nudge of this night was unwelcome. A quiet or forgotten night never does."""
        return bool(self.disturbed) or bool(self.was_awake) or self.word is MorningWord.KEPT_DREAM

    def as_plain(self) -> dict[str, Any]:
        """Field by field, for files."""
        return {"answer": self.word.value} | {name: getattr(self, name) for name in (*_NUMBERS, *_FLAGS)}


_NUMBERS = {"dreams": MOST_DREAMS, "distress": MOST, "sleepiness": MOST}
_FLAGS = ("woken", "disturbed", "was_awake", "resumed")


def _check_number(name: str, value: object, most: int) -> None:
    if value is None or (type(value) is int and 0 <= value <= most):
        return
    message = f"{name} = {value!r}: must be a whole number from 0 to {most}; nothing was kept"
    raise InputError(message)


def _check_flag(name: str, value: object) -> None:
    if isinstance(value, bool) or (value is None and name != "resumed"):
        return
    message = f"{name} = {value!r}: must be yes or no; nothing was kept"
    raise InputError(message)
