"""Everything that can strike a night over bluetoothd: wearables, daemon, adapter, bus, and calls that go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from tests.radio.bluez import NEVER, UNKNOWN_OBJECT, BlueZ, Wrong
from tests.radio.bluez_device import ABORTED, FAILED, IN_PROGRESS, BlueZDevice
from vigil.devices.virtual.faults import Fault, FaultKind, FaultScript
from vigil.domain.units import NS_PER_S

BUSY = Wrong(IN_PROGRESS, "Operation already in progress")

WITHIN_S = 30.0
"""Recording is back so soon after everything is there again (reliability D5)."""

REFUSED_WITHIN_S = 75.0
"""The same where connections are refused: the longest pause, its jitter included (`link_table`)."""


class Open(FaultScript):
    """A script that is written while it is played."""

    def begin(self, kind: FaultKind, from_ns: int, seconds: float) -> None:
        """A fault from this instant of the wearable on, for so long."""
        self._faults = (*self._faults, Fault(kind, from_ns + 1, from_ns + round(seconds * NS_PER_S)))


def suffer(device: BlueZDevice, kind: FaultKind, seconds: float) -> None:
    """A wearable with an open script fails from now on, for so long."""
    script = device.model.script
    assert isinstance(script, Open)
    script.begin(kind, device.life.elapsed_ns(), seconds)


@dataclass(slots=True)
class Struck:
    """What a fault strikes: the daemon and its bus, the strap and the watch."""

    bluez: BlueZ
    strap: BlueZDevice
    watch: BlueZDevice

    def drop(self, *wrong: str, of: Wrong = NEVER, times: int = 1) -> None:
        """Break the strap's connection, and answer the calls by which it would be had again so many times."""
        for call in wrong:
            self.bluez.wrong[call] += [of] * times
        self.strap.lost()


Strike: TypeAlias = Callable[[Struck], Awaitable[None]]
"""Does the damage; returns when everything is there again."""


def suffering(kind: FaultKind, seconds: float, *wrong: str) -> Strike:
    """The strap has a fault of its own for so long; the calls named are not answered, once."""

    async def strike(struck: Struck) -> None:
        suffer(struck.strap, kind, seconds)
        for call in wrong:
            struck.bluez.wrong[call].append(NEVER)
        await asyncio.sleep(seconds)

    return strike


def calls(*wrong: str, of: Wrong = NEVER, times: int = 1) -> Strike:
    """The strap's connection breaks, and these calls are answered so the next few times."""

    async def strike(struck: Struck) -> None:
        struck.drop(*wrong, of=of, times=times)

    return strike


def crash(away_s: float) -> Strike:
    """bluetoothd crashes and is started again."""

    async def strike(struck: Struck) -> None:
        struck.bluez.crash()
        await asyncio.sleep(away_s)
        await struck.bluez.start()

    return strike


async def stop(struck: Struck) -> None:
    """bluetoothd is stopped and started."""
    await struck.bluez.stop()
    await asyncio.sleep(20)
    await struck.bluez.start()


def adapter(away_s: float, *, told: bool) -> Strike:
    """The adapter is unplugged and plugged in again."""

    async def strike(struck: Struck) -> None:
        struck.bluez.adapter_goes(told=told)
        await asyncio.sleep(away_s)
        struck.bluez.adapter_comes()

    return strike


async def power(struck: Struck) -> None:
    """The adapter is switched off and on."""
    struck.bluez.power(False)
    await asyncio.sleep(25)
    struck.bluez.power(True)


async def bus(struck: Struck) -> None:
    """The bus dies, and bluetoothd with it; both come back."""
    struck.bluez.bus.die()
    await asyncio.sleep(15)
    struck.bluez.crash()
    struck.bluez.bus.rise()
    await struck.bluez.start()


def both(on: bool) -> Strike:
    """After the next connections of both, every notification comes twice; or no longer."""

    async def strike(struck: Struck) -> None:
        for device in (struck.strap, struck.watch):
            device.doubled = on
            device.lost()

    return strike


async def left_connected(struck: Struck) -> None:
    """Nobody listens any more, and bluetoothd holds both connected: as after kill -9, and a start of anew."""
    for device in (struck.strap, struck.watch):
        device.lost()
        await asyncio.sleep(0)
        await device.asked("Connect", device.path, [])


async def forgotten(struck: Struck) -> None:
    """bluetoothd forgets the devices, as after a scan in which nobody wanted them."""
    for device in (struck.strap, struck.watch):
        device.lost()
        device.forget_objects()


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault by name. within_s: how soon every wearable is heard again after it."""

    name: str
    strike: Strike
    within_s: float = WITHIN_S


BLOWS = (
    Blow("the strap's link drops", calls()),
    Blow("the strap is silent", suffering(FaultKind.STALL, 40)),
    Blow("the strap is silent, and a disconnect never returns", suffering(FaultKind.STALL, 15, "Disconnect")),
    Blow("the strap is out of range", suffering(FaultKind.OUT_OF_RANGE, 60)),
    Blow("the adapter is unplugged, and it is told", adapter(20, told=True)),
    Blow("the adapter is unplugged, and nothing is told", adapter(20, told=False)),
    Blow("the adapter is back before anyone noticed", adapter(3, told=False)),
    Blow("the adapter is switched off and on", power),
    Blow("bluetoothd crashes", crash(20)),
    Blow("bluetoothd crashes and is back at once", crash(1)),
    Blow("bluetoothd is stopped and started", stop),
    Blow("a scan is busy", calls("StartDiscovery", of=BUSY, times=2)),
    Blow("a scan never begins", calls("StartDiscovery")),
    Blow("a scan never ends", calls("StopDiscovery")),
    Blow("a connect is busy", calls("Connect", of=BUSY, times=3), REFUSED_WITHIN_S),
    Blow("a connect knows no such object", calls("Connect", of=Wrong(UNKNOWN_OBJECT, "gone")), REFUSED_WITHIN_S),
    Blow("a connect is aborted", calls("Connect", of=Wrong(FAILED, ABORTED)), REFUSED_WITHIN_S),
    Blow("a connect never returns", calls("Connect"), REFUSED_WITHIN_S),
    Blow("neither a connect nor its end returns", calls("Connect", "Disconnect"), REFUSED_WITHIN_S),
    Blow("a subscription never returns", calls("StartNotify"), REFUSED_WITHIN_S),
    Blow("a subscription is busy", calls("StartNotify", of=BUSY), REFUSED_WITHIN_S),
    Blow("a read never returns", calls("ReadValue"), REFUSED_WITHIN_S),
    Blow("both are forgotten", forgotten),
    Blow("both are held connected for nobody", left_connected),
    Blow("the bus dies", bus),
    Blow("notifications are doubled", both(on=True)),
    Blow("notifications are whole again", both(on=False)),
)
"""Everything that goes wrong, once; the last two belong together."""


def shuffled(seed: int) -> tuple[Blow, ...]:
    """All of them, in an order of this seed."""
    *blows, doubled, whole = BLOWS
    Random(seed).shuffle(blows)
    at = Random(seed).randrange(len(blows))
    return (*blows[:at], doubled, whole, *blows[at:])
