"""How the heart rate strays from its baseline, on looks made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.looks import BASELINE, DEEP, HOUR, REM, Step, steps
from vigil.domain.plain import dumps, loads
from vigil.domain.samples import Quality
from vigil.domain.units import NS_PER_S, STEP_NS, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.excursions import Excursions
from vigil.engine.wobble import Wobble


def seen(course: list[Step], excursions: Excursions | None = None, by_ns: int = 0) -> Excursions:
    excursions = excursions or Excursions.of(EpisodeBounds())
    for step in course:
        excursions.look(step.at_s * NS_PER_S + by_ns, step.heart, step.p)
    return excursions


def test_a_deviation_is_told_in_units_of_what_is_ordinary() -> None:
    """Twelve beats above the baseline are six times a spread of two, and three times one of four."""
    assert seen([Step(5, BASELINE + 12)]).deviation == 6.0
    assert seen([Step(5, BASELINE + 12, spread=4.0)]).deviation == 3.0
    assert seen([Step(5, BASELINE - 6)]).deviation == -3.0


def test_no_unit_is_smaller_than_the_sensor_can_tell() -> None:
    """A heart that hardly strays does not make one beat more an excursion."""
    assert seen([Step(5, BASELINE + 1, spread=0.01)]).deviation == 0.5


def test_an_excursion_has_its_beginning_its_top_and_its_rise() -> None:
    """They are counted from the last step at the baseline, and forgotten once it is back there."""
    course = [*steps(0, 60), Step(60, 62), Step(65, 70), Step(70, 78), Step(75, 66)]
    excursions = seen(course)
    assert excursions.under_ns == 55 * NS_PER_S
    assert excursions.top == 11.0
    assert excursions.rise_bpm == 22.0
    back = seen([Step(80, BASELINE + 1)], excursions)
    assert (back.under_ns, back.top, back.rise_bpm) == (80 * NS_PER_S, 0.0, 0.0)


def test_a_rise_is_one_of_half_a_minute() -> None:
    """A climb of minutes is as high, and not as steep."""
    slow = [Step(at_s, BASELINE + at_s / 10) for at_s in range(0, 305, STEP_S)]
    assert seen(slow).rise_bpm == pytest.approx(3.0)


def test_the_stage_before_an_excursion_is_kept() -> None:
    """A terror comes out of deep sleep: the stage of the surge itself says nothing of it."""
    course = [replace(Step(0), p=DEEP), *(replace(Step(at_s, 80), p=REM) for at_s in range(5, 60, 5))]
    assert seen(course).p_deep_before == DEEP.deep


@pytest.mark.parametrize("quality", [quality for quality in Quality if quality is not Quality.GOOD])
def test_data_that_are_not_good_show_nothing(quality: Quality) -> None:
    """There is no deviation in missing, stale, flat, foreign or doubtful data, even if numbers come with them."""
    excursions = Excursions.of(EpisodeBounds())
    excursions.look(5 * NS_PER_S, replace(Step(5, 90).heart, quality=quality), REM)
    assert excursions.deviation is None
    assert excursions.top == 0.0


@pytest.mark.parametrize("name", ["bpm", "baseline", "spread"])
@pytest.mark.parametrize("broken", [None, math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_known_or_not_finite_show_nothing(name: str, broken: float | None) -> None:
    """A heart rate without a baseline says nothing about a surge, and a broken number is no number."""
    step = replace(Step(65, 90), **{name: broken})  # type: ignore[arg-type]  # each of these may be None
    before = seen(steps(0, 60))
    excursions = seen([step], seen(steps(0, 60)))
    assert excursions.deviation is None
    excursions.deviation = before.deviation
    assert replace(excursions, blind_steps=0) == before


def test_a_drop_out_does_not_end_an_excursion() -> None:
    """Less than a minute without data, as a moving arm makes it: what began before it goes on."""
    course = [*steps(0, 60), *steps(60, 120, 80), *(Step(s, quality=Quality.STALE) for s in range(120, 175, STEP_S))]
    excursions = seen([*course, Step(175, 80)])
    assert excursions.under_ns == 55 * NS_PER_S
    assert excursions.top == 12.0


def test_after_a_minute_without_data_what_is_seen_begins_anew() -> None:
    """Nobody knows how the heart got there: an onset from before the gap, or a rise across it, would be made up."""
    gap = [replace(Step(s, quality=Quality.STALE), p=DEEP) for s in range(120, 3720, STEP_S)]
    excursions = seen([*steps(0, 60), *steps(60, 120, 90), *gap, Step(3720, 80)])
    assert excursions.under_ns == 3715 * NS_PER_S
    assert excursions.top == 12.0
    assert excursions.rise_bpm == 0.0
    assert excursions.p_deep_before == DEEP.deep


@settings(max_examples=40)
@given(st.lists(st.one_of(st.none(), st.integers(50, 100)), min_size=20, max_size=60), st.integers(0, 10**15))
def test_a_night_moved_in_time_shows_the_same(rates: list[int | None], by_ns: int) -> None:
    """Wherever a night lies on the clock an excursion is as high and began as long ago; so it does after a snapshot.

    Every night starts without a baseline.
    """
    blind = [Step(at_s, 90, baseline=None) for at_s in range(0, 180, STEP_S)]
    here, there = seen(blind), loads(dumps(seen(blind, by_ns=by_ns)))
    for index, rate in enumerate(rates):
        step = Step(180 + STEP_S * index, rate, quality=Quality.GOOD if rate else Quality.STALE)
        seen([step], here)
        seen([step], there, by_ns)
        assert there.under_ns == here.under_ns + by_ns
        assert (there.deviation, there.top, there.rise_bpm) == (here.deviation, here.top, here.rise_bpm)
    assert [at_ns - by_ns for at_ns in there.surges] == list(here.surges)


# -- repetition ------------------------------------------------------------------------------------------


def sawtooth(spacing_s: int, minutes: float, start_s: int = 5 * HOUR) -> list[Step]:
    """Eight beats more for half of each spacing."""
    end_s = start_s + int(60 * minutes)
    return [
        Step(at_s, BASELINE + (8 if (at_s - start_s) % spacing_s < spacing_s / 2 else 0))
        for at_s in range(start_s, end_s, STEP_S)
    ]


@pytest.mark.parametrize(("spacing_s", "periodic"), [(10, False), (20, True), (40, True), (110, True), (150, False)])
def test_surges_at_one_spacing_are_a_pattern(spacing_s: int, periodic: bool) -> None:
    """Breathing and leg events come 15 to 120 s apart (mission 5.5); faster or slower ones are something else."""
    assert seen(sawtooth(spacing_s, 9)).is_periodic() is periodic


def test_three_surges_are_no_pattern_yet() -> None:
    """A pattern takes four in a row."""
    assert not seen(sawtooth(40, 2)).is_periodic()
    assert seen(sawtooth(40, 2 + 5 / 60)).is_periodic()


def test_surges_at_uneven_spacing_are_no_pattern() -> None:
    """Repetition alone does not make one; one odd spacing among even ones does not unmake one."""
    excursions = Excursions.of(EpisodeBounds())
    excursions.surges.extend(s * NS_PER_S for s in (0, 20, 130, 160, 400))
    assert excursions.is_periodic() is False
    excursions.surges.clear()
    excursions.surges.extend(s * NS_PER_S for s in (0, 40, 80, 180, 220, 260))
    assert excursions.is_periodic() is True


def test_a_surge_is_counted_once_until_it_has_passed() -> None:
    """Wavering between the two bounds is one surge; only the last ten minutes are remembered."""
    bounds = EpisodeBounds()
    middle = BASELINE + bounds.surge_off * 2 + 1
    excursions = seen([Step(0), Step(5, 66), Step(10, middle), Step(15, 66), Step(20, middle), Step(25, 66)])
    assert list(excursions.surges) == [5 * NS_PER_S]
    seen([Step(30), Step(35, 66)], excursions)
    assert list(excursions.surges) == [5 * NS_PER_S, 35 * NS_PER_S]
    seen([Step(605)], excursions)
    assert list(excursions.surges) == [35 * NS_PER_S]


# -- what is ordinary for this sleeper ---------------------------------------------------------------------


def test_a_restless_heart_makes_surges_more_ordinary() -> None:
    """Where the last hour was full of excursions, the same surge is a smaller one."""

    def after_an_hour(amplitude: float) -> float:
        night = range(0, 3000, STEP_S)
        excursions = seen([*(Step(s, BASELINE + amplitude * math.sin(s / 7)) for s in night), Step(3000, 68)])
        assert excursions.deviation is not None
        return excursions.deviation

    assert after_an_hour(1.0) == 6.0
    assert after_an_hour(8.0) < 4.0


def test_after_a_long_pause_the_hour_before_does_not_count() -> None:
    """What was ordinary before the wearable was away half an hour is not known any more."""
    wobble = Wobble(0.95, 2.0, 2.0)
    for minute in range(60):
        wobble.note(minute * 60 * NS_PER_S, 20.0)
    assert wobble.unit_bpm(1.0) == 10.0
    wobble.note(100 * 60 * NS_PER_S, 1.0)
    assert wobble.unit_bpm(1.0) == 2.0


def test_an_excursion_is_noted_once_in_half_a_minute() -> None:
    """A source that is looked at more often does not fill the hour sooner."""
    wobble = Wobble(0.95, 2.0, 2.0)
    for step in range(119):
        wobble.note(step * STEP_NS, 20.0)
    assert len(wobble.excursions) == 20
    assert wobble.unit_bpm(1.0) == 10.0
    assert Wobble(0.95, 2.0, 2.0).unit_bpm(1.0) == 2.0


def test_the_answers_to_nudges_are_no_pattern() -> None:
    """Three nudges half a minute apart, each answered by the heart, do not make breathing events that repeat."""

    def pattern(*, nudged: bool) -> Excursions:
        excursions = seen(steps(0, 300))
        for start_s in range(300, 480, 45):
            if nudged:
                excursions.echo_until_ns = (start_s + 20) * NS_PER_S
            seen([*steps(start_s, start_s + 15, BASELINE + 10), *steps(start_s + 15, start_s + 45)], excursions)
        return excursions

    assert pattern(nudged=False).is_periodic()
    assert not pattern(nudged=True).is_periodic()
    assert not pattern(nudged=True).surges
