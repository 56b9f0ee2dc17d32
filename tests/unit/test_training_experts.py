"""Fitting the experts: what they learn on made-up moments, and that rarity is the rarity that was put in."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.trainer import trainer
from training.moments import Added, NightMoments
from vigil.domain.samples import Quality
from vigil.domain.units import STEP_NS
from vigil.engine.experts import experts_from_plain
from vigil.engine.moments import MOMENTS, MomentMaker
from vigil.engine.scorer import Scorer
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

experts = trainer("experts")

PLACE = {spec.name: place for place, spec in enumerate(MOMENTS)}
NIGHT_STEPS = 8 * 720
Odds = NDArray[np.float64]
HEIGHT = ("over_15s", "over_30s", "over_60s", "level_120s", "top")


def rows_at(heights: NDArray[np.float64], seed: int) -> NDArray[np.float32]:
    """Rows of excursions of such heights, all long enough for any expert to be asked; the rest is noise."""
    rows = np.random.default_rng(seed).normal(0, 1, (len(heights), len(MOMENTS))).astype(np.float32)
    for name in HEIGHT:
        rows[:, PLACE[name]] = heights
    rows[:, PLACE["above_2bpm"]] = 20
    return rows


def made_up(person: str, seed: int, variant: str = "as recorded", *, scored: bool = True) -> NightMoments:
    """A night whose own excursions are mostly small, with high responses and low look-alikes added."""
    draw = np.random.default_rng(seed)
    steps = np.sort(draw.choice(np.arange(100, NIGHT_STEPS), 700, replace=False)).astype(np.int32)
    added = []
    for kind, height in (("strong", 20.0), ("moderate", 12.0), ("turn", 6.0)):
        for n in range(4):
            since = np.arange(1, 85, dtype=np.int32)
            over = np.full(84, height) + draw.normal(0, 1, 84)
            added.append(Added(kind, height, since, rows_at(over, seed * 31 + n), np.full(84, height, np.float32)))
    own = 3.1 + draw.exponential(2.5, 700)
    asleep = np.ones(700, np.bool_)
    return NightMoments(
        f"{person}-{seed}", person, variant, scored, 8.0, steps, rows_at(own, seed), asleep, tuple(added)
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small trees on few rows."""
    monkeypatch.setattr("training.experts.SETTINGS", {**experts.SETTINGS, "min_data_in_leaf": 20, "lambda_l2": 1.0})
    monkeypatch.setattr("training.experts.ROUNDS", 30)


@pytest.fixture
def nights() -> list[NightMoments]:
    return [made_up(f"p{n}", n) for n in range(6)]


# -- fitting ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
def test_two_fits_give_the_same_bytes_and_the_engine_takes_them(nights: list[NightMoments]) -> None:
    """One seed, one thread: the same nights, the same experts."""
    plain = experts.fit_experts(nights)
    text = json.dumps(plain, sort_keys=True)
    assert json.dumps(experts.fit_experts(nights), sort_keys=True) == text
    taken = experts_from_plain(json.loads(text))
    assert [one.name for one in taken] == [kind.name for kind in experts.KINDS]
    for one in taken:
        assert one.rarity[1] > 0


@pytest.mark.usefixtures("quick")
def test_an_expert_tells_a_response_from_an_ordinary_excursion(nights: list[NightMoments]) -> None:
    """What was added is rarer than what the nights had of their own, and look-alikes are not."""
    for one, kind in zip(experts_from_plain(experts.fit_experts(nights)), experts.KINDS, strict=True):
        height = {"strong": 20.0, "moderate": 12.0}[kind.manner]

        def nights_of(height: float, one: object = one) -> float:
            odds = one.log_odds(rows_at(np.array([height]), 99)[0].tolist())  # type: ignore[attr-defined]
            return float(one.nights(odds))  # type: ignore[attr-defined]

        assert nights_of(height) > 5 * nights_of(3.5)
        assert nights_of(height) > nights_of(6.0)


@pytest.mark.usefixtures("quick")
def test_trees_say_in_the_engine_what_they_said_in_fitting(nights: list[NightMoments]) -> None:
    """The mean of two steps, silence where an expert was not asked, the walk of the trees: rarity was fitted on these
    very numbers, so the scorer must give them."""
    kind = experts.KINDS[0]
    model = experts.fit(nights, kind)
    plain = {
        "features": [spec.name for spec in MOMENTS],
        "experts": [
            {
                "name": kind.name,
                "asked_from": kind.asked_from,
                "rarity": [0.0, 1.0],
                "rarity_unmoved": [0.0, 1.0],
                "trees": experts.plain_trees(model.dump_model(), classes=1),
            }
        ],
    }
    (expert,) = experts_from_plain(plain)
    scorer, maker, chance = Scorer(), MomentMaker(), np.random.default_rng(4)
    steps, rows, scores = [], [], []
    for n in range(1, 900):
        excess = 12.0 * (n % 90 > 60) + chance.normal(0, 2.5)
        at_ns = n * STEP_NS
        heart = HeartLook(at_ns, Quality.GOOD, 0, 60 + round(excess), 60.0, 2.0)
        motion = MotionLook(at_ns, known=True, range_mg=20 + 400 * (n % 13 == 0))
        row, score = maker.note(heart, motion), scorer.look(heart, motion, [expert])
        if row is not None:
            steps.append(n)
            rows.append(row)
            scores.append(score)
    said = experts.said(model, np.array(rows, np.float32), np.array(steps, np.int32), kind)
    in_fitting = np.where(np.isfinite(said), np.exp(said), 0.0)
    assert np.isfinite(said).sum() > 100
    assert np.mean(np.isclose(scores, in_fitting, rtol=1e-2, atol=1e-9)) > 0.99


def test_only_rows_that_the_engine_would_ask_about_are_fitted_and_told() -> None:
    """A bound that is met is reached, and a value that is not known never is, as in the engine."""
    for kind in experts.KINDS:
        rows = np.full((3, len(MOMENTS)), np.nan, np.float32)
        for name, bound in kind.asked_from.items():
            rows[0, PLACE[name]] = bound
            rows[1, PLACE[name]] = bound - 0.5
        assert experts.is_asked(rows, kind).tolist() == [True, False, False]


def test_people_are_in_one_group_whatever_their_nights() -> None:
    """Both parts of one person are left out together; groups are the same in every run, and none is empty."""
    groups = [experts.group_of(f"person-{n}") for n in range(200)]
    assert groups == [experts.group_of(f"person-{n}") for n in range(200)]
    assert set(groups) == set(range(experts.GROUPS))


@pytest.mark.usefixtures("quick")
def test_what_is_said_of_a_person_comes_from_trees_that_never_saw_them(
    nights: list[NightMoments], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rarity told by trees that knew the night would be too rare."""
    seen: list[set[str]] = []

    def fit(others: Sequence[NightMoments], _kind: object) -> set[str]:
        seen.append({night.person for night in others})
        return seen[-1]

    def said(model: set[str], rows: NDArray[np.float32], *_: object) -> NDArray[np.float64]:
        told.append(model)
        return np.zeros(len(rows))

    told: list[set[str]] = []
    monkeypatch.setattr("training.experts.fit", fit)
    monkeypatch.setattr("training.experts.said", said)
    experts.left_out(nights, nights, experts.KINDS[0])
    assert len(seen) <= experts.GROUPS
    for night, known in zip(nights, told, strict=True):
        assert night.person not in known
        assert known


@pytest.mark.usefixtures("quick")
def test_too_few_nights_give_no_experts_and_no_error() -> None:
    """Rarity that cannot be counted is not made up: such parameters stage sleep, and never suspect."""
    quiet = [replace(made_up(f"p{n}", n), steps=np.arange(700, dtype=np.int32) % 300) for n in range(3)]
    assert experts.fit_experts(quiet) is None
    unasked = [replace(night, rows=np.full_like(night.rows, np.nan)) for night in quiet]
    assert experts.line_of_rarity(unasked, [np.full(700, -np.inf)] * 3) is None


def test_a_line_on_which_more_evidence_is_no_rarer_is_no_line() -> None:
    """Where every bound is passed once a night, log-odds tell nothing of rarity."""
    nights, _ = events_on(0.0, 1.0, a_night=60)
    once = [replace(night, steps=np.arange(400, 460, dtype=np.int32)) for night in nights]
    odds = [np.append(np.linspace(0, 6, 59), 10.0) for _ in once]
    assert experts.line_of_rarity(once, odds) is None


# -- rarity ----------------------------------------------------------------------------------------------


def events_on(alpha: float, beta: float, count: int = 40, a_night: int = 5) -> tuple[list[NightMoments], list[Odds]]:
    """Nights in which log-odds of x or more are met exp(alpha - beta x) times a night, five at most."""
    values = [(alpha - math.log(k / count)) / beta for k in range(1, count * a_night + 1)]
    order = np.random.default_rng(3).permutation(len(values))
    nights, odds = [], []
    for n in range(count):
        steps = np.arange(400, 400 + 100 * a_night, 100, dtype=np.int32)
        mine = np.array([values[order[n * a_night + k]] for k in range(a_night)])
        rows = np.zeros((a_night, len(MOMENTS)), np.float32)
        asleep = np.ones(a_night, np.bool_)
        nights.append(NightMoments(f"n{n}", f"p{n}", "as recorded", True, 8.0, steps, rows, asleep, ()))
        odds.append(mine)
    return nights, odds


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 1.0), (2.0, 0.5), (-1.5, 2.0)])
def test_a_known_line_of_rarity_is_recovered(alpha: float, beta: float) -> None:
    """Nights = exp(a + b x log-odds), where events come exp(alpha - beta x log-odds) times a night."""
    nights, odds = events_on(alpha, beta)
    a, b = experts.line_of_rarity(nights, odds)
    assert a == pytest.approx(-alpha, abs=0.1)
    assert b == pytest.approx(beta, rel=0.05)


@pytest.mark.parametrize("rate", [0.25, 1.0, 2.0])
def test_the_bound_at_a_rate_is_passed_as_often(rate: float) -> None:
    """By hand: at x = -ln(rate) events come `rate` times a night."""
    nights, odds = events_on(0.0, 1.0)
    assert experts.bound_at(nights, odds, rate) == pytest.approx(-math.log(rate), abs=0.15)


def test_what_lasts_is_one_event_and_wake_and_the_first_half_hour_are_none() -> None:
    """Moments less than five minutes apart are one event, which counts if it began asleep; the start does not count."""
    rows = np.zeros((7, len(MOMENTS)), np.float32)
    steps = np.array([100, 400, 430, 460, 600, 700, 761], np.int32)
    asleep = np.array([True, True, True, True, False, True, True])
    night = NightMoments("n", "p", "as recorded", True, 8.0, steps, rows, asleep, ())
    odds = [np.full(7, 2.0)]
    assert experts._events([night], odds, 2.0) == 3
    assert experts._events([night], odds, 2.1) == 0


@pytest.mark.usefixtures("quick")
def test_all_experts_together_keep_the_budget(nights: list[NightMoments]) -> None:
    """The rarest answer says one in N nights about once in N nights, where that can still be counted: here, four."""
    lines, _ = experts.rarities(nights)
    told = []
    for night_index in range(len(nights)):
        each = [
            a + b * experts.left_out(nights, nights, kind)[night_index]
            for kind, (a, b) in zip(experts.KINDS, lines, strict=True)
        ]
        told.append(np.max(each, axis=0))
    rate = experts._events(nights, told, -math.log(experts.ANCHOR_RATE) + 1e-9) / len(nights)
    assert rate <= experts.ANCHOR_RATE + 1 / len(nights)


@pytest.mark.usefixtures("quick")
def test_nights_nobody_scored_and_other_sensors_do_not_set_the_rarity(nights: list[NightMoments]) -> None:
    """Where there are scored nights as recorded, rarity is theirs; without any, that of what was recorded."""
    lines, others = experts.rarities(nights)
    assert lines == others  # movement was known everywhere: one line stands for the other
    wild = made_up("p0", 77, scored=False)
    other = made_up("p1", 78, "15 s")
    counted: list[Sequence[NightMoments]] = []
    before = experts.line_of_rarity

    def line(told: Sequence[NightMoments], odds: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
        counted.append(told)
        return before(told, odds)  # type: ignore[no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.experts.line_of_rarity", line)
        experts.rarities([*nights, wild, other])
        experts.rarities([made_up(f"q{n}", 80 + n, scored=False) for n in range(5)])
    assert len(lines) == len(experts.KINDS)
    names = [{night.name for night in told} for told in counted if told]
    assert names[0] == {night.name for night in nights}
    assert len(names[-1]) == 5


@pytest.mark.usefixtures("quick")
def test_nights_without_movement_have_a_rarity_of_their_own(nights: list[NightMoments]) -> None:
    """A night that never had movement, and one from which it was left out, tell the second line and not the first."""
    still = [made_up(f"s{n}", 90 + n) for n in range(4)]
    for night in still:
        night.rows[:, experts.MOVE_NOW] = np.nan
    left_out = [made_up(f"p{n}", 70 + n, "heart only") for n in range(2)]
    moved, unmoved = experts.told_by([*nights, *still, *left_out, made_up("p5", 79, "1 s")])
    assert {night.name for night in moved} == {night.name for night in nights}
    assert {night.name for night in unmoved} == {night.name for night in [*still, *left_out]}
