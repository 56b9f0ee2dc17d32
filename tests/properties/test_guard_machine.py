"""No order of inputs, restarts, clock steps or broken numbers exceeds a cap (DESIGN section 4, property 7)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.hostile_night import BROKEN, HOUR, MINUTE, HostileDriver, S, World, caps
from vigil.control import guard
from vigil.domain import guard_memory
from vigil.domain.guard_memory import GuardMemory
from vigil.domain.nudges import LedgerRow, Reason, ReasonCode, Reasons
from vigil.domain.plain import dumps, loads
from vigil.domain.records import (
    ClockStepped,
    Held,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    NightBegan,
    NightEnded,
    OutputFailed,
    OutputProbed,
    Released,
    Restarted,
    Resumed,
)
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import Contact, Quality

SRC = Path(__file__).resolve().parents[2] / "src" / "vigil"
HOSTILE_EVENTS = 100_000
TWIN_EVENTS = 60_000


def test_a_hundred_thousand_hostile_events_break_no_cap() -> None:
    """Whatever happens, in whatever order, the oracle finds nothing wrong, and nudges were given all the same."""
    driver = HostileDriver(2026)
    assert driver.run(HOSTILE_EVENTS) == []
    assert driver.world.permits > HOSTILE_EVENTS // 200


class GuardMachine(RuleBasedStateMachine):
    """The same world, driven by Hypothesis, so that what breaks it is made small."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(low=st.booleans(), passed=st.booleans())
    def begin(self, low: bool, passed: bool) -> None:
        self.world.new_night(caps(2, 3, 4, 9) if low else caps(99, 99, 99, 99), top=99)
        self.world.now += 31 * MINUTE if passed else 0

    @rule(minutes=st.sampled_from((0, 1, 5, 6, 20, 60, 1000)))
    def wait(self, minutes: int) -> None:
        self.world.now += minutes * MINUTE + S

    @rule()
    def next_episode(self) -> None:
        self.world.episode += 1

    @rule(
        level=st.integers(1, 5),
        output=st.sampled_from(Output),
        duration_ms=st.sampled_from((400, 6_000, 6_001)),
        kept=st.booleans(),
    )
    def ask(self, level: int, output: Output, duration_ms: int, kept: bool) -> None:
        self.world.ask(self.world.request(level, duration_ms, output), self.world.facts(), kept)

    @rule(
        name=st.sampled_from(("episode", "level", "duration_ms", "output", "purpose")),
        wrong=st.sampled_from(BROKEN),
    )
    def ask_nonsense(self, name: str, wrong: Any) -> None:
        self.world.ask(replace(self.world.request(), **{name: wrong}), self.world.facts())

    @rule(
        name=st.sampled_from(("at_ns", "heart_age_ms", "good_since_ns", "awake_before_onset_ms", "upright")),
        wrong=st.sampled_from((*BROKEN, -1, 200_000)),
    )
    def ask_upon_nonsense(self, name: str, wrong: Any) -> None:
        if (name, wrong) != ("awake_before_onset_ms", -1) or self.world.clock > 0:
            self.world.ask(self.world.request(), replace(self.world.facts(), **{name: wrong}))

    @rule(quality=st.sampled_from(Quality))
    def ask_on_poor_data(self, quality: Quality) -> None:
        self.world.ask(self.world.request(), replace(self.world.facts(), heart_quality=quality))

    @rule(
        make=st.sampled_from(
            (
                Held,
                lambda at: Held(at, at + 20 * MINUTE),
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
        )
    )
    def tell(self, make: Callable[[int], Any]) -> None:
        self.world.tell(make(self.world.clock))

    @rule(
        rebooted=st.booleans(),
        readable=st.sampled_from((True, True, True, False)),
        fresh=st.booleans(),
        wall_h=st.sampled_from((0, 0, 30, -30)),
    )
    def crash(self, rebooted: bool, readable: bool, fresh: bool, wall_h: int) -> None:
        self.world.wall_off = wall_h * HOUR
        self.world.crash(rebooted, readable, fresh)

    @rule(hours=st.sampled_from((0, 1, 17, 19)))
    def another_night(self, hours: int) -> None:
        self.world.tell(NightEnded(self.world.clock))
        self.world.ask(self.world.request(), self.world.facts())
        self.world.now += hours * HOUR
        self.world.new_night(caps())

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert self.world.wrongs == []


TestGuardMachine = GuardMachine.TestCase
TestGuardMachine.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)


# -- broken twins: a guard with one rule taken out must be caught ----------------------------------------------


def _without(code: ReasonCode) -> Callable[..., Reasons]:
    """The guard with every rule that gives this reason taken out."""
    whole = guard._broken

    def broken(*rules: Reason | None) -> Reasons:
        return whole(*(reason for reason in rules if reason is None or reason.code is not code))

    return broken


RULES = (
    ReasonCode.BROKEN_NUMBER,
    ReasonCode.CLOCK_DOUBTFUL,
    ReasonCode.PURPOSE_UNKNOWN,
    ReasonCode.NO_OUTPUT,
    ReasonCode.NIGHT_OVER,
    ReasonCode.MODE_SHAM,
    ReasonCode.MODE_WATCH_ONLY,
    ReasonCode.LEDGER_UNREADABLE,
    ReasonCode.LEVEL_CEILING,
    ReasonCode.CAP_NIGHT,
    ReasonCode.CAP_EPISODE,
    ReasonCode.CAP_HOUR,
    ReasonCode.CAP_ENERGY,
    ReasonCode.HELD,
    ReasonCode.SETTLING_IN,
    ReasonCode.LINK_LOST,
    ReasonCode.OFF_WRIST,
    ReasonCode.NEVER_HEARD,
    ReasonCode.DATA_STALE,
    ReasonCode.DATA_FLAT,
    ReasonCode.DATA_DOUBLED,
    ReasonCode.DATA_BAD,
    ReasonCode.WARMING_UP,
    ReasonCode.AWAKE_MARKED,
    ReasonCode.AWAKE_UPRIGHT,
    ReasonCode.AWAKE_LIKELY,
    ReasonCode.NOT_LOWEST_FIRST,
    ReasonCode.STEP_TOO_HIGH,
    ReasonCode.PERMIT_PENDING,
)


def _ceiling(**higher: int) -> dict[Purpose, guard.Caps]:
    return {Purpose.NUDGE: replace(guard.CEILINGS[Purpose.NUDGE], **higher)}


NUMBERS: dict[str, tuple[Any, Any]] = {
    "CEILINGS.per_episode": (guard, _ceiling(per_episode=5)),
    "CEILINGS.per_hour": (guard, _ceiling(per_hour=7)),
    "CEILINGS.per_18_hours": (guard, _ceiling(per_18_hours=13)),
    "CEILINGS.energised_ms": (guard, _ceiling(energised_ms=66_000)),
    "LEVEL_CEILING": (guard, dict.fromkeys(Output, 9)),
    "DURATION_CEILING_MS": (guard, dict.fromkeys(Output, 60_000)),
    "SETTLE_NS": (guard, 0),
    "WARM_UP_NS": (guard, 4 * MINUTE),
    "AWAKE_BEFORE_MS": (guard, 90_001),
    "AWAKE_MARK_NS": (guard, 5 * MINUTE),
    "PERMIT_LIFE_NS": (guard, S),
    "HOUR_NS": (guard, 59 * MINUTE),
    "NIGHT_NS": (guard, 12 * HOUR),
    "MAX_JUMP_NS": (guard_memory, 2**62),
    "FRESH_MS": (guard_memory, 31_000),
    "FRESHEST_MS": (guard_memory, 10**9),
    "FOREVER_NS": (guard_memory, 0),
}
"""Constants, each loosened a little."""


_PLACED_NS, _SET_CLOCK = guard_memory.placed_ns, GuardMemory._set_clock


def _dropped(row: LedgerRow, event: NightBegan | Restarted, now_ns: int) -> int:
    """Rows of another boot do not count."""
    return row.at_ns if row.boot_id == event.boot_id else now_ns - 1000 * HOUR


def _wall_believed(row: LedgerRow, event: NightBegan | Restarted, now_ns: int) -> int:
    """The wall clock is believed although nobody said that it is sane."""
    return _PLACED_NS(row, replace(event, wall_sane=True), now_ns)


def _any_number(value: object, low: float = -(2**62), high: float = 2**62) -> bool:
    """The usual clamp: true unless proven false."""
    return not (isinstance(value, int | float) and (value < low or value > high))


def _believes_all(_self: GuardMemory, at_ns: int) -> bool:
    return guard_memory.is_whole(at_ns)


def _forgets(_self: object, *_args: object, **_more: object) -> None:
    return None


def _forgotten(self: GuardMemory, at_ns: int) -> None:
    """A reboot that ends every hold."""
    _SET_CLOCK(self, at_ns)
    self.held_until_ns = None


TWINS: dict[str, tuple[Any, str, Any]] = {
    "rows of another boot do not count": (guard_memory, "placed_ns", _dropped),
    "any wall clock is believed": (guard_memory, "placed_ns", _wall_believed),
    "every ledger is readable": (guard_memory, "is_readable", lambda _ledger: True),
    "numbers are not looked at (guard)": (guard, "is_whole", _any_number),
    "time may go back": (GuardMemory, "believes", _believes_all),
    "the ledger is not read": (GuardMemory, "_unite", _forgets),
    "a reboot ends every hold": (GuardMemory, "_set_clock", _forgotten),
    "nothing is remembered as given": (GuardMemory, "given", lambda *_: []),
    "episodes are forgotten": (GuardMemory, "given_in", lambda *_: []),
    "settings raise the ceilings": (guard, "min", max),
    "broken caps count as the highest": (guard, "_cap", lambda value: value if type(value) is int else 99),
}

DEAF = (
    Restarted,
    Resumed,
    ClockStepped,
    LinkLost,
    Contact,
    Held,
    Marked,
    OutputProbed,
    OutputFailed,
    NightEnded,
)
"""Inputs that the guard must not miss."""


def _caught(seeds: Iterable[int] = (1, 2, 3)) -> bool:
    """Whether the hostile night finds something wrong; a crash of the twin counts too."""
    for seed in seeds:
        try:
            if HostileDriver(seed).run(TWIN_EVENTS):
                return True
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
            return True
    return False


@pytest.mark.parametrize("code", RULES, ids=lambda code: str(code.value))
def test_a_guard_without_one_of_its_rules_is_caught(code: ReasonCode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule is needed: without it the oracle finds a nudge that must not be."""
    monkeypatch.setattr(guard, "_broken", _without(code))
    assert _caught()


@pytest.mark.parametrize("name", NUMBERS)
def test_a_guard_with_a_looser_number_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every ceiling and every wait is what it says."""
    module, value = NUMBERS[name]
    monkeypatch.setattr(module, name.partition(".")[0], value)
    assert _caught()


@pytest.mark.parametrize("name", TWINS)
def test_a_guard_with_a_broken_memory_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ledger, clock and numbers are read as carefully as they must be."""
    where, what, twin = TWINS[name]
    monkeypatch.setattr(where, what, twin, raising=what != "min")
    assert _caught()


@pytest.mark.parametrize("kind", DEAF, ids=lambda kind: str(kind.__name__))
def test_a_guard_that_does_not_hear_is_caught(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every input that forbids something reaches the guard."""
    monkeypatch.delitem(guard_memory._HANDLERS, kind)
    assert _caught()


def test_the_rules_tested_are_all_the_guard_has() -> None:
    """A rule added to the guard must be added to its broken twins."""
    tree = ast.parse((SRC / "control" / "guard.py").read_text())
    named = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ReasonCode"
    }
    assert named - {"WITHIN_CAPS"} == {code.name for code in RULES}


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
