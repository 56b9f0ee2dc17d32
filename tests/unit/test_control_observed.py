"""What the body has done since a nudge: only what is known, and only a heart that stands up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.control.observed import HELD_UP, STANDING, Observed
from vigil.domain.plain import dumps, loads

NO_NUMBERS = (None, math.nan, math.inf, -math.inf, "14", True, 10**400, [14.0])


def observed(*looks: tuple[object, object]) -> Observed:
    """So far above its level, and so many seconds of movement in two minutes, look by look."""
    seen = Observed()
    for surge_bpm, moving_s in looks:
        seen.look(surge_bpm, moving_s)
    return seen


def heart(*surges: object) -> Observed:
    return observed(*[(surge, 0.0) for surge in surges])


def arm(*seconds: object) -> Observed:
    return observed(*[(14.0, moving_s) for moving_s in seconds])


@pytest.mark.parametrize(
    ("surges", "standing", "held_up"),
    [
        ((14.0,), True, True),
        ((14.0, 14.0), True, True),
        ((14.0, 20.0), True, True),
        ((14.0, 13.9), False, True),
        ((20.0, 14.0), False, True),
        ((20.0, 13.9), False, False),
        ((14, 20, 13.9), False, False),
        ((14.0, 5.0, 14.0), True, True),
        ((0.0, 0.0), False, False),
        ((-3.0, -2.0), False, False),
        ((), False, False),
    ],
)
def test_a_heart_stands_against_the_most_it_has_done_since(
    surges: tuple[float, ...], standing: bool, held_up: bool
) -> None:
    """Against the largest surge since the nudge; one at its own level, or below, does not stand up."""
    seen = heart(*surges)
    assert (seen.stands_at(STANDING), seen.stands_at(HELD_UP)) == (standing, held_up)


@pytest.mark.parametrize("broken", NO_NUMBERS)
def test_what_is_no_number_is_not_known(broken: object) -> None:
    """It neither stands, nor counts as the most, nor as movement."""
    assert not heart(14.0, broken).stands_at(HELD_UP)
    assert heart(broken, 14.0).stands_at(STANDING)
    assert heart(14.0, broken, 10.0).stands_at(HELD_UP)
    assert not arm(broken, 5.0, 10.0).moved
    assert not arm(0.0, broken, 5.0, broken, 10.0).moved
    assert not arm(broken, broken).moved


@pytest.mark.parametrize(
    ("seconds", "moved"),
    [
        ((0.0, 5.0, 10.0), True),
        ((0.0, 4.0, 8.0), True),
        ((20.0, 25.0, 30.0), True),
        ((0.0, 4.0, 7.9), False),
        ((0.0, 3.0, 6.0, 9.0, 12.0), False),
        ((0.0, 5.0, 5.0, 10.0), False),
        ((0.0, 12.0, 12.0, 12.0, 24.0), False),
        ((30.0, 20.0, 25.0, 30.0), False),
        ((30.0, 25.0, 30.0, 35.0), False),
        ((30.0, 29.0, 34.0, 39.0), True),
    ],
    ids=[
        "turns over",
        "just so long",
        "moved before as well",
        "a shade shorter",
        "twitches",
        "twice, apart",
        "rows of half a minute",
        "as much as before",
        "hardly more than before",
        "more than before",
    ],
)
def test_movement_on_end_and_more_than_before_is_that_of_one_who_woke(seconds: tuple[float, ...], moved: bool) -> None:
    """Two looks on end that moved nearly throughout, and more movement than in the two minutes before the nudge."""
    assert arm(*seconds).moved is moved


def test_one_who_woke_stays_awake() -> None:
    """Lying still again afterwards takes nothing back."""
    assert arm(0.0, 5.0, 10.0, 10.0, 10.0).moved


@given(st.lists(st.tuples(st.floats() | st.none(), st.floats() | st.none()), max_size=15))
def test_a_heart_that_stands_at_more_stands_at_less(looks: list[tuple[object, object]]) -> None:
    """Whatever was seen; and brought back from a snapshot it says the same."""
    seen = observed(*looks)
    if seen.stands_at(STANDING):
        assert seen.stands_at(HELD_UP)
    again = loads(dumps(seen))
    assert (again, again.stands_at(HELD_UP)) == (seen, seen.stands_at(HELD_UP))
