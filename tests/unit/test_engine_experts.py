"""Experts: what is refused of their data, when they are asked, and how rare their answers are."""

from __future__ import annotations

import copy
import importlib.resources
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import SettingsError
from vigil.engine.experts import LONGEST_NIGHTS, Expert, experts_from_plain
from vigil.engine.moments import MOMENTS
from vigil.engine.parameters import Parameters

NAMES = [spec.name for spec in MOMENTS]
TOP = NAMES.index("top")
STUMP = [0, [TOP], [20.0], [-1], [-2], "0", [-3.0, 5.0]]
"""Up to a top of 20 beats: log-odds of -3; above: 5."""


def _plain() -> dict[str, Any]:
    one = {"name": "surge", "asked_from": {"top": 6, "over_60s": 2.5}, "rarity": [-4, 1.25], "rarity_unmoved": [-2, 1]}
    return {"features": list(NAMES), "experts": [{**one, "trees": {"bias": [0.5], "trees": [copy.deepcopy(STUMP)]}}]}


def _row(**known: float) -> tuple[float, ...]:
    return tuple(known.get(name, math.nan) for name in NAMES)


def test_experts_come_from_plain_data() -> None:
    """Names of features become places, and numbers floats."""
    (expert,) = experts_from_plain(_plain())
    assert expert.name == "surge"
    assert (expert.rarity, expert.rarity_unmoved) == ((-4.0, 1.25), (-2.0, 1.0))
    assert dict(expert.asked_from) == {TOP: 6.0, NAMES.index("over_60s"): 2.5}


def test_an_expert_says_what_its_trees_say() -> None:
    """The bias and the leaf that is reached."""
    (expert,) = experts_from_plain(_plain())
    assert expert.log_odds(_row(top=20.0, over_60s=3.0)) == -2.5
    assert expert.log_odds(_row(top=20.5, over_60s=3.0)) == 5.5


def test_an_expert_is_asked_only_where_every_bound_is_reached() -> None:
    """A bound that is met is reached; a value that is not known never is."""
    (expert,) = experts_from_plain(_plain())
    assert expert.log_odds(_row(top=6.0, over_60s=2.5)) is not None
    assert expert.log_odds(_row(top=5.9, over_60s=3.0)) is None
    assert expert.log_odds(_row(top=30.0, over_60s=2.4)) is None
    assert expert.log_odds(_row(top=30.0)) is None
    assert expert.log_odds(_row(over_60s=30.0)) is None


def test_an_expert_without_bounds_is_always_asked() -> None:
    """Gates are there to save time, and may be none."""
    plain = _plain()
    plain["experts"][0]["asked_from"] = {}
    (expert,) = experts_from_plain(plain)
    assert expert.log_odds(_row()) is not None


def _expert(a: float, b: float) -> Expert:
    plain = _plain()
    plain["experts"][0]["rarity"] = [a, b]
    return experts_from_plain(plain)[0]


def test_rarity_is_a_line_in_the_logarithm() -> None:
    """Nights = exp(a + b x log-odds), and never more than anyone has measured."""
    assert _expert(-4, 1.25).nights(5.5) == pytest.approx(math.exp(-4 + 1.25 * 5.5))
    assert _expert(-4, 1.25).nights(100.0) == pytest.approx(LONGEST_NIGHTS)


def test_where_movement_is_not_known_rarity_is_its_own() -> None:
    """Less is said then, so the same words are rarer."""
    assert _expert(-4, 1.25).nights(1.0, moved=False) == pytest.approx(math.exp(-2 + 1))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_more_log_odds_are_never_more_frequent(a: float, b: float, one: float, other: float) -> None:
    """Whatever the line: rarity rises with the evidence, within bounds, and is a number."""
    expert, (less, more) = _expert(a, b), sorted((one, other))
    assert 0 <= expert.nights(less) <= expert.nights(more) <= LONGEST_NIGHTS * 1.000001


BROKEN: list[tuple[str, str, Any]] = [
    ("rarity", "rarity", None),
    ("rarity", "rarity", [1.0]),
    ("rarity", "rarity", [1.0, 2.0, 3.0]),
    ("rarity", "rarity", ["1", 2.0]),
    ("rarity", "rarity", [True, 2.0]),
    ("rarity", "rarity", [math.nan, 2.0]),
    ("rarity", "rarity", [0.0, math.inf]),
    ("rarity", "rarity", [10**400, 1.0]),
    ("rarity_unmoved", "rarity_unmoved", None),
    ("rarer", "rarity_unmoved", [1.0, 0.0]),
    ("rarer", "rarity", [1.0, 0.0]),
    ("rarer", "rarity", [1.0, -1.0]),
    ("asked_from", "asked_from", None),
    ("asked_from", "asked_from", ["top"]),
    ("asked_from", "asked_from", {"loudness": 1.0}),
    ("asked_from", "asked_from", {"top": "6"}),
    ("asked_from", "asked_from", {"top": math.nan}),
    ("asked_from", "asked_from", {"top": 10**400}),
    ("name", "name", None),
    ("bias", "trees", None),
    ("bias", "trees", {"bias": [0.0, 0.0], "trees": [STUMP]}),
    ("none", "trees", {"bias": [0.0], "trees": []}),
    ("feature", "trees", {"bias": [0.0], "trees": [[0, [len(NAMES)], [1.0], [-1], [-2], "0", [0.0, 0.0]]]}),
]


@pytest.mark.parametrize(("why", "key", "value"), BROKEN)
def test_broken_experts_are_refused(why: str, key: str, value: Any) -> None:
    """Each fault is named; nothing is guessed, and no other error comes out of a file than this one."""
    plain = _plain()
    plain["experts"][0][key] = value
    with pytest.raises(ValueError, match=why):
        experts_from_plain(plain)


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {"features": NAMES},
        {"features": NAMES, "experts": []},
        {"features": NAMES, "experts": {"a": 1}},
        {"features": NAMES, "experts": ["surge"]},
        {"features": NAMES[:-1], "experts": _plain()["experts"]},
        {"features": NAMES[::-1], "experts": _plain()["experts"]},
    ],
)
def test_what_holds_no_experts_is_refused(plain: Any) -> None:
    """Other features, in another order, or none at all: those trees would be asked about something else."""
    with pytest.raises(ValueError, match=r"fit it again|there is none|object with a name"):
        experts_from_plain(plain)


def test_a_parameters_file_with_broken_experts_is_refused() -> None:
    """The whole file is named, and nothing is started on half of it; without any experts it is a file that stages."""
    text = importlib.resources.files("vigil.data").joinpath("population.json").read_text("utf-8")
    plain = json.loads(text)
    (expert,) = Parameters.from_plain({**plain, "moments": _plain()}).experts
    assert expert.log_odds(_row(top=20.5, over_60s=3.0)) == 5.5
    assert Parameters.from_plain({**plain, "moments": None}).experts == ()
    with pytest.raises(SettingsError, match="moments: there is none"):
        Parameters.from_plain({**plain, "moments": {"features": NAMES, "experts": []}})
