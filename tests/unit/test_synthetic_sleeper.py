"""The simulated sleeper: repeatable, causal, and touched only by nudges that it feels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.domain.records import Event, Sample
from vigil.domain.requests import Output
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import AasmStage
from vigil.domain.units import NS_PER_S
from vigil.recordings.synthetic.episodes import EndedBy
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.sensor import CHEST_STRAP, WRIST_1S, WRIST_5S, Sensor
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.recordings.synthetic.truth import NudgeOutcome

EASY = Person(nudge_threshold=0.6, habituation=0.0)
"""Feels the lowest nudge nearly always."""
NUMB = Person(nudge_threshold=9.0)
"""Feels none."""


def sleeper(seed: int = 3, name: str = "strong", who: Person = EASY, sensor: Sensor = WRIST_1S) -> SimulatedSleeper:
    """A short night, for speed."""
    return SimulatedSleeper(seed, person=who, plan=named_plan(name, seed, who, hours=3.0), sensor=sensor)


@cache
def untouched(seed: int = 3, name: str = "strong", sensor: Sensor = WRIST_1S) -> tuple[Sample | Event, ...]:
    """Everything of a night that nobody touches."""
    one = sleeper(seed, name, sensor=sensor)
    return tuple(one.until(one.ends_ns))


def in_dream(one: SimulatedSleeper) -> int:
    """An instant in the middle of the first nightmare."""
    episode = one.plan.episodes[0]
    return (episode.onset_s + episode.end_s) // 2 * NS_PER_S


def test_a_seed_is_one_night() -> None:
    """The same seed gives the same night, another seed another."""
    one = sleeper()
    assert tuple(one.until(one.ends_ns)) == untouched()
    assert untouched(4) != untouched()


@pytest.mark.parametrize("sensor", [WRIST_5S, CHEST_STRAP], ids=lambda sensor: sensor.name)
@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 3 * 3600 * 1000), max_size=6))
def test_how_often_it_is_asked_changes_nothing(sensor: Sensor, cuts: list[int]) -> None:
    """Delivery: one call or many, at whole seconds or between them, give the same samples in the same order."""
    one = sleeper(sensor=sensor)
    found: list[Sample | Event] = []
    for cut_ms in sorted(cuts):
        found += one.until(cut_ms * 1_000_000)
        assert all(item.at_ns <= cut_ms * 1_000_000 for item in found)
    found += one.until(one.ends_ns)
    assert tuple(found) == untouched(sensor=sensor)


@pytest.mark.parametrize("sensor", [WRIST_1S, CHEST_STRAP], ids=lambda sensor: sensor.name)
def test_samples_come_in_the_order_they_were_known(sensor: Sensor) -> None:
    """Instants never fall, nothing comes from before lights-out or after the end, and every second has its movement."""
    items = untouched(sensor=sensor)
    assert all(a.at_ns <= b.at_ns for a, b in pairwise(items))
    assert 0 < items[0].at_ns <= items[-1].at_ns == sleeper().ends_ns
    assert sum(isinstance(item, MotionSummary) for item in items) == 3 * 3600
    hearts = BeatInterval if sensor is CHEST_STRAP else HeartSample
    assert {type(item) for item in items} == {hearts, MotionSummary}


@pytest.mark.parametrize("who", [EASY, NUMB], ids=["felt", "not felt"])
@pytest.mark.parametrize("level", [1, 4])
def test_a_nudge_changes_only_what_comes_after_it(who: Person, level: int) -> None:
    """The night before a nudge is the same to the bit, whether it was felt or not."""
    one, other = sleeper(who=who), sleeper(who=who)
    at_ns = in_dream(one)
    before = one.until(at_ns)
    assert other.until(at_ns) == before
    truth = other.truth
    one.feel(Output.VIBRATION, level, 2000, at_ns)
    assert one.truth.scoring == truth.scoring
    assert one.truth.distractors == truth.distractors
    late = one.until(one.ends_ns)
    assert late != other.until(other.ends_ns)
    assert all(item.at_ns > at_ns for item in late)


def test_vibration_shakes_the_accelerometer_and_sound_does_not() -> None:
    """The motion channel shows the buzz for as long as it lasts, felt or not (mission 5.4)."""

    def shaken(output: Output, duration_ms: int) -> list[int]:
        one, other = sleeper(name="quiet", who=NUMB), sleeper(name="quiet", who=NUMB)
        for each in (one, other):
            each.until(4000 * NS_PER_S)
        one.feel(output, 2, duration_ms, 4000 * NS_PER_S)
        pairs = zip(one.until(one.ends_ns), other.until(other.ends_ns), strict=True)
        return [a.at_ns // NS_PER_S for a, b in pairs if isinstance(a, MotionSummary) and a != b]

    assert shaken(Output.VIBRATION, 2500) == [4001, 4002, 4003]
    assert shaken(Output.SOUND, 2500) == []
    assert shaken(Output.LIGHT, 2500) == []


def test_the_heart_answers_only_a_nudge_that_was_felt() -> None:
    """Mission 5.4: without perception there is no acceleration; with it, a few bpm within twenty seconds."""
    numb, easy, calm = (sleeper(name="quiet", who=who) for who in (NUMB, EASY, EASY))
    at_ns = 4000 * NS_PER_S
    for each in (numb, easy, calm):
        each.until(at_ns)
    numb.feel(Output.SOUND, 2, 1000, at_ns)
    easy.feel(Output.SOUND, 2, 1000, at_ns)
    assert [n.perceived for n in numb.truth.nudges] == [False]
    assert [n.outcome for n in numb.truth.nudges] == [NudgeOutcome.NOTHING]
    assert [n.perceived for n in easy.truth.nudges] == [True]
    untouched_numb = sleeper(name="quiet", who=NUMB)
    untouched_numb.until(at_ns)
    assert numb.until(numb.ends_ns) == untouched_numb.until(numb.ends_ns)
    rises = [
        a.bpm_x10 - b.bpm_x10
        for a, b in zip(easy.until(at_ns + 30 * NS_PER_S), calm.until(at_ns + 30 * NS_PER_S), strict=False)
        if isinstance(a, HeartSample) and isinstance(b, HeartSample)
    ]
    assert max(rises) >= 10


@cache
def outcomes(level: int, who: Person = EASY) -> tuple[SimulatedSleeper, ...]:
    """Sleepers of thirty seeds, each nudged once in the middle of a nightmare and left to sleep on."""
    found = []
    for seed in range(30):
        one = SimulatedSleeper(seed, person=who, plan=named_plan("strong", seed, who, hours=1.5))
        one.feel(Output.VIBRATION, level, 1000, in_dream(one))
        one.until(one.ends_ns)
        found.append(one)
    return tuple(found)


def test_a_nudge_may_settle_the_nightmare_without_waking() -> None:
    """A settled episode ends within half a minute, by a nudge, and the sleeper stays asleep."""
    settled = [one for one in outcomes(1) if one.truth.nudges[0].outcome is NudgeOutcome.SETTLED]
    assert len(settled) >= 5
    for one in settled:
        (episode,) = one.truth.episodes
        assert episode.ended_by is EndedBy.NUDGE
        assert episode.end_s is not None
        assert 0 <= episode.end_s - one.truth.nudges[0].t_s <= 30
        assert one.truth.scoring[int(episode.end_s) // 30] is not AasmStage.WAKE


def test_a_strong_nudge_wakes_and_the_scoring_says_so() -> None:
    """Higher levels wake more often than the lowest, and a woken sleeper is scored awake soon after."""
    woken = [one for one in outcomes(4) if one.truth.nudges[0].outcome is NudgeOutcome.WOKE]
    gently = [one for one in outcomes(1) if one.truth.nudges[0].outcome is NudgeOutcome.WOKE]
    assert len(woken) > 2 * len(gently)
    for one in woken:
        (episode,) = one.truth.episodes
        assert (episode.ended_by, episode.end_s) == (EndedBy.NUDGE, one.truth.nudges[0].t_s)
        k = int(one.truth.nudges[0].t_s) // 30
        assert AasmStage.WAKE in one.truth.scoring[k : k + 3]


def test_habituation_makes_later_nudges_harder_to_feel() -> None:
    """Each nudge raises the threshold of what comes after it."""

    def felt(habituation: float) -> int:
        who = replace(EASY, nudge_threshold=1.0, habituation=habituation)
        one = sleeper(name="quiet", who=who)
        for minute in range(60, 160, 8):
            one.feel(Output.VIBRATION, 1, 1000, minute * 60 * NS_PER_S)
        return sum(nudge.outcome in (NudgeOutcome.FELT, NudgeOutcome.WOKE) for nudge in one.truth.nudges)

    assert felt(0.2) < felt(0.0)


def test_a_nudge_to_somebody_awake_changes_nothing_but_is_felt() -> None:
    """Before sleep onset the sleeper feels it and is simply awake."""
    one = sleeper(name="quiet")
    one.feel(Output.SOUND, 1, 1000, 30 * NS_PER_S)
    assert [(n.perceived, n.outcome) for n in one.truth.nudges] == [(True, NudgeOutcome.AWAKE)]
    assert tuple(one.until(one.ends_ns)) == untouched(name="quiet")


def test_what_needs_sleep_stops_when_a_nudge_wakes() -> None:
    """Leg movements do not go on in a sleeper who was woken in the middle of them."""
    for seed in range(30):
        one = SimulatedSleeper(seed, person=EASY, plan=named_plan("legs", seed, EASY))
        legs = next(d for d in one.plan.distractors if d.kind.value == "legs")
        middle = (legs.from_s + legs.to_s) // 2
        one.feel(Output.VIBRATION, 4, 4000, middle * NS_PER_S)
        if one.truth.nudges[0].outcome is NudgeOutcome.WOKE:
            one.until(one.ends_ns)
            found = [d for d in one.truth.distractors if d.kind.value == "legs" and d.from_s == legs.from_s]
            assert [d.to_s for d in found] == [middle]
            return
    pytest.fail("no seed was woken: the test has nothing to say")


def test_a_nudge_of_no_strength_and_one_after_the_end_do_nothing() -> None:
    """Level 0 or no duration is never felt asleep, and the morning has no nudges."""
    one = sleeper(name="quiet")
    one.feel(Output.VIBRATION, 0, 1000, 4000 * NS_PER_S)
    one.feel(Output.VIBRATION, 1, 0, 4100 * NS_PER_S)
    assert [n.perceived for n in one.truth.nudges] == [False, False]
    assert tuple(one.until(one.ends_ns)) == untouched(name="quiet")
    one.feel(Output.VIBRATION, 4, 1000, one.ends_ns + NS_PER_S)
    assert len(one.truth.nudges) == 2
    assert one.until(one.ends_ns + 10 * NS_PER_S) == []


def test_the_truth_says_only_what_has_been_lived() -> None:
    """Before its onset a nightmare is not in the truth; during it it has no end; at the end all is known."""
    one = sleeper()
    episode = one.plan.episodes[0]
    one.until((episode.onset_s - 1) * NS_PER_S)
    assert not list(one.truth.episodes)
    assert len(one.truth.scoring) == (episode.onset_s - 1) // 30
    one.until((episode.end_s - 1) * NS_PER_S)
    assert [(e.end_s, e.ended_by) for e in one.truth.episodes] == [(None, None)]
    one.until(one.ends_ns)
    (told,) = one.truth.episodes
    assert (told.end_s, told.ended_by) == (episode.end_s, episode.ended_by)
    assert len(one.truth.scoring) == 360
    assert told.rise_bpm == episode.rise.bpm
    assert told.peak_bpm > EASY.resting_bpm


def test_strong_nightmares_show_in_the_heart_rate_and_silent_ones_hardly() -> None:
    """The rise of a class is seen by the sensor: at least 8 bpm in most strong ones, under 6 in most silent ones."""

    def rise(name: str, seed: int) -> float:
        one = SimulatedSleeper(seed, person=Person(), plan=named_plan(name, seed, Person(), hours=2.0), sensor=WRIST_1S)
        episode = one.plan.episodes[0]
        hearts = [i for i in one.until(episode.end_s * NS_PER_S) if isinstance(i, HeartSample)]
        s = [(h.at_ns // NS_PER_S, h.bpm_x10 / 10) for h in hearts]
        before = [bpm for at, bpm in s if episode.onset_s - 120 <= at < episode.onset_s]
        during = [bpm for at, bpm in s if episode.end_s - 30 <= at]
        return sum(during) / len(during) - sum(before) / len(before)

    strong = sorted(rise("strong", seed) for seed in range(10))
    silent = sorted(rise("silent", seed) for seed in range(10))
    assert strong[3] > 8
    assert silent[-4] < 6


def test_lights_out_names_the_night_and_the_cadence() -> None:
    """The cadence is that of the sensor; a strap sends beats and has none."""
    assert (
        sleeper(sensor=WRIST_5S).began().heart_cadence_ms,
        sleeper(sensor=CHEST_STRAP).began().heart_cadence_ms,
    ) == (
        5000,
        None,
    )
    assert sleeper().began().at_ns == 0
    assert sleeper().began().night == "simulated-strong-3"


def test_without_a_plan_the_night_is_drawn_for_the_person() -> None:
    """A seed alone is enough: who it is and what the night brings follow from it."""
    one, two = SimulatedSleeper(11, hours=1.0), SimulatedSleeper(11, hours=1.0)
    assert one.plan == two.plan
    assert one.person == two.person
    assert one.ends_ns == 3600 * NS_PER_S
    assert one.until(one.ends_ns) == two.until(two.ends_ns)
