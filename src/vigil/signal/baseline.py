"""The person's own running baseline, and how much the heart rate ordinarily wobbles about it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.units import NS_PER_MINUTE, STEP_NS
from vigil.signal.estimators import TimedMedian

LEFT_OUT_NS = NS_PER_MINUTE
"""The most recent minute is kept out, so that a surge does not lift the baseline it is measured against. A nightmare's
rise takes 10 s to 5 min (mission 5.3); the median resists what is longer."""

BASELINE_NS = 10 * NS_PER_MINUTE
"""How far back the baseline looks: it follows the fall over the night and the change into REM, not a surge."""

SPREAD_NS = 30 * NS_PER_MINUTE
"""How far back the wobble looks: a third of a sleep cycle, so that quiet deep sleep does not make all else odd."""

KNOWN_STEPS = 3 * NS_PER_MINUTE // STEP_NS
"""Three minutes of good values are wanted before either is known."""

MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to one standard deviation of a normal distribution (Rousseeuw and Croux 1993)."""

QUARTILES_TO_SIGMA = 1.349
"""Interquartile range to one standard deviation of a normal distribution (same source)."""

LEAST_SPREAD_BPM = 1.0
"""Floor of the wobble: heart rates come in whole beats a minute from most sources."""


@register
@dataclass(slots=True)
class HeartBaseline:
    """Median of the good heart rates of (at - 10 min, at - 60 s], and the robust sigma of what deviated from it.

    Deviations are taken against the baseline of their own instant, over the last 30 min, also without the last 60 s.
    """

    waiting: deque[tuple[int, float, float | None]] = field(default_factory=deque)
    """(at_ns, bpm, deviation) of the last minute"""
    level: TimedMedian = field(default_factory=lambda: TimedMedian(BASELINE_NS, KNOWN_STEPS))
    wobble: TimedMedian = field(default_factory=lambda: TimedMedian(SPREAD_NS, KNOWN_STEPS))

    def look(self, at_ns: int, bpm: float | None) -> tuple[float | None, float | None]:
        """Take the heart rate of this look (None where it is not good); the baseline and the spread, both in bpm."""
        waiting = self.waiting
        ripe = at_ns - LEFT_OUT_NS
        while waiting and waiting[0][0] <= ripe:
            then_ns, then_bpm, deviation = waiting.popleft()
            self.level.update(then_ns, then_bpm)
            if deviation is not None:
                self.wobble.update(then_ns, deviation)
        level = self.level.value(at_ns)
        if bpm is not None:
            waiting.append((at_ns, bpm, None if level is None else abs(bpm - level)))
        return level, None if level is None else max(LEAST_SPREAD_BPM, self._spread(at_ns))

    def _spread(self, at_ns: int) -> float:
        """One sigma: of the deviations once three minutes of them are known, before that of the baseline's window."""
        wobble = self.wobble.value(at_ns)
        if wobble is not None:
            return MAD_TO_SIGMA * wobble
        ordered = self.level.ordered
        return (ordered[3 * len(ordered) // 4] - ordered[len(ordered) // 4]) / QUARTILES_TO_SIGMA
