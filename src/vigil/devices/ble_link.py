"""One connection to one wearable over Bluetooth LE: what its codec wishes is done, what it says is handed on.

Everything that can go wrong with a radio ends in `DeviceError`, in words, or in `lost`: bleak's backends raise what
their operating systems raise, and none of that is a contract. Every call has a limit, because some never return
(reliability A12, F2). A link is used once; after a loss there is a new one, with a fresh device and a fresh codec.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from vigil.devices.bluez_held import all_held, held
from vigil.devices.packets.contract import Codec, Heard, Read, Subscribe, Unread, Wish, Write
from vigil.devices.radio_calls import CALL_S, in_words, within
from vigil.domain.errors import DeviceError

MOST_WAITING = 64
"""Wishes that may wait to be done; a wearable that makes a codec wish for more is not obeyed. Our choice."""

for _talker in ("bleak", "dbus_fast"):
    # What they warn of is told in Vigil's own words; without a handler Python would write it on the person's screen.
    logging.getLogger(_talker).addHandler(logging.NullHandler())

ScannerBackend = type[BaseBleakScanner]
ClientBackend = type[BaseBleakClient]


NO_RSSI = -127
"""No strength is known (Bluetooth Core 5.4, Vol 4, Part E, 7.7.65.2)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A device that was heard advertising. name: as it calls itself, written by strangers. rssi: dBm.

    held: it was not heard, because this computer is connected to it already.
    """

    address: str
    name: str | None
    rssi: int
    services: frozenset[str]
    device: BLEDevice
    held: bool = False


class OtherKindError(DeviceError):
    """It was connected, and is not what it was taken for; why in words. services: what it offers."""

    def __init__(self, why: str, services: frozenset[str]) -> None:
        super().__init__(why)
        self.services = services


@dataclass(frozen=True, slots=True)
class Backends:
    """The radio: None is the operating system's own."""

    scanner: ScannerBackend | None = None
    client: ClientBackend | None = None


async def scan(seconds: float, backend: ScannerBackend | None = None) -> list[Seen]:
    """Everything that advertises within so many seconds, strongest first; raises DeviceError.

    What this computer holds connected already, and is therefore not heard, comes after it (`bluez_held`).
    """
    async with _scanning(backend) as scanner:
        await asyncio.sleep(seconds)
        found = [_seen(device, heard) for device, heard in scanner.discovered_devices_and_advertisement_data.values()]
    heard = {one.address.upper() for one in found}
    connected = [one for one in await _connected(backend) if one.address.upper() not in heard]
    return [*sorted(found, key=lambda one: -one.rssi), *connected]


async def _connected(backend: ScannerBackend | None) -> list[Seen]:
    """What this computer's own radio is connected to; nothing where that cannot be asked."""
    if backend is None:
        with suppress(DeviceError):
            held_now = await within(all_held(), "asking for what is connected")
            return [Seen(one.address, one.name, NO_RSSI, services, one, held=True) for one, services in held_now]
    return []


async def find(
    address: str,
    seconds: float,
    backend: ScannerBackend | None = None,
    other: Callable[[Seen], None] = lambda _seen: None,
) -> BLEDevice | None:
    """A fresh device of this address, None if it was not heard within so many seconds; raises DeviceError.

    One that is not heard because this computer holds it connected already is given as well (`bluez_held`).
    other: told of every other device that is heard.
    """
    found: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

    def hear(device: BLEDevice, said: AdvertisementData) -> None:
        if device.address.upper() != address.upper():
            other(_seen(device, said))
        elif not found.done():
            found.set_result(device)

    async with _scanning(backend, hear):
        await asyncio.wait((found,), timeout=seconds)
    if found.done():
        return found.result()
    if backend is None:
        with suppress(DeviceError):
            return await within(held(address), "asking for what is connected")
    return None


@asynccontextmanager
async def _scanning(
    backend: ScannerBackend | None, hear: Callable[[BLEDevice, AdvertisementData], None] | None = None
) -> AsyncIterator[BleakScanner]:
    """A scan; raises DeviceError if it cannot begin. One that cannot be ended has been heard all the same."""
    with in_words("a scan"):
        scanner = BleakScanner(hear) if backend is None else BleakScanner(hear, backend=backend)
    await within(scanner.start(), "a scan")
    try:
        yield scanner
    finally:
        with suppress(DeviceError):
            await within(scanner.stop(), "ending a scan")


def _seen(device: BLEDevice, heard: AdvertisementData) -> Seen:
    services = frozenset(uuid.lower() for uuid in heard.service_uuids)
    return Seen(device.address, heard.local_name or device.name, heard.rssi, services, device)


class BleLink:
    """A connection, from `open` to `close` or its loss.

    heard: called in the loop's thread with everything the codec made of a packet. lost: called once, with the reason
    in a clause, when the connection ends without `close`. now_ns: the boot clock.
    """

    def __init__(
        self,
        codec: Codec,
        heard: Callable[[Heard], None],
        lost: Callable[[str], None],
        now_ns: Callable[[], int],
        backends: Backends | None = None,
    ) -> None:
        self._codec, self._heard, self._lost, self._now_ns = codec, heard, lost, now_ns
        self._backend = (backends or Backends()).client
        self._client: BleakClient | None = None
        self._wishes: asyncio.Queue[Wish] = asyncio.Queue(MOST_WAITING)
        self._doing: asyncio.Task[None] | None = None
        self._over = False
        self.packets = 0
        """packets that came, of whatever kind; silence is that it does not grow"""

    async def open(self, device: BLEDevice) -> None:
        """Connect and do what the codec wishes first; raises DeviceError, and then nothing is held."""
        try:
            with in_words("connecting"):  # bleak has no services any more if the link broke just now
                client = BleakClient(device, self._on_disconnect, timeout=CALL_S, backend=self._backend)
                self._client = client
                await within(client.connect(), "connecting")
                for wish in self._opening(client):
                    await self._do(wish)
                self._must_be_there()
        except BaseException:
            self._over = True  # whoever waits is told by the error
            await self._let_go()
            raise
        self._doing = asyncio.create_task(self._do_wishes())

    def _opening(self, client: BleakClient) -> tuple[Wish, ...]:
        wishes = self._codec.opening(_characteristics(client))
        if isinstance(wishes, str):
            raise OtherKindError(wishes, frozenset(service.uuid.lower() for service in client.services))
        return wishes

    async def pulse(self, duration_ms: int, strength_percent: int) -> None:
        """Have one pulse given; returns once it was taken; raises DeviceError."""
        with in_words("asking its codec"):
            writes = self._codec.pulse(duration_ms, strength_percent)
            if not writes or isinstance(writes, str):
                raise DeviceError(writes or "the wearable would not vibrate now")
            for write in writes:
                await self._do(write)

    async def still(self) -> None:
        """Have a pulse that goes on ended; raises DeviceError."""
        with in_words("asking its codec"):
            for write in self._codec.still():
                await self._do(write)

    @property
    def is_over(self) -> bool:
        """Whether it was closed, or broke."""
        return self._over

    async def close(self) -> None:
        """Disconnect; never raises, and takes no longer than a call and its breaking off may."""
        self._over = True
        await self._let_go()

    def _must_be_there(self) -> None:
        if self._over:
            message = "the wearable went away at once"
            raise DeviceError(message)

    def _understood(self, uuid: str, data: bytes) -> tuple[Heard | Wish, ...]:
        try:
            return self._codec.hear(uuid, data, self._now_ns())
        except Exception as error:  # another package's codec must not silence the others; it counts against its own
            return (Unread(uuid, f"its codec failed ({type(error).__name__})"),)

    async def _do(self, wish: Wish) -> None:
        client = self._client
        if client is None:
            message = "the wearable is out of reach"
            raise DeviceError(message)
        if isinstance(wish, Subscribe):
            await within(client.start_notify(wish.characteristic, self._on_packet), "subscribing")
        elif isinstance(wish, Read):
            value = await within(client.read_gatt_char(wish.characteristic), "reading")
            self._take(wish.characteristic, bytes(value))
        else:
            writing = client.write_gatt_char(wish.characteristic, wish.data, response=wish.response)
            await within(writing, "writing")

    async def _do_wishes(self) -> None:
        """What packets made necessary, one after the other; if one fails, so has the link."""
        try:
            while True:
                await self._do(await self._wishes.get())
        except DeviceError as error:
            self._end(str(error))

    def _on_packet(self, characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        self._take(characteristic.uuid.lower(), bytes(data))

    def _take(self, uuid: str, data: bytes) -> None:
        if self._over:
            return
        self.packets += 1
        for said in self._understood(uuid, data):
            if isinstance(said, Subscribe | Read | Write):
                with suppress(asyncio.QueueFull):  # it is asked again by the next packet, or not worth it
                    self._wishes.put_nowait(said)
            else:
                self._heard(said)

    def _on_disconnect(self, _client: BleakClient) -> None:
        self._end("the connection broke")

    def _end(self, why: str) -> None:
        if not self._over:
            self._over = True
            self._lost(why)

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        doing, self._doing = self._doing, None
        try:
            if doing is not None:
                doing.cancel()
                await asyncio.wait((doing,))  # awaiting it would take a cancellation of ours for its own
        finally:
            if client is not None:
                with suppress(DeviceError):  # a client that cannot be closed is dropped all the same
                    await within(client.disconnect(), "disconnecting")


def _characteristics(client: BleakClient) -> frozenset[str]:
    return frozenset(one.uuid.lower() for service in client.services for one in service.characteristics)
