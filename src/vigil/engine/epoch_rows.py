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
    """30 s: `count` looks with a heart rate, their sum, sum of squares, extremes; changes from look to look.

    changes: sum of absolute changes over `pairs` neighbouring looks, of which `repeats` showed none.
    range_mg: the staging range, None if movement is not known.
    """

    count: int
    total: float
    squares: float
    lowest: float
    highest: float
    pairs: int
    changes: float
    repeats: int
    range_mg: int | None

    @classmethod
    def of(cls, rates: Sequence[float], range_mg: int | None) -> EpochRow:
        """From the heart rates of the looks in order, NaN where unknown."""
        known = [rate for rate in rates if math.isfinite(rate)]
        changes = [abs(b - a) for a, b in zip(rates, rates[1:], strict=False) if math.isfinite(b - a)]
        return cls(
            count=len(known),
            total=math.fsum(known),
            squares=math.fsum([rate * rate for rate in known]),
            lowest=min(known, default=math.inf),
            highest=max(known, default=-math.inf),
            pairs=len(changes),
            changes=math.fsum(changes),
            repeats=changes.count(0.0),
            range_mg=range_mg,
        )

    @property
    def move(self) -> float:
        """Movement as the stager sees it: log2 of the range over `FLOOR_MG`, not below 0; NaN if not known."""
        if self.range_mg is None:
            return UNKNOWN
        return math.log2(max(self.range_mg, FLOOR_MG) / FLOOR_MG)


class Span(NamedTuple):
    """Several epochs together; every number is NaN where less than a third of their looks had a heart rate."""

    mean: float
    wobble: float
    """standard deviation, n in the denominator"""
    restless: float
    """mean absolute change from look to look"""
    repeats: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, rows: Sequence[EpochRow]) -> Span:
        """From epochs in order, at least one."""
        count = sum([row.count for row in rows])
        if count < 2 * len(rows):
            return _UNKNOWN_SPAN
        total = math.fsum([row.total for row in rows])
        squares = math.fsum([row.squares for row in rows])
        pairs = sum([row.pairs for row in rows])
        return cls(
            total / count,
            math.sqrt(max(0.0, squares - total * total / count) / count),
            math.fsum([row.changes for row in rows]) / pairs if pairs else UNKNOWN,
            sum([row.repeats for row in rows]) / pairs if pairs else UNKNOWN,
            min([row.lowest for row in rows]),
            max([row.highest for row in rows]),
        )


_UNKNOWN_SPAN = Span(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
