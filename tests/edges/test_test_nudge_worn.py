"""`vigil test-nudge` on the paired wearable: guard, ledger, desk and the thread of the radio; a link that is faked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from vigil.app import try_sitting, wearable_output
from vigil.app.arming import HOLD_NAME
from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.wearables_file import Paired, Role, Wearables, wearables_path, write_wearables
from vigil.app.wiring import writing
from vigil.domain.errors import DeviceError
from vigil.domain.records import Mark, Marked
from vigil.domain.requests import Output
from vigil.domain.steps import LADDERS, Step
from vigil.run.link_table import State
from vigil.run.ports import WallClock
from vigil.store.hold import read_hold

STRAP = Paired("polar-h10", "A0:9E:1A:00:00:01", "Polar H10 1", frozenset({Role.SENSOR}))
WATCH = Paired("banglejs", "D3:12:00:00:00:02", "Bangle.js 5678", frozenset({Role.VIBRATION}))
SHORT = (Step(1, 2, 1, 0, 5), Step(2, 1, 1, 0, 10), Step(3, 1, 1, 0, 20))


@dataclass
class Worn:
    """The wearable in its thread: there or not, with a link that remembers its pulses."""

    there: bool = True
    refuses: bool = False
    marks: tuple[Mark, ...] = ()
    state: State = State.LOOKING
    why: str = ""
    address: str = ""
    codec: object = None
    pulses: list[tuple[int, int]] = field(default_factory=list)
    stilled: int = 0
    let_go: bool = False
    is_over: bool = False
    hear: Callable[[Marked], None] = lambda _said: None

    def __call__(self, address: str, codec: object, hear: Callable[[Any], None], *_given: object) -> Worn:
        """Take the place of `Wearable`, as `worn_output` makes it."""
        self.address, self.codec, self.hear = address, codec, hear
        return self

    @property
    def link(self) -> Worn:
        return self

    async def keep(self) -> None:
        try:
            self.state, self.why = (State.LISTENING, "") if self.there else (State.PAUSING, "it is out of reach")
            await asyncio.Event().wait()
        finally:
            self.let_go = True

    async def pulse(self, duration_ms: int, strength_percent: int) -> None:
        if self.refuses:
            message = "the wearable would not vibrate now"
            raise DeviceError(message)
        self.pulses.append((duration_ms, strength_percent))
        for mark in self.marks:
            self.hear(Marked(1, mark))

    async def still(self) -> None:
        self.stilled += 1


@pytest.fixture
def worn(monkeypatch: pytest.MonkeyPatch) -> Worn:
    """A strap senses, a watch vibrates; steps, pauses and the waiting are short."""
    one = Worn()
    write_wearables(Home.here(), Wearables(STRAP, WATCH))
    monkeypatch.setattr(wearable_output, "Wearable", one)
    monkeypatch.setattr(wearable_output, "WAIT_S", 0.2)
    monkeypatch.setattr(wearable_output, "ASK_S", 0.01)
    monkeypatch.setitem(LADDERS, Output.VIBRATION, SHORT)
    monkeypatch.setattr(try_sitting, "PAUSE_S", 0.25)
    monkeypatch.setattr(try_sitting, "WallClock", lambda: WallClock(speed=10.0))
    return one


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["test-nudge", "--yes", *words])


def told(result: Result) -> str:
    return " ".join(result.output.split())


def test_every_step_is_felt_on_the_watch_that_is_paired(worn: Worn) -> None:
    """Not on the strap; the lowest first; it is stilled after each and let go at the end."""
    result = invoke("--output", "vibration")
    assert result.exit_code == 0, result.output
    assert worn.address == WATCH.address
    assert worn.pulses == [(1, 5), (1, 5), (1, 10), (1, 20)]
    assert worn.stilled >= 3
    assert worn.let_go
    assert "Looking for Bangle.js 5678. Bangle.js 5678: Step 1: given." in told(result)


def test_it_is_tried_with_all_the_others(worn: Worn) -> None:
    """Without a name every output that is set up is tried, and a wearable is one."""
    assert invoke().exit_code == 0
    assert len(worn.pulses) == 4


def test_another_output_does_not_wait_for_it(worn: Worn) -> None:
    """Whoever tries the sound needs no watch."""
    result = invoke("--output", "sound")
    assert result.exit_code == 1
    assert not worn.address
    assert told(result) == try_sitting.NOT_YET[Output.SOUND]


def test_one_that_is_not_there_is_said(worn: Worn) -> None:
    """Why, after it was waited for; and nothing is given."""
    worn.there = False
    result = invoke("--output", "vibration")
    assert result.exit_code == 1
    assert "Bangle.js 5678 is not there: it is out of reach." in told(result)
    assert "Not now: Bangle.js 5678 is out of reach." in told(result)
    assert worn.pulses == []
    assert worn.let_go


def test_one_that_refuses_ends_the_round(worn: Worn) -> None:
    """It has limits of its own, which come after Vigil's."""
    worn.refuses = True
    result = invoke("--output", "vibration")
    assert result.exit_code == 1
    assert "Step 1: not given." in told(result)
    assert "would not vibrate now" in told(result)
    assert "Step 2" not in told(result)


def test_a_stop_on_the_wrist_is_a_stop(worn: Worn) -> None:
    """The rest of the train is not given, nor a further step, nor anything until evening."""
    worn.marks = (Mark.STOP,)
    result = invoke("--output", "vibration")
    assert len(worn.pulses) <= 2
    assert "Step 3: given." not in told(result)
    assert read_hold(Home.here().shelf(Shelf.OWN) / HOLD_NAME).hold is not None


def test_another_press_is_no_stop(worn: Worn) -> None:
    """Somebody who is awake says so, by day: the watch itself gives nothing for a while."""
    worn.marks = (Mark.AWAKE, Mark.BAD_DREAM)
    assert invoke("--output", "vibration").exit_code == 0
    assert read_hold(Home.here().shelf(Shelf.OWN) / HOLD_NAME).hold is None


def test_where_nothing_paired_vibrates_it_is_said(worn: Worn) -> None:
    """With how to pair one; a strap is not asked to."""
    write_wearables(Home.here(), Wearables(STRAP))
    result = invoke("--output", "vibration")
    assert result.exit_code == 1
    assert told(result) == try_sitting.NOT_YET[Output.VIBRATION]
    assert not worn.address


def test_a_file_that_is_no_good_is_said(worn: Worn) -> None:
    """By its name, and nothing is tried."""
    wearables_path(Home.here()).write_text("wearable = 1\n")
    result = invoke("--output", "vibration")
    assert result.exit_code == 1
    assert "wearables.toml" in told(result)
    assert not worn.address


def test_a_family_that_is_gone_is_said(worn: Worn) -> None:
    """As a package that was removed leaves it."""
    gone = Paired("gone", WATCH.address, "A watch", frozenset({Role.VIBRATION}))
    write_wearables(Home.here(), Wearables(STRAP, gone))
    result = invoke("--output", "vibration")
    assert result.exit_code == 1
    assert "A watch is paired as 'gone'" in told(result)
    assert not worn.address


def test_while_a_night_is_watched_its_wearable_is_left_alone(worn: Worn) -> None:
    """Exit code 3, before anything is looked for."""
    with writing(Home.here(), Shelf.OWN):
        assert invoke("--output", "vibration").exit_code == 3
    assert not worn.address
