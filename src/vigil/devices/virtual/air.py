"""A radio in this process: virtual wearables on bumble's link, and a backend by which bleak hears them.

    air = Air()
    strap = await air.add(StrapModel(Identity("F0:00:00:00:00:01", b"Strap")))
    device = await BleakScanner.find_device_by_filter(..., backend=air.scanner)
    async with BleakClient(device, backend=air.client): ...

Source: bumble's documentation (google.github.io/bumble), Device, Controller and LocalLink.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from bumble.att import ATT_Error, Attribute, AttributeValue, ErrorCode
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from vigil.devices.virtual.backend import BumbleClient, BumbleScanner
from vigil.devices.virtual.faults import FaultKind, Packet
from vigil.devices.virtual.living import Life
from vigil.devices.virtual.model import Offered, WearableModel
from vigil.devices.virtual.waiting import break_off

FLAGS = bytes([0x06])
"""General discoverable, no BR/EDR (Core Specification Supplement 11, Part A, 1.3)."""

ADVERTISING_MS = 100
"""How often a wearable shows itself while nobody is connected; straps take 20 ms to a second."""

SHORT_UUID_END = "-0000-1000-8000-00805f9b34fb"
"""The end of the UUID of every number of the Bluetooth SIG (Core 5.4, Vol 3, Part B, 2.5.1)."""

_PROPERTIES = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "write-without-response": Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": Characteristic.Properties.NOTIFY,
    "indicate": Characteristic.Properties.INDICATE,
}

_NEW_LINK: Callable[[], LocalLink] = LocalLink
"""bumble gives this one constructor no types."""

_PERMISSIONS = Attribute.Permissions.READABLE | Attribute.Permissions.WRITEABLE


def _uuid(text: str) -> UUID:
    """A UUID in its short form where it has one, as real devices give it."""
    return UUID(text[4:8] if text.startswith("0000") and text.endswith(SHORT_UUID_END) else text)


def _advertisement(model: WearableModel) -> bytes:
    """What a wearable shows: flags, services, name; longer than the 31 bytes of a legacy one where it must be."""
    short = b"".join(bytes(_uuid(u)) for u in model.advertised if len(bytes(_uuid(u))) == 2)
    long = b"".join(bytes(_uuid(u)) for u in model.advertised if len(bytes(_uuid(u))) == 16)
    rows = [
        (AdvertisingData.Type.FLAGS, FLAGS),
        (AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, short),
        (AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, long),
        (AdvertisingData.Type.COMPLETE_LOCAL_NAME, model.identity.name),
    ]
    return b"".join(bytes([len(data) + 1, kind]) + data for kind, data in rows if data)


class Peripheral:
    """A wearable on the air. It is a `Carrier` (see `living`) and lives until its air is closed."""

    def __init__(self, air: Air, model: WearableModel) -> None:
        self.model = model
        self.device = air.device(model.identity.address)
        self.life = Life(model, self)
        self._link: Connection | None = None
        self._shown = False
        self._advertisement = _advertisement(model)
        self._answers: set[asyncio.Task[None]] = set()
        self._characteristics: dict[str, Characteristic[bytes]] = {}
        for service in model.services:
            rows = [self._characteristic(row) for row in service.characteristics]
            self.device.add_service(Service(_uuid(service.uuid), rows))
        self.device.on(Device.EVENT_CONNECTION, self._connected)

    def _characteristic(self, row: Offered) -> Characteristic[bytes]:
        properties = Characteristic.Properties(0)
        for name in row.properties:
            properties |= _PROPERTIES[name]
        value = AttributeValue[bytes](partial(self._read, row.uuid), partial(self._write, row.uuid))
        made = Characteristic[bytes](_uuid(row.uuid), properties, _PERMISSIONS, value)
        self._characteristics[row.uuid] = made
        return made

    def _connected(self, link: Connection) -> None:
        self._link, self._shown = link, False
        self.model.connected()
        link.on(Connection.EVENT_DISCONNECTION, self._disconnected)
        if self.life.suffers(FaultKind.REFUSED):
            self._answer(break_off(link))

    def _disconnected(self, _reason: int) -> None:
        self._link = None

    async def _read(self, uuid: str, _link: Connection) -> bytes:
        await self.life.pass_gate(FaultKind.READ_HANGS)
        return self.model.read(uuid)

    async def _write(self, uuid: str, _link: Connection, data: bytes) -> None:
        await self.life.pass_gate(FaultKind.WRITE_HANGS)
        if self.life.suffers(FaultKind.WRITE_REFUSED):
            raise ATT_Error(ErrorCode.UNLIKELY_ERROR)
        for packet in self.model.write(uuid, bytes(data), self.life.elapsed_ns()):
            self._answer(self.send(packet))

    def _answer(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the call that asked for it has been answered."""
        task = asyncio.create_task(work)
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    @property
    def linked(self) -> bool:
        """See `Carrier`."""
        return self._link is not None

    async def show(self) -> None:
        """See `Carrier`."""
        if not self._shown:
            self._shown = True
            await self.device.start_advertising(
                advertising_data=self._advertisement,
                advertising_interval_min=ADVERTISING_MS,
                advertising_interval_max=ADVERTISING_MS,
            )

    async def hide(self) -> None:
        """See `Carrier`."""
        if self._shown:
            self._shown = False
            await self.device.stop_advertising()

    async def drop(self) -> None:
        """See `Carrier`."""
        if (link := self._link) is not None:
            await break_off(link)

    async def send(self, packet: Packet) -> None:
        """See `Carrier`."""
        link, value = self._link, self._characteristics[packet.characteristic]
        if link is None:
            return
        if value.properties & Characteristic.Properties.NOTIFY:
            await self.device.notify_subscriber(link, value, packet.data)
        else:
            with suppress(TimeoutError):
                await self.device.indicate_subscriber(link, value, packet.data)


class Air:
    """The room in which virtual wearables and one computer hear each other.

    scanner, client: the backends to hand to bleak (`backend=`). Must be made where a loop runs.
    """

    def __init__(self) -> None:
        self._link = _NEW_LINK()
        self._peripherals: dict[str, Peripheral] = {}
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._centrals = itertools.count(1)
        self._controllers: dict[Device, Controller] = {}
        self.scanner = type("AirScanner", (BumbleScanner,), {"air": self})
        self.client = type("AirClient", (BumbleClient,), {"air": self})

    def device(self, address: str) -> Device:
        """Give a new bumble device on this air."""
        controller = Controller(address, link=self._link, public_address=address)
        device = Device(name=address, address=Address(address), host=Host(controller, AsyncPipeSink(controller)))
        self._controllers[device] = controller
        return device

    def forget(self, device: Device) -> None:
        """Take a device off the air, whatever it was waiting for."""
        if (controller := self._controllers.pop(device, None)) is not None:
            controller.pending_le_connection = None  # an advertisement may be on its way to it
            self._link.remove_controller(controller)

    @property
    def crowd(self) -> int:
        """How many radios are on the air: one a wearable, one a connection, one a scan."""
        return len(self._controllers)

    async def central(self) -> Device:
        """Give a new radio of the computer, switched on.

        Every connection and every scan has one of its own, because bumble's controller cannot cancel a connection
        that is pending (`on_hci_le_create_connection_cancel_command` does nothing): what failed is thrown away.
        """
        number = next(self._centrals) % 0x10000
        central = self.device(f"C0:00:00:00:{number // 0x100:02X}:{number % 0x100:02X}")
        await central.power_on()
        return central

    async def add(self, model: WearableModel) -> Peripheral:
        """Switch a wearable on; its time begins now."""
        peripheral = Peripheral(self, model)
        await peripheral.device.power_on()
        self._peripherals[model.identity.address] = peripheral
        self._lives[model.identity.address] = asyncio.create_task(peripheral.life.run())
        return peripheral

    def peripheral(self, address: str) -> Peripheral | None:
        """Give the wearable of an address, if there is one."""
        return self._peripherals.get(address.upper())

    async def close(self) -> None:
        """Switch everything off."""
        for address, task in self._lives.items():
            self._peripherals[address].life.end()
            task.cancel()
        await asyncio.gather(*self._lives.values(), return_exceptions=True)
        for peripheral in self._peripherals.values():
            await peripheral.drop()
            await peripheral.hide()
            self.forget(peripheral.device)
