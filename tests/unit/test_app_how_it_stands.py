"""How it stands tonight, from files alone; and what of it may ever leave."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_store_live_state import FULL, PLAIN
from vigil.app.arming import HOLD_NAME
from vigil.app.home import Home, Shelf
from vigil.app.how_it_stands import ForFollower, Found, NightStanding, Since, for_follower, how_it_stands, standing_of
from vigil.app.stayed_down import Down
from vigil.app.wiring import LOCK_NAME
from vigil.domain.records import Mark
from vigil.domain.samples import Quality
from vigil.domain.sleep import Stage
from vigil.store.calls import CALLS_NAME, ask_to_call, take_back
from vigil.store.hold import Hold, HoldState, write_hold
from vigil.store.live_state import FRESH_MS, LIVE_NAME, LiveState, write
from vigil.store.lock import StoreLock

HOUR_MS = 3_600_000
MINUTE_MS = 60_000

EVENING = 1_775_685_600_000
"""2026-04-08 22:00 UTC."""

NIGHT = replace(
    PLAIN, began_wall_ms=EVENING, now_wall_ms=EVENING + HOUR_MS, told_wall_ms=EVENING + HOUR_MS,
    link_since_wall_ms=EVENING, quality_since_wall_ms=EVENING,
)  # fmt: skip
NOW = EVENING + HOUR_MS


def stands(live: LiveState | None = NIGHT, *, later_ms: int = 0, zone: int = 0, **found: object) -> NightStanding:
    given = {"live": live, "lock_holder": "pid 7"} | found
    return standing_of(Found(**given), NOW + later_ms, zone)  # type: ignore[arg-type]  # by name


def test_a_night_that_is_watched() -> None:
    """Since lights-out; nothing is stopped, lost, wished or suspected."""
    assert stands() == NightStanding(NOW, NIGHT)
    assert stands().watching
    assert for_follower(stands()) == ForFollower(Since(True, EVENING), Since(False), Since(False), Since(False))


@pytest.mark.parametrize(
    "standing",
    [
        stands(None),
        stands(lock_holder=""),
        stands(later_ms=FRESH_MS + 1),
        stands(replace(NIGHT, ended=True)),
        stands(None, lock_holder="", down=Down(4, NOW)),
        stands(stop=HoldState(True, Hold(None, NOW)), lock_holder=""),
    ],
    ids=["never", "gone", "silent", "over", "stayed down", "stopped"],
)
def test_whatever_the_cause_not_watching_looks_the_same_from_afar(standing: NightStanding) -> None:
    """Off, planned off, away: one answer."""
    assert not standing.watching
    assert for_follower(standing) == ForFollower(Since(False), Since(False), Since(False), Since(False))


def test_where_nobody_watches_it_is_known_until_when_somebody_did() -> None:
    """And why, if Vigil stayed down; that is no word to be said while it watches again."""
    gone = stands(lock_holder="", down=Down(4, NOW))
    assert (gone.watched_until_wall_ms, gone.down) == (NOW, Down(4, NOW))
    assert stands(down=Down(4, NOW)).down is None
    assert stands().watched_until_wall_ms is None


@pytest.mark.parametrize(
    ("live", "stop", "stopped", "until", "why"),
    [
        (NIGHT, HoldState(False), False, None, ""),
        (NIGHT, HoldState(True, Hold(NOW + HOUR_MS, NOW)), True, NOW + HOUR_MS, ""),
        (NIGHT, HoldState(True, Hold(None, NOW)), True, None, ""),
        (NIGHT, HoldState(True, Hold(NOW - 1, EVENING)), False, None, ""),
        (NIGHT, HoldState(True, None, "damaged"), True, None, "damaged"),
        (replace(NIGHT, held=True), HoldState(False), True, None, ""),
        (replace(NIGHT, held=True, ended=True), HoldState(False), False, None, ""),
        (None, HoldState(True, Hold(None, NOW)), True, None, ""),
    ],
)
def test_a_stop_stands_by_its_file_or_by_the_night_itself(
    live: LiveState | None, stop: HoldState, stopped: bool, until: int | None, why: str
) -> None:
    """One that could not be written down holds in the night process alone."""
    standing = stands(live, stop=stop)
    assert (standing.stopped, standing.stopped_until_wall_ms, standing.stop_why) == (stopped, until, why)


@pytest.mark.parametrize(
    ("live", "awake"),
    [
        (NIGHT, False),
        (replace(NIGHT, stage=Stage.WAKE), True),
        (replace(NIGHT, mark=Mark.AWAKE, mark_wall_ms=NOW - 14 * MINUTE_MS), True),
        (replace(NIGHT, mark=Mark.BAD_DREAM, mark_wall_ms=NOW), True),
        (replace(NIGHT, mark=Mark.AWAKE, mark_wall_ms=NOW - 15 * MINUTE_MS), False),
        (replace(NIGHT, mark=Mark.STOP, mark_wall_ms=NOW), False),
        (replace(NIGHT, stage=Stage.WAKE, ended=True), False),
    ],
)
def test_who_is_awake(live: LiveState, awake: bool) -> None:
    """By a mark of the last quarter of an hour, or by the last epoch."""
    assert stands(live).awake is awake


def test_a_signal_is_lost_after_ten_minutes() -> None:
    """Not for a moment, not while it is good, and not when nobody watches."""
    lost = replace(NIGHT, quality=Quality.LINK_LOST, quality_since_wall_ms=NOW - 10 * MINUTE_MS)
    assert stands(lost).signal_lost_wall_ms == NOW - 10 * MINUTE_MS
    assert for_follower(stands(lost)).signal_lost == Since(True, NOW - 10 * MINUTE_MS)
    assert stands(replace(lost, quality_since_wall_ms=NOW - 10 * MINUTE_MS + 1)).signal_lost_wall_ms is None
    assert stands(replace(lost, quality=Quality.GOOD)).signal_lost_wall_ms is None
    assert stands(lost, lock_holder="").signal_lost_wall_ms is None


@pytest.mark.parametrize(
    ("later_ms", "zone", "stays"),
    [
        (0, 0, True),
        (13 * HOUR_MS - 1, 0, True),
        (13 * HOUR_MS, 0, False),
        (11 * HOUR_MS, 120, False),
        (-HOUR_MS, 0, True),
    ],
)
def test_a_wish_to_be_called_and_an_episode_are_over_at_noon(later_ms: int, zone: int, stays: bool) -> None:
    """Local noon, and whether or not the night is over."""
    standing = stands(replace(NIGHT, episode_wall_ms=NOW), later_ms=later_ms, zone=zone, call_wall_ms=NOW)
    expected = NOW if stays else None
    assert (standing.call_wall_ms, standing.episode_wall_ms) == (expected, expected)


def test_what_comes_after_noon_lasts_until_the_next() -> None:
    """A nap: its noon is tomorrow's."""
    nap = EVENING + 14 * HOUR_MS
    assert stands(None, later_ms=nap - NOW, call_wall_ms=nap).call_wall_ms == nap
    assert stands(None, later_ms=nap - NOW + 24 * HOUR_MS, call_wall_ms=nap).call_wall_ms is None


def test_a_night_with_an_hour_of_its_own_counts_by_that() -> None:
    """A simulated one of long ago, told a second ago: what began an hour before is not a month old."""
    own = replace(NIGHT, told_wall_ms=NOW + 999 * HOUR_MS, episode_wall_ms=NOW - HOUR_MS)
    standing = stands(own, later_ms=999 * HOUR_MS + 1000)
    assert (standing.now_wall_ms, standing.episode_wall_ms) == (NOW + 1000, NOW - HOUR_MS)


def test_nothing_but_four_answers_has_a_way_out() -> None:
    """A field that is added is a decision, and changes this test."""
    assert [field.name for field in fields(ForFollower)] == ["watching", "asked_to_call", "signal_lost", "episode"]
    assert [field.name for field in fields(Since)] == ["so", "wall_ms"]


@given(st.integers(0, 4_102_444_800_000), st.integers(-14 * 60, 14 * 60), st.integers(0, 4_102_444_800_000))
def test_whatever_the_clocks_say_there_is_an_answer(now_ms: int, zone: int, then_ms: int) -> None:
    """And what is told to the one who follows has a time exactly where it is so."""
    live = replace(FULL, ended=False, told_wall_ms=then_ms, episode_wall_ms=then_ms)
    told = for_follower(standing_of(Found(live, "pid 7", call_wall_ms=then_ms), now_ms, zone))
    for since in (told.watching, told.asked_to_call, told.signal_lost, told.episode):
        assert since.so is (since.wall_ms is not None)


# -- the files ---------------------------------------------------------------------------------------------------


def test_it_is_read_from_files_without_a_database(tmp_path: Path) -> None:
    """Lock, state, stop and wish of one store; nothing is made, nothing is opened."""
    home, now_ms = Home(tmp_path, tmp_path), time.time_ns() // 1_000_000
    assert how_it_stands(home, Shelf.DEMO, now_ms) == NightStanding(now_ms)
    assert list(tmp_path.iterdir()) == []
    folder = home.shelf(Shelf.DEMO)
    state = replace(NIGHT, told_wall_ms=now_ms, now_wall_ms=now_ms)
    with StoreLock.acquire(folder / LOCK_NAME, "22:00"):
        write(folder / LIVE_NAME, state)
        write_hold(folder / HOLD_NAME, Hold(None, now_ms))
        ask_to_call(folder / CALLS_NAME, now_ms)
        standing = how_it_stands(home, Shelf.DEMO, now_ms)
        assert (standing.live, standing.stopped, standing.call_wall_ms) == (state, True, now_ms)
        take_back(folder / CALLS_NAME)
        take_back(folder / CALLS_NAME)
        assert how_it_stands(home, Shelf.DEMO, now_ms).call_wall_ms is None
    assert not how_it_stands(home, Shelf.DEMO, now_ms).watching
    assert not how_it_stands(home, Shelf.OWN, now_ms).stopped
