"""How much may be done. The only place where a permit is made, and it knows nothing of the detector.

Read `Guard.ask` first: a request is refused with every rule it breaks, the longest-lasting first, or gets a permit.
A rule is what must hold and the reason if it does not, written positively, so that a number that is missing, broken
or NaN refuses. Numbers are whole: a bool or a float is none. What the guard can know itself it remembers
(`domain/guard_memory.py`) and never takes from the caller. A permit counts as a nudge given from the instant it is
issued, whatever comes after. Rules and ceilings: DESIGN section 5, from reliability section 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.domain.guard_memory import FOREVER_NS, HOUR_NS, NIGHT_NS, GuardMemory, is_whole
from vigil.domain.nudges import Reason, ReasonCode, Reasons, Unit
from vigil.domain.permits import PERMIT_LIFE_NS, Permit, claim_mint
from vigil.domain.plain import register
from vigil.domain.records import Input, Mode
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Quality
from vigil.domain.settings import CapSettings
from vigil.domain.units import MS_PER_S, NS_PER_MINUTE, NS_PER_S

_mint = claim_mint()


@register
@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be done: nudges, and milliseconds of output within any 18 h."""

    per_episode: int
    per_hour: int
    per_18_hours: int
    energised_ms: int


CEILINGS = {
    Purpose.NUDGE: Caps(per_episode=4, per_hour=6, per_18_hours=12, energised_ms=60_000),
    Purpose.TEST: Caps(per_episode=4, per_hour=24, per_18_hours=48, energised_ms=240_000),
}
"""DESIGN section 5. Whatever a sleeper felt counts against every row. Tests by day, felt awake and asked for, take
nothing from the night; their own row is four times as wide, our choice."""

DURATION_CEILING_MS = {Output.VIBRATION: 6_000, Output.SOUND: 6_000, Output.LIGHT: 6_000}
"""Longest single act. Our choice: half of the 12 s train of Night Shift (mission 2.9), a tenth of a night's 60 s."""

STRENGTH_CEILING = {Output.VIBRATION: (25, 40, 60, 80), Output.SOUND: (20, 35, 50), Output.LIGHT: (5, 10, 20)}
"""Most of what an output could do, in percent, for each of its steps: no more than its ladder (`domain/steps.py`), and
no step above its last. Our choice: what others in the room would notice ends a step before what one wrist feels."""

SETTLE_NS = 30 * NS_PER_MINUTE
WARM_UP_NS = 5 * NS_PER_MINUTE
AWAKE_BEFORE_MS = 90_000
AWAKE_MARK_NS = 15 * NS_PER_MINUTE
"""How long the mark "awake" keeps outputs quiet unless it is taken back. Our choice."""

QUALITY_CODES = {
    Quality.NEVER: ReasonCode.NEVER_HEARD,
    Quality.STALE: ReasonCode.DATA_STALE,
    Quality.FLAT: ReasonCode.DATA_FLAT,
    Quality.DOUBLED: ReasonCode.DATA_DOUBLED,
    Quality.BAD: ReasonCode.DATA_BAD,
    Quality.OFF_WRIST: ReasonCode.OFF_WRIST,
    Quality.LINK_LOST: ReasonCode.LINK_LOST,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the caller can know at `at_ns`.

    heart_age_ms: since the last accepted value; None where there never was one. good_since_ns: start of the unbroken
    run of good data, None without one. awake_before_onset_ms: how long P(wake) >= 0.9 held, unbroken, up to the onset
    of the suspicion. upright: walking or upright now.
    """

    at_ns: int
    heart_quality: Quality
    heart_age_ms: int | None
    good_since_ns: int | None
    awake_before_onset_ms: int
    upright: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """No. `reasons` holds every rule that was broken, the longest-lasting first; it is never empty."""

    reasons: Reasons


def _rule(
    holds: bool,
    code: ReasonCode,
    value: int | None = None,
    bound: int | None = None,
    per: int = 1,
    unit: Unit = Unit.NONE,
) -> Reason | None:
    """Nothing if the rule holds, and truly; else its reason, its numbers divided by `per` into `unit`."""
    if holds is True:
        return None
    return Reason(code, None if value is None else value / per, None if bound is None else bound / per, unit)


def _broken(*rules: Reason | None) -> Reasons:
    """The reasons of the rules that do not hold, one per code."""
    first: dict[ReasonCode, Reason] = {}
    for reason in rules:
        if reason is not None:
            first.setdefault(reason.code, reason)
    return tuple(first.values())


def _cap(value: object) -> int:
    """A cap from the settings; a missing or broken one is nothing to act under, hence 0."""
    return value if type(value) is int and is_whole(value, 0) else 0


def _request_rules(request: NudgeRequest) -> tuple[Reason | None, ...]:
    if type(request) is not NudgeRequest:
        return (_rule(False, ReasonCode.BROKEN_NUMBER),)
    numbers = (request.episode, request.level, request.duration_ms, request.strength_percent)
    return (
        _rule(isinstance(request.purpose, Purpose) and request.purpose in CEILINGS, ReasonCode.PURPOSE_UNKNOWN),
        _rule(isinstance(request.output, Output) and request.output in STRENGTH_CEILING, ReasonCode.NO_OUTPUT),
        _rule(all(is_whole(number, 1) for number in numbers), ReasonCode.BROKEN_NUMBER),
    )


def _are_whole(facts: Facts) -> bool:
    return (
        type(facts) is Facts
        and is_whole(facts.at_ns)
        and isinstance(facts.heart_quality, Quality)
        and (
            is_whole(facts.heart_age_ms, 0) or (facts.heart_age_ms is None and facts.heart_quality is not Quality.GOOD)
        )
        and (facts.good_since_ns is None or is_whole(facts.good_since_ns))
        and is_whole(facts.awake_before_onset_ms, 0)
        and type(facts.upright) is bool
    )


@register
@dataclass(slots=True)
class Guard:
    """The guard of one night: its caps and its memory. `settle_ns`: from lights-out to the first nudge."""

    caps: Caps
    settle_ns: int
    top_level: int
    armed: bool
    memory: GuardMemory = field(default_factory=GuardMemory)

    @classmethod
    def with_caps(cls, caps: CapSettings, settle_min: int, top_level: int, armed: bool) -> Guard:
        """A guard under these settings where they are stricter than the ceilings, under the ceilings elsewhere."""
        own = Caps(
            per_episode=_cap(caps.per_episode),
            per_hour=_cap(caps.per_hour),
            per_18_hours=_cap(caps.per_18_hours),
            energised_ms=_cap(caps.energised_s) * MS_PER_S,
        )
        settle_ns = settle_min * NS_PER_MINUTE if is_whole(settle_min, 0) else FOREVER_NS
        return cls(own, settle_ns, _cap(top_level), armed is True)

    def note(self, event: Input) -> None:
        """Take in what the guard must know; other inputs are ignored. A broken instant never loosens anything."""
        self.memory.note(event)

    def ask(self, request: NudgeRequest, facts: Facts) -> Permit | Refusal:
        """A permit for exactly this request, or every reason against it. Never raises for what it is given."""
        broken = _broken(*_request_rules(request), *self._clock_rules(facts))
        if broken:
            return Refusal(broken)
        at_ns = facts.at_ns
        self.memory.go_on_to(at_ns)
        by_day = request.purpose is Purpose.TEST
        reasons = _broken(
            *(self._day_rules(at_ns) if by_day else self._leave_rules()),
            *self._output_rules(request),
            *self._cap_rules(request, at_ns),
            *(() if by_day else (*self._night_rules(at_ns), *self._data_rules(facts), *self._awake_rules(facts))),
            *self._step_rules(request, at_ns),
        )
        return Refusal(reasons) if reasons else _mint(self.memory.issue(request, at_ns), request, at_ns)

    def hindrances(self, facts: Facts) -> Reasons:
        """Why nothing at all may be done now, whatever were asked: clock, hold, night, data. Only moves time on."""
        broken = _broken(*self._clock_rules(facts))
        if broken:
            return broken
        self.memory.go_on_to(facts.at_ns)
        return _broken(*self._night_rules(facts.at_ns), *self._data_rules(facts))

    def within_caps(self, at_ns: int) -> Reason:
        """How many nudges the hour up to `at_ns` has had, beside its limit."""
        bound = min(self.caps.per_hour, CEILINGS[Purpose.NUDGE].per_hour)
        return Reason(ReasonCode.WITHIN_CAPS, len(self.memory.given(HOUR_NS, at_ns)), bound)

    def is_usable(self, output: Output) -> bool:
        """Whether an output has neither failed nor probed false tonight, nor was out of reach and not found since."""
        return output not in (*self.memory.unusable, *self.memory.away)

    # The rules, from those that last longest to those that pass soonest.

    def _clock_rules(self, facts: Facts) -> tuple[Reason | None, ...]:
        if not _are_whole(facts):
            return (_rule(False, ReasonCode.BROKEN_NUMBER),)
        return (_rule(self.memory.believes(facts.at_ns), ReasonCode.CLOCK_DOUBTFUL),)

    def _leave_rules(self) -> tuple[Reason | None, ...]:
        memory = self.memory
        why_not = ReasonCode.MODE_SHAM if memory.mode is Mode.SHAM else ReasonCode.MODE_WATCH_ONLY
        return (
            _rule(not memory.over, ReasonCode.NIGHT_OVER),
            _rule(self.armed and memory.mode is Mode.ON, why_not),
            _rule(memory.troubles == [], ReasonCode.HOUSE_TROUBLE),
        )

    def _day_rules(self, at_ns: int) -> tuple[Reason | None, ...]:
        held_ns = self.memory.held_until_ns
        begun = self.memory.mode is not None or self.memory.over
        return (_rule(not begun, ReasonCode.NIGHT_BEGUN), _rule(held_ns is None or at_ns >= held_ns, ReasonCode.HELD))

    def _output_rules(self, request: NudgeRequest) -> tuple[Reason | None, ...]:
        level, strength, steps = request.level, request.strength_percent, STRENGTH_CEILING[request.output]
        ceiling, most = min(self.top_level, len(steps)), max(steps[:level], default=0)
        return (
            _rule(self.memory.spent is False, ReasonCode.LEDGER_UNREADABLE),
            _rule(self.is_usable(request.output), ReasonCode.NO_OUTPUT),
            _rule(level <= ceiling, ReasonCode.LEVEL_CEILING, level, ceiling),
            _rule(strength <= most, ReasonCode.STRENGTH_CEILING, strength, most, 1, Unit.PERCENT),
        )

    def _cap_rules(self, request: NudgeRequest, at_ns: int) -> tuple[Reason | None, ...]:
        most, tests = CEILINGS[request.purpose], request.purpose is Purpose.TEST
        own, given = (most, self.memory.tried) if tests else (self.caps, self.memory.given)
        night, hour = given(NIGHT_NS, at_ns), given(HOUR_NS, at_ns)
        energised_ms = sum(row.duration_ms for row in night) + request.duration_ms
        episode = self.memory.given_in(request.episode)
        counts = (
            (ReasonCode.CAP_NIGHT, len(night), min(own.per_18_hours, most.per_18_hours)),
            (ReasonCode.CAP_EPISODE, len(episode), min(own.per_episode, most.per_episode)),
            (ReasonCode.CAP_HOUR, len(hour), min(own.per_hour, most.per_hour)),
        )
        times = (
            (request.duration_ms, DURATION_CEILING_MS[request.output]),
            (energised_ms, min(own.energised_ms, most.energised_ms)),
        )
        return (
            *(_rule(count < cap, code, count, cap) for code, count, cap in counts),
            *(_rule(ms <= cap, ReasonCode.CAP_ENERGY, ms, cap, MS_PER_S, Unit.SECONDS) for ms, cap in times),
        )

    def _night_rules(self, at_ns: int) -> tuple[Reason | None, ...]:
        began_ns, held_ns, settle_ns = self.memory.began_ns, self.memory.held_until_ns, max(self.settle_ns, SETTLE_NS)
        since_ns = 0 if began_ns is None else at_ns - began_ns
        settled = began_ns is not None and since_ns >= settle_ns
        return (
            _rule(held_ns is None or at_ns >= held_ns, ReasonCode.HELD),
            _rule(settled, ReasonCode.SETTLING_IN, since_ns, settle_ns, NS_PER_MINUTE, Unit.MINUTES),
        )

    def _data_rules(self, facts: Facts) -> tuple[Reason | None, ...]:
        memory, quality, good_ns = self.memory, facts.heart_quality, facts.good_since_ns
        fresh = quality is not Quality.STALE and (
            quality is not Quality.GOOD or is_whole(facts.heart_age_ms, 0, memory.fresh_ms)
        )
        warm_ns = 0 if good_ns is None else facts.at_ns - max(good_ns, memory.warm_ns)
        warm = good_ns is not None and warm_ns >= WARM_UP_NS
        return (
            _rule(memory.linked, ReasonCode.LINK_LOST),
            _rule(memory.worn, ReasonCode.OFF_WRIST),
            _rule(fresh, ReasonCode.DATA_STALE, facts.heart_age_ms, memory.fresh_ms, MS_PER_S, Unit.SECONDS),
            _rule(quality is Quality.GOOD, QUALITY_CODES.get(quality, ReasonCode.DATA_BAD)),
            _rule(warm, ReasonCode.WARMING_UP, max(warm_ns, 0), WARM_UP_NS, NS_PER_S, Unit.SECONDS),
        )

    def _awake_rules(self, facts: Facts) -> tuple[Reason | None, ...]:
        marked_ns, before_ms = self.memory.awake_marked_ns, facts.awake_before_onset_ms
        likely = (ReasonCode.AWAKE_LIKELY, before_ms, AWAKE_BEFORE_MS, MS_PER_S, Unit.SECONDS)
        return (
            _rule(marked_ns is None or facts.at_ns - marked_ns >= AWAKE_MARK_NS, ReasonCode.AWAKE_MARKED),
            _rule(facts.upright is False, ReasonCode.AWAKE_UPRIGHT),
            _rule(before_ms < AWAKE_BEFORE_MS, *likely),
        )

    def _step_rules(self, request: NudgeRequest, at_ns: int) -> tuple[Reason | None, ...]:
        level, last = request.level, self.memory.level if request.episode == self.memory.episode else 0
        pending = any(at_ns - row.at_ns < PERMIT_LIFE_NS for row in self.memory.rows)
        return (
            _rule(last > 0 or level == 1, ReasonCode.NOT_LOWEST_FIRST, level, 1),
            _rule(last == 0 or level <= last + 1, ReasonCode.STEP_TOO_HIGH, level, last + 1),
            _rule(not pending, ReasonCode.PERMIT_PENDING),
        )
