"""How each planned fault happens in the world: what it does there, and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.campaigns.year_band import SIGNAL
from tests.campaigns.year_faults import Fault, Planned
from tests.campaigns.year_house import House
from tests.campaigns.year_log import Happened
from tests.campaigns.year_parts import OF_DETECTOR, OF_OUTPUT, spoil
from tests.campaigns.year_world import Killed, PowerCut, S
from vigil.domain.errors import BusyError
from vigil.domain.requests import Output
from vigil.run.noticing import next_evening_ms
from vigil.run.power import Power
from vigil.store.hold import clear_hold
from vigil.store.lock import StoreLock

STORM_EVERY_NS, STORM_KILLS = 90 * S, 5
LITTLE_MB, ENOUGH_MB = 150, 9_000
SETTLES_NS = 5 * S
"""How long after something happened every second is made durable."""


@dataclass(slots=True)
class Happening:
    """One night's faults on one house. happened: those that took effect, in true time. wrong: what broke at once."""

    house: House
    chance: Random
    happened: list[Happened] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    holds: list[tuple[int, int | None]] = field(default_factory=list)

    def plan(self, faults: tuple[Planned, ...]) -> None:
        """Put them into the world's queue."""
        for fault in faults:
            if fault.kind in SIGNAL:
                self._note(fault.kind, fault.from_s, fault.to_s)
            else:
                _PLANS[fault.kind](self, fault)

    def _true(self, seconds: float) -> int:
        return self.house.evening.lights_ns + round(seconds * S)

    def _note(self, kind: Fault, from_s: float, to_s: float | None, number: int = 0) -> None:
        to_ns = None if to_s is None else self._true(to_s)
        self.happened.append(Happened(kind, self._true(from_s), to_ns, number))

    def _at(self, seconds: float, action: Callable[[], None]) -> None:
        world = self.house.world

        def act() -> None:
            world.busy_until_ns = max(world.busy_until_ns, world.true_ns + SETTLES_NS)
            action()

        world.at(self._true(seconds), act)

    def _did(self, kind: Fault, lasts_s: float | None = 0.0, number: int = 0) -> None:
        """It took effect now."""
        true_ns = self.house.world.true_ns
        to_ns = None if lasts_s is None else true_ns + round(lasts_s * S)
        self.happened.append(Happened(kind, true_ns, to_ns, number))

    # Clocks.

    def step(self, fault: Planned) -> None:
        """The wall clock jumps, and stays wrong until a reboot or the next day."""

        def act() -> None:
            self.house.world.step_wall(fault.value)
            self.house.world.synchronised = abs(self.house.world.wall_error_ms) < 300_000
            self._did(fault.kind, number=fault.value)

        self._at(fault.from_s, act)

    def year_1970(self, fault: Planned) -> None:
        """To 1970 and, a while later, back."""

        def there() -> None:
            world = self.house.world
            by_ms = -world.wall_ms()
            world.step_wall(by_ms)
            world.synchronised = False
            self._did(fault.kind, number=by_ms)
            self._at(fault.to_s, back)

        def back() -> None:
            world = self.house.world
            by_ms = -world.wall_error_ms
            world.step_wall(by_ms)
            world.synchronised = True
            if abs(by_ms) >= 2_000:
                self._did(fault.kind, number=by_ms)

        self._at(fault.from_s, there)

    def zone(self, fault: Planned) -> None:
        """Local time moves against UTC."""

        def act() -> None:
            self.house.world.zone_min += fault.value
            self._did(fault.kind, number=fault.value)

        self._at(fault.from_s, act)

    def suspend(self, fault: Planned) -> None:
        """The computer sleeps."""
        lasts_ns = round((fault.to_s - fault.from_s) * S)

        def act() -> None:
            if self.house.life is not None:
                self._did(fault.kind, lasts_ns / S)
                self.house.world.suspend(lasts_ns)

        self._at(fault.from_s, act)

    # Processes and power.

    def kill(self, fault: Planned) -> None:
        """The process is gone; STUCK: after half a minute in which it did nothing."""

        def act() -> None:
            if self.house.life is None:
                return
            self._did(fault.kind)
            if fault.kind is Fault.STUCK:
                self.house.world.burn(round((fault.to_s - fault.from_s) * S))
            raise Killed

        self._at(fault.from_s, act)

    def storm(self, fault: Planned) -> None:
        """Killed so often that the supervisor gives up; started again by somebody later."""

        def act(number: int) -> Callable[[], None]:
            def one() -> None:
                if self.house.life is None:
                    return
                if number == 0:
                    self._did(fault.kind, fault.to_s - fault.from_s)
                self.house.world.busy_until_ns = max(self.house.world.busy_until_ns, self._true(fault.to_s))
                raise Killed

            return one

        for number in range(STORM_KILLS):
            self._at(fault.from_s + number * STORM_EVERY_NS / S, act(number))

    def at_act(self, fault: Planned) -> None:
        """The next act meets a kill."""
        self.house.world.at_act = "before" if fault.kind is Fault.KILL_BEFORE_ACT else "after"

    def power_cut(self, fault: Planned) -> None:
        """The computer is gone, and comes back."""

        def act() -> None:
            house = self.house
            if house.life is None:
                return
            self._did(fault.kind, fault.to_s - fault.from_s)
            house.world.at(house.world.true_ns, boot)
            raise PowerCut

        def boot() -> None:
            lost_time = fault.kind is Fault.POWER_CUT_1970
            self.house.world.boot_anew(round((fault.to_s - fault.from_s) * S), lost_time=lost_time)

        self._at(fault.from_s, act)

    def second(self, fault: Planned) -> None:
        """Somebody starts another Vigil."""

        def act() -> None:
            if self.house.life is None:
                return
            try:
                StoreLock.acquire(self.house.folder / "vigil.lock", "now").release()
            except BusyError as error:
                if "already runs" in str(error) and "22:30" in str(error):
                    self._did(fault.kind)
                    return
            self.wrong.append("a second Vigil was let in, or not told who holds the store")

        self._at(fault.from_s, act)

    # The house.

    def disk_low(self, fault: Planned) -> None:
        """Little room for a while."""
        self._for_a_while(fault, "free_mb", LITTLE_MB, ENOUGH_MB)

    def _for_a_while(self, fault: Planned, name: str, value: object, after: object) -> None:
        def act() -> None:
            world = self.house.world
            setattr(world, name, value)
            left_ns = max(0, self._true(fault.to_s) - world.true_ns)  # late where the computer slept, but ends in time
            self._did(fault.kind, left_ns / S, fault.value)

        self._at(fault.from_s, act)
        self._at(fault.to_s, lambda: setattr(self.house.world, name, after))

    def disk(self, fault: Planned) -> None:
        """No room, or no writing, for a while; the ballast is gone already."""

        def act() -> None:
            world = self.house.world
            world.ballast = False
            world.busy_until_ns = max(world.busy_until_ns, self._true(fault.to_s) + SETTLES_NS)

        self._at(fault.from_s, act)
        self._for_a_while(fault, "disk", "full" if fault.kind is Fault.DISK_FULL else "unwritable", "")

    def damaged(self, fault: Planned) -> None:
        """Before tonight's first process, or the one after the next kill, the file is damaged."""

        def act() -> None:
            spoil(self.house.database, self.chance)
            self._did(fault.kind)

        self.house.damage = act

    def output(self, fault: Planned) -> None:
        """One output misbehaves all night; what is missing shows at once, the others when they are used."""
        output = _MOSTLY_FIRST[fault.value % len(_MOSTLY_FIRST)]
        self.house.world.broken.setdefault(output, OF_OUTPUT[fault.kind])

    def battery(self, fault: Planned) -> None:
        """The computer runs on its battery, and that is low."""
        self._for_a_while(fault, "power", Power(True, fault.value), Power(False, 90))

    def band(self, fault: Planned) -> None:
        """Said by the band itself."""
        self._note(fault.kind, fault.from_s, fault.from_s, fault.value)

    def detector(self, fault: Planned) -> None:
        """The detector fails at one or two steps; seldom at so many that it is turned off for the night."""

        def act() -> None:
            steps = 4 if fault.value % 8 == 0 else 1 + fault.value % 2
            self.house.world.engine = (OF_DETECTOR[fault.kind], steps)
            if self.house.life is not None:
                self._did(fault.kind, steps * 5.0, steps)

        self._at(fault.from_s, act)

    # The sleeper.

    def stop(self, fault: Planned) -> None:
        """Stopped until the next evening, or until it is taken back."""
        released = fault.kind is Fault.STOP_RELEASED

        def press() -> None:
            world = self.house.world
            until = None if released else next_evening_ms(world.wall_ms(), world.zone_min)
            self.house.stop.press(until)
            self._did(fault.kind, fault.to_s - fault.from_s if released else None)
            self.holds.append((world.true_ns, None))

        def release() -> None:
            if any(to_ns is None for _, to_ns in self.holds):
                clear_hold(self.house.folder / "hold")
                true_ns = self.house.world.true_ns
                self.holds = [(from_ns, true_ns if to_ns is None else to_ns) for from_ns, to_ns in self.holds]

        self._at(fault.from_s, press)
        if released:
            self._at(fault.to_s, release)

    def settings(self, fault: Planned) -> None:
        """Told at bedtime; see `year_person`."""
        self._note(fault.kind, fault.from_s, None)


_MOSTLY_FIRST = (Output.VIBRATION, Output.VIBRATION, Output.VIBRATION, Output.SOUND, Output.LIGHT)
"""The output that is used first is the one whose faults show most."""

_PLANS: dict[Fault, Callable[[Happening, Planned], None]] = {
    **dict.fromkeys((Fault.NTP_SLIGHT, Fault.NTP, Fault.HOUR, Fault.DAY), Happening.step),
    Fault.YEAR_1970: Happening.year_1970,
    **dict.fromkeys((Fault.SUMMER, Fault.WINTER, Fault.JOURNEY), Happening.zone),
    **dict.fromkeys((Fault.SUSPEND_BRIEF, Fault.SUSPEND, Fault.SUSPEND_LONG), Happening.suspend),
    **dict.fromkeys((Fault.KILL, Fault.STUCK), Happening.kill),
    **dict.fromkeys((Fault.KILL_BEFORE_ACT, Fault.KILL_AFTER_ACT), Happening.at_act),
    Fault.STORM: Happening.storm,
    **dict.fromkeys((Fault.POWER_CUT, Fault.POWER_CUT_1970), Happening.power_cut),
    Fault.SECOND: Happening.second,
    Fault.DISK_LOW: Happening.disk_low,
    **dict.fromkeys((Fault.DISK_FULL, Fault.DISK_UNWRITABLE), Happening.disk),
    Fault.DAMAGED: Happening.damaged,
    **dict.fromkeys(OF_OUTPUT, Happening.output),
    Fault.COMPUTER_BATTERY: Happening.battery,
    **dict.fromkeys((Fault.BAND_BATTERY, Fault.MARK_AWAKE, Fault.MARK_BAD_DREAM), Happening.band),
    **dict.fromkeys(OF_DETECTOR, Happening.detector),
    **dict.fromkeys((Fault.STOP, Fault.STOP_RELEASED), Happening.stop),
    Fault.SETTINGS: Happening.settings,
}
