"""The live night: once a second, take what was heard, let time pass, keep it.

The same loop serves a wearable in real time, the simulated sleeper at any speed, and tests on a virtual clock. After a
restart the same loop goes on with the night that was kept (`resume_live`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vigil.domain.records import ClockStepped, Event, Input, NightEnded, Restarted, Resumed, Tick
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MS, NS_PER_S, STEP_NS
from vigil.night.report import NightReport
from vigil.run.ports import Clock, Source
from vigil.run.runner import NightRunner

SUSPEND_NS = 2 * NS_PER_S
"""A growth of boot - mono by this much within one turn means that the computer slept (reliability F8)."""

CLOCK_STEP_MS = 2_000
"""A change of wall - boot by this much within one turn means that the wall clock jumped (reliability F7)."""

SLOW_MS = 200
"""What one step of the engine may take (reliability F21)."""

TURN_NS = NS_PER_S


def _nothing(_at_ns: int) -> Sequence[Event]:
    return ()


def _unseen() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Around:
    """What a live night looks at beside its source, once a turn.

    notices: what else happened up to an instant: a stop, a full disk, a battery that is low. beat: called after each
    turn that was lived to its end and kept. steady False leaves clock steps and slow engines unseen: at a speed other
    than real time neither can keep up.
    """

    notices: Callable[[int], Sequence[Event]] = _nothing
    beat: Callable[[], None] = _unseen
    steady: bool = True


def noticed_changes(clock: Clock) -> Callable[[int], list[Event]]:
    """A function that says, as inputs at the instant it is given, what happened to the clocks since its last call."""

    def read() -> tuple[int, int]:
        boot_ns = clock.boot_ns()
        return boot_ns - clock.mono_ns(), clock.wall_ms() - boot_ns // NS_PER_MS

    before = read()

    def notice(at_ns: int) -> list[Event]:
        nonlocal before
        now = read()
        slept_ns, stepped_ms = now[0] - before[0], now[1] - before[1]
        before = now
        found: list[Event] = []
        if slept_ns >= SUSPEND_NS:
            found.append(Resumed(at_ns, slept_ns // NS_PER_MS))
        if abs(stepped_ms) >= CLOCK_STEP_MS:
            found.append(ClockStepped(at_ns, stepped_ms))
        return found

    return notice


async def watch_live(runner: NightRunner, source: Source, clock: Clock, around: Around | None = None) -> NightReport:
    """Watch until the source's night ends; returns the report.

    Cancelling ends the night where it stands: the report is then made by whoever holds the runner.
    """
    zero, began = clock.boot_ns(), source.began()
    runner.deliver(replace(began, at_ns=zero))
    runner.commit()  # whatever comes, it is known that the night began
    return await _Turns(runner, source, clock, around or Around(), zero, zero - began.at_ns).to_the_end(0)


async def resume_live(
    runner: NightRunner,
    source: Source,
    clock: Clock,
    restarted: Restarted,
    began_ns: int,
    around: Around | None = None,
) -> NightReport:
    """Go on with a night that `runner` has caught up with, until it ends; returns the report.

    clock: the night's own (`axis.py`). What the source said while nobody listened is gone.
    """
    elapsed = max(0, restarted.at_ns - began_ns) // TURN_NS * TURN_NS
    source.due(elapsed)
    runner.deliver(restarted)
    turns = _Turns(runner, source, clock, around or Around(), began_ns, began_ns - source.began().at_ns)
    return await turns.to_the_end(elapsed)


def _woken(record: Event, woke_ns: int, before_ns: int) -> Event:
    """A change of the clocks, stamped at the waking; the sleep fits between the turn before it and that."""
    if isinstance(record, Resumed):
        return Resumed(woke_ns, min(record.asleep_ms, (woke_ns - before_ns) // NS_PER_MS))
    return replace(record, at_ns=woke_ns)


@dataclass(slots=True)
class _Turns:
    """The turns of a night that began at `zero`; `shift` moves the source's instants to the clock's.

    late: what came for a step that was over, not handed in yet.
    """

    runner: NightRunner
    source: Source
    clock: Clock
    around: Around
    zero: int
    shift: int
    late: list[Input] = field(default_factory=list)

    async def to_the_end(self, elapsed: int) -> NightReport:
        changes = noticed_changes(self.clock)
        ends_ns = self.source.ends_ns
        while ends_ns is None or elapsed < ends_ns:
            before = elapsed
            await self.clock.wait_until(self.zero + before + TURN_NS)
            whole = (self.clock.boot_ns() - self.zero) // TURN_NS * TURN_NS
            # A turn that came late (a busy machine, a high speed) does not carry the night beyond its end.
            elapsed = max(before + TURN_NS, whole) if ends_ns is None else min(max(before + TURN_NS, whole), ends_ns)
            self._turn(before, elapsed, changes)
            ends_ns = self.source.ends_ns
        self.runner.deliver(NightEnded(self.zero + elapsed))
        self.runner.commit()
        return self.runner.report()

    def _turn(self, before: int, elapsed: int, changes: Callable[[int], list[Event]]) -> None:
        now, now_before = self.zero + elapsed, self.zero + before
        # What an output said before the last tick was heard after it, and must fall into the step that is open.
        answers = [replace(answer, at_ns=max(answer.at_ns, now_before + 1)) for answer in self.runner.heard(now)]
        said: Sequence[Input] = self.source.due(elapsed)
        if self.shift:
            said = [replace(record, at_ns=record.at_ns + self.shift) for record in said]
        changed = changes(now) if self.around.steady else []
        if any(isinstance(record, Resumed) for record in changed):
            # It slept since the last turn and woke within this second. Whatever is said to have come before was not
            # heard, and nothing that comes after may be looked at before the night knows that it slept.
            woke = max(now_before + 1, now - TURN_NS)
            changed = [_woken(record, woke, now_before) for record in changed]
            said = [record for record in said if record.at_ns > woke]
        timely = self._put_off(said, self.zero + before // STEP_NS * STEP_NS)
        heard = sorted((*changed, *timely, *answers), key=lambda record: record.at_ns)
        self._look(now, (*heard, *self.around.notices(now)), max(1, (elapsed - before) // STEP_NS))
        self.runner.commit()
        self.around.beat()

    def _put_off(self, said: Sequence[Input], closed: int) -> list[Input]:
        """What is of the step under way or later; what belongs to a step that is over comes after something newer.

        Ticks are not kept. Read back from the store, something newer is what says that the step is over, so that what
        came too late for it is left out there as well.
        """
        self.late += [record for record in said if record.at_ns <= closed]
        return [record for record in said if record.at_ns > closed]

    def _hand_in(self) -> None:
        late, self.late = self.late, []
        for record in late:
            self.runner.deliver(record)

    def _look(self, now: int, heard: Sequence[Input], steps: int) -> None:
        """Hand in what was heard and have `steps` steps looked at.

        If that takes too long nothing acts on it, and the night is told after it.
        """
        started, most_ns = self.clock.mono_ns(), SLOW_MS * NS_PER_MS * steps
        if self.around.steady:
            self.runner.too_late = lambda: self.clock.mono_ns() - started > most_ns
        for record in heard:
            self.runner.deliver(record)
            self._hand_in()
        self.runner.deliver(Tick(now))
        took_ns = self.clock.mono_ns() - started
        self.runner.too_late = lambda: False
        if self.around.steady and took_ns > most_ns:
            self.runner.deliver(Trouble(now + 1, TroubleKind.ENGINE_SLOW, took_ns // NS_PER_MS // steps))
