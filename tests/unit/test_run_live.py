"""The live loop: what comes late, so that a night read back from its store is the night that was lived."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.nights import parameters
from vigil.domain.nudges import Decision, LedgerRow
from vigil.domain.records import EpochScored, Event, Input, NightBegan, NightEnded, NightOutput, Sample, Tick
from vigil.domain.samples import HeartSample
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.run.hands import Direct, at_once
from vigil.run.live import SLOW_MS, Around, watch_live
from vigil.run.ports import VirtualClock
from vigil.run.replay import ticked
from vigil.run.runner import NightRunner


class Notebook:
    """A keeper that keeps inputs in a list, in the order in which a store would have them."""

    def __init__(self) -> None:
        self.inputs: list[Input] = []

    def begin(self, began: NightBegan) -> None: ...

    def add(self, record: Input | NightOutput) -> None:
        if isinstance(record, HeartSample | NightBegan | NightEnded):
            self.inputs.append(record)

    def commit(self) -> None: ...

    def spend(self, row: LedgerRow) -> None: ...

    def outcome(self, permit: int, text: str, at_ns: int) -> None: ...


class Straggling:
    """A source whose every tenth value comes some seconds late, behind newer ones or alone."""

    ends_ns: int | None = 600 * NS_PER_S

    def __init__(self, late_s: int) -> None:
        self._late_s = late_s

    def began(self) -> NightBegan:
        return NightBegan(0, heart_cadence_ms=2000)

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        second = elapsed_ns // NS_PER_S
        due = [] if second % 2 or second % 10 == 0 else [second]
        if (second - self._late_s) % 10 == 0 and second > self._late_s:
            due.append(second - self._late_s)
        return [HeartSample(each * NS_PER_S, 600 + each % 7) for each in due]


def test_what_comes_late_is_left_out_alike_live_and_read_back() -> None:
    """Ticks are not kept, so the order of what is kept must say by itself which step was over.

    Found by the year of nights (seed 1, night 11): read back, a late value counted in a step that had been taken.
    """
    for late_s in (1, 3, 7, 12):
        notebook, watch = Notebook(), NightWatch(parameters())
        at_once(watch_live_quietly(NightRunner(watch, notebook, Direct({})), Straggling(late_s)))
        again = NightWatch(parameters())
        for record in ticked(iter(notebook.inputs)):
            again.push(record)
        assert sum(isinstance(record, HeartSample) for record in notebook.inputs) >= 295, "all of them are kept"
        assert again.digests == watch.digests, f"{late_s} s late"


def test_a_step_is_decided_at_the_instant_at_which_it_ends() -> None:
    """Turns stand on the grid of the steps, whenever the night began: what is heard in time waits for nothing else."""
    clock, said = VirtualClock(7_300_000_001), list[tuple[int, int]]()

    def listen(record: Input | NightOutput) -> None:
        if isinstance(record, Decision | EpochScored):
            said.append((record.at_ns, clock.boot_ns()))

    runner = NightRunner(NightWatch(parameters()), Notebook(), Direct({}), listen)
    at_once(watch_live_with(runner, Straggling(3), clock, Around()))
    assert len(said) >= 20
    assert all(at_ns == now_ns for at_ns, now_ns in said)


async def watch_live_quietly(runner: NightRunner, source: Straggling) -> None:
    await watch_live(runner, source, VirtualClock())


class Laborious(VirtualClock):
    """Whatever is looked at takes so many milliseconds: time goes on whenever it is asked for."""

    def __init__(self, most_ms: int) -> None:
        super().__init__()
        self.ms, self._spent_ms = most_ms, 0

    def mono_ns(self) -> int:
        self._spent_ms += self.ms
        return super().mono_ns() + self._spent_ms * NS_PER_MS


class Asking(NightRunner):
    """Asks at each tick whether it is too late to act, as it would for a permit."""

    def __init__(self, notebook: Notebook) -> None:
        super().__init__(NightWatch(parameters()), notebook, Direct({}))
        self.late: set[bool] = set()
        self.told: list[Trouble] = []

    def deliver(self, record: Input) -> None:
        if isinstance(record, Tick):
            self.late.add(self.too_late())
        if isinstance(record, Trouble):
            self.told.append(record)
        super().deliver(record)


@pytest.mark.parametrize(
    ("ms", "steady", "late"), [(SLOW_MS // 4, True, False), (SLOW_MS + 1, True, True), (SLOW_MS + 1, False, False)]
)
def test_nothing_acts_on_what_took_too_long_to_look_at(ms: int, steady: bool, late: bool) -> None:
    """F21: more than 200 ms a step; the night is told. At a speed other than life's nothing can be said of that."""
    runner = Asking(Notebook())
    source = Straggling(1)
    source.ends_ns = 20 * NS_PER_S
    at_once(watch_live_with(runner, source, Laborious(ms), Around(steady=steady)))
    assert runner.late == {late}
    assert {one.kind for one in runner.told} == ({TroubleKind.ENGINE_SLOW} if late else set())
    assert not runner.too_late(), "it holds for that turn only"


async def watch_live_with(runner: NightRunner, source: Straggling, clock: VirtualClock, around: Around) -> None:
    await watch_live(runner, source, clock, around)
