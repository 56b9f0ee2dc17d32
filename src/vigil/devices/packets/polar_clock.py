"""A wearable's own clock beside the computer's: when the samples of a frame were taken.

Frames carry the time of their last sample on a clock that starts anywhere (an H10 begins in 2019 each time it is put
on: Polar BLE SDK, `TimeSystemExplained.md`) and runs a little fast or slow. The difference between arrival and that
time is a fixed part and a delay; the smallest of the last frames stands for the fixed part.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.units import NS_PER_S

REMEMBERED = 64
"""Frames whose smallest delay counts: one to two minutes, in which clocks 100 ppm apart part by 12 ms."""

MOST_DELAY_NS = 10 * NS_PER_S
"""A frame that would be older than this when it comes is not: the wearable's clock was set. No link holds a packet
for so long, since it is given up before (supervision timeout; Bluetooth Core 5.4, Vol 6, Part B, 4.5.2: 32 s at most,
and a few seconds on common computers)."""

SAME_SHARE = 0.2
"""A period that differs more from the expected one is of frames that do not follow each other."""

AGREED_SHARE, AGREEING = 0.05, 4
"""So many periods in a row that differ by no more are the true rate, whatever was asked for."""

PERIODS_NS = (2_000_000, 200_000_000)
"""500 to 5 samples a second: faster than any of these sensors streams, and the slowest that `signal` takes."""


@dataclass(slots=True)
class DeviceClock:
    """Places frames of one stream on the boot clock. `period_ns`: between samples, as far as is known."""

    period_ns: int
    last_device_ns: int | None = None
    first_ns: int | None = None
    offsets: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    others: deque[int] = field(default_factory=lambda: deque(maxlen=AGREEING))

    def place(self, device_ns: int | None, count: int, at_ns: int) -> tuple[int, int] | None:
        """Instant of the first of `count` samples and the period between them, both in ns.

        device_ns: the wearable's time of the last one, None where it has none. Given arrivals that do not go back,
        first instants do not go back, and no last sample lies after its arrival; None where both cannot be, because
        so many samples cannot have been taken since the frame before began.
        """
        before_ns, self.last_device_ns = self.last_device_ns, device_ns
        if device_ns is not None and before_ns is not None and device_ns <= before_ns:
            self.offsets.clear()  # the clock was set back, or another has taken its place
        period_ns = self._period(before_ns, device_ns, count)
        last_ns = at_ns if device_ns is None else self._mapped(device_ns, at_ns)
        first_ns = last_ns - (count - 1) * period_ns
        if self.first_ns is not None and first_ns < self.first_ns:
            # It would begin before the frame before it: the clock was mapped anew. Time does not go back for it.
            room_ns = (at_ns - self.first_ns) // max(1, count - 1)
            if room_ns < period_ns // 2:
                return None
            first_ns, period_ns = self.first_ns, min(period_ns, room_ns)
        self.first_ns = first_ns
        return first_ns, period_ns

    def _mapped(self, device_ns: int, at_ns: int) -> int:
        offset = at_ns - device_ns
        if self.offsets and offset - min(self.offsets) > MOST_DELAY_NS:
            self.offsets.clear()
        self.offsets.append(offset)
        return device_ns + min(self.offsets)

    def _period(self, before_ns: int | None, device_ns: int | None, count: int) -> int:
        """From the time since the frame before, if the two follow each other; else what is known."""
        if device_ns is None or before_ns is None:
            return self.period_ns
        found_ns = (device_ns - before_ns) // count
        if abs(found_ns - self.period_ns) <= SAME_SHARE * self.period_ns:
            self.others.clear()
            return found_ns
        if not PERIODS_NS[0] <= found_ns <= PERIODS_NS[1]:
            return self.period_ns
        self.others.append(found_ns)
        if len(self.others) == AGREEING and max(self.others) - min(self.others) <= AGREED_SHARE * found_ns:
            self.period_ns = found_ns
            self.others.clear()
        return self.period_ns
