"""A wearable is looked for again for as long as the night lasts, and never waited for long once it can be there."""

from __future__ import annotations

from random import Random

import pytest

from vigil.run.link_table import JITTER, LONGEST_PAUSE_S, LOOK_S, SILENT_S, TABLE, Happening, State, after, pause_s

BACK_WITHIN_S = 30.0


def test_every_state_leads_on_and_back_to_listening() -> None:
    """There is no state in which a wearable is given up."""
    ways = {state: {to for (of, _), to in TABLE.items() if of is state} for state in State}
    for start in State:
        seen, new = set[State](), {start}
        while new:
            seen |= new
            new = {to for state in new for to in ways[state]} - seen
        assert seen == set(State)


def test_what_cannot_happen_is_no_row() -> None:
    """A table with a row for everything would hide a mistake."""
    with pytest.raises(KeyError):
        after(State.LISTENING, Happening.JOINED)


@pytest.mark.parametrize("happening", list(LONGEST_PAUSE_S))
def test_a_pause_doubles_up_to_its_longest(happening: Happening) -> None:
    """It begins at a second and ends at the longest, give or take its jitter, however often it failed."""
    chance = Random(1)
    pauses = [pause_s(happening, row, chance) for row in (1, *range(2, 12), 10_000)]
    assert 1 - JITTER <= pauses[0] <= 1 + JITTER
    longest = LONGEST_PAUSE_S[happening]
    assert all(pause <= longest * (1 + JITTER) for pause in pauses)
    assert pauses[-1] >= longest * (1 - JITTER)


@pytest.mark.parametrize("happening", [one for one in LONGEST_PAUSE_S if one is not Happening.REFUSED])
def test_one_that_is_there_again_is_looked_for_in_time(happening: Happening) -> None:
    """Noticed, waited and looked for: together that stays below half a minute, connecting included."""
    silent_s = SILENT_S if happening is Happening.SILENT else 0
    connecting_s = 5.0
    assert silent_s + LONGEST_PAUSE_S[happening] * (1 + JITTER) + connecting_s < BACK_WITHIN_S
    assert LOOK_S < BACK_WITHIN_S


def test_two_who_failed_together_do_not_go_on_together() -> None:
    """Their pauses differ."""
    assert pause_s(Happening.REFUSED, 5, Random(1)) != pause_s(Happening.REFUSED, 5, Random(2))
