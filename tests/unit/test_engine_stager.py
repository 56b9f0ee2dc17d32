"""The forward filter: what is believed after each epoch."""

from __future__ import annotations

import importlib.resources
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.plain import dumps, loads
from vigil.domain.sleep import Stage
from vigil.engine.features import FEATURES
from vigil.engine.parameters import Parameters, Provenance
from vigil.engine.stager import Stager
from vigil.engine.trees import forest_from_plain

NAN_ROW = (math.nan,) * len(FEATURES)

# One question, "is the first feature above 0?": REM if so, else wake.
FOREST = forest_from_plain(
    {
        "bias": [0.0, 0.0, 0.0, 0.0],
        "trees": [[3, [0], [0.0], [-1], [-2], "1", [0.0, 2.0]], [0, [0], [0.0], [-1], [-2], "1", [2.0, 0.0]]],
    },
    features=1,
    classes=4,
)

PARAMETERS = Parameters(
    forest=FOREST,
    against=(0.25, 0.25, 0.25, 0.25),
    first=(0.7, 0.1, 0.1, 0.1),
    follow=((0.91, 0.03, 0.03, 0.03), (0.03, 0.91, 0.03, 0.03), (0.03, 0.03, 0.91, 0.03), (0.03, 0.03, 0.03, 0.91)),
    temper=0.5,
    episodes={},
    provenance=Provenance(),
    digest="",
)


def test_one_epoch_is_bayes() -> None:
    """The belief is the prediction times the tempered evidence, normalised."""
    said = Stager().score((1.0,), True, PARAMETERS)
    seen = FOREST.probabilities((1.0,))
    weights = [first * math.sqrt(p / 0.25) for first, p in zip(PARAMETERS.first, seen, strict=True)]
    assert said.as_tuple() == pytest.approx([weight / sum(weights) for weight in weights])


def test_without_data_the_filter_only_predicts() -> None:
    """In a gap the belief fades towards what is usual, whatever the features hold."""
    stager = Stager()
    for _ in range(10):
        stager.score((1.0,), True, PARAMETERS)
    before = stager.belief
    assert before is not None
    said = stager.score(NAN_ROW, False, PARAMETERS)
    assert said.rem == pytest.approx(sum(b * row[3] for b, row in zip(before, PARAMETERS.follow, strict=True)))
    for _ in range(300):
        said = stager.score(NAN_ROW, False, PARAMETERS)
    assert said.as_tuple() == pytest.approx((0.25, 0.25, 0.25, 0.25))


def test_before_anything_is_known_the_night_begins_as_nights_do() -> None:
    """The first epoch without data is what lights-out usually is."""
    assert Stager().score(NAN_ROW, False, PARAMETERS).as_tuple() == PARAMETERS.first


def test_evidence_gathers_over_epochs() -> None:
    """One odd epoch does not turn the belief; a run of them does."""
    stager = Stager((0.97, 0.01, 0.01, 0.01))
    said = [stager.score((1.0,), True, PARAMETERS).best for _ in range(12)]
    assert said[0] is Stage.WAKE
    assert said[-1] is Stage.REM


@given(st.lists(st.tuples(st.floats(allow_nan=True, allow_infinity=True), st.booleans()), max_size=60))
def test_probabilities_are_probabilities_whatever_comes(epochs: list[tuple[float, bool]]) -> None:
    """Within 0 and 1 and summing to 1, for broken numbers too; and a snapshot changes nothing."""
    stager, sure = Stager(), replace(PARAMETERS, temper=1.0)
    for value, any_data in epochs:
        copy = loads(dumps(stager))
        said = stager.score((value,), any_data, sure)
        assert all(0 < p < 1 for p in said.as_tuple())
        assert sum(said.as_tuple()) == pytest.approx(1)
        assert copy.score((value,), any_data, sure) == said


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
        "wobble_5m": 6.0,
    }
    quiet = {"night_h": 1.0, "move_now": 0.0, "move_30m": 0.0, "wobble_10m": 0.9, "swing_10m": 4.0, "since_move": 30.0}

    def wake(known: dict[str, float]) -> float:
        row = [known.get(spec.name, math.nan) for spec in FEATURES]
        stager = Stager()
        return [stager.score(row, True, population) for _ in range(60)][-1].wake

    assert wake(restless) > 0.8
    assert wake(quiet) < 0.2
