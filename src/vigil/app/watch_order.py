"""What a watch is asked for, and what follows from it: whose night it is, its lights-out, and who lies there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from vigil.app.bed import Beds, SimulatedBeds
from vigil.app.evening_start import hours_and_minutes
from vigil.app.home import Home, Shelf
from vigil.app.night_outputs import RealOutputs
from vigil.app.simulated_night import Script, digests_of, lights_out
from vigil.app.tonight import Tonight
from vigil.app.wearable_bed import WearableBeds, paired_family, paired_sensor
from vigil.app.wearables_file import read_wearables
from vigil.app.wiring import OpenShelf
from vigil.domain.records import NightBegan
from vigil.domain.units import NS_PER_MS
from vigil.run.ports import Clock
from vigil.run.wall_time import zone_min
from vigil.store.nights import Nights

SYNTHETIC, WEARABLE = "synthetic", "wearable"

LONGEST_HOURS = 12.0
"""A person's own night that nobody ends is over after this long. Our choice: nobody lies down for longer."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a watch was asked for."""

    script: Script | None
    hours: float
    speed: float
    origin_ns: int | None
    quiet: bool
    json_to: str | None
    beat_to: int | None
    resume: bool
    real_outputs: bool = False
    evening_min: int | None = None

    @property
    def steady(self) -> bool:
        """Whether time runs as life does."""
        return self.speed == 1

    @property
    def shelf(self) -> Shelf:
        """Whose store the night goes to."""
        return Shelf.OWN if self.script is None else Shelf.DEMO

    @property
    def sleeper(self) -> str:
        """Who sleeps, as `tonight.sleeper_of` names them: "" is the person."""
        return "" if self.script is None else self.script.name

    @property
    def title(self) -> str:
        """What stands over the live view."""
        return "your night, live" if self.script is None else f"simulated sleeper {self.script.seed}, live"

    @property
    def words(self) -> list[str]:
        """The command of the night process that a supervisor starts for it."""
        words = ["watch", "--hours", str(self.hours), "--origin", str(self.origin_ns)]
        if self.script is None:
            words += ["--source", WEARABLE]
        else:
            words += ["--source", SYNTHETIC, "--speed", str(self.speed), "--seed", str(self.script.seed)]
            words += [] if self.script.plan is None else ["--plan", self.script.plan]
            words += ["--real-outputs"] if self.real_outputs else []
        words += ["--quiet"] if self.quiet else []
        words += [] if self.evening_min is None else ["--evening", hours_and_minutes(self.evening_min)]
        return words if self.json_to is None else [*words, "--json", self.json_to]


def lights_out_of(order: Order, home: Home, shelf: OpenShelf, tonight: Tonight) -> NightBegan:
    """Lights-out now, with everything the house knows of it but the ledger."""
    wall_ms, mode, nights = time.time_ns() // NS_PER_MS, tonight.plan.mode, Nights(shelf.database)
    if order.script is not None:
        name = nights.free_name(NightBegan(0, night=order.script.name))
        given = (order.script, tonight.outfit)
        return lights_out(*given, wall_ms=wall_ms, zone_min=zone_min(wall_ms), name=name, mode=mode)
    began = NightBegan(0, mode, wall_ms=wall_ms, zone_min=zone_min(wall_ms))
    cadence_ms = paired_family(paired_sensor(home)).heart_cadence_ms
    digests = digests_of(tonight.outfit)
    return replace(began, night=nights.free_name(began), heart_cadence_ms=cadence_ms, digests=digests)


def beds_of(order: Order, home: Home, clock: Clock, say: Callable[[str], None], real: RealOutputs | None) -> Beds:
    """The simulated sleeper's, or the person's own."""
    if order.script is not None:
        return SimulatedBeds(order.script, real)
    return WearableBeds(clock, paired_sensor(home), read_wearables(home).vibration, say, real, order.hours)
