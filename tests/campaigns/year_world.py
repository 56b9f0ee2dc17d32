"""The world around a simulated night: true time, the clocks of a computer in it, its disk, power, outputs, and kills.

True time only goes on. The boot clock counts from the last boot, the steady one stands still while the computer
sleeps, the wall clock is as wrong as it was made. Whatever is to happen lies in a queue and happens while somebody
waits for time to pass, as it does in life.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vigil.domain.requests import Output
from vigil.run.power import Power

S = 1_000_000_000
MS = 1_000_000

FIRST_WALL_MS = round(datetime(2027, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""True time nought: a year that the wall clock is believed in."""

ZONE_MIN = 60


class Killed(BaseException):
    """The night process is gone, as by kill -9: nothing of it runs any more."""


class PowerCut(Killed):
    """The computer is gone with it."""


@dataclass(slots=True)
class World:
    """Everything that is true, and the clocks that may be wrong. `true_ns` only grows.

    slept: spans of true time in which the computer slept. disk: "", "full" or "unwritable". broken: how each output
    misbehaves. engine: how the detector misbehaves, and for how many more steps. at_act: a kill that waits for an act.
    """

    true_ns: int = 0
    boot_zero_ns: int = 0
    asleep_ns: int = 0
    wall_error_ms: int = 0
    zone_min: int = ZONE_MIN
    boots: int = 1
    synchronised: bool = True
    queue: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    queued: int = 0
    slept: list[tuple[int, int]] = field(default_factory=list)
    disk: str = ""
    free_mb: int = 9_000
    ballast: bool = True
    power: Power = field(default_factory=lambda: Power(False, 90))
    broken: dict[Output, str] = field(default_factory=dict)
    engine: tuple[str, int] = ("", 0)
    at_act: str = ""
    effects: list[tuple[str, int, Output]] = field(default_factory=list)
    busy_until_ns: int = 0

    # The clock, as Vigil reads it.

    def mono_ns(self) -> int:
        """See `Clock`."""
        return self.true_ns - self.boot_zero_ns - self.asleep_ns

    def boot_ns(self) -> int:
        """See `Clock`."""
        return self.true_ns - self.boot_zero_ns

    def wall_ms(self) -> int:
        """See `Clock`."""
        return self.true_wall_ms + self.wall_error_ms

    async def wait_until(self, boot_ns: int) -> None:
        """See `Clock`; what lies in between happens."""
        self.pass_until(boot_ns + self.boot_zero_ns)

    # What is true.

    @property
    def true_wall_ms(self) -> int:
        """What a right clock would show."""
        return FIRST_WALL_MS + self.true_ns // MS

    @property
    def boot_id(self) -> str:
        """Of this boot."""
        return f"boot-{self.boots}"

    def at(self, true_ns: int, action: Callable[[], None]) -> None:
        """Let something happen then."""
        self.queued += 1
        heapq.heappush(self.queue, (true_ns, self.queued, action))

    def pass_until(self, true_ns: int) -> None:
        """Time goes by; what is due happens, and may end in `Killed`."""
        while self.queue and self.queue[0][0] <= true_ns:
            due_ns, _, action = heapq.heappop(self.queue)
            self.true_ns = max(self.true_ns, due_ns)
            action()
        self.true_ns = max(self.true_ns, true_ns)

    def near(self, within_ns: int) -> bool:
        """Whether something is about to happen, or lasts."""
        soon = bool(self.queue) and self.queue[0][0] - self.true_ns < within_ns
        return soon or self.true_ns < self.busy_until_ns

    def suspend(self, nanoseconds: int) -> None:
        """The computer sleeps."""
        self.slept.append((self.true_ns, self.true_ns + nanoseconds))
        self.true_ns += nanoseconds
        self.asleep_ns += nanoseconds

    def burn(self, nanoseconds: int) -> None:
        """Computing takes time."""
        self.true_ns += nanoseconds

    def step_wall(self, milliseconds: int) -> None:
        """The wall clock jumps."""
        self.wall_error_ms += milliseconds

    def boot_anew(self, down_ns: int, *, lost_time: bool) -> None:
        """The power comes back; without a battery of its own the clock begins in 1970 and is not synchronised."""
        self.pass_until_dead(self.true_ns + down_ns)
        self.boots += 1
        took_ns = 20 * S + self.boots * 48_271 * 7_919 % S  # no two boots take alike
        self.boot_zero_ns, self.asleep_ns, self.at_act = self.true_ns - took_ns, 0, ""
        if lost_time:
            self.wall_error_ms, self.synchronised = -self.true_wall_ms, False
        else:
            self.wall_error_ms, self.synchronised = 0, True

    def pass_until_dead(self, true_ns: int) -> None:
        """Time goes by while no process runs: what would have killed it finds nothing."""
        while True:
            try:
                self.pass_until(true_ns)
            except Killed:
                continue
            return

    def forget_night(self) -> None:
        """A new day: everything is mended, and nothing of last night is still to come."""
        self.queue.clear()
        self.slept.clear()
        self.broken.clear()
        self.effects.clear()
        self.disk, self.free_mb, self.ballast = "", 9_000, True
        self.power, self.engine, self.at_act = Power(False, 90), ("", 0), ""
        self.wall_error_ms, self.zone_min, self.synchronised, self.busy_until_ns = 0, ZONE_MIN, True, 0

    def make_room(self) -> bool:
        """The ballast goes, once; a disk that is full is so again a while later, since this one stays full."""
        held, self.ballast = self.ballast, False
        return held
