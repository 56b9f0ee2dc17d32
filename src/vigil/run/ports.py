"""What the watch asks of the world, as small protocols; and the only place where time is read.

Three clocks are kept apart: `mono` never steps and may stop in suspend, `boot` goes on through suspend, `wall` is for
names and display only and may jump. A suspend shows as boot - mono having grown, a clock step as wall - boot having
changed (reliability section 5).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from vigil.domain.errors import DeviceError
from vigil.domain.nudges import LedgerRow
from vigil.domain.permits import Permit
from vigil.domain.records import Event, Input, NightBegan, NightOutput, Sample
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_MS, NS_PER_S


class Clock(Protocol):
    """Where time is read and waited for."""

    def mono_ns(self) -> int:
        """Nanoseconds on a clock that never steps."""
        ...

    def boot_ns(self) -> int:
        """Nanoseconds since boot, suspend included."""
        ...

    def wall_ms(self) -> int:
        """UTC milliseconds since 1970, as the computer believes."""
        ...

    async def wait_until(self, boot_ns: int) -> None:
        """Return at or after `boot_ns`."""
        ...


class WallClock:
    """The computer's own clocks; `speed` makes waiting shorter, for watching a simulated night go by.

    origin_ns: the boot-clock instant from which a faster clock counts, now if None; a second one of the same origin
    and speed goes on where the first is.
    """

    def __init__(self, speed: float = 1.0, origin_ns: int | None = None) -> None:
        self._speed = speed
        self._zero = boot_now_ns() if origin_ns is None else origin_ns

    def mono_ns(self) -> int:
        """See `Clock`."""
        return self._zero + round((time.monotonic_ns() - self._zero) * self._speed)

    def boot_ns(self) -> int:
        """See `Clock`; at a speed other than 1 it runs that much faster from the start."""
        return self._zero + round((boot_now_ns() - self._zero) * self._speed)

    def wall_ms(self) -> int:
        """See `Clock`."""
        return time.time_ns() // NS_PER_MS

    async def wait_until(self, boot_ns: int) -> None:
        """See `Clock`; looks again after each sleep, because a sleep does not count suspended time."""
        while (left := boot_ns - self.boot_ns()) > 0:
            await asyncio.sleep(left / NS_PER_S / self._speed)


def boot_now_ns() -> int:
    """Now on the boot clock where there is one (Linux), else the monotonic one."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if clock is None else time.clock_gettime_ns(clock)


class VirtualClock:
    """A clock that is where it was last told to be: waiting takes no time."""

    def __init__(self, boot_ns: int = 0, wall_ms: int = 0) -> None:
        self._mono = self._boot = boot_ns
        self._wall_zero_ms = wall_ms - boot_ns // NS_PER_MS

    def mono_ns(self) -> int:
        """See `Clock`."""
        return self._mono

    def boot_ns(self) -> int:
        """See `Clock`."""
        return self._boot

    def wall_ms(self) -> int:
        """See `Clock`."""
        return self._wall_zero_ms + self._boot // NS_PER_MS

    def suspend(self, nanoseconds: int) -> None:
        """Let the computer sleep: boot goes on, mono does not."""
        self._boot += nanoseconds

    def step_wall(self, milliseconds: int) -> None:
        """Let the wall clock jump."""
        self._wall_zero_ms += milliseconds

    async def wait_until(self, boot_ns: int) -> None:
        """See `Clock`; jumps there."""
        ahead = max(0, boot_ns - self._boot)
        self._mono += ahead
        self._boot += ahead


class Source(Protocol):
    """Where a night's samples come from, live."""

    def began(self) -> NightBegan:
        """The lights-out to push, on the source's own zero; `run` moves it to the clock's."""
        ...

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        """Everything that was heard up to `elapsed_ns` since lights-out and not yet returned, in order."""
        ...

    @property
    def ends_ns(self) -> int | None:
        """Nanoseconds from lights-out to the end, where it is known beforehand."""
        ...


class OutOfReachError(DeviceError):
    """An output is out of reach: nothing is wrong with it, and it may be found again later in the night."""


class Nudger(Protocol):
    """An output that can touch the sleeper. It accepts nothing but a permit, and keeps no clock of its own."""

    @property
    def output(self) -> Output:
        """Which output it is."""
        ...

    @property
    def name(self) -> str:
        """What it is called when a person is told of it: "the loudspeaker"."""
        ...

    async def probe(self) -> str:
        """Nothing if it is there and as it was set up, else what is wrong in a clause. Touches nobody; never raises."""
        ...

    async def start(self, permit: Permit, at_ns: int) -> None:
        """Use the permit up and begin exactly what it allows; returns once that has begun.

        What was begun ends by itself wherever the output can do that. Raises PermitError for a permit that is no good,
        DeviceError if it did not begin (OutOfReachError if that is all). Never tries twice.
        """
        ...

    async def off(self) -> None:
        """Stop whatever goes on, also after a restart, and return when that is confirmed; raises DeviceError."""
        ...

    async def close(self) -> None:
        """Let go of whatever is held."""
        ...


class Keeper(Protocol):
    """Where a night is kept."""

    def begin(self, began: NightBegan) -> None:
        """A night begins."""
        ...

    def add(self, record: Input | NightOutput) -> None:
        """Keep one input or output; durable after the next `commit`."""
        ...

    def commit(self) -> None:
        """Make everything added durable."""
        ...

    def spend(self, row: LedgerRow) -> None:
        """Write a permit down, durably, before anything acts on it; raises StoreError if it cannot."""
        ...

    def outcome(self, permit: int, text: str, at_ns: int) -> None:
        """Note what became of a permit; raises StoreError."""
        ...


class NoKeeper:
    """Keeps nothing: for a replay whose only result is its report."""

    def begin(self, began: NightBegan) -> None:
        """See `Keeper`."""

    def add(self, record: Input | NightOutput) -> None:
        """See `Keeper`."""

    def commit(self) -> None:
        """See `Keeper`."""

    def spend(self, row: LedgerRow) -> None:
        """See `Keeper`."""

    def outcome(self, permit: int, text: str, at_ns: int) -> None:
        """See `Keeper`."""
