"""The last hour in epochs: each in a few numbers, and several of them together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vigil.domain.plain import register

HELD = 120
"""Epochs held: an hour."""

FLOOR_MG = 50
"""Movement below this is not told apart: sensor noise, breathing and the rounding of sources differ there (a 50-Hz
accelerometer of 3 mg noise shows 35 mg in 30 s; walch's subsample, rounded to 10 mg, shows 10 to 30)."""

LEAST_SCALE_BPM = 0.3
"""Heart rates of whole beats a minute are no steadier than the rounding of 1 bpm, 1 / sqrt(12)."""

UNKNOWN = math.nan


class Span(NamedTuple):
    """Several epochs together; every number is NaN where less than a third of their looks had a heart rate."""

    mean: float
    wobble: float
    """standard deviation of the looks, n in the denominator"""
    lowest: float
    highest: float


_UNKNOWN_SPAN = Span(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)


@register
@dataclass(slots=True)
class EpochRows:
    """The last `HELD` epochs, a column for each number and the newest last, so that a window is a slice.

    count, total, squares, cubes, lowest, highest: of the looks that had a heart rate, in bpm. mean, wobble: their mean
    and standard deviation (n in the denominator), NaN without any. range_mg: the staging range, None if movement is
    not known. move: the same as the stager sees it, log2 of the range over `FLOOR_MG`, not below 0; NaN if not known.
    """

    count: list[int] = field(default_factory=list)
    total: list[float] = field(default_factory=list)
    squares: list[float] = field(default_factory=list)
    cubes: list[float] = field(default_factory=list)
    lowest: list[float] = field(default_factory=list)
    highest: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    wobble: list[float] = field(default_factory=list)
    range_mg: list[int | None] = field(default_factory=list)
    move: list[float] = field(default_factory=list)

    def add(self, rates: Sequence[float], range_mg: int | None) -> None:
        """Take the epoch that ended: the heart rates of the looks that had one, and its movement."""
        count, total, squares = len(rates), math.fsum(rates), math.fsum([rate * rate for rate in rates])
        if len(self.count) == HELD:
            self._forget_first()
        self.count.append(count)
        self.total.append(total)
        self.squares.append(squares)
        self.cubes.append(math.fsum([rate * rate * rate for rate in rates]))
        self.lowest.append(min(rates, default=math.inf))
        self.highest.append(max(rates, default=-math.inf))
        self.mean.append(total / count if count else UNKNOWN)
        self.wobble.append(_deviation(count, total, squares) if count else UNKNOWN)
        self.range_mg.append(range_mg)
        self.move.append(UNKNOWN if range_mg is None else math.log2(max(range_mg, FLOOR_MG) / FLOOR_MG))

    def span(self, epochs: int) -> Span:
        """The last `epochs` together, or as many as there are; at least one."""
        counts = self.count[-epochs:]
        count = sum(counts)
        if count < 2 * len(counts):
            return _UNKNOWN_SPAN
        total, squares = math.fsum(self.total[-epochs:]), math.fsum(self.squares[-epochs:])
        wobble = _deviation(count, total, squares)
        return Span(total / count, wobble, min(self.lowest[-epochs:]), max(self.highest[-epochs:]))

    def skewness(self, epochs: int, least: int) -> float:
        """Third standardised moment of the looks of the last `epochs`; NaN of fewer looks than `least`.

        The deviation counts as `LEAST_SCALE_BPM` at least, so that a flat stretch has none.
        """
        count = sum(self.count[-epochs:])
        if count < least:
            return UNKNOWN
        total, squares = math.fsum(self.total[-epochs:]), math.fsum(self.squares[-epochs:])
        centre = total / count
        third = math.fsum(self.cubes[-epochs:]) / count - 3 * centre * squares / count + 2 * centre**3
        return third / max(_deviation(count, total, squares), LEAST_SCALE_BPM) ** 3

    def _forget_first(self) -> None:
        for column in (self.count, self.total, self.squares, self.cubes, self.lowest, self.highest, self.mean):
            del column[0]
        del self.wobble[0], self.range_mg[0], self.move[0]


def known(values: Sequence[float]) -> list[float]:
    """The finite ones."""
    if math.isfinite(sum(values)):  # then each of them is, and to add them is quicker than to ask each
        return list(values)
    return list(filter(math.isfinite, values))


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
