"""The runner: ledger before act, and every way in which an act can fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.nights import parameters
from tests.permits import permit
from vigil.domain.errors import DeviceError, PermitError, StoreError
from vigil.domain.nudges import Action, Decision, LedgerRow, Reason, ReasonCode, WatchState
from vigil.domain.permits import PERMIT_LIFE_NS, Permit
from vigil.domain.records import (
    Event,
    Held,
    Input,
    LinkLost,
    Mark,
    Marked,
    NightBegan,
    NightEnded,
    NightOutput,
    OutputAcknowledged,
    OutputFailed,
    Resumed,
    Sample,
    Tick,
)
from vigil.domain.requests import NudgeRequest, Output
from vigil.domain.samples import AccelerationBlock, Contact, HeartSample, MotionSummary
from vigil.domain.units import EPOCH_NS, NS_PER_S, STEP_NS
from vigil.night.night_watch import NightWatch
from vigil.recordings.recording import Item, ReadingNotes, Recording
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.run.hands import Direct, Hands
from vigil.run.live import watch_live
from vigil.run.ports import NoKeeper, VirtualClock
from vigil.run.replay import LONGEST_NIGHT_NS, Outfit, inputs_of, replay, ticked
from vigil.run.runner import NightRunner
from vigil.run.sources import RecordedSource, SleeperNudger, SleeperSource


class ScriptedWatch(NightWatch):
    """A night that allows one nudge at its first tick, and otherwise does nothing."""

    def __init__(self) -> None:
        super().__init__(parameters())
        self.pushed: list[Input] = []
        self.left = 1

    def push(self, record: Input) -> tuple[NightOutput, ...]:
        self.pushed.append(record)
        if isinstance(record, Tick) and self.left:
            self.left -= 1
            reasons = (Reason(ReasonCode.SMALLEST_FIRST, 1),)
            allowed = permit(record.at_ns)
            return (Decision(record.at_ns, WatchState.NUDGING, Action.NUDGE, reasons, 1, allowed),)
        return ()


class Diary(NoKeeper):
    """Notes the order of what is asked of it."""

    def __init__(self, *, broken: bool = False) -> None:
        self.told: list[str] = []
        self.rows: list[LedgerRow] = []
        self._broken = broken

    def spend(self, row: LedgerRow) -> None:
        if self._broken:
            message = "the disk is full"
            raise StoreError(message)
        self.told.append("ledger")
        self.rows.append(row)


class Bell:
    """An output that notes what it did in the same diary."""

    output = Output.VIBRATION

    def __init__(self, diary: Diary, error: Exception | None = None) -> None:
        self._diary = diary
        self._error = error
        self.request: NudgeRequest | None = None

    name = "a bell"

    async def probe(self) -> str:
        return ""

    async def start(self, given: Permit, at_ns: int) -> None:
        self._diary.told.append("act")
        if self._error is not None:
            raise self._error
        self.request = given.redeem(at_ns)

    async def off(self) -> None:
        self._diary.told.append("off")

    async def close(self) -> None:
        self._diary.told.append("closed")


def run(diary: Diary, hands: Callable[[Diary], Hands]) -> ScriptedWatch:
    watch = ScriptedWatch()
    runner = NightRunner(watch, diary, hands(diary))
    runner.deliver(NightBegan(0, night="n", boot_id="boot"))
    runner.deliver(Tick(STEP_NS))
    return watch


def test_the_ledger_is_written_before_the_output_acts() -> None:
    """After a crash in between, the nudge counts as given."""
    diary = Diary()
    bell = Bell(diary)
    watch = run(diary, lambda _: Direct({Output.VIBRATION: bell}))
    assert diary.told == ["ledger", "act"]
    assert (diary.rows[0].night, diary.rows[0].boot_id, diary.rows[0].at_ns) == ("n", "boot", STEP_NS)
    assert bell.request is not None
    assert watch.pushed[-1] == OutputAcknowledged(STEP_NS + 1, 1)


class LateWatch(ScriptedWatch):
    """Its one nudge is of a step two seconds before the tick that brings it."""

    def push(self, record: Input) -> tuple[NightOutput, ...]:
        late = replace(record, at_ns=record.at_ns - PERMIT_LIFE_NS) if isinstance(record, Tick) else record
        return super().push(late)


def test_a_permit_of_a_step_that_is_over_is_let_go() -> None:
    """A turn that came late is no output's fault: nothing is written down, nothing acts, and nothing is given up."""
    diary = Diary()
    watch = LateWatch()
    runner = NightRunner(watch, diary, Direct({Output.VIBRATION: Bell(diary)}))
    runner.deliver(NightBegan(0, night="n", boot_id="boot"))
    runner.deliver(Tick(STEP_NS))
    assert watch.left == 0, "it was allowed"
    assert diary.told == []
    assert not any(isinstance(record, OutputFailed) for record in watch.pushed)


def test_what_took_too_long_to_look_at_is_let_go() -> None:
    """F21: allowed, and not acted on; no output is to blame."""
    diary, watch = Diary(), ScriptedWatch()
    runner = NightRunner(watch, diary, Direct({Output.VIBRATION: Bell(diary)}))
    runner.deliver(NightBegan(0, night="n", boot_id="boot"))
    runner.too_late = lambda: True
    runner.deliver(Tick(STEP_NS))
    assert (watch.left, diary.told) == (0, [])
    assert not any(isinstance(record, OutputFailed) for record in watch.pushed)


def test_without_a_ledger_nothing_acts() -> None:
    """A full disk means silence, and the night is told."""
    diary = Diary(broken=True)
    bell = Bell(diary)
    watch = run(diary, lambda _: Direct({Output.VIBRATION: bell}))
    assert diary.told == []
    assert isinstance(watch.pushed[-1], OutputFailed)
    assert "disk is full" in watch.pushed[-1].why


class LookedAtLate(ScriptedWatch):
    """A night that allows one nudge, for a step that ended just before what raises a hand."""

    def push(self, record: Input) -> tuple[NightOutput, ...]:
        early = Tick(record.at_ns - 1)
        return super().push(record) if isinstance(record, NightBegan) else super().push(early)


@pytest.mark.parametrize(
    "raised",
    [Contact(STEP_NS, on=False), LinkLost(STEP_NS), Held(STEP_NS), Marked(STEP_NS, Mark.STOP), NightEnded(STEP_NS)],
    ids=lambda record: type(record).__name__,
)
def test_what_is_allowed_for_a_step_before_a_hand_was_raised_is_let_go(raised: Input) -> None:
    """Where a turn came late the step is looked at together with what ends it; then nothing is begun any more."""
    diary, watch = Diary(), LookedAtLate()
    runner = NightRunner(watch, diary, Direct({Output.VIBRATION: Bell(diary)}))
    runner.deliver(NightBegan(0, night="n", boot_id="boot"))
    runner.deliver(raised)
    assert (watch.left, diary.told) == (0, [])


@pytest.mark.parametrize("error", [DeviceError("no answer"), PermitError("expired")])
def test_an_output_that_fails_is_said_to_have_failed(error: Exception) -> None:
    """The permit is spent all the same."""
    diary = Diary()
    watch = run(diary, lambda notes: Direct({Output.VIBRATION: Bell(notes, error)}))
    assert diary.told == ["ledger", "act"]
    assert isinstance(watch.pushed[-1], OutputFailed)


def test_an_output_that_is_not_there_has_failed() -> None:
    """A permit for a lamp does nothing where there is only a bell."""
    diary = Diary()
    watch = run(diary, lambda notes: Direct({Output.SOUND: Bell(notes)}))
    assert isinstance(watch.pushed[-1], OutputFailed)


def test_a_shadow_is_acknowledged_at_once_and_touches_nothing() -> None:
    """In replay nothing is done, and it says so."""
    diary = Diary()
    watch = run(diary, lambda _: Hands.shadows())
    assert diary.told == ["ledger"]
    assert watch.pushed[-1] == OutputAcknowledged(STEP_NS + 1, 1, shadow=True)


def test_a_recorded_night_is_not_acknowledged_again() -> None:
    """What was done is in the recording already."""
    watch = run(Diary(), lambda _: Hands.recorded())
    assert isinstance(watch.pushed[-1], Tick)


def test_ticks_are_pushed_but_not_kept() -> None:
    """Extra ticks change nothing, so nobody keeps them."""
    kept: list[Input | NightOutput] = []

    class Keeping(NoKeeper):
        def add(self, record: Input | NightOutput) -> None:
            kept.append(record)

    runner = NightRunner(NightWatch(parameters()), Keeping(), Hands.shadows())
    for record in (NightBegan(0), HeartSample(1, 600), Tick(STEP_NS), NightEnded(EPOCH_NS)):
        runner.deliver(record)
    assert not any(isinstance(record, Tick) for record in kept)
    assert HeartSample(1, 600) in kept


def items_recording(items: list[Item], ends_ns: int | None = None, began_ns: int = 0) -> Recording:
    began = NightBegan(began_ns, night="x")
    return Recording("x", Path("x"), "made by hand", began, lambda: iter(items), ReadingNotes(), ends_ns=ends_ns)


def block(first_s: int, seconds: int) -> AccelerationBlock:
    mg = np.tile(np.array([[10, 20, 980]], dtype=np.int16), (seconds * 50, 1))
    return AccelerationBlock(first_s * NS_PER_S, NS_PER_S // 50, mg)


def test_blocks_become_summaries_in_their_place() -> None:
    """Whatever a reader does with blocks, the engine sees inputs in order of the instant they were known."""
    items: list[Item] = [block(0, 10), HeartSample(3 * NS_PER_S, 600), block(10, 10), HeartSample(12 * NS_PER_S, 610)]
    inputs = list(inputs_of(items_recording(items)))
    instants = [record.at_ns for record in inputs]
    assert instants == sorted(instants)
    assert sum(isinstance(record, MotionSummary) for record in inputs) == 20
    assert isinstance(inputs[-1], NightEnded)


def test_a_recording_ends_where_it_says_or_with_its_last_epoch() -> None:
    """What comes after the end is not part of the night."""
    late = [HeartSample(s * NS_PER_S, 600) for s in (10, 40, 100)]
    assert list(inputs_of(items_recording(list(late), ends_ns=60 * NS_PER_S)))[-1] == NightEnded(60 * NS_PER_S)
    assert list(inputs_of(items_recording(list(late))))[-1] == NightEnded(120 * NS_PER_S)
    assert list(inputs_of(items_recording([])))[:1] == [NightBegan(0, night="x")]


def test_no_recording_is_longer_than_a_night() -> None:
    """A clock gone mad, or ten gigabytes of days, costs neither memory nor hours: the first 26 h are used, and said."""
    far = items_recording([HeartSample(NS_PER_S, 600), HeartSample(10**6 * EPOCH_NS, 600)])
    assert list(inputs_of(far))[-1] == NightEnded(EPOCH_NS)
    assert "26 h" in far.notes.remarks[0]
    promised = items_recording([HeartSample(NS_PER_S, 600)], ends_ns=10**6 * EPOCH_NS)
    assert list(inputs_of(promised))[-1] == NightEnded(LONGEST_NIGHT_NS)


def test_lights_out_stands_where_it_belongs() -> None:
    """Samples from before it come before it, and a recorded end is not doubled."""
    items: list[Item] = [
        HeartSample(-5, 600),
        NightBegan(0, night="other"),
        HeartSample(5, 600),
        NightEnded(EPOCH_NS),
    ]
    inputs = list(inputs_of(items_recording(items)))
    assert [type(record).__name__ for record in inputs] == ["HeartSample", "NightBegan", "HeartSample", "NightEnded"]
    assert inputs[1] == NightBegan(0, night="x")


def test_every_step_is_ticked() -> None:
    """A recording with a gap has the ticks a live night would have had."""
    ticks = [r.at_ns for r in ticked(iter([NightBegan(0), NightEnded(12 * NS_PER_S)])) if isinstance(r, Tick)]
    assert ticks == [STEP_NS, 2 * STEP_NS]


def test_a_replay_can_be_paced() -> None:
    """A view may slow the night down; it sees every step."""
    seen: list[int] = []
    replay(items_recording([HeartSample(NS_PER_S, 600)], ends_ns=EPOCH_NS), Outfit(parameters()), pace=seen.append)
    assert seen == [STEP_NS * n for n in range(1, 7)]


def test_a_suspended_computer_nudges_nobody_for_what_was_before() -> None:
    """The laptop slept through the middle of a strong night: no permit of before is used after."""
    hours = 2.0
    sleeper = SimulatedSleeper(1, plan=named_plan("strong", 1, hours=hours), hours=hours)
    clock = VirtualClock()
    felt: list[int] = []

    class Feeling(SleeperNudger):
        async def start(self, given: Permit, at_ns: int) -> None:
            assert at_ns - given.issued_ns < PERMIT_LIFE_NS
            felt.append(at_ns)
            await super().start(given, at_ns)

    hands = Direct({Output.VIBRATION: Feeling(sleeper, Output.VIBRATION, 0)})
    seen: list[Input | NightOutput] = []
    runner = NightRunner(NightWatch(parameters()), NoKeeper(), hands, seen.append)

    class Sleepy(SleeperSource):
        def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
            if elapsed_ns == 6090 * NS_PER_S:
                clock.suspend(600 * NS_PER_S)
            return super().due(elapsed_ns)

    asyncio.run(watch_live(runner, Sleepy(sleeper), clock))
    resumed = [record.at_ns for record in seen if isinstance(record, Resumed)]
    assert len(resumed) == 1
    assert not [at_ns for at_ns in felt if resumed[0] <= at_ns < resumed[0] + 300 * NS_PER_S]


def test_a_busy_machine_does_not_prolong_the_night() -> None:
    """A turn that comes late ends with the night, not after it."""

    class Late(VirtualClock):
        async def wait_until(self, boot_ns: int) -> None:
            await super().wait_until(boot_ns + 7 * NS_PER_S)

    recording = replace(simulated(1, plan=named_plan("quiet", 1, hours=0.2), hours=0.2))
    sleeper = SimulatedSleeper(1, plan=named_plan("quiet", 1, hours=0.2), hours=0.2)
    runner = NightRunner(NightWatch(parameters()), NoKeeper(), Hands.shadows())
    report = asyncio.run(watch_live(runner, SleeperSource(sleeper), Late()))
    assert recording.ends_ns is not None
    assert report.watched_min + report.blind_min == recording.ends_ns / NS_PER_S / 60


def test_a_recording_can_be_heard_live() -> None:
    """Its end is known once it was heard."""
    source = RecordedSource(items_recording([HeartSample(-1, 600), HeartSample(2, 600)], ends_ns=EPOCH_NS))
    assert source.ends_ns is None
    assert source.due(NS_PER_S) == [HeartSample(2, 600)]
    assert source.due(EPOCH_NS) == []
    assert source.ends_ns == EPOCH_NS


def test_a_virtual_output_is_always_there() -> None:
    """The simulated sleeper's nudger can be probed without touching anybody."""
    sleeper = SimulatedSleeper(1, hours=0.1)
    assert asyncio.run(SleeperNudger(sleeper, Output.VIBRATION, 0).probe()) == ""
    assert SleeperNudger(sleeper, Output.VIBRATION, 0).output is Output.VIBRATION
