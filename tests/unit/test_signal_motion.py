"""Movement: one quantity from any kind of input, and what is said of stillness, turning and walking."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.plain import dumps, loads
from vigil.domain.samples import AccelerationBlock, Milligrams, MotionSummary, SampleFault
from vigil.domain.units import NS_PER_MS, NS_PER_S, STEP_NS
from vigil.signal.motion import LONG_ROW_MOVING, MotionLook, MotionTracker, SecondsReducer, is_turned
from vigil.signal.seconds import LONGEST_PERIOD_NS

PERIOD_NS = 20 * NS_PER_MS


def _second(
    end_s: int, range_mg: int = 10, mean: Milligrams = (0, 0, 1000), duration_ms: int = 1000, steps: int | None = None
) -> MotionSummary:
    low = (mean[0], mean[1], mean[2] - range_mg // 2)
    high = (mean[0], mean[1], mean[2] - range_mg // 2 + range_mg)
    return MotionSummary(end_s * NS_PER_S, duration_ms, range_mg, low, high, mean, steps)


def _long(end_s: int, range_mg: int | None, duration_s: int = 30, **more: Any) -> MotionSummary:
    return MotionSummary(end_s * NS_PER_S, duration_s * 1000, range_mg, **more)


def _looks(rows: list[MotionSummary], until_s: int, tracker: MotionTracker | None = None) -> list[MotionLook]:
    tracker, position, looks = tracker or MotionTracker(), 0, []
    for step in range(1, until_s * NS_PER_S // STEP_NS + 1):
        while position < len(rows) and rows[position].at_ns <= step * STEP_NS:
            tracker.take(rows[position])
            position += 1
        looks.append(tracker.look(step * STEP_NS))
    return looks


def _raw(seconds: int, hz: int = 50, seed: int = 4) -> AccelerationBlock:
    """Breathing, noise, and now and then an arm that moves or turns over."""
    draw = np.random.default_rng(seed)
    count = seconds * hz
    t = np.arange(count) / hz
    gravity = np.where((t % 300 < 150)[:, None], [0.0, 0.0, 1000.0], [900.0, 0.0, 435.0])
    mg = gravity + 4 * np.sin(2 * math.pi * 0.25 * t)[:, None] + draw.normal(0, 3, (count, 3))
    mg[(t % 97 < 3)] += draw.normal(0, 200, (int((t % 97 < 3).sum()), 3))
    return AccelerationBlock(0, NS_PER_S // hz, mg.astype(np.int16))


def _seconds_of(block: AccelerationBlock) -> list[MotionSummary]:
    reducer = SecondsReducer()
    return reducer.push(block) + reducer.flush()


def test_movement_is_unknown_until_it_was_measured() -> None:
    """Nothing, or less than 20 of the last 30 s, is not stillness."""
    looks = _looks([_second(second) for second in range(1, 61)], 60)
    assert MotionTracker().look(STEP_NS) == MotionLook(STEP_NS, False)
    assert [look.known for look in looks[:4]] == [False, False, False, True]
    assert looks[2].still_s is None
    assert looks[2].range_mg is None
    assert looks[3].still_s == 20.0


def test_movement_is_unknown_again_in_a_gap() -> None:
    """When rows stop, what they said is soon not known; after the gap stillness is counted anew."""
    rows = [_second(second) for second in (*range(1, 61), *range(301, 361))]
    looks = _looks(rows, 360)
    assert looks[13].known
    assert not any(look.known for look in looks[15:63])
    assert looks[-1].still_s == 60.0


def test_thirty_second_rows_speak_for_their_own_length() -> None:
    """A long row is known at its end, and for its own length and five seconds more."""
    looks = _looks([_long(30, 20), _long(60, 400), _long(90, 30)], 135)
    known = [look.at_ns // NS_PER_S for look in looks if look.known]
    assert known == list(range(30, 130, 5))
    assert [looks[index].range_mg for index in (5, 10, 11, 12, 16, 17, 23, 24)] == [20, 20, 400, 400, 400, 30, 30, 30]
    assert looks[24].peak_mg == 30


def test_a_minute_of_steps_without_acceleration_leaves_movement_unknown() -> None:
    """A device's own intensity is not acceleration; its steps count all the same."""
    looks = _looks([_long(60, None, 60, steps=12), _long(120, None, 60, steps=0)], 180)
    assert not any(look.known for look in looks)
    assert [looks[index].steps_60 for index in (10, 11, 22, 23, 34, 35)] == [None, 12, 12, 0, 0, None]


def test_the_range_is_rebuilt_from_the_extremes_of_half_a_minute() -> None:
    """Slow turning shows in the union of the seconds, though each second by itself is still."""
    rows = [_second(second, 10, (second * 10, 0, 1000)) for second in range(1, 61)]
    look = _looks(rows, 60)[-1]
    assert look.range_mg == round(math.hypot(290, 10))
    assert look.peak_mg == 10


def test_rows_without_extremes_count_by_the_largest() -> None:
    """Where only ranges are given, the largest of the half minute stands; a mixture takes what is more."""
    loose = [MotionSummary(second * NS_PER_S, 1000, second) for second in range(1, 31)]
    assert _looks(loose, 30)[-1].range_mg == 30
    mixed = [*loose[:-1], _second(30, 200)]
    assert _looks(mixed, 30)[-1].range_mg == 200
    assert _looks([*loose[:-1], _second(30, 5)], 30)[-1].range_mg == 29


def test_the_peak_is_of_the_last_ten_seconds_or_the_last_row() -> None:
    """A jerk is seen for ten seconds, however still the rest of the half minute was."""
    rows = [_second(second, 800 if second == 33 else 10) for second in range(1, 61)]
    looks = _looks(rows, 60)
    assert [look.at_ns // NS_PER_S for look in looks if look.peak_mg == 800] == [35, 40]
    sparse = [_second(second, second, duration_ms=10_000) for second in (10, 20, 30)]
    assert _looks(sparse, 30)[-1].peak_mg == 30
    kept = _looks([*sparse, _second(31, 7, duration_ms=10_000)], 45)[-1]
    assert (kept.known, kept.peak_mg) == (True, 7)


def test_stillness_and_moving_are_counted_in_seconds() -> None:
    """Still since the last row of 50 mg; moving for the seconds of the last two minutes covered by 100 mg and more."""
    rows = [_second(second, 300 if 40 < second <= 70 else 60 if second == 90 else 10) for second in range(1, 241)]
    looks = _looks(rows, 240)
    at = {look.at_ns // NS_PER_S: look for look in looks}
    assert (at[40].still_s, at[40].moving_s) == (40.0, 0.0)
    assert (at[70].still_s, at[70].moving_s) == (0.0, 30.0)
    assert (at[85].still_s, at[90].still_s, at[100].still_s) == (15.0, 0.0, 10.0)
    assert [at[second].moving_s for second in (160, 165, 185, 190, 240)] == [30.0, 25.0, 5.0, 0.0, 0.0]


def test_a_long_row_that_moved_counts_for_a_share_of_its_length() -> None:
    """A turn of seconds makes all of a 30-s row movement: it counts for a share, at its end, cut at the two minutes."""
    at = {look.at_ns // NS_PER_S: look for look in _looks([_long(30, 10), _long(60, 500), _long(90, 10)], 180)}
    share_s = 30 * LONG_ROW_MOVING
    assert 0 < LONG_ROW_MOVING < 1
    assert [at[second].moving_s for second in (55, 60, 150, 180)] == [0.0, share_s, share_s, 0.0]
    assert at[175].moving_s == 5.0


def test_rows_shorter_than_half_a_minute_count_in_full() -> None:
    """A row of ten seconds is moving for ten seconds; two minutes of rows of any length are bounded by their length."""
    rows = [_second(end_s, 300, duration_ms=10_000) for end_s in (10, 20, 30)]
    assert _looks(rows, 30)[-1].moving_s == 30.0
    overlapping = [_second(end_s, 300, duration_ms=10_000) for end_s in range(1, 31)]
    assert _looks(overlapping, 30)[-1].moving_s == 120.0
    long_rows = [_long(end_s, 300) for end_s in range(30, 301, 30)]
    assert _looks(long_rows, 300)[-1].moving_s == pytest.approx(120 * LONG_ROW_MOVING)


@pytest.mark.parametrize("long_rows", [False, True])
def test_turning_over_is_seen_once_lying_still_again(long_rows: bool) -> None:
    """Gravity more than 30 degrees from where it was is a turn; a twitch that comes back is none."""
    side = (900, 0, 436)
    if long_rows:
        rows = [_long(30 * k, 20, mean_mg=(0, 0, 1000) if k < 5 else side) for k in range(1, 10)]
        rows[6] = _long(210, 900, mean_mg=(0, 700, 700))
    else:
        rows = [_second(second, 20, (0, 0, 1000) if second <= 120 else side) for second in range(1, 271)]
        rows[199] = _second(200, 900, (0, 700, 700))
    looks = _looks(rows, 270)
    assert looks[23].turned_ns is None
    turned_ns = looks[-1].turned_ns
    assert turned_ns is not None
    assert 120 * NS_PER_S < turned_ns <= 165 * NS_PER_S


def test_thirty_degrees_is_the_bound_of_a_turn() -> None:
    """29 degrees are no turn, 31 are, and so is lying on the other side."""
    for degrees, turned in ((0, False), (29, False), (31, True), (90, True), (180, True)):
        angle = math.radians(degrees)
        assert is_turned((0, 0, 1000), (round(1000 * math.sin(angle)), 0, round(1000 * math.cos(angle)))) is turned


def test_a_thrown_arm_or_no_mean_is_no_direction() -> None:
    """A mean vector far from one g says nothing of how one lies."""
    rows = [_long(30, 20, mean_mg=(0, 0, 1000)), _long(60, 20, mean_mg=(300, 0, 0)), _long(90, 20), _long(120, 20)]
    assert all(look.turned_ns is None for look in _looks(rows, 120))


@pytest.mark.parametrize(
    "broken",
    [
        {"range_mg": math.nan},
        {"range_mg": -1},
        {"range_mg": 10**9},
        {"range_mg": True},
        {"duration_ms": 0},
        {"duration_ms": math.nan},
        {"at_ns": math.nan},
        {"at_ns": 10**30},
        {"steps": -1},
        {"steps": "3"},
        {"low_mg": (0, 0, 0)},
        {"low_mg": (0, 0, math.nan), "high_mg": (0, 0, 0)},
        {"low_mg": (0, 0, 0), "high_mg": (0, 0)},
        {"low_mg": [0, 0, 0], "high_mg": (0, 0, 0)},
        {"mean_mg": (0, 10**6, 0)},
        {"mean_mg": (10**6, 0, 0)},
        {"mean_mg": (0, 0, -(10**6))},
    ],
)
def test_broken_rows_are_refused(broken: dict[str, Any]) -> None:
    """Whatever is not a whole number within bounds is out of range, and never an exception."""
    tracker = MotionTracker()
    row = MotionSummary(**{"at_ns": NS_PER_S, "duration_ms": 1000, "range_mg": 10, **broken})
    assert tracker.take(row) is SampleFault.OUT_OF_RANGE
    assert tracker.look(STEP_NS) == MotionLook(STEP_NS, False)
    assert tracker.left_out == {SampleFault.OUT_OF_RANGE: 1}


def test_late_and_doubled_rows_are_left_out() -> None:
    """A row counts once; two rows of different lengths may end together."""
    tracker = MotionTracker()
    assert tracker.take(_second(30)) is None
    assert tracker.take(_second(30)) is SampleFault.DUPLICATE
    assert tracker.take(_second(29)) is SampleFault.LATE
    assert tracker.take(_long(30, 20)) is None


@given(st.integers(1, 119), st.integers(0, 10**12))
def test_a_snapshot_or_a_shift_changes_no_look(cut: int, shift: int) -> None:
    """Interrupted anywhere, or moved in time, the looks are the same, or the same moved."""
    rows = [*_seconds_of(_raw(300)), *(_long(330 + 30 * k, 20 + 90 * k) for k in range(10))]
    whole = _looks(rows, 600)
    tracker, position = MotionTracker(), 0
    for step in range(1, 121):
        if step == cut:
            tracker = loads(dumps(tracker))
        while position < len(rows) and rows[position].at_ns <= step * STEP_NS:
            row = rows[position]
            end_ns, length = row.at_ns + shift, row.duration_ms
            tracker.take(MotionSummary(end_ns, length, row.range_mg, row.low_mg, row.high_mg, row.mean_mg))
            position += 1
        look, plain = tracker.look(step * STEP_NS + shift), whole[step - 1]
        turned = None if plain.turned_ns is None else plain.turned_ns + shift
        assert (look.range_mg, look.peak_mg, look.still_s) == (plain.range_mg, plain.peak_mg, plain.still_s)
        assert (look.moving_s, look.turned_ns) == (plain.moving_s, turned)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60), st.sampled_from([25, 32, 50, 64, 100]))
def test_seconds_do_not_depend_on_how_a_recording_was_cut(cuts: list[int], hz: int) -> None:
    """Blocks of any size give the same rows, bit for bit."""
    whole = _raw(40, hz)
    reducer, start, rows = SecondsReducer(), 0, []
    for length in [*cuts, len(whole.mg)]:
        part = whole.mg[start : start + length]
        rows += reducer.push(AccelerationBlock(whole.at_ns + start * whole.period_ns, whole.period_ns, part))
        start += len(part)
        reducer = loads(dumps(reducer))
    assert rows + reducer.flush() == _seconds_of(whole)


def test_a_second_is_what_the_definition_says() -> None:
    """Extremes, mean and range of each whole second, known at its end, against NumPy's plain answers."""
    block = _raw(20)
    for index, row in enumerate(_seconds_of(block)):
        part = block.mg[50 * index : 50 * (index + 1)].astype(int)
        assert row.at_ns == (index + 1) * NS_PER_S
        assert row.duration_ms == 1000
        assert row.low_mg == tuple(part.min(0).tolist())
        assert row.high_mg == tuple(part.max(0).tolist())
        assert row.mean_mg == tuple(np.floor(part.mean(0) + 0.5).astype(int).tolist())
        assert row.range_mg == round(math.hypot(*np.ptp(part, axis=0).tolist()))


def test_windows_lie_on_the_recordings_own_seconds() -> None:
    """A recording that starts between two seconds gives its first row at the next whole one, if half of it is there."""
    mg = np.zeros((150, 3), np.int16)
    late = _seconds_of(AccelerationBlock(700 * NS_PER_MS, PERIOD_NS, mg))
    early = _seconds_of(AccelerationBlock(-400 * NS_PER_MS, PERIOD_NS, mg))
    assert [row.at_ns // NS_PER_S for row in late] == [2, 3, 4]
    assert [row.at_ns // NS_PER_S for row in early] == [1, 2, 3]


def test_gaps_and_overlaps_of_blocks() -> None:
    """Seconds that a gap leaves less than half full give no row; samples of a second already given are left out."""
    mg = np.zeros((60, 3), np.int16)
    reducer = SecondsReducer()
    rows = reducer.push(AccelerationBlock(0, PERIOD_NS, mg))
    assert [row.at_ns // NS_PER_S for row in rows] == [1]
    rows = reducer.push(AccelerationBlock(500 * NS_PER_MS, PERIOD_NS, mg + 9))
    rows += reducer.push(AccelerationBlock(9500 * NS_PER_MS, PERIOD_NS, mg[:40]))
    assert [row.at_ns // NS_PER_S for row in rows] == [2, 10]
    assert rows[0].high_mg == (9, 9, 9)
    assert reducer.push(AccelerationBlock(9500 * NS_PER_MS, PERIOD_NS, mg[:5])) == []
    assert reducer.flush() == []
    assert reducer.flush() == []


@pytest.mark.parametrize(
    "block",
    [
        AccelerationBlock(0, 0, np.zeros((9, 3), np.int16)),
        AccelerationBlock(0, LONGEST_PERIOD_NS + 1, np.zeros((9, 3), np.int16)),
        AccelerationBlock(0, PERIOD_NS, np.zeros(9, np.int16)),
        AccelerationBlock(0, PERIOD_NS, np.zeros((9, 2), np.int16)),
        AccelerationBlock(0, PERIOD_NS, np.zeros((0, 3), np.int16)),
    ],
)
def test_blocks_that_cannot_be_used_give_nothing(block: AccelerationBlock) -> None:
    """A block of another shape, or too slow to show movement, is no movement."""
    assert SecondsReducer().push(block) == []


def test_seconds_follow_each_other() -> None:
    """No second is given twice or passed over while samples flow."""
    rows = _seconds_of(_raw(100, 32))
    assert len(rows) == 100
    assert all(after.at_ns - before.at_ns == NS_PER_S for before, after in pairwise(rows))


def test_raw_and_thirty_second_input_give_one_staging_range() -> None:
    """At every epoch's end the range of the seconds is that of the whole half minute."""
    block = _raw(600)
    looks = _looks(_seconds_of(block), 600)
    for index in range(20):
        part = block.mg[1500 * index : 1500 * (index + 1)].astype(int)
        assert looks[6 * index + 5].range_mg == round(math.hypot(*np.ptp(part, axis=0).tolist()))


# -- blanked ---------------------------------------------------------------------------------------------


def _blanked(rows: list[MotionSummary], until_s: int, *spans_s: tuple[int, int]) -> list[MotionLook]:
    tracker = MotionTracker()
    for from_s, to_s in spans_s:
        tracker.blank(from_s * NS_PER_S, to_s * NS_PER_S)
    return _looks(rows, until_s, tracker)


def test_what_overlaps_a_blanked_span_is_not_used() -> None:
    """Vigil's own buzz is not the sleeper's movement: the looks are those of a night without the shaken rows."""
    rows = [_second(s, 600 if 101 <= s <= 103 else 10) for s in range(1, 200)]
    quiet = [_second(s) for s in range(1, 200)]
    assert _blanked(rows, 195, (100, 108)) == _blanked(quiet, 195, (100, 108))
    assert _looks(rows, 195) != _looks(quiet, 195)


def test_the_ends_of_a_blanked_span_are_exact() -> None:
    """A row that ends where it begins, or begins where it ends, is used; one that reaches into it is not."""
    before, inside, last, after = (_second(s, 600) for s in (100, 101, 108, 109))
    for row, used in ((before, True), (inside, False), (last, False), (after, True)):
        peak_mg = _blanked([*(_second(s) for s in range(70, row.at_ns // NS_PER_S)), row], 110, (100, 108))[-1].peak_mg
        assert (peak_mg is not None and peak_mg > 500) is used


def test_blanked_is_unknown_and_not_still() -> None:
    """Long enough without a row that may be used, and movement is not known; a long row that was shaken is none."""
    rows = [_second(s) for s in range(1, 200)]
    look = _blanked(rows, 130, (100, 130))[-1]
    assert (look.known, look.range_mg, look.still_s) == (False, None, None)
    long = [_long(s, 20) for s in range(30, 200, 30)]
    assert not _blanked(long, 110, (70, 80))[-1].known
    assert _blanked(long, 120, (70, 80))[-1].known


def test_a_span_blanks_rows_that_came_before_it_was_known() -> None:
    """An output acts before it says so: rows of the step under way are left out too."""
    tracker = MotionTracker()
    for s in range(1, 101):
        tracker.take(_second(s, 600 if s > 98 else 10))
    tracker.blank(98 * NS_PER_S, 105 * NS_PER_S)
    assert tracker.look(100 * NS_PER_S).peak_mg == 10


def test_blanked_spans_are_forgotten_once_no_row_can_reach_them() -> None:
    """Memory stays bounded; and until then a row of ten minutes that reaches back is still left out."""
    tracker = MotionTracker()
    tracker.blank(100 * NS_PER_S, 108 * NS_PER_S)
    _looks([_long(700, 600, duration_s=600)], 708, tracker)
    assert tracker.long_row is None
    assert len(tracker.blanked) == 1
    tracker.look(709 * NS_PER_S)
    assert tracker.blanked == []


@pytest.mark.parametrize("span", [(5, 5), (6, 5), (1.0, 5), (1, math.nan), (1, 2**70), (None, 5)])
def test_a_span_that_is_none_blanks_nothing(span: tuple[Any, Any]) -> None:
    """Broken instants are ignored."""
    tracker = MotionTracker()
    tracker.blank(*span)
    assert tracker.blanked == []
