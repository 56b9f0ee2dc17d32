"""Running estimates over windows of time.

An estimator takes instants and values in order and answers at any later instant from a window that ends there.
All of them keep `Estimator`'s contract, which `tests/contract/test_estimators.py` checks for every class here:
windows are half-open by timestamp, (at - window, at], never by count; a snapshot (`vigil.domain.plain`) in the
middle changes nothing; moving all instants moves nothing else; `reset` is as good as new.

Nothing is a carried partial sum of floats: orders are kept (exact), and sums are sums of integers (exact).
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from vigil.domain.plain import register
from vigil.domain.units import NS_PER_MINUTE


@runtime_checkable
class Estimator(Protocol):
    """What every estimator does. `update` wants non-decreasing instants; `value` an instant not before the last."""

    def update(self, at_ns: int, value: int, /) -> None:
        """Take one value that was known at `at_ns`."""

    def value(self, at_ns: int, /) -> float | None:
        """The estimate at `at_ns`, or None where too little is known."""

    def reset(self) -> None:
        """Forget everything that was taken."""


@register
@dataclass(slots=True)
class TimedMedian:
    """Median of the values of the trailing window, with as many order statistics as are wanted.

    An ordered list beside the values in time order: insertion and removal are binary searches, so that a window of
    360 values costs about a microsecond, and the answer is exact. A value that is not finite is not taken.
    """

    window_ns: int = 10 * NS_PER_MINUTE
    least: int = 1
    """values that must be in the window before there is an answer"""
    held: deque[tuple[int, float]] = field(default_factory=deque)
    ordered: list[float] = field(default_factory=list)

    def update(self, at_ns: int, value: float) -> None:
        """Take one value; not finite: left out."""
        if math.isfinite(value):
            self.held.append((at_ns, value))
            insort(self.ordered, value)

    def value(self, at_ns: int) -> float | None:
        """The median, the mean of the middle two for an even count; None under `least` values."""
        self._forget(at_ns)
        count = len(self.ordered)
        if count == 0 or count < self.least:
            return None
        return middle(self.ordered)

    def merge(self, later: TimedMedian) -> None:
        """Take all that `later`, which began where this one stopped, has taken."""
        for at_ns, value in later.held:
            self.update(at_ns, value)

    def reset(self) -> None:
        """Forget everything that was taken."""
        self.held.clear()
        self.ordered.clear()

    def _forget(self, at_ns: int) -> None:
        oldest = at_ns - self.window_ns
        held, ordered = self.held, self.ordered
        while held and held[0][0] <= oldest:
            del ordered[bisect_left(ordered, held.popleft()[1])]


@register
@dataclass(slots=True)
class TimedDeviation:
    """Sample standard deviation of the integers of the trailing window (SDNN of beat intervals in ms).

    Integers, so that the two running sums are exact whatever came and went.
    """

    window_ns: int = 5 * NS_PER_MINUTE
    least: int = 60
    held: deque[tuple[int, int]] = field(default_factory=deque)
    total: int = 0
    squares: int = 0

    def update(self, at_ns: int, value: int) -> None:
        """Take one integer."""
        self.held.append((at_ns, value))
        self.total += value
        self.squares += value * value

    def value(self, at_ns: int) -> float | None:
        """The standard deviation with n - 1; None under `least` values, and never under two."""
        oldest = at_ns - self.window_ns
        held = self.held
        while held and held[0][0] <= oldest:
            gone = held.popleft()[1]
            self.total -= gone
            self.squares -= gone * gone
        count = len(held)
        if count < max(2, self.least):
            return None
        return math.sqrt((count * self.squares - self.total * self.total) / (count * (count - 1)))

    def merge(self, later: TimedDeviation) -> None:
        """Take all that `later`, which began where this one stopped, has taken."""
        for at_ns, value in later.held:
            self.update(at_ns, value)

    def reset(self) -> None:
        """Forget everything that was taken."""
        self.held.clear()
        self.total = 0
        self.squares = 0


@register
@dataclass(slots=True)
class TimedRootMeanSquare:
    """Root mean square of the integers of the trailing window (RMSSD of successive differences in ms)."""

    window_ns: int = 5 * NS_PER_MINUTE
    least: int = 60
    held: deque[tuple[int, int]] = field(default_factory=deque)
    squares: int = 0

    def update(self, at_ns: int, value: int) -> None:
        """Take one integer."""
        self.held.append((at_ns, value))
        self.squares += value * value

    def value(self, at_ns: int) -> float | None:
        """The root mean square; None under `least` values, and never of none."""
        oldest = at_ns - self.window_ns
        held = self.held
        while held and held[0][0] <= oldest:
            gone = held.popleft()[1]
            self.squares -= gone * gone
        count = len(held)
        if count < max(1, self.least):
            return None
        return math.sqrt(self.squares / count)

    def merge(self, later: TimedRootMeanSquare) -> None:
        """Take all that `later`, which began where this one stopped, has taken."""
        for at_ns, value in later.held:
            self.update(at_ns, value)

    def reset(self) -> None:
        """Forget everything that was taken."""
        self.held.clear()
        self.squares = 0


@register
@dataclass(slots=True)
class NightQuantiles:
    """Order statistics of everything taken since the night began: what is usual for this person, so far."""

    least: int = 10
    ordered: list[float] = field(default_factory=list)

    def update(self, _at_ns: int, value: float) -> None:
        """Take one value; not finite: left out."""
        if math.isfinite(value):
            insort(self.ordered, value)

    def value(self, _at_ns: int) -> float | None:
        """The median so far; None under `least` values."""
        return self.quantile(0.5)

    def quantile(self, share: float) -> float | None:
        """The value below which `share` (0 to 1) of the night so far lies (nearest rank); None under `least` values."""
        count = len(self.ordered)
        if count == 0 or count < self.least:
            return None
        return self.ordered[round(share * (count - 1))]

    def rank(self, value: float) -> float | None:
        """The share (0 to 1) of the night so far that lies below `value`; None under `least` values, or for NaN."""
        count = len(self.ordered)
        if count == 0 or count < self.least or not math.isfinite(value):
            return None
        return bisect_left(self.ordered, value) / count

    def merge(self, later: NightQuantiles) -> None:
        """Take all that `later` has taken."""
        for value in later.ordered:
            insort(self.ordered, value)

    def reset(self) -> None:
        """Forget everything that was taken."""
        self.ordered.clear()


def middle(ordered: list[float]) -> float:
    """The median of an ordered, non-empty list: the mean of the middle two for an even count."""
    half = len(ordered) >> 1
    if len(ordered) & 1:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2
