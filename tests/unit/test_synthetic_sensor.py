"""What wearables make of a body."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from itertools import pairwise

import pytest

from vigil.domain.records import Event, LinkLost, LinkRegained, Sample
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.sleep import AasmStage
from vigil.domain.units import NS_PER_S
from vigil.recordings.synthetic.distractors import Distractor, DistractorKind
from vigil.recordings.synthetic.drives import Move, Surge
from vigil.recordings.synthetic.night_plan import NightPlan, Trouble, TroubleKind
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.sensor import (
    CHEST_STRAP,
    SENSORS,
    WRIST_1S,
    WRIST_5S,
    WRIST_60S,
    Sensor,
)
from vigil.recordings.synthetic.sleeper import SimulatedSleeper

CALM = Person(wobble=0.0)
STILL = NightPlan("still", (AasmStage.N2,) * 120)
"""An hour of N2 in which nothing happens."""


def items(plan: NightPlan, sensor: Sensor, who: Person = CALM, seed: int = 5) -> list[Sample | Event]:
    """Everything of one night."""
    one = SimulatedSleeper(seed, person=who, plan=plan, sensor=sensor)
    return one.until(one.ends_ns)


def hearts(plan: NightPlan, sensor: Sensor, who: Person = CALM) -> list[tuple[int, float]]:
    """(second, bpm) of every heart rate."""
    return [(i.at_ns // NS_PER_S, i.bpm_x10 / 10) for i in items(plan, sensor, who) if isinstance(i, HeartSample)]


@pytest.mark.parametrize("sensor", [s for s in SENSORS.values() if s.cadence_s], ids=lambda s: s.name)
def test_each_wrist_sensor_keeps_its_cadence_and_rounds(sensor: Sensor) -> None:
    """The median interval is the cadence, and values are whole bpm, as wearables send them."""
    found = hearts(STILL, sensor)
    intervals = [b - a for (a, _), (b, _) in pairwise(found)]
    assert statistics.median(intervals) == pytest.approx(sensor.cadence_s, abs=1)
    assert all(bpm == int(bpm) for _, bpm in found)


@pytest.mark.parametrize("sensor", [WRIST_1S, replace(WRIST_1S, lag_s=15, smooth_s=15)], ids=["lag 5", "lag 15"])
def test_a_wrist_sensor_shows_a_surge_late_and_smoothed(sensor: Sensor) -> None:
    """Nothing of a surge is seen before the lag is over, and all of it only after lag and smoothing (mission 5.6)."""
    surge = Surge(1800, 1, 600, 5.0, 40.0)
    plan = replace(STILL, distractors=(Distractor(DistractorKind.GOOD_DREAM, 1800, 2400, (surge,)),))
    found = dict(hearts(plan, replace(sensor, noise_bpm=0.0)))
    quiet = dict(hearts(STILL, replace(sensor, noise_bpm=0.0)))
    gained = {s: found[s] - quiet[s] for s in range(1790, 1850)}
    assert all(gained[s] == 0 for s in range(1790, 1800 + sensor.lag_s))
    assert gained[1800 + sensor.lag_s + 2] < 30
    assert gained[1800 + sensor.lag_s + sensor.smooth_s + 1] >= 39


def test_movement_makes_a_wrist_sensor_lose_the_heart_or_lock_on_the_arm() -> None:
    """Drop-outs and wrong values come with movement, are told in the truth, and never come to a still wrist."""
    moves = tuple(Move(s, 20, 1500) for s in range(300, 3400, 60))
    moving = replace(STILL, distractors=(Distractor(DistractorKind.AWAKE, 0, 3600, moves=moves),))
    one = SimulatedSleeper(5, person=CALM, plan=moving, sensor=replace(WRIST_1S, lock_chance=0.03))
    seen = {i.at_ns // NS_PER_S: i.bpm_x10 / 10 for i in one.until(one.ends_ns) if isinstance(i, HeartSample)}
    lost = [t for t in one.truth.troubles if t.kind is TroubleKind.MOVING]
    assert len(lost) > 3
    assert not any(s in seen for t in lost for s in range(t.from_s, t.to_s + 1))
    assert max(seen.values()) >= 88
    still = dict(hearts(STILL, WRIST_1S))
    assert max(still.values()) < 70
    assert len(still) >= 3600 - WRIST_1S.lag_s - 1


def test_a_strap_sends_intervals_that_follow_each_other_without_gap() -> None:
    """Each interval begins where the last one ended, and their mean is the true heart rate."""
    beats = [i for i in items(STILL, CHEST_STRAP) if isinstance(i, BeatInterval)]
    assert all(b.at_ns - a.at_ns == b.rr_ms * 1_000_000 for a, b in pairwise(beats))
    assert all(beat.clean for beat in beats)
    assert 45 < 60_000 / statistics.mean(beat.rr_ms for beat in beats) < 65


@pytest.mark.parametrize("rmssd_ms", [20.0, 60.0])
def test_beats_vary_as_much_as_the_person_does(rmssd_ms: float) -> None:
    """RMSSD in quiet N2 is near the person's own."""
    beats = [
        i.rr_ms for i in items(STILL, CHEST_STRAP, replace(CALM, rmssd_ms=rmssd_ms)) if isinstance(i, BeatInterval)
    ]
    found = math.sqrt(statistics.mean((b - a) ** 2 for a, b in pairwise(beats)))
    assert 0.7 * rmssd_ms < found < 1.4 * rmssd_ms


def test_a_strap_that_misses_a_beat_says_that_it_doubts_the_interval() -> None:
    """In strong movement two intervals may come as one, marked as doubtful, and nothing is lost in the sum."""
    moves = tuple(Move(s, 50, 2500) for s in range(60, 3500, 60))
    moving = replace(STILL, distractors=(Distractor(DistractorKind.AWAKE, 0, 3600, moves=moves),))
    beats = [i for i in items(moving, CHEST_STRAP) if isinstance(i, BeatInterval)]
    doubtful = [beat for beat in beats if not beat.clean]
    assert doubtful
    assert min(beat.rr_ms for beat in doubtful) > 1.5 * statistics.median(beat.rr_ms for beat in beats)
    assert all(b.at_ns - a.at_ns == b.rr_ms * 1_000_000 for a, b in pairwise(beats))


def troubled(kind: TroubleKind, sensor: Sensor = WRIST_5S) -> list[Sample | Event]:
    """An hour of which the seconds after 1200 up to 1800 are in trouble."""
    return items(replace(STILL, troubles=(Trouble(kind, 1200, 1800),)), sensor, Person())


def within(found: list[Sample | Event], kind: type) -> list[Sample | Event]:
    """What of this kind was known in the trouble."""
    return [i for i in found if isinstance(i, kind) and 1200 * NS_PER_S < i.at_ns <= 1800 * NS_PER_S]


@pytest.mark.parametrize("sensor", [WRIST_5S, CHEST_STRAP], ids=lambda s: s.name)
def test_a_gap_of_the_heart_leaves_movement(sensor: Sensor) -> None:
    """The heart rate is gone for as long as the plan says; the accelerometer goes on."""
    found = troubled(TroubleKind.HEART_GAP, sensor)
    assert within(found, HeartSample) == within(found, BeatInterval) == []
    assert len(within(found, MotionSummary)) == 600


def test_a_lost_link_is_said_and_nothing_comes_until_it_is_back() -> None:
    """LinkLost, silence, LinkRegained."""
    found = troubled(TroubleKind.LINK)
    said = [i for i in found if isinstance(i, LinkLost | LinkRegained)]
    assert said == [LinkLost(1200 * NS_PER_S), LinkRegained(1800 * NS_PER_S)]
    assert within(found, HeartSample) == within(found, MotionSummary) == []


def test_off_the_wrist_the_wearable_lies_flat_and_says_so() -> None:
    """Contact lost and found again, no heart rate, gravity straight down, no movement."""
    found = troubled(TroubleKind.OFF_WRIST)
    said = [i for i in found if isinstance(i, Contact)]
    assert said == [Contact(1200 * NS_PER_S, on=False), Contact(1800 * NS_PER_S, on=True)]
    assert within(found, HeartSample) == []
    lying = [i for i in within(found, MotionSummary) if isinstance(i, MotionSummary)][1:]
    assert {i.mean_mg for i in lying} == {(0, 0, 1000)}
    assert all(i.range_mg is not None and i.range_mg < 30 for i in lying)


def test_a_frozen_sensor_sends_one_value_at_its_cadence() -> None:
    """The last value comes again and again, on time."""
    found = within(troubled(TroubleKind.FROZEN), HeartSample)
    assert len(found) > 90
    assert len({i.bpm_x10 for i in found if isinstance(i, HeartSample)}) == 1


def test_a_battery_that_runs_out_ends_the_night_of_the_wearable() -> None:
    """The charge is told every hour and falls; when it is spent, the link is lost for good."""
    plan = named_plan("battery", 4)
    found = items(plan, WRIST_60S)
    charges = [i.percent for i in found if isinstance(i, Battery)]
    assert charges == sorted(charges, reverse=True)
    assert charges[0] == 20
    assert isinstance(found[-1], LinkLost)
    assert found[-1].at_ns == 5 * 3600 * NS_PER_S


def test_a_battery_that_lasts_leaves_the_link_alone() -> None:
    """A good charge is only told."""
    found = items(replace(STILL, battery_percent=80), WRIST_60S)
    assert [i.percent for i in found if isinstance(i, Battery)] == [80]
    assert not any(isinstance(i, LinkLost) for i in found)


def test_movement_summaries_are_whole_and_agree_with_themselves() -> None:
    """The range is the norm of the three peak-to-peak ranges, the mean lies within them, and wrists count steps."""
    plan = named_plan("bathroom", 2, hours=2.0)
    found = [i for i in items(plan, WRIST_5S, Person(), seed=2) if isinstance(i, MotionSummary)]
    for row in found:
        assert row.low_mg is not None
        assert row.high_mg is not None
        assert row.mean_mg is not None
        reach = math.dist(row.low_mg, row.high_mg)
        assert row.range_mg == round(reach)
        assert all(low <= mean <= high for low, mean, high in zip(row.low_mg, row.mean_mg, row.high_mg, strict=True))
    assert sum(row.steps or 0 for row in found) >= 20
    strap = [i for i in items(plan, CHEST_STRAP, Person(), seed=2) if isinstance(i, MotionSummary)]
    assert {row.steps for row in strap} == {None}


def test_a_still_wrist_shows_ten_to_twenty_milli_g() -> None:
    """Sensor noise stays under what counts as movement, as in sleep-accel (median 14 to 17 mg in 30 s)."""
    reach = [i.range_mg for i in items(STILL, WRIST_5S) if isinstance(i, MotionSummary) and i.range_mg is not None]
    assert 7 < statistics.median(reach) < 20
    assert max(reach) < 100


def test_movement_ranks_by_stage_as_in_real_nights() -> None:
    """Mission 5.1: N1 > REM > N2 > N3 in how often the wrist moves."""
    moved: dict[AasmStage, list[bool]] = {stage: [] for stage in AasmStage}
    for seed in range(6):
        one = SimulatedSleeper(seed, plan=named_plan("quiet", seed))
        rows = [i.range_mg or 0 for i in one.until(one.ends_ns) if isinstance(i, MotionSummary)]
        for k, stage in enumerate(one.truth.scoring):
            moved[stage].append(max(rows[30 * k : 30 * k + 30]) > 150)
    share = {stage: statistics.mean(each) for stage, each in moved.items() if each}
    assert (
        share[AasmStage.WAKE] > share[AasmStage.N1] > share[AasmStage.REM] > share[AasmStage.N2] > share[AasmStage.N3]
    )
    assert 0.02 < share[AasmStage.N2] < 0.09
