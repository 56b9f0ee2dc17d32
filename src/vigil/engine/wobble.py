"""What counts as ordinary for this sleeper tonight: how far the heart rate strays from its baseline anyway.

The spread about the baseline is of minutes; some sleepers also have surges all night long, from breathing, turning or
habit. A deviation is therefore measured against the larger of that spread and of what the last hour's excursions came
to. Found on sleep-accel, where one sleeper of 21 otherwise met a third of all false suspicions.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.units import EPOCH_NS, NS_PER_MINUTE
from vigil.signal.heart import HeartLook

HELD = 120
"""Excursions held: one every 30 s, an hour of them."""

ENOUGH = 20
"""Excursions, ten minutes of them, before they count."""

LONGEST_PAUSE_NS = 30 * NS_PER_MINUTE
"""After a pause this long what was ordinary is not known any more."""


@register
@dataclass(slots=True)
class Wobble:
    """Follows excursions of heart rate from its baseline.

    quantile: which of the last hour's absolute excursions is meant; share: how many of its like make one unit.
    least_bpm: no unit is smaller, because sensors round to whole beats and lag.
    """

    quantile: float
    share: float
    least_bpm: float
    excursions: deque[float] = field(default_factory=lambda: deque(maxlen=HELD))
    noted_ns: int | None = None
    tonight_bpm: float = 0.0

    def unit_bpm(self, spread_bpm: float) -> float:
        """One unit of deviation, in bpm, given the spread of the last minutes."""
        return max(self.least_bpm, spread_bpm, self.tonight_bpm)

    def note(self, at_ns: int, excess_bpm: float) -> None:
        """Remember an excursion; one every 30 s is enough."""
        if self.noted_ns is not None:
            if at_ns - self.noted_ns < EPOCH_NS:
                return
            if at_ns - self.noted_ns > LONGEST_PAUSE_NS:
                self.excursions.clear()
        self.noted_ns = at_ns
        self.excursions.append(abs(excess_bpm))
        ordered = sorted(self.excursions)
        known = len(ordered) >= ENOUGH
        self.tonight_bpm = ordered[int(len(ordered) * self.quantile)] / self.share if known else 0.0


def excess_bpm(heart: HeartLook) -> float | None:
    """How far the heart rate stands above its own baseline; None unless it and its spread are known and finite.

    The heart rate is known only while good.
    """
    if heart.bpm is None or heart.baseline_bpm is None or heart.spread_bpm is None:
        return None
    excess = heart.bpm - heart.baseline_bpm
    return excess if math.isfinite(excess + heart.spread_bpm) else None
