"""What stands beside a stored night may have come back from anywhere: it is used if it fits, and made anew if not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.night_figures import figures_fit
from vigil.app.wiring import writing
from vigil.store.nights import Nights

NIGHT = "simulated-strong-1"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A simulated night in a store of its own; returns the facts beside it."""
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path))
    made = CliRunner().invoke(app, ["demo", "--plan", "strong", "--seed", "1", "--hours", "0.5", "--quiet"])
    assert made.exit_code == 0, made.output
    with writing(Home.here(), Shelf.DEMO) as shelf:
        nights = Nights(shelf.database)
        facts: dict[str, Any] = json.loads(nights.summary(nights.find(NIGHT).key) or "{}")
        return facts


def with_facts(facts: Any) -> None:
    with writing(Home.here(), Shelf.DEMO) as shelf:
        nights = Nights(shelf.database)
        nights.add_summary(nights.find(NIGHT).key, json.dumps(facts))


def said(*words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--store", "demo"])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "text",
        {"left_out": 3, "digests": [], "figures": 7},
        {"left_out": [1, {"file": "a"}], "figures": {"version": 2}},
        {"bar_nights": "many", "ran_with": []},
        {"bar_nights": -1.0},
    ],
    ids=["a list", "text", "other kinds", "halves", "words for numbers", "an impossible threshold"],
)
def test_facts_that_do_not_fit_are_made_anew(kept: dict[str, Any], wrong: Any) -> None:
    """The night is shown, and the morning knows it as before."""
    before = said("morning", "--json", "-")
    with_facts({**kept, **wrong} if isinstance(wrong, dict) else wrong)
    assert "In bed" in said("show", NIGHT)
    now = json.loads(said("morning", "--json", "-"))
    assert [night["watched_h"] for night in now["nights"]] == [
        night["watched_h"] for night in json.loads(before)["nights"]
    ]


def test_only_whole_figures_fit(kept: dict[str, Any]) -> None:
    """A number that is none, a name too many or too few, and they are worked out anew."""
    figures = kept["figures"]
    assert figures_fit(figures)
    for name, value in (("rises", None), ("rises", True), ("watched_h", float("nan")), ("settled_levels", ["1"])):
        assert not figures_fit({**figures, name: value})
    assert not figures_fit({**figures, "more": 1})
    assert not figures_fit({name: value for name, value in figures.items() if name != "rises"})
