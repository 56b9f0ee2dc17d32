"""What a nudge does to the signals it is given by, on nights that are really nudged."""

from __future__ import annotations

import pytest

from tests.nights import lines, parameters, pushed
from tests.nudged_nights import EASY, NUMB, nudged_night
from tests.permits import permit
from vigil.domain.nudges import Decision
from vigil.domain.records import Input, NightOutput, OutputAcknowledged, OutputFailed, Tick
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_S
from vigil.night.given import LastPermit
from vigil.night.night_watch import NightWatch
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.sensor import CHEST_STRAP, WRIST_5S, Sensor
from vigil.signal.motion import MotionTracker

ISSUED_NS = 100 * NS_PER_S


def given(outputs: list[NightOutput]) -> int:
    return sum(1 for one in outputs if isinstance(one, Decision) and one.permit is not None)


# -- what is expected of which word of an output -------------------------------------------------------------------


def last(output: Output = Output.VIBRATION) -> LastPermit:
    """A train of one second, allowed as permit 7."""
    issued = LastPermit()
    issued.issue(permit(ISSUED_NS, serial=7, output=output))
    return issued


def test_a_vibration_shakes_until_five_seconds_after_it() -> None:
    """From the issue of the permit, because an output may act before its word is heard; the echo lasts 20 s after."""
    heard_ns = ISSUED_NS + NS_PER_S
    answered = last().answered(OutputAcknowledged(heard_ns, 7))
    assert answered is not None
    over_ns = heard_ns + NS_PER_S
    assert answered.blanked == (ISSUED_NS, over_ns + 5 * NS_PER_S)
    assert answered.echo_until_ns == over_ns + 20 * NS_PER_S


def test_a_vibration_that_failed_may_have_shaken() -> None:
    """Nobody knows whether it did, so it is not taken for the sleeper's movement."""
    answered = last().answered(OutputFailed(ISSUED_NS + 1, 7, Output.VIBRATION, "it did not say that it stopped"))
    assert answered is not None
    assert answered.blanked is not None


@pytest.mark.parametrize("output", [Output.SOUND, Output.LIGHT])
def test_what_touches_no_wrist_shakes_none(output: Output) -> None:
    """Sound and light are answered by the heart alone."""
    answered = last(output).answered(OutputAcknowledged(ISSUED_NS + 1, 7))
    assert answered is not None
    assert answered.blanked is None


@pytest.mark.parametrize(
    "record",
    [
        OutputAcknowledged(ISSUED_NS + 1, 7, shadow=True),
        OutputAcknowledged(ISSUED_NS + 1, 6),
        OutputFailed(ISSUED_NS + 1, 8, Output.VIBRATION),
        Tick(ISSUED_NS + 1),
    ],
    ids=lambda record: f"{type(record).__name__} {getattr(record, 'permit', '')}",
)
def test_nothing_is_expected_of_what_nobody_felt(record: Input) -> None:
    """A shadow nudge, another permit's answer, any other input."""
    assert last().answered(record) is None
    assert LastPermit().answered(record) is None


# -- whole nights --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [NUMB, EASY], ids=["numb", "easy"])
@pytest.mark.parametrize("sensor", [WRIST_5S, CHEST_STRAP], ids=lambda sensor: sensor.name)
def test_what_is_said_of_a_night_does_not_depend_on_the_shaking(who: Person, sensor: Sensor) -> None:
    """Stages, suspicions, decisions and every number in them are those of the same night on an unshaken wrist."""
    _, shaken = nudged_night(who=who, sensor=sensor)
    _, still = nudged_night(who=who, sensor=sensor, shaken=False)
    assert given(shaken) >= 1
    assert lines(shaken) == lines(still)


def test_without_blanking_the_shaking_would_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the simulated wrist really is shaken, and it moves what is said."""
    monkeypatch.setattr(MotionTracker, "blank", lambda *_: None)
    assert lines(nudged_night(who=EASY)[1]) != lines(nudged_night(who=EASY, shaken=False)[1])


def test_a_nudged_night_read_back_says_the_same() -> None:
    """What was blanked follows from the inputs alone, also from a snapshot taken while it was."""
    inputs, outputs = nudged_night()
    at = next(place for place, one in enumerate(inputs) if isinstance(one, OutputAcknowledged)) + 2
    watch, before = pushed(inputs[:at])
    restored = NightWatch.restore(watch.snapshot(), parameters())
    assert lines([*before, *pushed(inputs[at:], restored)[1]]) == lines(outputs)


def test_a_shadow_night_is_not_blanked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replays and evaluations do not move: nothing was given, so nothing is left out."""
    called: list[int] = []
    monkeypatch.setattr(MotionTracker, "blank", lambda *_: called.append(1))
    inputs, _ = nudged_night()
    real = len(called)
    shadowed = [
        OutputAcknowledged(one.at_ns, one.permit, shadow=True) if isinstance(one, OutputAcknowledged) else one
        for one in inputs
    ]
    pushed(shadowed)
    assert real >= 1
    assert len(called) == real


def test_a_permit_is_remembered_as_what_it_allowed() -> None:
    """Not the permit itself, which cannot be written down or used twice."""
    remembered = last(Output.SOUND)
    expected = permit(ISSUED_NS, serial=7, output=Output.SOUND).request
    assert (remembered.serial, remembered.issued_ns, remembered.request) == (7, ISSUED_NS, expected)
