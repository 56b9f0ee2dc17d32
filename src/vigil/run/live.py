"""The live night: once a second, take what the source heard, let time pass, keep it.

The same loop serves a wearable in real time, the simulated sleeper at any speed, and tests on a virtual clock.
"""

from __future__ import annotations

from collections.abc import Callable
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


def noticed_changes(clock: Clock) -> Callable[[int], list[Input]]:
    """A function that says, as inputs at the instant it is given, what happened to the clocks since its last call."""

    def read() -> tuple[int, int]:
        boot_ns = clock.boot_ns()
        return boot_ns - clock.mono_ns(), clock.wall_ms() - boot_ns // NS_PER_MS

    before = read()

    def notice(at_ns: int) -> list[Input]:
        nonlocal before
        now = read()
        slept_ns, stepped_ms = now[0] - before[0], now[1] - before[1]
        before = now
        found: list[Input] = []
        if slept_ns >= SUSPEND_NS:
            found.append(Resumed(at_ns, slept_ns // NS_PER_MS))
        if abs(stepped_ms) >= CLOCK_STEP_MS:
            found.append(ClockStepped(at_ns, stepped_ms))
        return found

    return notice


async def watch_live(runner: NightRunner, source: Source, clock: Clock, *, steady_wall: bool = True) -> NightReport:
    """Watch until the source's night ends; returns the report.

    `steady_wall` False leaves clock steps unseen: at a speed other than real time the wall clock cannot keep up.
    Cancelling ends the night where it stands: the report is then made by whoever holds the runner.
    """
    zero = clock.boot_ns()
    began = source.began()
    shift = zero - began.at_ns
    runner.deliver(replace(began, at_ns=zero))
    changes = noticed_changes(clock)
    elapsed = 0
    while source.ends_ns is None or elapsed < source.ends_ns:
        elapsed += TURN_NS
        await clock.wait_until(zero + elapsed)
        elapsed = _capped(max(elapsed, (clock.boot_ns() - zero) // TURN_NS * TURN_NS), source.ends_ns)
        for record in source.due(elapsed):
            runner.deliver(replace(record, at_ns=record.at_ns + shift))
        if steady_wall:
            for change in changes(zero + elapsed):
                runner.deliver(change)
        runner.deliver(Tick(zero + elapsed))
        runner.commit()
    runner.deliver(NightEnded(zero + elapsed))
    runner.commit()
    return runner.report()


def _capped(elapsed: int, ends_ns: int | None) -> int:
    """A turn that came late (a busy machine, a high speed) does not carry the night beyond its end."""
    return elapsed if ends_ns is None else min(elapsed, ends_ns)
