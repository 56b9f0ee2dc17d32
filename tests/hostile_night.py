"""A hostile night around the guard, and an oracle that looks only at what went in and which permits came out.

The world keeps true time, a boot clock that starts anew with every boot, and a wall clock that may step. The oracle
knows nothing of the guard: it holds the rules of DESIGN section 5 once more, as plain numbers, against true time.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, fields, replace
from typing import Any

from vigil.control.guard import Facts, Guard, Refusal
from vigil.domain.nudges import Ledger, LedgerRow, ReasonCode
from vigil.domain.permits import Permit
from vigil.domain.plain import dumps, loads
from vigil.domain.records import (
    ClockStepped,
    Held,
    Input,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    Mode,
    NightBegan,
    NightEnded,
    OutputFailed,
    OutputProbed,
    Released,
    Restarted,
    Resumed,
)
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Contact, Quality
from vigil.domain.settings import CapSettings

S = 1_000_000_000
MINUTE = 60 * S
HOUR = 60 * MINUTE

BROKEN: tuple[Any, ...] = (None, True, 1.5, math.nan, math.inf, -math.inf, "7", -(2**70), 2**80, (), [])
"""What is not a number, or not one that can be."""

LONG = {ReasonCode.CAP_NIGHT, ReasonCode.CAP_ENERGY}
"""Refusals after which only hours help: the driver waits for them, the oracle does not look at them."""

CEILING = {"episode": 4, "hour": 6, "night": 12, "energised_ms": 60_000}
TOP = {Output.VIBRATION: 4, Output.SOUND: 3, Output.LIGHT: 3}


def raw(cls: type, **values: Any) -> Any:
    """A record made past its own checks, as a hand-edited file or a fault in memory would."""
    made: Any = object.__new__(cls)
    for each in fields(cls):
        object.__setattr__(made, each.name, values[each.name])
    return made


def caps(per_episode: Any = 4, per_hour: Any = 6, per_18_hours: Any = 12, energised_s: Any = 60) -> CapSettings:
    """Caps past their own checks."""
    made: CapSettings = raw(
        CapSettings,
        per_episode=per_episode,
        per_hour=per_hour,
        per_18_hours=per_18_hours,
        energised_s=energised_s,
    )
    return made


def _lower(value: object, ceiling: int) -> int:
    return min(value, ceiling) if type(value) is int and value >= 0 else 0


@dataclass
class Given:
    """A permit that was acted on, in true time."""

    true_ns: int
    night: str
    request: NudgeRequest
    serial: int


@dataclass
class Oracle:
    """What must hold of every permit, judged from the inputs alone."""

    given: list[Given] = field(default_factory=list)
    night: str = ""
    began: int | None = None
    mode: Mode | None = None
    armed: bool = True
    limits: dict[str, int] = field(default_factory=dict)
    top: int = 4
    settle: int = 30 * MINUTE
    fresh_ms: int = 180_000
    warm: int = 0
    holds: list[int] = field(default_factory=list)
    awake: int | None = None
    linked: bool = True
    worn: bool = True
    spent: bool = False
    over: bool = False
    failed: set[Output] = field(default_factory=set)

    def set_up(self, own: CapSettings, settle_min: object, top: object, armed: object) -> None:
        """A new night under these settings."""
        self.__init__(given=self.given)  # type: ignore[misc]
        energised = own.energised_s * 1000 if type(own.energised_s) is int else 0
        self.limits = {
            "episode": _lower(own.per_episode, CEILING["episode"]),
            "hour": _lower(own.per_hour, CEILING["hour"]),
            "night": _lower(own.per_18_hours, CEILING["night"]),
            "energised_ms": _lower(energised, CEILING["energised_ms"]),
        }
        self.top, self.armed = _lower(top, 4), armed is True
        self.settle = max(30, settle_min) * MINUTE if type(settle_min) is int and settle_min >= 0 else 2**70

    def see(self, event: Input, now: int, boot: int) -> None:
        """Take in an input that reached the guard at true time `now`; `boot` is when the clock stood at zero."""
        if isinstance(event, NightBegan | Restarted | Resumed | ClockStepped | LinkRegained):
            self.warm = now
        if isinstance(event, NightBegan | Restarted):
            self.spent = self.spent or not event.ledger.readable
        if isinstance(event, Held | Released | Marked):
            self._see_the_sleeper(event, now, boot)
        match event:
            case NightBegan(heart_cadence_ms=cadence):
                self.night, self.began, self.mode = event.night, now, event.mode
                known = cadence * 3 if type(cadence) is int and cadence > 0 else 180_000
                self.fresh_ms = min(max(known, 10_000), 180_000)
            case LinkLost() | LinkRegained():
                self.linked = isinstance(event, LinkRegained)
            case Contact():
                self.worn = event.on is True
            case OutputProbed(output=output, ok=ok):
                self.failed |= set() if ok is True else {output}
            case OutputFailed(output=output):
                self.failed.add(output)
            case NightEnded():
                self.over = True

    def _see_the_sleeper(self, event: Held | Released | Marked, now: int, boot: int) -> None:
        match event:
            case Held(until_ns=until):
                self.holds.append(boot + until if type(until) is int and abs(until) < 2**62 else 2**70)
            case Released():
                self.holds, self.awake = [], None
            case Marked(mark=Mark.STOP):
                self.holds.append(2**70)
            case Marked(mark=mark):
                self.awake = now if mark is Mark.AWAKE else None

    def hopeless(self) -> bool:
        """Whether nothing may be done in this night any more."""
        never = self.mode is not Mode.ON or not self.armed or self.spent or self.settle > 24 * HOUR or not self.top
        return never or 0 in self.limits.values() or len(self.failed) == len(Output)

    def wrongs(self, permit: Permit, request: NudgeRequest, facts: Facts, now: int, clock: int) -> list[str]:
        """Every rule that a permit breaks."""
        if permit.request is not request or type(permit.serial) is not int:
            return ["not what was asked"]
        numbers = (facts.at_ns, facts.heart_age_ms, facts.good_since_ns, facts.awake_before_onset_ms)
        asked = (request.episode, request.level, request.duration_ms)
        if any(type(n) is not int for n in (*numbers, *asked)) or type(facts.upright) is not bool:
            return ["broken number"]
        checks = {
            "clock": facts.at_ns == clock == permit.issued_ns,
            **self._of_the_night(request, now),
            **self._of_the_data(facts, now, clock),
            **self._of_the_past(permit, request, now),
        }
        return [name for name, holds in checks.items() if not holds]

    def _of_the_night(self, request: NudgeRequest, now: int) -> dict[str, bool]:
        return {
            "begun": self.began is not None and now - self.began >= self.settle,
            "over": not self.over,
            "mode": self.armed and self.mode is Mode.ON,
            "ledger": not self.spent,
            "held": all(until <= now for until in self.holds),
            "output": request.output in Output and request.output not in self.failed,
            "purpose": request.purpose is Purpose.NUDGE,
            "level ceiling": 1 <= request.level <= min(self.top, TOP[request.output]),
            "duration": 0 < request.duration_ms <= 6_000,
        }

    def _of_the_data(self, facts: Facts, now: int, clock: int) -> dict[str, bool]:
        good, age = facts.good_since_ns, facts.heart_age_ms
        return {
            "link": self.linked,
            "worn": self.worn,
            "quality": facts.heart_quality is Quality.GOOD,
            "fresh": age is not None and 0 <= age <= self.fresh_ms,
            "warm": now - self.warm >= 5 * MINUTE and good is not None and clock - good >= 5 * MINUTE,
            "marked awake": self.awake is None or now - self.awake >= 15 * MINUTE,
            "upright": facts.upright is False,
            "awake before": 0 <= facts.awake_before_onset_ms < 90_000,
        }

    def _of_the_past(self, permit: Permit, request: NudgeRequest, now: int) -> dict[str, bool]:
        night = [one for one in self.given if one.true_ns >= now - 18 * HOUR]
        hour = [one for one in night if one.true_ns >= now - HOUR]
        tonight = [one for one in self.given if one.night == self.night]
        episode = [one for one in tonight if one.request.episode == request.episode]
        energised = sum(one.request.duration_ms for one in night) + request.duration_ms
        return {
            "cap night": len(night) < self.limits["night"],
            "cap hour": len(hour) < self.limits["hour"],
            "cap episode": len(episode) < self.limits["episode"],
            "energised": energised <= self.limits["energised_ms"],
            "lowest first": bool(episode) or request.level == 1,
            "one step": not episode or request.level <= episode[-1].request.level + 1,
            "serial": all(permit.serial > one.serial for one in tonight),
            "pending": not self.given or now - self.given[-1].true_ns >= 2 * S,
        }


@dataclass
class World:
    """True time, clocks, the store, and the guard in the middle. Every method is one thing that may happen."""

    now: int = 1000 * HOUR
    boot: int = 990 * HOUR
    boots: int = 1
    nights: int = 0
    wall_off: int = 0
    seen: int = 0
    episode: int = 1
    guard: Guard = field(default_factory=lambda: Guard.with_caps(caps(), 30, 4, True))
    oracle: Oracle = field(default_factory=Oracle)
    rows: list[LedgerRow] = field(default_factory=list)
    saved: str = ""
    since: list[Input] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    permits: int = 0
    budget_spent: bool = False

    @property
    def clock(self) -> int:
        """The boot clock."""
        return self.now - self.boot

    @property
    def boot_id(self) -> str:
        """The name of this boot."""
        return f"boot {self.boots}"

    def ledger(self, readable: bool = True) -> Ledger:
        """What the store says."""
        return Ledger(tuple(self.rows), readable) if readable else Ledger((), False)

    def tell(self, event: Input) -> None:
        """One input reaches the guard and the oracle."""
        self.guard.note(event)
        self.since.append(event)
        self.oracle.see(event, self.now, self.boot)
        self.seen = self.clock if event.at_ns == self.clock else self.seen

    def new_night(self, own: CapSettings, settle: Any = 30, top: Any = 4, mode: Mode = Mode.ON, **other: Any) -> None:
        """The night ends and another begins, with a guard of its own and the same ledger."""
        self.nights += 1
        armed, cadence = other.get("armed", True), other.get("cadence")
        self.guard = Guard.with_caps(own, settle, top, armed)
        self.oracle.set_up(own, settle, top, armed)
        self.episode = 1
        began = NightBegan(
            self.clock,
            mode,
            f"night {self.nights}",
            self.boot_id,
            wall_ms=(self.now + self.wall_off) // 1_000_000,
            wall_sane=self.wall_off == 0,
            heart_cadence_ms=cadence,
            ledger=self.ledger(other.get("readable", True)),
        )
        self.tell(began)
        self.keep()

    def keep(self) -> None:
        """The state is saved."""
        self.saved, self.since = dumps(self.guard), []

    def crash(self, rebooted: bool = False, readable: bool = True, fresh: bool = True) -> None:
        """Vigil dies and comes back from what was saved and from the inputs since, on this boot or a new one."""
        if fresh:
            self.keep()
        guard = loads(self.saved)
        assert isinstance(guard, Guard)
        for event in self.since:
            guard.note(event)
        self.guard = guard
        if rebooted:
            self.boots, self.boot = self.boots + 1, self.now - 20 * S
        wall_ms = (self.now + self.wall_off) // 1_000_000
        self.tell(Restarted(self.clock, self.boot_id, wall_ms, self.wall_off == 0, self.ledger(readable)))

    def request(self, level: int = 1, duration_ms: int = 2_000, output: Output = Output.VIBRATION) -> NudgeRequest:
        """An ordinary request for the episode that is followed."""
        return NudgeRequest(Purpose.NUDGE, self.episode, output, level, duration_ms)

    def facts(self) -> Facts:
        """Facts with nothing wrong in them."""
        return Facts(self.clock, Quality.GOOD, 2_000, self.clock - 6 * MINUTE, 0, False)

    def look(self) -> None:
        """The controller looks at what hinders, and asks for nothing."""
        self.guard.hindrances(self.facts())
        self.seen = self.clock

    def ask(self, request: Any, facts: Any, kept: bool = True) -> Permit | Refusal:
        """One request. `kept`: the ledger row is committed, so that the output acts."""
        answer = self.guard.ask(request, facts)
        if isinstance(answer, Refusal):
            if not answer.reasons:
                self.wrongs.append("a refusal without a reason")
            self.budget_spent = any(one.code in LONG for one in answer.reasons)
            return answer
        self.wrongs += self.oracle.wrongs(answer, request, facts, self.now, self.clock)
        self.seen = self.clock
        self.permits += 1
        if kept and not self.wrongs:
            wall = None if self.wall_off else self.now // 1_000_000
            what = (request.purpose, request.episode, request.output, request.level, request.duration_ms)
            night = self.oracle.night
            self.rows.append(LedgerRow(night, answer.serial, self.boot_id, self.clock, wall, *what))
            self.oracle.given = [one for one in self.oracle.given if one.true_ns > self.now - 40 * HOUR]
            self.oracle.given.append(Given(self.now, night, request, answer.serial))
            self.rows = self.rows[-20:]
        if not kept:
            self.tell(OutputFailed(self.clock, answer.serial, request.output, "the ledger could not be written"))
        return answer


class HostileDriver:
    """Turns chance into nights: mostly ordinary requests, so that caps are reached, and one hostility at a time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.short = False
        self.night()

    def run(self, events: int) -> list[str]:
        """At most so many events; stops at the first wrong, and returns it."""
        for _ in range(events):
            self.event()
            if self.world.wrongs:
                break
        return self.world.wrongs

    def event(self) -> None:
        """One event. A night in which nothing may be done is left soon, and a spent budget is waited for."""
        pick = self.chance.random()
        if self.world.oracle.hopeless() and pick < 0.05:
            pick = 1.0
        if self.world.budget_spent and self.chance.random() < 0.1:
            self.world.now += 18 * HOUR + self.chance.choice((-MINUTE, S))
            self.world.look()
        if pick < 0.62:
            self.ask()
        elif pick < 0.80:
            self.world.now += self.chance.choice((S, 2 * S, 30 * S, MINUTE, 6 * MINUTE, 21 * MINUTE, HOUR))
        elif pick < 0.93:
            self.disturb()
        elif pick < 0.96:
            self.world.episode += 1
        elif pick < 0.985:
            self.mend()
        elif pick < 0.995:
            self.restart()
        else:
            self.world.tell(NightEnded(self.world.clock))
            for _ in range(3):
                self.ask()
            self.world.now += self.chance.choice((0, 4 * HOUR, 19 * HOUR, 20 * HOUR))
            self.night()

    def night(self) -> None:
        """A night begins, its settings whole or broken; time passes until a nudge is possible."""
        chance = self.chance
        self.short = chance.random() < 0.5
        own = caps()
        if chance.random() < 0.3:
            own = caps(*(chance.choice((99, 2, 10**6)) for _ in range(4)))
        elif chance.random() < 0.1:
            own = caps(*(chance.choice((4, *BROKEN)) for _ in range(4)))
        self.world.new_night(
            own,
            settle=chance.choice((*[30] * 6, 0, 0, 0, 45, math.nan)),
            top=chance.choice((*[4] * 8, 99, 99, 99, 2, None)),
            mode=chance.choice((*[Mode.ON] * 12, Mode.SHAM, Mode.WATCH_ONLY)),
            armed=chance.choice((*[True] * 12, False)),
            cadence=chance.choice((None, 1_000, 5_000, 60_000, math.nan, -5)),
            readable=chance.random() > 0.06,
        )
        if chance.random() < 0.9:
            self.world.now += 31 * MINUTE

    def restart(self) -> None:
        """A crash, perhaps with a reboot, perhaps back from an older state; the wall clock may have been set."""
        chance, world = self.chance, self.world
        world.now += chance.choice((S, MINUTE, 3 * HOUR))
        if chance.random() < 0.3:
            world.wall_off = chance.choice((0, 0, -30 * HOUR, 30 * HOUR))
        world.crash(chance.random() < 0.5, chance.random() > 0.05, chance.random() < 0.5)
        if chance.random() < 0.8:
            world.now += 6 * MINUTE

    def disturb(self) -> None:
        """Something that must keep the outputs quiet, sometimes with a broken instant."""
        chance, world = self.chance, self.world
        at: Any = world.clock if chance.random() < 0.8 else chance.choice(BROKEN)
        never: Any = chance.choice((None, math.nan))
        soon = world.clock + chance.choice((MINUTE, 20 * MINUTE))
        output = chance.choice((Output.SOUND, Output.LIGHT, Output.LIGHT, Output.VIBRATION))
        event: Input = chance.choice(
            (
                Held(at, soon),
                Held(at, never),
                Marked(at, Mark.STOP),
                LinkLost(at),
                Contact(at, False),
                Marked(world.clock, Mark.AWAKE),
                Resumed(world.clock, 5_000),
                ClockStepped(world.clock, 3_600_000),
                OutputProbed(at, output, chance.choice((True, True, False))),
                OutputFailed(at, 1, output) if chance.random() < 0.3 else Contact(at, False),
            )
        )
        world.tell(event)
        if chance.random() < 0.75:
            self.ask()
            self.mend()

    def mend(self) -> None:
        """Whatever was wrong is over."""
        world, chance = self.world, self.chance
        regained = () if world.oracle.linked else (LinkRegained(world.clock),)
        for event in (*regained, Contact(world.clock, True), Released(world.clock)):
            world.tell(event)
        if chance.random() < 0.3:
            world.tell(Marked(world.clock, Mark.BAD_DREAM))
        if chance.random() < 0.7:
            world.now += 6 * MINUTE
        if chance.random() < 0.1:
            world.keep()

    def ask(self) -> None:
        """A request: a step up as a rule, often from one that is too high, too long, or broken."""
        chance, world = self.chance, self.world
        memory = [one for one in world.oracle.given if one.night == world.oracle.night]
        last = next((one.request.level for one in reversed(memory) if one.request.episode == world.episode), 0)
        level = max(1, chance.choice((last, last + 1, last + 1, last + 1, 1, 1, last + 2, 3)))
        duration = 400 if self.short else chance.choice((5_900, 6_000, 6_000))
        request = world.request(level, duration, chance.choice(tuple(Output)))
        facts = world.facts()
        if chance.random() < 0.25:
            request, facts = self.spoil(request, facts)
        world.ask(request, facts, kept=chance.random() > 0.02)

    def spoil(self, request: NudgeRequest, facts: Facts) -> tuple[Any, Any]:
        """One thing wrong in a request or its facts."""
        chance, clock = self.chance, self.world.clock
        wrong = chance.choice(BROKEN)
        of_request: tuple[dict[str, Any], ...] = (
            {"duration_ms": chance.choice((6_001, 7_000, 59_000, 0, wrong))},
            {"level": chance.choice((0, -1, 7, wrong))},
            {"episode": chance.choice((0, -1, wrong))},
            {"output": chance.choice(("vibration", None, Purpose.NUDGE))},
            {"purpose": chance.choice(("nudge", None, Output.SOUND))},
        )
        of_facts: tuple[dict[str, Any], ...] = (
            {"at_ns": chance.choice((self.world.seen - 1, clock - 9 * 24 * HOUR, clock + 1000 * HOUR, wrong))},
            {"heart_quality": chance.choice((*Quality, "good", None))},
            {"heart_age_ms": chance.choice((-1, 29_000, 100_000, 180_001, 10**9, wrong))},
            {"good_since_ns": chance.choice((clock, clock - 4 * MINUTE, clock + HOUR, wrong))},
            {"awake_before_onset_ms": chance.choice((89_999, 90_000, 10**7, -1, wrong))},
            {"upright": chance.choice((True, 0, None, "no"))},
        )
        if chance.random() < 0.05:
            return chance.choice(((request, wrong), (wrong, facts)))
        if chance.random() < 0.45:
            return replace(request, **chance.choice(of_request)), facts
        return request, replace(facts, **chance.choice(of_facts))
