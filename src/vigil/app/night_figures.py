"""The few figures of a night that are remembered for learning, read off what the night said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from statistics import median
from typing import Any

from vigil.domain.guard_memory import is_whole
from vigil.domain.nudges import Decision, EpisodeKind, ReasonCode
from vigil.domain.records import EpochScored
from vigil.domain.sleep import ASLEEP, Stage
from vigil.domain.units import EPOCH_NS, EPOCH_S, NS_PER_MINUTE
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.nights_known import NightKnown
from vigil.engine.personal import LEAST_NIGHTS
from vigil.night.report import HOURS_PER_NIGHT, NightReport, NudgeRow
from vigil.run.replay import Outfit

VERSION = 2
"""Of the figures kept beside a night; others are made anew from what the night said."""

APART_NS = 10 * NS_PER_MINUTE
"""Rises less far apart than this are one [A]: the window in which surges that repeat are counted (mission 5.5)."""

SEEN_SHARE = 0.8
"""Share of rises that show at the instants at which something was decided, mostly the ends of epochs: 50 of 62 on eight
nights of sleep-accel (2026-11-22). To be measured again with every new score; 1 once an epoch keeps its highest."""

_STEPS = frozenset({ReasonCode.SMALLEST_FIRST, ReasonCode.STEP_UP})
"""Reasons of a nudge; their bound is the highest step that the night allowed."""

WOKEN_WITHIN_S = 120
WOKEN_EPOCHS = 2
"""Waking within two minutes of a nudge, for a minute or more, counts as woken by it [A]: the answer to a nudge is over
within 20 s, an awakening's surge within 90 s (mission 5.3 and 5.4)."""

ROBUST = 1.4826
"""From a median absolute deviation to the sigma of normal values."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One decision's evidence, in ordinary nights, and whether its epoch was scored asleep."""

    at_ns: int
    nights: float
    asleep: bool


def bar_nights(outfit: Outfit) -> float:
    """The threshold of a night, in ordinary nights: as shipped, times what was chosen, times what was learned."""
    factor = outfit.settings.threshold_factor * outfit.profile.threshold_factor
    return EpisodeBounds.of(outfit.parameters.episodes).threshold * factor


def figures_of(report: NightReport, bar: float) -> dict[str, Any]:
    """The figures of a night whose threshold was `bar`: the fields of `NightKnown` that come from the night itself."""
    asleep = {epoch.index for epoch in report.epochs if epoch.stage in ASLEEP}
    slept_h = sum(epoch.watched_s for epoch in report.epochs if epoch.index in asleep) / 3600
    rates = [epoch.heart_bpm for epoch in report.epochs if epoch.index in asleep and epoch.heart_bpm is not None]
    samples = list(_samples(report, asleep, bar))
    given = [row for row in report.interventions if not row.shadow]
    return {
        "version": VERSION,
        "bar_nights": bar,
        "watched_h": round(report.watched_min / 60, 3),
        "blind_h": round(report.blind_min / 60, 3),
        "resting_bpm": round(median(rates), 2) if rates else None,
        "spread_bpm": _spread(report, asleep),
        "rises": ordinary_rises(samples, bar),
        "rises_expected": round(SEEN_SHARE * max(0.0, 1 / LEAST_NIGHTS - 1 / bar) * slept_h / HOURS_PER_NIGHT, 4),
        "suspicions": sum(1 for row in report.suspicions if row.kind is EpisodeKind.NIGHTMARE_LIKE),
        "interventions": len(given),
        "awakenings": sum(1 for row in given if _woke(report, row)),
        "terrors": sum(1 for row in report.suspicions if row.kind is EpisodeKind.TERROR_LIKE),
        **_ladder(report),
    }


def _ladder(report: NightReport) -> dict[str, Any]:
    """How high nudges that were really given went, and how episodes answered them."""
    last = {row.episode: row.level for row in report.nudges if not row.shadow}  # the last of an episode is its highest
    said = [(one.episode, reason) for one in report.decisions if one.episode in last for reason in one.reasons]
    codes = {(episode, reason.code) for episode, reason in said}
    return {
        "top_level": max(
            [int(reason.bound) for _, reason in said if reason.code in _STEPS and reason.bound], default=0
        ),
        "highest_level": max(last.values(), default=0),
        "ladder_ended": sum(
            {(episode, ReasonCode.LADDER_ENDED), (episode, ReasonCode.UNCHANGED)} <= codes for episode in last
        ),
        "settled_levels": [level for episode, level in sorted(last.items()) if (episode, ReasonCode.SETTLED) in codes],
    }


def figures_fit(figures: Mapping[str, Any]) -> bool:
    """Whether these are figures as `figures_of` makes them; what came back from elsewhere need not be."""
    levels = figures.get("settled_levels")
    others = [value for name, value in figures.items() if name != "settled_levels"]
    return (
        set(figures) == _NAMES
        and isinstance(levels, list)
        and all(is_whole(level, 0) for level in levels)
        and all(value is None or (type(value) in (int, float) and math.isfinite(value)) for value in others)
        and all(figures[name] is not None for name in _NAMES - _MAY_BE_UNKNOWN)
    )


_OF_THE_MORNING = {"number", "name", "day", "answer"}
_NAMES = {each.name for each in fields(NightKnown)} - _OF_THE_MORNING | {"version", "bar_nights"}
_MAY_BE_UNKNOWN = {"resting_bpm", "spread_bpm"}


def known(figures: Mapping[str, Any], **more: Any) -> NightKnown:
    """The figures as learning takes them."""
    taken = {name: value for name, value in figures.items() if name not in ("version", "bar_nights")}
    return NightKnown(**taken | {"settled_levels": tuple(figures["settled_levels"])}, **more)


def ordinary_rises(samples: list[Sample], bar: float) -> int:
    """Rises that began asleep and came to `LEAST_NIGHTS` but never to the night's own threshold.

    What came to the threshold could be nudged, and a nudge changes what comes after it, so it is left out.
    """
    high = [sample for sample in samples if sample.nights >= LEAST_NIGHTS]
    rises: list[list[Sample]] = [[sample] for sample in high[:1]]
    for before, sample in pairwise(high):
        if sample.at_ns - before.at_ns < APART_NS:
            rises[-1].append(sample)
        else:
            rises.append([sample])
    return sum(1 for rise in rises if rise[0].asleep and max(sample.nights for sample in rise) < bar)


def _samples(report: NightReport, asleep: set[int], bar: float) -> Iterator[Sample]:
    for decision in report.decisions:
        for reason in decision.reasons:
            if reason.code is ReasonCode.EVIDENCE and reason.value is not None:
                yield Sample(decision.at_ns, reason.value * bar, _epoch_of(report, decision) in asleep)


def _epoch_of(report: NightReport, decision: Decision) -> int:
    """The index of the epoch that a decision falls in; an epoch's end belongs to it."""
    return (decision.at_ns - report.began_ns - 1) // EPOCH_NS


def _spread(report: NightReport, asleep: set[int]) -> float | None:
    """Robust sigma of heart rate about its running baseline at the ends of epochs asleep; None for under an hour."""
    excesses = [
        reason.value
        for decision in report.decisions
        for reason in decision.reasons
        if reason.code is ReasonCode.HEART_SURGE
        and reason.value is not None
        and (decision.at_ns - report.began_ns) % EPOCH_NS == 0
        and _epoch_of(report, decision) in asleep
    ]
    if len(excesses) < 3600 // EPOCH_S:
        return None
    middle = median(excesses)
    return round(ROBUST * median(abs(value - middle) for value in excesses), 2)


def _woke(report: NightReport, nudge: NudgeRow) -> bool:
    """Whether the sleeper woke after the nudges of an episode: control saw it, or the epochs after it say so."""
    last_s = max(row.t_s for row in report.nudges if row.episode == nudge.episode)
    return any(
        decision.episode == nudge.episode and any(reason.code is ReasonCode.WOKE for reason in decision.reasons)
        for decision in report.decisions
    ) or awake_after(report.epochs, last_s)


def awake_after(epochs: tuple[EpochScored, ...], t_s: float) -> bool:
    """Whether a minute or more of wake was scored within two minutes after an instant, seconds from lights-out."""
    first = int(t_s // EPOCH_S)
    stages = [epoch.stage for epoch in epochs if first <= epoch.index <= first + WOKEN_WITHIN_S // EPOCH_S + 1]
    return any(set(stages[i : i + WOKEN_EPOCHS]) == {Stage.WAKE} for i in range(len(stages) - WOKEN_EPOCHS + 1))
