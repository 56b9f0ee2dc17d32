"""The sums of added episodes over people, and what is read off them at one threshold: found, and how late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vigil.evidence.cohort import Cohort, Totals
from vigil.evidence.counts import NightCounts
from vigil.evidence.figures import Drawn, Figure, FloatArray, over
from vigil.evidence.placement_counts import CLASSES, LATENCY_BIN_S, LATENCY_BINS, NIGHTMARES
from vigil.evidence.points import Chosen
from vigil.evidence.records import LIMITS_S, AddedClass

QUANTILES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Within:
    """Share found within each limit of its onset; n is the number of placements counted."""

    within_60_s: Figure
    within_120_s: Figure
    within_300_s: Figure


@dataclass(frozen=True, slots=True, eq=False)
class FoundTotals:
    """Sums of one set of placements. counted: (F,); found: (F, 3)."""

    counted: Totals
    found: Totals

    def within(self, chosen: Chosen) -> tuple[Drawn, ...]:
        """The share found within each of `LIMITS_S`."""
        counted, found = chosen.counted(self.counted), chosen.events(self.found)
        n = 0 if chosen.index is None else int(counted.whole)
        return tuple(
            Drawn(float(over(found.whole[limit], counted.whole)), over(found.drawn[:, limit], counted.drawn), n)
            for limit in range(len(LIMITS_S))
        )

    def figures(self, chosen: Chosen) -> Within:
        """The same, with intervals."""
        return Within(*(one.figure() for one in self.within(chosen)))

    def any(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.counted.whole.any())


def of_class(cohort: Cohort, added: AddedClass, factors: int) -> FoundTotals:
    """Every placement of a class."""
    at = CLASSES.index(added)
    return _totals(
        cohort, factors,
        lambda one: one.placements.counted[at].sum(axis=0), lambda one: one.placements.found[at].sum(axis=0),
    )  # fmt: skip


def of_stage(cohort: Cohort, added: AddedClass, stages: Sequence[int], factors: int) -> FoundTotals:
    """Those of a class whose onset lies in one of some stages, by their places in `placement_counts.STAGES`."""
    at, picked = CLASSES.index(added), list(stages)
    return _totals(
        cohort, factors,
        lambda one: one.placements.counted[at, picked].sum(axis=0),
        lambda one: one.placements.found[at, picked].sum(axis=0),
    )  # fmt: skip


def of_nights(cohort: Cohort, added: AddedClass, wanted: Callable[[NightCounts], bool], factors: int) -> FoundTotals:
    """Those of a class on some of the nights."""
    at = CLASSES.index(added)
    return _totals(
        cohort, factors,
        lambda one: one.placements.counted[at].sum(axis=0) * wanted(one),
        lambda one: one.placements.found[at].sum(axis=0) * wanted(one),
    )  # fmt: skip


def of_size(cohort: Cohort, band: int, factors: int) -> FoundTotals:
    """Nightmares of any class in one size band."""
    return _totals(
        cohort, factors,
        lambda one: one.placements.sized[:, band].sum(axis=0),
        lambda one: one.placements.sized_found[:, band].sum(axis=0),
    )  # fmt: skip


def latency(cohort: Cohort, added: AddedClass, chosen: Chosen) -> tuple[Drawn, ...]:
    """Seconds from onset of those found, at each of `QUANTILES`; n is the number found.

    The values are exact; for the resamples latencies are counted in bins of 2 s.
    """
    at = NIGHTMARES.index(added)
    if chosen.index is None:
        return tuple(Drawn(np.nan, np.empty(0), 0) for _ in QUANTILES)
    rows = [one.placements.latencies[at][:, chosen.index] for one in cohort.counts]
    seconds = np.concatenate([np.empty(0), *rows])
    seconds = seconds[seconds <= max(LIMITS_S)]
    if not seconds.size:
        return tuple(Drawn(np.nan, np.empty(0), 0) for _ in QUANTILES)
    late = _late(cohort, at, chosen)
    return tuple(Drawn(float(np.quantile(seconds, share)), _quantile(late, share), seconds.size) for share in QUANTILES)


def _late(cohort: Cohort, at: int, chosen: Chosen) -> FloatArray:
    """(draws, LATENCY_BINS): how many are found in each bin, each resample at its own threshold."""
    late = np.zeros((len(cohort.times), LATENCY_BINS))
    for factor in np.unique(chosen.drawn[chosen.drawn >= 0]):
        rows = chosen.drawn == factor
        times, some = cohort.times[rows], np.zeros((int(rows.sum()), LATENCY_BINS))
        for person, one in zip(cohort.who, cohort.counts, strict=True):
            some += times[:, person, None] * one.placements.late[at, factor]
        late[rows] = some
    return late


def _quantile(late: FloatArray, share: float) -> FloatArray:
    """(draws,): the seconds by which `share` of those counted in (draws, bins) are found; NaN where none is."""
    upto = np.add.accumulate(late, axis=1)  # whole numbers: exact in any order
    seconds = (upto < share * upto[:, -1:]).sum(axis=1) * float(LATENCY_BIN_S)
    return np.where(upto[:, -1] > 0, seconds, np.nan)


def _totals(
    cohort: Cohort,
    factors: int,
    counted: Callable[[NightCounts], FloatArray],
    found: Callable[[NightCounts], FloatArray],
) -> FoundTotals:
    return FoundTotals(cohort.totals(counted, (factors,)), cohort.totals(found, (factors, len(LIMITS_S))))
