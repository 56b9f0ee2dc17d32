"""Not chance but all of it: every order of seven events, on a coarse clock, with caps so low that they are reached."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from tests.campaigns.guard_orders import every_order
from tests.small_model import EVENTS, begin, search
from vigil.control import guard
from vigil.domain import guard_memory
from vigil.domain.guard_memory import GuardMemory
from vigil.domain.nudges import Reason, ReasonCode, Reasons
from vigil.domain.records import Restarted

DEPTH = 7
BRUTE = 4


@pytest.mark.timeout(600)
def test_no_order_of_seven_events_breaks_a_rule() -> None:
    """All 4,782,969 orders of the nine kinds are covered, none is wrong, and the night's cap was reached."""
    found = search(DEPTH)
    assert found.wrongs == ()
    assert (found.kinds, found.orders, found.acts) == (9, 9**DEPTH, 3)
    assert found.states > 50_000


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_no_order_of_eight_events_breaks_a_rule() -> None:
    """All 43,046,721 of them."""
    found = every_order(8)
    assert (found.wrongs, found.orders) == ((), 9**8)


def test_states_that_are_told_as_one_behave_as_one() -> None:
    """Gone through one by one, without telling states as one, all orders of four events lead to the same states."""
    reached: dict[tuple[Any, ...], int] = {}
    for order in product(EVENTS.values(), repeat=BRUTE):
        small = begin()
        for happen in order:
            happen(small)
        assert small.wrongs == []
        reached[small.key()] = reached.get(small.key(), 0) + 1
    assert search(BRUTE).last == reached


def _without(code: ReasonCode) -> Callable[..., Reasons]:
    whole = guard._broken

    def broken(*rules: Reason | None) -> Reasons:
        return whole(*(reason for reason in rules if reason is None or reason.code is not code))

    return broken


def _forgets_on_reboot(self: GuardMemory, event: Restarted) -> None:
    _START(self, event)
    self.held_until_ns = None


def _believes_only_memory(self: GuardMemory, event: Restarted) -> None:
    _START(self, Restarted(event.at_ns, event.boot_id))


_START = GuardMemory._start

TWINS: dict[str, tuple[Any, str, Any]] = {
    "no cap an hour": (guard, "_broken", _without(ReasonCode.CAP_HOUR)),
    "no cap an episode": (guard, "_broken", _without(ReasonCode.CAP_EPISODE)),
    "tests by night": (guard, "_broken", _without(ReasonCode.NIGHT_BEGUN)),
    "not warm": (guard, "_broken", _without(ReasonCode.WARMING_UP)),
    "off the wrist": (guard, "_broken", _without(ReasonCode.OFF_WRIST)),
}

MISHEARD: dict[str, Any] = {
    "a restart releases": _forgets_on_reboot,
    "the ledger is not read": _believes_only_memory,
}


@pytest.mark.parametrize("name", TWINS)
def test_a_broken_guard_is_found_in_few_events(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search can find what it looks for: a guard with one rule taken out is wrong within five events."""
    monkeypatch.setattr(*TWINS[name])
    assert search(5, to_the_first=True).wrongs


@pytest.mark.parametrize("name", MISHEARD)
def test_a_guard_that_forgets_is_found_in_few_events(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is one that a crash makes younger."""
    monkeypatch.setitem(guard_memory._HANDLERS, Restarted, MISHEARD[name])
    assert search(5, to_the_first=True).wrongs
