"""Evidence for eyes: the words say what the figures say, the page is whole, quiet and safe."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.evidence_nights import EMPTY, many_nights, night_of
from vigil.app.evidence import nights as nightly
from vigil.app.evidence import pictures, tables, tables_alarms, tables_found
from vigil.app.evidence.caveats import CAVEATS
from vigil.app.evidence.hypnograms import hypnograms
from vigil.app.evidence.page import table
from vigil.app.evidence.report import PAGE, report, write_report
from vigil.app.evidence.shown import UNKNOWN, Json, number, one_decimal, percent, seconds
from vigil.app.evidence.tables import Table
from vigil.app.evidence.words import evidence_in_words
from vigil.evidence.as_json import evidence_json
from vigil.evidence.records import NightEvidence
from vigil.evidence.summary import Evidence, summarise

ABOUT = {"date": "2026-11-22", "seed": 1, "paths": ["one", "two"], "command": "vigil evaluate <b> & more"}


def some() -> list[NightEvidence]:
    return many_nights(6, placements=80, length=240)


@pytest.fixture(scope="module")
def nights() -> list[NightEvidence]:
    left_out = replace(EMPTY, name='<script>"&', person="z", left_out="shorter than <an> hour", factors=(), runs=())
    return [*some(), left_out]


@pytest.fixture(scope="module")
def evidence(nights: list[NightEvidence]) -> Evidence:
    return summarise(nights, seed=1, cross_validated=False)


@pytest.fixture(scope="module")
def whole(evidence: Evidence, nights: list[NightEvidence]) -> Json:
    return evidence_json(evidence, nights, about=ABOUT)


def figure(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "n": 1}


class Tags(HTMLParser):
    """Counts what is open, and everything that would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_figure_is_said_with_its_interval() -> None:
    """The value, then from where to where; a dash where nothing can be said; no minus before a nought."""
    assert number(figure(0.481, 0.409, 0.55)) == "0.48 [0.41 to 0.55]"
    assert percent(figure(0.82)) == "82 %"
    assert seconds(figure(41.6, 30, 60)) == "42 s [30 to 60]"
    assert one_decimal(figure(-0.04, -1.26, 1)) == "0.0 [-1.3 to 1.0]"
    assert number(figure(None)) == UNKNOWN


def test_the_words_say_what_the_figures_say(evidence: Evidence, whole: Json) -> None:
    """A few lines, each with the very figure of the JSON."""
    lines = evidence_in_words(evidence)
    text = "\n".join(lines)
    assert len(lines) <= 14
    assert number(whole["staging"]["wake_nrem_rem"]["kappa"]) in text
    assert number(whole["false_alarms"]["as_shipped"]["nudges_per_8h_sleep"]) in text
    assert percent(whole["meaning"]["as_shipped"]["noticed"]) in text
    assert "1 of the nights could not be used" in text


def test_seen_nights_are_called_that() -> None:
    """With nothing but nights seen in fitting, their figures come after a sentence that says so."""
    seen = [replace(night, seen=True) for night in some()]
    evidence = summarise(seen, seed=1, cross_validated=False)
    lines = evidence_in_words(evidence)
    at = next(index for index, line in enumerate(lines) if "which prove nothing" in line)
    assert not any("κ" in line for line in lines[:at])
    assert any("κ" in line for line in lines[at:])
    assert "They prove nothing." in report(evidence, seen, {})


def test_cross_validated_nights_say_so() -> None:
    """Nights refitted without their person are headline nights."""
    nights = [replace(night, seen=True) for night in some()]
    assert any(
        "fit without its person" in line for line in evidence_in_words(summarise(nights, seed=1, cross_validated=True))
    )


def test_nothing_found_is_nothing_said() -> None:
    """Without placements there is no line about them, without stages none about staging."""
    lines = evidence_in_words(summarise([night_of("a", "W2R2")], seed=1, cross_validated=False))
    assert not any("Found within" in line for line in lines)
    holter = replace(EMPTY, scored=False)
    lines = evidence_in_words(summarise([holter], seed=1, cross_validated=False))
    assert any("per 8 h recorded" in line for line in lines)
    assert not any("Staging" in line for line in lines)
    assert evidence_in_words(summarise([], seed=1, cross_validated=False)) == ["No night could be measured."]


def test_every_table_is_square(whole: Json) -> None:
    """As many cells as there are heads, and nothing left blank by accident."""
    of_part = (
        tables.staging, tables.classes, tables.calibration, tables.sleep_minutes, tables_alarms.false_nudges,
        tables_alarms.by_stage_and_kind, tables_alarms.recorded, tables_alarms.meaning, tables_found.found,
        tables_found.parts, tables_found.look_alikes,
    )  # fmt: skip
    shown = [one(whole) for one in of_part] + [tables.confusion(whole, key) for key in tables.SCHEMES]
    shown += [tables_alarms.by_source(whole), tables_alarms.elsewhere(whole), nightly.remarks(whole)]
    shown.append(nightly.worst(nightly.counted(whole, seen=False)))
    for one in shown:
        assert one.rows, one.title
        assert {len(row) for row in one.rows} == {len(one.head)}, one.title


def limits(**changes: Any) -> dict[str, Any]:
    names = ("bias", "lower", "upper", "intercept", "slope", "residual_sd", "spread_intercept", "spread_slope")
    plain = {name: figure(value) for name, value in zip(names, (5, -15, 25, 60, -0.25, 10, 3, 0.5), strict=True)}
    return {**plain, "proportional": False, "heteroscedastic": False, **changes}


def test_limits_of_agreement_in_words() -> None:
    """Two numbers where they are constant, a line where they depend on what was scored."""
    assert tables.limits_words(limits()) == "-15 min, 25 min"
    assert tables.limits_words(limits(proportional=True)) == "60 - 0.25 x scored ± 20 min"
    assert tables.limits_words(limits(heteroscedastic=True)) == "bias ± 2.46 (3.0 + 0.50 x scored)"
    assert tables.limits_words(limits(bias=figure(None))) == UNKNOWN


def test_the_limits_drawn_are_those_told(whole: Json) -> None:
    """Each kind of limits can be drawn, and none where there are no nights."""
    counted = nightly.counted(whole, seen=False)
    for changes in ({}, {"proportional": True}, {"heteroscedastic": True}, {"bias": figure(None)}):
        measures = {key: limits(**changes) for key in tables.MEASURE_WORDS}
        drawn = pictures.agreement({"staging": {"minutes": measures}}, counted)
        assert ET.fromstring(drawn.split(b"?>", 1)[1].split(b">", 1)[1]).tag.endswith("svg")


def test_the_page_is_whole_and_fetches_nothing(tmp_path: Path, evidence: Evidence, nights: list[NightEvidence]) -> None:
    """One private file: every tag closed, no script, nothing from anywhere else, and what is not shown is said."""
    path = write_report(tmp_path / "report", evidence, nights, ABOUT)
    assert path.name == PAGE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert "script" not in tags.seen
    assert all(source.startswith(("data:image/svg+xml;base64,", "#")) for source in tags.sources)
    anchors = {source[1:] for source in tags.sources if source.startswith("#")}
    assert anchors == set(re.findall(r'<h2 id="([^"]+)"', text))
    assert CAVEATS[0].split(".", 1)[0] in text
    assert 'alt="' in text


def test_what_comes_out_of_files_is_escaped(evidence: Evidence, nights: list[NightEvidence]) -> None:
    """The name of a night is words, never markup; and the same evidence gives the same page."""
    text = report(evidence, nights, ABOUT)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "shorter than &lt;an&gt; hour" in text
    assert "&lt;b&gt; &amp; more" in text
    assert report(evidence, nights, ABOUT) == text


def test_seen_nights_beside_others_are_shown_apart() -> None:
    """The headline is of the others."""
    nights = [replace(night, seen=index < 3) for index, night in enumerate(some())]
    text = report(summarise(nights, seed=1, cross_validated=False), nights, {})
    assert "Nights seen in fitting, apart" in text
    assert "All figures below are of nights seen in fitting" not in text


@pytest.mark.parametrize("nights", [[], [replace(EMPTY, scored=False), night_of("a", "22")]])
def test_a_page_without_much_to_tell(nights: list[NightEvidence]) -> None:
    """Missing figures are dashes, and every picture can be empty."""
    text = report(summarise(nights, seed=1, cross_validated=False), nights, {})
    assert "What this does not show" in text


def test_an_empty_table_is_a_sentence() -> None:
    """No head without rows."""
    assert "<table>" not in table(Table("Nothing", ("a", "b"), ()))


def test_hypnograms_have_room_for_holes() -> None:
    """Epochs without data or score leave a gap, and a night without any is drawn empty."""
    svg = hypnograms(night_of("a", "W22??RR3", "WW2 2R 3"))
    assert b"scored" in svg
    assert hypnograms(night_of("a")).startswith(b"<?xml")


def test_worst_nights_come_first(whole: Json) -> None:
    """By nudges, then by blindness; quiet and seeing nights are not listed."""
    rows = nightly.worst(nightly.counted(whole, seen=False)).rows
    told = [float(row[3]) for row in rows if row[0] == "most nudges"]
    assert told == sorted(told, reverse=True)
    assert all(told)
