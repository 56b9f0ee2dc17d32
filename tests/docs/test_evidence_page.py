"""docs/evidence.md is written by a command, and its figures are those of the JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.evidence_nights import many_nights
from training.evidence_goals import goals
from training.evidence_page import main
from vigil.app.evidence.caveats import CAVEATS, SINCE
from vigil.app.evidence.shown import POINT_WORDS, at, number, percent, seconds
from vigil.evidence.as_json import evidence_json
from vigil.evidence.summary import summarise


def run(*, cross_validated: bool, seen: bool = False) -> dict[str, Any]:
    nights = [replace(night, seen=seen) for night in many_nights(8, placements=120, length=240)]
    about = {"date": "2026-11-22", "version": "0.0", "command": "vigil evaluate /home/somebody/nights"}
    return evidence_json(summarise(nights, seed=1, cross_validated=cross_validated), nights, about=about)


def write(folder: Path, *runs: dict[str, Any]) -> tuple[int, Path]:
    arguments = []
    for index, one in enumerate(runs):
        path = folder / f"{index}.json"
        path.write_text(json.dumps(one))
        arguments += ["--json", str(path)]
    page = folder / "docs" / "evidence.md"
    return main([*arguments, "--out", str(page), "--pictures", str(folder / "docs" / "pictures")]), page


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return run(cross_validated=True, seen=True)


@pytest.fixture(scope="module")
def text(whole: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    code, page = write(tmp_path_factory.mktemp("page"), whole)
    assert code == 0
    return page.read_text()


def test_the_figures_of_the_page_are_those_of_the_json(whole: dict[str, Any], text: str) -> None:
    """Every table cell that matters can be found again in what was measured."""
    three = at(whole, "staging.wake_nrem_rem")
    for cell in (number(three["kappa"]), percent(three["wake_sensitivity"]), number(three["rem_f1"])):
        assert f"| {cell} |" in text
    for point, words in POINT_WORDS.items():
        one = at(whole, f"added.strong.{point}")
        cells = [percent(one[f"within_{limit}_s"]) for limit in (60, 120, 300)]
        assert f"| strong | {words} | {' | '.join(cells)} | {seconds(one['median_latency_s'])} |" in text
        assert f"| {words} | {percent(at(whole, f'meaning.{point}.noticed'))} |" in text
    assert f"**{number(at(whole, 'false_alarms.as_shipped.nudges_per_8h_sleep'))}**" in text


def test_the_page_is_dated_and_says_what_it_does_not_show(text: str) -> None:
    """When, by which command it can be made again, what is missing; and no path of the machine it was made on."""
    assert "Measured on 2026-11-22" in text
    assert all(words in text for words in (*CAVEATS, *SINCE))
    assert "vigil evaluate NIGHTS --cross-validate" in text
    assert "doi:10.13026/hmhs-py35" in text
    assert "/home/" not in text


def test_two_runs_stand_one_after_the_other(whole: dict[str, Any], tmp_path: Path) -> None:
    """The cross-validated one first; one that saw all its nights proves nothing, and no goal is held against it."""
    _, page = write(tmp_path, run(cross_validated=False, seen=True), whole)
    text = page.read_text()
    assert text.index("## Figures, cross-validated") < text.index("## Figures, as shipped")
    assert "the figures prove nothing" in text
    assert text.count("### Goals") == 1


def test_every_picture_of_the_page_is_there(tmp_path: Path) -> None:
    """Links are seen from the page, and no two runs share a picture."""
    shipped = run(cross_validated=False)
    _, page = write(tmp_path, shipped, shipped)
    links = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text())
    assert len(links) == len(set(links)) == 8
    assert all((page.parent / link).read_bytes().startswith(b"<?xml") for link in links)


def test_tables_are_markdown(text: str) -> None:
    """Every row of a table has as many cells as its head."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.split(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block


def test_what_is_no_evidence_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of another schema writes nothing."""
    code, page = write(tmp_path, {"schema": "something/1"})
    assert code == 1
    assert not page.exists()
    assert "nothing was written" in capsys.readouterr().err


def test_goals_are_held_against_the_value(whole: dict[str, Any]) -> None:
    """At least and at most, by the value itself; not known where there is none."""
    told = {one.words: one.row() for one in goals(whole, whole)}
    kappa = at(whole["by_source"][-1], "staging.wake_nrem_rem.kappa")
    assert whole["by_source"][-1]["source"] == "walch"
    row = told["wake/NREM/REM, κ"]
    assert row[2] == number(kappa)
    assert row[3] == ("reached" if kappa["value"] >= 0.6 else "not reached")
    empty = json.loads(json.dumps(whole))
    empty["by_source"] = []
    empty["staging"]["wake_nrem_rem"]["kappa"]["value"] = None
    assert {one.words: one.row()[3] for one in goals(empty, empty)}["wake/NREM/REM, κ"] == "not known"
