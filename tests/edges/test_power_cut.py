"""Nothing promised is lost when the power goes, and the test that says so can tell."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.campaigns import power_cut
from tests.campaigns.figures import command
from tests.campaigns.power_cut import CUTS, PowerCutFigures, run


def held(figures: PowerCutFigures) -> bool:
    return figures.failures == 0 and figures.samples == 2 * power_cut.SECONDS and figures.ledger_rows > 40


@pytest.mark.parametrize("seed", [1, 2])
def test_a_dose_of_power_cuts(seed: int) -> None:
    """Every start finds every second and every ledger row that was promised, and nothing that never was."""
    assert held(run(cuts=150, seed=seed))


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_ten_thousand_power_cuts() -> None:
    """The same in full."""
    assert held(run(cuts=CUTS))


def test_without_synchronising_the_same_cuts_do_harm() -> None:
    """The control: were the disk never told to keep anything, the campaign would find out."""
    figures = run(cuts=60, synchronous="OFF")
    assert figures.unreadable > 10
    assert figures.failures > 30


def test_with_less_synchronising_promises_are_broken() -> None:
    """A second control: a log that is synced only now and then stays readable and loses what was acknowledged."""
    figures = run(cuts=100, synchronous="NORMAL")
    assert figures.lost_samples + figures.lost_ledger_rows + figures.unreadable > 20


def test_a_campaign_writes_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its name, its date, its size and its seed."""
    file = tmp_path / "figures.json"
    monkeypatch.setattr(sys, "argv", ["x", "--json", str(file), "--cuts", "3"])
    command("power_cut", {"cuts": CUTS, "seed": 4}, run)
    written = json.loads(file.read_text())
    assert (written["campaign"], written["cuts"], written["seed"], written["unreadable"]) == ("power_cut", 3, 4, 0)
    assert len(written["date"]) == 10
