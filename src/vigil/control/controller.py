"""Why was I nudged at 03:12? Here: what is decided at each look, and the reasons that go with it.

Every five seconds `Controller.look` is shown what the engine sees. First come the hindrances the guard names (a hold,
poor data, settling in); where there are none, the state that stands answers through `_HANDLERS`. Only a suspicion of a
nightmare ever leads to a request, and only the guard says yes. The ladder starts at its lowest step, goes up one step
after a full look at the answer, and whatever interrupts that look begins it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from vigil.control.guard import Facts, Guard, Refusal
from vigil.control.ladder import Climb
from vigil.control.watch_state import WatchEvent, after
from vigil.domain.guard_memory import is_whole
from vigil.domain.nudges import Action, Decision, EpisodeKind, Reason, ReasonCode, Reasons, Suspicion, Unit, WatchState
from vigil.domain.permits import PERMIT_LIFE_NS, Permit
from vigil.domain.plain import register
from vigil.domain.records import Input, Mark, Marked, Mode, NightEnded, OutputAcknowledged, OutputFailed
from vigil.domain.requests import NudgeRequest, Purpose
from vigil.domain.samples import Quality
from vigil.domain.settings import Settings
from vigil.domain.units import s_from_ns

AWAKE_P = 0.9
"""P(wake) at or above which the sleeper counts as awake (DESIGN section 5)."""

SETTLING = frozenset({ReasonCode.SETTLING_IN, ReasonCode.WARMING_UP})
"""Hindrances that only want time. Any other but a hold means that the watch is blind."""

LOOKS_LIKE = {
    EpisodeKind.TERROR_LIKE: ReasonCode.LOOKS_LIKE_TERROR,
    EpisodeKind.OUT_OF_BED: ReasonCode.LOOKS_LIKE_OUT_OF_BED,
    EpisodeKind.AROUSAL: ReasonCode.LOOKS_LIKE_AROUSAL,
    EpisodeKind.PERIODIC: ReasonCode.LOOKS_LIKE_PERIODIC,
}
"""What is told apart and left alone (DESIGN section 2)."""
ABOUT_AN_EPISODE = frozenset({WatchState.NUDGING, WatchState.OBSERVING, WatchState.RESTING})


@dataclass(frozen=True, slots=True)
class View:
    """What is known at one look, every five seconds. Fields shared with `guard.Facts` are explained there.

    epoch_end: an epoch ends at this instant. suspicion: the one that is followed now. p_wake: P(wake) of the last
    scored epoch, 0 to 1, None before the first. evidence: what the engine sees now; may be empty.
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
    evidence: Reasons = ()

    @property
    def facts(self) -> Facts:
        """The part of it that the guard asks for."""
        heart = (self.heart_quality, self.heart_age_ms, self.good_since_ns)
        return Facts(self.at_ns, *heart, self.awake_before_onset_ms, self.upright)


Answer: TypeAlias = tuple[Reasons, Permit | None]


@register
@dataclass(slots=True)
class Controller:
    """The state of control. `note` every input, `look` every five seconds, in order of their instants.

    rested: the last episode whose ladder ended; it is left alone until its suspicion is gone. told: state, action and
    reason codes of the last decision that was returned.
    """

    settings: Settings
    guard: Guard
    state: WatchState = WatchState.BLIND
    climb: Climb = field(default_factory=Climb)
    rested: int = 0
    told: tuple[WatchState, Action, tuple[ReasonCode, ...]] | None = None

    @classmethod
    def with_settings(cls, settings: Settings) -> Controller:
        """A controller before its night; `NightBegan` begins it."""
        return cls(settings, Guard.with_caps(settings.caps, settings.settle_min, settings.top_level, settings.nudging))

    def note(self, event: Input) -> None:
        """Take in an input. Holds and marks bind the guard at once; the next look shows them."""
        self.guard.note(event)
        match event:
            case OutputAcknowledged(permit=serial) if serial == self.climb.permit:
                self.climb.take(event.at_ns)
            case OutputFailed(permit=serial) if serial == self.climb.permit:
                self.climb.failed = True
            case Marked(mark=Mark.AWAKE):
                self.climb.woke = True
            case NightEnded():
                self._go(WatchEvent.NIGHT_OVER)

    def is_quiet(self, facts: Facts, p_wake: float | None, evidence: tuple[ReasonCode, ...]) -> bool:
        """Whether `look`, without a suspicion and within an epoch, would only repeat what was told: it asks the same.

        Most looks are, and need neither a view nor reasons. `evidence`: its codes. Where this says no, `look` decides.
        """
        quiet = (WatchState.WATCHING, Action.NOTHING, (ReasonCode.QUIET, *evidence))
        watching = self.state is WatchState.WATCHING and self.told == quiet and not self.guard.memory.over
        return watching and _is_likely(p_wake) and not self.guard.hindrances(facts)

    def look(self, view: View) -> Decision | None:
        """Decide what to do now; a decision where state, action or reason codes changed, and at every epoch's end.

        Every decision has a reason at least, and one that nudges is always returned. After the night: None.
        """
        if self.guard.memory.over:
            return None
        hindrances = self._hindrances(view)
        reasons, permit = (hindrances, None) if hindrances else self._answer(view)
        action = Action.NOTHING if permit is None else Action.NUDGE
        told = (self.state, action, tuple(reason.code for reason in reasons))
        if permit is None and told == self.told and view.epoch_end is not True:
            return None
        self.told = told
        at_ns = view.at_ns if is_whole(view.at_ns) else self.guard.memory.last_ns
        return Decision(at_ns, self.state, action, reasons, self._episode(view), permit)

    def _hindrances(self, view: View) -> Reasons:
        """Move the states that need no suspicion; returns why nothing may be done, or nothing if it may."""
        reasons = self.guard.hindrances(view.facts) if _is_sound(view) else (Reason(ReasonCode.BROKEN_NUMBER),)
        held = tuple(reason for reason in reasons if reason.code is ReasonCode.HELD)
        blinding = tuple(reason for reason in reasons if reason.code not in SETTLING)
        if held:
            self._drop(WatchEvent.HELD)
            return held
        if self.state is WatchState.HELD:
            self._go(WatchEvent.RELEASED)
        if blinding or (reasons and self.state is not WatchState.SETTLING):
            self._drop(WatchEvent.DATA_LOST)
        if blinding:
            return blinding
        if self.state is WatchState.BLIND:
            self._go(WatchEvent.DATA_GOOD)
        if not reasons and self.state is WatchState.SETTLING:
            self._go(WatchEvent.SETTLED_IN)
        return (*reasons, *_evidence(view)) if reasons else ()

    # What each state answers. None: the state has moved on, and the next one answers.

    def _answer(self, view: View) -> Answer:
        """Ask the states in turn until one answers. It ends: no state moves back to one that moved in the same look."""
        said: list[Reason] = []
        answer = None
        while answer is None:
            answer = _HANDLERS[self.state](self, view, said)
        return answer

    def _watch(self, view: View, said: list[Reason]) -> Answer | None:
        if view.suspicion is None:
            return _once(*said, Reason(ReasonCode.QUIET), *view.evidence), None
        self._go(WatchEvent.RAISED)
        return None

    def _suspect(self, view: View, said: list[Reason]) -> Answer | None:
        suspicion = view.suspicion
        if suspicion is None:
            self._go(WatchEvent.CLEARED)
            return None
        if suspicion.episode != self.climb.episode:
            self.climb = Climb(suspicion.episode)
        if suspicion.kind in LOOKS_LIKE:
            return _once(Reason(LOOKS_LIKE[suspicion.kind]), *said, *_evidence(view)), None
        request = None if suspicion.episode == self.rested else self._next_request(said)
        if request is None:
            self._rest_after(WatchEvent.STOOD_DOWN)
            return None
        granted = self.guard.ask(request, view.facts)
        if isinstance(granted, Refusal):
            return _once(*said, *granted.reasons, *_evidence(view)), None
        return self._nudge(view, granted, said)

    def _nudge(self, view: View, permit: Permit, said: list[Reason]) -> Answer:
        level, issued_ns = permit.request.level, permit.issued_ns
        self.climb = Climb(permit.request.episode, level, permit.serial, issued_ns, issued_ns)
        self._go(WatchEvent.PERMITTED)
        step = Reason(ReasonCode.SMALLEST_FIRST if level == 1 else ReasonCode.STEP_UP, level, self.settings.top_level)
        return _once(*said, step, self.guard.within_caps(issued_ns), *_evidence(view)), permit

    def _await_output(self, view: View, _said: list[Reason]) -> Answer | None:
        """A nudge that failed outright was not felt; one that was taken, or that nobody denies, is observed."""
        if self.climb.taken:
            self._go(WatchEvent.ACKNOWLEDGED)
        elif self.climb.failed:
            self._go(WatchEvent.FAILED)
        elif view.at_ns - self.climb.issued_ns >= PERMIT_LIFE_NS:
            self._go(WatchEvent.UNCONFIRMED)
        else:
            return _once(Reason(ReasonCode.PERMIT_PENDING), *_evidence(view)), None
        return None

    def _observe(self, view: View, said: list[Reason]) -> Answer | None:
        """Look at the answer. A sleeper who is awake was woken, whether or not the signs have gone."""
        suspicion, bound_s = view.suspicion, self.settings.observe_s
        after_s = s_from_ns(view.at_ns - self.climb.from_ns)
        if self.climb.woke or view.upright or (view.p_wake is not None and view.p_wake >= AWAKE_P):
            self._rest_after(WatchEvent.ANSWER_WOKE)
            woke = Reason(ReasonCode.WOKE, view.p_wake, AWAKE_P, Unit.PROBABILITY)
            return _once(woke, *_evidence(view)), None
        if suspicion is None or suspicion.episode != self.climb.episode:
            self._rest_after(WatchEvent.ANSWER_SETTLED)
            return _once(Reason(ReasonCode.SETTLED, after_s, bound_s, Unit.SECONDS), *_evidence(view)), None
        if after_s < bound_s:
            observing = Reason(ReasonCode.OBSERVING_ANSWER, after_s, bound_s, Unit.SECONDS)
            return _once(observing, *_evidence(view)), None
        said.append(Reason(ReasonCode.UNCHANGED, after_s, bound_s, Unit.SECONDS))
        self._go(WatchEvent.ANSWER_UNCHANGED)
        return None

    def _rest(self, view: View, said: list[Reason]) -> Answer | None:
        if view.suspicion is None or view.suspicion.episode != self.rested:
            self._go(WatchEvent.CLEARED)
            return None
        return _once(*said, Reason(ReasonCode.RECOVERING), *_evidence(view)), None

    def _next_request(self, said: list[Reason]) -> NudgeRequest | None:
        """The next step on the first usable output, or None with why said: the night, no output, or no step left."""
        mode, top = self.guard.memory.mode, self.settings.top_level
        output = next((one for one in self.settings.outputs if self.guard.is_usable(one)), None)
        if mode is Mode.SHAM:
            said.append(Reason(ReasonCode.MODE_SHAM))
        elif mode is not Mode.ON or not self.settings.nudging:
            said.append(Reason(ReasonCode.MODE_WATCH_ONLY))
        elif output is None:
            said.append(Reason(ReasonCode.NO_OUTPUT))
        else:
            step = self.climb.next_step(output, top)
            if step is not None:
                return NudgeRequest(Purpose.NUDGE, self.climb.episode, output, step.level, step.duration_ms)
            said.append(Reason(ReasonCode.LADDER_ENDED, self.climb.level, top))
        return None

    def _rest_after(self, event: WatchEvent) -> None:
        self._go(event)
        self.rested = self.climb.episode

    def _drop(self, event: WatchEvent) -> None:
        """Leave whatever was going on: an answer that was not looked at to its end is no leave to step up."""
        self._go(event)
        self.climb = Climb()

    def _go(self, event: WatchEvent) -> None:
        self.state = after(self.state, event)

    def _episode(self, view: View) -> int | None:
        """The episode a decision is about, if any."""
        if _is_sound(view) and view.suspicion is not None:
            return view.suspicion.episode
        return self.climb.episode if self.state in ABOUT_AN_EPISODE else None


_HANDLERS: dict[WatchState, Callable[[Controller, View, list[Reason]], Answer | None]] = {
    WatchState.WATCHING: Controller._watch,
    WatchState.SUSPECTING: Controller._suspect,
    WatchState.NUDGING: Controller._await_output,
    WatchState.OBSERVING: Controller._observe,
    WatchState.RESTING: Controller._rest,
}


def _is_sound(view: View) -> bool:
    """Whether the numbers that only the controller reads are numbers; the guard checks the others itself."""
    suspicion = view.suspicion
    followed = suspicion is None or (
        type(suspicion) is Suspicion and is_whole(suspicion.episode, 1) and isinstance(suspicion.kind, EpisodeKind)
    )
    return _is_likely(view.p_wake) and followed


def _is_likely(p: object) -> bool:
    """Whether it is a probability, or None; NaN is none."""
    return p is None or (isinstance(p, float | int) and not isinstance(p, bool) and 0 <= p <= 1)


def _once(*reasons: Reason) -> Reasons:
    """The reasons, the first of each code."""
    first: dict[ReasonCode, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.code, reason)
    return tuple(first.values())


def _evidence(view: View) -> Reasons:
    """What is seen now, and then what the suspicion was raised for."""
    return view.evidence if view.suspicion is None else (*view.evidence, *view.suspicion.reasons)
