"""The Battery Service's one number (Bluetooth SIG, Battery Service 1.1)."""

from __future__ import annotations

from vigil.devices.packets.contract import Unread, uuid_of
from vigil.domain.samples import Battery

BATTERY_LEVEL = uuid_of(0x2A19)
"""Battery Level (Bluetooth SIG Assigned Numbers, 3.8.1)."""


def battery_of(data: bytes, at_ns: int) -> Battery | Unread:
    """The charge that a value of Battery Level says: one byte, 0 to 100 percent (Battery Service 1.1, 3.1)."""
    if len(data) != 1:
        return Unread(BATTERY_LEVEL, f"a battery level is one byte long, and this has {len(data)}")
    if data[0] > 100:
        return Unread(BATTERY_LEVEL, f"it says that the battery holds {data[0]} percent")
    return Battery(at_ns, data[0])
