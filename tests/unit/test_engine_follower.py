"""Thresholds that follow one night: what each raises, and what control must know of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.looks import ABOVE, HOUR, Step, Watch, steps
from tests.nights import parameters, simulated_night
from vigil.domain.nudges import ReasonCode
from vigil.domain.plain import dumps, loads
from vigil.domain.records import (
    NightBegan,
    NightEnded,
    NightOutput,
    QualityNote,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.samples import Quality
from vigil.domain.units import NS_PER_S, STEP_NS
from vigil.engine.engine import SleepEngine
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.follower import UPRIGHT_STEPS, EngineLook, Follower
from vigil.engine.scene import Perceived
from vigil.signal.motion import MotionLook

START = 2 * HOUR
RAISED = (SuspicionRaised, SuspicionCleared)


@dataclass
class Asked:
    """Says how long the sleeper was awake before an onset, and remembers what it was asked."""

    onsets: list[int] = field(default_factory=list)

    def awake_before_ms(self, onset_ns: int) -> int:
        self.onsets.append(onset_ns)
        return 60_000 * len(self.onsets)


@dataclass
class One:
    """A follower over steps made by hand."""

    follower: Follower = field(default_factory=lambda: Follower.of(EpisodeBounds()))
    seen: Watch = field(default_factory=Watch)
    asked: Asked = field(default_factory=Asked)

    def look(self, step: Step, outputs: tuple[NightOutput, ...] = (), *, watchable: bool = True) -> EngineLook:
        return self.follower.look(Perceived(self.seen.scene(step), watchable, 0.25, outputs), self.asked)

    def looks(self, course: list[Step]) -> list[EngineLook]:
        return [self.look(step) for step in course]


def test_what_was_perceived_comes_through() -> None:
    """Instant, heart, P(wake), and whether a nudge would be possible are the engine's word, at any threshold."""
    one = One()
    step = Step(START, 60.0)
    look = one.look(step, watchable=False)
    assert (look.at_ns, look.heart, look.p_wake, look.watchable) == (START * NS_PER_S, step.heart, 0.25, False)
    assert look.suspicion is None
    assert look.outputs == ()
    assert one.look(Step(START + 5)).watchable


def test_what_it_raises_comes_after_what_was_perceived() -> None:
    """An epoch that ends at a step is told before the suspicion of that step."""
    one = One()
    note = QualityNote(START * NS_PER_S, Quality.GOOD, Quality.STALE)
    look = one.look(Step(START, 76, ABOVE), (note,))
    assert look.outputs[0] == note
    assert isinstance(look.outputs[1], SuspicionRaised)
    assert look.suspicion == look.outputs[1].suspicion
    assert one.look(Step(START + 5, 76, ABOVE), (note,)).outputs == (note,)


def test_how_long_awake_before_is_asked_once_for_each_episode() -> None:
    """It is of the onset: what comes later in the episode does not change it, and without a suspicion it is nothing."""
    one = One()
    first = one.looks([*steps(START - 60, START), *steps(START, START + 120, 76, ABOVE)])
    assert {look.awake_before_onset_ms for look in first[:12]} == {0}
    assert {look.awake_before_onset_ms for look in first[12:]} == {60_000}
    assert {look.awake_before_onset_ms for look in one.looks(steps(START + 120, START + 400))[6:]} == {0}
    again = one.looks(steps(START + 400, START + 460, 76, ABOVE))
    assert {look.awake_before_onset_ms for look in again} == {120_000}
    assert one.asked.onsets == [START * NS_PER_S, (START + 400) * NS_PER_S]


@pytest.mark.parametrize(
    ("steps_60", "upright"), [(None, False), (0, False), (UPRIGHT_STEPS - 1, False), (UPRIGHT_STEPS, True)]
)
def test_walking_is_being_upright(steps_60: int | None, upright: bool) -> None:
    """A few steps come from a turning arm; a wearable that counts none says nothing."""
    motion = MotionLook(START * NS_PER_S, known=False, steps_60=steps_60)
    assert One().look(Step(START, motion=motion)).upright is upright


def test_the_end_of_the_night_clears_what_stands() -> None:
    """A suspicion does not outlive its night, and its end says why."""
    one = One()
    assert one.follower.end(START * NS_PER_S) == []
    one.looks(steps(START, START + 60, 76, ABOVE))
    (end,) = one.follower.end((START + 61) * NS_PER_S)
    assert isinstance(end, SuspicionCleared)
    assert end.reasons[0].code is ReasonCode.NIGHT_OVER
    assert one.follower.end((START + 62) * NS_PER_S) == []


def test_a_follower_goes_on_from_its_snapshot() -> None:
    """Stopped in the middle of an episode, it neither raises it again nor asks again."""
    one = One()
    one.looks(steps(START, START + 60, 76, ABOVE))
    one.follower = loads(dumps(one.follower))
    look = one.look(Step(START + 60, 76, ABOVE))
    assert (look.outputs, look.awake_before_onset_ms) == ((), 60_000)


def test_followers_at_several_thresholds_share_one_perception() -> None:
    """On a night with strong episodes: each says what it says alone, however many there are."""
    inputs = simulated_night("strong").inputs
    factors = (0.01, 1.0, 1e6)
    together = followed(factors)
    assert together == {factor: followed((factor,))[factor] for factor in factors}
    assert len(together[0.01]) > len(together[1e6]) == 0
    assert isinstance(inputs[-1], NightEnded)


def followed(factors: tuple[float, ...]) -> dict[float, list[NightOutput]]:
    """Everything raised and cleared over a simulated night, at each factor."""
    engine = SleepEngine.start(parameters())
    followers = {factor: Follower.of(EpisodeBounds.of(parameters().episodes), factor) for factor in factors}
    said: dict[float, list[NightOutput]] = {factor: [] for factor in factors}
    next_ns = STEP_NS
    for record in simulated_night("strong").inputs:
        while record.at_ns > next_ns:
            perceived = engine.perceive(next_ns, parameters())
            for factor, follower in followers.items():
                look = follower.look(perceived, engine)
                said[factor] += [output for output in look.outputs if isinstance(output, RAISED)]
            next_ns += STEP_NS
        engine.take(record)
        if isinstance(record, NightBegan):
            engine.begin(record)
    return said
