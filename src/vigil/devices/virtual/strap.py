"""A virtual chest strap of the standard Heart Rate Service, with intervals, skin contact and a battery.

Sources: Heart Rate Service 1.0, 3.1 (measurement: flags, value, intervals of 1/1024 s) and 3.2 (body sensor location);
Battery Service 1.0, 3.1; numbers of services and characteristics in the Assigned Numbers document.
"""

from __future__ import annotations

import struct

from vigil.devices.packets.contract import uuid_of
from vigil.devices.virtual.faults import Packet
from vigil.devices.virtual.model import Offered, OfferedService, WearableModel
from vigil.devices.virtual.vitals import Vitals
from vigil.domain.units import NS_PER_MINUTE

HEART_SERVICE, BATTERY_SERVICE = uuid_of(0x180D), uuid_of(0x180F)
MEASUREMENT, LOCATION, BATTERY_LEVEL = uuid_of(0x2A37), uuid_of(0x2A38), uuid_of(0x2A19)

CHEST = b"\x01"
"""Body sensor location: chest (Heart Rate Service 1.0, 3.2.1)."""

LONG_VALUE, CONTACT_ON, CONTACT_KNOWN, INTERVALS = 0x01, 0x02, 0x04, 0x10
"""Flags of a measurement (Heart Rate Service 1.0, 3.1.1.1)."""

PER_SECOND = 1024
"""Intervals are counted in 1/1024 s (Heart Rate Service 1.0, 3.1.1.4)."""

MOST_INTERVALS = 9
"""How many intervals a measurement of one-byte value holds at the smallest MTU (Heart Rate Service 1.0, 3.1.1.4)."""


def measurement(vitals: Vitals) -> bytes:
    """Encode a Heart Rate Measurement; the newest intervals are kept where there are too many for one packet."""
    flags = LONG_VALUE if vitals.bpm > 0xFF else 0
    if vitals.contact is not None:
        flags |= CONTACT_KNOWN | (CONTACT_ON if vitals.contact else 0)
    intervals = [min(0xFFFF, round(ms * PER_SECOND / 1000)) for ms in vitals.rr_ms[-MOST_INTERVALS:]]
    flags |= INTERVALS if intervals else 0
    value = struct.pack("<BH" if flags & LONG_VALUE else "<BB", flags, vitals.bpm)
    return value + struct.pack(f"<{len(intervals)}H", *intervals)


class StrapModel(WearableModel):
    """A strap that sends a measurement every second, and its battery every minute."""

    services: tuple[OfferedService, ...] = (
        OfferedService(HEART_SERVICE, (Offered(MEASUREMENT, ("notify",)), Offered(LOCATION, ("read",)))),
        OfferedService(BATTERY_SERVICE, (Offered(BATTERY_LEVEL, ("read", "notify")),)),
    )
    advertised: tuple[str, ...] = (HEART_SERVICE,)

    def packets(self, elapsed_ns: int) -> tuple[Packet, ...]:
        """See `WearableModel`."""
        heart = Packet(MEASUREMENT, measurement(self.vitals))
        if elapsed_ns % NS_PER_MINUTE:
            return (heart,)
        return (heart, Packet(BATTERY_LEVEL, bytes([self.vitals.battery_percent])))

    def read(self, characteristic: str) -> bytes:
        """See `WearableModel`."""
        return {LOCATION: CHEST, BATTERY_LEVEL: bytes([self.vitals.battery_percent])}.get(characteristic, b"")
