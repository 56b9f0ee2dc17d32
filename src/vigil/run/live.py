"""The live night: once a second, take what the source heard, let time pass, keep it.

The same loop serves a wearable in real time, the simulated sleeper at any speed, and tests on a virtual clock.
"""

from __future__ import annotations

from dataclasses import replace

from vigil.domain.records import ClockStepped, Input, NightEnded, Resumed, Tick
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.night.report import NightReport
from vigil.run.ports import Clock, Source
from vigil.run.runner import NightRunner

SUSPEND_NS = 2 * NS_PER_S
"""A growth of boot - mono by this much within one turn means that the computer slept (reliability F8)."""

CLOCK_STEP_MS = 2_000
"""A change of wall - boot by this much within one turn means that the wall clock jumped (reliability F7)."""

TURN_NS = NS_PER_S


class _Clocks:
    """Notices suspends and clock steps between two turns."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._read()

    def _read(self) -> None:
        boot = self._clock.boot_ns()
        self._slept = boot - self._clock.mono_ns()
        self._offset_ms = self._clock.wall_ms() - boot // NS_PER_MS

    def changes(self, at_ns: int) -> list[Input]:
        """What changed since the last look, as inputs at `at_ns`."""
        slept, offset_ms = self._slept, self._offset_ms
        self._read()
        found: list[Input] = []
        if self._slept - slept >= SUSPEND_NS:
            found.append(Resumed(at_ns, (self._slept - slept) // NS_PER_MS))
        if abs(self._offset_ms - offset_ms) >= CLOCK_STEP_MS:
            found.append(ClockStepped(at_ns, self._offset_ms - offset_ms))
        return found


async def watch_live(runner: NightRunner, source: Source, clock: Clock, *, steady_wall: bool = True) -> NightReport:
    """Watch until the source's night ends; returns the report.

    `steady_wall` False leaves clock steps unseen: at a speed other than real time the wall clock cannot keep up.
    Cancelling ends the night where it stands: the report is then made by whoever holds the runner.
    """
    zero = clock.boot_ns()
    began = source.began()
    shift = zero - began.at_ns
    runner.deliver(replace(began, at_ns=zero))
    clocks = _Clocks(clock)
    elapsed = 0
    while source.ends_ns is None or elapsed < source.ends_ns:
        elapsed += TURN_NS
        await clock.wait_until(zero + elapsed)
        elapsed = max(elapsed, (clock.boot_ns() - zero) // TURN_NS * TURN_NS)
        for record in source.due(elapsed):
            runner.deliver(replace(record, at_ns=record.at_ns + shift))
        if steady_wall:
            for change in clocks.changes(zero + elapsed):
                runner.deliver(change)
        runner.deliver(Tick(zero + elapsed))
        runner.commit()
    runner.deliver(NightEnded(zero + elapsed))
    runner.commit()
    return runner.report()
