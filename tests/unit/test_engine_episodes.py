"""The episode detector on looks made by hand: an ordinary night, and one thing changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from vigil.domain.errors import SettingsError
from vigil.domain.nudges import EpisodeKind, ReasonCode, Suspicion
from vigil.domain.records import NightOutput, SuspicionCleared, SuspicionRaised
from vigil.domain.samples import Quality
from vigil.domain.sleep import StageProbabilities
from vigil.domain.units import NS_PER_S, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.episodes import EpisodeDetector, Scene
from vigil.engine.wobble import Wobble
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

REM = StageProbabilities(0.05, 0.15, 0.05, 0.75)
DEEP = StageProbabilities(0.05, 0.1, 0.8, 0.05)
HOUR = 3600
BASELINE, SPREAD = 56.0, 2.0


def scene(
    at_s: int,
    bpm: float | None = BASELINE,
    p: StageProbabilities = REM,
    quality: Quality = Quality.GOOD,
    motion: MotionLook | None = None,
) -> Scene:
    at_ns = at_s * NS_PER_S
    heart = HeartLook(
        at_ns=at_ns,
        quality=quality,
        age_ms=1000,
        bpm=bpm if quality is Quality.GOOD else None,
        baseline_bpm=BASELINE,
        spread_bpm=SPREAD,
    )
    return Scene(at_ns, heart, motion or still(at_ns), p, sleep_onset_ns=0)


def still(at_ns: int) -> MotionLook:
    return MotionLook(at_ns, known=True, range_mg=20, peak_mg=15, still_s=900.0)


def follow(detector: EpisodeDetector, scenes: Iterable[Scene]) -> list[NightOutput]:
    return [output for one in scenes for output in detector.look(one)]


def surge(start_s: int, bpm: float, minutes: float, change: Callable[[Scene], Scene] = lambda one: one) -> list[Scene]:
    """Quiet, then `minutes` at `bpm`, then quiet again for ten minutes."""
    high = range(start_s, start_s + int(minutes * 60), STEP_S)
    after = range(high.stop, high.stop + 600, STEP_S)
    return [
        *(scene(at_s) for at_s in range(start_s - 300, start_s, STEP_S)),
        *(change(scene(at_s, bpm)) for at_s in high),
        *(scene(at_s) for at_s in after),
    ]


def raised(outputs: list[NightOutput]) -> list[Suspicion]:
    return [output.suspicion for output in outputs if isinstance(output, SuspicionRaised)]


def cleared(outputs: list[NightOutput]) -> list[SuspicionCleared]:
    return [output for output in outputs if isinstance(output, SuspicionCleared)]


def test_a_quiet_night_raises_nothing() -> None:
    """An hour at the baseline gathers no evidence."""
    detector = EpisodeDetector.of(EpisodeBounds())
    assert follow(detector, [scene(at_s) for at_s in range(0, HOUR, STEP_S)]) == []
    assert detector.score == 0


def test_a_strong_surge_is_found_within_two_minutes_and_ends_with_recovery() -> None:
    """Twenty beats above the baseline for four minutes: one episode, named, with its numbers, and its end."""
    outputs = follow(EpisodeDetector.of(EpisodeBounds()), surge(5 * HOUR, 76, 4))
    (suspicion,) = raised(outputs)
    assert suspicion.kind is EpisodeKind.NIGHTMARE_LIKE
    assert suspicion.onset_ns == 5 * HOUR * NS_PER_S
    assert suspicion.raised_ns - suspicion.onset_ns <= 120 * NS_PER_S
    codes = {reason.code: reason for reason in suspicion.reasons}
    assert codes[ReasonCode.HEART_SURGE].value == 20.0
    assert codes[ReasonCode.STAGE_REM].value == REM.rem
    (end,) = cleared(outputs)
    assert end.episode == suspicion.episode
    assert end.at_ns > (5 * HOUR + 240) * NS_PER_S
    assert end.score >= suspicion.score
    assert end.reasons[0].code is ReasonCode.SETTLED


def test_it_re_arms_after_recovery() -> None:
    """Two surges an hour apart are two episodes with rising numbers."""
    detector = EpisodeDetector.of(EpisodeBounds())
    outputs = follow(detector, [*surge(4 * HOUR, 76, 4), *surge(5 * HOUR, 76, 4)])
    assert [one.episode for one in raised(outputs)] == [1, 2]


def test_a_short_surge_is_ordinary() -> None:
    """Twenty seconds are an arousal's, and no suspicion."""
    assert raised(follow(EpisodeDetector.of(EpisodeBounds()), surge(5 * HOUR, 76, 20 / 60))) == []


def test_the_factor_raises_the_threshold() -> None:
    """A more cautious profile needs more evidence."""
    scenes = surge(5 * HOUR, 63, 1.5)
    assert raised(follow(EpisodeDetector.of(EpisodeBounds(), factor=0.5), scenes))
    assert not raised(follow(EpisodeDetector.of(EpisodeBounds(), factor=4.0), scenes))


def test_no_single_value_decides() -> None:
    """One impossible height counts no more than the cap."""
    detector = EpisodeDetector.of(EpisodeBounds())
    assert raised(follow(detector, [scene(5 * HOUR, 215.0), scene(5 * HOUR + STEP_S)])) == []
    assert detector.evidence <= EpisodeBounds().deviation_cap


def test_waking_and_moving_make_a_surge_more_ordinary() -> None:
    """The same surge gathers less while awake or while the arm moves."""
    awake = StageProbabilities(0.97, 0.01, 0.01, 0.01)

    def gathered(change: Callable[[Scene], Scene]) -> float:
        detector = EpisodeDetector.of(EpisodeBounds())
        follow(detector, surge(5 * HOUR, 64, 0.5, change)[:-120])
        return detector.evidence

    plain = gathered(lambda one: one)
    assert gathered(lambda one: replace(one, p=awake)) < plain
    assert gathered(lambda one: replace(one, motion=replace(one.motion, moving_s=40.0))) < plain


def test_steps_name_it_getting_up() -> None:
    """A trip to the bathroom is a surge with steps."""

    def walking(one: Scene) -> Scene:
        return replace(one, motion=MotionLook(one.at_ns, known=False, steps_60=14))

    outputs = raised(follow(EpisodeDetector.of(EpisodeBounds()), surge(5 * HOUR, 90, 4, walking)))
    assert outputs[0].kind is EpisodeKind.OUT_OF_BED
    codes = [reason.code for reason in outputs[0].reasons]
    assert ReasonCode.STEPS in codes
    assert ReasonCode.LOOKS_LIKE_OUT_OF_BED in codes


def test_back_in_bed_it_is_still_getting_up() -> None:
    """The heart races on after the walk; that is no nightmare."""

    def walked(one: Scene) -> Scene:
        steps = 14 if one.at_ns < (5 * HOUR + 90) * NS_PER_S else 0
        return replace(one, motion=MotionLook(one.at_ns, known=False, steps_60=steps))

    outputs = raised(follow(EpisodeDetector.of(EpisodeBounds()), surge(5 * HOUR, 90, 4, walked)))
    assert [one.kind for one in outputs] == [EpisodeKind.OUT_OF_BED]


def test_movement_that_goes_on_names_it_getting_up() -> None:
    """Without a step counter, two minutes of an arm in motion say the same."""

    def busy(one: Scene) -> Scene:
        return replace(one, motion=MotionLook(one.at_ns, known=True, peak_mg=900, still_s=0.0, moving_s=80.0))

    assert raised(follow(EpisodeDetector.of(EpisodeBounds()), surge(5 * HOUR, 90, 4, busy)))[0].kind is (
        EpisodeKind.OUT_OF_BED
    )


def test_an_explosive_surge_out_of_deep_sleep_is_not_a_nightmare() -> None:
    """First third, deep sleep just before, a rise of more than a third: terror-like."""
    start = HOUR
    scenes = [replace(one, p=DEEP) for one in surge(start, 92, 3)]
    (suspicion,) = raised(follow(EpisodeDetector.of(EpisodeBounds()), scenes))
    assert suspicion.kind is EpisodeKind.TERROR_LIKE
    assert {ReasonCode.LOOKS_LIKE_TERROR, ReasonCode.HEART_RISE} <= {one.code for one in suspicion.reasons}


@pytest.mark.parametrize("hour", [4, 6])
def test_the_same_surge_late_in_the_night_is_no_terror(hour: int) -> None:
    """Terrors belong to the first third."""
    scenes = [replace(one, p=DEEP) for one in surge(hour * HOUR, 92, 3)]
    assert raised(follow(EpisodeDetector.of(EpisodeBounds()), scenes))[0].kind is EpisodeKind.NIGHTMARE_LIKE


def test_surges_at_one_spacing_are_breathing_or_legs() -> None:
    """The sawtooth of apnoea, every 40 s, is told from a nightmare by its repetition."""
    scenes = [scene(at_s, BASELINE + (8 if at_s % 40 < 20 else 0)) for at_s in range(5 * HOUR, 5 * HOUR + 1500, STEP_S)]
    kinds = {one.kind for one in raised(follow(EpisodeDetector.of(EpisodeBounds(threshold=12)), scenes))}
    assert kinds == {EpisodeKind.PERIODIC}


def test_surges_at_uneven_spacing_are_not_periodic() -> None:
    """Repetition alone is not a pattern."""
    detector = EpisodeDetector.of(EpisodeBounds())
    detector.surges.extend(s * NS_PER_S for s in (0, 20, 130, 160, 400))
    assert detector._is_periodic() is False


def test_a_turn_is_an_arousal_until_it_lasts() -> None:
    """A surge that came with a strong movement waits, and becomes signs of a nightmare if it does not pass."""
    start_ns = 5 * HOUR * NS_PER_S

    def turned(one: Scene) -> Scene:
        since_s = (one.at_ns - start_ns) / NS_PER_S
        return replace(one, motion=MotionLook(one.at_ns, known=True, peak_mg=600, still_s=since_s, moving_s=4.0))

    kinds = [one.kind for one in raised(follow(EpisodeDetector.of(EpisodeBounds()), surge(5 * HOUR, 80, 3, turned)))]
    assert kinds == [EpisodeKind.AROUSAL, EpisodeKind.NIGHTMARE_LIKE]


@pytest.mark.parametrize("quality", [quality for quality in Quality if quality is not Quality.GOOD])
def test_nothing_gathers_on_data_that_are_not_good(quality: Quality) -> None:
    """Missing, stale, flat, foreign or doubtful data never raise a suspicion."""
    scenes = surge(5 * HOUR, 90, 4, lambda one: replace(one, heart=replace(one.heart, quality=quality)))
    assert raised(follow(EpisodeDetector.of(EpisodeBounds()), scenes)) == []


@pytest.mark.parametrize("field", ["bpm", "baseline_bpm", "spread_bpm"])
def test_nothing_gathers_without_the_numbers(field: str) -> None:
    """A heart rate without a baseline says nothing about a surge."""
    detector = EpisodeDetector.of(EpisodeBounds())
    one = scene(HOUR, 90.0)
    hollow = replace(one, heart=replace(one.heart, **{field: None}))  # type: ignore[arg-type]  # these may be None
    assert follow(detector, [hollow] * 30) == []
    codes = [reason.code for reason in detector.evidence_reasons(hollow)]
    assert ReasonCode.HEART_SURGE not in codes


def test_a_short_gap_is_survived_and_a_long_one_ends_the_episode() -> None:
    """What was gathered goes stale after a minute without good data."""
    detector = EpisodeDetector.of(EpisodeBounds())
    follow(detector, surge(5 * HOUR, 80, 4)[: 60 + 36])
    assert detector.suspicion is not None
    gap = [scene(5 * HOUR + 180 + s, quality=Quality.STALE) for s in range(0, 55, STEP_S)]
    assert follow(detector, gap) == []
    (end,) = cleared(follow(detector, [scene(5 * HOUR + 300, quality=Quality.STALE)] * 3))
    assert end.reasons[0].code is ReasonCode.DATA_STALE
    assert detector.suspicion is None


def test_clearing_nothing_says_nothing() -> None:
    """The end of a quiet night clears no suspicion."""
    assert EpisodeDetector.of(EpisodeBounds()).clear(0, ()) == []


def test_an_old_surge_is_forgotten() -> None:
    """Only the last ten minutes make a pattern."""
    detector = EpisodeDetector.of(EpisodeBounds())
    follow(detector, surge(5 * HOUR, 76, 0.25)[:-60])
    assert len(detector.surges) == 1
    follow(detector, [scene(5 * HOUR + 11 * 60)])
    assert not detector.surges


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_a_broken_bound_is_refused(value: float) -> None:
    """A parameters file cannot switch the detector into nonsense."""
    with pytest.raises(SettingsError, match="threshold"):
        EpisodeBounds(threshold=value)


def test_bounds_come_from_the_parameters_by_name() -> None:
    """Unknown names are refused, known ones overlay the defaults, and a threshold of zero would see all."""
    assert EpisodeBounds.of({"threshold": 12.0}).threshold == 12.0
    with pytest.raises(SettingsError, match="loudness"):
        EpisodeBounds.of({"loudness": 1.0})
    for name, value in (("threshold", 0.0), ("wobble_share", 0.0), ("wobble_least_bpm", 0.0), ("wobble_quantile", 1.0)):
        with pytest.raises(SettingsError, match=name):
            EpisodeBounds.of({name: value})


def test_a_restless_heart_makes_surges_more_ordinary() -> None:
    """Where the last hour was full of excursions, the same surge gathers less."""

    def gathered(amplitude: float) -> float:
        detector = EpisodeDetector.of(EpisodeBounds(threshold=1e6))
        night = range(5 * HOUR - 3000, 5 * HOUR, STEP_S)
        follow(detector, [scene(s, BASELINE + amplitude * math.sin(s / 7)) for s in night])
        detector.evidence = 0.0
        follow(detector, [scene(5 * HOUR + s, BASELINE + 12) for s in range(0, 60, STEP_S)])
        return detector.evidence

    assert gathered(8.0) < gathered(1.0)


def test_after_a_long_pause_the_hour_before_does_not_count() -> None:
    """What was ordinary before the wearable was away half an hour is not known any more."""
    wobble = Wobble(0.95, 2.0, 2.0)
    for minute in range(60):
        wobble.note(minute * 60 * NS_PER_S, 20.0)
    assert wobble.unit_bpm(1.0) == 10.0
    wobble.note(100 * 60 * NS_PER_S, 1.0)
    assert wobble.unit_bpm(1.0) == 2.0
