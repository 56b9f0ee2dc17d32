"""How much may be done tonight: nothing at first, then little, then what the person chose. A setting skips nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from vigil.domain.records import Mode
from vigil.domain.settings import Profile, Settings
from vigil.engine.gentle import HIGHEST_LEVEL, LOWEST_LEVEL, ladder
from vigil.engine.nights_known import GOOD_H, History, in_order
from vigil.engine.personal import BOUNDS, Learned, learn
from vigil.engine.worsening import Pause, paused

WATCH_NIGHTS = 2
"""Nights of good signal before anything may be done (issue "Evidence"; NightWare too collects first, mission 1.1)."""

KNOWN_NIGHTS = 14
"""Nights of good signal after which a person counts as known (issue "Evidence")."""

STRONG_FACTOR = 2.0
"""Until then at least twice the evidence is asked for, and only the lowest step is taken."""

_SIGNS = (
    (0.67, "a nudge takes much fainter signs than usual"),
    (0.97, "a nudge takes somewhat fainter signs than usual"),
    (1.03, "a nudge takes the usual signs"),
    (1.5, "a nudge takes somewhat clearer signs than usual"),
    (math.inf, "a nudge takes much clearer signs than usual"),
)
"""What a learned factor comes to in words, up to each. Our choice; `Learned.reasons` say the figures."""


class Stage(Enum):
    """How far Vigil and the sleeper know each other."""

    WATCHING = "watching"
    STRONG_SIGNS = "strong_signs"
    KNOWN = "known"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Plan:
    """What tonight may do. top_level: highest step of the ladder. words: the plan in a sentence or two."""

    stage: Stage
    mode: Mode
    top_level: int
    profile: Profile
    words: str
    pause: Pause | None = None

    def settings(self, chosen: Settings) -> Settings:
        """The person's settings, made stricter where the plan is."""
        factor = chosen.threshold_factor
        if self.stage is not Stage.KNOWN:
            factor = max(1.0, factor)
        return replace(chosen, top_level=min(chosen.top_level, self.top_level), threshold_factor=factor)


def plan_for(history: History, most_level: int = HIGHEST_LEVEL) -> tuple[Plan, Learned]:
    """Tonight's plan after these nights, and what it rests on. most_level: the highest step that the person allows."""
    nights = in_order(history)
    learned = learn(nights)
    pause, profile, good = paused(nights), learned.profile, learned.good_nights
    if good < WATCH_NIGHTS:
        return Plan(Stage.WATCHING, Mode.WATCH_ONLY, LOWEST_LEVEL, profile, _watching_words(learned), pause), learned
    if pause is not None:
        return Plan(Stage.PAUSED, Mode.WATCH_ONLY, LOWEST_LEVEL, profile, pause.words, pause), learned
    if good < KNOWN_NIGHTS:
        factor = min(BOUNDS[1], STRONG_FACTOR * max(1.0, learned.threshold_factor))
        words = (
            f"Night {good + 1} of {KNOWN_NIGHTS} until Vigil knows you: it nudges at strong signs only, "
            "and only with the lowest step."
        )
        cautious = replace(profile, threshold_factor=factor)
        return Plan(Stage.STRONG_SIGNS, Mode.ON, LOWEST_LEVEL, cautious, words), learned
    steps = ladder(nights, most_level)
    words = f"Vigil knows {good} of your nights: {_factor_words(learned.threshold_factor)}. {steps.words}"
    return Plan(Stage.KNOWN, Mode.ON, steps.top_level, profile, words.rstrip()), learned


def _watching_words(learned: Learned) -> str:
    words = f"Night {learned.good_nights + 1} of at least {WATCH_NIGHTS} without nudges: Vigil is only watching."
    if learned.nights > learned.good_nights:
        words += f" A night counts if {GOOD_H:.0f} hours of it were watched, and more of it was seen than not."
    return words


def _factor_words(factor: float) -> str:
    return next(words for at_most, words in _SIGNS if factor <= at_most)
