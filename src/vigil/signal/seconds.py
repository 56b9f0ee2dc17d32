"""From raw acceleration to one row a second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigil.domain.plain import register
from vigil.domain.samples import AccelerationBlock, Milligrams, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.signal.motion_rows import norm_of_range

SECOND_MS = NS_PER_S // NS_PER_MS

LONGEST_PERIOD_NS = NS_PER_S // 5
"""Slower than 5 samples a second is no raw acceleration: extremes of a second would miss movement."""


@register
@dataclass(frozen=True, slots=True)
class OpenSecond:
    """The second that is not over: its number, how much of it samples cover, and its extremes and sums so far.

    All whole numbers, so that it makes no difference in how many parts they were gathered.
    """

    second: int
    covered_ns: int
    count: int
    low: Milligrams
    high: Milligrams
    total: Milligrams

    def joined(self, later: OpenSecond) -> OpenSecond:
        """Both parts of the same second together."""
        return OpenSecond(
            self.second,
            self.covered_ns + later.covered_ns,
            self.count + later.count,
            (min(self.low[0], later.low[0]), min(self.low[1], later.low[1]), min(self.low[2], later.low[2])),
            (max(self.high[0], later.high[0]), max(self.high[1], later.high[1]), max(self.high[2], later.high[2])),
            (self.total[0] + later.total[0], self.total[1] + later.total[1], self.total[2] + later.total[2]),
        )


@register
@dataclass(slots=True)
class SecondsReducer:
    """Reduces acceleration blocks to whole one-second rows: window k covers [k s, k + 1 s) and is known at its end.

    Blocks come in time order, at 5 Hz or more, cut anywhere: the rows of all `push` calls together are the same, bit
    for bit, however the recording was cut. Samples of a second that was already given are left out; a second of
    which samples cover less than half gives no row; so does a block that is not of shape (n, 3) or too slow.
    """

    open: OpenSecond | None = None
    given: int | None = None
    """the last second that was given, or passed over"""

    def push(self, block: AccelerationBlock) -> list[MotionSummary]:
        """The rows of the seconds that this block completes."""
        mg, at_ns, period_ns = block.mg, block.at_ns, block.period_ns
        if not (0 < period_ns <= LONGEST_PERIOD_NS and mg.ndim == 2 and mg.shape[1] == 3):
            return []
        if self.given is not None and at_ns < (self.given + 1) * NS_PER_S:
            skipped = _ceil_div((self.given + 1) * NS_PER_S - at_ns, period_ns)
            mg, at_ns = mg[skipped:], at_ns + skipped * period_ns
        count = len(mg)
        if not count:
            return []
        if self.open is None and _is_whole_seconds(count, at_ns, period_ns):
            first = at_ns // NS_PER_S
            self.given = first + count * period_ns // NS_PER_S - 1
            return _whole_seconds(mg, first, NS_PER_S // period_ns)
        rows: list[MotionSummary] = []
        seconds = _Seconds(mg, at_ns, period_ns)
        if self.open is not None:
            if self.open.second == seconds.first:
                joined = self.open.joined(seconds.part(0))
                seconds.replace_first(joined)
            else:
                rows += self.flush()
        is_over = at_ns + count * period_ns >= (seconds.last + 1) * NS_PER_S
        self.open = None if is_over else seconds.part(-1)
        self.given = seconds.last if is_over else seconds.last - 1
        return rows + seconds.rows(len(seconds.counts) if is_over else len(seconds.counts) - 1)

    def flush(self) -> list[MotionSummary]:
        """The row of the second that was under way, if half of it is there. To be called at the recording's end."""
        under_way, self.open = self.open, None
        if under_way is None:
            return []
        self.given = under_way.second
        if 2 * under_way.covered_ns < NS_PER_S:
            return []
        low, high, n = under_way.low, under_way.high, under_way.count
        x, y, z = under_way.total
        mean = ((2 * x + n) // (2 * n), (2 * y + n) // (2 * n), (2 * z + n) // (2 * n))
        return [MotionSummary((under_way.second + 1) * NS_PER_S, SECOND_MS, norm_of_range(low, high), low, high, mean)]


def _is_whole_seconds(count: int, at_ns: int, period_ns: int) -> bool:
    """Whether a block is made of whole seconds, each of the same number of samples; most are."""
    return NS_PER_S % period_ns == 0 and count % (NS_PER_S // period_ns) == 0 and at_ns % NS_PER_S < period_ns


def _whole_seconds(mg: NDArray[np.int16], first: int, per_second: int) -> list[MotionSummary]:
    """The rows of such a block from the second `first` on: what `_Seconds` gives, with a reshape for its bounds."""
    axes = np.ascontiguousarray(mg.T).reshape(3, -1, per_second)
    low, high = axes.min(axis=2), axes.max(axis=2)
    total = axes.sum(axis=2, dtype=np.int64)
    means = (2 * total + per_second) // (2 * per_second)
    ends = range((first + 1) * NS_PER_S, (first + 1 + total.shape[1]) * NS_PER_S, NS_PER_S)
    return [
        MotionSummary(end, SECOND_MS, norm_of_range(below, above), below, above, mean)
        for end, below, above, mean in zip(ends, _triples(low), _triples(high), _triples(means), strict=True)
    ]


class _Seconds:
    """One block, second by second, as whole-number arrays: it lives only within one `push`."""

    __slots__ = ("counts", "covered_ns", "first", "high", "last", "low", "total")

    def __init__(self, mg: NDArray[np.int16], at_ns: int, period_ns: int) -> None:
        self.first = at_ns // NS_PER_S
        self.last = (at_ns + (len(mg) - 1) * period_ns) // NS_PER_S
        ends = np.arange(self.first, self.last, dtype=np.int64) * NS_PER_S + (NS_PER_S - at_ns)
        starts = np.concatenate([np.zeros(1, np.int64), -(-ends // period_ns)])
        axes = np.ascontiguousarray(mg.T)
        self.counts = np.diff(starts, append=len(mg))
        self.covered_ns = self.counts * period_ns
        self.low = np.minimum.reduceat(axes, starts, axis=1).T.astype(np.int64)
        self.high = np.maximum.reduceat(axes, starts, axis=1).T.astype(np.int64)
        self.total = np.add.reduceat(axes, starts, axis=1, dtype=np.int64).T.copy()

    def part(self, index: int) -> OpenSecond:
        """One second as plain values."""
        low, high, total = self.low[index].tolist(), self.high[index].tolist(), self.total[index].tolist()
        return OpenSecond(
            second=self.first if index == 0 else self.last,
            covered_ns=int(self.covered_ns[index]),
            count=int(self.counts[index]),
            low=(low[0], low[1], low[2]),
            high=(high[0], high[1], high[2]),
            total=(total[0], total[1], total[2]),
        )

    def replace_first(self, joined: OpenSecond) -> None:
        """Put in what earlier blocks held of the first second."""
        self.counts[0] = joined.count
        self.covered_ns[0] = joined.covered_ns
        self.low[0], self.high[0], self.total[0] = joined.low, joined.high, joined.total

    def rows(self, count: int) -> list[MotionSummary]:
        """The first `count` seconds as rows, without those of which less than half is there."""
        kept = np.flatnonzero(2 * self.covered_ns[:count] >= NS_PER_S)
        low, high, n = self.low[kept], self.high[kept], self.counts[kept, None]
        means = (2 * self.total[kept] + n) // (2 * n)
        ends = (kept + self.first + 1) * NS_PER_S
        return [
            MotionSummary(end, SECOND_MS, norm_of_range(below, above), below, above, mean)
            for end, below, above, mean in zip(
                ends.tolist(), _triples(low.T), _triples(high.T), _triples(means.T), strict=True
            )
        ]


def _triples(axes: NDArray[np.integer[Any]]) -> Iterator[Milligrams]:
    x, y, z = axes.tolist()
    return zip(x, y, z, strict=True)


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)
