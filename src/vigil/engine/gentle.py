"""How high the ladder may go tonight: slowly learned from nights, the lowest top step that worked, within fixed bounds.

A pure fold over the nights, as in `personal.py`. Down one step at once, after any night in which a nudge woke or
disturbed the sleeper: that is the harm a nudge can do. Up one step only after `UNANSWERED_NIGHTS` nights in which an
episode went on although the highest step was tried, and in which none woke since: that a nudge was not felt is harmless
for a while. Nothing is raised above the setting, which is the person's own word.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.engine.nights_known import History, NightKnown, in_order

LOWEST_LEVEL = 1
HIGHEST_LEVEL = 4
"""The ladder of vibration has as many steps (`domain/steps.py`)."""

FIRST_LEVEL = 2
"""The highest step before anything is learned. Our choice: one step to go down to, and no more than one above it."""

UNANSWERED_NIGHTS = 3
"""Nights, not necessarily in a row, before the highest step goes up. Our choice: one night is chance, three are not,
and somebody with two such nights a week waits a week and a half."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """How high tonight may go. words: what last night changed of it, or nothing."""

    top_level: int
    words: str = ""


def ladder(history: History, most: int = HIGHEST_LEVEL) -> Ladder:
    """The highest step of tonight after these nights, from 1 to `most`, the setting. Never raises for what they say."""
    climb = _Climbing(max(LOWEST_LEVEL, min(most, HIGHEST_LEVEL)))
    for night in in_order(history):
        climb.take(night)
    return Ladder(climb.top, climb.words)


@dataclass(slots=True)
class _Climbing:
    """The fold itself. top: highest step after the last night. unanswered: nights that count towards the next one."""

    most: int
    top: int = field(init=False)
    unanswered: int = 0
    words: str = ""

    def __post_init__(self) -> None:
        self.top = min(FIRST_LEVEL, self.most)

    def take(self, night: NightKnown) -> None:
        """One night more."""
        self.words = ""
        if night.was_woken or night.was_disturbed:
            self._down(night)
        elif night.ladder_ended > 0 and night.top_level == self.top < self.most:
            self.unanswered += 1
            if self.unanswered >= UNANSWERED_NIGHTS:
                self._up()

    def _down(self, night: NightKnown) -> None:
        """One step below what that night ran with, which is lower than what was learned where the plan was stricter."""
        ran_with = night.top_level if LOWEST_LEVEL <= night.top_level <= HIGHEST_LEVEL else self.top
        self.top = max(LOWEST_LEVEL, min(self.top, ran_with) - 1)
        self.unanswered = 0
        did = "woke" if night.was_woken else "disturbed"
        self.words = f"Last night a nudge {did} you, so the highest step tonight is {self.top}."

    def _up(self) -> None:
        self.top, self.unanswered = self.top + 1, 0
        self.words = (
            f"On {UNANSWERED_NIGHTS} nights signs of a nightmare went on after the highest step, "
            f"so the highest step tonight is {self.top}."
        )
