"""When Vigil stops nudging of its own accord, and why (mission 6.3 and 6.6: every nudge has a price; measure it).

Two rules, each looked at after every night:
- nudges woke the sleeper more than once in each of the last three nights that Vigil watched;
- distress, or sleepiness, was worse in the last 14 days than in the 14 before: at least 7 answers in each, and by the
  rank-sum test (Wilcoxon 1945; Mann and Whitney 1947) there is less than 1 chance in 1,000 that it only looks so.
A quiet morning without a number counts as distress 0. Whoever takes nudging up again begins both rules anew.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from vigil.domain.answers import MorningWord
from vigil.engine.nights_known import History, NightKnown, in_order

RUNNING = 3
"""Nights in a row with more than `MOST_AWAKENINGS` after nudges (issue "Evidence")."""

MOST_AWAKENINGS = 1

WINDOW_DAYS = 14
"""Two weeks (issue "Evidence")."""

ENOUGH = 7
"""Answers in each window [A]: half of its mornings."""

Z = 3.09
"""One chance in 1,000, one-sided, of the normal law: it is looked at every morning, and a pause for nothing leaves
somebody alone with their nights (`benchmarks/learning.py` counts how often that happens)."""


class PauseCause(Enum):
    """Why nudging pauses."""

    WOKEN = "woken"
    DISTRESS = "distress"
    SLEEPINESS = "sleepiness"


@dataclass(frozen=True, slots=True)
class Pause:
    """Nudging rests since the morning after night `since`."""

    cause: PauseCause
    since: str

    @property
    def words(self) -> str:
        """Why, and how to go on."""
        return f"{_WHY[self.cause]} Vigil only watches since night {self.since}; to go on: vigil morning --resume"


_WHY = {
    PauseCause.WOKEN: f"Nudges woke you more than once a night for {RUNNING} nights.",
    PauseCause.DISTRESS: "Mornings of the last two weeks were harder than those of the two before.",
    PauseCause.SLEEPINESS: "You were sleepier in the last two weeks than in the two before.",
}


def paused(history: History) -> Pause | None:
    """The pause that stands after these nights, or None."""
    nights = in_order(history)
    days = _days(nights)
    standing, first = None, 0
    for last, night in enumerate(nights):
        if standing is None:
            cause = _woken(nights[first : last + 1]) or _worse(nights, days, first, last)
            standing = None if cause is None else Pause(cause, night.name)
        if night.answer.resumed:
            standing, first = None, last + 1
    return standing


def _woken(nights: Sequence[NightKnown]) -> PauseCause | None:
    """Whether nudges woke the sleeper in each of the last nights since nudging was taken up."""
    recent = nights[-RUNNING:]
    woken = len(recent) == RUNNING and all(night.awakenings > MOST_AWAKENINGS for night in recent)
    return PauseCause.WOKEN if woken else None


def _worse(nights: Sequence[NightKnown], days: Sequence[int], first: int, last: int) -> PauseCause | None:
    """What got worse in the two weeks up to night `last`, all of them since nudging was taken up at night `first`."""
    if first and days[last] - days[first - 1] < WINDOW_DAYS:
        return None
    begin = last
    while begin > 0 and days[last] - days[begin - 1] < 2 * WINDOW_DAYS:
        begin -= 1
    span = range(begin, last + 1)
    for cause in (PauseCause.DISTRESS, PauseCause.SLEEPINESS):
        told = [(days[last] - days[i], value) for i in span if (value := _of(nights[i], cause)) is not None]
        now = [value for ago, value in told if ago < WINDOW_DAYS]
        before = [value for ago, value in told if ago >= WINDOW_DAYS]
        if min(len(now), len(before)) >= ENOUGH and rank_sum_z(now, before) >= Z:
            return cause
    return None


def _days(nights: Sequence[NightKnown]) -> list[int]:
    """Dates where every night has one and none goes back, else nights counted as days."""
    dates = [night.day for night in nights if night.day is not None]
    return dates if len(dates) == len(nights) and dates == sorted(dates) else list(range(len(nights)))


def _of(night: NightKnown, cause: PauseCause) -> int | None:
    answer = night.answer
    if cause is PauseCause.SLEEPINESS:
        return answer.sleepiness
    return 0 if answer.distress is None and answer.word is MorningWord.QUIET else answer.distress


def rank_sum_z(now: Sequence[int], before: Sequence[int]) -> float:
    """How far `now` ranks above `before`, in standard deviations; 0 if all tie or it ranks below.

    The normal form with ties and continuity (Lehmann 1975, Nonparametrics, section 1.3). Both must hold something.
    """
    n, m = len(now), len(before)
    above = math.fsum([(a > b) + 0.5 * (a == b) for a in now for b in before])
    total = n + m
    ties = sum(count**3 - count for count in Counter([*now, *before]).values())
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    if not variance > 0:
        return 0.0
    return max(0.0, above - n * m / 2 - 0.5) / math.sqrt(variance)
