"""A person's own night: the paired wearable as its source, the paired wearable and what was set up as its outputs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from vigil.app.home import Home
from vigil.app.kept_so_far import KeptSoFar
from vigil.app.night_outputs import RealOutputs
from vigil.app.wearables_file import Paired, read_wearables
from vigil.devices.ble_link import Backends, Seen
from vigil.devices.catalogue import Family, Sense, family_of, recognised
from vigil.devices.nudgers.vibration import VibrationNudger
from vigil.domain.errors import SettingsError
from vigil.domain.records import Mark, NightBegan
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_S
from vigil.night.report import NightReport
from vigil.run.link_table import State
from vigil.run.ports import Clock, Nudger, Source
from vigil.run.radio import Inbox, RadioBuzzer, RadioSource, RadioThread
from vigil.run.wearable import Said, Wearable

FIRST_WAIT_S = 60.0
"""How long a night waits at its beginning for the wearable. Our choice: twice what finding it again may take."""

ASK_S = 0.2


def paired_sensor(home: Home) -> Paired:
    """The wearable that senses; raises SettingsError where none is paired, InputError for a file that is no good."""
    sensor = read_wearables(home).sensor
    if sensor is None:
        message = (
            "no wearable is paired yet, so nothing was begun; pair yours by day with vigil pair, or watch a simulated "
            "sleeper with vigil watch --source synthetic"
        )
        raise SettingsError(message)
    return sensor


def paired_family(paired: Paired) -> Family:
    """The catalogue's row of a paired wearable; raises SettingsError for one that is not known any more."""
    family = family_of(paired.key)
    if family is None:
        message = f"{paired.name} is paired as {paired.key!r}, which nothing here knows; pair it again with vigil pair"
        raise SettingsError(message)
    return family


@dataclass(slots=True)
class WearableBed:
    """See `Bed`. vibration: the wearable that vibrates, often the sensor itself; None where nothing worn can."""

    clock: Clock
    began: NightBegan
    sensor: Paired
    vibration: Paired | None
    say: Callable[[str], None]
    real: RealOutputs | None
    ends_ns: int | None
    begins: bool
    shift_ns: int = 0
    backends: Backends = field(default_factory=Backends)
    _inbox: Inbox = field(default_factory=Inbox)
    _kept: list[Wearable] = field(default_factory=list)
    _thread: RadioThread = field(init=False)
    _buzzer: RadioBuzzer | None = field(init=False)

    def __post_init__(self) -> None:
        """Put the radio together; nothing is sent yet. Raises SettingsError as `paired_family`."""
        self._thread = RadioThread(lambda _loop: self._kept)
        sensor, buzzing = self.sensor, self.vibration
        self._inbox.moves = Sense.MOTION not in paired_family(sensor).senses
        self._kept = [self._wearable(sensor, self._inbox.put)]
        self._buzzer = None
        if buzzing is not None:
            if buzzing.address == sensor.address:
                vibrates = self._kept[0]
            else:
                vibrates = self._wearable(buzzing, self._inbox.beside)
                self._kept.append(vibrates)
            self._buzzer = RadioBuzzer(buzzing.name, vibrates, self._thread.loop)

    def _wearable(self, paired: Paired, hear: Callable[[Said], None]) -> Wearable:
        family = paired_family(paired)

        def kin(seen: Seen) -> bool:
            found = recognised(seen.name, seen.services)
            return found is not None and found.key == family.key

        lock = self._kept[0].adapter if self._kept else asyncio.Lock()
        return Wearable(
            paired.address, family.codec, hear, self.clock.boot_ns, lock, Random(time.time_ns()), self.backends, kin
        )

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The radio's own loop."""
        return self._thread.loop

    @property
    def kind(self) -> str:
        """See `Bed`."""
        return "live"

    @property
    def format(self) -> str:
        """See `Bed`."""
        return self.sensor.key

    @property
    def source(self) -> Source:
        """See `Bed`."""
        boot_ns = self.clock.boot_ns if self.begins else None
        return RadioSource(self.began, self._inbox, self.shift_ns, self.ends_ns, boot_ns)

    def outputs(self, usable: Sequence[Output]) -> Mapping[Output, Nudger]:
        """See `Bed`."""
        own: dict[Output, Nudger] = {} if self.real is None else dict(self.real.nudgers)
        if self._buzzer is not None:
            own[Output.VIBRATION] = VibrationNudger(self._buzzer)
        return {one: own[one] for one in usable if one in own}

    def open(self, pressed: Callable[[Mark], None]) -> Sequence[Output]:
        """See `Bed`; waits a while for the wearables, and says so if they are not there."""
        self._inbox.pressed = pressed
        self._thread.open()
        self.say(f"Looking for {' and '.join(self._names)}.")
        until = time.monotonic() + FIRST_WAIT_S
        while any(one.state is not State.LISTENING for one in self._kept) and time.monotonic() < until:
            time.sleep(ASK_S)
        for one, name in zip(self._kept, self._names, strict=False):
            if one.state is State.LISTENING:
                self.say(f"{name} is there.")
            else:
                self.say(f"{name} is not there yet: {one.why or 'nothing was heard of it'}. I go on looking.")
        buzzes = self._buzzer is not None and self._buzzer.wearable.state is not State.LISTENING
        return (Output.VIBRATION,) if buzzes else ()

    @property
    def _names(self) -> list[str]:
        return list(dict.fromkeys(one.name for one in (self.sensor, self.vibration) if one is not None))

    def close(self) -> None:
        """See `Bed`."""
        self._thread.close()

    def facts(self, report: NightReport) -> dict[str, Any]:  # noqa: ARG002 — the contract of `Bed`
        """See `Bed`."""
        return {"remarks": []}

    def truth(self, report: NightReport) -> None:
        """See `Bed`: nobody knows."""


@dataclass(frozen=True, slots=True)
class WearableBeds:
    """See `Beds`. hours: the most that a night lasts; somebody ends it before."""

    clock: Clock
    sensor: Paired
    vibration: Paired | None
    say: Callable[[str], None]
    real: RealOutputs | None
    hours: float
    backends: Backends = field(default_factory=Backends)

    def begins(self, began: NightBegan, zero_ns: int) -> WearableBed:
        """See `Beds`."""
        return self._bed(replace(began, at_ns=zero_ns), 0, begins=True)

    def goes_on(self, kept: KeptSoFar, shift_ns: int) -> WearableBed:
        """See `Beds`."""
        return self._bed(kept.began, shift_ns, begins=False)

    def _bed(self, began: NightBegan, shift_ns: int, *, begins: bool) -> WearableBed:
        ends_ns = round(self.hours * 3600) * NS_PER_S
        given = (self.clock, began, self.sensor, self.vibration, self.say, self.real, ends_ns, begins)
        return WearableBed(*given, shift_ns, self.backends)
