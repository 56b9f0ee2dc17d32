"""The trainer: anyone can run it, and it gives the same bytes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trainer import trainer
from training.measure import accuracy, interval, kappa
from vigil.domain.records import NightBegan
from vigil.engine.parameters import Parameters
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.recordings.writers.folder import write_folder

boost = trainer("boost")
fit = trainer("fit")


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


def test_two_fits_give_the_same_bytes(nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters can be made again by anyone with the same nights and versions, and the engine takes them."""
    monkeypatch.setattr("training.boost.SETTINGS", {**boost.SETTINGS, "min_data_in_leaf": 20})
    for name in ("a.json", "b.json"):
        assert fit.main([str(nights), "--out", str(tmp_path / name)]) == 0
    first = (tmp_path / "a.json").read_text()
    assert (tmp_path / "b.json").read_text() == first
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
