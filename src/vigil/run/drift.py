"""How far a wearable's clock and the computer's move apart.

A packet takes some time to come, never less than none; so the smallest delay of a while is close to the true distance
of the two clocks, and what it changes from one while to the next is drift, not delay.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.units import NS_PER_MINUTE, NS_PER_MS

WHILE_NS = 10 * NS_PER_MINUTE
"""Over how long the smallest delay is taken. Our choice: hundreds of packets."""

TOLD_MS = 2_000
"""Drift of this much is told, as a step of the computer's own clock is (reliability F7)."""


@dataclass(slots=True)
class Drift:
    """Follows the distance of two clocks; tells once of each `TOLD_MS` that it has changed."""

    _until_ns: int | None = None
    _smallest_ns: int = 0
    _first_ns: int | None = None

    def take(self, at_ns: int, device_ns: int) -> int | None:
        """The drift in ms, positive if the wearable's clock is slow, where it is to be told; else None.

        at_ns: when a packet came. device_ns: what the wearable's clock said in it.
        """
        apart_ns = at_ns - device_ns
        if self._until_ns is None:
            self._until_ns, self._smallest_ns = at_ns + WHILE_NS, apart_ns
        if at_ns < self._until_ns:
            self._smallest_ns = min(self._smallest_ns, apart_ns)
            return None
        smallest_ns, self._until_ns, self._smallest_ns = self._smallest_ns, at_ns + WHILE_NS, apart_ns
        if self._first_ns is None:
            self._first_ns = smallest_ns
            return None
        drifted_ms = (smallest_ns - self._first_ns) // NS_PER_MS
        if abs(drifted_ms) < TOLD_MS:
            return None
        self._first_ns = smallest_ns
        return drifted_ms
