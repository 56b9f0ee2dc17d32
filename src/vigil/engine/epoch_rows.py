"""One epoch in a few numbers, and several of them together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vigil.domain.plain import register

FLOOR_MG = 50
"""Movement below this is not told apart: sensor noise, breathing and the rounding of sources differ there (a 50-Hz
accelerometer of 3 mg noise shows 35 mg in 30 s; walch's subsample, rounded to 10 mg, shows 10 to 30)."""

UNKNOWN = math.nan


@register
@dataclass(frozen=True, slots=True)
class EpochRow:
    """30 s of heart rate: how many looks had one, their sum, sum of squares and extremes in bpm; and movement.

    mean, wobble: their mean and standard deviation (n in the denominator), NaN without any.
    range_mg: the staging range, None if movement is not known. move: the same as the stager sees it, log2 of the range
    over `FLOOR_MG`, not below 0; NaN if not known.
    """

    count: int
    total: float
    squares: float
    lowest: float
    highest: float
    mean: float
    wobble: float
    range_mg: int | None
    move: float

    @classmethod
    def of(cls, rates: Sequence[float], range_mg: int | None) -> EpochRow:
        """From the heart rates of the looks that had one."""
        count, total, squares = len(rates), math.fsum(rates), math.fsum([rate * rate for rate in rates])
        return cls(
            count=count,
            total=total,
            squares=squares,
            lowest=min(rates, default=math.inf),
            highest=max(rates, default=-math.inf),
            mean=total / count if count else UNKNOWN,
            wobble=_deviation(count, total, squares) if count else UNKNOWN,
            range_mg=range_mg,
            move=UNKNOWN if range_mg is None else math.log2(max(range_mg, FLOOR_MG) / FLOOR_MG),
        )


class Span(NamedTuple):
    """Several epochs together; every number is NaN where less than a third of their looks had a heart rate."""

    mean: float
    wobble: float
    """standard deviation of the looks, n in the denominator"""
    lowest: float
    highest: float

    @classmethod
    def of(cls, rows: Sequence[EpochRow]) -> Span:
        """From epochs in order, at least one."""
        count = sum([row.count for row in rows])
        if count < 2 * len(rows):
            return _UNKNOWN_SPAN
        total = math.fsum([row.total for row in rows])
        wobble = _deviation(count, total, math.fsum([row.squares for row in rows]))
        return cls(total / count, wobble, min([row.lowest for row in rows]), max([row.highest for row in rows]))


_UNKNOWN_SPAN = Span(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)


def known(values: Sequence[float]) -> list[float]:
    """The finite ones."""
    return [value for value in values if math.isfinite(value)]


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean, NaN of none."""
    return math.fsum(values) / len(values) if values else UNKNOWN


def deviation(values: Sequence[float]) -> float:
    """Standard deviation, n in the denominator, NaN of fewer than two."""
    if len(values) < 2:
        return UNKNOWN
    return _deviation(len(values), math.fsum(values), math.fsum([value * value for value in values]))


def _deviation(count: int, total: float, squares: float) -> float:
    """From sums over the whole window; heart rates are far from where this cancels."""
    return math.sqrt(max(0.0, squares - total * total / count) / count)
