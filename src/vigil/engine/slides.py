"""How the heart rate slides: the change from one mean to the next, at time scales from 20 s to 160 s.

Dreaming sleep and wake sway slowly (below 0.04 Hz), deep sleep hardly does (mission 5.1; Bonnet 1997): these are
Haar wavelet coefficients, whose mean squares split that sway by scale.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from vigil.domain.plain import register

KEPT = 60
"""Epochs kept: 30 min."""


@register
@dataclass(slots=True)
class Slide:
    """Changes between the mean of the last `steps` looks and that of the `steps` before, one a look, by epoch.

    looks: the last 2 x `steps`, NaN where not good. changes: of the epoch under way, bpm. count, squares, most: of
    each of the last `KEPT` epochs, how many changes, the sum of their squares, the largest (-inf of none).
    """

    steps: int
    looks: deque[float] = field(default_factory=deque)
    changes: list[float] = field(default_factory=list)
    count: deque[int] = field(default_factory=lambda: deque(maxlen=KEPT))
    squares: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    most: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, bpm: float) -> None:
        """Take the look of one step, NaN if not good."""
        looks, steps = self.looks, self.steps
        looks.append(bpm)
        if len(looks) > 2 * steps:
            looks.popleft()
        if len(looks) == 2 * steps:
            held = list(looks)
            change = (math.fsum(held[steps:]) - math.fsum(held[:steps])) / steps
            if math.isfinite(change):
                self.changes.append(change)

    def end_epoch(self) -> None:
        """Close the epoch under way."""
        changes = self.changes
        self.count.append(len(changes))
        self.squares.append(math.fsum([change * change for change in changes]))
        self.most.append(max(changes, default=-math.inf))
        self.changes = []

    def size(self, epochs: int) -> float:
        """Root mean square of the changes of the last `epochs`, bpm; NaN under two a kept epoch, or of none."""
        counts = _last(self.count, epochs)
        count = sum(counts)
        if count < max(1, 2 * len(counts)):
            return math.nan
        return math.sqrt(math.fsum(_last(self.squares, epochs)) / count)

    def largest(self, epochs: int) -> float:
        """The largest rise of the last `epochs`, bpm; NaN of none."""
        most = max(_last(self.most, epochs), default=-math.inf)
        return most if math.isfinite(most) else math.nan


def _last(values: Iterable[float], count: int) -> list[float]:
    return list(values)[-count:]
