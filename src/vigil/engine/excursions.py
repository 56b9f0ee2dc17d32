"""How the heart rate strays from its own baseline: how far, since when, how fast it rose, and whether it repeats.

Nothing here knows of a threshold or of a suspicion, so that any number of thresholds can follow one night.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

from vigil.domain.plain import register
from vigil.domain.samples import Quality
from vigil.domain.sleep import StageProbabilities
from vigil.domain.units import MAX_INSTANT_NS, NS_PER_MINUTE, NS_PER_S, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.wobble import Wobble, excess_bpm
from vigil.signal.heart import HeartLook

LOST_S = 60
"""Seconds without good data after which what was followed is stale and let go (reliability F1)."""

REPEAT_WINDOW_NS = 10 * NS_PER_MINUTE
_RISE_STEPS = 30 // STEP_S

_SPACING_S = (15, 120)
"""Breathing and leg events come at such a spacing (mission 5.5)."""


@register
@dataclass(slots=True)
class Excursions:
    """Follows deviations; `look` at every step, in order.

    deviation: of now, in units of what is ordinary; None without good data. under_ns: the last step at or below
    `settled` units, or before which nothing was known; the excursion of now began after it. top, rise_bpm: largest
    deviation, and largest rise within half a minute, since then. p_deep_before: of the step before it began.
    surges: when surges began, over ten minutes; none that began up to echo_until_ns, the end of the answer to a nudge.
    blind_steps: without good data until now.
    """

    bounds: EpisodeBounds
    wobble: Wobble
    deviation: float | None = None
    under_ns: int = 0
    top: float = 0.0
    rise_bpm: float = 0.0
    p_deep_before: float = 0.0
    above: bool = False
    rates: deque[float] = field(default_factory=lambda: deque(maxlen=_RISE_STEPS + 1))
    surges: deque[int] = field(default_factory=lambda: deque(maxlen=12))
    blind_steps: int = 0
    echo_until_ns: int = -MAX_INSTANT_NS

    @classmethod
    def of(cls, bounds: EpisodeBounds) -> Excursions:
        """Before its night."""
        return cls(bounds, Wobble(bounds.wobble_quantile, bounds.wobble_share, bounds.wobble_least_bpm))

    def look(self, at_ns: int, heart: HeartLook, p: StageProbabilities) -> None:
        """Take one step."""
        excess = excess_bpm(heart)
        if heart.quality is not Quality.GOOD or excess is None or heart.spread_bpm is None or heart.bpm is None:
            self._look_blind(at_ns, p)
            return
        deviation = excess / self.wobble.unit_bpm(heart.spread_bpm)
        self.deviation, self.blind_steps = deviation, 0
        self.wobble.note(at_ns, excess)
        self.rates.append(heart.bpm)
        if deviation <= self.bounds.settled:
            self._settle(at_ns, p)
        else:
            self.top = max(self.top, deviation)
            self.rise_bpm = max(self.rise_bpm, heart.bpm - min(self.rates))
        self._count_surges(at_ns, deviation)

    def is_periodic(self) -> bool:
        """Surges at one spacing of 15 to 120 s, again and again within ten minutes (mission 5.5)."""
        if len(self.surges) < self.bounds.repeats:
            return False
        gaps = sorted((later - earlier) / NS_PER_S for earlier, later in pairwise(self.surges))
        middle = gaps[len(gaps) // 2]
        even = sum(1 for gap in gaps if 0.5 * middle <= gap <= 1.5 * middle)
        return _SPACING_S[0] <= middle <= _SPACING_S[1] and even >= len(gaps) - 1

    def _look_blind(self, at_ns: int, p: StageProbabilities) -> None:
        """After `LOST_S` without good data nobody knows how the heart got where it is: what is seen begins anew."""
        self.deviation = None
        self.blind_steps += 1
        if self.blind_steps * STEP_S >= LOST_S:
            self.rates.clear()
            self._settle(at_ns, p)

    def _settle(self, at_ns: int, p: StageProbabilities) -> None:
        self.under_ns, self.p_deep_before = at_ns, p.deep
        self.top = self.rise_bpm = 0.0

    def _count_surges(self, at_ns: int, deviation: float) -> None:
        if not self.above and deviation >= self.bounds.surge_on:
            self.above = True
            if at_ns > self.echo_until_ns:
                self.surges.append(at_ns)
        elif self.above and deviation <= self.bounds.surge_off:
            self.above = False
        while self.surges and self.surges[0] <= at_ns - REPEAT_WINDOW_NS:
            self.surges.popleft()
