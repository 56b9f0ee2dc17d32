"""Chance turned into hostile nights: mostly ordinary requests, so that caps are reached; one hostility at a time."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

from tests.guard_oracle import STRONGEST
from tests.hostile_night import BROKEN, HOUR, MINUTE, Fate, S, World, caps
from vigil.control.guard import Facts
from vigil.domain.nudges import Ledger
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
    Resumed,
)
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Contact, Quality
from vigil.domain.troubles import Trouble, TroubleKind

FATES = tuple(Fate)
OUTPUTS = tuple(Output)
_TROUBLES = tuple(kind for kind in TroubleKind if kind is not TroubleKind.STORE_DAMAGED)


class HostileDriver:
    """One seed, one sequence of events without end."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.short = False
        self.purpose = Purpose.NUDGE
        self.night()

    def run(self, events: int) -> list[str]:
        """So many turns, each an event or more; stops at the first wrong, and returns it."""
        for _ in range(events):
            self.event()
            if self.world.wrongs:
                break
        return self.world.wrongs

    def event(self) -> None:
        """One turn. A night in which nothing may be done is left soon, and a spent budget is waited for."""
        pick, by_day = self.chance.random(), self.purpose is Purpose.TEST
        if by_day and pick > 0.5:
            self.try_out()
            return
        in_vain = 0.02 if by_day else 0.05 if self.world.oracle.hopeless() else 0.0
        if pick < in_vain:
            pick = 1.0
        if self.world.budget_spent and self.chance.random() < 0.1:
            self.world.now += 18 * HOUR + self.chance.choice((-MINUTE, S))
            self.world.look()
        for limit, doing in _TURNS:
            if pick < limit:
                doing(self)
                return
        self.morning()

    def try_out(self) -> None:
        """Somebody tries the outputs by day, one ladder after another, faster than anybody would."""
        world, chance = self.world, self.chance
        for number in range(chance.choice((4, 12, 30))):
            if number % 4 == 0:
                world.episode += 1
            world.now += chance.choice((2 * S, 2 * S, 30 * S))
            self.ask()
        world.now += chance.choice((0, 20 * MINUTE, HOUR))

    def pause(self) -> None:
        """Time passes."""
        self.world.now += self.chance.choice((S, 2 * S, 30 * S, MINUTE, 6 * MINUTE, 21 * MINUTE, HOUR))

    def next_episode(self) -> None:
        """Another episode is followed."""
        self.world.episode += 1

    def morning(self) -> None:
        """The night ends, whatever is asked after it; a day may follow, then another night."""
        self.world.tell(NightEnded(self.world.clock))
        for _ in range(3):
            self.ask()
        self.world.now += self.chance.choice((0, 4 * HOUR, 19 * HOUR, 20 * HOUR))
        if self.chance.random() < 0.2:
            self.purpose = Purpose.TEST
            self.short = self.chance.random() < 0.6
            self.world.new_day(caps(0, 0, 0, 0), self.chance.choice((4, 4, 2)), self.chance.random() > 0.05)
            return
        self.night()

    def night(self) -> None:
        """A night begins, its settings whole or broken; time passes until a nudge is possible."""
        chance = self.chance
        self.purpose = Purpose.NUDGE
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
            cadence=chance.choice((None, 1_000, 5_000, 60_000, 600_000, math.nan, -5)),
            readable=chance.random() > 0.06,
            at=chance.choice((*[None] * 40, math.nan)),
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

    def suspend(self) -> None:
        """The computer sleeps for seconds or hours, and somebody asks as soon as it wakes."""
        asleep_ns = self.chance.choice((S, 30 * S, 6 * MINUTE, 2 * HOUR, 9 * HOUR))
        self.world.suspend(asleep_ns, counted=self.chance.random() < 0.7)
        self.ask()
        if self.chance.random() < 0.7:
            self.world.now += 6 * MINUTE

    def barrage(self) -> None:
        """A detector gone mad: everything at once, at every level, on nonsense and on old facts."""
        chance, world = self.chance, self.world
        old = replace(world.facts(), heart_quality=Quality.STALE, heart_age_ms=600_000)
        levels: tuple[Any, ...] = (5, 4, 3, 2, 1, 0, math.nan, 1)
        for level in levels:
            output, purpose = chance.choice(OUTPUTS), chance.choice(tuple(Purpose))
            request = replace(world.request(1, 400, output, purpose), level=level)
            world.ask(request, chance.choice((old, world.facts(), world.facts(), None)))

    def disturb(self) -> None:
        """Something that must keep the outputs quiet, often with a broken instant."""
        chance, world = self.chance, self.world
        at: Any = world.clock if chance.random() < 0.8 else chance.choice((*BROKEN, 2**61))
        for _ in range(chance.choice((1, 1, 1, 2))):
            event = self._disturbance(at)
            world.tell(event)
        if isinstance(event, NightBegan) and chance.random() < 0.7:
            world.now += 31 * MINUTE
        if chance.random() < 0.75:
            self.ask()
            self.mend()

    def _disturbance(self, at: Any) -> Input:
        chance, world = self.chance, self.world
        never: Any = chance.choice((None, math.nan))
        soon = world.clock + chance.choice((MINUTE, 20 * MINUTE))
        output = chance.choice((Output.SOUND, Output.LIGHT, Output.LIGHT, Output.VIBRATION))
        unreached = chance.random() < 0.5
        kind: Any = chance.choice((*_TROUBLES * 4, TroubleKind.STORE_DAMAGED, "disk_full", []))
        return chance.choice(
            (
                Held(at, soon),
                Held(at, never),
                Marked(at, Mark.STOP),
                LinkLost(at),
                Contact(at, False),
                Marked(at, chance.choice((Mark.AWAKE, Mark.BAD_DREAM))),
                Resumed(at, 5_000),
                ClockStepped(at, 3_600_000),
                Trouble(at, kind, over=chance.choice((False, False, False, 1, None))),  # type: ignore[arg-type]
                OutputProbed(at, output, chance.choice((True, True, False))),
                OutputFailed(at, 1, output, unreached=unreached) if chance.random() < 0.3 else Contact(at, False),
                self._second_start(at) if chance.random() < 0.2 else Trouble(at, TroubleKind.DISK_FULL),
            )
        )

    def _second_start(self, at: Any) -> Input:
        """Lights-out once more, and nothing may be looser for it."""
        world = self.world
        mode = self.chance.choice((Mode.ON, Mode.ON, Mode.SHAM))
        if self.purpose is Purpose.TEST:
            world.nights += 1  # the guard that tried the outputs by day sees a night begin
        name, ledger = f"night {world.nights}", Ledger(tuple(world.rows))
        return NightBegan(at, mode, name, world.boot_id, heart_cadence_ms=None, ledger=ledger)

    def mend(self) -> None:
        """Whatever was wrong is over; sometimes nobody can say when that was."""
        world, chance = self.world, self.chance
        at: Any = world.clock if chance.random() < 0.9 else chance.choice(BROKEN)
        lasting = [kind for kind in TroubleKind if kind.value in world.oracle.troubles]
        regained = () if world.oracle.linked else (LinkRegained(at),)
        released = (Released(at),) if world.oracle.holds or world.oracle.awake is not None else ()
        ends = (
            *regained,
            Contact(at, True),
            *released,
            *(Trouble(at, kind, over=True) for kind in lasting if chance.random() < 0.8),
        )
        for event in ends:
            world.tell(event)
        if chance.random() < 0.7:
            world.now += 6 * MINUTE
        if chance.random() < 0.1:
            world.keep()

    def ask(self) -> None:
        """A request: a step up as a rule, often from one that is too high, too long, or broken."""
        chance, world = self.chance, self.world
        acts = [one for one in world.oracle.acts if one.night == world.oracle.night]
        if sum(one.request.episode == world.episode for one in acts) >= 4 and chance.random() < 0.3:
            world.episode += 1
        last = next((one.request.level for one in reversed(acts) if one.request.episode == world.episode), 0)
        level = max(1, chance.choice((last, last + 1, last + 1, last + 1, 1, 1, last + 2, 3)))
        duration = 400 if self.short else chance.choice((5_900, 6_000, 6_000))
        output = chance.choice(OUTPUTS)
        purpose = self.purpose if chance.random() < 0.97 else chance.choice(tuple(Purpose))
        most = STRONGEST[output][:level][-1]
        strength = chance.randint(1, most) if chance.random() < 0.97 else most + 1
        request = world.request(level, duration, output, purpose, strength)
        facts = world.facts()
        if chance.random() < 0.25:
            request, facts = self.spoil(request, facts)
        world.ask(request, facts, Fate.GIVEN if chance.random() < 0.93 else chance.choice(FATES))

    def spoil(self, request: NudgeRequest, facts: Facts) -> tuple[Any, Any]:
        """One thing wrong in a request or its facts."""
        chance, clock = self.chance, self.world.clock
        wrong, too_strong = chance.choice(BROKEN), STRONGEST[request.output][: request.level][-1] + 1
        of_request: tuple[dict[str, Any], ...] = (
            {"duration_ms": chance.choice((6_001, 7_000, 59_000, 0, wrong))},
            {"level": chance.choice((0, -1, len(STRONGEST[request.output]) + 1, 7, wrong))},
            {"episode": chance.choice((0, -1, wrong))},
            {"strength_percent": chance.choice((0, -1, too_strong, too_strong, too_strong, 10**6, wrong))},
            {"output": chance.choice(("vibration", None, Purpose.NUDGE))},
            {"purpose": chance.choice(("nudge", None, Output.SOUND, Purpose.TEST))},
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


_TURNS = (
    (0.60, HostileDriver.ask),
    (0.785, HostileDriver.pause),
    (0.91, HostileDriver.disturb),
    (0.94, HostileDriver.next_episode),
    (0.963, HostileDriver.mend),
    (0.973, HostileDriver.restart),
    (0.983, HostileDriver.suspend),
    (0.994, HostileDriver.barrage),
)
"""Up to which chance what is done; above the last, morning comes."""
