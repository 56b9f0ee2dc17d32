"""Heart rates that leave what was just heard faster than a heart can: held back until enough others follow them.

A wrong rate, however plausible by itself, stands alone; a heart that has truly leapt stays where it went. So a value
far from the last two that were believed waits. If the stream goes on from where it was, what waits is refused; if
`CONFIRMED_BY` in a row are far, all of them are taken after all, at their own instants. What waits shows that the
wearable is alive and worn, though not yet how the heart is (`heart.HeartLook`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.samples import SampleFault
from vigil.domain.units import NS_PER_S
from vigil.signal.hygiene import Stream, stale_limit_ns

NEAR_BPM_X10 = 50
"""How far two values a moment apart may lie from each other, in tenths of a bpm; sleep-accel's stay within 5 for a
second, 999 in 1000."""

BPM_X10_PER_S = 10
"""How much further with each second since the last: together 10 bpm in 5 s, as the surge of a sleeper who is woken
may begin, +10 to +25 bpm within 5 to 15 s (mission 5.3). One value in 200 of sleep-accel goes further."""

CONFIRMED_BY = 4
"""Values in a row, all far: up to three packets of garbage must not be believed (our own choice)."""


@register
@dataclass(slots=True)
class Jumps:
    """Holds back what leaps. believed: the last two values, (at_ns, bpm_x10). held: what waits, fewer than four."""

    believed: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2))
    held: list[tuple[int, int]] = field(default_factory=list)

    @property
    def heard_ns(self) -> int | None:
        """When the last of what waits was heard, None if nothing does."""
        return self.held[-1][0] if self.held else None

    def take(self, at_ns: int, bpm_x10: int, stream: Stream) -> Sequence[tuple[int, int]] | SampleFault:
        """The values that can be believed now that this one came: this one, or it and those held before it, in order.

        Else why it is not: JUMP if it waits; LATE or DUPLICATE beside what waits already. stream: that of the values
        that were believed; after a silence longer than its own limit the next is held against the last all the same.
        """
        one, believed = (at_ns, bpm_x10), self.believed
        if believed and abs(bpm_x10 - believed[-1][1]) > NEAR_BPM_X10 and self._is_far(one, stream):
            return self._hold(one, stream)
        self.held.clear()
        believed.append(one)
        return (one,)

    def forget(self) -> None:
        """What was heard until now is not of this wrist, or not of now."""
        self.believed.clear()
        self.held.clear()

    def _is_far(self, one: tuple[int, int], stream: Stream) -> bool:
        since_ns = min(one[0] - self.believed[-1][0], stale_limit_ns(stream.cadence_ns))
        near_x10 = NEAR_BPM_X10 + BPM_X10_PER_S * since_ns // NS_PER_S
        return all(abs(one[1] - then_x10) > near_x10 for _, then_x10 in self.believed)

    def _hold(self, one: tuple[int, int], stream: Stream) -> Sequence[tuple[int, int]] | SampleFault:
        """A packet that was sent twice bears out nothing."""
        fault = stream.refusal(*one, after=self.held[-1]) if self.held else None
        if fault is not None:
            return fault
        self.held.append(one)
        if len(self.held) < CONFIRMED_BY:
            return SampleFault.JUMP
        taken, self.held = self.held, []
        self.believed.extend(taken)
        return taken
