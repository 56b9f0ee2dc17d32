"""What is remembered of a person's nights: a few figures each, and the morning's answer. Learning reads only this."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from vigil.domain.answers import Answer, MorningWord

GOOD_H = 4.0
"""Hours that must have been watched for a night to count as known [A]: half a night, two sleep cycles or more."""

GOOD_BLIND_SHARE = 0.5
"""Share of the night below which blindness must have stayed [A]: more was seen than not."""


@dataclass(frozen=True, slots=True)
class NightKnown:
    """One night, as far as learning looks.

    number: nights are taken in the order of their numbers. name: what it is called. day: local date of its evening,
    in days since 1970; None without a clock.
    watched_h, blind_h: hours. resting_bpm: median heart rate asleep; spread_bpm: robust sigma of the heart rate about
    its running baseline, asleep; None where nothing is known.
    rises: ordinary rises, those whose evidence came to `LEAST_NIGHTS` but not to the night's own threshold, so that
    whatever could be nudged is left out; rises_expected: how many an ordinary sleeper has in the sleep watched.
    suspicions: signs of a nightmare that were raised. interventions: episodes in which a nudge was really given;
    awakenings: those of them after which the sleeper woke. terrors: sudden arousals out of deep sleep.
    top_level: highest step that night allowed, highest_level: highest that was given; 0 without a nudge. ladder_ended:
    episodes that went on unchanged after the highest step. settled_levels: last step of each that settled, in order.
    """

    number: int
    name: str
    day: int | None = None
    watched_h: float = 0.0
    blind_h: float = 0.0
    resting_bpm: float | None = None
    spread_bpm: float | None = None
    rises: int = 0
    rises_expected: float = 0.0
    suspicions: int = 0
    interventions: int = 0
    awakenings: int = 0
    terrors: int = 0
    top_level: int = 0
    highest_level: int = 0
    ladder_ended: int = 0
    settled_levels: tuple[int, ...] = ()
    answer: Answer = field(default_factory=Answer)

    @property
    def is_good(self) -> bool:
        """Whether enough was seen for the night to count as known. Numbers that are broken do not count."""
        total_h = self.watched_h + self.blind_h
        return within(self.watched_h, GOOD_H, 48) and within(self.blind_h, 0, GOOD_BLIND_SHARE * total_h, open_end=True)

    @property
    def is_missed(self) -> bool:
        """Whether a bad dream was told of which Vigil, watching well, had raised no suspicion at all."""
        told = max(1, self.answer.dreams or 1)
        return self.answer.word is MorningWord.BAD_DREAM and self.is_good and self.suspicions < told

    @property
    def was_woken(self) -> bool:
        """Whether a nudge was given after which the sleeper woke."""
        return self.interventions > 0 and self.awakenings > 0

    @property
    def was_disturbed(self) -> bool:
        """Whether a nudge was given and the morning says that Vigil disturbed."""
        return self.interventions > 0 and self.answer.disturbed is True

    @property
    def is_unwelcome(self) -> bool:
        """Whether a nudge was given and the morning speaks against it."""
        return self.interventions > 0 and self.answer.against_a_nudge


History: TypeAlias = Iterable[NightKnown]


def in_order(history: History) -> list[NightKnown]:
    """The nights, first to last, however they were handed over."""
    return sorted(history, key=lambda night: night.number)


def within(value: float | None, low: float, high: float, *, open_end: bool = False) -> bool:
    """Whether it is a finite number from `low` to `high`; with `open_end` below `high`."""
    if value is None or not math.isfinite(value):
        return False
    return low <= value < high if open_end else low <= value <= high
