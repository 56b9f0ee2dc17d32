"""The whole curve: at every threshold, how many added episodes are found and how many nudges are false."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigil.evidence.alarms import nudge_rate, rate_figure, suspicion_rate
from vigil.evidence.cohort import Cohort
from vigil.evidence.figures import Figure
from vigil.evidence.found import Within, of_class
from vigil.evidence.placement_counts import NIGHTMARES
from vigil.evidence.points import Chosen


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One threshold, as a factor of the shipped one."""

    factor: float
    nudges_per_8h_sleep: Figure
    suspicions_per_8h_sleep: Figure
    strong: Within
    moderate: Within
    silent: Within


def curve(cohort: Cohort, factors: tuple[float, ...]) -> tuple[CurvePoint, ...]:
    """Ascending by factor. Each threshold is kept through the resamples."""
    totals = [of_class(cohort, one, len(factors)) for one in NIGHTMARES]
    hours = float(sum(one.alarms.sleep_h.sum() for one in cohort.counts))
    points = []
    for index, factor in enumerate(factors):
        chosen = Chosen(index, np.full(len(cohort.times), index))
        nudges = nudge_rate(cohort, chosen, len(factors))
        suspicions = suspicion_rate(cohort, chosen, len(factors))
        rates = (rate_figure(nudges, hours), rate_figure(suspicions, hours))
        points.append(CurvePoint(factor, *rates, *(one.figures(chosen) for one in totals)))
    return tuple(points)
