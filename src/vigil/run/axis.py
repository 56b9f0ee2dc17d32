"""The time of a night, which goes on over restarts and reboots, and the boot clock, which a reboot sets back.

A night counts on the boot clock of its beginning. After a reboot, `shift_ns` is added to the new boot clock, so that
the night goes on after the last instant that was kept: by as much as the wall clock says has passed, if both its
readings can be believed, else by a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.records import Event
from vigil.domain.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_S
from vigil.run.live import CLOCK_STEP_MS
from vigil.run.ports import Clock
from vigil.run.wall_time import wall_sane

LONGEST_GAP_NS = 18 * 3600 * NS_PER_S
"""A gap longer than a night on the wall clock is not believed: it can be nobody's night any more."""

PROOF_EVERY_NS = NS_PER_MINUTE
"""How often the computer is asked whether its clock was set, until it was. Our choice."""


@dataclass(frozen=True, slots=True)
class NightClock:
    """A clock moved by `shift_ns` against the boot clock; the other two clocks are as they are."""

    clock: Clock
    shift_ns: int = 0

    def mono_ns(self) -> int:
        """See `Clock`."""
        return self.clock.mono_ns()

    def boot_ns(self) -> int:
        """See `Clock`: the night's own time."""
        return self.clock.boot_ns() + self.shift_ns

    def wall_ms(self) -> int:
        """See `Clock`."""
        return self.clock.wall_ms()

    async def wait_until(self, boot_ns: int) -> None:
        """See `Clock`."""
        await self.clock.wait_until(boot_ns - self.shift_ns)


@dataclass(slots=True)
class ProvenWall:
    """The wall clock as a ledger row carries it: only while proven. A row without it counts as now after a reboot.

    A row of a clock that is behind would look old to a clock that was set meanwhile, and forgive what was just spent.
    So the clock is looked at once a minute (`notices`), never on the way to a nudge, until it is found sane and set
    from outside; from there it is counted on by the boot clock. If it steps after that, one of its two readings is
    wrong and nobody knows which: it is not believed again in this process. That is also what becomes of it where the
    boot clock runs faster than life.

    synchronised: see `wall_time.synchronised`. newest_ms: the newest wall time that is known. doubtful: it stepped
    earlier in this night.
    """

    clock: Clock
    synchronised: Callable[[], bool | None]
    newest_ms: int | None = None
    doubtful: bool = False
    _ahead_ms: int | None = field(default=None, init=False)
    _next_ns: int | None = field(default=None, init=False)

    def notices(self, at_ns: int) -> Sequence[Event]:
        """See `noticing.Notice`; it has nothing to tell, `run/live.py` tells of a step."""
        if self._ahead_ms is not None:
            self.doubtful = self.doubtful or abs(self._ahead() - self._ahead_ms) >= CLOCK_STEP_MS
        elif not self.doubtful and (self._next_ns is None or at_ns >= self._next_ns):
            self._next_ns = at_ns + PROOF_EVERY_NS
            if wall_sane(self.clock.wall_ms(), self.newest_ms, self.synchronised()):
                self._ahead_ms = self._ahead()
        return ()

    def wall_ms(self) -> int | None:
        """UTC milliseconds since 1970, now; None unless they are proven."""
        if self.doubtful or self._ahead_ms is None:
            return None
        return self.clock.boot_ns() // NS_PER_MS + self._ahead_ms

    def _ahead(self) -> int:
        return self.clock.wall_ms() - self.clock.boot_ns() // NS_PER_MS


def proven_gap_ms(
    last_ns: int, last_wall_ms: int | None, clock: Clock, *, same_boot: bool, synchronised: bool | None
) -> int | None:
    """What the wall clock says has passed since the last instant that was kept; None unless both ends are proven.

    clock: not moved; last_ns, within one boot, by it. last_wall_ms: what the wall clock said then, None if that is not
    proven. Within one boot both clocks must say the same.
    """
    wall_ms, boot_ns = clock.wall_ms(), clock.boot_ns()
    if last_wall_ms is None or not wall_sane(wall_ms, last_wall_ms, synchronised):
        return None
    gap_ms = wall_ms - last_wall_ms
    if same_boot and boot_ns > last_ns and abs(gap_ms - (boot_ns - last_ns) // NS_PER_MS) >= CLOCK_STEP_MS:
        return None
    return gap_ms


def shift_after(last_ns: int, boot_ns: int, *, same_boot: bool, gap_ms: int | None, before_ns: int = 0) -> int:
    """How far the night's time is ahead of the boot clock after a restart.

    last_ns: the last instant of the night that was kept. gap_ms: what the wall clock says has passed since, None if it
    cannot be believed. before_ns: how far it was ahead until then, which stands within one boot.
    """
    if same_boot and boot_ns + before_ns > last_ns:
        return before_ns
    gap_ns = 0 if gap_ms is None else gap_ms * NS_PER_MS
    return last_ns + (gap_ns if NS_PER_S <= gap_ns <= LONGEST_GAP_NS else NS_PER_S) - boot_ns


def on_axis(ledger: Ledger, boot_id: str, shift_ns: int) -> Ledger:
    """A ledger whose rows of this boot count on the night's time."""
    return replace(ledger, rows=tuple(_moved(ledger.rows, boot_id, shift_ns)))


def _moved(rows: Iterable[LedgerRow], boot_id: str, shift_ns: int) -> Iterable[LedgerRow]:
    for row in rows:
        yield replace(row, at_ns=row.at_ns + shift_ns) if row.boot_id == boot_id and boot_id else row
