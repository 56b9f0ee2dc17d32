"""A hostile world around the guard: clocks, a store that fails, a machine that dies and sleeps, outputs that are late.

The world keeps true time, a boot clock that starts anew with every boot, and a wall clock that may step. What it does
to the guard, and what an output then really does, is judged by the oracle (`guard_oracle.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.guard_oracle import HOUR, MINUTE, Act, Oracle, S, caps, raw
from vigil.control.guard import Facts, Guard, Refusal
from vigil.domain.errors import PermitError
from vigil.domain.nudges import Ledger, LedgerRow, ReasonCode
from vigil.domain.permits import Permit
from vigil.domain.plain import dumps, loads
from vigil.domain.records import Input, Mode, NightBegan, OutputFailed, Restarted, Resumed
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Quality
from vigil.domain.settings import CapSettings

__all__ = ["BROKEN", "HOUR", "MINUTE", "Fate", "S", "World", "caps", "raw"]

BROKEN: tuple[Any, ...] = (None, True, 1.5, math.nan, math.inf, -math.inf, "7", -(2**70), 2**80, (), [])
"""What is not a number, or not one that can be."""

LONG = {ReasonCode.CAP_NIGHT, ReasonCode.CAP_ENERGY}
"""Refusals after which only hours help: the driver waits for them, the oracle does not look at them."""

MOST_ROWS = 64


class Fate(Enum):
    """What becomes of a permit."""

    GIVEN = "written down, and the output acts at once"
    GIVEN_LATER = "written down, and the output begins just before the permit dies"
    TOO_LATE = "written down, but the computer slept before the output began"
    UNWRITTEN = "the ledger could not be written"
    CRASH_BEFORE = "written down, and Vigil died before the output began"
    CRASH_AFTER = "the output acted, and Vigil died before anybody heard of it"
    TWICE = "the output acted, and the same permit was tried again"
    STUCK = "the output acted, and did not confirm that it was off"


@dataclass
class World:
    """True time, clocks, the store, and the guard in the middle. Every method is one thing that may happen."""

    now: int = 1000 * HOUR
    boot: int = 990 * HOUR
    boots: int = 1
    nights: int = 0
    wall_off: int = 0
    seen: int = 0
    episode: int = 1
    guard: Guard = field(default_factory=lambda: Guard.with_caps(caps(), 30, 4, True))
    oracle: Oracle = field(default_factory=Oracle)
    rows: list[LedgerRow] = field(default_factory=list)
    saved: str = ""
    since: list[Input] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    events: int = 0
    permits: int = 0
    tests: int = 0
    energised_ms: int = 0
    budget_spent: bool = False

    @property
    def clock(self) -> int:
        """The boot clock."""
        return self.now - self.boot

    @property
    def boot_id(self) -> str:
        """The name of this boot."""
        return f"boot {self.boots}"

    @property
    def wall_ms(self) -> int:
        """The wall clock."""
        return (self.now + self.wall_off) // 1_000_000

    def ledger(self, readable: bool = True) -> Ledger:
        """What the store says."""
        return Ledger(tuple(self.rows), readable) if readable else Ledger((), False)

    def tell(self, event: Input) -> None:
        """One input reaches the guard and the oracle."""
        self.events += 1
        self.guard.note(event)
        self.since.append(event)
        self.oracle.see(event, self.now, self.boot)
        self.seen = self.clock if event.at_ns == self.clock else self.seen

    def new_day(self, own: CapSettings, top: Any = 4, readable: bool = True) -> None:
        """Somebody tries the outputs: a guard of its own, not armed, and the same ledger."""
        self.guard = Guard.with_caps(own, 30, top, False)
        self.oracle.set_up(own, 30, top, False)
        self.tell(Restarted(self.clock, self.boot_id, self.wall_ms, self.wall_off == 0, self.ledger(readable)))
        self.keep()

    def new_night(self, own: CapSettings, settle: Any = 30, top: Any = 4, mode: Mode = Mode.ON, **other: Any) -> None:
        """The night ends and another begins, with a guard of its own and the same ledger."""
        armed = other.get("armed", True)
        self.guard = Guard.with_caps(own, settle, top, armed)
        self.oracle.set_up(own, settle, top, armed)
        self.episode, self.nights = 1, self.nights + 1
        self.lights_out(mode, other.get("cadence"), other.get("readable", True), other.get("at", self.clock))
        self.keep()

    def lights_out(self, mode: Mode, cadence: Any = None, readable: bool = True, at: Any = None) -> None:
        """Lights-out reaches the guard, perhaps not for the first time."""
        at, name = self.clock if at is None else at, f"night {self.nights}"
        sane, ledger = self.wall_off == 0, self.ledger(readable)
        self.tell(NightBegan(at, mode, name, self.boot_id, self.wall_ms, 0, sane, cadence, ledger=ledger))

    def keep(self) -> None:
        """The state is saved."""
        self.saved, self.since = dumps(self.guard), []

    def crash(self, rebooted: bool = False, readable: bool = True, fresh: bool = True) -> None:
        """Vigil dies and comes back from what was saved and from the inputs since, on this boot or a new one."""
        if fresh:
            self.keep()
        guard = loads(self.saved)
        assert isinstance(guard, Guard)
        for event in self.since:
            guard.note(event)
        self.guard = guard
        if rebooted:
            self.boots, self.boot = self.boots + 1, self.now - 20 * S
        self.tell(Restarted(self.clock, self.boot_id, self.wall_ms, self.wall_off == 0, self.ledger(readable)))

    def suspend(self, asleep_ns: int, counted: bool = True) -> None:
        """The computer sleeps, and the boot clock counts it or does not. Nothing is heard before it is said."""
        self.now += asleep_ns
        if not counted:
            self.boot += asleep_ns
        self.tell(Resumed(self.clock, asleep_ns // 1_000_000))

    def request(
        self,
        level: int = 1,
        duration_ms: int = 2_000,
        output: Output = Output.VIBRATION,
        purpose: Purpose = Purpose.NUDGE,
        strength: int = 20,
    ) -> NudgeRequest:
        """An ordinary request for the episode that is followed."""
        return NudgeRequest(purpose, self.episode, output, level, duration_ms, strength)

    def facts(self) -> Facts:
        """Facts with nothing wrong in them."""
        return Facts(self.clock, Quality.GOOD, 2_000, self.clock - 6 * MINUTE, 0, False)

    def look(self) -> None:
        """The controller looks at what hinders, and asks for nothing."""
        self.guard.hindrances(self.facts())
        self.seen = self.clock

    def ask(self, request: Any, facts: Any, fate: Fate = Fate.GIVEN) -> Permit | Refusal:
        """One request, and what becomes of its permit if it gets one."""
        self.events += 1
        answer = self.guard.ask(request, facts)
        if isinstance(answer, Refusal):
            if not answer.reasons:
                self.wrongs.append("a refusal without a reason")
            self.budget_spent = any(one.code in LONG for one in answer.reasons)
            return answer
        self.seen = self.clock
        self.permits += 1
        self.wrongs += self._of_permit(answer, request, facts)
        if not self.wrongs:
            self._follow(answer, fate)
        return answer

    def _of_permit(self, permit: Permit, request: Any, facts: Any) -> list[str]:
        if type(request) is not NudgeRequest or type(facts) is not Facts or permit.request is not request:
            return ["not what was asked"]
        if permit.issued_ns != self.clock or type(permit.serial) is not int:
            return ["not of this instant"]
        return self.oracle.of_leave(request, facts, self.now, self.clock)

    def _follow(self, permit: Permit, fate: Fate) -> None:
        """The runner's part: the ledger first, then the output, then what it says."""
        asked_ns, output = self.now, permit.request.output
        if fate is not Fate.UNWRITTEN:
            self._write(permit)
        if fate in (Fate.CRASH_BEFORE, Fate.UNWRITTEN):
            acted = False
        else:
            self.now += {Fate.GIVEN_LATER: 2 * S - 1, Fate.TOO_LATE: 2 * S}.get(fate, 0)
            acted = self._act(permit, asked_ns)
        if fate is Fate.TWICE and self._act(permit, asked_ns):
            self.wrongs.append("one permit acted twice")
        if fate in (Fate.CRASH_BEFORE, Fate.CRASH_AFTER):
            self.crash(fresh=False)
        elif fate is Fate.STUCK or not acted:
            self.tell(OutputFailed(self.clock, permit.serial, output, "it did not do what it should"))

    def _write(self, permit: Permit) -> None:
        request, wall = permit.request, None if self.wall_off else self.now // 1_000_000
        what = (request.purpose, request.episode, request.output, request.level, request.duration_ms)
        self.rows.append(LedgerRow(self.oracle.night, permit.serial, self.boot_id, self.clock, wall, *what))
        self.rows = self.rows[-MOST_ROWS:]

    def _act(self, permit: Permit, asked_ns: int) -> bool:
        """The output tries; whether it acted."""
        try:
            request = permit.redeem(self.clock)
        except PermitError:
            return False
        row = self.rows[-1]
        if (row.permit, row.boot_id, row.at_ns, row.level) != (
            permit.serial,
            self.boot_id,
            permit.issued_ns,
            request.level,
        ):
            self.wrongs.append("an act without its row")
        self.wrongs += self.oracle.of_act(Act(asked_ns, self.now, self.oracle.night, request, permit.serial))
        self.tests += request.purpose is Purpose.TEST
        self.energised_ms += request.duration_ms
        return True
