"""Heart rate of an untouched night as a track, its slow course, and the real surges in it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigil.domain.sleep import ASLEEP, AasmStage
from vigil.domain.units import EPOCH_S

Floats = NDArray[np.float64]

SLOW_S = 30.0
"""Half of the window that the slow course is a mean of: so short that of a real surge only its wobble is left over."""

BRIEF_S = 15.0
"""Half of the window in which a surge is looked for: a minute and less is what an arousal takes (mission 5.3)."""

LEAST_SURGE_BPM = 5.0
FEWEST_SURGES, APART_S, REACH_S = 6, 180.0, 300.0
CALM_S = 60.0
"""The same of the course that an added surge goes on from: the untouched minute about it."""

STRIDE_S = 10.0
OVER = 0.8
"""Wobble is taken from surges this many times as large, since following another course adds a little of its own."""

LARGEST_JUMP = 60
"""Increments beyond this many steps of the grid are counted as this."""


@dataclass(frozen=True, slots=True)
class Surge:
    """A real surge: the index at which it begins in the track, and how far it went, in bpm."""

    begins: int
    size_bpm: float


@dataclass(frozen=True, slots=True)
class Track:
    """Heart rate of a night: t_s, instants from lights-out; bpm, the rate at them, all of shape (n,), n >= 1.

    slow, calm: its slow course, and a slower one. surges: real ones in scored sleep (anywhere, where nothing is
    scored), the largest excursions of the night.
    """

    t_s: Floats
    bpm: Floats
    slow: Floats
    calm: Floats
    surges: tuple[Surge, ...]

    @classmethod
    def of(cls, t_s: Sequence[float], bpm: Sequence[float], scoring: Sequence[AasmStage] | None) -> Track:
        """From values in order of time."""
        times, values = np.asarray(t_s, dtype=np.float64), np.asarray(bpm, dtype=np.float64)
        return cls(
            times,
            values,
            slow_course(times, values, SLOW_S),
            slow_course(times, values, CALM_S),
            tuple(_surges(times, values, scoring)),
        )

    def near(self, size_bpm: float, count: int = 8) -> list[Surge]:
        """The surges whose wobble suits a size."""
        wanted = math.log(max(1.0, OVER * size_bpm))
        return sorted(self.surges, key=lambda surge: abs(math.log(max(1.0, surge.size_bpm)) - wanted))[:count]

    def rate_at(self, t_s: float) -> float:
        """The slow course at an instant, of the value before it."""
        return float(self.slow[max(0, int(np.searchsorted(self.t_s, t_s, "right")) - 1)])


def slow_course(t_s: Floats, values: Floats, half_s: float) -> Floats:
    """Mean of the values within `half_s` on either side of each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    low, high = np.searchsorted(t_s, t_s - half_s, "left"), np.searchsorted(t_s, t_s + half_s, "right")
    course: Floats = (sums[high] - sums[low]) / (high - low)
    return course


def _surges(t_s: Floats, bpm: Floats, scoring: Sequence[AasmStage] | None) -> list[Surge]:
    """The largest excursions over the minutes before, at least three minutes apart, and where each begins."""
    if len(t_s) < 50:
        return []
    course = slow_course(t_s, bpm, BRIEF_S)
    level = _level_before(t_s, course)
    above = course - level
    found: list[Surge] = []
    taken: list[float] = []
    for index in np.argsort(-above):
        enough = above[index] < LEAST_SURGE_BPM and len(found) >= FEWEST_SURGES
        if enough or not above[index] > 0:
            break
        top_s = float(t_s[index])
        if any(abs(top_s - other) < APART_S for other in taken) or not _is_asleep(scoring, top_s):
            continue
        taken.append(top_s)
        found.append(Surge(_begin(t_s, course, level[index], int(index)), float(above[index])))
    return found


def _level_before(t_s: Floats, course: Floats) -> Floats:
    """Median of the course from 390 to 90 s before each value; infinite where too little is known of it."""
    low, high = np.searchsorted(t_s, t_s - 390), np.searchsorted(t_s, t_s - 90)
    level = np.full(len(t_s), np.inf)
    known_s, known = -math.inf, math.inf
    for index in range(len(t_s)):
        if t_s[index] - known_s >= STRIDE_S:
            known_s = float(t_s[index])
            enough = high[index] - low[index] >= 20 and known_s > 0
            known = float(np.median(course[low[index] : high[index]])) if enough else math.inf
        level[index] = known
    return level


def _begin(t_s: Floats, course: Floats, level: float, top: int) -> int:
    """The last index before the top at which a fifth of the way was not yet gone."""
    index = top
    while index > 1 and t_s[index] > t_s[top] - REACH_S and course[index] - level > 0.2 * (course[top] - level):
        index -= 1
    return index


def _is_asleep(scoring: Sequence[AasmStage] | None, t_s: float) -> bool:
    epoch = int(t_s // EPOCH_S)
    return scoring is None or (epoch < len(scoring) and scoring[epoch].stage in ASLEEP)


def increments_of(values: Sequence[int], begins: Sequence[int], long: int) -> dict[int, float]:
    """The share of each increment in the `long` values from each beginning, both signs alike; none is nought."""
    counts = Counter(
        max(-LARGEST_JUMP, min(LARGEST_JUMP, values[index] - values[index - 1]))
        for begin in begins
        for index in range(max(1, begin), min(len(values), begin + long))
    )
    both = {jump: (counts[jump] + counts[-jump]) / 2 for jump in range(-LARGEST_JUMP, LARGEST_JUMP + 1)}
    smooth = {jump: _smooth(both, jump) for jump in both}
    total = math.fsum(smooth.values())
    return {jump: count / total for jump, count in smooth.items()}


def _smooth(both: dict[int, float], jump: int) -> float:
    """Large increments are rare: they borrow from their neighbours, and a tail keeps them possible."""
    tail = 0.3 * math.exp(-abs(jump) / 8)
    if abs(jump) <= 2:
        return both[jump] + tail
    return (both[jump] + (both.get(jump - 1, 0.0) + both.get(jump + 1, 0.0)) / 2) / 2 + tail
