"""What goes with bad nights: a few things chosen beforehand, compared plainly, and "too early to say" where it is.

For each thing the share of bad nights with it and without it, among nights of which the morning told, and the
difference with its 95 % interval: the square-and-add of two Wilson score intervals (Newcombe, Interval estimation for
the difference between independent proportions, Statistics in Medicine 17:873-890, 1998, method 10).
Nights are taken as independent, which those that follow each other are not: true intervals are somewhat wider.
What goes together need not be cause and effect, and each thing is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import sqrt

from vigil.domain.answers import MorningWord
from vigil.domain.records import Mode
from vigil.recovery.diary import DiaryNight
from vigil.recovery.weeks import weekday_of

FEWEST = 5
"""Nights on either side without which nothing is said. Our choice: below it an interval spans most of -100 to 100 %."""

Z = 1.959964
"""The 97.5 % point of a normal distribution."""

DREAD_FROM = 5
"""Dread from the middle of its scale up counts as much dread. Our choice."""

SHORT_MIN = 360.0
"""Under six hours of sleep counts as short, as in surveys of adults (PSQI, component 3: under 6 h)."""

MOST_BLIND = 0.5
"""A night of which more was blind than watched says nothing of how long the sleep was (`engine/nights_known.py`)."""

TOLD = frozenset({MorningWord.BAD_DREAM, MorningWord.QUIET, MorningWord.KEPT_DREAM})
"""Words that say whether there was a bad dream; a morning that remembers nothing does not."""

WEEKEND = frozenset({4, 5})
"""Evenings of Friday and Saturday, before days most people have off."""

MARK = "mark:"
"""Before the name of an evening's mark, as the key of a thing."""

SURE = 0.95


class Verdict(Enum):
    """What can be said of a thing. Where nothing can be seen yet there may still be something."""

    TOO_EARLY = "too_early"
    NOTHING_SEEN = "nothing_seen"
    MORE_BAD = "more_bad"
    FEWER_BAD = "fewer_bad"


@dataclass(frozen=True, slots=True)
class Share:
    """So many bad nights of so many."""

    bad: int
    nights: int

    @property
    def value(self) -> float | None:
        """0 to 1; None of no nights."""
        return self.bad / self.nights if self.nights else None


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference of shares, with the thing less without it, -1 to 1, and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing. thing: a key of `THINGS`, or `MARK` and a mark. difference: None with no nights on one side."""

    thing: str
    present: Share
    absent: Share
    difference: Interval | None

    @property
    def verdict(self) -> Verdict:
        """Too early with fewer than `FEWEST` nights on a side; a difference only where its interval leaves out zero."""
        one = self.difference
        if one is None or min(self.present.nights, self.absent.nights) < FEWEST:
            return Verdict.TOO_EARLY
        if one.low <= 0 <= one.high:
            return Verdict.NOTHING_SEEN
        return Verdict.MORE_BAD if one.value > 0 else Verdict.FEWER_BAD


@dataclass(frozen=True, slots=True)
class Comparisons:
    """told: nights of which the morning said whether they were bad; all shares are of these."""

    told: Share
    rows: tuple[Comparison, ...]

    @property
    def tried(self) -> int:
        """Comparisons of which something could be said."""
        return sum(row.verdict is not Verdict.TOO_EARLY for row in self.rows)

    @property
    def by_chance(self) -> float:
        """How many of them would show a difference, on average, if there were none at all."""
        return self.tried * (1 - SURE)


Present = Callable[[DiaryNight], bool | None]
"""Whether a thing was there in a night; None where it is not known."""


def _dread(night: DiaryNight) -> bool | None:
    return None if night.dread is None else night.dread >= DREAD_FROM


def _watch_only(night: DiaryNight) -> bool:
    return night.mode is not Mode.ON


def _weekend(night: DiaryNight) -> bool | None:
    return None if night.day is None else weekday_of(night.day) in WEEKEND


def _short(night: DiaryNight) -> bool | None:
    blind, total = night.blind_min, night.watched_min + night.blind_min
    if night.sleep is None or blind >= MOST_BLIND * total:
        return None
    return night.sleep.asleep_min < SHORT_MIN


THINGS: tuple[tuple[str, Present], ...] = (
    ("dread", _dread),
    ("weekend", _weekend),
    ("watch_only", _watch_only),
    ("short_sleep", _short),
)
"""What is compared, beside the marks of the evening, in this order. An evening on which nothing was marked counts as
one without the mark."""


def comparisons(nights: Sequence[DiaryNight]) -> Comparisons:
    """Every thing, over these nights, one an evening (`diary.evenings`)."""
    told = [night for night in nights if night.word in TOLD]
    marks = sorted({mark for night in told for mark in night.marks})
    things = (*((MARK + mark, _marked(mark)) for mark in marks), *THINGS)
    return Comparisons(_share(told), tuple(_compare(thing, present, told) for thing, present in things))


def _marked(mark: str) -> Present:
    return lambda night: mark in night.marks


def _compare(thing: str, present: Present, told: Sequence[DiaryNight]) -> Comparison:
    known = [(night, present(night)) for night in told]
    there = _share([night for night, it in known if it is True])
    gone = _share([night for night, it in known if it is False])
    return Comparison(thing, there, gone, newcombe(there, gone))


def _share(nights: Sequence[DiaryNight]) -> Share:
    return Share(sum(night.word is MorningWord.BAD_DREAM for night in nights), len(nights))


def wilson(share: Share) -> tuple[float, float]:
    """The 95 % score interval of a share of at least one night (Wilson 1927), 0 to 1."""
    n, p = share.nights, share.bad / share.nights
    middle, half, scale = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)), 1 + Z * Z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def newcombe(first: Share, second: Share) -> Interval | None:
    """First less second; None where one of them is of no nights."""
    if not first.nights or not second.nights:
        return None
    p, q = first.bad / first.nights, second.bad / second.nights
    (low, high), (lowest, highest) = wilson(first), wilson(second)
    return Interval(
        p - q,
        p - q - sqrt((p - low) ** 2 + (highest - q) ** 2),
        p - q + sqrt((high - p) ** 2 + (q - lowest) ** 2),
    )
