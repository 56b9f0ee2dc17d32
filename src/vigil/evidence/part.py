"""All figures of one set of nights."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.evidence.added import Added, LookAlikes, added, look_alikes
from vigil.evidence.alarms import (
    FalseAlarms,
    RecordedAlarms,
    by_ahi,
    false_alarms,
    nudge_rate,
    rate_figure,
    recorded_alarms,
)
from vigil.evidence.cohort import Cohort
from vigil.evidence.curve import CurvePoint, curve
from vigil.evidence.figures import Figure
from vigil.evidence.found import of_class
from vigil.evidence.meaning import Meaning, meaning
from vigil.evidence.placement_counts import NIGHTMARES
from vigil.evidence.points import Chosen, Points, choose
from vigil.evidence.staging import Staging, staging


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """factor: of the shipped threshold, None where none tried is rare enough. Beside it, the rate it really gives."""

    factor: float | None
    nudges_per_8h_sleep: Figure


@dataclass(frozen=True, slots=True)
class Part:
    """Of the nights of one set. blind_share: of the scored ones. unscored: nights without stages, told apart."""

    staging: Staging
    operating_points: Points[OperatingPoint]
    false_alarms: FalseAlarms
    blind_share: Figure
    added: Added
    look_alikes: LookAlikes
    curve: tuple[CurvePoint, ...]
    meaning: Points[Meaning]
    unscored: RecordedAlarms
    by_ahi: tuple[RecordedAlarms, ...]


def part(cohort: Cohort, factors: tuple[float, ...], seed: int) -> Part:
    """Every figure of a cohort; operating points are chosen on its scored nights."""
    scored = cohort.where(lambda one: one.night.scored, seed)
    unscored = cohort.where(lambda one: one.unscored, seed)
    count = len(factors)
    at = choose(scored, factors)
    kept = at.map(lambda one: one.fixed(scored))
    alarms = false_alarms(scored, kept, count)
    return Part(
        staging=staging(scored),
        operating_points=kept.map(lambda one: _operating_point(scored, one, factors)),
        false_alarms=alarms,
        blind_share=alarms.blind_share,
        added=added(scored, at, count),
        look_alikes=look_alikes(scored, at, count),
        curve=curve(scored, factors),
        meaning=_meanings(scored, kept, count),
        unscored=recorded_alarms(unscored, at, count, "nights without stages"),
        by_ahi=by_ahi(cohort, at, count, seed),
    )


def _operating_point(cohort: Cohort, chosen: Chosen, factors: tuple[float, ...]) -> OperatingPoint:
    hours = float(sum(one.alarms.sleep_h.sum() for one in cohort.counts))
    rate = rate_figure(nudge_rate(cohort, chosen, len(factors)), hours)
    return OperatingPoint(None if chosen.index is None else factors[chosen.index], rate)


def _meanings(cohort: Cohort, chosen: Points[Chosen], factors: int) -> Points[Meaning]:
    totals = [of_class(cohort, one, factors) for one in NIGHTMARES]
    hours = float(sum(one.alarms.sleep_h.sum() for one in cohort.counts))

    def told(at: Chosen) -> Meaning:
        rate = nudge_rate(cohort, at, factors)
        return meaning([one.within(at)[-1] for one in totals], rate, rate_figure(rate, hours).high)

    return chosen.map(told)
