"""A night's heart rate on an even grid: small enough to send, fine enough to look into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MOST_CELLS = 28_800
"""One a second for eight hours: as many points as a page may be asked to draw (issue's own number)."""

BRIDGE_S = 20
"""Pauses shorter than this are drawn through: ordinary for wrist sensors, which send every 1 to 10 s. Our choice."""

WIDEST_S = 60
"""No cell is longer, however seldom a source speaks, unless the night itself asks for it."""


@dataclass(frozen=True, slots=True)
class HeartLine:
    """Cell i holds the mean heart rate from i * step_s on, in whole bpm; 0 where nothing was heard."""

    step_s: int = 1
    bpm: tuple[int, ...] = ()


def heart_line(at_s: Sequence[float], bpm: Sequence[float], end_s: float) -> HeartLine:
    """The heart rates heard at these seconds from lights-out; what lies outside [0, end_s) is left out."""
    when, rate = np.asarray(at_s, dtype=float), np.asarray(bpm, dtype=float)
    inside = (when >= 0) & (when < end_s)
    when, rate = when[inside], rate[inside]
    if not when.size:
        return HeartLine()
    step = _step(when, end_s)
    cells = math.ceil(end_s / step)
    where = np.minimum((when // step).astype(int), cells - 1)
    counts = np.bincount(where, minlength=cells)
    sums = np.bincount(where, weights=rate, minlength=cells)
    means = np.divide(sums, counts, out=np.zeros(cells), where=counts > 0)
    return HeartLine(step, tuple(int(value) for value in np.rint(_bridged(means, counts > 0, step))))


def _step(when: NDArray[np.float64], end_s: float) -> int:
    """As fine as the source speaks, and never finer than may be drawn."""
    often = float(np.median(np.diff(np.sort(when)))) if when.size > 1 else 1.0
    return max(1, min(round(often), WIDEST_S), math.ceil(end_s / MOST_CELLS))


def _bridged(means: NDArray[np.float64], known: NDArray[np.bool_], step: int) -> NDArray[np.float64]:
    """Straight lines through pauses shorter than BRIDGE_S; longer ones stay empty."""
    places = np.flatnonzero(known)
    through = np.interp(np.arange(means.size), places, means[places])
    for before, after in pairwise(places):
        if (after - before) * step > BRIDGE_S and after - before > 1:
            through[before + 1 : after] = 0
    through[: places[0]] = 0
    through[places[-1] + 1 :] = 0
    return through
