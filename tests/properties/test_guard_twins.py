"""Every rule of the guard, every number and every input it hears is needed: a broken twin is caught."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.hostile_driver import HostileDriver
from tests.hostile_night import HOUR, MINUTE, S
from vigil.control import guard
from vigil.domain import guard_memory, permits
from vigil.domain.errors import PermitError
from vigil.domain.guard_memory import GuardMemory
from vigil.domain.nudges import LedgerRow, Reason, ReasonCode, Reasons
from vigil.domain.records import (
    ClockStepped,
    Held,
    LinkLost,
    Marked,
    NightBegan,
    NightEnded,
    OutputFailed,
    OutputProbed,
    Released,
    Restarted,
    Resumed,
)
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Contact
from vigil.domain.troubles import FORBIDDING, Trouble, TroubleKind

SRC = Path(__file__).resolve().parents[2] / "src" / "vigil"
pytestmark = pytest.mark.timeout(900)
"""A twin that is caught late takes half a minute of a whole core, and on a shared one several times that."""

TWIN_EVENTS = 60_000


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
    ReasonCode.HOUSE_TROUBLE,
    ReasonCode.NIGHT_BEGUN,
    ReasonCode.LEDGER_UNREADABLE,
    ReasonCode.LEVEL_CEILING,
    ReasonCode.STRENGTH_CEILING,
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


def _ceiling(purpose: Purpose = Purpose.NUDGE, **higher: int) -> dict[Purpose, guard.Caps]:
    return {**guard.CEILINGS, purpose: replace(guard.CEILINGS[purpose], **higher)}


NUMBERS: dict[str, tuple[Any, Any]] = {
    "CEILINGS.per_episode": (guard, _ceiling(per_episode=5)),
    "CEILINGS.per_hour": (guard, _ceiling(per_hour=7)),
    "CEILINGS.per_18_hours": (guard, _ceiling(per_18_hours=13)),
    "CEILINGS.energised_ms": (guard, _ceiling(energised_ms=66_000)),
    "CEILINGS.per_episode of tests": (guard, _ceiling(Purpose.TEST, per_episode=5)),
    "CEILINGS.per_hour of tests": (guard, _ceiling(Purpose.TEST, per_hour=25)),
    "CEILINGS.per_18_hours of tests": (guard, _ceiling(Purpose.TEST, per_18_hours=49)),
    "CEILINGS.energised_ms of tests": (guard, _ceiling(Purpose.TEST, energised_ms=245_000)),
    "STRENGTH_CEILING.vibration": (guard, {**guard.STRENGTH_CEILING, Output.VIBRATION: (25, 40, 60, 81)}),
    "STRENGTH_CEILING.sound": (guard, {**guard.STRENGTH_CEILING, Output.SOUND: (20, 35, 51)}),
    "STRENGTH_CEILING.light": (guard, {**guard.STRENGTH_CEILING, Output.LIGHT: (5, 10, 21)}),
    "STRENGTH_CEILING.the first step": (guard, {**guard.STRENGTH_CEILING, Output.VIBRATION: (26, 40, 60, 80)}),
    "STRENGTH_CEILING.the second step": (guard, {**guard.STRENGTH_CEILING, Output.VIBRATION: (25, 41, 60, 80)}),
    "STRENGTH_CEILING.a step more": (guard, {output: (*most, 81) for output, most in guard.STRENGTH_CEILING.items()}),
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
    "FOREVER_NS": (guard_memory, 0),
    "UNDATED_NS": (guard_memory, 0),
    **{
        f"FORBIDDING.without {kind.value}": (guard_memory, FORBIDDING - {kind})
        for kind in sorted(FORBIDDING, key=lambda kind: kind.value)
    },
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


def _worn_at_once(self: GuardMemory, event: Contact) -> None:
    """A watch put on again is believed at once."""
    self.worn = event.on is True


def _trouble_ends(self: GuardMemory, event: Trouble) -> None:
    """Whatever is over, all is over."""
    self.troubles = [] if event.over else [*self.troubles, event.kind] if event.kind in FORBIDDING else self.troubles


def _undamaged(self: GuardMemory, event: Trouble) -> None:
    """A store that was set aside takes nothing from the budget."""
    if event.kind is not TroubleKind.STORE_DAMAGED:
        GuardMemory._trouble(self, event)


def _last_instant(self: GuardMemory, _event: object) -> int:
    """What has no instant happened when time was last known."""
    return self.last_ns


def _lax_permit(self: permits.Permit, at_ns: int) -> NudgeRequest:
    """A permit that does not die."""
    if self._used:
        raise PermitError
    self._used = True
    return self._request


TWINS: dict[str, tuple[Any, str, Any]] = {
    "tests count as nothing": (GuardMemory, "tried", lambda *_: []),
    "only tests count for tests": (
        GuardMemory,
        "tried",
        lambda self, window, now: [
            row for row in self.rows if now - row.at_ns <= window and row.purpose is Purpose.TEST
        ],
    ),
    "what has no instant is long past": (GuardMemory, "_instant_of", _last_instant),
    "a permit does not die": (permits.Permit, "redeem", _lax_permit),
    "a permit acts twice": (permits.Permit, "redeem", lambda self, _at: self._request),
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


def _any_age(self: GuardMemory, event: NightBegan) -> None:
    """A source that says it is slow is believed, however slow."""
    _BEGIN(self, event)
    cadence = event.heart_cadence_ms
    self.fresh_ms = 3 * cadence if type(cadence) is int and cadence > 0 else self.fresh_ms


def _another_lights_out(self: GuardMemory, event: NightBegan) -> None:
    """A second lights-out sets the mode and forgets how fresh data must be."""
    self.mode, self.fresh_ms = None, guard_memory.FRESHEST_MS
    _BEGIN(self, event)


def _shortest_hold(self: GuardMemory, event: Held) -> None:
    """The last hold counts, not the longest."""
    until = event.until_ns
    self.held_until_ns = until if until is not None and guard_memory.is_whole(until) else guard_memory.FOREVER_NS


def _mended(self: GuardMemory, event: OutputProbed) -> None:
    """An output that answers again is used again."""
    self.unusable = [one for one in self.unusable if one is not event.output or event.ok is not True]


def _never_away(self: GuardMemory, event: OutputFailed) -> None:
    """What was out of reach is used again without having been found."""
    if event.unreached is not True:
        _FAIL(self, event)


def _let_go(self: GuardMemory, _event: Released) -> None:
    """A stop that was ended is forgotten at once."""
    self.held_until_ns = self.awake_marked_ns = None


_BEGIN, _FAIL = GuardMemory._begin, GuardMemory._fail

MISHEARD: dict[str, tuple[type, Callable[[GuardMemory, Any], None]]] = {
    "a watch put on again is warm": (Contact, _worn_at_once),
    "a stop that was ended is over at once": (Released, _let_go),
    "the end of one trouble ends all": (Trouble, _trouble_ends),
    "a damaged store spends nothing": (Trouble, _undamaged),
    "data of any age are fresh": (NightBegan, _any_age),
    "a second lights-out loosens": (NightBegan, _another_lights_out),
    "the last hold counts": (Held, _shortest_hold),
    "a probe makes good what failed": (OutputProbed, _mended),
    "what was out of reach need not be found": (OutputFailed, _never_away),
}
"""Inputs that are taken in, but not as they should be."""

DEAF = (
    Restarted,
    Resumed,
    ClockStepped,
    LinkLost,
    Trouble,
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


@pytest.mark.parametrize("name", MISHEARD)
def test_a_guard_that_mishears_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is heard is remembered as strictly as it was said."""
    kind, twin = MISHEARD[name]
    monkeypatch.setitem(guard_memory._HANDLERS, kind, twin)
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
