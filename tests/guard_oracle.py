"""What must hold of every nudge, judged only from what went in and from what an output really did.

The oracle knows nothing of the guard: it holds the rules of the design's guard section once more, as plain numbers,
against true time. Caps are counted over acts, each at the instant it was asked for; an act comes within two seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from vigil.control.guard import Facts
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
from vigil.domain.troubles import Trouble, TroubleKind

S = 1_000_000_000
MINUTE = 60 * S
HOUR = 60 * MINUTE

CEILING = {"episode": 4, "hour": 6, "night": 12, "energised_ms": 60_000}
TEST_CEILING = {"episode": 4, "hour": 24, "night": 48, "energised_ms": 240_000}
TOP = {Output.VIBRATION: 4, Output.SOUND: 3, Output.LIGHT: 3}
STRONGEST = {Output.VIBRATION: (25, 40, 60, 80), Output.SOUND: (20, 35, 50), Output.LIGHT: (5, 10, 20)}
FORBIDDEN_WITH = ("disk_low", "disk_full", "disk_unwritable", "computer_battery")


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


def is_time(value: object) -> bool:
    """Whether it could be an instant at all."""
    return type(value) is int and abs(value) < 2**60


@dataclass(frozen=True, slots=True)
class Act:
    """What an output did: asked for and begun in true time, for so long."""

    asked_ns: int
    begun_ns: int
    night: str
    request: NudgeRequest
    serial: int


@dataclass
class Oracle:
    """What must hold of every act."""

    acts: list[Act] = field(default_factory=list)
    night: str = ""
    dark: bool = False
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
    away: set[Output] = field(default_factory=set)
    troubles: set[object] = field(default_factory=set)

    def set_up(self, own: CapSettings, settle_min: object, top: object, armed: object) -> None:
        """A new guard under these settings."""
        self.__init__(acts=self.acts)  # type: ignore[misc]
        energised = own.energised_s * 1000 if type(own.energised_s) is int else 0
        self.limits = {
            "episode": _lower(own.per_episode, CEILING["episode"]),
            "hour": _lower(own.per_hour, CEILING["hour"]),
            "night": _lower(own.per_18_hours, CEILING["night"]),
            "energised_ms": _lower(energised, CEILING["energised_ms"]),
        }
        self.top, self.armed = _lower(top, 4), armed is True
        self.settle = max(30, settle_min) * MINUTE if type(settle_min) is int and settle_min >= 0 else 2**70

    # What goes in.

    def see(self, event: Input, now: int, boot: int) -> None:
        """Take in an input that reached the guard at true time `now`; `boot` is when the clock stood at zero."""
        if isinstance(event, NightBegan | Restarted | Resumed | ClockStepped | LinkRegained | Released):
            self.warm = now
        if isinstance(event, NightBegan | Restarted):
            self.spent = self.spent or not event.ledger.readable
        match event:
            case NightBegan():
                self._see_lights_out(event, now)
            case Held() | Released() | Marked():
                self._see_the_sleeper(event, now, boot)
            case LinkLost() | LinkRegained() | Contact():
                self._see_the_wearable(event, now)
            case OutputProbed() | OutputFailed():
                self._see_the_output(event)
            case Trouble():
                self._see_trouble(event)
            case NightEnded():
                self.over = True

    def _see_the_wearable(self, event: LinkLost | LinkRegained | Contact, now: int) -> None:
        if isinstance(event, Contact):
            self.warm = self.warm if self.worn else now
            self.worn = event.on is True
        else:
            self.linked = isinstance(event, LinkRegained)

    def _see_the_output(self, event: OutputProbed | OutputFailed) -> None:
        match event:
            case OutputProbed(ok=True):
                self.away -= {event.output}
            case OutputFailed(unreached=True):
                self.away |= {event.output}
            case _:
                self.failed |= {event.output}

    def _see_lights_out(self, event: NightBegan, now: int) -> None:
        self.dark, cadence = True, event.heart_cadence_ms
        if self.began is not None or is_time(event.at_ns):
            known = cadence * 3 if type(cadence) is int and cadence > 0 else 180_000
            self.night, self.began, self.fresh_ms = event.night, now, min(max(known, 10_000), self.fresh_ms)
        self.mode = event.mode if self.mode in (None, Mode.ON) else self.mode

    def _see_the_sleeper(self, event: Held | Released | Marked, now: int, boot: int) -> None:
        match event:
            case Held(until_ns=until):
                self.holds.append(boot + until if type(until) is int and abs(until) < 2**62 else 2**70)
            case Released():
                self.holds, self.awake = [], None
            case Marked(mark=Mark.STOP):
                self.holds.append(2**70)
            case Marked(mark=Mark.AWAKE | Mark.BAD_DREAM):
                self.awake = now

    def _see_trouble(self, event: Trouble) -> None:
        known = isinstance(event.kind, TroubleKind)
        self.spent = self.spent or event.kind is TroubleKind.STORE_DAMAGED
        if event.over is True:
            self.troubles -= {event.kind.value} if known else set()
        elif not known or event.kind.value in FORBIDDEN_WITH:
            self.troubles.add(event.kind.value if known else "unknown")

    def hopeless(self) -> bool:
        """Whether nothing may be done in this night any more."""
        never = self.mode is not Mode.ON or not self.armed or self.spent or self.settle > 24 * HOUR or not self.top
        lost = self.began is None or "unknown" in self.troubles or len(self.failed) == len(Output)
        return never or lost or 0 in self.limits.values()

    # What comes out.

    def of_leave(self, request: NudgeRequest, facts: Facts, now: int, clock: int) -> list[str]:
        """Every rule that is broken by giving leave for this request, upon these facts, at this instant."""
        asked = (request.episode, request.level, request.duration_ms, request.strength_percent)
        numbers = (facts.at_ns, *asked)
        if any(type(number) is not int for number in numbers) or request.output not in TOP:
            return ["broken number"]
        top = TOP[request.output]
        checks = {
            "clock": facts.at_ns == clock,
            "ledger": not self.spent,
            "held": all(until <= now for until in self.holds),
            "output": request.output not in self.failed | self.away,
            "level ceiling": 1 <= request.level <= min(self.top, top),
            "strength": 1 <= request.strength_percent <= STRONGEST[request.output][min(request.level, top) - 1],
            "duration": 0 < request.duration_ms <= 6_000,
            "purpose": request.purpose in (Purpose.NUDGE, Purpose.TEST),
        }
        if request.purpose is Purpose.TEST:
            checks["by day"] = not self.dark and not self.over
        else:
            checks |= {**self._of_the_night(now), **self._of_the_data(facts, now, clock)}
        return [name for name, holds in checks.items() if not holds]

    def _of_the_night(self, now: int) -> dict[str, bool]:
        return {
            "begun": self.began is not None and now - self.began >= self.settle,
            "over": not self.over,
            "mode": self.armed and self.mode is Mode.ON,
            "trouble": not self.troubles,
        }

    def _of_the_data(self, facts: Facts, now: int, clock: int) -> dict[str, bool]:
        good, age = facts.good_since_ns, facts.heart_age_ms
        awake = facts.awake_before_onset_ms
        return {
            "link": self.linked,
            "worn": self.worn,
            "quality": facts.heart_quality is Quality.GOOD,
            "fresh": type(age) is int and 0 <= age <= self.fresh_ms,
            "warm": now - self.warm >= 5 * MINUTE and type(good) is int and clock - good >= 5 * MINUTE,
            "marked awake": self.awake is None or now - self.awake >= 15 * MINUTE,
            "upright": facts.upright is False,
            "awake before": type(awake) is int and 0 <= awake < 90_000,
        }

    def of_act(self, act: Act) -> list[str]:
        """Every rule that an act breaks, and remember it."""
        request, tests = act.request, act.request.purpose is Purpose.TEST
        limits = TEST_CEILING if tests else self.limits
        since = act.asked_ns - 40 * HOUR
        self.acts = [one for one in self.acts if one.asked_ns > since or one.night == act.night != ""]
        counted = [one for one in self.acts if tests or one.request.purpose is not Purpose.TEST]
        night = [one for one in counted if one.asked_ns >= act.asked_ns - 18 * HOUR]
        hour = [one for one in night if one.asked_ns >= act.asked_ns - HOUR]
        tonight = [one for one in self.acts if one.night == act.night]
        episode = [one for one in tonight if one.request.episode == request.episode]
        checks = {
            "in time": 0 <= act.begun_ns - act.asked_ns < 2 * S,
            "cap night": len(night) < limits["night"],
            "cap hour": len(hour) < limits["hour"],
            # Tests by day belong to no night; the ledger tells of them for 18 hours.
            "cap episode": len([one for one in episode if not tests or one in night]) < limits["episode"],
            "energised": sum(one.request.duration_ms for one in night) + request.duration_ms <= limits["energised_ms"],
            "lowest first": bool(episode) or request.level == 1,
            "one step": not episode or request.level <= episode[-1].request.level + 1,
            "serial": all(act.serial > one.serial for one in tonight),
            "pending": not self.acts or act.asked_ns - self.acts[-1].asked_ns >= 2 * S,
        }
        self.acts.append(act)
        return [name for name, holds in checks.items() if not holds]
