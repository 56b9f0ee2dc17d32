"""Real nights through the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigil.app.cli import app

NIGHTS = ("walch/844359", "slpdb/slp01a", "fitbit2016/2347167796-0418")


@pytest.mark.real
def test_real_nights_are_replayed_kept_and_explained(real_nights: Path, tmp_path: Path) -> None:
    """Wrist heart rate, beats of a sleep laboratory, a second watch: each has a sane report and can be asked about."""
    out = tmp_path / "nights.json"
    paths = [str(real_nights / name) for name in NIGHTS]
    result = CliRunner().invoke(app, ["replay", *paths, "--quiet", "--json", str(out)])
    assert result.exit_code == 0, result.output
    for night in json.loads(out.read_text())["nights"]:
        summary = night["summary"]
        assert 0 < summary["tst_min"] <= summary["tib_min"]
        assert summary["watched_min"] > summary["blind_min"]
        assert all(decision["reasons"] for decision in night["decisions"])
        assert all(row["shadow"] for row in night["interventions"])
        asked = CliRunner().invoke(app, ["explain", night["kept_as"], "+1:00"])
        assert asked.exit_code == 0, asked.output
        assert "Decided" in asked.stdout
