"""Times, hypnograms and live views in words."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from vigil.app.clock_words import NightClock
from vigil.app.hypnogram_text import columns, ribbon, staircase
from vigil.app.live_view import LiveView, NoView, PlainView, curve, screen, viewer
from vigil.app.night_so_far import NightSoFar
from vigil.app.said import command_name, tell_truth
from vigil.app.said import told as told_report
from vigil.app.truth import Comparison, Happened
from vigil.domain.errors import NotFoundError
from vigil.domain.nudges import Action, Decision, EpisodeKind, Reason, ReasonCode, Suspicion, WatchState
from vigil.domain.records import (
    EpochScored,
    Input,
    LinkLost,
    NightBegan,
    NightOutput,
    SuspicionCleared,
    SuspicionRaised,
    Tick,
)
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import Hypnogram, Stage, StageProbabilities
from vigil.domain.units import EPOCH_S, NS_PER_S
from vigil.night.report import NightReport, NudgeRow

LATE = NightBegan(0, wall_ms=1_767_308_400_000, zone_min=60)
"""2026-01-01 23:00 UTC, so local midnight an hour to the east."""


def at(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def epoch(index: int, stage: Stage, heart: float | None = 60.0) -> EpochScored:
    return EpochScored(
        at((index + 1) * EPOCH_S), index, stage, StageProbabilities(0.1, 0.2, 0.3, 0.4), heart, 0.02, EPOCH_S
    )


def shown(night: NightSoFar, length_s: float | None = 3600) -> str:
    console = Console(file=StringIO(), width=110)
    console.print(screen(night, "somebody", length_s))
    out = console.file
    assert isinstance(out, StringIO)
    return out.getvalue()


def told(records: Iterable[Input | NightOutput]) -> NightSoFar:
    night = NightSoFar()
    for record in records:
        night.note(record)
    return night


def test_a_night_with_a_clock_speaks_local_time() -> None:
    """Local time where the night has a clock, else counted from lights-out."""
    clock = NightClock.of(LATE)
    assert clock.lights_out is not None
    assert (clock.lights_out.hour, clock.words(3 * 3600 + 12 * 60), clock.exact(5)) == (0, "03:12", "00:00:05")
    assert (NightClock().words(3 * 3600 + 12 * 60), NightClock().exact(65), NightClock().words(-60)) == (
        "+3:12",
        "+0:01:05",
        "-0:01",
    )


def test_a_clock_that_cannot_be_is_no_clock() -> None:
    """A recording from the year 300000 is told relative to lights-out."""
    assert NightClock.of(NightBegan(0, wall_ms=10**16)).lights_out is None


@given(st.integers(0, 86_399))
def test_a_time_that_was_said_is_understood(second: int) -> None:
    """What `exact` says, `seconds` takes back, in both ways of counting."""
    for clock in (NightClock(), NightClock(datetime(2026, 3, 3, 23, 17, 5))):  # noqa: DTZ001 - local by nature
        assert clock.seconds(clock.exact(second)) == second


@pytest.mark.parametrize("text", ["", "3", "25:00", "03:72", "+3", "half past three", "03:12:99", "-1:00"])
def test_what_is_no_time_is_refused_in_words(text: str) -> None:
    """A time that cannot be read says how to write one."""
    with pytest.raises(NotFoundError, match="write 03:12"):
        NightClock.of(LATE).seconds(text)


def test_local_time_of_a_night_without_a_clock_is_refused() -> None:
    """03:12 means nothing where lights-out has no hour."""
    with pytest.raises(NotFoundError, match="no clock"):
        NightClock().seconds("03:12")


@given(st.lists(st.sampled_from(list(Stage)), max_size=300), st.integers(1, 90))
def test_a_squeezed_hypnogram_keeps_its_order_and_width(stages: list[Stage], width: int) -> None:
    """At most the width asked for, and nothing shown that was not there."""
    squeezed = columns(stages, width) if stages else []
    assert len(squeezed) == min(width, len(stages))
    assert set(squeezed) <= set(stages)
    assert len(ribbon(stages, width)) == len(squeezed)


def test_a_staircase_has_a_row_a_stage_and_hours_below() -> None:
    """Every column stands in exactly one row; hours stand under where they belong."""
    stages = [Stage.WAKE] * 60 + [Stage.LIGHT] * 60 + [Stage.DEEP] * 60 + [Stage.REM] * 60
    rows = [line.plain for line in staircase(stages, NightClock(), 40)]
    assert [row.split()[0] for row in rows[:4]] == ["awake", "REM", "light", "deep"]
    assert sum(row.count("█") for row in rows[:4]) == 40
    assert rows[4].index("+1:00") - rows[4].index("+0:00") == 20
    assert staircase([], NightClock()) == []


def test_the_screen_shows_what_has_happened() -> None:
    """Time of night, heart, movement, stage, state, and the last decision with its reason in words."""
    decision = Decision(at(61), WatchState.WATCHING, Action.NOTHING, (Reason(ReasonCode.QUIET),))
    night = told(
        [
            LATE,
            HeartSample(at(5), 640),
            MotionSummary(at(5), 1000, 250),
            epoch(0, Stage.REM),
            epoch(1, Stage.REM, None),
            decision,
        ]
    )
    text = shown(night)
    for words in ("00:01", "somebody", "no heart rate", "0.25 g", "REM 40%", "watching", "Nothing out of the ordinary"):
        assert words in text
    assert "64 bpm" in shown(told([LATE, HeartSample(at(5), 640)]), None)


def test_an_episode_is_named_while_it_is_followed() -> None:
    """A suspicion shows when it is raised and goes when it is cleared; odd inputs change nothing."""
    raised = SuspicionRaised(at(9), Suspicion(1, EpisodeKind.NIGHTMARE_LIKE, at(3), at(9), 1.1, ()))
    night = told([LATE, LinkLost(at(1)), BeatInterval(at(2), 1000), BeatInterval(at(3), 0), raised])
    assert (night.suspicion_words(), night.heart_bpm) == ("signs of a nightmare", 60.0)
    night.note(SuspicionCleared(at(20), 1, EpisodeKind.NIGHTMARE_LIKE, at(3), 1.1, ()))
    assert night.suspicion_words() == ""


def test_a_plain_view_says_little_and_enough() -> None:
    """Without a moving terminal a night takes a handful of lines, not a line a second."""
    console = Console(file=StringIO(), width=110)
    with viewer(console, "somebody", 3600, quiet=False) as view:
        assert isinstance(view, PlainView)
        view(LATE)
        for index in range(120):
            view(Tick(at(index * EPOCH_S)))
            view(epoch(index, Stage.LIGHT))
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "somebody: lights out."
    assert len(lines) == 6
    assert "100% of the night" in lines[-1]


def test_a_moving_view_draws_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen is drawn in place and is gone at the end, so that the report stands alone."""
    monkeypatch.setenv("TERM", "xterm-256color")
    console = Console(file=StringIO(), width=110, force_terminal=True)
    with LiveView(console, "somebody", 3600) as view:
        view(LATE)
        view(HeartSample(at(5), 640))
    assert isinstance(console.file, StringIO)
    assert "since lights-out" in console.file.getvalue()


def test_the_report_speaks_the_nights_own_time() -> None:
    """Nudges are told in local time where there is a clock, and each paragraph stays as the report has it."""
    nudge = NudgeRow(7500, 1, 1, "vibration", False, True, (Reason(ReasonCode.SETTLED),))
    report = NightReport("n", Hypnogram(()).summary(), (), (), (nudge,), (), (), 0, 0, (), 0)
    assert [line for line in told_report(report, NightClock()) if line.startswith("+2:05  vibration")]
    assert [line for line in told_report(report, NightClock.of(LATE)) if line.startswith("02:05  vibration")]


def test_the_truth_is_told_kindly() -> None:
    """Met, missed, left alone, nudged wrongly, and stray nudges, each in its own words."""
    happened = (
        Happened("strong nightmare", True, 100, 200, 120, "nudge"),
        Happened("silent nightmare", True, 300, 400, None, "itself"),
        Happened("bathroom", False, 500, 600, 510),
        Happened("legs", False, 700, 800, None),
    )
    console = Console(file=StringIO(), width=110)
    tell_truth(console, Comparison(happened, 2), NightClock())
    tell_truth(console, Comparison((), 1), NightClock())
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    for words in (
        "strong nightmare: met at +0:02; ended by the nudge",
        "silent nightmare: missed; ended by itself",
        "bathroom: nudged, wrongly, at +0:08",
        "legs: left alone",
        "2 nudges met neither",
        "1 nudge met neither",
        "no nightmare, and nothing that looks like one",
    ):
        assert words in text


def test_what_is_suggested_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Suggestions name the program as the person called it: by name if it is on the path, else by where it is."""
    program = tmp_path / "bin" / "vigil"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    said = []
    for path, called in (("", "bin/vigil"), ("", program), (program.parent, program), ("", "pytest")):
        monkeypatch.setenv("PATH", str(path))
        monkeypatch.setattr(sys, "argv", [str(called)])
        said.append(command_name())
    assert said == ["bin/vigil", "bin/vigil", "vigil", "vigil"]


def test_quiet_is_quiet() -> None:
    """With --quiet nothing is drawn."""
    console = Console(file=StringIO())
    with viewer(console, "somebody", 1, quiet=True) as view:
        assert isinstance(view, NoView)
        view(LATE)
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue() == ""


def test_a_curve_runs_from_lowest_to_highest() -> None:
    """Blanks stay blank, a flat line is flat, nothing is nothing."""
    assert curve([1, None, 2]) == "▁ █"
    assert curve([5, 5]) == "▁▁"
    assert curve([None]) == ""
