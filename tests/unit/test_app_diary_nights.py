"""Diaries are read from what is kept beside the nights, and made anew only where that is missing or unbelievable."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.nudged_nights import EASY, NUMB, nudged_night
from vigil.app import diary_nights as diary_module
from vigil.app import tonight
from vigil.app.diary_figures import diary_fits, diary_of, nudged_of, sleep_of
from vigil.app.diary_nights import day_number, diary_nights
from vigil.app.home import Home, Shelf
from vigil.app.keepers import LiveKeeper
from vigil.app.tonight import kept_nights
from vigil.app.wiring import OpenShelf, packaged_parameters, reading, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import EpochScored, Mode, NightBegan, NightClosed, NightEnded, OutputAcknowledged
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_NS
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport, ReportBuilder
from vigil.recordings.synthetic.people import Person
from vigil.recovery.diary import Nudged, SleepFigures
from vigil.store.answers import Answers
from vigil.store.nights import Nights

DAY_MS = 24 * 3600 * 1000
EVENING = 22 * 3600 * 1000
FIGURES = {
    "version": 1,
    "asleep_min": 400.0,
    "waso_min": 20.5,
    "awakenings": 3,
    "watched_min": 450.0,
    "blind_min": 10.0,
    "noticed": 2,
    "nudges": 3,
    "episodes": 2,
    "settled": 1,
    "unchanged": 0,
    "woke": 1,
}


def begin(shelf: OpenShelf, name: str, day: int, facts: dict[str, Any] | None = None, mode: Mode = Mode.ON) -> int:
    keeper = LiveKeeper(shelf.database, kind="live", source="a strap")
    keeper.begin(NightBegan(0, mode, name, wall_ms=day * DAY_MS + EVENING, zone_min=0))
    key = Nights(shelf.database).find(name).key
    Nights(shelf.database).add_summary(key, json.dumps(facts or {"diary": FIGURES}))
    return key


@pytest.fixture
def shelf() -> Iterator[OpenShelf]:
    with writing(Home.here(), Shelf.OWN) as opened:
        yield opened


def stages_report(stages: list[Stage]) -> NightReport:
    builder = ReportBuilder("n")
    for index, stage in enumerate(stages):
        builder.add(EpochScored((index + 1) * EPOCH_NS, index, stage, None, None, None, 30))
    builder.add(NightClosed(len(stages) * EPOCH_NS, 0, 30 * len(stages), 0, 0, ()))
    return builder.build()


def nudged_report(who: Person, seed: int = 1) -> NightReport:
    inputs, outputs = nudged_night(who=who, seed=seed, hours=1.5)
    builder = ReportBuilder("n")
    for record in inputs:
        if isinstance(record, OutputAcknowledged):
            builder.acknowledge(record)
    for output in outputs:
        builder.add(output)
    return builder.build()


# -- figures -------------------------------------------------------------------------------------------------------


def test_an_awakening_is_a_minute_of_wake_between_sleep() -> None:
    """Neither the wake before sleep nor that after it, nor half a minute of it."""
    wake, light, rem = Stage.WAKE, Stage.LIGHT, Stage.REM
    report = stages_report(
        [wake] * 4 + [light] * 2 + [wake] + [rem] + [wake] * 2 + [light] + [wake] * 5 + [light, wake, wake]
    )
    figures = diary_of(report)
    assert sleep_of(figures) == SleepFigures(2.5, 4.0, 2)
    assert diary_fits(figures)
    assert (figures["watched_min"], figures["blind_min"]) == (9.5, 0)


def test_a_night_without_sleep_has_no_sleep_figures() -> None:
    figures = diary_of(stages_report([Stage.WAKE, Stage.UNSCORED]))
    assert sleep_of(figures) is None
    assert diary_fits(figures)


def test_every_episode_that_was_nudged_came_to_something() -> None:
    """Settled, woke or went on: exactly one of them each."""
    for who in (NUMB, EASY):
        came = nudged_of(diary_of(nudged_report(who)))
        assert came.nudges >= came.episodes >= 1
        assert came.settled + came.unchanged + came.woke == came.episodes


def test_shadow_nudges_came_to_nothing() -> None:
    """Nobody felt them."""
    report = nudged_report(NUMB)
    builder = ReportBuilder("n", shadows={decision.permit.serial for decision in report.decisions if decision.permit})
    for decision in report.decisions:
        builder.add(decision)
    builder.add(NightClosed(1, 0, 0, 0, 0, ()))
    assert nudged_of(diary_of(builder.build())) == Nudged()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"nudges": -1},
        {"nudges": True},
        {"nudges": 1.5},
        {"watched_min": math.nan},
        {"blind_min": -1},
        {"blind_min": None},
        {"asleep_min": None},
        {"awakenings": None},
        {"awakenings": 1.5},
        {"waso_min": math.inf},
        {"more": 1},
    ],
)
def test_figures_that_came_from_elsewhere_are_looked_at(change: dict[str, Any]) -> None:
    """What a backup brings back need not be what Vigil wrote."""
    assert diary_fits(FIGURES)
    assert not diary_fits(FIGURES | change)
    assert not diary_fits([FIGURES])
    assert not diary_fits({name: value for name, value in FIGURES.items() if name != "woke"})


# -- from the store ------------------------------------------------------------------------------------------------


def test_a_night_has_its_evening_and_its_morning(shelf: OpenShelf) -> None:
    key = begin(shelf, "a", 20_000)
    begin(shelf, "b", 20_001, mode=Mode.WATCH_ONLY)
    Answers(shelf.database).put(key, Answer(MorningWord.BAD_DREAM, distress=6))
    first, second = diary_nights(shelf, {"a": (4, ["drink", "ill"])}).nights
    assert (first.day, first.word, first.dread, first.marks) == (
        20_000,
        MorningWord.BAD_DREAM,
        4,
        frozenset({"drink", "ill"}),
    )
    assert (first.sleep, first.watched_min, first.noticed) == (SleepFigures(400.0, 20.5, 3), 450.0, 2)
    assert (first.nudged, first.device, first.mode) == (Nudged(3, 2, 1, 0, 1), "a strap", Mode.ON)
    assert (second.answer, second.dread, second.marks, second.mode) == (None, None, frozenset(), Mode.WATCH_ONLY)


def test_an_answer_that_still_waits_is_the_newer_one(shelf: OpenShelf) -> None:
    """While a night runs the store cannot be written; what was said this morning counts all the same."""
    key = begin(shelf, "a", 20_000)
    Answers(shelf.database).put(key, Answer(MorningWord.QUIET))
    waiting = {"a": Answer(MorningWord.BAD_DREAM), "z": Answer(MorningWord.QUIET)}
    (night,) = diary_nights(shelf, waiting=waiting).nights
    assert night.word is MorningWord.BAD_DREAM


def test_only_the_days_that_are_asked_for_are_read(shelf: OpenShelf) -> None:
    for day in range(20_000, 20_005):
        begin(shelf, f"n{day}", day)
    found = diary_nights(shelf, days=range(20_001, 20_003)).nights
    assert [night.day for night in found] == [20_001, 20_002]
    assert day_number(date(2024, 10, 4)) == 20_000


def test_what_is_missing_is_made_once_and_remembered(shelf: OpenShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that only reads does not read a night anew at every look."""
    begin(shelf, "a", 20_000, {"diary": {"version": 0}})
    made_of: list[str] = []

    def noted(report: NightReport) -> dict[str, Any]:
        made_of.append(report.night)
        return FIGURES

    monkeypatch.setattr(diary_module, "diary_of", noted)
    made: diary_module.Made = {}
    first, again = (diary_nights(shelf, made=made) for _ in range(2))
    assert first == again
    assert made_of == ["a"]
    diary_nights(shelf)
    assert made_of == ["a", "a"]


def test_damage_is_said_and_the_others_are_there(shelf: OpenShelf) -> None:
    key = begin(shelf, "a", 20_000)
    other = begin(shelf, "b", 20_001)
    Answers(shelf.database).put(other, Answer(MorningWord.QUIET))
    with shelf.database.atomic():
        shelf.database.execute("UPDATE summary SET body = '{}' WHERE night = ?", (key,))
        shelf.database.execute("UPDATE answer SET word = 'x' WHERE night = ?", (other,))
    diary = diary_nights(shelf)
    assert [(night.name, night.answer) for night in diary.nights] == [("b", None)]
    assert len(diary.remarks) == 2
    assert "damaged" in diary.remarks[0]


def test_a_mode_of_a_newer_vigil_is_taken_for_watching_only(shelf: OpenShelf) -> None:
    """Nothing is claimed to have been possible that may not have been."""
    begin(shelf, "a", 20_000)
    (row,) = Nights(shelf.database).nights()
    assert diary_module._mode(row) is Mode.ON
    assert diary_module._mode(replace(row, mode="newer")) is Mode.WATCH_ONLY


def test_a_night_that_ends_keeps_its_diary_and_an_older_one_is_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first evening of this Vigil, once; then a year of weeks is read without reading a night."""
    inputs, _ = nudged_night(hours=0.6)
    watch, report = NightWatch(packaged_parameters()), ReportBuilder("old")
    with writing(Home.here(), Shelf.OWN) as shelf:
        keeper = LiveKeeper(shelf.database, kind="live", source="s", beside={"bar_nights": 9.0}, now_s=lambda: 0.0)
        keeper.begin(next(one for one in inputs if isinstance(one, NightBegan)))
        for record in inputs:
            keeper.add(record)
            for output in watch.push(record):
                keeper.add(output)
                report.add(output)
        assert isinstance(inputs[-1], NightEnded)
        keeper.finish(report.build(watch.digests.items()), {})
        nights = Nights(shelf.database)
        (row,) = nights.nights()
        whole = json.loads(nights.summary(row.key) or "")
        assert diary_fits(whole["diary"])
        nights.add_summary(row.key, json.dumps({name: value for name, value in whole.items() if name != "diary"}))
        kept_nights(shelf, packaged_parameters())
        assert "diary" not in json.loads(nights.summary(row.key) or "")
        kept_nights(shelf, packaged_parameters(), keep=True)
        assert json.loads(nights.summary(row.key) or "") == whole
        monkeypatch.setattr(tonight, "read", None)
        kept_nights(shelf, packaged_parameters(), keep=True)


def test_reading_alone_finds_the_same() -> None:
    with writing(Home.here(), Shelf.OWN) as shelf:
        begin(shelf, "a", 20_000)
        there = diary_nights(shelf)
    with reading(Home.here(), (Shelf.OWN,)) as (shelf,):
        assert diary_nights(shelf) == there
