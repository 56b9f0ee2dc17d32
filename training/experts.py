"""Fitting the experts of the episode detector: trees for each, and how rare their log-odds are in ordinary sleep."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.boost import plain_trees
from training.moments import NightMoments, Rows
from vigil.domain.units import NS_PER_MINUTE, STEP_NS
from vigil.engine.moments import MOMENTS
from vigil.engine.scorer import MOVE_NOW, SILENT

Array = NDArray[np.float64]
Line = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """What an expert is fitted to find: responses of `manner`, at steps in [first, last].

    Only where at least `share` of the size, and `least_bpm`, was added. asked_from: features and the bounds that they
    must reach for it to be asked at all. budget: its share of all false nudges.
    """

    name: str
    manner: str
    first: int
    last: int
    share: float
    least_bpm: float
    asked_from: dict[str, float]
    budget: float


KINDS = (
    Kind("surge", "strong", 10, 66, 0.35, 3.0, {"over_60s": 3.0}, 2 / 3),
    Kind("climb", "moderate", 30, 66, 0.5, 3.0, {"over_60s": 2.0, "above_2bpm": 9.0}, 1 / 3),
)
"""A surge is judged from 50 s after its onset on, a climb from two and a half minutes on: before that each looks like
an ordinary arousal or like the beginning of REM, and to be sure too early costs false nudges."""

SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 12,
    "learning_rate": 0.06,
    "min_data_in_leaf": 600,
    "lambda_l2": 50.0,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "max_bin": 127,
    "seed": 3,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
ROUNDS = 150
STRIDE = 3
"""Of untouched moments every third is taken, and weighs three."""

LOOKALIKE_WEIGHT = 0.02
"""Added look-alikes are far more frequent among the fitted rows than they are in nights."""

AS_RECORDED = "as recorded"
UNMOVED = ("heart only", "beats only")
OTHER_VARIANT_WEIGHT = 0.25

GROUPS = 3
"""People are put into this many groups; each group's rarity is told by trees fitted on the others."""

REFRACTORY_STEPS = 5 * NS_PER_MINUTE // STEP_NS
SETTLED_STEPS = 30 * NS_PER_MINUTE // STEP_NS
ANCHOR_RATE = 0.25
"""Events a night at which all lines are anchored: rarer ones are too few to be counted on some twenty nights."""

RATES = (0.15, 3.0)
"""Events a night between which the line of rarity is laid: rarer are too few, more frequent are of no interest."""

LEAST_BOUNDS = 5
LEAST_SLOPE = 0.01
"""What a line of rarity is laid through at least, in bounds of log-odds; and a flatter one tells nothing."""


def fit_experts(nights: Sequence[NightMoments]) -> dict[str, Any] | None:
    """All experts as plain data; see `vigil.engine.experts`. None where the nights are too few to tell rarity."""
    lines = rarities(nights)
    if lines is None:
        return None
    return {
        "features": [spec.name for spec in MOMENTS],
        "experts": [
            {
                "name": kind.name,
                "asked_from": kind.asked_from,
                "rarity": [round(value, 4) for value in moved],
                "rarity_unmoved": [round(value, 4) for value in unmoved],
                "trees": plain_trees(fit(nights, kind).dump_model(), classes=1),
            }
            for kind, moved, unmoved in zip(KINDS, *lines, strict=True)
        ],
    }


def fit(nights: Sequence[NightMoments], kind: Kind) -> lightgbm.Booster:
    """The trees of one expert: moments of its responses against untouched moments and look-alikes."""
    rows, labels, weights = [], [], []
    for night in nights:
        weight = 1.0 if night.variant == AS_RECORDED else OTHER_VARIANT_WEIGHT
        for table, label, share in _parts(night, kind):
            rows.append(table)
            labels.append(np.full(len(table), label))
            weights.append(np.full(len(table), weight * share))
    data = lightgbm.Dataset(np.concatenate(rows), label=np.concatenate(labels), weight=np.concatenate(weights))
    return lightgbm.train(SETTINGS, data, num_boost_round=ROUNDS)


def _parts(night: NightMoments, kind: Kind) -> list[tuple[Rows, float, float]]:
    """(rows, label, weight of each) of one night; only rows on which the expert would be asked."""
    parts = [(_asked(night.rows[::STRIDE], kind), 0.0, float(STRIDE))]
    for added in night.added:
        if added.kind == kind.manner:
            wanted = (
                (added.added_bpm >= max(kind.least_bpm, kind.share * added.size_bpm))
                & (added.steps >= kind.first)
                & (added.steps <= kind.last)
            )
            parts.append((_asked(added.rows[wanted][::2], kind), 1.0, 2.0))
        elif added.kind not in ("strong", "moderate"):
            parts.append((_asked(added.rows[::2], kind), 0.0, LOOKALIKE_WEIGHT))
    return parts


def _asked(rows: Rows, kind: Kind) -> Rows:
    return rows[is_asked(rows, kind)]


def is_asked(rows: Rows, kind: Kind) -> NDArray[np.bool_]:
    """Of shape (n,): the rows on which the expert is asked."""
    places = {spec.name: place for place, spec in enumerate(MOMENTS)}
    asked = np.ones(len(rows), np.bool_)
    for name, bound in kind.asked_from.items():
        asked &= rows[:, places[name]] >= bound
    return asked


def said(model: lightgbm.Booster, rows: Rows, steps: NDArray[np.int32], kind: Kind) -> Array:
    """Log-odds as the scorer takes them, of shape (n,): the mean of this step's and the last one's; -inf unasked."""
    odds = np.full(len(rows), -np.inf)
    asked = is_asked(rows, kind)
    if asked.any():
        odds[asked] = model.predict(rows[asked], raw_score=True)
    before = np.full(len(rows), SILENT)
    if len(rows) > 1:
        follows = (steps[1:] - steps[:-1] == 1) & np.isfinite(odds[:-1])
        before[1:] = np.where(follows, odds[:-1], SILENT)
    together: Array = (odds + before) / 2
    return together


def group_of(person: str) -> int:
    """Which group a person is put into, the same in every run."""
    return zlib.crc32(person.encode()) % GROUPS


def rarities(nights: Sequence[NightMoments]) -> tuple[list[Line], list[Line]] | None:
    """(a, b) of nights = exp(a + b x log-odds) of each expert, by people left out, on scored sleep.

    First where movement is known, then where it is not; one stands for the other where only one can be told. None
    where false nudges are too few to be counted at all.
    """
    moved, unmoved = told_by(nights)
    odds = [left_out(nights, [*moved, *unmoved], kind) for kind in KINDS]
    known = _lines(moved, [values[: len(moved)] for values in odds])
    unknown = _lines(unmoved, [values[len(moved) :] for values in odds])
    if known is None and unknown is None:
        return None
    return known or unknown or [], unknown or known or []


def told_by(nights: Sequence[NightMoments]) -> tuple[list[NightMoments], list[NightMoments]]:
    """The nights that tell rarity: as recorded with movement, and those without it, left out or never measured.

    Scored ones, or all where none is scored.
    """
    scored = [night for night in nights if night.scored] or list(nights)
    recorded = [night for night in scored if night.variant == AS_RECORDED]
    return (
        [night for night in recorded if _has_movement(night)],
        [night for night in scored if _is_unmoved(night)],
    )


def _is_unmoved(night: NightMoments) -> bool:
    return night.variant in UNMOVED or (night.variant == AS_RECORDED and not _has_movement(night))


def _has_movement(night: NightMoments) -> bool:
    return bool(len(night.rows)) and bool(np.mean(np.isnan(night.rows[:, MOVE_NOW])) < 0.5)


def _lines(told: Sequence[NightMoments], odds: Sequence[Sequence[Array]]) -> list[Line] | None:
    """A line for each expert, or None.

    Each has its share of the false nudges. All are then shifted together, so that the rarest answer is right where
    false nudges are rare but can still be counted.
    """
    if not told:
        return None
    lines = []
    for kind, values in zip(KINDS, odds, strict=True):
        line = line_of_rarity(told, values)
        if line is None:
            return None
        lines.append((line[0] + math.log(kind.budget), line[1]))
    rarest = [
        np.max([a + b * values[index] for (a, b), values in zip(lines, odds, strict=True)], axis=0)
        for index in range(len(told))
    ]
    shift = -math.log(ANCHOR_RATE) - bound_at(told, rarest, ANCHOR_RATE)
    return [(a + shift, b) for a, b in lines]


def left_out(nights: Sequence[NightMoments], told: Sequence[NightMoments], kind: Kind) -> list[Array]:
    """What is said of each night told by trees fitted on the groups of people that its own is not among."""
    models = {}
    for group in {group_of(night.person) for night in told}:
        others = [night for night in nights if group_of(night.person) != group] or list(nights)
        models[group] = fit(others, kind)
    return [said(models[group_of(night.person)], night.rows, night.steps, kind) for night in told]


def bound_at(nights: Sequence[NightMoments], values: Sequence[Array], rate: float) -> float:
    """The lowest bound from which on no higher one is passed more often than `rate` a night."""
    grid = _grid(values)
    hours = sum(night.sleep_h for night in nights)
    passed = [_events(nights, values, bound) / hours * 8 for bound in grid]
    kept = float(grid[-1])
    for bound, often in zip(grid[::-1], passed[::-1], strict=True):
        if often > rate:
            break
        kept = float(bound)
    return kept


def _grid(values: Sequence[Array]) -> Array:
    finite = np.concatenate([each[np.isfinite(each)] for each in values])
    grid: Array = np.unique(np.quantile(finite, 1 - np.geomspace(2e-5, 0.5, 150))) if len(finite) else finite
    return grid


def line_of_rarity(nights: Sequence[NightMoments], odds: Sequence[Array]) -> Line | None:
    """A line of least squares through log(events a night) over log-odds, between `RATES`; None if nothing tells it."""
    hours = sum(night.sleep_h for night in nights)
    grid = _grid(odds)
    rates = np.array([_events(nights, odds, bound) / hours * 8 for bound in grid])
    used = (rates > RATES[0]) & (rates < RATES[1])
    if used.sum() < LEAST_BOUNDS:
        return None
    slope, offset = np.polyfit(grid[used], np.log(rates[used]), 1)
    return (float(-offset), float(-slope)) if slope <= -LEAST_SLOPE else None


def _events(nights: Sequence[NightMoments], odds: Sequence[Array], bound: float) -> int:
    """How often the bound is passed on sleep, five minutes without it between two."""
    count = 0
    for night, values in zip(nights, odds, strict=True):
        over = (values >= bound) & (night.steps >= SETTLED_STEPS)
        last = -REFRACTORY_STEPS - 1
        for step, asleep in zip(night.steps[over], night.asleep[over], strict=True):
            if step - last > REFRACTORY_STEPS:
                count += bool(asleep)
            last = int(step)
    return count
