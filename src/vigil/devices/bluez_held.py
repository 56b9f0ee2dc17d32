"""A wearable that bluetoothd holds connected although nobody listens: it advertises no more, so that no scan finds it.

bluetoothd keeps a connection whose program was killed (bluez/bluez issue 89), and one whose end it never answered; and
bleak's scans give no connected devices (hbldh/bleak issues 367, 412). So it is asked what it holds: GetManagedObjects
of D-Bus's ObjectManager (D-Bus Specification 0.43), Address and Connected of org.bluez.Device1 (BlueZ,
doc/org.bluez.Device.rst). Linux only; elsewhere a connection ends with its program.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from bleak.backends.device import BLEDevice

DEVICE = "org.bluez.Device1"


async def held(address: str) -> BLEDevice | None:
    """The device of this address if this computer is connected to it already; raises what D-Bus raises."""
    return next((one for one, _ in await all_held() if one.address.upper() == address.upper()), None)


async def all_held() -> list[tuple[BLEDevice, frozenset[str]]]:
    """Every device that this computer is connected to, with its services; raises what D-Bus raises."""
    if sys.platform != "linux":
        return []
    from dbus_fast import BusType, Message, unpack_variants  # noqa: PLC0415 — bleak brings it on Linux only
    from dbus_fast.aio import MessageBus  # noqa: PLC0415 — the same

    asked = Message(
        destination="org.bluez", path="/", interface="org.freedesktop.DBus.ObjectManager", member="GetManagedObjects"
    )
    bus = MessageBus(bus_type=BusType.SYSTEM)
    try:
        await bus.connect()
        reply = await bus.call(asked)
    finally:
        bus.disconnect()
    if reply is None or reply.signature != "a{oa{sa{sv}}}":
        return []
    return connected(unpack_variants(reply.body[0]))


def connected(objects: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[tuple[BLEDevice, frozenset[str]]]:
    """Those of bluetoothd's objects (path, interface, property) that are connected devices, with their services.

    Their details are what bleak gives with a device it has heard: the object's path, and its properties. Address, Name
    and UUIDs are properties of org.bluez.Device1; the last holds every service once they are known.
    """
    found = []
    for path, interfaces in objects.items():
        about = interfaces.get(DEVICE, {})
        address, name, uuids = about.get("Address"), about.get("Name"), about.get("UUIDs")
        if about.get("Connected") is True and isinstance(address, str):
            device = BLEDevice(address, name if isinstance(name, str) else None, {"path": path, "props": dict(about)})
            services = frozenset(uuid.lower() for uuid in uuids or () if isinstance(uuid, str))
            found.append((device, services))
    return found
