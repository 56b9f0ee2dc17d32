"""The episode detector on moments made by hand: an ordinary night, and one thing changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.looks import ABOVE, AWAKE, BASELINE, BOUNDS, DEEP, HOUR, REM, Step, Watch, steps, still
from vigil.domain.errors import SettingsError
from vigil.domain.nudges import EpisodeKind, ReasonCode, Suspicion
from vigil.domain.plain import dumps, loads
from vigil.domain.records import NightOutput, SuspicionCleared, SuspicionRaised
from vigil.domain.samples import Quality
from vigil.domain.sleep import StageProbabilities
from vigil.domain.units import NS_PER_S, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.episodes import EpisodeDetector
from vigil.engine.signs import codes_of
from vigil.signal.motion import MotionLook

START = 5 * HOUR


def surge(start_s: int, bpm: float, minutes: float, change: Callable[[Step], Step] = lambda one: one) -> list[Step]:
    """Quiet, then `minutes` at `bpm` with evidence above the threshold, then quiet again for ten minutes."""
    end_s = start_s + int(minutes * 60)
    return [
        *steps(start_s - 300, start_s),
        *(change(step) for step in steps(start_s, end_s, bpm, ABOVE)),
        *steps(end_s, end_s + 600),
    ]


def raised(outputs: list[NightOutput]) -> list[Suspicion]:
    return [output.suspicion for output in outputs if isinstance(output, SuspicionRaised)]


def cleared(outputs: list[NightOutput]) -> list[SuspicionCleared]:
    return [output for output in outputs if isinstance(output, SuspicionCleared)]


def watch_at(factor: float) -> Watch:
    return Watch(EpisodeDetector.of(BOUNDS, factor))


# -- raising ---------------------------------------------------------------------------------------------


def test_a_quiet_night_raises_nothing() -> None:
    """An hour of evidence just short of the threshold is an ordinary hour."""
    assert Watch().follow(steps(0, HOUR, score=BOUNDS.threshold - 0.01)) == []


def test_a_heart_that_races_is_nothing_without_evidence() -> None:
    """How unusual a moment is comes with the moment; the detector makes no evidence of its own."""
    assert Watch().follow(steps(0, HOUR, BASELINE + 40)) == []


def test_a_suspicion_is_raised_at_once_and_ends_with_recovery() -> None:
    """One episode: raised when the evidence reaches the threshold, named, with its numbers; ended when the heart is
    back."""
    outputs = Watch().follow([*steps(START - 300, START), *steps(START, START + 30, 76), *surge(START + 330, 76, 4)])
    (suspicion,) = raised(outputs[:1])
    assert suspicion.kind is EpisodeKind.NIGHTMARE_LIKE
    assert suspicion.score == 2.0
    codes = {reason.code: reason for reason in suspicion.reasons}
    assert (codes[ReasonCode.EVIDENCE].value, codes[ReasonCode.EVIDENCE].bound) == (2.0, 1.0)
    assert codes[ReasonCode.HEART_SURGE].value == 20.0
    assert codes[ReasonCode.STAGE_REM].value == REM.rem
    (end,) = cleared(outputs)
    assert (end.episode, end.kind, end.onset_ns) == (1, suspicion.kind, suspicion.onset_ns)
    assert end.at_ns >= (START + 330 + 240) * NS_PER_S
    assert end.reasons[0].code is ReasonCode.SETTLED


def test_the_threshold_itself_is_enough() -> None:
    """Evidence met once in ten nights reaches a threshold of ten nights."""
    (suspicion,) = raised(Watch().follow([Step(START, 70, BOUNDS.threshold)]))
    assert suspicion.score == 1.0


def test_the_onset_is_when_the_heart_left_its_baseline() -> None:
    """Evidence comes later than what it speaks of; at the baseline itself, the onset is now."""
    late = [*steps(START - 60, START), *steps(START, START + 90, 76), Step(START + 90, 76, ABOVE)]
    (suspicion,) = raised(Watch().follow(late))
    assert suspicion.onset_ns == START * NS_PER_S
    assert suspicion.raised_ns == (START + 90) * NS_PER_S
    (suspicion,) = raised(Watch().follow([Step(START, BASELINE, ABOVE)]))
    assert suspicion.onset_ns == START * NS_PER_S


def test_an_onset_is_never_from_before_the_data() -> None:
    """A surge that is there when the signal comes back, or when the night begins, did not begin before."""
    gap = [Step(at_s, quality=Quality.OFF_WRIST) for at_s in range(START, START + HOUR, STEP_S)]
    back_s = START + HOUR
    outputs = Watch().follow([*steps(START - 300, START), *gap, *steps(back_s, back_s + 60, 80, ABOVE)])
    assert raised(outputs)[0].onset_ns == back_s * NS_PER_S


def test_the_factor_multiplies_the_threshold() -> None:
    """Twice the factor asks for moments half as frequent; the score is told in units of what is asked."""
    course = steps(START, START + 60, 76, score=15.0)
    assert raised(watch_at(2.0).follow(course)) == []
    assert raised(watch_at(1.5).follow(course))[0].score == 1.0
    assert raised(watch_at(0.5).follow(course))[0].score == 3.0


def test_the_most_evidence_is_kept_for_the_account() -> None:
    """The score of an episode is of its strongest moment."""
    course = [*steps(START, START + 30, 76, ABOVE), Step(START + 30, 76, 55.0), *steps(START + 35, START + 400)]
    (end,) = cleared(Watch().follow(course))
    assert end.score == 5.5


def test_several_thresholds_follow_one_perception() -> None:
    """Whoever looks changes nothing of what is seen: each detector says what it says alone."""
    course = [*surge(START, 76, 4), *surge(START + 2 * HOUR, 70, 2)]
    shared, factors = Watch(), (0.5, 1.0, 1.9, 4.0)
    together: dict[float, list[NightOutput]] = {factor: [] for factor in factors}
    detectors = {factor: EpisodeDetector.of(BOUNDS, factor) for factor in factors}
    for step in course:
        scene = shared.scene(step)
        for factor, detector in detectors.items():
            together[factor] += detector.look(scene)
    assert together == {factor: watch_at(factor).follow(course) for factor in factors}
    assert together[1.9]
    assert not together[4.0]


# -- ending and arming again ---------------------------------------------------------------------------------


def test_it_re_arms_after_recovery() -> None:
    """Two surges an hour apart are two episodes with rising numbers."""
    outputs = Watch().follow([*surge(4 * HOUR, 76, 4), *surge(5 * HOUR, 76, 4)])
    assert [one.episode for one in raised(outputs)] == [1, 2]


def test_evidence_that_stays_is_one_episode() -> None:
    """After an episode nothing is raised until the evidence has been below the threshold."""
    watch = Watch()
    course = [*steps(START, START + 60, 76, ABOVE), *steps(START + 60, START + 900, BASELINE, ABOVE)]
    outputs = watch.follow([*course, *steps(START + 900, START + 960, 76, ABOVE)])
    assert len(raised(outputs)) == len(cleared(outputs)) == 1
    after = [Step(START + 960, BASELINE, BOUNDS.threshold - 0.01), Step(START + 965, 76, ABOVE)]
    assert [one.episode for one in raised(watch.follow(after))] == [2]


def test_no_mere_interval_ends_an_episode() -> None:
    """While the heart stays up the episode stands, whatever became of the evidence."""
    watch = Watch()
    outputs = watch.follow([*steps(START, START + 30, 76, ABOVE), *steps(START + 30, START + HOUR, 76)])
    assert len(outputs) == 1
    assert watch.detector.suspicion is not None


def test_a_dip_is_no_recovery() -> None:
    """Fifteen seconds at the baseline do not end what a minute of them does."""
    watch = Watch()
    dip = [*steps(START, START + 60, 76, ABOVE), *steps(START + 60, START + 75), *steps(START + 75, START + 135, 76)]
    assert cleared(watch.follow(dip)) == []
    assert len(cleared(watch.follow(steps(START + 135, START + 195)))) == 1


@pytest.mark.parametrize("quality", [quality for quality in Quality if quality is not Quality.GOOD])
def test_nothing_is_raised_on_data_that_are_not_good(quality: Quality) -> None:
    """Missing, stale, flat, foreign or doubtful data never raise a suspicion, whatever the score says."""
    assert Watch().follow(surge(START, 90, 4, lambda one: replace(one, quality=quality))) == []


@pytest.mark.parametrize("name", ["bpm", "baseline", "spread"])
@pytest.mark.parametrize("broken", [None, math.nan, math.inf])
def test_nothing_is_raised_without_the_numbers(name: str, broken: float | None) -> None:
    """A heart rate without a baseline says nothing about a surge, and none is named among what is seen."""
    watch = Watch()
    hollow = replace(Step(START, 90.0, ABOVE), **{name: broken})  # type: ignore[arg-type]  # each may be None
    assert watch.follow([hollow] * 30) == []
    assert ReasonCode.HEART_SURGE not in codes_of(watch.detector.signs(watch.scene(hollow)))


def test_a_short_gap_is_survived_and_a_long_one_ends_the_episode() -> None:
    """What is followed goes stale after a minute without good data."""
    watch = Watch()
    watch.follow(steps(START, START + 180, 80, ABOVE))
    gap = [Step(START + 180 + s, quality=Quality.STALE) for s in range(0, 55, STEP_S)]
    assert watch.follow(gap) == []
    assert watch.detector.suspicion is not None
    (end,) = cleared(watch.follow([Step(START + s, quality=Quality.STALE) for s in (235, 240, 245)]))
    assert end.at_ns == (START + 235) * NS_PER_S
    assert (end.reasons[0].code, end.reasons[0].value) == (ReasonCode.DATA_STALE, 1.0)


def test_short_gaps_do_not_add_up() -> None:
    """A source that drops out now and then is followed all the same."""
    watch = Watch()
    watch.follow(steps(START, START + 60, 80, ABOVE))
    for again_s in range(START + 60, START + 660, 60):
        assert watch.follow([Step(again_s + s, quality=Quality.STALE) for s in range(0, 55, STEP_S)]) == []
        assert watch.follow([Step(again_s + 55, 80, ABOVE)]) == []
    assert watch.detector.suspicion is not None


def test_lost_data_do_not_arm_again() -> None:
    """The same surge, seen again after a gap, is not a second episode."""
    watch = Watch()
    watch.follow(steps(START, START + 60, 80, ABOVE))
    assert cleared(watch.follow([Step(START + s, quality=Quality.LINK_LOST) for s in range(60, 180, STEP_S)]))
    assert watch.follow(steps(START + 180, START + 300, 80, ABOVE)) == []


def test_a_loss_without_an_age_is_told_without_one() -> None:
    """Where nobody knows how old the last value is, no number is made up."""
    watch = Watch()
    watch.follow(steps(START, START + 60, 80, ABOVE))
    blind = [watch.scene(Step(START + s, quality=Quality.LINK_LOST)) for s in range(60, 120, STEP_S)]
    (end,) = cleared(
        [output for one in blind for output in watch.detector.look(replace(one, heart=replace(one.heart, age_ms=None)))]
    )
    assert end.reasons[0].value is None


def test_clearing_nothing_says_nothing() -> None:
    """The end of a quiet night clears no suspicion, and does not disarm."""
    detector = EpisodeDetector.of(EpisodeBounds())
    assert detector.clear(0, ()) == []
    assert detector == EpisodeDetector.of(EpisodeBounds())


# -- naming ----------------------------------------------------------------------------------------------


def moving(at_s: int, moving_s: float = 0.0, steps_60: int | None = None, *, known: bool = True) -> MotionLook:
    return MotionLook(at_s * NS_PER_S, known=known, peak_mg=600, still_s=0.0, moving_s=moving_s, steps_60=steps_60)


def test_steps_name_it_getting_up() -> None:
    """A trip to the bathroom is a surge with steps."""
    walking = surge(START, 90, 4, lambda one: replace(one, motion=moving(one.at_s, steps_60=14, known=False)))
    (suspicion,) = raised(Watch().follow(walking))
    assert suspicion.kind is EpisodeKind.OUT_OF_BED
    codes = {reason.code: reason.value for reason in suspicion.reasons}
    assert codes[ReasonCode.STEPS] == 14
    assert ReasonCode.LOOKS_LIKE_OUT_OF_BED in codes


def test_back_in_bed_it_is_still_getting_up() -> None:
    """The heart races on after the walk; that is no nightmare."""

    def walked(one: Step) -> Step:
        return replace(one, motion=moving(one.at_s, steps_60=14 if one.at_s < START + 90 else 0))

    assert [one.kind for one in raised(Watch().follow(surge(START, 90, 4, walked)))] == [EpisodeKind.OUT_OF_BED]


def test_movement_that_goes_on_names_it_getting_up() -> None:
    """Without a step counter, two minutes of an arm in motion say the same; a turn or an unknown arm does not."""

    def kind(motion: MotionLook) -> EpisodeKind:
        (suspicion,) = raised(Watch().follow([replace(Step(START, 90, ABOVE), motion=motion)]))
        assert ReasonCode.STEPS not in {reason.code for reason in suspicion.reasons}
        return suspicion.kind

    bound = EpisodeBounds().moving_s
    assert kind(moving(START, bound)) is EpisodeKind.OUT_OF_BED
    assert kind(moving(START, bound - 1)) is EpisodeKind.NIGHTMARE_LIKE
    assert kind(moving(START, 80.0, known=False)) is EpisodeKind.NIGHTMARE_LIKE


def test_what_turns_out_to_be_a_walk_is_renamed() -> None:
    """A suspicion keeps its number and its onset when it is told apart later."""

    def gets_up(one: Step) -> Step:
        return replace(one, motion=moving(one.at_s, steps_60=20 if one.at_s >= START + 60 else 0))

    first, second = raised(Watch().follow(surge(START, 90, 4, gets_up)))
    assert (first.kind, second.kind) == (EpisodeKind.NIGHTMARE_LIKE, EpisodeKind.OUT_OF_BED)
    assert (first.episode, first.onset_ns, first.raised_ns) == (second.episode, second.onset_ns, second.raised_ns)


def out_of_deep_sleep(start_s: int, bpm: float, minutes: float = 3) -> list[Step]:
    return [replace(one, p=DEEP) for one in surge(start_s, bpm, minutes)]


def test_an_explosive_surge_out_of_deep_sleep_is_not_a_nightmare() -> None:
    """First third, deep sleep just before, a rise of more than a third: terror-like."""
    (suspicion,) = raised(Watch().follow(out_of_deep_sleep(HOUR, 92)))
    assert suspicion.kind is EpisodeKind.TERROR_LIKE
    codes = {reason.code: reason for reason in suspicion.reasons}
    assert ReasonCode.LOOKS_LIKE_TERROR in codes
    assert codes[ReasonCode.STAGE_DEEP].value == DEEP.deep
    rise = codes[ReasonCode.HEART_RISE]
    assert rise.value == 36.0
    assert rise.bound == pytest.approx(0.33 * BASELINE)


@pytest.mark.parametrize(
    ("start_s", "bpm", "sleep_onset_s"),
    [(4 * HOUR, 92, 0), (6 * HOUR, 92, 0), (HOUR, 92, None), (HOUR, 70, 0)],
    ids=["late", "very late", "before sleep", "not explosive"],
)
def test_other_surges_out_of_deep_sleep_are_no_terror(start_s: int, bpm: float, sleep_onset_s: int | None) -> None:
    """Terrors belong to the first third of sleep, and are explosive."""
    course = [replace(one, sleep_onset_s=sleep_onset_s) for one in out_of_deep_sleep(start_s, bpm)]
    assert raised(Watch().follow(course))[0].kind is EpisodeKind.NIGHTMARE_LIKE


def test_surges_at_one_spacing_are_breathing_or_legs() -> None:
    """The sawtooth of apnoea, every 40 s, is told from a nightmare by its repetition."""
    course = [
        Step(at_s, BASELINE + (8 if at_s % 40 < 20 else 0), ABOVE if at_s >= START + 400 else 0.0)
        for at_s in range(START, START + 900, STEP_S)
    ]
    (suspicion,) = raised(Watch().follow(course))
    assert suspicion.kind is EpisodeKind.PERIODIC
    codes = {reason.code: reason for reason in suspicion.reasons}
    assert ReasonCode.LOOKS_LIKE_PERIODIC in codes
    repeating = codes[ReasonCode.REPEATING]
    assert repeating.bound == EpisodeBounds().repeats
    assert repeating.value is not None
    assert repeating.value >= repeating.bound


def test_a_surge_that_is_fading_is_an_arousal() -> None:
    """What decays while the evidence comes in is a turn; if it comes back and stays, it is no turn any more."""
    fading = [*steps(START, START + 30, 90), *steps(START + 30, START + 45, 60, ABOVE)]
    (suspicion,) = raised(Watch().follow([*steps(START - 60, START), *fading]))
    assert suspicion.kind is EpisodeKind.AROUSAL
    assert ReasonCode.LOOKS_LIKE_AROUSAL in {reason.code for reason in suspicion.reasons}
    again = [*steps(START - 60, START), *fading, *steps(START + 45, START + 120, 90, ABOVE)]
    assert [one.kind for one in raised(Watch().follow(again))] == [EpisodeKind.AROUSAL, EpisodeKind.NIGHTMARE_LIKE]


def test_a_nightmare_that_fades_keeps_its_name() -> None:
    """Every surge fades in the end; that makes no arousal of it afterwards."""
    course = [*steps(START, START + 120, 90, ABOVE), *steps(START + 120, START + 150, 64)]
    watch = Watch()
    assert [one.kind for one in raised(watch.follow(course))] == [EpisodeKind.NIGHTMARE_LIKE]
    assert watch.detector.suspicion is not None


def test_a_settled_name_stays() -> None:
    """The surge of a terror lasts; what comes after it does not make it a nightmare or a walk."""
    course = out_of_deep_sleep(HOUR, 92, 3)
    course = [
        replace(one, motion=moving(one.at_s, 80.0)) if HOUR + 60 <= one.at_s < HOUR + 180 else one for one in course
    ]
    assert [one.kind for one in raised(Watch().follow(course))] == [EpisodeKind.TERROR_LIKE]


# -- what is seen ----------------------------------------------------------------------------------------


def test_what_is_seen_is_told_whether_or_not_it_amounts_to_anything() -> None:
    """Evidence, heart, stage and movement, each in its unit; a stage is named from one half on."""
    watch = Watch()

    def seen(step: Step) -> dict[ReasonCode, float]:
        return {sign[0]: sign[1] for sign in watch.detector.signs(watch.scene(step))}

    plain = seen(Step(START, 59, 2.5))
    assert plain[ReasonCode.EVIDENCE] == 0.25
    assert plain[ReasonCode.HEART_SURGE] == 3.0
    assert plain[ReasonCode.MOVEMENT] == 0.015
    assert ReasonCode.STAGE_REM in plain
    assert seen(replace(Step(START + 5), p=DEEP))[ReasonCode.STAGE_DEEP] == DEEP.deep
    assert seen(replace(Step(START + 10), p=AWAKE))[ReasonCode.STAGE_WAKE] == AWAKE.wake
    blind = seen(replace(Step(START + 15, quality=Quality.STALE), motion=MotionLook(0, known=False)))
    assert {ReasonCode.MOVEMENT, ReasonCode.HEART_SURGE}.isdisjoint(blind)


# -- bounds ----------------------------------------------------------------------------------------------


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


# -- whatever comes --------------------------------------------------------------------------------------

HOSTILE = st.one_of(st.none(), st.floats(), st.integers(20, 240).map(float))
RATES = st.one_of(st.integers(50, 110).map(float), HOSTILE)
Hostile = tuple[float | None, float | None, float | None, Quality, float, StageProbabilities, MotionLook]
STEPS: st.SearchStrategy[Hostile] = st.tuples(
    RATES,
    st.one_of(st.just(BASELINE), HOSTILE),
    st.one_of(st.just(2.0), HOSTILE),
    st.one_of(st.just(Quality.GOOD), st.sampled_from(Quality)),
    st.sampled_from([0.0, 9.0, ABOVE, 1e4]),
    st.sampled_from([REM, DEEP, AWAKE]),
    st.sampled_from(
        [still(0), moving(0, 90.0), moving(0, 90.0, known=False), moving(0, 0.0, 30), MotionLook(0, False)]
    ),
)


@settings(max_examples=60)
@given(st.lists(STEPS, min_size=10, max_size=40), st.integers(0, 39))
def test_whatever_comes_the_account_is_whole(course: list[Hostile], cut: int) -> None:
    """NaN or hostile numbers end nothing: at most one suspicion stands, each is raised on good data, numbered in order,
    renamed under its number, cleared once; what is written down is finite; a snapshot in the middle changes nothing.
    A night begins without good data.
    """
    watch, other, standing, last = Watch(), Watch(), 0, 0
    blind = [Step(at_s, quality=Quality.NEVER) for at_s in range(START - 60, START, STEP_S)]
    assert watch.follow(blind) == other.follow(blind) == []
    for index, (bpm, baseline, spread, quality, score, p, motion) in enumerate(course):
        step = Step(START + STEP_S * index, bpm, score, p, quality, motion, baseline, spread)
        outputs = watch.look(step)
        if index == cut:
            other = Watch(loads(dumps(other.detector)), loads(dumps(other.excursions)))
        assert other.look(step) == outputs
        assert len(outputs) <= 1
        for output in outputs:
            assert loads(dumps(output)) == output
            if isinstance(output, SuspicionRaised):
                suspicion = output.suspicion
                assert quality is Quality.GOOD
                assert math.isfinite(suspicion.score)
                assert START * NS_PER_S <= suspicion.onset_ns <= suspicion.raised_ns
                assert suspicion.episode == (standing or last + 1)
                standing = last = suspicion.episode
            else:
                assert isinstance(output, SuspicionCleared)
                assert output.episode == standing
                standing = 0


# -- the echo of a nudge ---------------------------------------------------------------------------------


def followed(course: list[Step], at_s: int | None = None) -> list[NightOutput]:
    """The course with a nudge over at `at_s`, whose echo lasts twenty seconds; without one for None."""
    watch = Watch()
    before = [step for step in course if at_s is None or step.at_s <= at_s]
    outputs = watch.follow(before)
    if at_s is not None:
        watch.detector.expect_echo((at_s + 20) * NS_PER_S)
    return [*outputs, *watch.follow(course[len(before) :])]


def test_a_rise_within_the_echo_begins_nothing() -> None:
    """The heart answers a nudge for 10 to 20 s (mission 5.4); what stands after that is no echo."""
    passing = [*steps(START - 300, START), *steps(START, START + 20, 76, ABOVE), *steps(START + 20, START + 300)]
    staying = [*steps(START - 300, START), *steps(START, START + 60, 76, ABOVE)]
    assert raised(followed(passing)) != []
    assert raised(followed(passing, START - 1)) == []
    (suspicion,) = raised(followed(staying, START - 1))
    assert suspicion.raised_ns == (START + 20) * NS_PER_S


def test_the_echo_adds_nothing_to_the_evidence_of_an_episode() -> None:
    """What is told as its most is what it had without the answer to a nudge."""
    echo = steps(START + 60, START + 80, 90, 2 * ABOVE)
    course = [*steps(START, START + 60, 76, ABOVE), *echo, *steps(START + 80, START + 600)]
    assert cleared(followed(course))[0].score == 2 * ABOVE / BOUNDS.threshold
    assert cleared(followed(course, START + 59))[0].score == ABOVE / BOUNDS.threshold


def test_within_the_echo_an_episode_may_settle_or_turn_out_to_be_something_else() -> None:
    """Only escalation is not read: recovery, and getting up, are seen at any time."""
    calm = [*steps(START, START + 60, 76, ABOVE), *steps(START + 60, START + 120)]
    (settled,) = cleared(followed(calm, START + 60))
    assert settled.at_ns == cleared(followed(calm))[0].at_ns < (START + 80) * NS_PER_S
    up = replace(Step(START + 65, 90, 2 * ABOVE), motion=MotionLook(0, known=True, steps_60=20))
    _, renamed = raised(followed([*steps(START, START + 60, 76, ABOVE), up], START + 60))
    assert renamed.kind is EpisodeKind.OUT_OF_BED
    assert renamed.score == ABOVE / BOUNDS.threshold


def test_a_shorter_echo_does_not_end_a_longer_one() -> None:
    """Two nudges on two outputs: the later end counts."""
    detector = EpisodeDetector.of(BOUNDS)
    detector.expect_echo(30)
    detector.expect_echo(20)
    assert detector.echo_until_ns == 30
