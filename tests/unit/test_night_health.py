"""A detector that cannot be relied on stands still, and the night goes on without it (reliability F21)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.nights import parameters
from vigil.domain.nudges import Action, Decision, EpisodeKind, ReasonCode, Suspicion, Unit, WatchState
from vigil.domain.records import (
    EpochScored,
    Held,
    Input,
    NightBegan,
    NightEnded,
    NightOutput,
    Released,
)
from vigil.domain.samples import HeartSample, MotionSummary
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MINUTE, NS_PER_S, STEP_NS
from vigil.engine.follower import EngineLook, Follower
from vigil.night.health import MOST_FAILURES, WITHIN_NS, Health, is_sound
from vigil.night.night_watch import NightWatch

Look = Callable[[EngineLook], EngineLook]


def second(at_s: int) -> list[Input]:
    at_ns = at_s * NS_PER_S
    return [HeartSample(at_ns, 580 + (at_s * 7) % 13), MotionSummary(at_ns, 1000, 12, mean_mg=(0, 0, 1000))]


def night(*middle: Input, minutes: int = 45) -> list[NightOutput]:
    """What is said in a quiet night; `middle` comes where its instants say."""
    inputs: list[Input] = [record for at_s in range(1, minutes * 60) for record in second(at_s)]
    inputs = sorted([*inputs, *middle], key=lambda record: record.at_ns)
    watch, outputs = NightWatch(parameters()), list[NightOutput]()
    for record in [NightBegan(0, heart_cadence_ms=1000), *inputs, NightEnded(minutes * NS_PER_MINUTE)]:
        outputs.extend(watch.push(record))
    return outputs


def failing(monkeypatch: pytest.MonkeyPatch, when: Callable[[int], bool], spoil: Look) -> None:
    """From some instants on the detector goes wrong."""
    look = Follower.look

    def broken(self: Follower, seen: object, engine: object) -> EngineLook:
        found = look(self, seen, engine)  # type: ignore[arg-type]  # as it was given
        return spoil(found) if when(found.at_ns) else found

    monkeypatch.setattr(Follower, "look", broken)


def throws(_look: EngineLook) -> EngineLook:
    message = "a bug of the detector"
    raise RuntimeError(message)


def nightmare(score: float) -> Look:
    suspicion = Suspicion(1, EpisodeKind.NIGHTMARE_LIKE, 0, 0, score, ())
    return lambda look: look._replace(suspicion=replace(suspicion, onset_ns=look.at_ns, raised_ns=look.at_ns))


def odd_sign(number: float) -> Look:
    return lambda look: look._replace(signs=((ReasonCode.HEART_SURGE, number, None, Unit.BPM, 0),))


WAYS: dict[str, Look] = {
    "it throws": throws,
    "a score that is none": nightmare(math.nan),
    "a score without bounds": nightmare(math.inf),
    "a sign that is none": odd_sign(math.nan),
}

AT = 35 * NS_PER_MINUTE


def decisions(outputs: list[NightOutput]) -> list[Decision]:
    return [one for one in outputs if isinstance(one, Decision)]


def codes(one: Decision) -> list[ReasonCode]:
    return [reason.code for reason in one.reasons]


@pytest.mark.parametrize("way", WAYS)
def test_a_detector_that_goes_wrong_once_stands_still_for_that_step(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, nothing is nudged, and the next step is looked at again."""
    failing(monkeypatch, lambda at_ns: at_ns == AT, WAYS[way])
    said = decisions(night())
    failed = [one for one in said if ReasonCode.ENGINE_FAILED in codes(one)]
    assert [one.at_ns for one in failed] == [AT]
    assert not any(one.action is Action.NUDGE for one in said)
    assert said[-1].state is WatchState.WATCHING


@pytest.mark.parametrize("way", WAYS)
def test_three_times_in_ten_minutes_and_it_is_off_for_the_night(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it says afterwards; epochs go on being kept, all of them, as unwatched."""
    steps = {AT, AT + STEP_NS, AT + 5 * NS_PER_MINUTE}
    failing(monkeypatch, lambda at_ns: at_ns in steps, WAYS[way])
    outputs = night()
    after = [one for one in decisions(outputs) if one.at_ns > max(steps)]
    assert after
    assert all(codes(one) == [ReasonCode.ENGINE_FAILED] for one in after)
    epochs = [one for one in outputs if isinstance(one, EpochScored)]
    assert [one.index for one in epochs] == list(range(90))


def test_a_nightmare_that_is_seen_after_it_is_off_is_not_nudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one seen by a detector that fails at every other look."""
    failing(monkeypatch, lambda _: True, lambda look: (throws if look.at_ns < AT else nightmare(3.0))(look))
    said = decisions(night())
    assert not any(one.action is Action.NUDGE for one in said)


def test_the_same_nightmare_is_nudged_by_a_detector_that_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the failing that keeps it quiet, not the test."""
    failing(monkeypatch, lambda at_ns: at_ns >= AT, nightmare(3.0))
    assert any(one.action is Action.NUDGE for one in decisions(night()))


def test_a_detector_that_is_slow_three_times_is_off() -> None:
    """The runner has measured it; what it said was used no more."""
    slow = [Trouble(AT + n * NS_PER_MINUTE + 1, TroubleKind.ENGINE_SLOW, 450) for n in range(3)]
    said = decisions(night(*slow))
    assert codes(said[-1]) == [ReasonCode.ENGINE_FAILED]
    assert ReasonCode.ENGINE_FAILED not in codes(decisions(night(*slow[:2]))[-1])


def test_a_stop_stands_while_the_detector_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held is held, also where nothing can be looked at."""
    failing(monkeypatch, lambda at_ns: AT <= at_ns < AT + NS_PER_MINUTE, throws)
    said = decisions(night(Held(AT - NS_PER_MINUTE), Released(AT + 5 * NS_PER_MINUTE)))
    within = [one for one in said if AT <= one.at_ns < AT + 5 * NS_PER_MINUTE]
    assert within
    assert {one.state for one in within} == {WatchState.HELD}


def test_failures_that_are_far_apart_do_not_add_up() -> None:
    """Three within ten minutes, both ends counted."""
    near, far = Health(), Health()
    for number in range(MOST_FAILURES):
        near.fail(number * WITHIN_NS // (MOST_FAILURES - 1))
        far.fail(number * (WITHIN_NS // (MOST_FAILURES - 1) + 1))
    assert (near.off, far.off) == (True, False)
    far.fail(far.failures[-1])
    assert far.off
    for number in range(50):
        far.fail(far.failures[-1] + (number + 1) * NS_PER_MINUTE * 60)
    assert far.off


def look_with(**changes: object) -> EngineLook:
    quiet = EngineLook(0, None, None, None, 0, False, None, 0.0, False, (), ())  # type: ignore[arg-type]  # no heart
    return quiet._replace(**changes)  # type: ignore[arg-type]  # as named


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_look_is_sound_only_if_every_number_of_it_is_one(number: float) -> None:
    """Scores, signs, and the bounds of signs."""
    sign = (ReasonCode.HEART_SURGE, 1.0, None, Unit.BPM, 0)
    assert is_sound(look_with(signs=(sign, (ReasonCode.HEART_SURGE, 1.0, 2.0, Unit.BPM, 0))))
    assert not is_sound(look_with(signs=(sign, (ReasonCode.HEART_SURGE, number, 2.0, Unit.BPM, 0))))
    assert not is_sound(look_with(signs=(sign, (ReasonCode.HEART_SURGE, 1.0, number, Unit.BPM, 0))))
    assert not is_sound(look_with(suspicion=Suspicion(1, EpisodeKind.NIGHTMARE_LIKE, 0, 0, number, ())))
