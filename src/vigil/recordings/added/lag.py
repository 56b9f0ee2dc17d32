"""How a sensor smooths: what is added passes through the same, so that no edge is sharper than the sensor's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST_LAG_S = 15.0
"""A wrist sensor lags by 5 to 15 s (mission 5.6)."""

LONG_S = 420
"""Seconds from the onset for which a filtered course is made; later it is as good as its input."""


def lag_of(t_s: NDArray[np.float64], bpm: NDArray[np.float64]) -> float:
    """Time constant, in s, of an exponential smoothing that leaves increments this alike; 0 where they are not.

    A random walk smoothed with time constant tau has increments of lag-1 autocorrelation exp(-dt / tau) at the
    spacing dt (an AR(1) process).
    """
    if len(bpm) < 100:
        return 0.0
    steps, spacing = np.diff(bpm), float(np.median(np.diff(t_s)))
    power = float(np.mean(steps * steps))
    alike = float(np.mean(steps[1:] * steps[:-1])) / power if power > 0 else 0.0
    if not 0.05 < alike < 1.0:
        return 0.0
    return min(LONGEST_LAG_S, -spacing / math.log(alike))


def lagged(course: Callable[[float], float], lag_s: float) -> Sequence[float]:
    """The course of each second from the onset on, through the sensor's smoothing; `LONG_S` values."""
    share = 1.0 if lag_s <= 0 else 1 - math.exp(-1 / lag_s)
    level, levels = 0.0, []
    for second in range(LONG_S):
        level += share * (course(float(second)) - level)
        levels.append(level)
    return levels
