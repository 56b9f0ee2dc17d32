"""The parameters file: what is taken, what is refused and why, and that the walk of trees is LightGBM's."""

from __future__ import annotations

import copy
import importlib
import importlib.resources
import json
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer import trainer
from vigil.domain.errors import SettingsError
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.engine.course import COURSE
from vigil.engine.feature_list import FEATURES
from vigil.engine.parameters import FORMAT, Parameters, canonical
from vigil.engine.trees import forest_from_plain

STUMP = [0, [0], [1.5], [-1], [-2], "1", [0.25, -0.25]]


def _plain() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "features": [spec.name for spec in FEATURES],
        "course": [spec.name for spec in COURSE],
        "trees": {"bias": [0.0, 0.0, 0.0, 0.0], "trees": [copy.deepcopy(STUMP)]},
        "second": {"bias": [0.0, 0.0, 0.0, 0.0], "trees": [copy.deepcopy(STUMP)]},
        "clock": [[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1]],
        "filter": {
            "worth": [0.4, 0.1, 0.2, 0.3],
            "first": [0.7, 0.1, 0.1, 0.1],
            "follow": [[0.7, 0.1, 0.1, 0.1]] * 4,
        },
        "episodes": {"threshold": 4, "half_life_s": 30.5},
        "provenance": {"nights": ["ab"], "people": 1, "sources": ["someone"], "figures": {"kappa": 0.5}},
    }


def test_a_whole_file_is_taken_and_named_by_its_content() -> None:
    """The digest is of the content, however the file is spaced or ordered; the detector's numbers pass through."""
    plain = _plain()
    parameters = Parameters.from_json(json.dumps(plain))
    again = Parameters.from_json(json.dumps(plain, indent=2, sort_keys=True))
    assert parameters.digest == again.digest
    assert len(parameters.digest) == 64
    assert parameters.episodes == {"threshold": 4.0, "half_life_s": 30.5}
    assert parameters.provenance.nights == ("ab",)
    assert parameters.provenance.people == 1
    plain["episodes"]["threshold"] = 5
    assert Parameters.from_plain(plain).digest != parameters.digest
    assert canonical({"b": 1, "a": 2}) == '{"a":2,"b":1}'


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"', "[" * 100_000, '{"format": "other"}'])
def test_what_is_no_parameters_file_is_refused(text: str) -> None:
    """Anything else is refused in words, and nothing is started."""
    with pytest.raises(SettingsError, match="cannot be used"):
        Parameters.from_json(text)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("features", ["night_h"], "features"),
        ("trees", None, "trees"),
        ("trees.trees", [], "there are none"),
        ("trees.bias", [0.0], "bias"),
        ("trees.bias", [0.0, 0.0, 0.0, math.nan], "bias"),
        ("filter", None, "filter"),
        ("filter.follow", [[0.25] * 4] * 3, "four rows"),
        ("filter.follow", [[0.25] * 4] * 3 + [[0.3] * 4], "sum to 1"),
        ("filter.first", [0.5, 0.5], "four probabilities"),
        ("filter.first", [1.0, 0.0, 0.0, 0.0], "filter.first"),
        ("filter.worth", [math.nan, 0.5, 0.25, 0.25], "filter.worth"),
        ("filter.worth", [True, 0.5, 0.25, 0.25], "filter.worth"),
        ("course", [], "features"),
        ("second", None, "second"),
        ("second.trees", [], "second: there are none"),
        ("clock", None, "clock"),
        ("clock", [], "at least one"),
        ("clock", [[0.25] * 4, [0.3] * 4], r"clock\[1\]: must sum to 1"),
        ("episodes", {"threshold": math.inf}, "episodes.threshold"),
        ("episodes", {"threshold": "4"}, "episodes.threshold"),
        ("episodes", None, "episodes"),
        ("provenance", [], "provenance"),
        ("provenance.nights", [1], "provenance"),
        ("provenance.people", -1, "people"),
        ("provenance.figures", 3, "figures"),
    ],
)
def test_every_wrong_part_is_named(path: str, value: Any, says: str) -> None:
    """What is missing, not a number, NaN or out of bounds is refused by name."""
    plain = _plain()
    *parents, last = path.split(".")
    where = plain
    for parent in parents:
        where = where[parent]
    where[last] = value
    with pytest.raises(SettingsError, match=says):
        Parameters.from_plain(plain)


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ([0, [0], [1.5]], "seven parts"),
        ([0, 0, [1.5], [-1], [-2], "1", [0.0, 0.0]], "seven parts"),
        ("tree", "seven parts"),
        ([4, [0], [1.5], [-1], [-2], "1", [0.0, 0.0]], "fit together"),
        ([0, [0], [1.5], [-1], [-2], "11", [0.0, 0.0]], "fit together"),
        ([0, [], [], [], [], "", [0.0]], "fit together"),
        ([0, [999], [1.5], [-1], [-2], "1", [0.0, 0.0]], "feature"),
        ([0, [0], [math.nan], [-1], [-2], "1", [0.0, 0.0]], "not a number"),
        ([0, [0], [1.5], [-1], [-2], "x", [0.0, 0.0]], "not a number"),
        ([0, [0], [1.5], [0], [-2], "1", [0.0, 0.0]], "back to itself"),
        ([0, [0], [1.5], [-1], ["a"], "1", [0.0, 0.0]], "back to itself"),
        ([0, [0], [1.5], [-1], [-1], "1", [0.0, 0.0]], "not reached once"),
        ([0, [0], [1.5], [-1], [7], "1", [0.0, 0.0]], "not reached once"),
    ],
)
def test_a_broken_tree_is_refused(tree: Any, says: str) -> None:
    """A walk always ends at a leaf, or the file is not taken."""
    with pytest.raises(ValueError, match=says):
        forest_from_plain({"bias": [0.0] * 4, "trees": [STUMP, tree]}, features=3, classes=4)


def test_a_missing_value_goes_the_learned_way() -> None:
    """NaN goes left where the tree was fitted so, right where it was not, and bounds are inclusive."""
    left = forest_from_plain({"bias": [0.0, 0.0], "trees": [STUMP]}, features=1, classes=2)
    right = forest_from_plain({"bias": [0.0, 0.0], "trees": [[*STUMP[:5], "0", STUMP[6]]]}, features=1, classes=2)
    low, high = left.probabilities([1.5]), left.probabilities([1.6])
    assert low[0] == pytest.approx(1 / (1 + math.exp(-0.25)))
    assert high[0] == pytest.approx(1 / (1 + math.exp(0.25)))
    assert left.probabilities([math.nan]) == low
    assert right.probabilities([math.nan]) == high


def _walked(plain: dict[str, Any], row: list[float]) -> list[float]:
    """The scores of a row by the definition: tree by tree, node by node."""
    scores = [float(value) for value in plain["bias"]]
    for of_class, feature, bound, low, high, missing_low, leaf in plain["trees"]:
        node = 0
        while node >= 0:
            value = row[feature[node]]
            goes_low = missing_low[node] == "1" if math.isnan(value) else value <= bound[node]
            node = low[node] if goes_low else high[node]
        scores[of_class] += leaf[~node]
    return scores


def test_a_stage_is_named_by_its_worth() -> None:
    """Wake that is worth four times light sleep is named from a quarter of its probability on."""
    parameters = Parameters.from_plain(_plain())
    assert parameters.label(StageProbabilities(0.15, 0.65, 0.1, 0.1)) is Stage.LIGHT
    assert parameters.label(StageProbabilities(0.25, 0.65, 0.05, 0.05)) is Stage.WAKE
    assert parameters.label(StageProbabilities(0.1, 0.55, 0.05, 0.3)) is Stage.REM


def test_the_shipped_clock_is_that_of_nights() -> None:
    """Awake at lights-out, deep sleep early, REM late: what a clock alone can say."""
    text = importlib.resources.files("vigil.data").joinpath("population.json").read_text("utf-8")
    clock = Parameters.from_json(text).clock
    assert clock[0][0] > 0.5
    assert max(row[2] for row in clock[:12]) > max(row[2] for row in clock[24:])
    assert clock[2][3] < 0.1 < clock[24][3]


@pytest.mark.parametrize(("part", "features"), [("trees", len(FEATURES)), ("second", len(COURSE) + len(FEATURES))])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_all_trees_at_once_say_what_each_says_alone(part: str, features: int, seed: int) -> None:
    """The level-by-level walk of the shipped trees is the plain walk, missing values and bounds themselves included."""
    text = importlib.resources.files("vigil.data").joinpath("population.json").read_text("utf-8")
    plain = json.loads(text)[part]
    forest = forest_from_plain(plain, features=features, classes=4)
    draw = random.Random(seed)
    bounds = [(tree[1][0], tree[2][0]) for tree in plain["trees"]]
    row = [draw.choice((math.nan, draw.gauss(0, 5))) for _ in range(features)]
    for feature, bound in draw.sample(bounds, 10):
        row[feature] = bound
    scores = _walked(plain, row)
    weights = [math.exp(score - max(scores)) for score in scores]
    assert forest.probabilities(row) == pytest.approx([weight / sum(weights) for weight in weights], abs=1e-12)


def test_the_shipped_file_is_sound_and_small() -> None:
    """The population's parameters can be read, say where they come from, and fit on a small computer."""
    text = importlib.resources.files("vigil.data").joinpath("population.json").read_text("utf-8")
    parameters = Parameters.from_json(text)
    assert len(text) < 300_000
    assert 0 < parameters.provenance.people <= len(parameters.provenance.nights)
    assert parameters.provenance.figures
    assert parameters.provenance.sources


def test_the_walk_is_the_fitters_own() -> None:
    """Our walk of an exported model agrees with LightGBM, missing values included."""
    boost = trainer("boost")
    lightgbm = importlib.import_module("lightgbm")
    draw = np.random.default_rng(5)
    x = draw.normal(size=(3000, 6))
    x[draw.random(x.shape) < 0.2] = math.nan
    x[:, 5] = np.abs(np.nan_to_num(x[:, 5])) - 0.2
    y = (np.nan_to_num(x[:, 0]) > 0).astype(int) + 2 * (np.isnan(x[:, 1]) | (x[:, 5] > 0.3))
    settings = {**boost.SETTINGS, "min_data_in_leaf": 20}
    booster = lightgbm.train(settings, lightgbm.Dataset(x, label=y), num_boost_round=15)
    forest = forest_from_plain(boost.plain_trees(booster.dump_model()), features=6, classes=4)
    ours = np.array([forest.probabilities(row) for row in x[:300].tolist()])
    assert np.abs(ours - booster.predict(x[:300])).max() < 0.01
    assert np.median(np.abs(ours - booster.predict(x[:300]))) < 1e-4
