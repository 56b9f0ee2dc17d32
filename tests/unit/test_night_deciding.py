"""From what is perceived to what is decided: the short way for quiet looks says what the long way says."""

from __future__ import annotations

import pytest

from tests.nights import parameters, simulated_night
from vigil.control.controller import Controller
from vigil.control.view import View
from vigil.domain.nudges import Action, Decision
from vigil.domain.plain import dumps
from vigil.domain.records import SAMPLES, NightBegan
from vigil.domain.samples import Contact
from vigil.domain.settings import Profile, Settings
from vigil.domain.units import EPOCH_NS, STEP_NS
from vigil.engine.engine import SleepEngine
from vigil.engine.follower import EngineLook
from vigil.engine.signs import reasons_of
from vigil.night.deciding import decide
from vigil.night.night_watch import follower_of


def in_full(controller: Controller, look: EngineLook, *, epoch_end: bool) -> Decision | None:
    """Show control every look."""
    return controller.look(
        View(
            at_ns=look.at_ns,
            epoch_end=epoch_end,
            heart_quality=look.heart.quality,
            heart_age_ms=look.heart.age_ms,
            good_since_ns=look.heart.good_since_ns,
            suspicion=look.suspicion,
            awake_before_onset_ms=look.awake_before_onset_ms,
            p_wake=look.p_wake,
            upright=look.upright,
            surge_bpm=look.surge_bpm,
            moving_s=look.moving_s,
            evidence=reasons_of(look.signs),
        )
    )


@pytest.mark.parametrize("plan", ["mixed", "strong", "dropouts"])
def test_a_quiet_look_would_have_said_nothing(plan: str) -> None:
    """Where the short way says nothing, the long way says nothing either, and leaves control as it was."""
    night = simulated_night(plan)
    settings = Settings(threshold_factor=0.5)
    engine = SleepEngine.start(parameters())
    follower = follower_of(parameters(), settings, Profile())
    short, long = Controller.with_settings(settings), Controller.with_settings(settings)
    next_ns, begun, quiet, decisions = STEP_NS, False, 0, []
    for record in night.inputs:
        while begun and record.at_ns > next_ns:
            look = follower.look(engine.perceive(next_ns, parameters()), engine)
            epoch_end = next_ns % EPOCH_NS == 0
            one, other = decide(short, look, epoch_end=epoch_end), in_full(long, look, epoch_end=epoch_end)
            assert one == other
            quiet += one is None
            decisions += [] if one is None else [one]
            next_ns += STEP_NS
        engine.take(record)
        if type(record) not in SAMPLES or isinstance(record, Contact):
            short.note(record)
            long.note(record)
        if isinstance(record, NightBegan):
            engine.begin(record)
            begun = True
    assert dumps(short) == dumps(long)
    assert quiet > len(decisions) > 100


def test_a_decision_is_due_at_every_epochs_end() -> None:
    """However quiet it is: the night's account has one for each half minute."""
    night = simulated_night("quiet")
    ends = [output.at_ns for output in night.outputs if isinstance(output, Decision)]
    last = max(output.at_ns for output in night.outputs)
    assert set(range(EPOCH_NS, last, EPOCH_NS)) <= set(ends)
    assert all(output.action is Action.NOTHING for output in night.outputs if isinstance(output, Decision))
