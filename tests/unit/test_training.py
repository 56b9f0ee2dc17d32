"""The trainer: anyone can run it, and it gives the same bytes twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.trainer import trainer
from training.measure import Said, accuracy, calibration_error, figures, interval, kappa
from training.rows import NightRows
from vigil.domain.records import NightBegan
from vigil.engine.parameters import Parameters
from vigil.engine.stager import Stager
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.recordings.writers.folder import write_folder

boost = trainer("boost")
experts = trainer("experts")
fit = trainer("fit")
gathered = trainer("gathered")
stack = trainer("stack")

WAKE, LIGHT, REM = (0.97, 0.01, 0.01, 0.01), (0.01, 0.97, 0.01, 0.01), (0.01, 0.01, 0.01, 0.97)


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is gathered of a night is kept, but not where the developer keeps theirs; of each kind a little is added."""
    kept = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.gathered.platformdirs.user_cache_path", lambda name: kept / name)
        for dose in ("MANY", "FEW"):
            patch.setattr(gathered, dose, dict.fromkeys(gathered.MANY, 2))
        patch.setattr(gathered, "VARIED", (gathered.VARIED[0], "heart only", "beats only"))
        yield


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three short simulated nights with their truth as scoring."""
    folder = tmp_path_factory.mktemp("nights")
    for seed in (1, 2, 3):
        one = simulated(seed, plan=named_plan("quiet", seed, hours=2.0), hours=2.0)
        items = [item for item in one.items() if not hasattr(item, "period_ns")]
        write_folder(
            folder / f"n{seed}",
            night=f"n{seed}",
            began=NightBegan(0),
            items=items,
            scoring=one.scoring,
        )
    return folder


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three short nights are too few for the shipped settings to find anything."""
    monkeypatch.setattr("training.boost.SETTINGS", {**boost.SETTINGS, "min_data_in_leaf": 20})
    monkeypatch.setattr("training.boost.ROUNDS", 10)
    monkeypatch.setattr("training.experts.SETTINGS", {**experts.SETTINGS, "min_data_in_leaf": 20})
    monkeypatch.setattr("training.experts.ROUNDS", 10)


def rows_of(nights: Path) -> list[NightRows]:
    """The rows of those nights in every variant; gathered once, by whichever test comes first."""
    return [rows for folder in gathered.night_folders([nights]) for rows in gathered.gather(folder).rows]


def test_two_fits_give_the_same_bytes(nights: Path, tmp_path: Path) -> None:
    """Parameters can be made again by anyone with the same nights and versions, and the engine takes them."""
    for name in ("a.json", "b.json"):
        assert fit.main([str(nights), "--out", str(tmp_path / name)]) == 0
    first = (tmp_path / "a.json").read_text()
    assert (tmp_path / "b.json").read_text() == first
    assert json.loads(first)["moments"] is not None
    parameters = Parameters.from_json(first)
    assert parameters.provenance.people == 3
    assert len(parameters.provenance.nights) == 3


def test_a_folder_without_scored_nights_is_refused(tmp_path: Path) -> None:
    """Nothing is written from nothing."""
    assert fit.main([str(tmp_path), "--out", str(tmp_path / "x.json")]) == 1
    assert not (tmp_path / "x.json").exists()


def test_kappa_is_agreement_beyond_chance() -> None:
    """By hand: 4 of 6 agree, chance alone gives half."""
    pairs = [(0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (1, 0)]
    assert kappa(pairs, 2) == pytest.approx((4 / 6 - 0.5) / 0.5)
    assert kappa([(0, 0)], 2) == 0.0


def test_an_interval_covers_its_figure_and_repeats() -> None:
    """People are drawn, not epochs; the same seed gives the same interval."""
    people = [[(0, 0)] * 9 + [(0, 1)], [(1, 1)] * 5 + [(1, 0)] * 5, [(1, 1)] * 10]
    low, high = interval(people, accuracy)
    assert low < accuracy([pair for pairs in people for pair in pairs]) < high
    assert interval(people, accuracy) == (low, high)
    assert interval([people[2]] * 3, accuracy) == (1.0, 1.0)


def test_probabilities_that_keep_their_word_have_no_calibration_error() -> None:
    """Of those said with 0.25 a quarter came true; of those said with 0.85 none did."""
    right = [(0.25, True), (0.25, False), (0.25, False), (0.25, False)]
    assert calibration_error(right) == pytest.approx(0)
    assert calibration_error([*right, *[(0.85, False)] * 4]) == pytest.approx(0.85 / 2)
    assert calibration_error([(1.0, True)]) == 0.0


def test_figures_tell_what_was_named_and_what_was_believed() -> None:
    """Named stages make kappa and shares, probabilities make the log-loss."""
    told = [Said(0, 0, WAKE), Said(1, 1, LIGHT), Said(2, 1, LIGHT), Said(3, 3, REM)]
    measured = figures({"one": told, "another": told})
    assert measured["kappa_3"] == 1.0
    assert measured["accuracy_4"] == 0.75
    assert measured["share_deep_said"] == 0.0
    assert measured["share_deep_scored"] == 0.25
    assert measured["log_loss"] > 1.0


def test_people_are_fitted_in_few_ways_beside_the_recorded_one(nights: Path) -> None:
    """Leaving a person out changes nothing in how the others are fitted on."""
    rows = rows_of(nights)
    kept = [(night.person, night.variant) for night in stack.chosen(rows)]
    fewer = [(night.person, night.variant) for night in stack.chosen([one for one in rows if one.person != "n2"])]
    assert fewer == [one for one in kept if one[0] != "n2"]
    assert {person for person, variant in kept if variant == "as recorded"} == {"n1", "n2", "n3"}
    assert len(kept) <= 3 * (1 + stack.OTHERS)


def test_the_second_trees_are_fitted_on_what_the_engine_will_show_them(nights: Path) -> None:
    """The rows of the course are laid out as the stager lays them out, gaps included."""
    rows = rows_of(nights)
    night = rows[0]
    gaps = night.any_data.copy()
    gaps[[0, 1, 30, 31]] = False
    holed = replace(night, any_data=gaps)
    parameters = Parameters.from_plain(fit.fit_plain(rows))
    seen = np.array([parameters.forest.probabilities(row) for row in night.features.tolist()])
    second = stack.second_rows(holed, seen, parameters.follow, parameters.first)
    stager = Stager()
    for index, (row, known) in enumerate(zip(night.features.tolist(), gaps.tolist(), strict=True)):
        said = stager.score(row, known, parameters)
        if known:
            assert parameters.second.probabilities(second[index].tolist()) == pytest.approx(said.as_tuple(), abs=1e-5)
