"""What tonight is planned after: figures of the nights before, made once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from vigil.app import tonight
from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.night_figures import figures_of
from vigil.app.tonight import kept_nights
from vigil.app.wiring import packaged_parameters, reading, writing
from vigil.domain.errors import FullError
from vigil.store.nights import Nights

SLEEPER = "simulated-strong-2"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One night of an older Vigil, whose figures this one cannot use; and the nights whose figures are made anew."""
    words = ("demo", "--hours", "0.5", "--plan", "strong", "--seed", "2", "--quiet")
    assert CliRunner().invoke(app, words).exit_code == 0
    with writing(Home.here(), Shelf.DEMO) as shelf:
        nights = Nights(shelf.database)
        (row,) = nights.nights()
        facts = json.loads(nights.summary(row.key) or "")
        facts["figures"]["version"] = 0
        nights.add_summary(row.key, json.dumps(facts))
    found: list[str] = []

    def noted(report: Any, bar_nights: float) -> dict[str, Any]:
        found.append(report.night)
        return figures_of(report, bar_nights)

    monkeypatch.setattr(tonight, "figures_of", noted)
    return found


def test_figures_that_an_older_vigil_made_are_made_once_and_kept(made: list[str]) -> None:
    """A year of nights read anew at every start would be minutes before the watch begins."""
    with writing(Home.here(), Shelf.DEMO) as shelf:
        before = json.loads(Nights(shelf.database).summary(1) or "")
        first = kept_nights(shelf, packaged_parameters(), SLEEPER, keep=True)
        again = kept_nights(shelf, packaged_parameters(), SLEEPER, keep=True)
        after = json.loads(Nights(shelf.database).summary(1) or "")
    assert made == [SLEEPER]
    assert first == again
    assert {**before, "figures": after["figures"]} == after


def test_whoever_only_reads_keeps_nothing(made: list[str]) -> None:
    """And finds the same."""
    with reading(Home.here(), (Shelf.DEMO,)) as (shelf,):
        first, again = (kept_nights(shelf, packaged_parameters(), SLEEPER) for _ in range(2))
    assert made == [SLEEPER, SLEEPER]
    assert first == again
    assert len(first.nights) == 1


def test_figures_that_cannot_be_kept_are_used_all_the_same(made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the evening does not keep a night from being planned."""

    def full(_self: Nights, _night: int, _body: str) -> None:
        message = "there is no room left on the disk"
        raise FullError(message)

    monkeypatch.setattr(Nights, "add_summary", full)
    with writing(Home.here(), Shelf.DEMO) as shelf:
        found = kept_nights(shelf, packaged_parameters(), SLEEPER, keep=True)
    assert (len(found.nights), found.remarks, made) == (1, (), [SLEEPER])
