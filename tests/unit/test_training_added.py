"""Episodes added for fitting: what the sensor would have said, and nothing that only an added episode would say."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.added.responses import HORIZON_S, MANNERS, Burst, Response, draw_response
from training.added.sensed import Habits, habits_of, with_response
from training.moments import Added, NightMoments, moments_of
from training.nights import Night
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S, STEP_S
from vigil.engine.moments import MOMENTS

Sensed = HeartSample | BeatInterval | MotionSummary
ONSET_S = 600
ZERO = Response("strong", 0.0, (0.0,) * HORIZON_S)
TAME = Habits(10, 5.0, ())
"""No surges of its own to borrow from."""


def rates(seconds: int, every_s: int = 5, seed: int = 1, grid_x10: int = 10) -> list[HeartSample]:
    """A heart rate that wanders by whole steps of its grid, and surges now and then."""
    chance, level, out = random.Random(seed), 60.0, list[HeartSample]()
    for at_s in range(every_s, seconds + 1, every_s):
        level += 0.2 * (60 - level) + chance.gauss(0, 1.2) + (14 if chance.random() < 0.01 else 0)
        out.append(HeartSample(at_s * NS_PER_S, grid_x10 * round(10 * level / grid_x10)))
    return out


def beats(seconds: int, seed: int = 1) -> list[BeatInterval]:
    """Beats as an ECG of 250 Hz gives them."""
    chance, at_ms, out = random.Random(seed), 0, list[BeatInterval]()
    while at_ms < seconds * 1000:
        rr_ms = 4 * round(chance.gauss(1000, 40) / 4)
        at_ms += rr_ms
        out.append(BeatInterval(at_ms * NS_PER_MS, rr_ms, chance.random() > 0.02))
    return out


def arm(seconds: int, every_s: int = 30, steps: int | None = None) -> list[MotionSummary]:
    ends = range(every_s, seconds + 1, every_s)
    return [MotionSummary(s * NS_PER_S, every_s * 1000, 20, (0, 0, 990), (0, 0, 1010), None, steps) for s in ends]


def changed(
    records: Sequence[Sensed], response: Response, habits: Habits = TAME, seed: int = 3, onset_s: int = ONSET_S
) -> list[Sensed]:
    return with_response(records, onset_s * NS_PER_S, response, habits, random.Random(seed))


def inside(records: Sequence[Sensed], onset_s: int = ONSET_S) -> list[Sensed]:
    return [one for one in records if onset_s * NS_PER_S < one.at_ns <= (onset_s + HORIZON_S) * NS_PER_S]


# -- responses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MANNERS)
def test_a_response_keeps_within_the_bounds_of_its_kind(kind: str) -> None:
    """Size, length and movement of every draw; nothing is taken away from the heart, and two draws agree."""
    manner = MANNERS[kind]
    for seed in range(60):
        response = draw_response(kind, random.Random(seed))
        assert response == draw_response(kind, random.Random(seed))
        assert response.kind == kind
        assert manner.size_bpm[0] <= response.size_bpm <= manner.size_bpm[1]
        assert len(response.added_bpm) == HORIZON_S
        assert all(0 <= value <= 3 * response.size_bpm for value in response.added_bpm)
        assert response.added_bpm[0] < 0.5 * response.size_bpm
        for burst in response.bursts:
            assert 0 <= burst.from_s < HORIZON_S
            assert 0.5 <= burst.long_s <= 4
            assert burst.range_mg > 0
            assert (burst.steps > 0) == (kind == "bathroom")


@pytest.mark.parametrize("kind", [kind for kind, manner in MANNERS.items() if manner.positive])
def test_what_is_to_be_found_is_there_to_be_found(kind: str) -> None:
    """A nightmare's surge comes near its size and lasts; one in which nothing happens would teach nothing."""
    for seed in range(60):
        response = draw_response(kind, random.Random(seed))
        assert max(response.added_bpm) >= 0.6 * response.size_bpm
        assert sum(value >= 0.35 * response.size_bpm for value in response.added_bpm) >= 60


def test_look_alikes_are_not_to_be_found() -> None:
    """Turning, getting up, terrors and breathing are fitted as what to leave alone; a turn is soon over."""
    assert {kind for kind, manner in MANNERS.items() if manner.positive} == {"strong", "moderate"}
    for seed in range(30):
        response = draw_response("turn", random.Random(seed))
        assert max(response.added_bpm[-60:]) < 0.2 * response.size_bpm


def test_breathing_events_come_again_and_again() -> None:
    """The sawtooth of apnoea lasts as long as a response is drawn for."""
    for seed in range(20):
        added = draw_response("periodic", random.Random(seed)).added_bpm
        middle = (max(added) + min(added[60:])) / 2
        ups = sum(before < middle <= after for before, after in pairwise(added))
        assert ups >= 4
        assert max(added[-90:]) > 0.3 * max(added)


# -- through the sensor ------------------------------------------------------------------------------------


@pytest.mark.parametrize("every_s", [1, 5, 30])
def test_where_nothing_is_added_nothing_changes(every_s: int) -> None:
    """A response of size zero, without borrowed restlessness, is the untouched night, sample for sample."""
    night: list[Sensed] = sorted([*arm(1800), *rates(1800, every_s)], key=lambda one: one.at_ns)
    assert changed(night, ZERO) == inside(night)


def test_nothing_outside_the_window_is_given() -> None:
    """What comes out is of (onset, onset + horizon]; the rest of the night is not touched, and the input is not."""
    night: list[Sensed] = sorted([*rates(1800), *beats(1800), *arm(1800)], key=lambda one: one.at_ns)
    before = list(night)
    out = changed(night, draw_response("strong", random.Random(5)), habits_of(night, random.Random(1)))
    assert night == before
    assert out
    assert inside(out) == out
    assert [one.at_ns for one in out] == sorted(one.at_ns for one in out)


@settings(max_examples=60)
@given(
    st.sampled_from(list(MANNERS)),
    st.sampled_from([(1, 10), (5, 10), (5, 1), (30, 5)]),
    st.integers(0, 1500),
    st.integers(0, 10**6),
)
def test_rates_stay_on_the_sensors_instants_and_grid(
    kind: str, sensor: tuple[int, int], onset_s: int, seed: int
) -> None:
    """Same instants, same grid, within what a heart can do; the same seed gives the same night."""
    every_s, grid_x10 = sensor
    night = rates(1800, every_s, seed % 7, grid_x10)
    habits = habits_of(night, random.Random(seed))
    response = draw_response(kind, random.Random(seed))
    out = changed(night, response, habits, seed, onset_s)
    assert [one.at_ns for one in out] == [one.at_ns for one in inside(night, onset_s)]
    for one in out:
        assert isinstance(one, HeartSample)
        assert one.bpm_x10 % grid_x10 == 0
        assert 250 <= one.bpm_x10 <= 2200
    assert out == changed(night, response, habits, seed, onset_s)


def test_rates_are_lifted_by_what_was_added() -> None:
    """A lasting lift of twenty beats is a lift of twenty beats, within the patience of the sensor."""
    night = rates(1800)
    lasting = Response("strong", 20.0, (20.0,) * HORIZON_S)
    out = changed(night, lasting)
    lifts = [
        one.bpm_x10 - before.bpm_x10
        for one, before in zip(out, inside(night), strict=True)
        if isinstance(one, HeartSample) and isinstance(before, HeartSample)
    ][12:]
    assert 180 <= sum(lifts) / len(lifts) <= 220


def test_the_habits_are_read_off_the_untouched_night() -> None:
    """The grid is the common one of all rates, a tenth to a whole beat; a lag is drawn; surges are the night's own."""
    for grid_x10 in (10, 5, 1):
        habits = habits_of(rates(3600, grid_x10=grid_x10), random.Random(1))
        assert habits.grid_x10 == grid_x10
        assert 2 <= habits.lag_s <= 15
    night = rates(7200)
    values = [one.bpm_x10 for one in night]
    wild = habits_of(night, random.Random(1)).wild
    assert wild
    for stretch in wild:
        starts = [n for n in range(len(values)) if tuple(values[n : n + len(stretch)]) == stretch]
        assert starts
    assert habits_of(beats(600), random.Random(1)).wild == ()
    assert habits_of(rates(600), random.Random(1)).wild == ()


def test_a_night_on_a_coarser_grid_is_taken_for_whole_beats() -> None:
    """Rates that all happen to be multiples of two beats do not make a sensor of two beats."""
    even = [replace(one, bpm_x10=20 * round(one.bpm_x10 / 20)) for one in rates(1800)]
    assert habits_of(even, random.Random(1)).grid_x10 == 10


@settings(max_examples=40)
@given(st.sampled_from(list(MANNERS)), st.integers(0, 1500), st.integers(0, 10**6))
def test_beats_are_laid_anew_in_order_without_holes(kind: str, onset_s: int, seed: int) -> None:
    """Every beat comes after the one before it by about what its interval says, on the grid of the ECG, from the onset
    to the end; added heart rate makes more of them, never fewer; the same seed lays the same beats."""
    night = beats(2400, seed % 5)
    response = draw_response(kind, random.Random(seed))
    out = [one for one in changed(night, response, seed=seed, onset_s=onset_s) if isinstance(one, BeatInterval)]
    own = inside(night, onset_s)
    assert len(out) >= len(own) - 2
    assert out[0].at_ns - onset_s * NS_PER_S <= 3 * NS_PER_S
    assert own[-1].at_ns - out[-1].at_ns <= 3 * NS_PER_S
    for before, after in pairwise(out):
        assert after.rr_ms % 4 == 0
        assert abs((after.at_ns - before.at_ns) / NS_PER_MS - after.rr_ms) <= 2
    assert out == changed(night, response, seed=seed, onset_s=onset_s)


def test_beats_of_a_response_of_size_zero_are_those_of_the_night() -> None:
    """Their number and their mean are the night's, to within the rounding of an ECG."""
    night = beats(2400)
    out = [one.rr_ms for one in changed(night, ZERO) if isinstance(one, BeatInterval)]
    own = [one.rr_ms for one in inside(night) if isinstance(one, BeatInterval)]
    assert abs(len(out) - len(own)) <= 2
    assert np.mean(out) == pytest.approx(np.mean(own), abs=2)
    assert np.std(out) == pytest.approx(np.std(own), abs=3)


def test_a_pause_in_the_beats_stays_a_pause() -> None:
    """Nothing is sensed where the sensor sensed nothing."""
    night = [one for one in beats(2400) if not 700 * NS_PER_S < one.at_ns <= 800 * NS_PER_S]
    out = changed(night, draw_response("strong", random.Random(2)))
    assert not [one for one in out if 702 * NS_PER_S < one.at_ns <= 799 * NS_PER_S]
    assert [one for one in out if one.at_ns > 800 * NS_PER_S]


def test_added_beats_are_as_fast_as_what_was_added() -> None:
    """At one second a beat, twenty beats more a minute are intervals of 750 ms."""
    night = [BeatInterval(n * NS_PER_S, 1000) for n in range(1, 2400)]
    out = changed(night, Response("strong", 20.0, (20.0,) * HORIZON_S))
    assert np.mean([one.rr_ms for one in out if isinstance(one, BeatInterval)]) == pytest.approx(750, abs=4)


def test_movement_is_what_a_row_of_its_length_would_show() -> None:
    """A burst raises the rows that it falls into, never lowers one, and is counted in steps where steps are counted."""
    response = Response("bathroom", 20.0, (0.0,) * HORIZON_S, (Burst(31.0, 2.0, 803, 4), Burst(100.0, 1.0, 7, 4)))
    rows = {(one.at_ns // NS_PER_S) - ONSET_S: one for one in changed(arm(1800, steps=1), response)}
    first, second = rows[60], rows[120]
    assert isinstance(first, MotionSummary)
    assert isinstance(second, MotionSummary)
    assert (first.range_mg, first.steps, first.low_mg, first.high_mg) == (800, 5, None, None)
    assert (second.range_mg, second.steps) == (20, 5)
    assert [rows[end_s] for end_s in (30, 90, 150)] == [
        one for one in arm(1800, steps=1) if one.at_ns // NS_PER_S - ONSET_S in (30, 90, 150)
    ]
    (uncounted,) = [one for one in changed(arm(1800), response) if one.at_ns == first.at_ns]
    assert isinstance(uncounted, MotionSummary)
    assert uncounted.steps is None
    unknown = [replace(one, range_mg=None) for one in arm(1800)]
    assert all(isinstance(one, MotionSummary) and one.range_mg is None for one in changed(unknown, response))


# -- as moments --------------------------------------------------------------------------------------------


def night_of(hours: float, labels: int | None = 2) -> Night:
    seconds = int(3600 * hours)
    scored = () if labels is None else (labels,) * (seconds // 30)
    return Night("n1", "p1", "", "", scored, tuple(rates(seconds)), (), tuple(arm(seconds)))


@pytest.fixture(scope="module")
def with_added() -> NightMoments:
    return moments_of(night_of(1.5), "as recorded", {"strong": 3, "turn": 2})


def test_what_is_added_leaves_the_night_untouched(with_added: NightMoments) -> None:
    """The rows of the untouched night are the same, however many episodes were added to copies of it."""
    plain = moments_of(night_of(1.5), "as recorded", {})
    assert np.array_equal(plain.rows, with_added.rows, equal_nan=True)
    assert np.array_equal(plain.steps, with_added.steps)
    assert plain.added == ()
    assert with_added.rows.shape == (len(with_added.steps), len(MOMENTS))
    assert (with_added.scored, with_added.sleep_h) == (True, 1.5)


def test_added_moments_are_of_their_window(with_added: NightMoments) -> None:
    """Each row stands at a step after its onset, with what was added then; two runs agree."""
    again = moments_of(night_of(1.5), "as recorded", {"strong": 3, "turn": 2})
    assert sorted(one.kind for one in with_added.added) == ["strong"] * 3 + ["turn"] * 2
    for one, other in zip(with_added.added, again.added, strict=True):
        assert len(one.steps) == len(one.rows) == len(one.added_bpm)
        assert all(1 <= step <= HORIZON_S // STEP_S for step in one.steps)
        assert np.array_equal(one.rows, other.rows, equal_nan=True)
        assert np.array_equal(one.added_bpm, other.added_bpm)
    strong: list[Added] = [one for one in with_added.added if one.kind == "strong"]
    top = [spec.name for spec in MOMENTS].index("top")
    for one in strong:
        assert one.rows[:, top].max() > 0.5 * one.size_bpm


def test_an_episode_of_size_zero_is_the_untouched_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the body's answer gives an added episode away: without an answer its rows are those of the night."""
    onsets = (500, 700, 850)
    monkeypatch.setattr("training.moments.draw_response", lambda _kind, _chance: ZERO)
    monkeypatch.setattr("training.moments._onsets", lambda *_: {onset: ["strong"] for onset in onsets})
    monkeypatch.setattr("training.added.sensed.RESTLESS", 0.0)
    night = moments_of(night_of(1.5), "as recorded", {"strong": 3})
    for onset, one in zip(onsets, night.added, strict=True):
        own = (night.steps > onset) & (night.steps <= onset + HORIZON_S // STEP_S)
        assert own.any()
        assert np.array_equal(one.steps, night.steps[own] - onset)
        assert np.array_equal(one.rows, night.rows[own], equal_nan=True)
        assert not one.added_bpm.any()


def test_wake_is_no_place_for_an_episode() -> None:
    """Where nothing is sleep nothing is added; where nothing is scored all counts as sleep."""
    awake = moments_of(night_of(1.5, labels=0), "as recorded", {"strong": 3})
    assert awake.added == ()
    assert not awake.asleep.any()
    assert awake.sleep_h == 0
    unscored = moments_of(night_of(1.5, labels=None), "as recorded", {"strong": 1})
    assert len(unscored.added) == 1
    assert unscored.asleep.all()
    assert not unscored.scored
    assert math.isclose(unscored.sleep_h, 1.5)


def test_nights_too_short_are_no_error() -> None:
    """Nothing is added to half an hour, and an empty night has no moments."""
    assert moments_of(night_of(0.5), "as recorded", {"strong": 3}).added == ()
    empty = moments_of(replace(night_of(0.5, labels=None), heart=(), motion=()), "as recorded", {"strong": 3})
    assert empty.rows.shape == (0, len(MOMENTS))
    assert empty.sleep_h == 0
