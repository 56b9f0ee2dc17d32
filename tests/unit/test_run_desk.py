"""The desk: what comes of a permit, and that a stop ends it whatever the night is doing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Queue

import pytest

from tests.permits import permit
from vigil.domain.errors import DeviceError
from vigil.domain.permits import PERMIT_LIFE_NS, Permit
from vigil.domain.records import Event, OutputAcknowledged, OutputConfirmedOff, OutputFailed, OutputProbed
from vigil.domain.requests import NudgeRequest, Output
from vigil.run import desk as desks
from vigil.run.desk import OFF_TRIES, Desk, all_off
from vigil.run.noticing import StopFile
from vigil.run.ports import OutOfReachError
from vigil.store.hold import Hold, write_hold

PATIENCE_S = 20.0
"""Longer than anything here takes, so that a test that hangs fails in words."""

Doing = Callable[[], object]


def nothing() -> None:
    return None


def fails() -> None:
    message = "the lamp did not answer; nothing was done"
    raise DeviceError(message)


def breaks() -> None:
    raise ZeroDivisionError


def hangs() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


class Lamp:
    """An output that does as it is told, and tells the test of everything that is asked of it."""

    name = "the lamp"

    def __init__(self, output: Output = Output.VIBRATION, **does: Doing) -> None:
        self.output = output
        self.does: dict[str, Doing] = does
        self.asked: Queue[str] = Queue()
        self.told: list[str] = []
        self.requests: list[NudgeRequest] = []

    async def _do(self, what: str) -> object:
        self.told.append(what)
        self.asked.put(what)
        done = self.does.get(what, nothing)()
        return await done if isinstance(done, asyncio.Future) else done

    async def probe(self) -> str:
        return str(await self._do("probe") or "")

    async def start(self, given: Permit, at_ns: int) -> None:
        request = given.redeem(at_ns)
        await self._do("start")
        self.requests.append(request)

    async def off(self) -> None:
        await self._do("off")

    async def close(self) -> None:
        await self._do("close")

    def waits_for(self, what: str) -> None:
        """Until that has been asked of it."""
        while self.asked.get(timeout=PATIENCE_S) != what:
            pass


class Heard(Desk):
    """A desk that lets the test wait for what it says."""

    def __init__(self, *lamps: Lamp, stopped: Callable[[], bool] = lambda: False, now_ns: int = 7) -> None:
        super().__init__({lamp.output: lamp for lamp in lamps}, lambda: now_ns, stopped)
        self.said: Queue[Event] = Queue()

    def _say(self, event: Event) -> None:
        super()._say(event)
        self.said.put(event)

    def next(self) -> Event:
        return self.said.get(timeout=PATIENCE_S)


Opened = Callable[..., Heard]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Makes desks that are open, and closes them."""
    made: list[Heard] = []

    def make(*lamps: Lamp, stopped: Callable[[], bool] = lambda: False, now_ns: int = 7) -> Heard:
        one = Heard(*lamps, stopped=stopped, now_ns=now_ns)
        one.open()
        made.append(one)
        for lamp in lamps:
            lamp.waits_for("off")
            lamp.told.clear()
        return one

    yield make
    for one in made:
        one.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs are waited for so briefly that a test need not."""
    for bound in ("PROBE_S", "START_S", "OFF_S"):
        monkeypatch.setattr(desks, bound, 0.05)


def brief(issued_ns: int = 0, output: Output = Output.VIBRATION, duration_ms: int = 1) -> Permit:
    """A permit for something that is over at once."""
    given = permit(issued_ns, output=output)
    object.__setattr__(given.request, "duration_ms", duration_ms)
    return given


LONG_MS = 600_000
"""Far longer than any test takes: if it ends, something ended it."""


# -- what comes of a permit ------------------------------------------------------------------------------------------


def test_a_nudge_is_begun_then_stopped_and_both_are_said(opened: Opened) -> None:
    """Acknowledged once it has begun, confirmed off when its time is over, at the night's own instants."""
    lamp = Lamp()
    desk = opened(lamp, now_ns=42)
    given = brief(40)
    assert desk.take(given, 40) == ()
    assert [desk.next(), desk.next()] == [OutputAcknowledged(42, 1), OutputConfirmedOff(42, 1)]
    assert lamp.told == ["start", "off"]
    assert lamp.requests == [given.request]


def test_what_is_said_is_heard_once_and_not_before_its_time(opened: Opened) -> None:
    """The night takes answers up to the instant it has reached."""
    desk = opened(Lamp(), now_ns=42)
    desk.take(brief(40), 40)
    desk.next(), desk.next()
    assert desk.heard(41) == []
    assert [type(event) for event in desk.heard(42)] == [OutputAcknowledged, OutputConfirmedOff]
    assert desk.heard(10**9) == []


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (fails, "the lamp did not answer; nothing was done"),
        (breaks, "the lamp broke down (ZeroDivisionError)"),
        (hangs, "the lamp did not answer"),
    ],
)
def test_an_output_that_does_not_begin_is_stopped_and_said_to_have_failed(
    opened: Opened, hasty: None, start: Doing, words: str
) -> None:
    """Whatever went wrong, nobody knows how far it came: it is told to be off."""
    lamp = Lamp(start=start)
    desk = opened(lamp)
    desk.take(brief(), 0)
    assert desk.next() == OutputFailed(7, 1, Output.VIBRATION, words)
    assert lamp.told == ["start", "off"]
    assert lamp.requests == []


def test_a_permit_that_is_out_does_nothing(opened: Opened) -> None:
    """A computer that slept between permit and output nudges nobody for what was before."""
    lamp = Lamp()
    desk = opened(lamp, now_ns=PERMIT_LIFE_NS)
    desk.take(brief(), 0)
    failed = desk.next()
    assert isinstance(failed, OutputFailed)
    assert "not good at this instant" in failed.why
    assert "start" not in lamp.told


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (fails, "the lamp did not answer; nothing was done"),
        (breaks, "the lamp broke down (ZeroDivisionError)"),
        (hangs, "the lamp did not confirm that it is off"),
    ],
)
def test_an_output_that_does_not_confirm_is_asked_three_times_and_given_up(
    opened: Opened, hasty: None, off: Doing, words: str
) -> None:
    """F9: the night is told that it failed, and the guard uses it no more."""
    lamp = Lamp()
    desk = opened(lamp)
    lamp.does["off"] = off
    desk.take(brief(), 0)
    assert isinstance(desk.next(), OutputAcknowledged)
    assert desk.next() == OutputFailed(7, 1, Output.VIBRATION, words)
    assert lamp.told == ["start", *["off"] * OFF_TRIES]


def test_an_output_that_confirms_late_is_off_all_the_same(opened: Opened) -> None:
    """Two answers lost, the third one counts."""
    answers = iter([fails, fails, nothing])
    lamp = Lamp()
    desk = opened(lamp)

    def answer() -> object:
        return next(answers)()

    lamp.does["off"] = answer
    desk.take(brief(), 0)
    assert [type(desk.next()), type(desk.next())] == [OutputAcknowledged, OutputConfirmedOff]
    lamp.does["off"] = nothing


def test_an_output_that_is_not_there_has_failed(opened: Opened) -> None:
    """A permit for a lamp does nothing where there is only a buzz."""
    desk = opened(Lamp())
    desk.take(brief(output=Output.LIGHT), 0)
    assert desk.next() == OutputFailed(7, 1, Output.LIGHT, "there is no such output")


# -- stop ------------------------------------------------------------------------------------------------------------


def test_a_hand_that_is_raised_ends_what_goes_on(opened: Opened) -> None:
    """On every output, long before its time."""
    lamps = Lamp(Output.VIBRATION), Lamp(Output.LIGHT)
    desk = opened(*lamps)
    for lamp in lamps:
        desk.take(brief(output=lamp.output, duration_ms=LONG_MS), 0)
        assert isinstance(desk.next(), OutputAcknowledged)
    desk.quiet()
    assert [type(desk.next()), type(desk.next())] == [OutputConfirmedOff, OutputConfirmedOff]
    assert [lamp.told for lamp in lamps] == [["start", "off"]] * 2


@pytest.mark.parametrize("by", ["file", "flag"])
def test_a_stop_ends_what_goes_on(opened: Opened, tmp_path: Path, by: str) -> None:
    """The file of another process, or the flag of this one: the desk looks at both by itself."""
    stop = StopFile(tmp_path / "hold", lambda: 1000)
    lamp = Lamp()
    desk = opened(lamp, stopped=stop.stands)
    desk.take(brief(duration_ms=LONG_MS), 0)
    assert isinstance(desk.next(), OutputAcknowledged)
    if by == "file":
        write_hold(tmp_path / "hold", Hold(None, 1000))
    else:
        stop.pressed = True
    assert isinstance(desk.next(), OutputConfirmedOff)
    assert lamp.told == ["start", "off"]


def test_a_stop_does_not_wait_for_an_output_that_is_slow_to_begin(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lamp that has been asked to glow and has not answered yet is told to be off, however long it may take."""
    monkeypatch.setattr(desks, "START_S", 100 * PATIENCE_S)
    lamp = Lamp(start=hangs)
    desk = opened(lamp)
    desk.take(brief(duration_ms=LONG_MS), 0)
    lamp.waits_for("start")
    desk.quiet()
    lamp.waits_for("off")
    assert isinstance(desk.next(), OutputConfirmedOff)
    assert lamp.requests == []


def test_nothing_begins_while_a_stop_stands(opened: Opened) -> None:
    """Not even with a permit that the guard gave a moment before; the output did not fail, and is off."""
    lamp = Lamp()
    desk = opened(lamp, stopped=lambda: True)
    desk.take(brief(), 0)
    assert isinstance(desk.next(), OutputConfirmedOff)
    assert lamp.told == []


def test_a_hand_that_is_raised_before_the_first_step_counts(opened: Opened) -> None:
    """Permit and hand come in one breath: what was begun a moment ago has not looked round yet."""
    lamp = Lamp()
    desk = opened(lamp)
    held: Queue[None] = Queue()
    desk._loop.call_soon_threadsafe(held.get)  # nothing goes on in the thread until both are there
    desk.take(brief(duration_ms=LONG_MS), 0)
    desk.quiet()
    held.put(None)
    assert isinstance(desk.next(), OutputConfirmedOff)
    assert "start" not in lamp.told


def test_a_look_at_the_stop_that_fails_stops(opened: Opened) -> None:
    """Where nobody can tell whether a stop stands, one stands."""

    def unknown() -> bool:
        raise OSError

    lamp = Lamp()
    desk = opened(lamp, stopped=unknown)
    desk.take(brief(), 0)
    assert isinstance(desk.next(), OutputConfirmedOff)
    assert "start" not in lamp.told


def test_an_output_that_cannot_be_interrupted_is_stopped_once_more(opened: Opened, hasty: None) -> None:
    """What began while it was being stopped is stopped as well."""
    let_go: list[asyncio.Future[None]] = []

    def stubborn() -> asyncio.Future[None]:
        inner: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        let_go.append(inner)
        return asyncio.ensure_future(_in_spite(inner))

    async def _in_spite(inner: asyncio.Future[None]) -> None:
        while not inner.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(inner)

    lamp = Lamp(start=stubborn)
    desk = opened(lamp)
    lamp.does["off"] = lambda: let_go[0].set_result(None) if not let_go[0].done() else None
    desk.take(brief(duration_ms=LONG_MS), 0)
    lamp.waits_for("start")
    desk.quiet()
    assert [type(desk.next()), type(desk.next())] == [OutputAcknowledged, OutputConfirmedOff]
    assert lamp.told == ["start", "off", "off"]


def test_a_night_that_hangs_does_not_keep_an_output_from_being_stopped(opened: Opened, tmp_path: Path) -> None:
    """The main thread computes without end, as an engine gone mad would, while somebody presses stop."""
    stop = StopFile(tmp_path / "hold", lambda: 1000)
    lamp = Lamp()
    desk = opened(lamp, stopped=stop.stands)
    desk.take(brief(duration_ms=LONG_MS), 0)
    assert isinstance(desk.next(), OutputAcknowledged)
    presser = threading.Thread(target=lambda: write_hold(tmp_path / "hold", Hold(None, 1000)))
    presser.start()
    turns = 0
    until = time.monotonic() + PATIENCE_S
    while "off" not in lamp.told and time.monotonic() < until:
        turns += 1
    presser.join()
    assert lamp.told == ["start", "off"]
    assert turns > 0


# -- before and after ------------------------------------------------------------------------------------------------


def test_what_an_earlier_run_left_is_stopped_first(hasty: None) -> None:
    """Also where nothing is known of it; what could not be stopped is said."""
    well, stuck = Lamp(Output.VIBRATION), Lamp(Output.LIGHT, off=hangs)
    desk = Heard(well, stuck)
    try:
        assert desk.open() == ("the lamp did not confirm that it is off",)
        assert (well.told, stuck.told) == (["off"], ["off"] * OFF_TRIES)
    finally:
        stuck.does["off"] = nothing
        desk.close()


@pytest.mark.parametrize(
    ("probe", "why"),
    [
        (nothing, ""),
        (lambda: "the lamp is another one than you tried", "the lamp is another one than you tried"),
        (hangs, "the lamp did not answer"),
        (breaks, "the lamp broke down (ZeroDivisionError)"),
    ],
)
def test_every_output_is_asked_whether_it_is_there(opened: Opened, hasty: None, probe: Doing, why: str) -> None:
    """It is a bedtime check: an output that is broken is no reason not to watch."""
    desk = opened(Lamp(probe=probe))
    assert desk.probe() == [OutputProbed(7, Output.VIBRATION, not why, why)]


def test_one_that_was_out_of_reach_is_used_again_once_it_is_there(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for until it answers, and that is said once; the nudge has failed all the same."""
    monkeypatch.setattr(desks, "AGAIN_S", 0.01)
    answers = ["the watch is out of reach", "the watch is out of reach", ""]

    def away() -> None:
        message = "the watch is out of reach"
        raise OutOfReachError(message)

    lamp = Lamp(start=away, probe=lambda: answers.pop(0))
    desk = opened(lamp)
    desk.take(brief(), 0)
    assert desk.next() == OutputFailed(7, 1, Output.VIBRATION, "the watch is out of reach", unreached=True)
    assert desk.next() == OutputProbed(7, Output.VIBRATION, ok=True)
    assert answers == []
    lamp.does["start"] = nothing
    desk.take(brief(), 0)
    assert isinstance(desk.next(), OutputAcknowledged)


def test_one_that_failed_otherwise_is_not_looked_for(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one that was out of reach and could not be told to stop: whether it is off is not known."""
    monkeypatch.setattr(desks, "AGAIN_S", 0.01)

    def away() -> None:
        message = "the watch is out of reach"
        raise OutOfReachError(message)

    for lamp in (Lamp(start=fails), Lamp(start=away)):
        desk = opened(lamp)
        lamp.does["off"] = nothing if lamp.does["start"] is fails else fails
        desk.take(brief(), 0)
        failed = desk.next()
        assert isinstance(failed, OutputFailed)
        assert not failed.unreached
        assert desk.probe()  # whoever looked for it would have begun by now
        assert lamp.told.count("probe") == 1


def test_outputs_are_probed_beside_one_another(opened: Opened) -> None:
    """Each waits until all have been asked: one after the other this would never end."""
    barrier: list[asyncio.Future[None]] = []

    def meet() -> asyncio.Future[None]:
        barrier.append(asyncio.get_running_loop().create_future())
        if len(barrier) == len(Output):
            for one in barrier:
                one.set_result(None)
        return barrier[-1]

    desk = opened(*(Lamp(output, probe=meet) for output in Output))
    assert len(desk.probe()) == len(Output)


def test_closing_ends_what_goes_on_and_lets_the_outputs_go(opened: Opened) -> None:
    """And it can be done twice."""
    lamp = Lamp()
    desk = opened(lamp)
    desk.take(brief(duration_ms=LONG_MS), 0)
    assert isinstance(desk.next(), OutputAcknowledged)
    assert desk.close() == ()
    assert lamp.told == ["start", "off", "off", "close"]
    assert desk.close() == ()
    assert isinstance(desk.next(), OutputConfirmedOff)


def test_a_desk_that_was_never_opened_or_is_closed_does_nothing() -> None:
    """Asking for quiet, or closing, is harmless; a permit that comes too late has failed."""
    lamp = Lamp()
    desk = Heard(lamp)
    assert desk.close() == ()
    desk.open()
    desk.close()
    desk.quiet()
    (failed,) = desk.take(brief(5), 5)
    assert isinstance(failed, OutputFailed)
    assert failed.at_ns > 5
    assert "start" not in lamp.told


def test_an_output_that_cannot_be_stopped_or_let_go_is_said_at_the_end(hasty: None) -> None:
    """Closing never raises: a night's report does not depend on a lamp."""
    lamp = Lamp()
    desk = Heard(lamp)
    desk.open()
    lamp.does |= {"off": fails, "close": breaks}
    assert desk.close() == ("the lamp did not answer; nothing was done",)


def test_an_output_that_blocks_its_thread_does_not_hold_up_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter that waits without letting others have a turn is left behind, and that is said."""
    monkeypatch.setattr(desks, "CALL_S", 0.1)
    monkeypatch.setattr(desks, "CLOSE_S", 0.1)
    let_go = threading.Event()
    lamp = Lamp(start=lambda: let_go.wait(PATIENCE_S))
    desk = Heard(lamp)
    desk.open()
    desk.take(brief(), 0)
    lamp.waits_for("start")
    try:
        (left,) = desk.close()
        assert "did not answer" in left
    finally:
        let_go.set()
        desk._thread.join(PATIENCE_S)
    assert not desk._thread.is_alive()


def test_what_is_done_beside_ends_with_the_desk_and_never_touches_it(opened: Opened) -> None:
    """A button that is listened to is let go; one that breaks changes nothing."""
    begun, ended = threading.Event(), threading.Event()

    async def listens() -> None:
        begun.set()
        try:
            await hangs()
        finally:
            ended.set()

    async def is_broken() -> None:
        breaks()

    desk = opened(Lamp())
    desk.also(is_broken)
    desk.also(listens)
    assert begun.wait(PATIENCE_S)
    desk.take(brief(), 0)
    assert isinstance(desk.next(), OutputAcknowledged)
    desk.close()
    assert ended.wait(PATIENCE_S)


def test_all_off_stops_every_output_and_says_what_it_could_not(hasty: None) -> None:
    """What a supervisor does once a night process has died."""
    well, stuck = Lamp(), Lamp(Output.LIGHT, off=fails, close=breaks)
    assert asyncio.run(all_off([well, stuck])) == ("the lamp did not answer; nothing was done",)
    assert (well.told, stuck.told) == (["off", "close"], [*["off"] * OFF_TRIES, "close"])
