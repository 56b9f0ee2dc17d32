"""docs/devices.md is what the catalogue says, and its limits are the signal's own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from vigil.app.devices_page import NOT_LIVE, cadence_words, duration_words, limits_words, main
from vigil.devices.families import BUILT_IN
from vigil.devices.family import Family, Tried
from vigil.domain.samples import BeatInterval, HeartSample, Quality
from vigil.domain.units import NS_PER_S
from vigil.signal.heart import HeartTracker

PAGE = Path(__file__).resolve().parents[2] / "docs" / "devices.md"


def test_the_page_is_what_its_command_writes(tmp_path: Path) -> None:
    """Nothing is typed by hand; when it drifts, make it anew (the page says how)."""
    assert main(["--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text() == PAGE.read_text()


@pytest.mark.parametrize("row", BUILT_IN, ids=lambda row: row.key)
def test_every_row_is_told_in_full(row: Family) -> None:
    """How it is recognised, what to mind, and where each number comes from."""
    _, found, rest = PAGE.read_text().partition(f"\n## {row.name[:1].upper()}{row.name[1:]}\n")
    assert found
    section = rest.split("\n## ")[0]
    for words in (row.caution, row.tried.value, row.buzz.value, *row.names, *row.services):
        assert words in section
    for what, where in row.sources:
        assert f"- {what}: " in section
        assert where in section


def test_nothing_is_said_to_have_been_tried_on_hardware() -> None:
    """Until somebody has."""
    assert all(row.tried is not Tried.HARDWARE for row in BUILT_IN)
    assert "Nothing here was tried on hardware so far." in PAGE.read_text()


def test_links_within_the_page_lead_to_its_headings() -> None:
    """From the table to each section."""
    text = PAGE.read_text()
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-") for line in re.findall(r"^## .*", text, re.M)
    }
    anchors = set(re.findall(r"\(#([^)]+)\)", text))
    assert len(anchors) == len(BUILT_IN)
    assert anchors <= headings


def seconds_of(words: str) -> int:
    """A length as the page says it, in seconds."""
    number, unit = words.split()
    return int(number) * {"s": 1, "min": 60}[unit]


@pytest.mark.parametrize("row", [row for row in BUILT_IN if row.heart_cadence_ms is not None], ids=lambda row: row.key)
def test_the_limits_of_a_cadence_are_those_that_hold(row: Family) -> None:
    """A second before each the signal is good, a second after it is not."""
    found = re.fullmatch(r"fresh for (\d+ \w+), frozen after (\d+ \w+)", limits_words(row))
    assert found is not None
    fresh, frozen = seconds_of(found[1]), seconds_of(found[2])
    tracker = HeartTracker()
    tracker.begin(row.heart_cadence_ms)
    for second in range(frozen + 1):
        assert tracker.take_heart(HeartSample(second * NS_PER_S, 550)) is None
    last = frozen * NS_PER_S
    assert tracker.look(last).quality is Quality.GOOD
    assert tracker.look(last + fresh * NS_PER_S).quality is Quality.GOOD
    assert tracker.look(last + (fresh + 1) * NS_PER_S).quality is Quality.STALE
    tracker.take_heart(HeartSample(last + NS_PER_S, 550))
    assert tracker.look(last + NS_PER_S).quality is Quality.FLAT


def test_the_limits_of_beats_are_those_that_hold() -> None:
    """The same beat over and over is good until then, and flat after it."""
    words = next(limits_words(row) for row in BUILT_IN if row.key == "polar-h10")
    found = re.match(r"fresh for (\d+ \w+), frozen after (\d+ \w+);", words)
    assert found is not None
    frozen = seconds_of(found[2])
    tracker = HeartTracker()
    for second in range(frozen + 1):
        assert tracker.take_beat(BeatInterval(second * NS_PER_S, 1000)) is None
    assert tracker.look(frozen * NS_PER_S).quality is Quality.GOOD
    assert tracker.look((frozen + seconds_of(found[1])) * NS_PER_S).quality is Quality.GOOD
    tracker.take_beat(BeatInterval((frozen + 1) * NS_PER_S, 1000))
    assert tracker.look((frozen + 1) * NS_PER_S).quality is Quality.FLAT


def test_what_is_not_fixed_is_said_to_be_learned() -> None:
    """For beats, and for a source that sends when it likes."""
    rows = {row.key: row for row in BUILT_IN}
    free = replace(rows["pinetime"], heart_cadence_ms=None)
    assert limits_words(free) == "those of the cadence that was learned"
    assert cadence_words(free) == "not fixed; learned from the first values"
    assert limits_words(rows["polar-h10"]).startswith("fresh for 10 s, frozen after 72 s; without beats")
    assert cadence_words(replace(rows["pinetime"], heart_cadence_ms=2500)) == "a heart rate every 2.5 s"
    assert [duration_words(n * NS_PER_S) for n in (60, 90, 120, 1200)] == ["60 s", "90 s", "2 min", "20 min"]


def test_what_does_not_work_is_said() -> None:
    """Nobody buys a watch for it in vain."""
    assert {name.split(",")[0] for name, _ in NOT_LIVE} == {"Apple Watch", "Fitbit", "Garmin watches", "WHOOP"}
    assert all(f"| {name} | {why} |" in PAGE.read_text() for name, why in NOT_LIVE)
