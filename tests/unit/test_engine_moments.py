"""What is said of a moment, with answers worked out by hand on small nights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.domain.plain import dumps, loads
from vigil.domain.samples import MotionSummary, Quality
from vigil.domain.units import NS_PER_S, STEP_NS, STEP_S
from vigil.engine.moments import KEPT_BLOCKS, KEPT_STEPS, MOMENTS, WARM_STEPS, MomentMaker
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook, MotionTracker

BASELINE, SPREAD = 60.0, 2.0
NAMES = [spec.name for spec in MOMENTS]
QUIET = [0.0] * 120
SURGE = [6.0, 12.0, 20.0, 18.0, 15.0, 15.0]
"""Beats over the baseline, a step each."""

Excess = float | None
Row = tuple[float, ...] | None


def heart(step: int, excess: Excess, baseline: float = BASELINE, spread: float = SPREAD) -> HeartLook:
    quality = Quality.GOOD if excess is not None else Quality.STALE
    bpm = None if excess is None else baseline + excess
    return HeartLook((step + 1) * STEP_NS, quality, 1000, bpm, baseline, spread)


def arm(step: int, range_mg: int | None = 20) -> MotionLook:
    return MotionLook((step + 1) * STEP_NS, known=range_mg is not None, range_mg=range_mg)


def rows(course: Sequence[Excess], ranges: Sequence[int | None] | None = None) -> list[Row]:
    maker = MomentMaker()
    moves = ranges or [20] * len(course)
    return [maker.note(heart(n, excess), arm(n, moves[n])) for n, excess in enumerate(course)]


def last(course: Sequence[Excess], ranges: Sequence[int | None] | None = None) -> dict[str, float]:
    """The features of the last step by name."""
    row = rows(course, ranges)[-1]
    assert row is not None
    return dict(zip(NAMES, row, strict=True))


def test_the_names_are_as_many_as_the_values_and_each_is_one() -> None:
    """A parameters file names what its trees ask for: no name stands for two values."""
    assert len(set(NAMES)) == len(NAMES)
    assert len(last([*QUIET, *SURGE])) == len(NAMES)


def test_a_surge_in_steps() -> None:
    """Six steps at 6, 12, 20, 18, 15, 15 beats over the baseline, after ten quiet minutes."""
    row = last([*QUIET, *SURGE])
    known = {
        "night_h": 126 * STEP_S / 3600,
        "over_15s": 16.0,
        "over_30s": 86 / 6,
        "over_60s": 86 / 12,
        "level_120s": 86 / 24,
        "level_300s": 86 / 60,
        "low_60s": 0.0,
        "low_120s": 0.0,
        "quarter_120s": 0.0,
        "share_120s": 6 / 24,
        "share_180s": 6 / 36,
        "rise_60s": 86 / 6,
        "rise_300s": 86 / 6,
        "was_30s": 0.0,
        "was_240s": 0.0,
        "over_60s_spread": 86 / 24,
        "over_120s_spread": 86 / 48,
        "age": 6.0,
        "above_2bpm": 6.0,
        "top": 20.0,
        "top_spread": 10.0,
        "fade": 0.8,
        "since_top": 3.0,
        "held_70": 4.0,
        "held_50": 5.0,
        "area_5m": 86 / 60,
        "area_10m": 86 / 120,
        "area_since": 86 / 12,
        "biggest_step": 8.0,
        "biggest_step_share": 0.4,
        "over_low_10m": 86 / 6,
        "over_middle_120s": 86 / 24,
        "over_middle_300s": 86 / 60,
        "spread": 2.0,
        "night_rank": 20 / 21,
        "over_night_low": 86 / 12,
        "over_night_range": 86 / 24,
        "changes": 0.0,
        "baseline_5m": 0.0,
    }
    assert {name: row[name] for name in known} == pytest.approx(known)


def test_what_was_before_the_surge_moves_back_in_time() -> None:
    """A minute later, what stood 60 s ago is the surge, and the rise over a minute is a fall."""
    row = last([*QUIET, *SURGE, *[5.0] * 6, *[4.0] * 6])
    assert row["was_60s"] == pytest.approx((18 + 15 + 15) / 3)
    assert row["rise_60s"] == pytest.approx(4 - 86 / 6)
    assert row["rise_120s"] == pytest.approx(4.0)
    assert (row["age"], row["since_top"], row["held_70"]) == (18.0, 15.0, 0.0)


def test_an_excursion_is_over_once_the_heart_is_at_its_baseline() -> None:
    """Up to one spread counts as there: the top before it is not the top of what comes."""
    row = last([*QUIET, *SURGE, SPREAD, 8.0, 9.0, 10.0])
    assert (row["age"], row["top"], row["since_top"]) == (3.0, 10.0, 0.0)
    assert row["area_since"] == pytest.approx(27 / 12)


def test_no_spread_is_taken_for_smaller_than_sensors_can_tell() -> None:
    """A heart that hardly strays: what is divided by its spread does not explode."""
    maker = MomentMaker()
    course = [*QUIET, *SURGE]
    told = [maker.note(heart(n, excess, spread=0.01), arm(n)) for n, excess in enumerate(course)]
    assert told[-1] == rows(course)[-1]


def test_how_often_surges_of_like_size_were_there_before() -> None:
    """Twenty-five minutes with one excursion of ten beats: counted if it is like this one, with its distance."""
    before = [0.0] * 24 + [10.0] * 6 + [0.0] * 264
    like, bigger = last([*before, *[12.0] * 6]), last([*before, *[20.0] * 6])
    assert (like["like_count"], like["since_like"]) == (1.0, 35.0)
    assert (bigger["like_count"], bigger["since_like"]) == (0.0, 40.0)
    assert (like["hours_most"], like["hour_p90"]) == (10.0, 0.0)
    assert like["over_hours_most"] == pytest.approx(0.6)
    assert like["over_hour_p90"] == pytest.approx(3.0)


def test_what_is_not_known_yet_is_not_a_number() -> None:
    """In the first minutes nothing is usual yet, and trees go the way that was learned for a missing value."""
    row = last([*[0.0] * 60, *SURGE])
    unknown = ("hour_p90", "hours_most", "like_count", "since_like", "night_rank", "over_night_low", "over_middle_120s")
    assert all(math.isnan(row[name]) for name in unknown)


def test_the_cadence_of_the_source_shows_in_how_often_the_rate_changes() -> None:
    """A value every 5 s changes up to twelve times a minute, one every 30 s twice."""

    def sent_every(count: int) -> float:
        return last([*((n // count) % 2 * 1.0 for n in range(180)), *SURGE])["changes"]

    assert sent_every(1) == pytest.approx(12, rel=0.02)
    assert sent_every(6) == pytest.approx(2, rel=0.1)


def test_the_baselines_own_change_is_told() -> None:
    """A heart rate that climbs with its baseline is no surge of the same height."""
    maker = MomentMaker()
    told = [maker.note(heart(n, 5.0, baseline=60 + n * 0.1), arm(n)) for n in range(126)]
    row = dict(zip(NAMES, told[-1] or (), strict=True))
    assert row["baseline_5m"] == pytest.approx(5.9)
    assert row["over_60s"] == pytest.approx(5.0)
    assert row["level_300s"] == pytest.approx(5.0 - 29.5 * 0.1)


# -- when there is nothing to say ----------------------------------------------------------------------------


def test_nothing_is_said_where_nothing_is_worth_looking_at() -> None:
    """At the baseline there is no row; half a minute of a surge makes one."""
    told = rows([*QUIET, *SURGE, *[0.0] * 60])
    assert told[: len(QUIET)] == [None] * len(QUIET)
    assert told[len(QUIET) + len(SURGE) - 1] is not None
    assert told[-1] is None


def test_nothing_is_said_in_the_first_five_minutes_of_good_data() -> None:
    """Until then nobody knows what is ordinary."""
    told = rows([20.0] * (WARM_STEPS + 5))
    assert [row is not None for row in told] == [False] * (WARM_STEPS - 1) + [True] * 6


@pytest.mark.parametrize("name", ["bpm", "baseline_bpm", "spread_bpm"])
def test_nothing_is_said_without_the_numbers(name: str) -> None:
    """A heart rate without a baseline is no moment, and is not remembered as one."""
    maker = MomentMaker()
    for n, excess in enumerate([*QUIET, *SURGE]):
        maker.note(heart(n, excess), arm(n))
    before = replace(maker, rates=list(maker.rates), excess=list(maker.excess))
    hollow = replace(heart(126, 30.0), **{name: None})  # type: ignore[arg-type]  # each of these may be None
    assert maker.note(hollow, arm(126)) is None
    assert (maker.rates, maker.excess, maker.steps) == (before.rates, before.excess, before.steps)


@pytest.mark.parametrize(("gap_steps", "forgets"), [(11, False), (12, True), (360, True)])
def test_a_gap_of_more_than_a_minute_forgets_the_minutes_before_it(gap_steps: int, forgets: bool) -> None:
    """After it a moment needs five minutes of its own, and the surge before it is no part of it."""
    maker = MomentMaker()
    course: list[Excess] = [*QUIET, *SURGE, *[None] * gap_steps, *[8.0] * WARM_STEPS]
    told = [maker.note(heart(n, excess), arm(n)) for n, excess in enumerate(course)]
    after = told[-WARM_STEPS:]
    assert [row is None for row in after[:-1]] == [forgets] * (WARM_STEPS - 1)
    row = dict(zip(NAMES, after[-1] or (), strict=True))
    assert row["top"] == (8.0 if forgets else 20.0)
    assert row["age"] == (WARM_STEPS if forgets else WARM_STEPS + len(SURGE))
    assert row["level_300s"] == pytest.approx(8.0)


def test_what_is_kept_is_bounded() -> None:
    """A night of any length costs no more memory than its bounds say, but for what is usual of it."""
    maker = MomentMaker()
    for n in range(KEPT_BLOCKS * 6 + 600):
        maker.note(heart(n, float(n % 3)), arm(n))
    assert len(maker.rates) == len(maker.excess) == len(maker.baselines) == KEPT_STEPS
    assert len(maker.moves) == 2 * KEPT_STEPS
    assert len(maker.levels) == len(maker.excursions) == KEPT_BLOCKS
    assert len(maker.usual.ordered) == maker.steps // 6


# -- movement ------------------------------------------------------------------------------------------------


def test_movement_around_the_moment() -> None:
    """Still but for a turn of 400 mg, half a minute long, that began two steps before the heart left its baseline."""
    course = [*QUIET, *SURGE]
    ranges = [*[20] * 118, *[400] * 6, 60, 50]
    row = last(course, ranges)
    known = {
        "move_now": 0.0,
        "move_most_60s": 3.0,
        "move_most_300s": 3.0,
        "move_mean_60s": (6 * 3 + math.log2(1.2)) / 12,
        "move_mean_120s": (6 * 3 + math.log2(1.2)) / 24,
        "move_share_60s": 6 / 12,
        "move_share_120s": 6 / 24,
        "move_share_300s": 6 / 60,
        "move_30s_ago": 3.0,
        "move_60s_ago": 0.0,
        "move_onset": 3.0,
        "move_before": 2 * 3 / 60,
        "since_move": 2 * STEP_S / 60,
    }
    assert {name: row[name] for name in known} == pytest.approx(known)


def test_a_range_of_100_mg_is_movement_and_less_is_not() -> None:
    """The share counts whole steps; below 50 mg nothing is told apart."""
    course = [*QUIET, *SURGE]
    assert last(course, [100] * 126)["move_share_60s"] == 1.0
    assert last(course, [99] * 126)["move_share_60s"] == 0.0
    assert rows(course, [0] * 126) == rows(course, [50] * 126)


def test_unknown_movement_is_not_stillness() -> None:
    """Without a sensor, or in its gaps, movement is no number; what is known around a gap still counts."""
    course = [*QUIET, *SURGE]
    none = last(course, [None] * 126)
    assert all(math.isnan(none[name]) for name in NAMES if name.startswith("move_") or name == "since_move")
    gap = last(course, [*[400] * 120, *[None] * 6])
    assert math.isnan(gap["move_now"])
    assert math.isnan(gap["since_move"])
    assert gap["move_most_60s"] == 3.0
    assert gap["move_share_60s"] == 1.0
    assert not math.isnan(none["over_60s"])


def test_long_stillness_is_told_up_to_an_hour() -> None:
    """Counted from lights-out where there was no movement yet."""
    quiet = [0.0] * 900
    assert last([*quiet[:354], *SURGE])["since_move"] == pytest.approx(30.0)
    assert last([*quiet, *SURGE])["since_move"] == 60.0


def test_only_the_staging_range_counts_of_movement() -> None:
    """Peaks, stillness and steps differ between a second's rows and a half minute's; they say nothing here."""
    maker, other = MomentMaker(), MomentMaker()
    for n, excess in enumerate([*QUIET, *SURGE]):
        plain = arm(n, 20 + n)
        rich = replace(plain, peak_mg=9, still_s=3.0, moving_s=40.0, turned_ns=1, steps_60=7)
        assert maker.note(heart(n, excess), plain) == other.note(heart(n, excess), rich)


@pytest.mark.parametrize("range_mg", [20, 400])
def test_seconds_and_half_minutes_say_the_same(range_mg: int) -> None:
    """Where the range of half a minute is the same, so is the row, whichever rows it was rebuilt from."""

    def told(duration_s: int) -> list[Row]:
        tracker, maker, out = MotionTracker(), MomentMaker(), []
        for n, excess in enumerate([*QUIET, *SURGE]):
            end_s = (n + 1) * STEP_S
            for at_s in range(end_s - STEP_S + 1, end_s + 1):
                if at_s % duration_s == 0:
                    low, high = (0, 0, 1000), (0, 0, 1000 + range_mg)
                    tracker.take(MotionSummary(at_s * NS_PER_S, duration_s * 1000, range_mg, low, high))
            out.append(maker.note(heart(n, excess), tracker.look(end_s * NS_PER_S)))
        return out

    assert told(1)[-1] is not None
    assert told(1)[-6:] == told(30)[-6:]


# -- the same whatever the clock, and after a stop -----------------------------------------------------------

COURSE = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-5, 40).map(float)),
        st.one_of(st.none(), st.integers(0, 3000)),
        st.sampled_from([1, 1, 1, 1, 1, 2, 20]),
    ),
    min_size=1,
    max_size=60,
)


def _texts(told: list[Row]) -> list[str]:
    return [dumps(row) for row in told]


@settings(max_examples=40)
@given(COURSE, st.integers(0, 160), st.integers(0, 10**15))
def test_a_night_moved_or_stopped_says_the_same(
    course: list[tuple[Excess, int | None, int]], cut: int, by_ns: int
) -> None:
    """Wherever it lies on the clock, and after a snapshot anywhere in it, with gaps, with unknown movement: the same
    rows, each of as many values as there are names, each finite or not a number."""
    plain, other = MomentMaker(), MomentMaker()
    other.begin(by_ns)
    step, here, there = 0, list[Row](), list[Row]()
    quiet: list[tuple[Excess, int | None, int]] = [(1.0, 20, 1)] * 70
    for n, (excess, range_mg, jump) in enumerate([*quiet, *course, *quiet[:10], *course]):
        step += jump
        if n == cut:
            other = loads(dumps(other))
        look, motion = heart(step, excess), arm(step, range_mg)
        here.append(plain.note(look, motion))
        at_ns = look.at_ns + by_ns
        there.append(other.note(replace(look, at_ns=at_ns), replace(motion, at_ns=at_ns)))
    assert _texts(there) == _texts(here)
    for row in here:
        assert row is None or len(row) == len(MOMENTS)
        assert not any(math.isinf(value) for value in row or ())


@settings(max_examples=30)
@given(st.lists(st.one_of(st.floats(), st.integers(-30, 60).map(float)), min_size=1, max_size=30))
def test_broken_numbers_end_nothing(broken: list[float]) -> None:
    """Looks that no tracker gives: NaN, infinities, absurd rates. Rows may hold nothing; nothing is raised."""
    maker = MomentMaker()
    for n in range(70):
        maker.note(heart(n, 5.0), arm(n))
    for n, value in enumerate([*broken, *broken]):
        row = maker.note(heart(70 + n, value, spread=abs(value)), arm(70 + n))
        assert row is None or len(row) == len(MOMENTS)
