"""The heart: what is believed, when it is not, and what is said of it."""

from __future__ import annotations

import csv
import math
import random
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.plain import dumps, loads
from vigil.domain.samples import BeatInterval, HeartSample, Quality, SampleFault
from vigil.domain.units import MAX_INSTANT_NS, NS_PER_MS, NS_PER_S, STEP_NS
from vigil.signal.heart import HeartLook, HeartTracker
from vigil.signal.hygiene import flat_limit_ns, stale_limit_ns

Sensed = HeartSample | BeatInterval


def _heart(cadence_ms: int | None = 5000) -> HeartTracker:
    tracker = HeartTracker()
    tracker.begin(cadence_ms)
    return tracker


def _take(tracker: HeartTracker, record: Sensed) -> SampleFault | None:
    return tracker.take_heart(record) if isinstance(record, HeartSample) else tracker.take_beat(record)


def _looks(tracker: HeartTracker, records: Iterable[Sensed], until_s: int, from_s: int = 0) -> list[HeartLook]:
    """Every look of the grid after `from_s`, each after all that was known by then."""
    waiting = sorted(records, key=lambda record: record.at_ns)
    position, looks = 0, []
    for step in range(from_s * NS_PER_S // STEP_NS + 1, until_s * NS_PER_S // STEP_NS + 1):
        while position < len(waiting) and waiting[position].at_ns <= step * STEP_NS:
            _take(tracker, waiting[position])
            position += 1
        looks.append(tracker.look(step * STEP_NS))
    return looks


def _rates(from_s: float, until_s: float, every_s: float = 5.0, bpm: float = 60.0, seed: int = 3) -> list[HeartSample]:
    """A heart rate that wobbles by a few beats, so that nothing looks frozen."""
    draw = random.Random(seed)
    count = math.ceil((until_s - from_s) / every_s)
    return [
        HeartSample(round((from_s + index * every_s) * NS_PER_S), round(10 * (bpm + draw.choice((-2, -1, 0, 1, 2)))))
        for index in range(count)
    ]


def _beats(from_s: float, until_s: float, rr_ms: int = 1000, seed: int = 5) -> list[BeatInterval]:
    draw, at_ns, beats = random.Random(seed), round(from_s * NS_PER_S), []
    while at_ns < until_s * NS_PER_S:
        rr = rr_ms + draw.randint(-30, 30)
        at_ns += rr * NS_PER_MS
        beats.append(BeatInterval(at_ns, rr))
    return beats


def test_the_watch_starts_blind_and_must_be_shown_data() -> None:
    """Nothing heard is NEVER, not calm; the first good value makes it GOOD and starts the run."""
    tracker = _heart()
    assert tracker.look(STEP_NS) == HeartLook(STEP_NS, Quality.NEVER)
    tracker.take_heart(HeartSample(7 * NS_PER_S, 600))
    look = tracker.look(2 * STEP_NS)
    assert (look.quality, look.bpm, look.age_ms, look.good_since_ns) == (Quality.GOOD, 60.0, 3000, 2 * STEP_NS)


@pytest.mark.parametrize(
    "broken",
    [math.nan, math.inf, True, "600", None, -600, 0, 249, 2201, 10**30, 600.0],
)
def test_broken_heart_rates_are_refused(broken: Any) -> None:
    """Whatever is not a whole number within 25 to 220 bpm is out of range, and never an exception."""
    tracker = _heart()
    assert tracker.take_heart(HeartSample(0, broken)) is SampleFault.OUT_OF_RANGE
    assert tracker.take_beat(BeatInterval(0, 2401 if broken == 2201 else broken)) is SampleFault.OUT_OF_RANGE
    assert tracker.look(STEP_NS).bpm is None
    assert tracker.left_out == {SampleFault.OUT_OF_RANGE: 2}


@pytest.mark.parametrize("broken", [math.nan, None, "0", 10**30, -(10**30), 1.5])
def test_broken_instants_are_refused(broken: Any) -> None:
    """A sample from a broken clock is out of range too."""
    tracker = _heart()
    assert tracker.take_heart(HeartSample(broken, 600)) is SampleFault.OUT_OF_RANGE
    assert tracker.take_beat(BeatInterval(broken, 900)) is SampleFault.OUT_OF_RANGE
    assert tracker.take_heart(HeartSample(MAX_INSTANT_NS, 600)) is None


def test_bounds_are_inclusive() -> None:
    """25 and 220 bpm, 270 and 2400 ms are still possible."""
    tracker = _heart()
    assert [_heart().take_heart(HeartSample(0, bpm)) for bpm in (250, 2200)] == [None, None]
    assert [tracker.take_beat(BeatInterval(index * 5 * NS_PER_S, rr)) for index, rr in enumerate((270, 2400))] == [
        None,
        None,
    ]


def test_duplicates_and_late_values_are_left_out() -> None:
    """The first of two copies counts; what is older than what was heard never does."""
    tracker = _heart()
    assert tracker.take_heart(HeartSample(10 * NS_PER_S, 600)) is None
    assert tracker.take_heart(HeartSample(10 * NS_PER_S, 600)) is SampleFault.DUPLICATE
    assert tracker.take_heart(HeartSample(10 * NS_PER_S + 500 * NS_PER_MS, 600)) is SampleFault.DUPLICATE
    assert tracker.take_heart(HeartSample(9 * NS_PER_S, 610)) is SampleFault.LATE
    assert tracker.take_beat(BeatInterval(10 * NS_PER_S, 900)) is None
    assert tracker.take_beat(BeatInterval(10 * NS_PER_S, 900)) is SampleFault.DUPLICATE
    assert tracker.take_beat(BeatInterval(9 * NS_PER_S, 900)) is SampleFault.LATE


@pytest.mark.parametrize(("cadence_s", "limit_s"), [(1, 10), (5, 15), (15, 45), (60, 180), (120, 180)])
def test_how_old_a_value_may_be_belongs_to_the_cadence(cadence_s: int, limit_s: int) -> None:
    """Three cadences, at least 10 s, at most 180 s; one step later the heart is not known."""
    tracker = _heart(cadence_s * 1000)
    tracker.take_heart(HeartSample(0, 600))
    looks = _looks(tracker, (), limit_s + 5)
    assert [look.quality for look in looks] == [Quality.GOOD] * (len(looks) - 1) + [Quality.STALE]
    assert looks[-1].bpm is None
    assert looks[-1].good_since_ns is None
    assert looks[-1].age_ms == (limit_s + 5) * 1000


def test_the_cadence_is_learned_where_it_is_not_declared() -> None:
    """A value a minute is no drop-out, once the source has shown that it sends one a minute."""
    looks = _looks(_heart(None), _rates(0, 3600, 60.0), 3600)
    early, late = looks[:72], looks[72:]
    assert {look.quality for look in early} == {Quality.GOOD, Quality.STALE}
    assert {look.quality for look in late} == {Quality.GOOD}
    assert stale_limit_ns(60 * NS_PER_S) == 180 * NS_PER_S


def test_a_gap_does_not_change_the_learned_cadence() -> None:
    """Ten minutes of silence say nothing about how often a value comes; after them it is believed at once."""
    records = _rates(0, 600) + _rates(1200, 1800)
    looks = _looks(_heart(None), records, 1800)
    assert {look.quality for look in looks[124:239]} == {Quality.STALE}
    assert {look.quality for look in looks[240:]} == {Quality.GOOD}


@pytest.mark.parametrize("cadence", [True, 0, 99, 600_001, "5000", math.nan])
def test_a_nonsense_cadence_is_learned_instead(cadence: Any) -> None:
    """A declared cadence that is none is as good as none declared."""
    looks = _looks(_heart(cadence), _rates(0, 3600, 60.0), 3600)
    assert looks[-1].quality is Quality.GOOD


@pytest.mark.parametrize(("cadence_s", "limit_s"), [(0.5, 300), (1, 300), (5, 360), (10, 720), (60, 1200)])
def test_a_frozen_value_is_flat_after_72_cadences_and_five_minutes(cadence_s: float, limit_s: int) -> None:
    """The same value for longer than such a source ever holds one is a frozen sensor, until it changes."""
    assert flat_limit_ns(round(cadence_s * NS_PER_S)) == limit_s * NS_PER_S
    tracker = _heart(round(cadence_s * 1000))
    count = round((limit_s + 120) / cadence_s)
    frozen = [HeartSample(round(index * cadence_s * NS_PER_S), 600) for index in range(count)]
    looks = _looks(tracker, frozen, limit_s + 60)
    assert {look.quality for look in looks if look.at_ns < limit_s * NS_PER_S} == {Quality.GOOD}
    assert looks[-1].quality is Quality.FLAT
    alive = HeartSample(round(count * cadence_s * NS_PER_S), 610)
    assert _looks(tracker, [*frozen, alive], limit_s + 130, limit_s + 60)[-1].quality is Quality.GOOD


def test_a_gap_ends_a_frozen_stretch() -> None:
    """Equal values on both sides of a silence are not one frozen stretch."""
    held = [HeartSample(second * NS_PER_S, 600) for second in (*range(0, 300, 5), *range(400, 700, 5))]
    assert Quality.FLAT not in {look.quality for look in _looks(_heart(), held, 695)}


def test_identical_beats_are_flat() -> None:
    """No heart beats to the millisecond for more than a minute."""
    beats = [BeatInterval(index * NS_PER_S, 1000) for index in range(1, 120)]
    looks = _looks(_heart(None), beats, 115)
    assert looks[60 // 5].quality is Quality.GOOD
    assert looks[-1].quality is Quality.FLAT


def test_more_than_a_tenth_impossible_is_bad_for_a_minute() -> None:
    """Garbage among the values makes all of them doubtful; a minute after the last of it they are believed again."""
    garbage = [HeartSample(second * NS_PER_S, 9000) for second in (301, 302, 303)]
    looks = _looks(_heart(), _rates(0, 600) + garbage, 600)
    bad = [look.at_ns // NS_PER_S for look in looks if look.quality is Quality.BAD]
    assert bad == list(range(305, 365, 5))
    assert {look.quality for look in looks[80:]} == {Quality.GOOD}


def test_few_impossible_values_are_only_left_out() -> None:
    """Two in a minute, or a tenth of many, are left out and no more."""
    two = [HeartSample(second * NS_PER_S, 9000) for second in (300, 301)]
    assert {look.quality for look in _looks(_heart(), _rates(0, 600) + two, 600)[1:]} == {Quality.GOOD}


def test_a_source_that_sends_twice_is_doubled() -> None:
    """Values that come twice, at once or a moment later, are one; more than one in twenty makes it DOUBLED."""
    once = _rates(0, 300)
    again = [HeartSample(sample.at_ns + 200 * NS_PER_MS, sample.bpm_x10) for sample in once[20:]]
    tracker = _heart()
    looks = _looks(tracker, once + again, 300)
    assert looks[-1].quality is Quality.DOUBLED
    assert looks[-1].bpm is None
    assert tracker.left_out == {SampleFault.DUPLICATE: len(again)}


def test_off_the_wrist_and_out_of_reach_rule_until_undone() -> None:
    """What was heard before the band was put on again, or came back, does not count: fresh data must be shown."""
    tracker = _heart()
    _looks(tracker, _rates(0, 60), 60)
    tracker.contact(False)
    tracker.take_heart(HeartSample(62 * NS_PER_S, 600))
    assert tracker.look(65 * NS_PER_S).quality is Quality.OFF_WRIST
    tracker.link(False)
    assert tracker.look(70 * NS_PER_S).quality is Quality.LINK_LOST
    tracker.link(True)
    assert tracker.look(70 * NS_PER_S).quality is Quality.OFF_WRIST
    tracker.contact(True)
    assert tracker.look(70 * NS_PER_S).quality is Quality.STALE
    tracker.take_heart(HeartSample(71 * NS_PER_S, 800))
    look = tracker.look(75 * NS_PER_S)
    assert (look.quality, look.bpm, look.good_since_ns) == (Quality.GOOD, 80.0, 75 * NS_PER_S)
    tracker.contact(True)
    tracker.link(True)
    assert tracker.look(80 * NS_PER_S).quality is Quality.GOOD


def test_a_broken_contact_flag_is_off() -> None:
    """Only a true True says that it is worn."""
    tracker = _heart()
    _looks(tracker, _rates(0, 60), 60)
    broken: Any = math.nan
    tracker.contact(broken)
    assert tracker.look(65 * NS_PER_S).quality is Quality.OFF_WRIST


def test_the_heart_rate_is_the_median_of_ten_seconds() -> None:
    """One odd value among three is not the heart rate."""
    tracker = _heart(1000)
    for second, bpm_x10 in ((1, 600), (2, 660), (3, 620)):
        assert tracker.take_heart(HeartSample(second * NS_PER_S, bpm_x10)) is None
    assert tracker.look(5 * NS_PER_S).bpm == 62.0
    tracker.take_heart(HeartSample(6 * NS_PER_S, 600))
    assert tracker.look(10 * NS_PER_S).bpm == 61.0
    assert tracker.look(15 * NS_PER_S).bpm == 60.0


def test_beats_rule_while_they_flow() -> None:
    """Beats say more than samples; 30 s after the last one the samples are used again, and not before."""
    beats, rates = _beats(0, 120, rr_ms=1000), _rates(0, 240, bpm=90)
    looks = _looks(_heart(), [*beats, *rates], 240)
    assert all(look.bpm == pytest.approx(60, abs=2) for look in looks[2:24])
    gap = [look.quality for look in looks if 132 * NS_PER_S < look.at_ns < 150 * NS_PER_S]
    assert set(gap) == {Quality.STALE}
    assert looks[-1].bpm == pytest.approx(90, abs=2)


def test_a_stray_beat_is_doubted_and_a_new_rate_is_not() -> None:
    """One beat far from its neighbours is left out; several that agree are the new truth."""
    tracker = _heart(None)
    for beat in _beats(0, 30):
        assert tracker.take_beat(beat) is None
    at_ns = 40 * NS_PER_S
    assert tracker.take_beat(BeatInterval(at_ns, 500)) is SampleFault.DOUBTFUL_BEAT
    faults = [tracker.take_beat(BeatInterval(at_ns + k * 520 * NS_PER_MS, 520 + k)) for k in range(1, 12)]
    assert faults[:3] == [SampleFault.DOUBTFUL_BEAT] * 3
    assert faults[4:] == [None] * 7


def test_beats_that_never_agree_are_not_doubted_for_ever() -> None:
    """Eleven doubtful ones in a row become the new neighbours, whatever they are."""
    tracker = _heart(None)
    beats = [*_beats(0, 30), *(BeatInterval((31 + k) * NS_PER_S, 400 if k % 2 else 1900) for k in range(40))]
    faults = [tracker.take_beat(beat) for beat in beats]
    doubted = [index for index, fault in enumerate(faults) if fault is SampleFault.DOUBTFUL_BEAT]
    assert len(doubted) >= 10
    assert None in faults[-30:]


def test_mostly_doubtful_beats_are_bad() -> None:
    """A loose electrode is not a heart: nearly half doubtful within a minute is BAD."""
    good, noise = _beats(0, 300), [BeatInterval((120 + k) * NS_PER_S + 1, 350 + 40 * k, False) for k in range(50)]
    qualities = {look.quality for look in _looks(_heart(None), good + noise, 170)[25:]}
    assert Quality.BAD in qualities


def test_a_beat_that_the_source_doubts_is_left_out() -> None:
    """`clean` False, or anything but True, is not taken."""
    tracker = _heart(None)
    doubted: Any = None
    assert tracker.take_beat(BeatInterval(NS_PER_S, 1000, False)) is SampleFault.DOUBTFUL_BEAT
    assert tracker.take_beat(BeatInterval(NS_PER_S, 1000, doubted)) is SampleFault.DOUBTFUL_BEAT
    assert tracker.look(STEP_NS).quality is Quality.NEVER


def test_variability_is_the_textbooks() -> None:
    """RMSSD and SDNN of the beats of the last five minutes, from 60 of them."""
    beats = _beats(0, 400)
    looks = _looks(_heart(None), beats, 400)
    assert looks[8].sdnn_ms is None
    held = [beat.rr_ms for beat in beats if 100 * NS_PER_S < beat.at_ns <= 400 * NS_PER_S]
    before = [beat.rr_ms for beat in beats if beat.at_ns <= 100 * NS_PER_S][-1]
    steps = [b - a for a, b in zip([before, *held], held, strict=False)]
    assert looks[-1].sdnn_ms == pytest.approx(statistics.stdev(held))
    assert looks[-1].rmssd_ms == pytest.approx(math.sqrt(statistics.fmean(step * step for step in steps)))


def test_differences_across_a_gap_or_a_doubted_beat_do_not_count() -> None:
    """RMSSD is of beats that follow each other."""
    tracker = _heart(None)
    for beat in (*_beats(0, 100, 1000), *_beats(130, 230, 1200)):
        tracker.take_beat(beat)
    assert tracker.beats.differences.held
    assert max(abs(step) for _, step in tracker.beats.differences.held) <= 60


def test_a_surge_does_not_lift_its_own_baseline() -> None:
    """The last minute is left out of the baseline, so a surge of a minute stands out in full."""
    records = _rates(0, 900, bpm=60) + _rates(900, 960, bpm=85)
    looks = _looks(_heart(), records, 960)
    calm, surge = looks[175], looks[-1]
    assert calm.baseline_bpm == pytest.approx(60, abs=1)
    assert surge.baseline_bpm == calm.baseline_bpm
    assert surge.bpm == pytest.approx(85, abs=2)
    assert surge.spread_bpm is not None
    assert 1.0 <= surge.spread_bpm <= 3.0


def test_the_baseline_wants_three_minutes_and_follows_a_lasting_change() -> None:
    """Nothing is said from less than three minutes (and a minute); a level that stays becomes the baseline."""
    looks = _looks(_heart(), _rates(0, 900, bpm=60) + _rates(900, 2400, bpm=75), 2400)
    first = next(look for look in looks if look.baseline_bpm is not None)
    assert 235 * NS_PER_S <= first.at_ns <= 250 * NS_PER_S
    assert first.spread_bpm is not None
    assert all(look.spread_bpm is None for look in looks if look.baseline_bpm is None)
    assert looks[-1].baseline_bpm == pytest.approx(75, abs=1)


def test_a_steady_heart_has_the_least_spread() -> None:
    """Whole beats a minute cannot show less than one of wobble."""
    steady = [HeartSample(k * 5 * NS_PER_S, 600 + 10 * (k % 30 == 0)) for k in range(240)]
    assert _looks(_heart(), steady, 1195)[-1].spread_bpm == 1.0


@given(st.integers(0, 239), st.integers(0, 10**12))
def test_a_snapshot_or_a_shift_changes_no_look(cut: int, shift: int) -> None:
    """Interrupted anywhere, or moved in time, the looks are the same, or the same moved."""
    records: list[Sensed] = [*_rates(0, 400), *_beats(500, 900), *_rates(900, 1200)]
    whole = _looks(_heart(None), records, 1200)
    tracker, looks, position = _heart(None), [], 0
    for step in range(1, 241):
        if step == cut:
            tracker = loads(dumps(tracker))
        while position < len(records) and records[position].at_ns <= step * STEP_NS:
            record = records[position]
            moved: Sensed
            if isinstance(record, HeartSample):
                moved = HeartSample(record.at_ns + shift, record.bpm_x10)
            else:
                moved = BeatInterval(record.at_ns + shift, record.rr_ms)
            _take(tracker, moved)
            position += 1
        looks.append(tracker.look(step * STEP_NS + shift))
    assert [(look.quality, look.bpm, look.baseline_bpm, look.spread_bpm, look.rmssd_ms) for look in looks] == [
        (look.quality, look.bpm, look.baseline_bpm, look.spread_bpm, look.rmssd_ms) for look in whole
    ]


def test_a_flood_costs_no_memory() -> None:
    """A hundred thousand values in one step leave no more behind than an ordinary night."""
    tracker = _heart(None)
    for index in range(100_000):
        tracker.take_heart(HeartSample(index, 600 + index % 7))
        tracker.take_beat(BeatInterval(index, 900 + index % 7))
    tracker.look(STEP_NS)
    assert len(dumps(tracker)) < 20_000


def _real(path: Path, value: str) -> Iterator[HeartSample]:
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            yield HeartSample(round(float(row["t_s"]) * NS_PER_S), round(10 * float(row[value])))


@pytest.mark.real
@pytest.mark.parametrize("folder", ["walch", "fitbit2016", "withings"])
def test_real_wrists_and_mats_are_not_called_flat_or_doubled(real_nights: Path, folder: str) -> None:
    """Ordinary devices hold a value for minutes and send the same one twice in a row: that is no fault of theirs."""
    for night in sorted((real_nights / folder).iterdir()):
        records = list(_real(night / "hr.csv", "bpm"))
        until_s = min(records[-1].at_ns // NS_PER_S, 4 * 3600)
        looks = _looks(_heart(None), records, until_s)
        wrong = sum(look.quality in {Quality.FLAT, Quality.DOUBLED, Quality.BAD} for look in looks)
        assert wrong <= len(looks) // 200, night.name
