"""A PineTime with InfiniTime: standard heart rate and battery, its own motion service, and an alert that vibrates.

From the firmware's source, InfiniTimeOrg/InfiniTime (files named below). What a person must know stands in the
catalogue; what shapes this codec: any value written to the alert, 0 too, raises a notification, which lights the
screen and vibrates once, for as long as the watch has it (`ImmediateAlertService.cpp`, `OnAlertLevelChanged`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from vigil.devices.packets.arrival_seconds import ArrivalSeconds
from vigil.devices.packets.contract import MOST_BYTES, Heard, Subscribe, Unread, Wish, Write, uuid_of
from vigil.devices.packets.heart_rate import HeartRateCodec
from vigil.domain.samples import Milligrams

MOTION_VALUES = "00030002-78fc-48fe-8e23-433b3a1942d0"
"""Raw motion values: x, y, z, signed 16-bit, little-endian (`doc/MotionService.md`); a fork for seizures sends
several such triples a packet (OpenSeizureDetector/PineTimeSD, `MotionService.cpp`)."""

ALERT_LEVEL = uuid_of(0x2A06)
"""Alert Level of the Immediate Alert Service 1.0; written without response (`ImmediateAlertService.cpp`)."""

MILD_ALERT = b"\x01"
"""Mild alert (GATT Specification Supplement, Alert Level). 2 does the same on this watch."""

UNITS_PER_G = 1024
"""The driver scales to 1 g = 1024 (`Bma421.cpp`; pull 1950 says why not 1000)."""

VECTOR = struct.Struct("<3h")


def vectors_of(data: bytes, units_per_g: int) -> tuple[Milligrams, ...] | str:
    """Triples of signed 16-bit numbers in milli-g, to the nearest; or in a clause why these bytes are none."""
    if not data or len(data) > MOST_BYTES or len(data) % VECTOR.size:
        return f"it has {len(data)} bytes, which are no whole number of x, y, z"
    return tuple(
        (_mg(x, units_per_g), _mg(y, units_per_g), _mg(z, units_per_g)) for x, y, z in VECTOR.iter_unpack(data)
    )


def _mg(raw: int, units_per_g: int) -> int:
    return (1000 * raw + units_per_g // 2) // units_per_g


def _heart() -> HeartRateCodec:
    """It has no beats and says nothing of contact (`HeartRateService.cpp`: flags are always 0)."""
    return HeartRateCodec(beats=False, contact=False)


def _seconds() -> ArrivalSeconds:
    """A repeated value is not sent (`MotionController.cpp`, `Update`), so a second with one value was a still one."""
    return ArrivalSeconds(least=1)


@dataclass(slots=True)
class InfinitimeCodec:
    """One connection to InfiniTime. Its heart rate is sent when it changed, and is 0 while it does not measure."""

    heart: HeartRateCodec = field(default_factory=_heart)
    seconds: ArrivalSeconds = field(default_factory=_seconds)
    alerts: bool = False

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...]:
        """See `Codec`."""
        self.alerts = ALERT_LEVEL in offered
        motion = (Subscribe(MOTION_VALUES),) if MOTION_VALUES in offered else ()
        return (*self.heart.opening(offered), *motion)

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """See `Codec`."""
        if characteristic != MOTION_VALUES:
            return self.heart.hear(characteristic, data, at_ns)
        vectors = vectors_of(data, UNITS_PER_G)
        if isinstance(vectors, str):
            return (Unread(characteristic, vectors),)
        return self.seconds.hear(vectors, at_ns)

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...]:
        """See `Codec`: one alert, at the watch's own length and strength, whatever is asked."""
        if not self.alerts or duration_ms <= 0 or strength_percent <= 0:
            return ()
        return (Write(ALERT_LEVEL, MILD_ALERT, response=False),)

    def still(self) -> tuple[Write, ...]:
        """See `Codec`: nothing. An alert ends by itself, and writing "no alert" would be one more."""
        return ()
