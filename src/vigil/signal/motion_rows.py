"""Rows of movement: which to believe, and how those between two looks fold into one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vigil.domain.plain import register
from vigil.domain.samples import Milligrams, MotionSummary
from vigil.signal.hygiene import is_instant, is_whole

RANGE_MG = (0, 120_000)
"""Ranges that an accelerometer of up to +-32 g can give, with room."""

AXIS_MG = 40_000
DURATION_MS = (1, 600_000)
STEPS = (0, 10_000)


def is_believable(row: MotionSummary) -> bool:
    """Whether every number of the row is a whole one within bounds, and extremes come in pairs."""
    range_mg, steps, low, high, mean = row.range_mg, row.steps, row.low_mg, row.high_mg, row.mean_mg
    return (
        is_instant(row.at_ns)
        and is_whole(row.duration_ms, DURATION_MS)
        and (range_mg is None or is_whole(range_mg, RANGE_MG))
        and (steps is None or is_whole(steps, STEPS))
        and (low is None) is (high is None)
        and (low is None or _is_vector(low))
        and (high is None or _is_vector(high))
        and (mean is None or _is_vector(mean))
    )


def _is_vector(vector: Milligrams) -> bool:
    if type(vector) is not tuple or len(vector) != 3:
        return False
    x, y, z = vector
    return (
        type(x) is type(y) is type(z) is int
        and -AXIS_MG <= x <= AXIS_MG
        and -AXIS_MG <= y <= AXIS_MG
        and -AXIS_MG <= z <= AXIS_MG
    )


@register
@dataclass(slots=True)
class MotionBin:
    """The rows that came between two looks, folded into one.

    at_ns: end of the newest row. covered_ms: how long acceleration was measured. loose_mg: largest range of the rows
    without extremes. peak_mg: largest range of any row. low_mg, high_mg: extremes of the rows that gave them.
    pull_mg_ms: sum of mean times duration per axis, whole numbers and so exact, over `pull_ms`.
    """

    at_ns: int
    covered_ms: int = 0
    loose_mg: int = 0
    peak_mg: int = 0
    low_mg: Milligrams | None = None
    high_mg: Milligrams | None = None
    pull_mg_ms: Milligrams = (0, 0, 0)
    pull_ms: int = 0

    @classmethod
    def of(cls, rows: list[MotionSummary]) -> MotionBin:
        """Fold rows, at least one, in time order."""
        covered_ms = x = y = z = pull_ms = 0
        ranges, loose = [0], [0]
        lows: list[Milligrams] = []
        highs: list[Milligrams] = []
        for row in rows:
            range_mg, mean, duration_ms = row.range_mg, row.mean_mg, row.duration_ms
            if range_mg is None:
                continue
            covered_ms += duration_ms
            ranges.append(range_mg)
            if row.low_mg is not None and row.high_mg is not None:
                lows.append(row.low_mg)
                highs.append(row.high_mg)
            else:
                loose.append(range_mg)
            if mean is not None:
                x += mean[0] * duration_ms
                y += mean[1] * duration_ms
                z += mean[2] * duration_ms
                pull_ms += duration_ms
        low, high = (lowest(lows), highest(highs)) if lows else (None, None)
        return cls(rows[-1].at_ns, covered_ms, max(loose), max(ranges), low, high, (x, y, z), pull_ms)


def lowest(vectors: list[Milligrams]) -> Milligrams:
    """Per-axis minimum of at least one vector."""
    if len(vectors) == 1:
        return vectors[0]
    x, y, z = map(min, *vectors)
    return (x, y, z)


def highest(vectors: list[Milligrams]) -> Milligrams:
    """Per-axis maximum of at least one vector."""
    if len(vectors) == 1:
        return vectors[0]
    x, y, z = map(max, *vectors)
    return (x, y, z)


def norm_of_range(low: Milligrams, high: Milligrams) -> int:
    """Euclidean norm of the three peak-to-peak ranges, in mg, rounded."""
    x, y, z = high[0] - low[0], high[1] - low[1], high[2] - low[2]
    return round(math.sqrt(x * x + y * y + z * z))
