"""What a night must know beside its signals: a stop, the disk, the battery, the local time."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import StoreError
from vigil.domain.records import Held, Mark, Marked, Released
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MINUTE, NS_PER_MS
from vigil.run import noticing
from vigil.run.noticing import (
    ENOUGH_MB,
    LEAST_HOLD_H,
    HouseWatch,
    StopFile,
    Wishes,
    end_in_order,
    for_the_night_ms,
    next_evening_ms,
    together,
)
from vigil.run.power import Power
from vigil.store.asked import Wish, ask, taken
from vigil.store.ballast import LEAST_MB
from vigil.store.hold import Hold, clear_hold, read_hold, write_hold

HOUR_MS = 3_600_000


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


# -- the stop ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "zone_min", "until"),
    [
        ("2026-04-08 03:10", 0, "2026-04-08 18:00"),
        ("2026-04-08 22:10", 0, "2026-04-09 18:00"),
        ("2026-04-08 16:00", 0, "2026-04-09 18:00"),
        ("2026-04-08 15:00", 0, "2026-04-08 18:00"),
        ("2026-04-08 03:10", 120, "2026-04-08 16:00"),
        ("2026-12-31 23:59", -300, "2027-01-01 23:00"),
    ],
)
def test_a_stop_for_the_night_ends_in_the_evening(now: str, zone_min: int, until: str) -> None:
    """At six, local time, but not sooner than three hours from now."""
    assert next_evening_ms(at(now), zone_min) == at(until)


@given(st.integers(0, 4 * 10**12), st.integers(-14 * 60, 14 * 60))
def test_it_is_never_shorter_than_three_hours_nor_longer_than_a_day_and_three(wall_ms: int, zone_min: int) -> None:
    """Whatever the clock and the zone."""
    hours = (next_evening_ms(wall_ms, zone_min) - wall_ms) / HOUR_MS
    assert LEAST_HOLD_H <= hours <= 24 + LEAST_HOLD_H
    local = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=next_evening_ms(wall_ms, zone_min))
    assert (local + timedelta(minutes=zone_min)).hour == 18


def test_with_a_clock_that_cannot_be_believed_a_person_ends_it() -> None:
    """In 1970 nobody knows when evening is."""
    assert for_the_night_ms(5_000) is None
    assert for_the_night_ms(at("2026-04-08 03:10")) is not None


NOW = at("2026-04-08 02:00")
SIX = at("2026-04-08 18:00")


class Clocks:
    """A wall clock and a boot clock, in step until somebody sets the one."""

    def __init__(self, wall_ms: int = NOW) -> None:
        self.wall = wall_ms
        self.boot = 50 * NS_PER_MINUTE

    def pass_ms(self, milliseconds: int) -> None:
        self.wall += milliseconds
        self.boot += milliseconds * NS_PER_MS

    def stop(self, folder: Path) -> StopFile:
        return StopFile(folder / "hold", lambda: self.wall, lambda: self.boot)


def stop_file(folder: Path, wall_ms: int = NOW) -> StopFile:
    return Clocks(wall_ms).stop(folder)


def test_a_stop_is_told_when_it_begins_and_when_it_is_over(tmp_path: Path) -> None:
    """Once each, also where another process wrote it."""
    stop = stop_file(tmp_path)
    assert stop.notices(1) == []
    write_hold(tmp_path / "hold", Hold(None, NOW))
    assert (stop.notices(2), stop.notices(3)) == ([Held(2)], [])
    clear_hold(tmp_path / "hold")
    assert (stop.notices(4), stop.notices(5)) == ([Released(4)], [])


def test_a_stop_with_an_end_is_over_by_itself(tmp_path: Path) -> None:
    """When its time has passed on both clocks; another that comes then has a time of its own."""
    clocks = Clocks()
    stop = clocks.stop(tmp_path)
    for _ in range(2):
        write_hold(tmp_path / "hold", Hold(clocks.wall + HOUR_MS, clocks.wall))
        assert stop.stands()
        clocks.pass_ms(HOUR_MS - 1)
        assert stop.stands()
        clocks.pass_ms(1)
        assert not stop.stands()


@pytest.mark.parametrize("jump", ["2026-04-08 18:00", "2026-04-11 02:05", "2031-01-01 00:00", "2200-01-01 00:00"])
def test_a_wall_clock_that_jumps_ahead_ends_no_stop(tmp_path: Path, jump: str) -> None:
    """Set right after days with an empty battery, or set wrong: the stop lasts its whole time all the same."""
    clocks = Clocks()
    stop = clocks.stop(tmp_path)
    stop.press_for_the_night()
    assert stop.notices(1) == [Held(1)]
    clocks.wall = at(jump)
    clocks.pass_ms(SIX - NOW - 60_000)
    assert stop.notices(2) == []
    clocks.pass_ms(60_000)
    assert stop.stands() is (jump.startswith("2200"))


@pytest.mark.parametrize("jump", ["1970-01-01 00:10", "2026-04-08 01:00"])
def test_a_wall_clock_that_goes_back_ends_no_stop(tmp_path: Path, jump: str) -> None:
    """The end comes when the wall clock has reached it as well."""
    clocks = Clocks()
    stop = clocks.stop(tmp_path)
    stop.press_for_the_night()
    clocks.wall = at(jump)
    clocks.pass_ms(SIX - NOW)
    assert stop.stands()


def test_a_stop_of_before_this_process_has_what_is_left_of_its_time(tmp_path: Path) -> None:
    """By the wall clock; one that is not sane says nothing, and then it is the whole time again."""
    write_hold(tmp_path / "hold", Hold(SIX, NOW))
    for wall, left_ms in ((SIX - 60_000, 60_000), (at("2200-01-01 00:00"), SIX - NOW)):
        clocks = Clocks(wall)
        stop = clocks.stop(tmp_path)
        clocks.wall = SIX
        clocks.boot += (left_ms - 1) * NS_PER_MS
        assert stop.stands()
        clocks.boot += NS_PER_MS
        assert not stop.stands()
    assert not Clocks(SIX).stop(tmp_path).stands()


def test_a_stop_pressed_by_a_clock_that_lost_its_time_lasts_its_whole_length(tmp_path: Path) -> None:
    """Two hours from 1970 on are not long over because the computer has found its time again, after a restart say."""
    lost_ms, two_hours_ms = 9_826_767, 7_200_000
    write_hold(tmp_path / "hold", Hold(lost_ms + two_hours_ms, lost_ms))
    clocks = Clocks(NOW)
    stop = clocks.stop(tmp_path)
    clocks.pass_ms(two_hours_ms - 1)
    assert stop.stands()
    clocks.pass_ms(1)
    assert not stop.stands()


@pytest.mark.parametrize("proven", [True, False])
def test_a_night_gone_on_with_after_a_pause_that_is_not_proven_keeps_its_stop(tmp_path: Path, proven: bool) -> None:
    """It was told of a stop, and a clock that nobody set says that it is long over: the whole time again."""
    write_hold(tmp_path / "hold", Hold(SIX, NOW))
    clocks = Clocks(at("2026-04-11 02:05"))
    stop = clocks.stop(tmp_path)
    stop.told(held=True, proven=proven)
    assert stop.notices(1) == ([Released(1)] if proven else [])
    clocks.pass_ms(SIX - NOW)
    assert stop.notices(2) == ([] if proven else [Released(2)])


def test_a_press_is_written_down_and_outlives_the_process(tmp_path: Path) -> None:
    stop_file(tmp_path).press(SIX)
    assert read_hold(tmp_path / "hold").hold == Hold(SIX, NOW)
    assert stop_file(tmp_path).stands()


def test_a_press_for_the_night_ends_in_the_evening_after_the_press(tmp_path: Path) -> None:
    """Not in that of when the watch began: half past six in the evening is in tomorrow's."""
    clocks = Clocks(at("2026-04-08 13:00"))
    stop = clocks.stop(tmp_path)
    clocks.pass_ms(5 * HOUR_MS + HOUR_MS // 2)
    stop.press_for_the_night()
    assert stop.stands()
    hold = read_hold(tmp_path / "hold").hold
    assert hold is not None
    assert hold.until_wall_ms == for_the_night_ms(clocks.wall)


def test_a_press_that_cannot_be_written_down_holds_while_this_process_runs(tmp_path: Path) -> None:
    """It is said, and stands all the same."""
    (tmp_path / "folder").write_text("a file where a folder should be")
    stop = StopFile(tmp_path / "folder" / "hold", lambda: NOW)
    with pytest.raises(StoreError):
        stop.press(None)
    assert stop.stands()
    assert stop.notices(1) == [Held(1)]


def test_a_stop_that_could_not_be_written_down_is_ended_by_a_person(tmp_path: Path) -> None:
    """By `vigil stop --release`, which writes to the file; not by what the file says already."""
    clear_hold(tmp_path / "hold")
    stop = stop_file(tmp_path)
    stop.press_here()
    assert [stop.notices(1), stop.notices(2)] == [[Held(1)], []]
    os.utime(tmp_path / "hold", ns=(5, 5))  # the file system's clock may be coarser than this test
    stop.press_here()
    clear_hold(tmp_path / "hold")
    assert stop.notices(3) == [Released(3)]
    write_hold(tmp_path / "hold", Hold(None, NOW))
    assert stop.stands()


def test_where_the_file_is_gone_a_stop_that_could_not_be_written_down_stands(tmp_path: Path) -> None:
    """Gone before it or after it: then only the end of the process ends it."""
    never, gone = stop_file(tmp_path), stop_file(tmp_path)
    never.press_here()
    clear_hold(tmp_path / "hold")
    gone.press_here()
    (tmp_path / "hold").unlink()
    assert (never.stands(), gone.stands()) == (True, True)


def test_writing_one_stop_down_ends_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop by signal that comes while another is being written: it stands when that one fails to be."""
    stop = stop_file(tmp_path)
    stands: list[bool] = []

    def interrupted(*_: object) -> None:
        stands.append(stop.stands())
        stop.press_here()

    monkeypatch.setattr(noticing, "write_hold", interrupted)
    stop.press(None)
    assert (stands, stop.stands()) == ([True], True)


def test_a_stop_that_was_ended_while_nothing_ran_is_over(tmp_path: Path) -> None:
    """The night that is gone on with was told of it, and must be told that it is over; one that stands is told once."""
    ended, stands = stop_file(tmp_path), stop_file(tmp_path)
    ended.told(held=True)
    assert ended.notices(1) == [Released(1)]
    write_hold(tmp_path / "hold", Hold(None, NOW))
    stands.told(held=True)
    assert stands.notices(1) == []


# -- the house ---------------------------------------------------------------------------------------------------


class House:
    """A computer that can be changed."""

    def __init__(self) -> None:
        self.free: int | None = 5_000
        self.power = Power(on_battery=False, percent=80)
        self.zone = 60
        self.looks = 0

    def free_mb(self) -> int:
        self.looks += 1
        if self.free is None:
            message = "the disk does not answer"
            raise StoreError(message)
        return self.free

    def watch(self) -> HouseWatch:
        return HouseWatch(self.free_mb, lambda: self.power, lambda: self.zone)


def minute(number: int) -> int:
    return number * NS_PER_MINUTE


def test_a_house_in_order_says_nothing_and_is_looked_at_once_a_minute() -> None:
    """Nothing of it changes faster than matters."""
    house = House()
    watch = house.watch()
    assert [watch.notices(second * 10**9) for second in range(120)] == [[]] * 120
    assert house.looks == 2


def test_a_disk_that_is_nearly_full_is_told_and_is_over_well_above_the_mark() -> None:
    """So that it does not go back and forth."""
    house = House()
    watch = house.watch()
    assert watch.notices(0) == []
    house.free = LEAST_MB - 1
    assert watch.notices(minute(1)) == [Trouble(minute(1), TroubleKind.DISK_LOW, LEAST_MB - 1)]
    house.free = LEAST_MB + 1
    assert watch.notices(minute(2)) == []
    house.free = ENOUGH_MB
    assert watch.notices(minute(3)) == [Trouble(minute(3), TroubleKind.DISK_LOW, ENOUGH_MB, over=True)]


def test_a_disk_that_does_not_answer_changes_nothing() -> None:
    """It shows at the next commit."""
    house = House()
    house.free = None
    assert house.watch().notices(0) == []


def test_a_battery_that_is_low_is_told_until_it_is_plugged_in() -> None:
    """With how much it has."""
    house = House()
    watch = house.watch()
    house.power = Power(on_battery=True, percent=7)
    assert watch.notices(0) == [Trouble(0, TroubleKind.COMPUTER_BATTERY, 7)]
    house.power = Power(on_battery=False, percent=9)
    assert watch.notices(minute(1)) == [Trouble(minute(1), TroubleKind.COMPUTER_BATTERY, 9, over=True)]


def test_a_zone_that_changes_is_told_by_how_much() -> None:
    """Summer time, or a journey; the first look only learns it."""
    house = House()
    watch = house.watch()
    assert watch.notices(0) == []
    house.zone = 120
    assert watch.notices(minute(1)) == [Trouble(minute(1), TroubleKind.ZONE_CHANGED, 60)]
    assert watch.notices(minute(2)) == []


def test_a_trouble_of_before_a_restart_is_over_when_it_is() -> None:
    """The house of now is compared with what the night was told."""
    watch = House().watch()
    watch.lasting |= {TroubleKind.DISK_LOW, TroubleKind.COMPUTER_BATTERY}
    assert [(one.kind, one.over) for one in watch.notices(0) if isinstance(one, Trouble)] == [
        (TroubleKind.DISK_LOW, True),
        (TroubleKind.COMPUTER_BATTERY, True),
    ]


def test_notices_come_together_in_their_order() -> None:
    """One function for the loop."""
    both = together(lambda at_ns: [Held(at_ns)], lambda _: [], lambda at_ns: [Released(at_ns)])
    assert both(7) == [Held(7), Released(7)]


# -- wishes ------------------------------------------------------------------------------------------------------


class Asked:
    """A folder of wishes, and a wall clock that moves by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wall_ns = time.time_ns()
        self.ended = 0
        self.wishes = Wishes(folder, self._end, lambda: self.wall_ns)

    def _end(self) -> None:
        self.ended += 1

    def ask(self, wish: Wish) -> None:
        ask(self.folder, wish, self.wall_ns // NS_PER_MS)


def test_a_wish_becomes_the_mark_that_the_wearable_would_have_made(tmp_path: Path) -> None:
    """Once, at the turn it is seen in; without a folder there is nothing to see."""
    asked = Asked(tmp_path / "asked")
    assert asked.wishes.notices(1) == []
    asked.ask(Wish.AWAKE)
    asked.ask(Wish.BAD_DREAM)
    found = asked.wishes.notices(2)
    assert sorted(found, key=str) == sorted([Marked(2, Mark.AWAKE), Marked(2, Mark.BAD_DREAM)], key=str)
    assert asked.wishes.notices(3) == []


def test_good_morning_ends_the_night_once(tmp_path: Path) -> None:
    """However often it is said; a mark beside it is kept."""
    asked = Asked(tmp_path)
    for wish in (Wish.AWAKE, Wish.END, Wish.END):
        asked.ask(wish)
    assert asked.wishes.notices(1) == [Marked(1, Mark.AWAKE)]
    asked.ask(Wish.END)
    assert asked.wishes.notices(2) == []
    assert asked.ended == 1


def test_what_was_asked_before_a_night_began_is_forgotten(tmp_path: Path) -> None:
    """It was meant for another one."""
    asked = Asked(tmp_path)
    asked.ask(Wish.END)
    asked.wishes.forget()
    assert (asked.wishes.notices(1), asked.ended) == ([], 0)


def test_the_folder_is_read_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And for as long as a change might not show in its time, as on a file system that counts in seconds."""
    asked, reads = Asked(tmp_path), []

    def count(folder: Path, now_ms: int) -> list[Wish]:
        reads.append(now_ms)
        return taken(folder, now_ms)

    monkeypatch.setattr(noticing, "taken", count)
    asked.ask(Wish.AWAKE)
    changed = tmp_path.stat()
    assert asked.wishes.notices(1) == [Marked(1, Mark.AWAKE)]
    asked.ask(Wish.BAD_DREAM)
    os.utime(tmp_path, ns=(changed.st_atime_ns, changed.st_mtime_ns))  # within the same grain
    assert asked.wishes.notices(2) == [Marked(2, Mark.BAD_DREAM)]
    asked.wall_ns += 2 * noticing.COARSE_NS
    asked.wishes.notices(3)
    before = len(reads)
    for turn in range(4, 60):
        assert asked.wishes.notices(turn) == []
    assert len(reads) == before
    asked.ask(Wish.AWAKE)
    assert asked.wishes.notices(60) == [Marked(60, Mark.AWAKE)]


def test_an_end_comes_at_the_next_wait_and_is_none_where_nothing_is_left_to_wait_for() -> None:
    """A night that is over by itself in the same turn is whole."""

    async def waits() -> str:
        end_in_order()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "ended"
        return "waited"

    async def is_over() -> str:
        end_in_order()
        return "over"

    assert asyncio.run(waits()) == "ended"
    assert asyncio.run(is_over()) == "over"
