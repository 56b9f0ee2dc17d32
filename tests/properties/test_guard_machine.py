"""No order of inputs, restarts, clock steps or broken numbers exceeds a cap (DESIGN section 4, property 7)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.hostile_driver import HostileDriver
from tests.hostile_night import BROKEN, HOUR, MINUTE, Fate, S, World, caps
from vigil.domain.plain import dumps, loads
from vigil.domain.records import (
    ClockStepped,
    Held,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    Mode,
    NightEnded,
    OutputFailed,
    OutputProbed,
    Released,
    Resumed,
)
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import Contact, Quality
from vigil.domain.troubles import Trouble, TroubleKind

SRC = Path(__file__).resolve().parents[2] / "src" / "vigil"


@pytest.mark.parametrize("turns", [15_000, pytest.param(55_000, marks=pytest.mark.nightly)])
def test_many_thousand_hostile_events_break_no_cap(turns: int) -> None:
    """Whatever happens, in whatever order, the oracle finds nothing wrong, and nudges were given all the same."""
    driver = HostileDriver(2026)
    assert driver.run(turns) == []
    assert driver.world.events >= 100_000 * turns // 55_000
    assert driver.world.permits > turns // 200
    assert driver.world.tests > turns // 500


class GuardMachine(RuleBasedStateMachine):
    """The same world, driven by Hypothesis, so that what breaks it is made small."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.purpose = Purpose.NUDGE

    @initialize(low=st.booleans(), passed=st.booleans(), by_day=st.booleans())
    def begin(self, low: bool, passed: bool, by_day: bool) -> None:
        if by_day:
            self.purpose = Purpose.TEST
            self.world.new_day(caps(0, 0, 0, 0))
        else:
            self.world.new_night(caps(2, 3, 4, 9) if low else caps(99, 99, 99, 99), top=99)
        self.world.now += 31 * MINUTE if passed else 0

    @rule(minutes=st.sampled_from((0, 1, 5, 6, 20, 60, 1000)))
    def wait(self, minutes: int) -> None:
        self.world.now += minutes * MINUTE + S

    @rule(seconds=st.sampled_from((1, 3, 301, 3_600, 40_000)), counted=st.booleans())
    def suspend(self, seconds: int, counted: bool) -> None:
        self.world.suspend(seconds * S, counted)

    @rule()
    def next_episode(self) -> None:
        self.world.episode += 1

    @rule(
        level=st.integers(1, 5),
        output=st.sampled_from(Output),
        duration_ms=st.sampled_from((400, 6_000, 6_001)),
        strength=st.sampled_from((1, 5, 6, 20, 21, 25, 26, 50, 51, 80, 81)),
        fate=st.sampled_from((*[Fate.GIVEN] * 4, *Fate)),
        other=st.sampled_from((False, False, False, True)),
    )
    def ask(self, level: int, output: Output, duration_ms: int, strength: int, fate: Fate, other: bool) -> None:
        purpose = self.purpose if not other else Purpose.TEST if self.purpose is Purpose.NUDGE else Purpose.NUDGE
        self.world.ask(self.world.request(level, duration_ms, output, purpose, strength), self.world.facts(), fate)

    @rule(
        name=st.sampled_from(("episode", "level", "duration_ms", "strength_percent", "output", "purpose")),
        wrong=st.sampled_from(BROKEN),
    )
    def ask_nonsense(self, name: str, wrong: Any) -> None:
        request = self.world.request(purpose=self.purpose)
        self.world.ask(replace(request, **{name: wrong}), self.world.facts())

    @rule(
        name=st.sampled_from(("at_ns", "heart_age_ms", "good_since_ns", "awake_before_onset_ms", "upright")),
        wrong=st.sampled_from((*BROKEN, -1, 200_000)),
    )
    def ask_upon_nonsense(self, name: str, wrong: Any) -> None:
        facts = replace(self.world.facts(), **{name: wrong})
        self.world.ask(self.world.request(purpose=self.purpose), facts)

    @rule(quality=st.sampled_from(Quality))
    def ask_on_poor_data(self, quality: Quality) -> None:
        self.world.ask(self.world.request(), replace(self.world.facts(), heart_quality=quality))

    @rule(levels=st.lists(st.integers(-1, 6), min_size=2, max_size=8), purpose=st.sampled_from(Purpose))
    def ask_madly(self, levels: list[int], purpose: Purpose) -> None:
        for level in levels:
            for output in Output:
                self.world.ask(self.world.request(level, 400, output, purpose), self.world.facts())

    @rule(
        make=st.sampled_from(
            (
                Held,
                lambda at: Held(at, at + 20 * MINUTE if type(at) is int else at),
                Released,
                lambda at: Marked(at, Mark.STOP),
                lambda at: Marked(at, Mark.AWAKE),
                lambda at: Marked(at, Mark.BAD_DREAM),
                LinkLost,
                LinkRegained,
                lambda at: Contact(at, False),
                lambda at: Contact(at, True),
                lambda at: Resumed(at, 60_000),
                lambda at: ClockStepped(at, -3_600_000),
                lambda at: OutputProbed(at, Output.SOUND, False),
                lambda at: OutputFailed(at, 1, Output.LIGHT),
            )
        ),
        wrong=st.sampled_from((None, None, None, *BROKEN)),
    )
    def tell(self, make: Callable[[Any], Any], wrong: Any) -> None:
        self.world.tell(make(self.world.clock if wrong is None else wrong))

    @rule(kind=st.sampled_from((*TroubleKind, "disk_full")), over=st.sampled_from((False, True, 1)))
    def trouble(self, kind: Any, over: Any) -> None:
        self.world.tell(Trouble(self.world.clock, kind, over=over))

    @rule(
        rebooted=st.booleans(),
        readable=st.sampled_from((True, True, True, False)),
        fresh=st.booleans(),
        wall_h=st.sampled_from((0, 0, 30, -30)),
    )
    def crash(self, rebooted: bool, readable: bool, fresh: bool, wall_h: int) -> None:
        self.world.wall_off = wall_h * HOUR
        self.world.crash(rebooted, readable, fresh)

    @rule(cadence=st.sampled_from((None, 1_000)), wrong=st.sampled_from((None, None, "never")))
    def lights_out_again(self, cadence: int | None, wrong: Any) -> None:
        self.world.lights_out(Mode.ON, cadence, at=wrong)

    @rule(hours=st.sampled_from((0, 1, 17, 19)), by_day=st.booleans())
    def another_night(self, hours: int, by_day: bool) -> None:
        self.world.tell(NightEnded(self.world.clock))
        for purpose in Purpose:
            self.world.ask(self.world.request(purpose=purpose), self.world.facts())
        self.world.now += hours * HOUR
        self.purpose = Purpose.TEST if by_day else Purpose.NUDGE
        if by_day:
            self.world.new_day(caps())
        else:
            self.world.new_night(caps())

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert self.world.wrongs == []


TestGuardMachine = GuardMachine.TestCase
TestGuardMachine.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)


def test_only_the_guard_mints() -> None:
    """No other module claims the mint or makes a permit."""
    makers = []
    for path in sorted(SRC.rglob("*.py")):
        called = {
            node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
        }
        if called & {"claim_mint", "Permit", "_mint"}:
            makers.append(path.relative_to(SRC).as_posix())
    assert makers == ["control/guard.py", "domain/permits.py"]


def test_a_snapshot_of_the_guard_is_the_guard() -> None:
    """A guard brought back answers as the one that was saved."""
    driver = HostileDriver(5)
    assert driver.run(3_000) == []
    again = loads(dumps(driver.world.guard))
    assert again == driver.world.guard
    facts = driver.world.facts()
    assert again.hindrances(facts) == driver.world.guard.hindrances(facts)
