"""The table of states: what cannot happen is an error, and silence is always one step away."""

from __future__ import annotations

import pytest

from vigil.control.watch_state import TRANSITIONS, WatchEvent, after
from vigil.domain.nudges import WatchState


@pytest.mark.parametrize("event", list(WatchEvent))
@pytest.mark.parametrize("state", list(WatchState))
def test_every_pair_is_in_the_table_or_an_error(state: WatchState, event: WatchEvent) -> None:
    """A pair that is not in the table raises, and names both."""
    if (state, event) in TRANSITIONS:
        assert after(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(ValueError, match=f"{event.value}.*{state.value}"):
            after(state, event)


def test_data_lost_blinds_and_a_hold_holds_from_anywhere() -> None:
    """Nothing that is going on outlives good data, a hold or the night."""
    for state in WatchState:
        assert after(state, WatchEvent.HELD) is WatchState.HELD
        assert after(state, WatchEvent.NIGHT_OVER) is WatchState.BLIND
        if state is not WatchState.HELD:
            assert after(state, WatchEvent.DATA_LOST) is WatchState.BLIND


def test_only_a_suspicion_leads_to_a_nudge() -> None:
    """There is one way into nudging, a permit while suspecting."""
    ways = [pair for pair, following in TRANSITIONS.items() if following is WatchState.NUDGING]
    assert ways == [(WatchState.SUSPECTING, WatchEvent.PERMITTED)]


def test_out_of_blindness_and_holds_leads_only_the_long_way() -> None:
    """Blind and held lead to settling first, never straight to watching."""
    leads = {following for (state, _), following in TRANSITIONS.items() if state in {WatchState.BLIND, WatchState.HELD}}
    assert leads == {WatchState.BLIND, WatchState.HELD, WatchState.SETTLING}


def test_every_state_can_be_reached_and_left() -> None:
    """No state is a dead end, and none is only on paper."""
    assert set(TRANSITIONS.values()) == set(WatchState)
    for state in WatchState:
        assert {following for (before, _), following in TRANSITIONS.items() if before is state} - {state}
