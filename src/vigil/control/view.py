"""What control is shown at one look, and whether it can be read."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.control.guard import Facts
from vigil.domain.guard_memory import is_whole
from vigil.domain.nudges import EpisodeKind, Reason, ReasonCode, Reasons, Suspicion
from vigil.domain.samples import Quality


@dataclass(frozen=True, slots=True)
class View:
    """What is known at one look, every five seconds. Fields shared with `guard.Facts` are explained there.

    epoch_end: an epoch ends at this instant. suspicion: the one that is followed now. p_wake: P(wake) of the last
    scored epoch, 0 to 1, None before the first. surge_bpm: how far the heart stands above its own level, None where not
    known. moving_s: seconds of movement in the last two minutes. evidence: what the engine sees now; may be empty.
    """

    at_ns: int
    epoch_end: bool
    heart_quality: Quality
    heart_age_ms: int | None
    good_since_ns: int | None
    suspicion: Suspicion | None
    awake_before_onset_ms: int
    p_wake: float | None
    upright: bool
    surge_bpm: float | None
    moving_s: float
    evidence: Reasons = ()

    @property
    def facts(self) -> Facts:
        """The part of it that the guard asks for."""
        heart = (self.heart_quality, self.heart_age_ms, self.good_since_ns)
        return Facts(self.at_ns, *heart, self.awake_before_onset_ms, self.upright)


def is_sound(view: View) -> bool:
    """Whether the numbers that only the controller reads are numbers; the guard checks the others itself."""
    suspicion = view.suspicion
    followed = suspicion is None or (
        type(suspicion) is Suspicion and is_whole(suspicion.episode, 1) and isinstance(suspicion.kind, EpisodeKind)
    )
    return is_likely(view.p_wake) and followed


def is_likely(p: object) -> bool:
    """Whether it is a probability, or None; NaN is none."""
    return p is None or (isinstance(p, float | int) and not isinstance(p, bool) and 0 <= p <= 1)


def once(*reasons: Reason) -> Reasons:
    """The reasons, the first of each code."""
    first: dict[ReasonCode, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.code, reason)
    return tuple(first.values())


def evidence_of(view: View) -> Reasons:
    """What is seen now, and then what the suspicion was raised for."""
    return view.evidence if view.suspicion is None else (*view.evidence, *view.suspicion.reasons)
