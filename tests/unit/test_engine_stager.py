"""Stages as they go: first trees, the course of the night, second trees; and what is believed in gaps."""

from __future__ import annotations

import importlib.resources
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.plain import dumps, loads
from vigil.domain.sleep import Stage
from vigil.engine.course import COURSE, Course
from vigil.engine.feature_list import FEATURES
from vigil.engine.parameters import Parameters, Provenance
from vigil.engine.stager import Stager
from vigil.engine.trees import Forest, forest_from_plain

NAMES = [spec.name for spec in COURSE]
WAKE, LIGHT, DEEP, REM = ([0.97 if k == at else 0.01 for k in range(4)] for at in range(4))


def _forest(asked: int, bound: float, features: int) -> Forest:
    """One question, "is this number above the bound?": REM if so, else wake."""
    trees = [
        [3, [asked], [bound], [-1], [-2], "1", [0.0, 2.0]],
        [0, [asked], [bound], [-1], [-2], "1", [2.0, 0.0]],
    ]
    return forest_from_plain({"bias": [0.0] * 4, "trees": trees}, features=features, classes=4)


PARAMETERS = Parameters(
    forest=_forest(0, 0.0, 1),
    second=_forest(NAMES.index("p_rem_5m"), 0.5, len(COURSE) + 1),
    worth=(0.25, 0.25, 0.25, 0.25),
    clock=((0.25, 0.25, 0.25, 0.25),),
    first=(0.7, 0.1, 0.1, 0.1),
    follow=((0.91, 0.03, 0.03, 0.03), (0.03, 0.91, 0.03, 0.03), (0.03, 0.03, 0.91, 0.03), (0.03, 0.03, 0.03, 0.91)),
    episodes={},
    experts=(),
    provenance=Provenance(),
    digest="",
)


def _course(*parts: tuple[list[float], int]) -> dict[str, float]:
    """The last row of a night made of (probabilities, epochs)."""
    course = Course()
    row: tuple[float, ...] = ()
    for p, epochs in parts:
        for _ in range(epochs):
            row = course.add(p)
    return dict(zip(NAMES, row, strict=True))


def test_the_second_trees_see_the_course() -> None:
    """One odd epoch does not turn the stage; a run of them does, once the mean of 5 minutes has."""
    stager = Stager()
    said = [stager.score((value,), True, PARAMETERS).best for value in (-1.0,) * 10 + (1.0,) * 10]
    assert said[10] is Stage.WAKE
    assert said[-1] is Stage.REM
    assert [one is Stage.REM for one in said] == sorted(one is Stage.REM for one in said)


def test_without_data_the_transitions_only_predict() -> None:
    """In a gap the belief fades towards what is usual, whatever the features hold."""
    stager = Stager()
    for _ in range(10):
        stager.score((1.0,), True, PARAMETERS)
    before = stager.belief
    assert before is not None
    said = stager.score((math.nan,), False, PARAMETERS)
    assert said.rem == pytest.approx(sum(b * row[3] for b, row in zip(before, PARAMETERS.follow, strict=True)))
    for _ in range(300):
        said = stager.score((math.nan,), False, PARAMETERS)
    assert said.as_tuple() == pytest.approx((0.25, 0.25, 0.25, 0.25))


def test_before_anything_is_known_the_night_begins_as_nights_do() -> None:
    """The first epoch without data is what lights-out usually is."""
    assert Stager().score((math.nan,), False, PARAMETERS).as_tuple() == PARAMETERS.first


def test_the_course_tells_means_and_stretches() -> None:
    """After 20 min awake, 50 min of light sleep and 10 of REM: what was, for how long, and how long ago."""
    row = _course((WAKE, 40), (LIGHT, 100), (REM, 20))
    assert row["p_rem_5m"] == pytest.approx(0.97)
    assert row["p_rem_30m"] == pytest.approx((20 * 0.97 + 40 * 0.01) / 60)
    assert row["rem_run"] == 15  # the 5-min mean passes a half with the sixth epoch
    assert row["rem_count"] == 1
    assert row["rem_since"] == 0
    assert row["since_first_rem"] == 14
    assert row["wake_count"] == 1
    assert row["wake_since"] == 116
    assert row["wake_run"] == 0
    assert row["wake_most_30m"] == pytest.approx(0.01)
    assert row["wake_most_90m"] == pytest.approx(0.97)
    assert row["since_onset"] == 160 - 46
    assert row["rem_rank"] > 0.8


def test_a_night_that_has_hardly_begun_has_no_past() -> None:
    """Times since what has not been stand at their bounds, and means are of what there is."""
    row = _course((WAKE, 1))
    assert row["rem_since"] == row["deep_since"] == 240
    assert row["since_first_rem"] == row["since_onset"] == -1
    assert row["p_wake_120m"] == row["p_wake"] == 0.97


def test_a_second_stretch_of_rem_is_counted() -> None:
    """REM comes again after its time, and the row says how long ago it was."""
    row = _course((LIGHT, 60), (REM, 20), (LIGHT, 80), (REM, 12), (DEEP, 30))
    assert row["rem_count"] == 2
    assert row["rem_since"] == 26  # the 5-min mean stays above a half for four epochs more
    assert row["deep_run"] > 0


@given(st.lists(st.tuples(st.floats(allow_nan=True, allow_infinity=True), st.booleans()), max_size=60))
def test_probabilities_are_probabilities_whatever_comes(epochs: list[tuple[float, bool]]) -> None:
    """Within 0 and 1 and summing to 1, for broken numbers too; and a snapshot changes nothing."""
    stager = Stager()
    for value, any_data in epochs:
        copy = loads(dumps(stager))
        said = stager.score((value,), any_data, PARAMETERS)
        assert all(0 < p < 1 for p in said.as_tuple())
        assert sum(said.as_tuple()) == pytest.approx(1)
        assert copy.score((value,), any_data, PARAMETERS) == said


def test_the_shipped_parameters_tell_a_restless_start_from_quiet_sleep() -> None:
    """Half an hour of tossing after lights-out is wake; half an hour of quiet an hour later is not."""
    text = importlib.resources.files("vigil.data").joinpath("population.json").read_text("utf-8")
    population = Parameters.from_json(text)
    restless = {
        "night_h": 0.05,
        "move_now": 4.0,
        "move_5m": 3.5,
        "move_10m": 3.5,
        "move_2m_most": 4.5,
        "move_30m": 3.5,
        "move_60m": 3.5,
        "move_10m_share": 0.9,
        "move_200_30m": 0.8,
        "move_500_20m": 0.6,
        "move_500_60m": 0.6,
        "since_move": 0.0,
        "since_200": 0.0,
        "since_big_move": 0.0,
        "since_1000": 1.0,
        "since_turn": 1.0,
        "wobble_5m": 6.0,
    }
    quiet = {"night_h": 1.0, "move_now": 0.0, "move_30m": 0.0, "wobble_10m": 0.9, "swing_10m": 4.0, "since_move": 30.0}

    def wake(known: dict[str, float]) -> float:
        row = [known.get(spec.name, math.nan) for spec in FEATURES]
        stager = Stager()
        return [stager.score(row, True, population) for _ in range(60)][-1].wake

    assert wake(restless) > 0.7
    assert wake(quiet) < 0.35
