"""A figure: a value, how sure it is, and of how many it was counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

TAIL = 0.025
"""On either side: a 95 % interval."""

NO_DRAWS: FloatArray = np.empty(0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval; None where it cannot be said. n: what it was counted over (0 or more)."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A figure before its interval is read off.

    value: NaN where it cannot be said. draws: shape (draws,), the same of every resample, NaN likewise; empty with
    fewer than two people. n: what it was counted over.
    """

    value: float
    draws: FloatArray
    n: int

    def figure(self) -> Figure:
        """With the percentile interval (Efron 1979), widened to hold the value.

        Resamples in which the figure cannot be said are left out; where they are more than half there is no interval.
        """
        if not math.isfinite(self.value):
            return Figure(None, None, None, self.n)
        value, said = float(self.value), self.draws[np.isfinite(self.draws)]
        if said.size == 0 or 2 * said.size < self.draws.size:
            return Figure(value, None, None, self.n)
        low, high = (float(bound) for bound in np.quantile(said, (TAIL, 1 - TAIL)))
        return Figure(value, min(low, value), max(high, value), self.n)


def over(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Elementwise part / whole, of one shape; NaN where the whole is not above 0."""
    part, whole = np.broadcast_arrays(part, whole)
    shares: FloatArray = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return shares
