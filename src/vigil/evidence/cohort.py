"""The people a figure is about, and how they are drawn again: the person is the unit, never the epoch.

What is resampled are the sums of each person (counts, confusion matrices, minutes), so that a thousand draws cost about
as much as reading the nights once. All sums run over whole numbers or in one fixed order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vigil.evidence.counts import NightCounts
from vigil.evidence.figures import Drawn, FloatArray, IntArray

DRAWS = 1000
"""Enough that the bounds of a percentile interval move little from seed to seed (Efron & Tibshirani 1993, 14.2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Sums over all people. whole: any shape; drawn: (draws, *that shape), of every resample."""

    whole: FloatArray
    drawn: FloatArray

    def figure(self, statistic: Callable[[FloatArray], FloatArray], n: float) -> Drawn:
        """What `statistic` makes of the sums; it takes (..., *shape) and gives (...), NaN where it cannot say."""
        return Drawn(float(statistic(self.whole[None])[0]), statistic(self.drawn), int(n))


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Nights and their people.

    counts: what each night comes to. who: (nights,), the person of each, an index below `people`.
    times: (draws, people), how often each person was drawn; no draws with fewer than two people.
    """

    counts: tuple[NightCounts, ...]
    people: int
    who: IntArray
    times: IntArray

    @classmethod
    def of(cls, counts: Sequence[NightCounts], seed: int) -> Cohort:
        """The same nights and seed give the same draws."""
        names = {name: index for index, name in enumerate(sorted({one.night.person for one in counts}))}
        people = len(names)
        who = np.array([names[one.night.person] for one in counts], dtype=np.int64)
        drawn = np.random.default_rng(seed).integers(0, max(people, 1), size=(DRAWS if people > 1 else 0, people))
        times = np.zeros((len(drawn), people), dtype=np.int64)
        for person in range(people):
            times[:, person] = (drawn == person).sum(axis=1)
        return cls(tuple(counts), people, who, times)

    def where(self, wanted: Callable[[NightCounts], bool], seed: int) -> Cohort:
        """Those nights only, with draws of their own people."""
        return Cohort.of([one for one in self.counts if wanted(one)], seed)

    def totals(self, of_night: Callable[[NightCounts], FloatArray], shape: tuple[int, ...]) -> Totals:
        """Sums of one quantity of the nights, each of `shape`."""
        by_person = np.zeros((self.people, *shape))
        for person, one in zip(self.who, self.counts, strict=True):
            by_person[person] += of_night(one)
        drawn = np.zeros((len(self.times), *shape))
        for person in range(self.people):
            if by_person[person].any():
                drawn += self.times[:, person].reshape(-1, *(1 for _ in shape)) * by_person[person]
        return Totals(by_person.sum(axis=0), drawn)

    def median(self, of_person: FloatArray) -> Drawn:
        """The median over the people for whom the value, shape (people,), can be said; n is their number."""
        said = np.isfinite(of_person)
        if not said.any():
            return Drawn(np.nan, np.empty(0), 0)
        values = of_person[said]
        order = np.argsort(values, kind="stable")
        draws = weighted_median(values[order], self.times[:, said][:, order])
        return Drawn(float(np.median(values)), draws, int(said.sum()))


def weighted_median(values: FloatArray, times: IntArray) -> FloatArray:
    """The median of `values` (n,), ascending, each taken `times` (draws, n) often: (draws,), NaN where none is taken.

    The mean of the two middle ones where their number is even, as everywhere.
    """
    upto = np.add.accumulate(times, axis=1)  # whole numbers: exact in any order
    total = upto[:, -1:]
    lower = (upto < (total + 1) // 2).sum(axis=1)
    upper = (upto < total // 2 + 1).sum(axis=1)
    last = len(values) - 1
    middle = (values[np.minimum(lower, last)] + values[np.minimum(upper, last)]) / 2
    return np.where(total[:, 0] > 0, middle, np.nan)
