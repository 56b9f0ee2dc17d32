"""Operating points: thresholds that keep a given rate of false nudges on these nights, and the one that is shipped.

What is found at a rate has the interval of the *rate*: each resample of people chooses a threshold for itself, as the
nights at hand did. What a rate really is has the interval of the *threshold*: kept through every resample, as if it
were carried to other people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from vigil.evidence.cohort import Cohort, Totals
from vigil.evidence.figures import BoolArray, FloatArray, IntArray
from vigil.evidence.records import RATES

T = TypeVar("T")
U = TypeVar("U")

SHIPPED_FACTOR = 1.0


@dataclass(frozen=True, slots=True)
class Points(Generic[T]):
    """One thing for each operating point: false nudges per 8 h of scored sleep, and as shipped."""

    at_0_05: T
    at_0_1: T
    at_0_25: T
    at_0_5: T
    at_1: T
    as_shipped: T

    @classmethod
    def of(cls, things: Sequence[T]) -> Points[T]:
        """From six things, in the order of `all`."""
        at_0_05, at_0_1, at_0_25, at_0_5, at_1, as_shipped = things
        return cls(at_0_05, at_0_1, at_0_25, at_0_5, at_1, as_shipped)

    def all(self) -> tuple[T, ...]:
        """In the order of `RATES`, the shipped one last."""
        return (self.at_0_05, self.at_0_1, self.at_0_25, self.at_0_5, self.at_1, self.as_shipped)

    def map(self, make: Callable[[T], U]) -> Points[U]:
        """Something made of each."""
        return Points.of([make(one) for one in self.all()])


POINT_NAMES = tuple(Points.__dataclass_fields__)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A threshold, by its place among the factors: of the whole, and of each resample, which chooses for itself.

    index: None where no threshold is rare enough. drawn: (draws,), -1 likewise.
    """

    index: int | None
    drawn: IntArray

    def fixed(self, cohort: Cohort) -> Chosen:
        """The threshold of the whole, kept through every resample of a cohort."""
        return Chosen(self.index, np.full(len(cohort.times), -1 if self.index is None else self.index))

    def events(self, totals: Totals) -> Totals:
        """Sums (F, ...) of what was done or found at this threshold; NaN if there is none.

        A resample without a rare enough threshold keeps its rate only by silence: nothing is done or found in it.
        """
        drawn = self._drawn(totals.drawn)
        drawn[self.drawn < 0] = 0.0
        return Totals(self._whole(totals.whole), drawn)

    def counted(self, totals: Totals) -> Totals:
        """Sums (F, ...) of what it is counted over; in a silent resample those of the rarest threshold."""
        return Totals(self._whole(totals.whole), self._drawn(totals.drawn))

    def _whole(self, whole: FloatArray) -> FloatArray:
        return np.full(whole.shape[1:], np.nan) if self.index is None else whole[self.index]

    def _drawn(self, drawn: FloatArray) -> FloatArray:
        if drawn.shape[1] == 0:
            return np.full((drawn.shape[0], *drawn.shape[2:]), np.nan)
        taken: FloatArray = drawn[np.arange(len(drawn)), self.drawn]
        return taken


def choose(cohort: Cohort, factors: Sequence[float]) -> Points[Chosen]:
    """For each rate the smallest factor with no more false nudges per 8 h of scored sleep; nothing is interpolated."""
    shape = (len(factors),)
    nudges = cohort.totals(lambda one: one.alarms.nudges.sum(axis=1), shape)
    nights = cohort.totals(lambda one: one.alarms.sleep_h.sum() / 8.0, ())
    chosen = []
    for rate in RATES:
        whole = _first(nudges.whole[None] <= rate * nights.whole, nights.whole[None] > 0)
        drawn = _first(nudges.drawn <= rate * nights.drawn[:, None], nights.drawn > 0)
        chosen.append(Chosen(None if whole[0] < 0 else int(whole[0]), drawn))
    shipped = factors.index(SHIPPED_FACTOR) if SHIPPED_FACTOR in factors else -1
    drawn = np.full(len(cohort.times), shipped)
    return Points.of([*chosen, Chosen(None if shipped < 0 else shipped, drawn)])


def _first(allowed: BoolArray, known: BoolArray) -> IntArray:
    """(rows,): the first column of (rows, F) that is true; -1 where none is, or where nothing is known."""
    rare = np.concatenate([allowed, np.ones((len(allowed), 1), dtype=bool)], axis=1)
    first = rare.argmax(axis=1)
    return np.where((first < allowed.shape[1]) & known, first, -1)
