"""bleak's two interfaces over bumble, so that the product's own calls run unchanged without a radio.

Source: `bleak.backends.scanner.BaseBleakScanner` and `bleak.backends.client.BaseBleakClient` of bleak 3.1, which bleak
documents for backends of other packages (`backend=`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bumble.att import ATT_Error
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic
from bumble.gatt_client import CharacteristicProxy, ServiceProxy
from bumble.hci import Address

from vigil.devices.packets.contract import MOST_BYTES, uuid_of
from vigil.devices.virtual.faults import FaultKind
from vigil.devices.virtual.room import Present, Room
from vigil.devices.virtual.waiting import break_off, heeding

MTU = MOST_BYTES + 5
"""The ATT MTU that is asked for: the longest value and the headers (Core 5.4, Vol 3, Part F, 3.2.8 and 3.2.9)."""

T = TypeVar("T")

_SERVICES = (
    AdvertisingData.Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)
_NAMES = (AdvertisingData.Type.COMPLETE_LOCAL_NAME, AdvertisingData.Type.SHORTENED_LOCAL_NAME)

_PROPERTIES: tuple[tuple[Characteristic.Properties, CharacteristicPropertyName], ...] = (
    (Characteristic.Properties.READ, "read"),
    (Characteristic.Properties.WRITE, "write"),
    (Characteristic.Properties.WRITE_WITHOUT_RESPONSE, "write-without-response"),
    (Characteristic.Properties.NOTIFY, "notify"),
    (Characteristic.Properties.INDICATE, "indicate"),
)


def _text(uuid: UUID) -> str:
    """A UUID as bleak writes it: full and lower-case."""
    raw = bytes(uuid)
    return uuid_of(int.from_bytes(raw, "little")) if len(raw) <= 4 else uuid.to_hex_str("-").lower()


def _said(advertisement: Advertisement, rssi: int) -> AdvertisementData:
    """What an advertisement says, as bleak gives it; bytes of a name that are no UTF-8 become U+FFFD."""
    services: list[str] = []
    name: str | None = None
    for kind, data in advertisement.data.ad_structures:
        if kind in _SERVICES:
            size = 2 if kind in _SERVICES[:2] else 16
            services += [_text(UUID.from_bytes(data[at : at + size])) for at in range(0, len(data) - size + 1, size)]
        elif kind in _NAMES:
            name = data.decode("utf-8", errors="replace")
    return AdvertisementData(name, {}, {}, services, None, rssi, (advertisement,))


class BumbleScanner(BaseBleakScanner):
    """Hears who advertises on its air."""

    air: Room

    def __init__(
        self,
        detection_callback: Callable[..., Any] | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._mode = scanning_mode
        self._central: Device | None = None

    async def start(self) -> None:
        """See bleak."""
        self.seen_devices = {}
        self._central = await heeding(self.air.central())
        self._central.on(Device.EVENT_ADVERTISEMENT, self._heard)
        await heeding(self._central.start_scanning(active=self._mode == "active", filter_duplicates=False))

    async def stop(self) -> None:
        """See bleak."""
        if (central := self._central) is not None:
            self._central = None
            await central.stop_scanning()
            self.air.forget(central)

    def _heard(self, advertisement: Advertisement) -> None:
        address = advertisement.address.to_string(with_type_qualifier=False)
        peripheral = self.air.peripheral(address)
        if peripheral is None:
            return
        said = _said(advertisement, peripheral.model.identity.rssi)
        if self.is_allowed_uuid(said.service_uuids):
            device = self.create_or_update_device(address, address, said.local_name, None, said)
            self.call_detection_callbacks(device, said)


class BumbleClient(BaseBleakClient):
    """One connection to a wearable of its air. What bumble raises becomes BleakError; a lost link calls back."""

    air: Room

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._wanted = services
        self._central: Device | None = None
        self._link: Connection | None = None

    @property
    def name(self) -> str:
        """See bleak."""
        return self._peripheral().model.identity.name.decode("utf-8", errors="replace")

    @property
    def mtu_size(self) -> int:
        """See bleak."""
        return self._link.att_mtu if self._link is not None else 23

    @property
    def is_connected(self) -> bool:
        """See bleak."""
        return self._link is not None

    def _peripheral(self) -> Present:
        peripheral = self.air.peripheral(self.address)
        if peripheral is None:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.")
        return peripheral

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """See bleak; raises TimeoutError where the wearable does not answer in time, BleakError where it breaks off.

        pair: left aside; nothing on this air asks for it.
        """
        del pair
        peripheral = self._peripheral()
        try:
            async with asyncio.timeout(kwargs.get("timeout", self._timeout)):
                await peripheral.life.pass_gate(FaultKind.CONNECT_HANGS)
                self._central = await heeding(self.air.central())
                link = await heeding(self._central.connect_le(Address(self.address), timeout=None))
                self._link = link
                link.on(Connection.EVENT_DISCONNECTION, self._lost)
                self.services = await self._asked(self._discover(Peer(link)))
        except BaseBumbleError as error:
            await self._let_go()
            raise BleakError(f"failed to connect: {error}") from error
        except BaseException:
            await self._let_go()
            raise

    async def _discover(self, peer: Peer) -> BleakGATTServiceCollection:
        """Ask for everything that a wearable offers, and shape it as bleak does."""
        await peer.request_mtu(MTU)
        found = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            uuid = _text(service.uuid)
            if self._wanted is None or uuid in self._wanted:
                shaped = BleakGATTService(service, service.handle, uuid)
                found.add_service(shaped)
                await self._fill(found, service, shaped)
        return found

    async def _fill(self, found: BleakGATTServiceCollection, service: ServiceProxy, shaped: BleakGATTService) -> None:
        for row in await service.discover_characteristics():
            properties = [name for flag, name in _PROPERTIES if row.properties & flag]
            size = partial(max, 20, self.mtu_size - 3)
            made = BleakGATTCharacteristic(row, row.handle, _text(row.uuid), properties, size, shaped)
            found.add_characteristic(made)
            for descriptor in await row.discover_descriptors():
                found.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, _text(descriptor.type), made))

    async def _asked(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for an answer, but not beyond the link: bumble alone would wait for its own timeout of 30 s."""
        if (link := self._link) is None:
            work.close()
            raise BleakError("Not connected")
        try:
            return await heeding(link.cancel_on_disconnection(work))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise BleakError("the device disconnected before it answered") from None
        except ATT_Error as error:
            raise BleakGATTProtocolError(BleakGATTProtocolErrorCode(error.error_code)) from error
        except BaseBumbleError as error:
            raise BleakError(f"the device did not answer: {error}") from error

    def _lost(self, _reason: int) -> None:
        self._link = self.services = None
        self._forget()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    def _forget(self) -> None:
        if (central := self._central) is not None:
            self._central = None
            self.air.forget(central)

    async def _let_go(self) -> None:
        links = () if self._central is None else tuple(self._central.connections.values())
        for link in links:  # also one that came about while the connect was cancelled
            await break_off(link)
        self._link = self.services = None
        self._forget()

    async def disconnect(self) -> None:
        """See bleak."""
        await self._let_go()

    async def pair(self, *_: Any, **__: Any) -> None:
        """See bleak; nothing on this air needs it."""

    async def unpair(self) -> None:
        """See bleak; nothing on this air needs it."""

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """See bleak; nothing is cached."""
        del use_cached
        row: CharacteristicProxy[bytes] = characteristic.obj
        return bytearray(await self._asked(row.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """See bleak; nothing is cached."""
        del use_cached
        return bytearray(await self._asked(descriptor.obj.read_value()))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        """See bleak."""
        row: CharacteristicProxy[bytes] = characteristic.obj
        await self._asked(row.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """See bleak."""
        await self._asked(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any) -> None:
        """See bleak."""
        await self._peripheral().life.pass_gate(FaultKind.SUBSCRIBE_HANGS)
        row: CharacteristicProxy[bytes] = characteristic.obj
        await self._asked(row.subscribe(lambda data: callback(bytearray(data))))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """See bleak."""
        row: CharacteristicProxy[bytes] = characteristic.obj
        await self._asked(row.unsubscribe(force=True))
