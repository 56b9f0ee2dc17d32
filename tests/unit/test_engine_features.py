"""The row of an epoch: what it holds, that it is causal, and that like input gives like stages."""

from __future__ import annotations

import importlib.resources
import math
import random
from collections.abc import Sequence

import numpy as np
import pytest

from vigil.domain.plain import dumps, loads
from vigil.domain.samples import AccelerationBlock, HeartSample, MotionSummary
from vigil.domain.sleep import StageProbabilities
from vigil.domain.units import EPOCH_NS, NS_PER_MS, NS_PER_S, STEP_NS
from vigil.engine.features import FEATURES, FeatureMaker
from vigil.engine.parameters import Parameters
from vigil.engine.stager import Stager
from vigil.signal.heart import HeartTracker
from vigil.signal.motion import MotionTracker, SecondsReducer

NAMES = [spec.name for spec in FEATURES]
Rows = list[tuple[float, ...]]


def _rates(minutes: int, seed: int = 8) -> list[HeartSample]:
    """Ten minutes quiet, ten minutes restless, and a level that falls."""
    draw = random.Random(seed)
    return [
        HeartSample(
            second * NS_PER_S,
            round(10 * (64 - second / 1200 + draw.gauss(0, 0.8 if second % 1200 < 600 else 4))),
        )
        for second in range(0, minutes * 60, 5)
    ]


def _night(
    heart: Sequence[HeartSample], motion: Sequence[MotionSummary], minutes: int, cut: int = -1, shift: int = 0
) -> Rows:
    """The features of every epoch; at step `cut` the state is written down and read back."""
    trackers = (HeartTracker(), MotionTracker(), FeatureMaker())
    trackers[2].begin(shift)
    records: list[HeartSample | MotionSummary] = sorted([*heart, *motion], key=lambda record: record.at_ns)
    position, rows = 0, []
    for step in range(1, minutes * 12 + 1):
        if step == cut:
            trackers = loads(dumps(trackers))
        pulse, moves, maker = trackers
        while position < len(records) and records[position].at_ns <= step * STEP_NS + shift:
            record = records[position]
            if isinstance(record, HeartSample):
                pulse.take_heart(record)
            else:
                moves.take(record)
            position += 1
        maker.note(pulse.look(step * STEP_NS + shift), moves.look(step * STEP_NS + shift))
        if step % 6 == 0:
            rows.append(maker.epoch(step * STEP_NS + shift))
    return rows


def _raw(minutes: int) -> AccelerationBlock:
    draw = np.random.default_rng(3)
    count = minutes * 3000
    t = np.arange(count) / 50
    gravity = np.where((t % 1500 < 900)[:, None], [0.0, 0.0, 1000.0], [900.0, 0.0, 435.0])
    mg = gravity + 4 * np.sin(2 * math.pi * 0.25 * t)[:, None] + draw.normal(0, 3, (count, 3))
    for start_s, length_s, size_mg in ((100, 30, 200), (880, 40, 300), (1502, 5, 400), (2000, 2, 60), (2390, 20, 150)):
        moving = (t >= start_s) & (t < start_s + length_s)
        mg[moving] += draw.normal(0, size_mg, (int(moving.sum()), 3))
    return AccelerationBlock(0, 20 * NS_PER_MS, mg.astype(np.int16))


def _seconds(block: AccelerationBlock) -> list[MotionSummary]:
    reducer = SecondsReducer()
    return reducer.push(block) + reducer.flush()


def _half_minutes(block: AccelerationBlock, every: int, grain_mg: int) -> list[MotionSummary]:
    """Rows as walch has them: per-axis ranges of a subsample, rounded; known at the end of the half minute."""
    rows = []
    for index in range(len(block.mg) // 1500):
        part = np.rint(block.mg[1500 * index : 1500 * (index + 1) : every] / grain_mg) * grain_mg
        x, y, z = (int(value) for value in part.mean(0).round())
        rows.append(
            MotionSummary((index + 1) * EPOCH_NS, 30_000, round(math.hypot(*np.ptp(part, axis=0))), mean_mg=(x, y, z))
        )
    return rows


def _stages(rows: Rows, parameters: Parameters) -> list[StageProbabilities]:
    stager = Stager()
    return [stager.score(row, True, parameters) for row in rows]


@pytest.fixture(scope="module")
def population() -> Parameters:
    return Parameters.from_json(importlib.resources.files("vigil.data").joinpath("population.json").read_text("utf-8"))


def _same(first: Rows, second: Rows) -> bool:
    """Equal bit for bit, NaN being equal to NaN."""
    return [[value.hex() for value in row] for row in first] == [[value.hex() for value in row] for row in second]


def test_every_feature_has_its_place_name_unit_and_meaning() -> None:
    """A row is as long as the list that explains it, and no name stands twice."""
    rows = _night(_rates(3), (), 3)
    assert {len(row) for row in rows} == {len(FEATURES)}
    assert len(set(NAMES)) == len(NAMES)
    assert all(spec.unit and spec.meaning for spec in FEATURES)


def test_nothing_known_is_nan_and_time_still_passes() -> None:
    """Without data a feature is not known, which is not nought."""
    rows = _night((), (), 40)
    assert [row[0] for row in rows[:2]] == [30 / 3600, 60 / 3600]
    assert all(math.isnan(value) for row in rows for value in row[1:])


def test_all_is_known_after_an_hour_and_a_half() -> None:
    """With heart rate and movement every feature comes to be a number."""
    rows = _night(_rates(95), _half_minutes(_raw(95), 1, 1), 95)
    assert all(math.isfinite(value) for value in rows[-1])


def test_heart_features_are_what_they_say() -> None:
    """Means, deviations and ranks of trailing windows, against plain sums over the looks."""
    heart = _rates(40)
    row = dict(zip(NAMES, _night(heart, (), 40)[-1], strict=True))
    tracker, looks, position = HeartTracker(), [], 0
    for step in range(1, 481):
        while position < len(heart) and heart[position].at_ns <= step * STEP_NS:
            tracker.take_heart(heart[position])
            position += 1
        looks.append(tracker.look(step * STEP_NS).bpm or math.nan)
    last = np.array(looks)
    epochs = last.reshape(-1, 6).mean(1)
    assert row["heart_now_5m"] == pytest.approx(epochs[-1] - epochs[-10:].mean())
    assert row["heart_10m_30m"] == pytest.approx(epochs[-20:].mean() - epochs[-60:].mean())
    assert row["wobble_5m"] == pytest.approx(last[-60:].std())
    assert row["slow_10m"] == pytest.approx(epochs[-20:].std())
    assert row["fast_30m"] == pytest.approx(last.reshape(-1, 6).std(1)[-60:].mean())
    assert row["swing_10m"] == pytest.approx(np.ptp(last[-120:]))
    assert row["peaks_10m"] == pytest.approx((last[-120:] > np.median(last[-120:]) + 4).mean())
    assert row["heart_change_20m"] == pytest.approx(epochs[-10:].mean() - epochs[-50:-40].mean())
    assert row["top_20m"] == pytest.approx(last[-240:].max() - np.median(last[-240:]))
    centred = last[-240:] - last[-240:].mean()
    assert row["skew_20m"] == pytest.approx((centred**3).mean() / last[-240:].std() ** 3)
    assert 0 <= row["wobble_10m_rank"] <= 1


def test_slides_are_changes_between_means() -> None:
    """Sway that is slower than the scale hardly shows, sway of twice the scale shows whole."""
    fast = [HeartSample(s * NS_PER_S, 600 + 80 * (s // 40 % 2) + 10 * (s % 2)) for s in range(0, 2400, 5)]
    slow = [HeartSample(s * NS_PER_S, 600 + 80 * (s // 600 % 2) + 10 * (s % 2)) for s in range(0, 2400, 5)]
    row, still = (dict(zip(NAMES, _night(heart, (), 40)[-1], strict=True)) for heart in (fast, slow))
    assert row["slide_40s_most_10m"] == pytest.approx(8.0, abs=0.5)
    assert 3 < row["slide_40s_10m"] < 8
    assert row["slide_160s_30m"] < 1 < still["slide_160s_30m"]
    assert still["slide_40s_5m"] < 1


def test_slides_need_enough_that_is_known() -> None:
    """A heart rate that was heard for a minute in ten has no slide of ten minutes, and none at all has no rise."""
    rows = _night([record for record in _rates(30) if record.at_ns > 29 * 60 * NS_PER_S], (), 30)
    row = dict(zip(NAMES, rows[-1], strict=True))
    assert math.isnan(row["slide_40s_10m"])
    assert math.isnan(row["slide_160s_30m"])
    assert math.isnan(row["slide_40s_most_30m"])


def test_a_restless_stretch_ranks_high() -> None:
    """Ranks are against the person's own night so far."""
    rows = _night(_rates(60), (), 60)
    wobble = NAMES.index("wobble_5m_rank")
    assert rows[59][wobble] < 0.5 < rows[78][wobble]


def test_movement_features_are_what_they_say() -> None:
    """Log range now, largest and mean of late, and minutes since."""
    ranges = [20, 20, 400, 800, 20, 20, 50, 20]
    motion = [MotionSummary((k + 1) * EPOCH_NS, 30_000, mg) for k, mg in enumerate(ranges)]
    rows = [dict(zip(NAMES, row, strict=True)) for row in _night((), motion, 4)]
    assert [row["move_now"] for row in rows] == [0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0]
    assert rows[-1]["move_5m"] == pytest.approx(7 / 8)
    assert rows[-1]["move_2m_most"] == 4.0
    assert rows[-1]["move_10m_share"] == 0.25
    assert [row["since_move"] for row in rows] == [0.5, 1.0, 0.0, 0.0, 0.5, 1.0, 1.5, 2.0]
    assert rows[2]["since_big_move"] == 1.5
    assert rows[-1]["since_big_move"] == 2.0
    assert rows[-1]["since_turn"] == 4.0
    assert rows[-1]["since_1000"] == 4.0
    assert rows[-1]["move_200_30m"] == rows[-1]["move_10m_share"] == 0.25
    assert rows[-1]["move_500_60m"] == 0.125


def test_a_row_does_not_depend_on_what_comes_after() -> None:
    """The prefix property: the first epochs of a long night are those of a short one."""
    heart, motion = _rates(40), _seconds(_raw(40))
    whole = _night(heart, motion, 40)
    cut = [record for record in motion if record.at_ns <= 20 * 60 * NS_PER_S]
    assert _same(whole[:40], _night([r for r in heart if r.at_ns <= 20 * 60 * NS_PER_S], cut, 20))


@pytest.mark.parametrize("cut", [1, 61, 300, 303])
def test_a_snapshot_changes_no_row(cut: int) -> None:
    """Written down and read back anywhere, within an epoch too, the rows are the same."""
    heart, motion = _rates(30), _half_minutes(_raw(30), 1, 1)
    assert _same(_night(heart, motion, 30, cut=cut), _night(heart, motion, 30))


def test_a_shift_in_time_changes_no_row() -> None:
    """Time counts from lights-out, wherever that lies."""
    shift = 123_456 * NS_PER_S
    heart, motion = _rates(30), _half_minutes(_raw(30), 1, 1)
    moved = _night(
        [HeartSample(record.at_ns + shift, record.bpm_x10) for record in heart],
        [MotionSummary(row.at_ns + shift, 30_000, row.range_mg, mean_mg=row.mean_mg) for row in motion],
        30,
        shift=shift,
    )
    assert _same(moved, _night(heart, motion, 30))


def test_raw_seconds_and_half_minutes_stage_alike(population: Parameters) -> None:
    """Exact half minutes give the seconds' stages to a hair; a coarse subsample (walch) stays within bounds."""
    heart, block = _rates(45), _raw(45)
    seconds = _stages(_night(heart, _seconds(block), 45), population)
    exact = _stages(_night(heart, _half_minutes(block, 1, 1), 45), population)
    coarse = _stages(_night(heart, _half_minutes(block, 10, 10), 45), population)

    def furthest(others: list[StageProbabilities]) -> float:
        pairs = zip(seconds, others, strict=True)
        return max(abs(a - b) for one, other in pairs for a, b in zip(one.as_tuple(), other.as_tuple(), strict=True))

    assert furthest(exact) <= 0.02
    assert furthest(coarse) <= 0.15
    assert sum(one.best is other.best for one, other in zip(seconds, coarse, strict=True)) >= 0.95 * len(seconds)
