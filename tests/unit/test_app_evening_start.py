"""When a service begins a night by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from vigil.app.evening_start import Evening, begins_now, evening, minutes
from vigil.domain.errors import SettingsError
from vigil.interview.consequences import consequences
from vigil.store.nights import NightRow

NIGHT_S = 8 * 3600
AT = minutes("22:00")


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A zone with summer time; the test's own, whatever the computer's is."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def wall(local: str, *, fold: int = 0) -> int:
    """A local time as UTC milliseconds; fold: the second of two that the clocks show."""
    return round(datetime.fromisoformat(local).replace(fold=fold).astimezone().timestamp() * 1000)


def row(began: str, duration_s: int | None, *, intact: bool = True, clock: bool = True) -> NightRow:
    wall_ms = wall(began) if clock else None
    return NightRow(1, "a", 0, wall_ms, 0, "live", "watch_only", "", "", "", "x", "x", 5, duration_s, intact)


def begins(local: str, *rows: NightRow, at_min: int = AT, lost: bool = False) -> bool:
    return begins_now(at_min, wall(local), rows, NIGHT_S, lost=lost)


@pytest.mark.parametrize(
    ("local", "begun"),
    [
        ("2026-05-04T12:00", False),
        ("2026-05-04T21:54:59", False),
        ("2026-05-04T21:55", True),
        ("2026-05-04T22:00", True),
        ("2026-05-04T22:00:01", True),
        ("2026-05-05T00:00", True),
        ("2026-05-05T04:00", True),
        ("2026-05-05T04:00:01", False),
        ("2026-05-05T09:00", False),
    ],
)
def test_of_an_evening_only(local: str, begun: bool) -> None:
    """At its time, up to six hours late, and five minutes early for a clock that was just put right; not at noon."""
    assert begins(local) is begun


def test_an_evening_after_midnight() -> None:
    """A bed time in the small hours, or by day, is a time like any other."""
    assert begins("2026-05-05T00:30", at_min=30)
    assert begins("2026-05-04T23:56", at_min=0)
    assert not begins("2026-05-04T22:00", at_min=30)
    assert begins("2026-05-04T09:00", at_min=minutes("07:45"))


@pytest.mark.parametrize(
    ("local", "fold", "begun"),
    [
        ("2026-03-29T04:59", 0, True),
        ("2026-03-29T05:01", 0, False),
        ("2026-10-25T02:59", 1, True),
        ("2026-10-25T03:01", 0, False),
    ],
)
def test_six_hours_are_six_hours(local: str, fold: int, begun: bool) -> None:
    """Also in a night in which the clocks are changed."""
    assert begins_now(AT, wall(local, fold=fold), (), NIGHT_S, lost=False) is begun


def test_a_night_cut_short_in_good_order_is_followed_by_another() -> None:
    """A reboot at half past four ends the night as it should; what would have been left of it is watched, no more."""
    short = row("2026-05-04T22:00", 6 * 3600 + 1800)
    assert begins("2026-05-05T04:40", short)
    assert begins("2026-05-05T06:00", short)
    assert not begins("2026-05-05T06:01", short)


def test_a_night_that_may_be_lost_with_its_store_too() -> None:
    """Whoever finds the store damaged at half past four cannot know; at noon it is nobody's night."""
    assert begins("2026-05-05T04:40", lost=True)
    assert not begins("2026-05-05T12:00", lost=True)


def test_an_evening_has_one_whole_night() -> None:
    """After a whole one no other is begun, however short nights are."""
    assert not begins_now(AT, wall("2026-05-05T00:00"), (row("2026-05-04T22:00", 3600),), 3600, lost=False)


@pytest.mark.parametrize(
    "other",
    [
        row("2026-05-04T21:00", NIGHT_S),
        row("2026-05-04T22:00", NIGHT_S),
        row("2026-05-03T22:00", NIGHT_S),
        row("2026-05-04T22:00", 1200, intact=False),
        row("2026-05-04T22:00", None, clock=False),
    ],
    ids=["a trial before", "one faster than life", "the night before", "a damaged row", "one without a clock"],
)
def test_what_is_no_night_of_this_evening(other: NightRow) -> None:
    """It neither keeps this evening's from beginning nor makes the time longer in which it may."""
    assert begins("2026-05-04T22:30", other)
    assert not begins("2026-05-05T04:30", other)


@pytest.mark.parametrize("wall_ms", [-1, 0, 10**18, wall("2024-05-04T22:30")])
def test_a_clock_that_cannot_be_right_begins_nothing(wall_ms: int) -> None:
    """No battery, no network yet: the timer comes again when the clock is put right."""
    assert not begins_now(AT, wall_ms, (), NIGHT_S, lost=True)


def test_the_time_is_said_with_its_reason() -> None:
    """What was typed comes before the bed time, and that before what is usual."""
    known, unknown = consequences({"bed_time": "00:10"}), consequences({})
    assert evening("20:05", known).at_min == 20 * 60 + 5
    assert evening(None, known).at_min == 23 * 60 + 55
    assert evening(None, unknown).at_min == 22 * 60
    assert "at 23:55, 15 minutes before your bed time, 00:10" in evening(None, known).sentences
    assert "until 04:30" in Evening(22 * 60 + 30, "as you said").sentences
    with pytest.raises(SettingsError, match="write it as 21:45"):
        evening("late", known)
