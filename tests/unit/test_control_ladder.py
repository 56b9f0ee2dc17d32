"""The ladders: gentle first, stronger step by step, and within what the guard allows."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from vigil.control.guard import CEILINGS, DURATION_CEILING_MS, STRENGTH_CEILING
from vigil.control.ladder import Climb
from vigil.domain.requests import Output, Purpose
from vigil.domain.steps import LADDERS, Step, step_of
from vigil.domain.units import NS_PER_S

HIGHEST = CEILINGS[Purpose.NUDGE]


@pytest.mark.parametrize("output", list(Output))
def test_steps_grow_and_stay_under_the_ceilings(output: Output) -> None:
    """Levels count from one up to the guard's own ceiling; strength and length never fall on the way."""
    ladder = LADDERS[output]
    assert [step.level for step in ladder] == list(range(1, len(STRENGTH_CEILING[output]) + 1))
    assert all(0 < step.strength_percent <= 80 and step.duration_ms <= DURATION_CEILING_MS[output] for step in ladder)
    for lower, higher in pairwise(ladder):
        assert lower.strength_percent < higher.strength_percent
        assert lower.duration_ms <= higher.duration_ms


@pytest.mark.parametrize("output", list(Output))
def test_whole_ladders_fit_into_the_energy_of_a_night(output: Output) -> None:
    """As many whole ladders as the nudges of a night allow stay within its sixty seconds."""
    ladder = LADDERS[output]
    whole = HIGHEST.per_18_hours // len(ladder)
    assert whole * sum(step.duration_ms for step in ladder) <= HIGHEST.energised_ms


def test_light_never_flashes() -> None:
    """A light comes and goes once."""
    assert all(step.pulses == 1 for step in LADDERS[Output.LIGHT])


def test_a_train_is_its_pulses_and_the_pauses_between_them() -> None:
    """Three pulses of 200 ms have two pauses."""
    assert Step(level=1, pulses=3, on_ms=200, off_ms=800, strength_percent=25).duration_ms == 2_200


@pytest.mark.parametrize("level", [0, -1, 5, 99])
def test_a_ladder_has_no_other_steps(level: int) -> None:
    """Below the first and above the last there is nothing, least of all the last step by counting back."""
    assert step_of(Output.VIBRATION, level) is None


def test_a_climb_goes_up_one_step_and_ends_at_the_top() -> None:
    """From the third step the fourth follows, unless the settings or the ladder end there."""
    climb = Climb(episode=1, level=3)
    above = climb.next_step(Output.VIBRATION, 4)
    assert above is not None
    assert above.level == 4
    assert climb.next_step(Output.VIBRATION, 3) is None
    assert climb.next_step(Output.SOUND, 4) is None


@pytest.mark.parametrize(("level", "output", "expected"), [(2, Output.SOUND, 2), (4, Output.SOUND, 3)])
def test_after_a_failure_the_step_is_the_same_or_lower(level: int, output: Output, expected: int) -> None:
    """Another output takes over no higher than where the first one failed."""
    step = Climb(episode=1, level=level, failed=True).next_step(output, 4)
    assert step is not None
    assert step.level == expected


@pytest.mark.parametrize(
    ("at_ns", "from_ns"),
    [
        (NS_PER_S, NS_PER_S),
        (3 * NS_PER_S, 0),
        (-1, 0),
        (math.nan, 0),
        (None, 0),
    ],
)
def test_the_answer_counts_from_when_the_output_took_the_permit(at_ns: Any, from_ns: int) -> None:
    """An acknowledgement outside the life of the permit has a broken instant, and the issue counts."""
    climb = Climb(episode=1, level=1, permit=1, issued_ns=0)
    climb.take(at_ns)
    assert (climb.taken, climb.from_ns) == (True, from_ns)
