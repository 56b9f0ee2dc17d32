"""Trying the outputs by day: guard, ledger and desk as at night, for somebody awake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vigil.app import trying
from vigil.app.trying import Trial
from vigil.domain.errors import DeviceError, FullError
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.permits import Permit
from vigil.domain.records import Restarted
from vigil.domain.requests import Output, Purpose
from vigil.domain.settings import Settings
from vigil.domain.steps import Step
from vigil.domain.units import NS_PER_S
from vigil.run.desk import Desk
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore

ONE = Step(level=1, pulses=1, on_ms=1, off_ms=0, strength_percent=5)
TWO = Step(level=2, pulses=1, on_ms=1, off_ms=0, strength_percent=10)
HOUR_NS = 3600 * NS_PER_S


class Lamp:
    """An output that looks into the ledger before it acts."""

    name = "the lamp"

    def __init__(self, ledger: LedgerStore, output: Output = Output.LIGHT) -> None:
        self._ledger = ledger
        self.output = output
        self.rows_at_act: list[LedgerRow] = []
        self.error: Exception | None = None

    async def probe(self) -> str:
        return ""

    async def start(self, permit: Permit, at_ns: int) -> None:
        permit.redeem(at_ns)
        if self.error is not None:
            raise self.error
        self.rows_at_act.append(LedgerRow("", permit.serial, "", 0, None, Purpose.TEST, 0, self.output, 0, 0))

    async def off(self) -> None:
        pass

    async def close(self) -> None:
        pass


@dataclass
class Day:
    """An afternoon of tries; `go_by` lets time pass."""

    database: Database
    settings: Settings = field(default_factory=Settings)
    now_ns: int = HOUR_NS
    stopped: bool = False

    def __post_init__(self) -> None:
        self.ledger = LedgerStore(self.database)
        self.lamps = {one: Lamp(self.ledger, one) for one in (Output.LIGHT, Output.SOUND)}
        self.desk = Desk(self.lamps, lambda: self.now_ns, lambda: self.stopped)
        self.desk.open()
        self.trial = self.another(Ledger())

    def another(self, spent: Ledger) -> Trial:
        restarted = Restarted(self.now_ns, "boot", ledger=spent)
        self.trial = Trial(self.desk, self.ledger, restarted, self.settings, "tried")
        self.trial.next_output()
        return self.trial

    def give(self, step: Step, output: Output = Output.LIGHT) -> trying.Tried:
        self.now_ns += 3 * NS_PER_S
        return self.trial.give(output, step, lambda: self.now_ns, lambda: 77)

    def outcomes(self) -> list[tuple[int, str]]:
        return [(one.row.permit, one.text) for one in self.ledger.outcomes("tried")]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with Database.open(tmp_path / "vigil.db") as database:
        one = Day(database)
        yield one
        one.desk.close()


def test_a_step_is_written_down_then_given_and_its_end_is_noted(day: Day) -> None:
    """As a test, which takes nothing from the night."""
    tried = day.give(ONE)
    assert (tried.begun, tried.words) == (True, "")
    (found,) = day.ledger.outcomes("tried")
    assert (found.row.purpose, found.row.level, found.row.wall_ms, found.text) == (Purpose.TEST, 1, 77, "over")
    assert len(day.lamps[Output.LIGHT].rows_at_act) == 1


def test_the_ladder_is_climbed_one_step_at_a_time(day: Day) -> None:
    """A step left out is refused, in words, and nothing is written down for it."""
    refused = day.give(TWO)
    assert not refused.begun
    assert refused.words
    assert day.outcomes() == []
    assert day.give(ONE).begun
    assert day.give(TWO).begun


def test_another_output_begins_at_its_lowest(day: Day) -> None:
    """However far the last one was climbed."""
    assert day.give(ONE).begun
    assert day.give(TWO).begun
    day.trial.next_output()
    assert not day.give(TWO, Output.SOUND).begun
    assert day.give(ONE, Output.SOUND).begun


def test_two_steps_at_once_are_refused(day: Day) -> None:
    """The permit before must have died."""
    assert day.give(ONE).begun
    day.now_ns -= 3 * NS_PER_S
    assert not day.give(TWO).begun


def test_while_a_stop_stands_nothing_is_tried(day: Day) -> None:
    """It is said."""
    day.trial.hold(day.now_ns)
    tried = day.give(ONE)
    assert not tried.begun
    assert "hold" in tried.words or "stop" in tried.words
    assert day.outcomes() == []


def test_an_output_that_fails_is_said_and_noted(day: Day) -> None:
    """In its own words."""
    day.lamps[Output.LIGHT].error = DeviceError("the lamp did not answer; nothing was done")
    tried = day.give(ONE)
    assert (tried.begun, tried.words) == (False, "the lamp did not answer; nothing was done")
    assert day.outcomes() == [(1, "failed: the lamp did not answer; nothing was done")]


def test_without_a_ledger_nothing_is_tried(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """By day as at night."""

    def full(_self: LedgerStore, _row: LedgerRow) -> None:
        message = "there is no room left on the disk"
        raise FullError(message)

    monkeypatch.setattr(LedgerStore, "append", full)
    with pytest.raises(FullError):
        day.give(ONE)
    assert day.lamps[Output.LIGHT].rows_at_act == []


def test_a_ledger_that_cannot_be_read_lets_nothing_be_tried(day: Day) -> None:
    """Nobody knows what was spent."""
    day.another(Ledger(readable=False))
    assert not day.give(ONE).begun


def test_one_that_never_says_that_it_is_off_is_said(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever."""
    monkeypatch.setattr(trying, "ANSWER_S", 0.0)
    monkeypatch.setattr(day.desk, "heard", lambda _until: [])
    tried = day.give(ONE)
    assert (tried.begun, tried.words) == (False, "it did not say that it is off again")
