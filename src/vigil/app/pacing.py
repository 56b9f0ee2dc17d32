"""Clocks for nights that did not happen: as fast as it goes, or so many times faster than life."""

from __future__ import annotations

import asyncio
import time

from vigil.domain.units import NS_PER_MINUTE, NS_PER_S
from vigil.run.ports import VirtualClock


class PacedClock(VirtualClock):
    """A virtual clock that takes its time: `speed` seconds of night in one of ours, or no time at all for None.

    The night is the same at any speed, because what it is told never depends on how long we waited. Once a minute of
    the night the event loop gets its turn, so that Ctrl-C is heard.
    """

    def __init__(self, speed: float | None) -> None:
        super().__init__()
        self._speed = speed
        self._began = time.monotonic()
        self._from_ns = self.boot_ns()

    async def wait_until(self, boot_ns: int) -> None:
        """See `Clock`."""
        await super().wait_until(boot_ns)
        if self._speed is not None:
            due = self._began + (boot_ns - self._from_ns) / NS_PER_S / self._speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        elif boot_ns % NS_PER_MINUTE == 0:
            await asyncio.sleep(0)


class Pacer:
    """The pace of a replay: called with the nanoseconds since lights-out, it returns when their time has come."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()

    def __call__(self, elapsed_ns: int) -> None:
        """Wait."""
        due = self._began + elapsed_ns / NS_PER_S / self._speed
        time.sleep(max(0.0, due - time.monotonic()))
