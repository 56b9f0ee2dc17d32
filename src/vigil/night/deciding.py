"""From what was perceived to what is decided: one look of control."""

from __future__ import annotations

from vigil.control.controller import Controller
from vigil.control.guard import Facts
from vigil.control.view import View
from vigil.domain.nudges import Decision
from vigil.engine.follower import EngineLook
from vigil.engine.signs import codes_of, reasons_of


def decide(controller: Controller, look: EngineLook, *, epoch_end: bool) -> Decision | None:
    """What control says; most looks are quiet and need not be shown to it in full."""
    heart = look.heart
    if look.suspicion is None and not epoch_end:
        before_ms = look.awake_before_onset_ms
        facts = Facts(look.at_ns, heart.quality, heart.age_ms, heart.good_since_ns, before_ms, look.upright)
        if controller.is_quiet(facts, look.p_wake, codes_of(look.signs)):
            return None
    return controller.look(
        View(
            at_ns=look.at_ns,
            epoch_end=epoch_end,
            heart_quality=heart.quality,
            heart_age_ms=heart.age_ms,
            good_since_ns=heart.good_since_ns,
            suspicion=look.suspicion,
            awake_before_onset_ms=look.awake_before_onset_ms,
            p_wake=look.p_wake,
            upright=look.upright,
            surge_bpm=look.surge_bpm,
            moving_s=look.moving_s,
            evidence=reasons_of(look.signs),
        )
    )
