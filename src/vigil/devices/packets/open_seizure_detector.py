"""A watch that is a data source of OpenSeizureDetector: movement in its own service, heart rate in the standard one.

From its specification (OpenSeizureDetector/Android_Pebble_SD, "BLE Data Source Specification (BLE2)") and the app for
Bangle.js (OpenSeizureDetector/BangleSD, `apps/openseizure/widget.js`), which sends everything with every packet, eight
times a second: the last heart rate and the charge are passed on once a second and once they changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from vigil.devices.packets.arrival_seconds import ArrivalSeconds
from vigil.devices.packets.battery import BATTERY_LEVEL, battery_of
from vigil.devices.packets.contract import Heard, Read, Subscribe, Unread, Wish, Write
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT, HeartRateCodec
from vigil.devices.packets.infinitime import VECTOR, vectors_of
from vigil.domain.samples import Battery, HeartSample, Milligrams
from vigil.domain.units import NS_PER_S

SERVICE, ACCELERATION, CHARGE, FORMAT = (f"000085e9-000{n}-1000-8000-00805f9b34fb" for n in (0, 1, 2, 5))
"""The service; acceleration; battery; format of the acceleration (specification, "OSD Service")."""

VECTORS = 3
"""The format of x, y, z in milli-g; the two others, 0 and 1, give only the size (specification, "Acceleration
Format"), which hides a wrist that turns: a sleeper would look stiller than they are, so they are not listened to."""

SIZES = frozenset({0, 1})

FULL = 20
"""The app for Bangle.js always sends 20 bytes: three vectors and two bytes that mean nothing (`widget.js`)."""

LEAST_A_SECOND = 5
"""As `signal.seconds.LONGEST_PERIOD_NS`; 25 values a second come."""

ONLY_SIZE = "only the size of the movement is sent; choose the format with x, y and z in the watch's app"
ZEROS = "movement is sent as zeros, which even a watch at rest cannot measure; the watch's app needs another version"
COUNTER = "a counter is sent in place of movement; switch off the test mode of the watch's app"


def no_measurement(vectors: Sequence[Milligrams]) -> str:
    """Why vectors cannot have been measured, in a clause, or nothing: versions 0.14 and 0.20 of the app send such."""
    numbers = tuple(chain.from_iterable(vectors))
    if not any(numbers):
        return ZEROS
    if len(numbers) > VECTORS and all((after - before) & 0xFFFF == 1 for before, after in pairwise(numbers)):
        return COUNTER
    return ""


def _heart() -> HeartRateCodec:
    """Its contact bits are constant (`widget.js`: flags 0x06), and it has no beats."""
    return HeartRateCodec(beats=False, contact=False)


@dataclass(slots=True)
class OpenSeizureDetectorCodec:
    """One connection to such a watch. It cannot be asked to vibrate: the phone's alarm state is no pulse."""

    heart: HeartRateCodec = field(default_factory=_heart)
    seconds: ArrivalSeconds = field(default_factory=lambda: ArrivalSeconds(LEAST_A_SECOND))
    moves: bool = False
    said: set[str] = field(default_factory=set)
    """what was said once and is not said again"""
    rate_ns: int | None = None
    charge: int | None = None

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...]:
        """See `Codec`: movement only once its format is known; without that characteristic it is a size."""
        self.moves = ACCELERATION in offered
        wishes: list[Wish] = [Subscribe(HEART_RATE_MEASUREMENT)] if HEART_RATE_MEASUREMENT in offered else []
        wishes += [Read(FORMAT)] if FORMAT in offered else []
        for battery in (CHARGE, BATTERY_LEVEL):
            wishes += [Read(battery), Subscribe(battery)] if battery in offered else []
        return tuple(wishes)

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """See `Codec`."""
        match characteristic:
            case c if c == ACCELERATION:
                return self._acceleration(data, at_ns)
            case c if c == FORMAT:
                return self._format(data)
            case c if c in {CHARGE, BATTERY_LEVEL}:
                return self._charge(characteristic, data, at_ns)
            case _:
                return self._heart_rate(characteristic, data, at_ns)

    def _once(self, characteristic: str, why: str) -> tuple[Unread, ...]:
        """What is wrong with every packet is said with the first."""
        if why in self.said:
            return ()
        self.said.add(why)
        return (Unread(characteristic, why),)

    def _format(self, data: bytes) -> tuple[Heard | Wish, ...]:
        if len(data) != 1 or data[0] not in SIZES | {VECTORS}:
            return (Unread(FORMAT, "it is no format of acceleration that is known"),)
        if data[0] in SIZES:
            return self._once(FORMAT, ONLY_SIZE)
        return (Subscribe(ACCELERATION),) if self.moves else ()

    def _acceleration(self, data: bytes, at_ns: int) -> tuple[Heard, ...]:
        vectors = vectors_of(data[: FULL // VECTOR.size * VECTOR.size] if len(data) == FULL else data, 1000)
        if isinstance(vectors, str):
            return (Unread(ACCELERATION, vectors),)
        why = no_measurement(vectors)
        return self._once(ACCELERATION, why) if why else self.seconds.hear(vectors, at_ns)

    def _charge(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard, ...]:
        read = battery_of(data, at_ns)
        if isinstance(read, Battery):
            same, self.charge = read.percent == self.charge, read.percent
            return () if same else (read,)
        return (Unread(characteristic, read.why),)

    def _heart_rate(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        told = self.heart.hear(characteristic, data, at_ns)
        if not any(isinstance(one, HeartSample) for one in told):
            return told
        if self.rate_ns is not None and at_ns - self.rate_ns < NS_PER_S:
            return ()
        self.rate_ns = at_ns
        return told

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...]:  # noqa: ARG002 — as the contract has it
        """See `Codec`."""
        return ()

    def still(self) -> tuple[Write, ...]:
        """See `Codec`."""
        return ()
