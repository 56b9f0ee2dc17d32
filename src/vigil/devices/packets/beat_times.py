"""When beats were: a strap says how far apart they are and nothing of when.

Intervals are added up from an anchor, so that beats keep the distances the strap measured and do not take on the
jitter of the radio. Each arrival says that its last beat is over: a sum that would lie after it is pulled back to it.
So the anchor settles where the smallest delay is nought, and the time of a beat is the latest that everything heard
allows. It lies up to a second before the arrival all the same, since a packet waits for its second to end: whoever
hands beats to a night that goes by in turns adds `WAIT_NS`, or they come too late for the turn they belong to.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.samples import BeatInterval
from vigil.domain.units import NS_PER_MS

MOST_BEHIND_NS = 2500 * NS_PER_MS
"""Sums further behind the arrival than this have missed beats, and begin anew. Straps send about once a second, beat
or no beat (a Polar H10 does), and the interval of the slowest sleeper, 1.5 s, comes on top of it."""

WAIT_NS = 1250 * NS_PER_MS
"""What every beat's instant may be put off by, so that all come in time and keep their distances: the second that a
packet waits, and a quarter for the radio. A beat that is moved by itself instead, to the turn in which it came, falls
on its neighbour, and at 115 bpm `signal` takes one in five for a packet sent twice."""

SETTLE_PACKETS = 16
"""Packets whose smallest delay is slack: so many contain one that came at once. Our own choice."""

SETTLE_SHARE = 16
"""This part of the slack is taken away with each packet. So a strap's clock that is slow against the computer's is
followed, and a packet that was lost is forgotten within a minute, while the distance between two beats is bent by a
few ms. Our own choice."""

PLAUSIBLE_RR_MS = (240, 3000)
"""20 to 250 bpm: what a strap itself can follow. Outside, the source is wrong; `signal` has narrower limits."""


@dataclass(slots=True)
class BeatTimes:
    """Places the beats of one connection. `most_behind_ns`: see `MOST_BEHIND_NS`, longer where packets are rarer.

    Given arrivals that do not go back, instants do not go back, and none lies after its arrival. A beat is not clean
    if the source doubts it, if it is implausible, if it is the first, if it comes after a gap (placed more than one and
    a half intervals after the beat before it), or in a jam (less than a quarter, where several packets came at once and
    there is no room). Intervals of such beats are true all the same, but the one after a gap has no neighbour, and
    `signal` takes pairs only of clean beats; those of a jam it would take for packets sent twice.
    """

    most_behind_ns: int = MOST_BEHIND_NS
    last_ns: int | None = None
    delays: deque[int] = field(default_factory=lambda: deque(maxlen=SETTLE_PACKETS))

    def place(self, beats: tuple[tuple[int, bool], ...], at_ns: int) -> tuple[BeatInterval, ...]:
        """The beats of a packet that came at `at_ns`, oldest first, given as (interval in ms, whether it is clean)."""
        if not beats:
            return ()
        found: list[BeatInterval] = []
        before_ns = self.last_ns
        ends_ns = (before_ns or 0) + sum(rr_ms for rr_ms, _ in beats) * NS_PER_MS
        behind_ns = at_ns - ends_ns
        if before_ns is None or not 0 <= behind_ns <= self.most_behind_ns:
            shift_ns = behind_ns
            self.delays.clear()
        else:
            self.delays.append(behind_ns)
            shift_ns = min(self.delays) // SETTLE_SHARE if len(self.delays) == SETTLE_PACKETS else 0
        when_ns = (before_ns or 0) + shift_ns
        for rr_ms, clean in beats:
            when_ns += rr_ms * NS_PER_MS
            placed_ns = when_ns if before_ns is None else max(when_ns, before_ns)
            found.append(BeatInterval(placed_ns, rr_ms, clean and _agrees(before_ns, placed_ns, rr_ms)))
            before_ns = placed_ns
        self.last_ns = before_ns
        return tuple(found)


def _agrees(before_ns: int | None, at_ns: int, rr_ms: int) -> bool:
    """Whether an interval is plausible, and agrees with the distance to the beat before it."""
    if before_ns is None or not PLAUSIBLE_RR_MS[0] <= rr_ms <= PLAUSIBLE_RR_MS[1]:
        return False
    rr_ns, distance_ns = rr_ms * NS_PER_MS, at_ns - before_ns
    return rr_ns <= 4 * distance_ns and 2 * distance_ns <= 3 * rr_ns
