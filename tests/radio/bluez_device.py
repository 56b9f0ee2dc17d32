"""A device of the stand-in for bluetoothd: its objects, and what its methods do. It is a `Carrier` of its wearable.

Sources: BlueZ's documentation, doc/org.bluez.Device.rst and org.bluez.GattCharacteristic.rst; errors, src/error.c.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from dbus_fast import Variant

from vigil.devices.virtual.faults import FaultKind, Packet
from vigil.devices.virtual.living import Life
from vigil.devices.virtual.model import Offered, WearableModel

if TYPE_CHECKING:
    from tests.radio.bluez import BlueZ

DEVICE1 = "org.bluez.Device1"
SERVICE1, CHARACTERISTIC1 = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
ADAPTER = "/org/bluez/hci0"

FAILED, IN_PROGRESS = "org.bluez.Error.Failed", "org.bluez.Error.InProgress"
NOT_CONNECTED = "org.bluez.Error.NotConnected"
ABORTED = "le-connection-abort-by-local"
UNLIKELY = "Operation failed with ATT error: 0x0e (Unlikely Error)"

CONNECT_S = 0.2
"""How long a connection takes; bleak asks again at once after some errors, so it must take time."""

GIVE_UP_S = 20
"""After so long the kernel gives a connection up (HCI_LE_CONN_TIMEOUT, include/net/bluetooth/hci_core.h)."""

MTU = 247
"""What a phone or computer and a wearable usually agree on."""


class CallError(Exception):
    """A call is answered by an error."""

    def __init__(self, error: str, text: str = "") -> None:
        super().__init__(error)
        self.error, self.text = error, text


class BlueZDevice:
    """One wearable as bluetoothd knows it. doubled: after a reconnection every notification comes twice."""

    def __init__(self, bluez: BlueZ, model: WearableModel) -> None:
        self.model = model
        self.doubled = False
        self.path = f"{ADAPTER}/dev_{model.identity.address.replace(':', '_')}"
        self.life = Life(model, self)
        self._bluez = bluez
        self._visible = False
        self._connected = False
        self._connections = 0
        self._notifying: set[str] = set()
        self._shown = asyncio.Event()
        self._gatt: dict[str, tuple[str, Offered]] = {}  # characteristic's path: its service's path, and what it is
        self._services: dict[str, str] = {}
        self._lay_out()

    def _lay_out(self) -> None:
        handle = 0x0010
        for service in self.model.services:
            path = f"{self.path}/service{handle:04x}"
            self._services[path] = service.uuid
            for row in service.characteristics:
                handle += 1
                self._gatt[f"{path}/char{handle:04x}"] = (path, row)
            handle += 0x10

    # --- a Carrier

    @property
    def linked(self) -> bool:
        """See `Carrier`."""
        return self._connected

    async def show(self) -> None:
        """See `Carrier`."""
        self._visible = True
        self._shown.set()

    async def hide(self) -> None:
        """See `Carrier`."""
        self._visible = False
        self._shown.clear()

    async def drop(self) -> None:
        """See `Carrier`."""
        self.lost()

    async def send(self, packet: Packet) -> None:
        """See `Carrier`."""
        for path in self._notifying:
            if self._gatt[path][1].uuid == packet.characteristic:
                for _ in range(2 if self.doubled and self._connections > 1 else 1):
                    self._bluez.change(path, CHARACTERISTIC1, Value=Variant("ay", packet.data))

    # --- what bluetoothd does with it

    def lost(self) -> None:
        """The link is gone, and bluetoothd says so."""
        if self._connected:
            self._connected = False
            self._notifying.clear()
            self._bluez.change(self.path, DEVICE1, ServicesResolved=Variant("b", False), Connected=Variant("b", False))

    def forget(self) -> None:
        """bluetoothd is gone, and nothing is said."""
        self._connected = False
        self._notifying.clear()

    def forget_objects(self) -> None:
        """bluetoothd removes the device, as it does half a minute after a scan in which nobody wanted it."""
        for path in [*self._gatt, *self._services, self.path]:
            self._bluez.remove(path)

    def advertise(self) -> None:
        """Be heard once by who scans."""
        if not self._visible or self._connected:
            return
        rssi = Variant("n", self.model.identity.rssi)
        if self._bluez.knows(self.path):
            self._bluez.change(self.path, DEVICE1, RSSI=rssi)
        else:
            self._bluez.add_object(self.path, {DEVICE1: {**self._about(), "RSSI": rssi}})

    def _about(self) -> dict[str, Variant]:
        address = self.model.identity.address
        # bluetoothd puts a space for every byte that is no UTF-8 (name2utf8, src/eir.c)
        name = self.model.identity.name.decode("utf-8", errors="replace").replace("\ufffd", " ").split("\0")[0]
        return {
            "Address": Variant("s", address),
            "AddressType": Variant("s", "random"),
            "Name": Variant("s", name),
            "Alias": Variant("s", name or address.replace(":", "-")),
            "Adapter": Variant("o", ADAPTER),
            "UUIDs": Variant("as", list(self.model.advertised)),
            **{
                flag: Variant("b", False)
                for flag in ("Paired", "Bonded", "Trusted", "Blocked", "LegacyPairing", "Connected", "ServicesResolved")
            },
        }

    async def asked(self, member: str, path: str, body: list[Any]) -> tuple[str, list[Any]]:
        """Do what a method of the device or of one of its characteristics does; raises CallError."""
        if path == self.path:
            await (self._connect() if member == "Connect" else self._disconnect())
            return "", []
        if not self._connected:
            raise CallError(NOT_CONNECTED, "Not Connected")
        row = self._gatt[path][1]
        if member == "ReadValue":
            await self.life.pass_gate(FaultKind.READ_HANGS)
            return "ay", [self.model.read(row.uuid)]
        if member == "WriteValue":
            await self._write(row, bytes(body[0]), body[1]["type"].value)
        elif member == "StartNotify":
            await self._start_notify(path)
        elif member == "StopNotify":
            self._notifying.discard(path)
        return "", []

    async def _connect(self) -> None:
        await self.life.pass_gate(FaultKind.CONNECT_HANGS)
        try:
            async with asyncio.timeout(GIVE_UP_S):
                await self._shown.wait()
                await asyncio.sleep(CONNECT_S)
        except TimeoutError:
            raise CallError(FAILED, ABORTED) from None
        self._connected = True
        self._connections += 1
        self.model.connected()
        self._bluez.change(self.path, DEVICE1, Connected=Variant("b", True))
        if self.life.suffers(FaultKind.REFUSED):
            self.lost()
            raise CallError(FAILED, ABORTED)
        self._bluez.spawn(self._resolve())

    async def _resolve(self) -> None:
        """Publish the services, a moment after the connection."""
        await asyncio.sleep(CONNECT_S)
        if not self._connected:
            return
        for path, uuid in self._services.items():
            about = {"UUID": Variant("s", uuid), "Device": Variant("o", self.path), "Primary": Variant("b", True)}
            self._bluez.add_object(path, {SERVICE1: about})
        for path, (service, row) in self._gatt.items():
            about = {
                "UUID": Variant("s", row.uuid),
                "Service": Variant("o", service),
                "Flags": Variant("as", list(row.properties)),
                "Notifying": Variant("b", False),
                "MTU": Variant("q", MTU),
            }
            self._bluez.add_object(path, {CHARACTERISTIC1: about})
        self._bluez.change(self.path, DEVICE1, ServicesResolved=Variant("b", True))

    async def _disconnect(self) -> None:
        if not self._connected:
            raise CallError(NOT_CONNECTED, "Not Connected")
        self._bluez.spawn(self.drop())

    async def _write(self, row: Offered, data: bytes, kind: str) -> None:
        if kind == "request":
            await self.life.pass_gate(FaultKind.WRITE_HANGS)
            if self.life.suffers(FaultKind.WRITE_REFUSED):
                raise CallError(FAILED, UNLIKELY)
        for packet in self.model.write(row.uuid, data, self.life.elapsed_ns()):
            self._bluez.spawn(self.send(packet))

    async def _start_notify(self, path: str) -> None:
        await self.life.pass_gate(FaultKind.SUBSCRIBE_HANGS)
        if path in self._notifying:
            raise CallError(IN_PROGRESS, "Operation already in progress")
        self._notifying.add(path)
