"""What the body has done since a nudge: has the heart come down, has the arm moved as that of somebody awake?

The heart of a sleeper who was settled or woken comes down, but not at once: a few beats of echo come first, the dream
ends within some twenty seconds, and what a wearable says is late. A nightmare that goes on holds the heart up. So only
a heart that still stands up is leave for one step more, and what is not known never is.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.plain import register

STANDING = 1.0
"""Share of the largest surge since the nudge at or above which the heart is not coming down: it has never been higher.
Chosen, as the next one, on simulated nights (`python -m benchmarks.answers`, benchmarks/README.md)."""

HELD_UP = 0.7
"""Share of it at or above which the heart has stayed up when the looking on is over. A share, because one heart surges
by 10 bpm and another by 30."""

MOSTLY_S = 4
"""Seconds of movement in a look of five at or above which the arm moved nearly throughout. Our choice."""

LOOKS_ON_END = 2
"""So many such looks on end are no twitch: one who wakes turns over, for ten seconds and more. Our choice."""

MOST_NUMBER = 1e6
"""Nothing that is measured here is larger; NaN and infinity are not below it."""


@register
@dataclass(slots=True)
class Observed:
    """`look` at every look, from the one that gave the nudge.

    surge_bpm: how far the heart stands above its level now, None where not known. most_bpm: the most of it since.
    before_s, moving_s: movement in the two minutes before the nudge, and before now. on_end: looks that moved nearly
    throughout, until now. moved: they were more than twitches, and more than there was before the nudge.
    """

    surge_bpm: float | None = None
    most_bpm: float | None = None
    before_s: float | None = None
    moving_s: float | None = None
    on_end: int = 0
    moved: bool = False

    def look(self, surge_bpm: object, moving_s: object) -> None:
        """Take one look. What is no number is not known."""
        self.surge_bpm = surge = _number(surge_bpm)
        if surge is not None:
            self.most_bpm = surge if self.most_bpm is None else max(self.most_bpm, surge)
        last_s, self.moving_s = self.moving_s, _number(moving_s)
        if self.before_s is None:
            self.before_s = self.moving_s
        if self.before_s is None or self.moving_s is None or last_s is None:
            self.on_end = 0
            return
        self.on_end = self.on_end + 1 if self.moving_s - last_s >= MOSTLY_S else 0
        more = self.moving_s - self.before_s >= LOOKS_ON_END * MOSTLY_S
        self.moved = self.moved or (more and self.on_end >= LOOKS_ON_END)

    def stands_at(self, share: float) -> bool:
        """Whether the heart is known to stand at `share` of its largest surge, or above; one at its level does not."""
        surge, most = self.surge_bpm, self.most_bpm
        return surge is not None and most is not None and most > 0 and surge >= share * most


def _number(value: object) -> float | None:
    """The number, or None for what is none: no number, a bool, NaN, infinity, or more than can be."""
    is_number = isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < MOST_NUMBER
    return float(value) if is_number and isinstance(value, float | int) else None
