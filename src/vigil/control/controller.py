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
from vigil.control.observed import HELD_UP, STANDING
from vigil.control.view import View, evidence_of, is_likely, is_sound, once
from vigil.control.watch_state import WatchEvent, after
from vigil.domain.guard_memory import is_whole
from vigil.domain.nudges import Action, Decision, EpisodeKind, Reason, ReasonCode, Reasons, Unit, WatchState
from vigil.domain.permits import PERMIT_LIFE_NS, Permit
from vigil.domain.plain import register
from vigil.domain.records import Input, Mark, Marked, Mode, NightEnded, OutputAcknowledged, OutputFailed
from vigil.domain.requests import NudgeRequest, Purpose
from vigil.domain.settings import Settings
from vigil.domain.steps import ECHO_S, strength_at
from vigil.domain.units import MS_PER_S, STEP_S, s_from_ns

AWAKE_P = 0.9
"""P(wake) at or above which the sleeper counts as awake (DESIGN section 5)."""

LONGEST_OBSERVE_S = 60
"""No answer is awaited for longer (mission 5.4: observe for 20 to 60 s)."""

LAST_BUT_ONE_S = LONGEST_OBSERVE_S - STEP_S
"""A look later than this is the last at the answer: the next would be too late."""

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
            case Marked(mark=Mark.AWAKE | Mark.BAD_DREAM):
                self.climb.woke = True
            case NightEnded():
                self._go(WatchEvent.NIGHT_OVER)

    def is_quiet(self, facts: Facts, p_wake: float | None, evidence: tuple[ReasonCode, ...]) -> bool:
        """Whether `look`, without a suspicion and within an epoch, would only repeat what was told: it asks the same.

        Most looks are, and need neither a view nor reasons. `evidence`: its codes. Where this says no, `look` decides.
        """
        quiet = (WatchState.WATCHING, Action.NOTHING, (ReasonCode.QUIET, *evidence))
        watching = self.state is WatchState.WATCHING and self.told == quiet and not self.guard.memory.over
        return watching and is_likely(p_wake) and not self.guard.hindrances(facts)

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

    def stand_still(self, at_ns: int, *, epoch_end: bool) -> Decision | None:
        """The engine cannot be relied on at this look: whatever was going on is left, and nothing is done."""
        if self.guard.memory.over:
            return None
        self._drop(WatchEvent.HELD if self.state is WatchState.HELD else WatchEvent.DATA_LOST)
        told = (self.state, Action.NOTHING, (ReasonCode.ENGINE_FAILED,))
        if told == self.told and not epoch_end:
            return None
        self.told = told
        return Decision(at_ns, self.state, Action.NOTHING, (Reason(ReasonCode.ENGINE_FAILED),))

    def _hindrances(self, view: View) -> Reasons:
        """Move the states that need no suspicion; returns why nothing may be done, or nothing if it may."""
        reasons = self.guard.hindrances(view.facts) if is_sound(view) else (Reason(ReasonCode.BROKEN_NUMBER),)
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
        return (*reasons, *evidence_of(view)) if reasons else ()

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
            return once(*said, Reason(ReasonCode.QUIET), *view.evidence), None
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
            return once(Reason(LOOKS_LIKE[suspicion.kind]), *said, *evidence_of(view)), None
        if view.surge_bpm is None:  # an older look raised it: a heart that is not known now is no leave to nudge
            return once(Reason(ReasonCode.DATA_DOUBTFUL), *said, *evidence_of(view)), None
        request = None if suspicion.episode == self.rested else self._next_request(view.at_ns, said)
        if request is None:
            self._rest_after(WatchEvent.STOOD_DOWN)
            return None
        granted = self.guard.ask(request, view.facts)
        if isinstance(granted, Refusal):
            return once(*said, *granted.reasons, *evidence_of(view)), None
        return self._nudge(view, granted, said)

    def _nudge(self, view: View, permit: Permit, said: list[Reason]) -> Answer:
        level, issued_ns = permit.request.level, permit.issued_ns
        train_ms = permit.request.duration_ms
        self.climb = Climb(permit.request.episode, level, permit.serial, issued_ns, issued_ns, train_ms=train_ms)
        self.climb.observed.look(view.surge_bpm, view.moving_s)
        self._go(WatchEvent.PERMITTED)
        step = Reason(ReasonCode.SMALLEST_FIRST if level == 1 else ReasonCode.STEP_UP, level, self.settings.top_level)
        return once(*said, step, self.guard.within_caps(issued_ns), *evidence_of(view)), permit

    def _await_output(self, view: View, _said: list[Reason]) -> Answer | None:
        """A nudge that failed outright was not felt; one that was taken, or that nobody denies, is observed."""
        if self.climb.taken:
            self._go(WatchEvent.ACKNOWLEDGED)
        elif self.climb.failed:
            self._go(WatchEvent.FAILED)
        elif view.at_ns - self.climb.issued_ns >= PERMIT_LIFE_NS:
            self._go(WatchEvent.UNCONFIRMED)
        else:
            return once(Reason(ReasonCode.PERMIT_PENDING), *evidence_of(view)), None
        return None

    def _observe(self, view: View, said: list[Reason]) -> Answer | None:
        """Look at the answer. A sleeper who is awake was woken, whether or not the signs have gone.

        It is looked at until its echo is over, and longer while the heart comes down. A heart that had come down by the
        end was settling; one that is not known is no leave to step up.
        """
        suspicion, seen = view.suspicion, self.climb.observed
        seen.look(view.surge_bpm, view.moving_s)
        after_s = s_from_ns(view.at_ns - self.climb.from_ns)
        if self._is_awake(view):
            self._rest_after(WatchEvent.ANSWER_WOKE)
            woke = Reason(ReasonCode.WOKE, view.p_wake, AWAKE_P, Unit.PROBABILITY)
            return once(woke, *evidence_of(view)), None
        least_s = min(max(self.settings.observe_s, self.climb.train_ms / MS_PER_S + ECHO_S), LONGEST_OBSERVE_S)
        bound_s = least_s if after_s < least_s or seen.stands_at(STANDING) else LONGEST_OBSERVE_S
        settled = Reason(ReasonCode.SETTLED, after_s, bound_s, Unit.SECONDS)
        if suspicion is None or suspicion.episode != self.climb.episode:
            self._rest_after(WatchEvent.ANSWER_SETTLED)
            return once(settled, *evidence_of(view)), None
        if after_s < bound_s and after_s <= LAST_BUT_ONE_S:
            observing = Reason(ReasonCode.OBSERVING_ANSWER, after_s, bound_s, Unit.SECONDS)
            return once(observing, *evidence_of(view)), None
        if not seen.stands_at(HELD_UP):
            self._rest_after(WatchEvent.ANSWER_SETTLED)
            unknown = seen.surge_bpm is None
            return once(Reason(ReasonCode.RECOVERING) if unknown else settled, *evidence_of(view)), None
        said.append(Reason(ReasonCode.UNCHANGED, after_s, bound_s, Unit.SECONDS))
        self._go(WatchEvent.ANSWER_UNCHANGED)
        return None

    def _is_awake(self, view: View) -> bool:
        """By the sleeper's mark, by steps, by movement that went on, or by the last epoch."""
        moved = view.upright or self.climb.observed.moved
        return self.climb.woke or moved or (view.p_wake is not None and view.p_wake >= AWAKE_P)

    def _rest(self, view: View, said: list[Reason]) -> Answer | None:
        if view.suspicion is None or view.suspicion.episode != self.rested:
            self._go(WatchEvent.CLEARED)
            return None
        return once(*said, Reason(ReasonCode.RECOVERING), *evidence_of(view)), None

    def _next_request(self, at_ns: int, said: list[Reason]) -> NudgeRequest | None:
        """The next step on the first usable output, or None with why said: the night, no output, or no step left."""
        mode, top = self.guard.memory.mode, self.settings.top_level
        output = next((one for one in self.settings.usable_outputs if self.guard.is_usable(one)), None)
        if mode is Mode.SHAM:
            said.append(Reason(ReasonCode.MODE_SHAM))
        elif mode is not Mode.ON or not self.settings.nudging:
            said.append(Reason(ReasonCode.MODE_WATCH_ONLY))
        elif output is None:
            said.append(Reason(ReasonCode.NO_OUTPUT))
        else:
            step = self.climb.next_step(output, top)
            if step is not None:
                strength = strength_at(step, at_ns - (self.guard.memory.began_ns or 0))
                return NudgeRequest(Purpose.NUDGE, self.climb.episode, output, step.level, step.duration_ms, strength)
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
        if is_sound(view) and view.suspicion is not None:
            return view.suspicion.episode
        return self.climb.episode if self.state in ABOUT_AN_EPISODE else None


_HANDLERS: dict[WatchState, Callable[[Controller, View, list[Reason]], Answer | None]] = {
    WatchState.WATCHING: Controller._watch,
    WatchState.SUSPECTING: Controller._suspect,
    WatchState.NUDGING: Controller._await_output,
    WatchState.OBSERVING: Controller._observe,
    WatchState.RESTING: Controller._rest,
}
