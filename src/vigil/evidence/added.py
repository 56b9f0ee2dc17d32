"""Which added episodes Vigil notices, by class, size, stage and cadence of the sensor; which look-alikes it nudges."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from vigil.evidence.cohort import Cohort
from vigil.evidence.counts import NightCounts
from vigil.evidence.figures import Figure
from vigil.evidence.found import FoundTotals, Within, latency, of_class, of_nights, of_size, of_stage
from vigil.evidence.placement_counts import LOOK_ALIKES, NIGHTMARES, SIZE_BANDS, SIZE_EDGES_BPM, STAGES
from vigil.evidence.points import Chosen, Points
from vigil.evidence.records import AddedClass
from vigil.evidence.zero import Zero, zero

_CADENCES = ("up to 2 s", "2 to 10 s", "10 to 30 s", "slower than 30 s")
_CADENCE_BOUNDS_S = (2.0, 10.0, 30.0)
"""Beats and straps; wrists when awake or exercising; wrists asleep; what keeps minutes (issue 3: 1 to 60 s)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A class of nightmares at one threshold. Latencies are of those found within 300 s; their n is those found."""

    within_60_s: Figure
    within_120_s: Figure
    within_300_s: Figure
    median_latency_s: Figure
    p90_latency_s: Figure


@dataclass(frozen=True, slots=True)
class FoundIn:
    """A part of the placements: `of` says which."""

    of: str
    points: Points[Within]


@dataclass(frozen=True, slots=True)
class Nightmare:
    """One class of added nightmares."""

    points: Points[Found]
    by_stage: tuple[FoundIn, ...]
    by_cadence: tuple[FoundIn, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """All added nightmares, and the control of size nought."""

    strong: Nightmare
    moderate: Nightmare
    silent: Nightmare
    zero: Zero
    by_size: tuple[FoundIn, ...]


@dataclass(frozen=True, slots=True)
class Nudged:
    """Share of look-alikes that were nudged within 300 s of their onset, at one threshold: lower is better."""

    nudged: Figure


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Added events that are no nightmares, each at every operating point."""

    terror: Points[Nudged]
    turn: Points[Nudged]
    bathroom: Points[Nudged]
    periodic: Points[Nudged]


def added(cohort: Cohort, chosen: Points[Chosen], factors: int) -> Added:
    """Of the nights of a cohort that have placements."""
    strong, moderate, silent = (_nightmare(cohort, one, chosen, factors) for one in NIGHTMARES)
    bands = [(_band_name(band), of_size(cohort, band, factors)) for band in range(SIZE_BANDS)]
    return Added(strong, moderate, silent, zero(cohort), _parts(bands, chosen))


def look_alikes(cohort: Cohort, chosen: Points[Chosen], factors: int) -> LookAlikes:
    """Of the nights of a cohort that have placements."""
    return LookAlikes(*(_nudged(of_class(cohort, one, factors), chosen) for one in LOOK_ALIKES))


def cadence_name(one: NightCounts) -> str:
    """In which of the bands of cadence a night's heart rate came."""
    cadence_s = one.night.cadence_s
    return "unknown" if cadence_s is None else _CADENCES[bisect_left(_CADENCE_BOUNDS_S, cadence_s)]


def _nudged(totals: FoundTotals, chosen: Points[Chosen]) -> Points[Nudged]:
    return chosen.map(lambda at: Nudged(totals.figures(at).within_300_s))


def _nightmare(cohort: Cohort, of: AddedClass, chosen: Points[Chosen], factors: int) -> Nightmare:
    whole = of_class(cohort, of, factors)
    stages = [(stage.name.lower(), of_stage(cohort, of, [at], factors)) for at, stage in enumerate(STAGES)]
    return Nightmare(
        points=chosen.map(lambda at: _found(cohort, of, whole, at)),
        by_stage=_parts(stages, chosen),
        by_cadence=_parts(_cadences(cohort, of, factors), chosen),
    )


def _cadences(cohort: Cohort, of: AddedClass, factors: int) -> list[tuple[str, FoundTotals]]:
    return [(name, _of_cadence(cohort, of, name, factors)) for name in (*_CADENCES, "unknown")]


def _of_cadence(cohort: Cohort, of: AddedClass, name: str, factors: int) -> FoundTotals:
    return of_nights(cohort, of, lambda one: cadence_name(one) == name, factors)


def _found(cohort: Cohort, of: AddedClass, whole: FoundTotals, chosen: Chosen) -> Found:
    late = latency(cohort, of, chosen)
    return Found(*(one.figure() for one in (*whole.within(chosen), *late)))


def _parts(named: list[tuple[str, FoundTotals]], chosen: Points[Chosen]) -> tuple[FoundIn, ...]:
    return tuple(FoundIn(name, chosen.map(totals.figures)) for name, totals in named if totals.any())


def _band_name(band: int) -> str:
    edges = ("", *(f"{edge:g}" for edge in SIZE_EDGES_BPM), "")
    low, high = edges[band], edges[band + 1]
    return f"{low} bpm or more" if not high else f"{low} to {high} bpm" if low else f"under {high} bpm"
