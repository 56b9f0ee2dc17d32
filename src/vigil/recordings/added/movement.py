"""Movement rows with an episode's bursts in them: the rows keep their instants, their length and their rounding."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vigil.domain.samples import Milligrams, MotionSummary
from vigil.domain.units import MS_PER_S, NS_PER_S
from vigil.recordings.added.episode import Burst

COARSE_MG, FINE_MG = 10, 1
"""Axis grids: of the data sets that were subsampled and rounded to 0.01 g, and of everything else."""

TELLING_MG = 150
"""Below this the norm of three whole axis ranges shows the grid; above, any number is one."""


def axis_grid_mg(rows: Iterable[MotionSummary]) -> int:
    """What the peak-to-peak range of one axis is a multiple of, told from the norms of small movements."""
    small = [row.range_mg for row in rows if row.range_mg is not None and 0 < row.range_mg < TELLING_MG]
    fits = sum(round(COARSE_MG * math.sqrt(round(mg * mg / COARSE_MG**2))) == mg for mg in small)
    return COARSE_MG if len(small) >= 20 and fits >= 0.95 * len(small) else FINE_MG


def add_to_rows(
    rows: Iterable[MotionSummary], bursts: Sequence[Burst], onset_ns: int, grid_mg: int, chance: random.Random
) -> list[MotionSummary]:
    """The rows, each with the bursts that fall into it."""
    return [_with(row, bursts, onset_ns, grid_mg, chance) for row in rows] if bursts else list(rows)


def _with(
    row: MotionSummary, bursts: Sequence[Burst], onset_ns: int, grid_mg: int, chance: random.Random
) -> MotionSummary:
    to_s = (row.at_ns - onset_ns) / NS_PER_S
    from_s = to_s - row.duration_ms / MS_PER_S
    met = [burst for burst in bursts if burst.from_s < to_s and burst.from_s + burst.long_s > from_s]
    if not met:
        return row
    steps = row.steps
    if steps is not None:
        steps += sum(burst.steps for burst in met if from_s <= burst.from_s)
    if row.range_mg is None:
        return replace(row, steps=steps)
    range_mg = max(row.range_mg, _on_grid(max(burst.range_mg for burst in met), grid_mg, chance))
    if row.low_mg is None or row.high_mg is None or range_mg == row.range_mg:
        return replace(row, range_mg=range_mg, steps=steps)
    high = _widened(row.low_mg, row.high_mg, range_mg)
    return replace(row, range_mg=range_mg, high_mg=high, steps=steps)


def _on_grid(range_mg: int, grid_mg: int, chance: random.Random) -> int:
    """The norm of three axis ranges that are multiples of the grid, near `range_mg`."""
    axes = [chance.gauss(0, 1) for _ in range(3)]
    long = math.hypot(*axes) or 1.0
    whole = [round(abs(axis) / long * range_mg / grid_mg) * grid_mg for axis in axes]
    return round(math.hypot(*whole))


def _widened(low: Milligrams, high: Milligrams, range_mg: int) -> Milligrams:
    """Higher extremes that give this range, each axis by its own share of it; evenly where nothing had moved."""
    spans = [top - bottom for bottom, top in zip(low, high, strict=True)]
    norm = math.hypot(*spans)
    shares = [span / norm for span in spans] if norm else [1 / math.sqrt(3)] * 3
    x, y, z = (bottom + round(share * range_mg) for bottom, share in zip(low, shares, strict=True))
    return (x, y, z)
