"""Looking for wearables and trying one, for somebody awake: what was heard nearby, and whether a heart rate comes.

Nothing here pairs anything, and nothing vibrates: what touches a sleeper goes through the guard (`vigil test-nudge`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from vigil.app.wearables_file import Role, is_address, shown_name
from vigil.devices.catalogue import Buzz, Family, Sense, recognised
from vigil.devices.packets.contract import Heard, Unread
from vigil.domain.errors import DeviceError
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample
from vigil.run.ports import WallClock
from vigil.signal.hygiene import BPM_X10_RANGE, RR_MS_RANGE, is_whole

if TYPE_CHECKING:
    from vigil.devices.ble_link import Backends, Seen

LOOK_S = 15.0
"""A wearable that was seen is looked for once more before it is connected: BlueZ forgets it after 30 s of a person's
thinking (BlueZ `main.conf`, TemporaryTimeout), and a strap may have fallen asleep."""

TRY_S = 20.0
"""How long a heart rate is waited for: an optical sensor needs some seconds to find one. Our choice."""

ENOUGH = 5
"""So many heart rates show that it works. Our choice."""

RSSI_DBM = range(-126, 21)
"""Signal strengths that were measured: the Core allows -127 to 20, 127 being none (Bluetooth Core 5.4, Vol 4, Part E,
7.7.65.2), and bleak says -127 where BlueZ tells none."""

_STRENGTHS = ((-60, "strong"), (-75, "good"), (-85, "weak"))


def strength_words(rssi_dbm: int) -> str:
    """How well a device is heard, from its signal strength in dBm. The bounds are our own choice."""
    if rssi_dbm not in RSSI_DBM:
        return "unknown"
    return next((words for least, words in _STRENGTHS if rssi_dbm >= least), "very weak")


def roles_of(family: Family) -> tuple[Role, ...]:
    """What a family can be used for; without a heart rate it cannot be the sensor."""
    can = {Role.SENSOR: Sense.HEART in family.senses, Role.VIBRATION: family.buzz is not Buzz.NONE}
    return tuple(role for role in Role if can[role])


@dataclass(frozen=True, slots=True)
class Near:
    """A device nearby whose family the catalogue knows. name: as it can be shown; `Seen.name` is a stranger's.

    held: this computer is connected to it already, so that it was not heard.
    """

    address: str
    name: str
    rssi_dbm: int
    family: Family
    held: bool = False


def heard_words(near: Near) -> str:
    """How well a device is heard; or that it is there although nothing can be heard of it, and what to do."""
    if not near.held:
        return f"signal {strength_words(near.rssi_dbm)}"
    return (
        "connected to this computer already, so it is there and cannot be heard; if another program uses it, end that "
        "first, since a try ends its connection"
    )


def near_json(near: Near) -> dict[str, Any]:
    """A device nearby, as JSON."""
    return {
        "name": near.name,
        "address": near.address,
        "family": near.family.key,
        "rssi_dbm": near.rssi_dbm,
        "signal": strength_words(near.rssi_dbm),
        "connected_already": near.held,
        "roles": [role.value for role in roles_of(near.family)],
    }


def sorted_out(seen: Iterable[Seen]) -> tuple[tuple[Near, ...], int]:
    """The devices that the catalogue knows, strongest first, and how many it does not.

    What this computer is connected to beside, a keyboard for instance, is nobody's business here and not counted.
    """
    found, others = list[Near](), 0
    for one in seen:
        family = recognised(one.name, one.services)
        if family is None or not is_address(one.address):
            others += not one.held
        else:
            found.append(Near(one.address, shown_name(one.name), one.rssi, family, one.held))
    return tuple(sorted(found, key=lambda near: -near.rssi_dbm)), others


@dataclass(slots=True)
class Trial:
    """What a wearable said while it was tried. worn, battery_percent: None where it did not say.

    rates: in bpm; beats: intervals in ms; wrong: what could not be read, or what no heart can do.
    """

    tell: Callable[[float], None] = lambda _bpm: None
    rates: list[float] = field(default_factory=list)
    beats: list[int] = field(default_factory=list)
    wrong: int = 0
    worn: bool | None = None
    battery_percent: int | None = None

    def hear(self, said: Heard) -> bool:
        """Take what was heard; True once that is enough."""
        match said:
            case HeartSample(bpm_x10=bpm_x10) if is_whole(bpm_x10, BPM_X10_RANGE):
                self.rates.append(bpm_x10 / 10)
                self.tell(self.rates[-1])
            case BeatInterval(rr_ms=rr_ms) if is_whole(rr_ms, RR_MS_RANGE):
                self.beats.append(rr_ms)
            case HeartSample() | BeatInterval() | Unread():
                self.wrong += 1
            case Contact(on=on):
                self.worn = on
            case Battery(percent=percent):
                self.battery_percent = percent
        return len(self.rates) >= ENOUGH and self.heart_came

    @property
    def heart_came(self) -> bool:
        """Whether a heart rate came, as such or as beats, and more of it than of what is none."""
        return len(self.rates) + len(self.beats) > self.wrong


class Radio(Protocol):
    """What pairing needs of Bluetooth; every call raises DeviceError, in words."""

    def scan(self, seconds: float) -> list[Seen]:
        """Everything that was heard within so many seconds."""
        ...

    def listen(self, near: Near, seconds: float, hear: Callable[[Heard], bool]) -> None:
        """Connect and hand on what is said, until `hear` says that it is enough or the time is over."""
        ...


class OwnRadio:
    """This computer's Bluetooth."""

    def __init__(self, backends: Backends | None = None) -> None:
        self._backends = backends

    def scan(self, seconds: float) -> list[Seen]:
        """See `Radio`."""
        ble_link = _link()
        return asyncio.run(ble_link.scan(seconds, None if self._backends is None else self._backends.scanner))

    def listen(self, near: Near, seconds: float, hear: Callable[[Heard], bool]) -> None:
        """See `Radio`."""
        asyncio.run(listen(near, seconds, hear, self._backends))


class OtherFamilyError(DeviceError):
    """What was connected is of another family than its name says."""

    def __init__(self, family: Family) -> None:
        super().__init__(f"by what it offers it is another: {family.name}")
        self.family = family


async def listen(near: Near, seconds: float, hear: Callable[[Heard], bool], backends: Backends | None = None) -> None:
    """One connection, from looking for the wearable to letting it go; raises DeviceError.

    A name says little: a watch with another app on it is called the same. Raises OtherFamilyError for one that offers
    nothing of its family and the services of another.
    """
    ble_link = _link()
    over, lost = asyncio.Event(), list[str]()

    def heard(said: Heard) -> None:
        if hear(said):
            over.set()

    def ended(why: str) -> None:
        lost.append(why)
        over.set()

    used = backends or ble_link.Backends()
    device = await ble_link.find(near.address, LOOK_S, used.scanner)
    if device is None:
        message = f"{near.name} is out of reach now, or something else is connected to it"
        raise DeviceError(message)
    link = ble_link.BleLink(near.family.codec(), heard, ended, WallClock().boot_ns, used)
    try:
        await link.open(device)
    except ble_link.OtherKindError as error:
        other = recognised(None, error.services)
        if other is None:
            raise
        raise OtherFamilyError(other) from error
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await over.wait()
    finally:
        await link.close()
    if lost:
        raise DeviceError(lost[0])


def _link() -> Any:
    """Bluetooth is imported only here, so that whoever has no radio has every other command."""
    try:
        return import_module("vigil.devices.ble_link")
    except ImportError as error:
        message = "Bluetooth support is not installed"
        raise DeviceError(message) from error
