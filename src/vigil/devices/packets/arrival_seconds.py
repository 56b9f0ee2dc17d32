"""Acceleration without times of its own, as one row a second: each value counts to the second in which it came.

Where packets carry no clock, and come late and then two at once, blocks at a period would overlap or lie in the
future. Extremes and a mean of what came within a second need no period.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from vigil.domain.samples import Milligrams, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S


def range_of(low: Milligrams, high: Milligrams) -> int:
    """The Euclidean norm of the three peak-to-peak ranges, whole milli-g (`MotionSummary.range_mg`)."""
    x, y, z = high[0] - low[0], high[1] - low[1], high[2] - low[2]
    return round(math.sqrt(x * x + y * y + z * z))


@dataclass(slots=True)
class ArrivalSeconds:
    """Gathers vectors in milli-g until their second is over.

    least: values of which a second must have at least so many, else it gives no row: fewer than 5 would miss movement
    (`signal.seconds.LONGEST_PERIOD_NS`), unless the source leaves out values that repeat.
    """

    least: int
    second: int | None = None
    count: int = 0
    low: Milligrams = (0, 0, 0)
    high: Milligrams = (0, 0, 0)
    total: Milligrams = (0, 0, 0)

    def hear(self, vectors: Iterable[Milligrams], at_ns: int) -> tuple[MotionSummary, ...]:
        """The row of a second that these vectors, which came at `at_ns`, show to be over; nothing otherwise."""
        second = at_ns // NS_PER_S
        rows: tuple[MotionSummary, ...] = ()
        if second != self.second:
            rows = self._row()
            self.second, self.count = second, 0
        for vector in vectors:
            self._take(vector)
        return rows

    def _take(self, vector: Milligrams) -> None:
        x, y, z = vector
        if not self.count:
            self.low = self.high = vector
            self.total = (0, 0, 0)
        self.count += 1
        self.low = (min(self.low[0], x), min(self.low[1], y), min(self.low[2], z))
        self.high = (max(self.high[0], x), max(self.high[1], y), max(self.high[2], z))
        self.total = (self.total[0] + x, self.total[1] + y, self.total[2] + z)

    def _row(self) -> tuple[MotionSummary, ...]:
        if self.second is None or self.count < self.least:
            return ()
        x, y, z = self.total
        mean = (round(x / self.count), round(y / self.count), round(z / self.count))
        end_ns = (self.second + 1) * NS_PER_S
        span_ms = NS_PER_S // NS_PER_MS
        return (MotionSummary(end_ns, span_ms, range_of(self.low, self.high), self.low, self.high, mean),)
