"""How often Vigil would disturb an ordinary night, and how much of it it cannot see."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vigil.evidence.alarm_counts import HOURS, KINDS, STAGE_NAMES, AlarmCounts
from vigil.evidence.cohort import Cohort, Totals
from vigil.evidence.figures import TAIL, Drawn, Figure, FloatArray, over
from vigil.evidence.points import Chosen, Points

AHI_BANDS = (("<5", 0.0, 5.0), ("5-15", 5.0, 15.0), ("15-30", 15.0, 30.0), (">=30", 30.0, math.inf))
"""None, mild, moderate, severe sleep apnoea (AASM 1999), by events an hour."""


@dataclass(frozen=True, slots=True)
class StageAlarms:
    """False nudges in one scored stage, per 8 h of that stage."""

    stage: str
    nudges_per_8h_stage: Figure


@dataclass(frozen=True, slots=True)
class KindAlarms:
    """Suspicions of one kind on scored sleep, per 8 h of it."""

    kind: str
    suspicions_per_8h_sleep: Figure


@dataclass(frozen=True, slots=True)
class Alarms:
    """Of scored nights at one threshold; n is their number. All rates are per 8 h of scored sleep unless named."""

    nudges_per_8h_sleep: Figure
    suspicions_per_8h_sleep: Figure
    nudges_on_wake_per_8h_sleep: Figure
    nudges_off_score_per_8h_sleep: Figure
    nights_with_none: Figure
    by_stage: tuple[StageAlarms, ...]
    by_kind: tuple[KindAlarms, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of nights, scored or not, at one threshold, per 8 h of recording; n is the number of nights."""

    nudges_per_8h_recorded: Figure
    suspicions_per_8h_recorded: Figure
    nights_with_none: Figure


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Of scored nights, at each operating point; how blind it was stands beside it, as silence is easy when blind."""

    nights: int
    people: int
    sleep_h: float
    blind_share: Figure
    points: Points[Alarms]


@dataclass(frozen=True, slots=True)
class RecordedAlarms:
    """Of some nights, per 8 h of recording. of: which nights these are."""

    of: str
    nights: int
    people: int
    recorded_h: float
    blind_share: Figure
    points: Points[Recorded]


def false_alarms(cohort: Cohort, chosen: Points[Chosen], factors: int) -> FalseAlarms:
    """Of a cohort of scored nights."""
    hours = _sum(cohort, lambda one: one.sleep_h, (len(STAGE_NAMES),))
    return FalseAlarms(
        nights=len(cohort.counts),
        people=cohort.people,
        sleep_h=math.fsum(hours.whole.tolist()),
        blind_share=blind_share(cohort),
        points=chosen.map(lambda one: _alarms(cohort, one, hours, factors)),
    )


def nudge_rate(cohort: Cohort, chosen: Chosen, factors: int) -> Drawn:
    """False nudges per 8 h of scored sleep, n being nights."""
    nights = _total_hours(_sum(cohort, lambda one: one.sleep_h, (len(STAGE_NAMES),)))
    return _rate(chosen.events(_sum(cohort, lambda one: one.nudges.sum(axis=1), (factors,))), nights, cohort)


def suspicion_rate(cohort: Cohort, chosen: Chosen, factors: int) -> Drawn:
    """Suspicions of any kind per 8 h of scored sleep, n being nights."""
    nights = _total_hours(_sum(cohort, lambda one: one.sleep_h, (len(STAGE_NAMES),)))
    return _rate(chosen.events(_sum(cohort, lambda one: one.suspicions.sum(axis=1), (factors,))), nights, cohort)


def recorded_alarms(cohort: Cohort, chosen: Points[Chosen], factors: int, of: str) -> RecordedAlarms:
    """Of any nights; the thresholds are those of the whole of the nights they were chosen on, not drawn with them."""
    hours = cohort.totals(lambda one: np.array(one.night.recorded_h), ())
    return RecordedAlarms(
        of=of,
        nights=len(cohort.counts),
        people=cohort.people,
        recorded_h=float(hours.whole),
        blind_share=blind_share(cohort),
        points=chosen.map(lambda one: _recorded(cohort, one.fixed(cohort), hours, factors)),
    )


def by_ahi(cohort: Cohort, chosen: Points[Chosen], factors: int, seed: int) -> tuple[RecordedAlarms, ...]:
    """The nights whose apnoea-hypopnoea index is known, in the usual four bands."""
    bands = [(name, _ahi_band(cohort, low, high, seed)) for name, low, high in AHI_BANDS]
    return tuple(recorded_alarms(band, chosen, factors, name) for name, band in bands)


def blind_share(cohort: Cohort) -> Figure:
    """Share of the recording in which a nudge was impossible for want of good data; n is nights."""
    blind = cohort.totals(lambda one: np.array([one.night.blind_min, one.night.recorded_h * 60]), (2,))
    return blind.figure(lambda sums: over(sums[..., 0], sums[..., 1]), len(cohort.counts)).figure()


def rate_figure(rate: Drawn, hours: float) -> Figure:
    """With its interval; where no event was seen the bootstrap knows no upper bound, and Poisson's is told instead.

    `hours`: those the rate was counted in. The bound is -ln(0.025) events in them (Garwood 1936).
    """
    figure = rate.figure()
    if figure.value == 0 and figure.high == 0 and hours > 0:
        return Figure(0.0, 0.0, -math.log(TAIL) * HOURS / hours, figure.n)
    return figure


def _alarms(cohort: Cohort, chosen: Chosen, hours: Totals, factors: int) -> Alarms:
    whole, nights = _total_hours(hours), len(cohort.counts)
    nudges = chosen.events(_sum(cohort, lambda one: one.nudges, (factors, len(STAGE_NAMES))))
    suspicions = chosen.events(_sum(cohort, lambda one: one.suspicions, (factors, len(KINDS))))

    def told(events: Totals, during: Totals = whole) -> Figure:
        return rate_figure(_rate(events, during, cohort), float(during.whole))

    return Alarms(
        nudges_per_8h_sleep=told(_total_hours(nudges)),
        suspicions_per_8h_sleep=told(_total_hours(suspicions)),
        nudges_on_wake_per_8h_sleep=told(chosen.events(_sum(cohort, lambda one: one.on_wake, (factors,)))),
        nudges_off_score_per_8h_sleep=told(chosen.events(_sum(cohort, lambda one: one.off_score, (factors,)))),
        nights_with_none=_none(cohort, chosen, _sum(cohort, lambda one: one.quiet, (factors,)), nights),
        by_stage=tuple(
            StageAlarms(name, told(_column(nudges, at), _column(hours, at))) for at, name in enumerate(STAGE_NAMES)
        ),
        by_kind=tuple(KindAlarms(kind.value, told(_column(suspicions, at))) for at, kind in enumerate(KINDS)),
    )


def _recorded(cohort: Cohort, chosen: Chosen, hours: Totals, factors: int) -> Recorded:
    nudges = chosen.events(_sum(cohort, lambda one: one.all_nudges, (factors,)))
    suspicions = chosen.events(_sum(cohort, lambda one: one.all_suspicions, (factors,)))
    none = _sum(cohort, lambda one: (one.all_nudges == 0).astype(np.float64), (factors,))
    return Recorded(
        nudges_per_8h_recorded=rate_figure(_rate(nudges, hours, cohort), float(hours.whole)),
        suspicions_per_8h_recorded=rate_figure(_rate(suspicions, hours, cohort), float(hours.whole)),
        nights_with_none=_none(cohort, chosen, none, len(cohort.counts)),
    )


def _none(cohort: Cohort, chosen: Chosen, quiet: Totals, nights: int) -> Figure:
    """The share of nights; where it is all of them the exact bound by people (Clopper & Pearson 1934) is told."""
    quiet = chosen.counted(quiet)
    count = cohort.totals(lambda _: np.array(1.0), ())
    figure = Drawn(float(over(quiet.whole, count.whole)), over(quiet.drawn, count.drawn), nights).figure()
    if figure.value == 1 and figure.low == 1:
        return Figure(1.0, math.exp(math.log(TAIL) / cohort.people), 1.0, nights)
    return figure


def _rate(events: Totals, hours: Totals, cohort: Cohort) -> Drawn:
    value = float(over(events.whole, hours.whole / HOURS))
    return Drawn(value, over(events.drawn, hours.drawn / HOURS), len(cohort.counts))


def _sum(cohort: Cohort, of: Callable[[AlarmCounts], FloatArray], shape: Sequence[int]) -> Totals:
    return cohort.totals(lambda one: of(one.alarms), tuple(shape))


def _total_hours(totals: Totals) -> Totals:
    """Summed over the last axis."""
    return Totals(totals.whole.sum(axis=-1), totals.drawn.sum(axis=-1))


def _column(totals: Totals, at: int) -> Totals:
    return Totals(totals.whole[..., at], totals.drawn[..., at])


def _ahi_band(cohort: Cohort, low: float, high: float, seed: int) -> Cohort:
    return cohort.where(lambda one: one.night.ahi is not None and low <= one.night.ahi < high, seed)
