"""The loop of a night at its edges: before lights-out, after the end, broken clocks, late samples, snapshots."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.nights import lines, parameters, pushed, simulated_night
from tests.permits import permit
from vigil.domain.errors import SnapshotError
from vigil.domain.nudges import Decision, ReasonCode
from vigil.domain.plain import dumps
from vigil.domain.records import (
    EpochScored,
    Held,
    Input,
    LinkLost,
    LinkRegained,
    NightBegan,
    NightClosed,
    NightEnded,
    OutputAcknowledged,
    QualityNote,
    SuspicionCleared,
    SuspicionRaised,
    Tick,
)
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.settings import Profile, Settings
from vigil.domain.units import EPOCH_NS, NS_PER_MINUTE, NS_PER_S, STEP_NS
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.follower import Follower
from vigil.night.night_watch import MAX_JUMP_NS, MOST_EARLY, SNAPSHOT_VERSION, NightWatch, follower_of


def quiet(minutes: int, start_s: int = 1) -> list[Input]:
    """Heart rate every second, hardly changing, and a still wrist."""
    inputs: list[Input] = []
    for at_s in range(start_s, minutes * 60):
        inputs.append(HeartSample(at_s * NS_PER_S, 580 + (at_s * 7) % 13))
        inputs.append(MotionSummary(at_s * NS_PER_S, 1000, 12, mean_mg=(0, 0, 1000)))
    return inputs


def closed(outputs: list[object]) -> NightClosed:
    (one,) = [output for output in outputs if isinstance(output, NightClosed)]
    return one


def left_out(outputs: list[object]) -> dict[str, int]:
    return dict(closed(outputs).left_out)


def test_a_night_that_never_began_says_nothing() -> None:
    """Packets, ticks and an end before lights-out decide nothing."""
    _, outputs = pushed([Tick(-STEP_NS), HeartSample(1, 600), Tick(NS_PER_MINUTE), NightEnded(2 * NS_PER_MINUTE)])
    assert outputs == []


def test_epochs_count_from_lights_out() -> None:
    """Wherever it lies on the clock."""
    began = NightBegan(123_456_789)
    _, outputs = pushed([began, NightEnded(began.at_ns + 3 * EPOCH_NS)])
    ends = [output.at_ns for output in outputs if isinstance(output, EpochScored)]
    assert ends == [began.at_ns + n * EPOCH_NS for n in (1, 2, 3)]


def test_after_the_end_nothing_is_said() -> None:
    """A packet that comes late changes no account."""
    watch, _ = pushed([NightBegan(0), NightEnded(EPOCH_NS)])
    digests = watch.digests
    assert watch.push(HeartSample(EPOCH_NS + 1, 600)) == ()
    assert watch.digests == digests


def test_watched_and_blind_are_the_whole_night() -> None:
    """Ten minutes without data, then half an hour of good ones, five of them warming up."""
    inputs = [NightBegan(0, heart_cadence_ms=1000), *quiet(40, start_s=600), NightEnded(40 * NS_PER_MINUTE)]
    account = closed(list(pushed(inputs)[1]))
    assert account.watched_s + account.blind_s == 40 * 60
    assert abs(account.blind_s - 15 * 60) <= 10


@pytest.mark.parametrize(
    "loss",
    [
        (LinkLost(20 * NS_PER_MINUTE + 1), LinkRegained(20 * NS_PER_MINUTE + 2)),
        (Contact(20 * NS_PER_MINUTE + 1, on=False), Contact(20 * NS_PER_MINUTE + 2, on=True)),
    ],
)
def test_a_loss_between_two_steps_is_blind_for_five_minutes(loss: tuple[Input, Input]) -> None:
    """The guard waits after it, so nothing was possible then, and the account does not say that it was."""
    good = quiet(40)
    inputs = sorted([NightBegan(0, heart_cadence_ms=1000), *good, *loss], key=lambda record: record.at_ns)
    whole = closed(list(pushed([NightBegan(0, heart_cadence_ms=1000), *good, NightEnded(40 * NS_PER_MINUTE)])[1]))
    lost = closed(list(pushed([*inputs, NightEnded(40 * NS_PER_MINUTE)])[1]))
    assert abs(whole.watched_s - lost.watched_s - 300) <= 5


@pytest.mark.parametrize("at_ns", [2**63, -(2**63), MAX_JUMP_NS + 10 * NS_PER_MINUTE])
def test_a_broken_clock_is_counted_and_does_not_end_the_night(at_ns: int) -> None:
    """One garbage instant must not make Vigil work off years of steps, nor fall silent."""
    inputs: list[Input] = [NightBegan(0), HeartSample(NS_PER_S, 600), HeartSample(at_ns, 600), NightEnded(EPOCH_NS)]
    _, outputs = pushed(inputs)
    assert left_out(list(outputs))["broken_clock"] == 1
    assert sum(isinstance(output, EpochScored) for output in outputs) == 1


def test_a_sample_that_comes_after_its_step_is_left_out() -> None:
    """What was said about a step never changes because of what came later."""
    inputs: list[Input] = [
        NightBegan(0),
        HeartSample(NS_PER_S, 600),
        Tick(2 * STEP_NS),
        HeartSample(STEP_NS, 900),
        NightEnded(EPOCH_NS),
    ]
    without = [record for record in inputs if record != HeartSample(STEP_NS, 900)]
    _, told = pushed(inputs)
    _, plain = pushed(without)
    assert left_out(list(told))["too_late"] == 1
    assert lines(told)[:-1] == lines(plain)[:-1]


def test_a_stop_that_comes_late_still_holds() -> None:
    """A person's hand is never too late."""
    inputs = [NightBegan(0), *quiet(2), Tick(2 * NS_PER_MINUTE), Held(NS_PER_MINUTE), Tick(3 * NS_PER_MINUTE)]
    last = [output for output in pushed(inputs)[1] if isinstance(output, Decision)][-1]
    assert [reason.code for reason in last.reasons] == [ReasonCode.HELD]


def test_a_hold_from_before_lights_out_counts() -> None:
    """Held in the evening is held at night."""
    inputs = [Held(-NS_PER_MINUTE), NightBegan(0), *quiet(2), Tick(2 * NS_PER_MINUTE)]
    decisions = [output for output in pushed(inputs)[1] if isinstance(output, Decision)]
    assert decisions[-1].reasons[0].code is ReasonCode.HELD


def test_what_came_before_lights_out_is_in_the_digest() -> None:
    """Two evenings that differ are two nights, up to a bound on how much is remembered."""
    early: list[Input] = [HeartSample(-n * NS_PER_S, 600) for n in range(30, 0, -1)]
    one, _ = pushed([*early, NightBegan(0), NightEnded(EPOCH_NS)])
    other, _ = pushed([*early[1:], NightBegan(0), NightEnded(EPOCH_NS)])
    assert one.digests["inputs"] != other.digests["inputs"]
    assert MOST_EARLY > 3600


def test_lost_link_and_lost_contact_are_noticed_at_once() -> None:
    """The quality has a name for each."""
    start = quiet(2)
    inputs: list[Input] = [
        NightBegan(0),
        *start,
        LinkLost(120 * NS_PER_S),
        Tick(130 * NS_PER_S),
        LinkRegained(131 * NS_PER_S),
        HeartSample(132 * NS_PER_S, 590),
        Tick(140 * NS_PER_S),
        Contact(141 * NS_PER_S, on=False),
        Battery(142 * NS_PER_S, 50),
        Tick(150 * NS_PER_S),
    ]
    notes = [output.quality for output in pushed(inputs)[1] if isinstance(output, QualityNote)]
    assert notes == [Quality.GOOD, Quality.LINK_LOST, Quality.GOOD, Quality.OFF_WRIST]


def test_a_snapshot_is_refused_by_the_wrong_hands() -> None:
    """Other parameters, another version, or no snapshot at all: start anew, do not guess."""
    watch, _ = pushed([NightBegan(0), *quiet(1)])
    text = watch.snapshot()
    assert NightWatch.restore(text, parameters()).digests == watch.digests
    with pytest.raises(SnapshotError, match="other parameters"):
        NightWatch.restore(text, replace(parameters(), digest="else"))
    with pytest.raises(SnapshotError, match="not a snapshot"):
        NightWatch.restore(dumps(HeartSample(1, 2)), parameters())
    with pytest.raises(SnapshotError):
        NightWatch.restore(text[:-9], parameters())
    with pytest.raises(SnapshotError, match="not a snapshot"):
        NightWatch.restore(text.replace(f'"version":{SNAPSHOT_VERSION}', '"version":99'), parameters())


def test_what_the_person_chose_and_what_was_learned_multiply() -> None:
    """Both ask for rarer moments, or for more frequent ones; the shipped threshold is the parameters' own."""
    one = follower_of(parameters(), Settings(), Profile()).detector
    assert (one.factor, one.bounds) == (1.0, EpisodeBounds.of(parameters().episodes))
    both = follower_of(parameters(), Settings(threshold_factor=2.0), Profile(threshold_factor=0.5 * 3)).detector
    assert both.factor == 3.0


def test_a_more_cautious_night_suspects_no_more_and_perceives_the_same() -> None:
    """At four times the threshold there are no more suspicions, and every epoch is scored as it was."""
    inputs = simulated_night("strong").inputs

    def told(factor: float) -> tuple[int, list[EpochScored]]:
        outputs = pushed(inputs, NightWatch(parameters(), Settings(threshold_factor=factor)))[1]
        first = {output.suspicion.episode for output in outputs if isinstance(output, SuspicionRaised)}
        return len(first), [output for output in outputs if isinstance(output, EpochScored)]

    (eager, epochs), (cautious, same) = told(0.5), told(4.0)
    assert epochs == same
    assert 0 <= cautious <= eager
    assert eager >= 1


def test_a_suspicion_that_stands_at_the_end_is_cleared_before_the_account() -> None:
    """Nothing is left open: what was raised is cleared, with the reason, and then the night is closed."""
    inputs = simulated_night("strong").inputs
    watch = NightWatch(parameters(), Settings(threshold_factor=0.5))
    for record in inputs:
        raised = [output for output in watch.push(record) if isinstance(output, SuspicionRaised)]
        if raised:
            break
    cleared, account = watch.push(NightEnded(raised[0].at_ns + NS_PER_S))
    assert isinstance(cleared, SuspicionCleared)
    assert cleared.episode == raised[0].suspicion.episode
    assert [reason.code for reason in cleared.reasons] == [ReasonCode.NIGHT_OVER]
    assert isinstance(account, NightClosed)


def test_a_night_stopped_in_the_middle_of_a_suspicion_goes_on_with_it() -> None:
    """Neither the evidence nor the follower's memory of waking is lost with a restart."""
    inputs = simulated_night("strong").inputs
    settings = Settings(threshold_factor=0.5)
    whole, outputs = pushed(inputs, NightWatch(parameters(), settings))
    raised = next(output for output in outputs if isinstance(output, SuspicionRaised))
    cut = next(n for n, record in enumerate(inputs) if record.at_ns > raised.at_ns + 2 * STEP_NS)
    before, _ = pushed(inputs[:cut], NightWatch(parameters(), settings))
    after, _ = pushed(inputs[cut:], NightWatch.restore(before.snapshot(), parameters()))
    assert after.digests == whole.digests


def test_what_was_perceived_is_kept_while_the_detector_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """An epoch, and a change of quality, are told also at a step at which the detector throws."""

    def fails(self: Follower, perceived: object, wakefulness: object) -> None:
        message = "as the test has it"
        raise ArithmeticError(message)

    monkeypatch.setattr(Follower, "look", fails)
    _, outputs = pushed([NightBegan(0, heart_cadence_ms=1000), *quiet(2), Tick(2 * NS_PER_MINUTE)])
    assert [one.index for one in outputs if isinstance(one, EpochScored)] == [0, 1, 2, 3]
    assert [one.quality for one in outputs if isinstance(one, QualityNote)] == [Quality.GOOD]
    assert {reason.code for one in outputs if isinstance(one, Decision) for reason in one.reasons} == {
        ReasonCode.ENGINE_FAILED
    }


@pytest.mark.parametrize(("output", "seen"), [(Output.SOUND, True), (Output.VIBRATION, False)])
def test_a_buzz_hides_the_movement_it_makes_and_a_sound_hides_none(output: Output, seen: bool) -> None:
    """A wrist that moves hard from the fourth to the fifth minute, while something was given for all of it."""
    watch, minute_s = NightWatch(parameters(), Settings()), 60
    outputs = list(watch.push(NightBegan(0, heart_cadence_ms=1000)))
    for record in quiet(4):
        outputs += watch.push(record)
    given = permit(4 * NS_PER_MINUTE, output=output, duration_ms=60_000)
    watch._state.last_permit.issue(given)
    watch.push(OutputAcknowledged(4 * NS_PER_MINUTE, given.serial))
    for at_s in range(4 * minute_s, 5 * minute_s):
        outputs += watch.push(MotionSummary(at_s * NS_PER_S, 1000, 900, mean_mg=(0, 0, 1000)))
    outputs += watch.push(Tick(5 * NS_PER_MINUTE))
    moved = [one.movement_g for one in outputs if isinstance(one, EpochScored)][-1]
    assert (moved is not None and moved > 0.5) is seen
