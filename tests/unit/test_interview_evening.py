"""One tap in the evening only ever takes away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.requests import Output
from vigil.domain.settings import Settings
from vigil.engine.first_nights import STRONG_FACTOR
from vigil.interview.evening import CAUTIOUS, LOWEST, STRONG_SIGNS, WORDS, Stricter, Tap, for_tonight, strictest

ALL = tuple(Output)


def test_without_a_tap_tonight_is_as_usual() -> None:
    """Nothing said, nothing changed."""
    assert for_tonight(()) == Stricter()
    assert Stricter().applied(Settings()) == Settings()


@pytest.mark.parametrize("tap", [Tap.DRINK, Tap.PILL, Tap.ILL])
def test_drink_pill_and_illness_ask_for_strong_signs_and_the_lowest_step(tap: Tap) -> None:
    """The same strong signs as in the first nights, with the reason in words."""
    stricter = for_tonight([tap])
    assert (stricter.threshold_factor_at_least, stricter.top_level_at_most) == (STRONG_FACTOR, 1)
    assert (STRONG_SIGNS, LOWEST) == (STRONG_FACTOR, 1)
    assert stricter.outputs_only is None
    assert stricter.words == (WORDS[tap], CAUTIOUS)


def test_a_shared_room_leaves_only_the_buzz() -> None:
    """And does not make the threshold stricter."""
    stricter = for_tonight([Tap.SHARING])
    after = stricter.applied(Settings(outputs=(Output.SOUND, Output.VIBRATION)))
    assert after.outputs == (Output.VIBRATION,)
    assert after.threshold_factor == Settings().threshold_factor
    assert stricter.applied(Settings(outputs=(Output.LIGHT,))).outputs == ()


@given(
    st.sets(st.sampled_from(Tap)),
    st.floats(0.5, 4.0),
    st.integers(1, 4),
    st.lists(st.sampled_from(Output), unique=True),
    st.floats(0.5, 4.0),
)
def test_a_tap_never_makes_anything_less_strict(
    taps: set[Tap], factor: float, level: int, outputs: list[Output], profile: float
) -> None:
    """More evidence or as much, no higher step, no other output; and strong signs whatever the profile has learned."""
    chosen = Settings(threshold_factor=factor, top_level=level, outputs=tuple(outputs))
    stricter = for_tonight(taps)
    after = stricter.applied(chosen, profile)
    assert after.threshold_factor >= factor
    assert after.top_level <= level
    assert set(after.outputs) <= set(outputs)
    assert after.nudging == chosen.nudging
    if stricter.threshold_factor_at_least > 1:
        assert after.threshold_factor * profile >= STRONG_SIGNS * (1 - 1e-12)


def test_what_cannot_be_read_is_taken_as_all_of_it() -> None:
    """In doubt, the strictest, and said."""
    stricter = strictest()
    assert stricter.threshold_factor_at_least == STRONG_SIGNS
    assert stricter.top_level_at_most == LOWEST
    assert stricter.outputs_only == (Output.VIBRATION,)
    assert "cannot be read" in stricter.words[0]
    assert set(WORDS) == set(Tap)
