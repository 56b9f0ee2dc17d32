"""What is learned of one person from first nights and from mornings, always inside fixed bounds.

A pure fold over the nights, from the first to the last: nothing learned is ever stored, so that a changed answer
changes everything that followed from it, and a forgotten night teaches nothing any more.

The threshold is a return period in ordinary nights. A sleeper in whom ordinary rises of heart rate are k times as
frequent needs k times the threshold for the same number of false nudges, so the factor follows k, as far as it is
known. How often is learned from rises too small to be nudged, whatever the morning says: a quiet night, or one that
is not remembered, is evidence neither for nor against a nudge, since the nudge may have worked. Unwelcome nudges
raise the factor, bad dreams that were missed night after night lower it (DESIGN section 8), and every move is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from vigil.domain.answers import MorningWord
from vigil.domain.settings import Profile
from vigil.engine.nights_known import History, NightKnown, in_order, within

LEAST_NIGHTS = 1.0
"""Evidence, in ordinary nights, from which a rise is counted: about one a night in an ordinary sleeper, so that a week
tells something. At the threshold itself there is one in ten nights."""

BOUNDS = (0.5, 4.0)
"""Of the threshold factor (`Profile`): from twice as many false nudges as shipped to a quarter of them."""

STEP = 1.25
"""The factor changes by no more than this from one night to the next [A]: a slip of the finger moves little."""

PRIOR_RISES = 2.0
"""Weight of the population in rises [A]: gamma(2, 2) puts 95 % of people between 0.12 and 2.8 times the ordinary; of 21
sleepers on sleep-accel one had a third of all false suspicions."""

CLUSTERING = 2.0
"""Rises come in clusters, so counts say half as much as a Poisson law would have it (mission 6.4)."""

MOST_RISES = 10
"""Of one night [A]: a fever, a drink or a loose strap is no habit."""

RATE_HALF_LIFE = 90
"""Nights after which a night counts half for what is ordinary [A]: fitness and medicines change over months."""

ANSWER_HALF_LIFE = 30
"""Nights after which an answer counts half [A]: weeks, so that one complaint never lasts for good."""

UNWELCOME = math.log(STEP)
"""What one night with an unwelcome nudge adds to the logarithm of the factor."""

MISSED_PRIOR = 14.0
"""Nights without a missed bad dream that are believed beforehand [A]: two weeks, so that going down is slow."""

WEEKLY, NEAR_NIGHTLY = 1 / 7, 5 / 7
"""Missed bad dreams a night from which the factor goes down, and at which it has gone all the way to a half: "unless
mornings say nightmares are near-nightly" (DESIGN section 8); more than 5 a week is the upper end in mission 5.3."""

RESTING = (58.0, 8.0, 3.0)
SPREAD = (3.0, 1.5, 0.7)
"""Population mean, spread between people, and spread between nights of one person, in bpm; the means are those of
`Profile` (mission 5.1), the spreads [A]."""

RECENT = 60
"""Good nights that resting heart rate and spread are taken from: the latest."""

_Z = 1.96
_MEDIAN_COST = math.sqrt(math.pi / 2)
"""The standard error of a median over that of a mean, for normal values (Kenney and Keeping 1962)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its 95 % interval, and how many nights it comes from."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of the person after these nights.

    nights: all of them; good_nights: those with enough signal. ordinary: how often ordinary rises come, 1 being as
    often as in the population. unwelcome, 1 or more, and missed, 1 or less: what mornings multiply it by.
    threshold_factor: of the three together, within `BOUNDS` and `STEP`. reasons: why it is what it is, in sentences.
    """

    nights: int
    good_nights: int
    resting_bpm: Estimate
    spread_bpm: Estimate
    ordinary: Estimate
    unwelcome: float
    missed: float
    threshold_factor: float
    reasons: tuple[str, ...]

    @property
    def profile(self) -> Profile:
        """What a night runs with."""
        return Profile(self.resting_bpm.value, self.spread_bpm.value, self.threshold_factor)


def learn(history: History) -> Learned:
    """Everything learned from these nights, in whatever order they are handed over. Never raises for what they say."""
    nights = in_order(history)
    balance = Balance()
    for night in nights:
        balance.take(night)
    good = [night for night in nights if night.is_good]
    return Learned(
        nights=len(nights),
        good_nights=len(good),
        resting_bpm=_level(good, lambda night: night.resting_bpm, RESTING, (30, 120)),
        spread_bpm=_level(good, lambda night: night.spread_bpm, SPREAD, (0.5, 20)),
        ordinary=balance.ordinary(),
        unwelcome=round(math.exp(balance.unwelcome), 4),
        missed=round(math.exp(-balance.lowered), 4),
        threshold_factor=round(balance.factor, 4),
        reasons=tuple(balance.reasons()),
    )


@dataclass(slots=True)
class Balance:
    """The fold itself. Logarithms of factors: `unwelcome` is added, `missed` is a decaying count of nights.

    rises, expected: of the nights so far, the older the less. factor: after the last night, within `STEP` of before.
    """

    rises: float = 0.0
    expected: float = 0.0
    taught: int = 0
    unwelcome: float = 0.0
    missed: float = 0.0
    nights: float = 0.0
    factor: float = 1.0
    complaints: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def take(self, night: NightKnown) -> None:
        """One night more."""
        self._count(night)
        forgotten = 0.5 ** (1 / ANSWER_HALF_LIFE)
        self.unwelcome = min(math.log(BOUNDS[1]), self.unwelcome * forgotten + UNWELCOME * night.is_unwelcome)
        self.missed = self.missed * forgotten + night.is_missed
        self.nights = self.nights * forgotten + 1
        if night.is_unwelcome:
            self.complaints.append(night.name)
        if night.is_missed:
            self.misses.append(night.name)
        low, high = self.factor / STEP, self.factor * STEP
        self.factor = max(low, min(high, self.target))

    def _count(self, night: NightKnown) -> None:
        """Ordinary rises; a night with a bad dream teaches nothing about ordinary ones, in either direction."""
        forgotten = 0.5 ** (1 / RATE_HALF_LIFE)
        self.rises *= forgotten
        self.expected *= forgotten
        ordinary = night.answer.word is not MorningWord.BAD_DREAM
        if ordinary and within(night.rises, 0, 10**6) and within(night.rises_expected, 0.01, MOST_RISES):
            self.rises += min(night.rises, MOST_RISES) / CLUSTERING
            self.expected += night.rises_expected / CLUSTERING
            self.taught += 1

    @property
    def rate(self) -> float:
        """How often ordinary rises come, times the population: the mean of the gamma posterior."""
        return (PRIOR_RISES + self.rises) / (PRIOR_RISES + self.expected)

    @property
    def lowered(self) -> float:
        """What missed bad dreams take off the logarithm of the factor, 0 to log 2."""
        share = self.missed / (self.nights + MISSED_PRIOR)
        return -math.log(BOUNDS[0]) * max(0.0, min(1.0, (share - WEEKLY) / (NEAR_NIGHTLY - WEEKLY)))

    @property
    def target(self) -> float:
        """Where the factor is going."""
        wanted = self.rate * math.exp(self.unwelcome - self.lowered)
        return max(BOUNDS[0], min(BOUNDS[1], wanted))

    def ordinary(self) -> Estimate:
        """The rate with its interval (Wilson and Hilferty 1931: the cube root of a gamma variable is nearly normal)."""
        shape, per = PRIOR_RISES + self.rises, PRIOR_RISES + self.expected
        middle, wide = 1 - 1 / (9 * shape), _Z / (3 * math.sqrt(shape))
        low, high = (shape / per * max(0.0, middle + side) ** 3 for side in (-wide, wide))
        return Estimate(shape / per, low, high, self.taught)

    def reasons(self) -> list[str]:
        """Why the factor is what it is: one sentence for each thing that moved it."""
        said = []
        if self.taught:
            said.append(_rate_words(self.rate, self.taught))
        if self.unwelcome >= math.log(1.01):
            last = self.complaints[-1]
            said.append(
                f"Nudges were unwelcome (last in night {last}), "
                f"which asks for {math.exp(self.unwelcome):.2f} times as much."
            )
        if self.lowered >= math.log(1.01):
            last = self.misses[-1]
            said.append(
                f"Bad dreams were missed on many nights (last in night {last}), "
                f"which lets {math.exp(-self.lowered):.2f} times as much be enough."
            )
        if not math.isclose(self.factor, self.target, rel_tol=0.01):
            said.append(
                f"The factor stands at {self.factor:.2f} on its way to {self.target:.2f}: "
                f"a night moves it by no more than a quarter."
            )
        return said


def _rate_words(rate: float, nights: int) -> str:
    counted = f"{nights} night" if nights == 1 else f"{nights} nights"
    if 0.9 <= rate <= 1.1:
        return f"Over {counted} ordinary rises of your heart rate came about as often as in other sleepers."
    than = "more often than" if rate > 1 else "less often than"
    return (
        f"Over {counted} ordinary rises of your heart rate came {than} in other sleepers ({rate:.2f} times), "
        f"so {rate:.2f} times the usual evidence is asked for."
    )


def _level(
    good: list[NightKnown],
    figure: Callable[[NightKnown], float | None],
    population: tuple[float, float, float],
    bounds: tuple[float, float],
) -> Estimate:
    """A personal level: the median of the latest good nights, drawn towards the population while they are few.

    As of a normal mean with a normal prior; the median, because a night of fever or in another's bed is no habit.
    """
    mean, between, within_person = population
    values = [value for night in good if (value := figure(night)) is not None and within(value, *bounds)][-RECENT:]
    prior = (within_person / between) ** 2
    middle = median(values) if values else mean
    value = (prior * mean + len(values) * middle) / (prior + len(values))
    wide = _Z * within_person * (_MEDIAN_COST if values else 1.0) / math.sqrt(prior + len(values))
    return Estimate(round(value, 2), max(bounds[0], round(value - wide, 2)), round(value + wide, 2), len(values))
