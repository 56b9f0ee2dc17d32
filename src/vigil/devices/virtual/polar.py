"""A virtual strap of the H10's kind: the Heart Rate Service, and acceleration from Polar's measurement service.

Source: Polar Measurement Data Specification for 3rd Party (Polar BLE SDK, `technical_documentation`): control point,
settings and frames of type 1 (16-bit milli-g); what an H10 offers, `documentation/products/PolarH10.md`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from vigil.devices.virtual.faults import Fault, Packet
from vigil.devices.virtual.model import Identity, Offered, OfferedService
from vigil.devices.virtual.strap import StrapModel
from vigil.devices.virtual.vitals import Feeder, resting
from vigil.domain.samples import Milligrams
from vigil.domain.units import NS_PER_S

MEASUREMENT_SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

OFFERS_ACCELERATION = b"\x0f\x04" + bytes(15)
"""What the control point holds when it is read: 0x0F, then a bit for each measurement; acceleration is bit 2."""

SETTINGS, START, STOP = 1, 2, 3
ACCELERATION = 2
GOOD, WRONG_COMMAND, WRONG_MEASUREMENT, WRONG_SETTING, RUNS_ALREADY = 0, 1, 2, 5, 6

RATES = (25, 50, 100, 200)
OFFERED = (
    b"\x00\x04"
    + struct.pack("<4H", *RATES)
    + b"\x01\x01"
    + struct.pack("<H", 16)
    + b"\x02\x03"
    + struct.pack("<3H", 2, 4, 8)
)
"""Rate in Hz, resolution in bits, range in g: the kind, how many values, and the values."""

SAMPLES = 36
"""Samples in a frame, as the H10 sends them; it sends what is complete."""

EPOCH_NS = 599_616_000 * NS_PER_S
"""1 January 2019 since 1 January 2000, where the clock of a sensor begins that nobody has set
(`technical_documentation/TimeSystemExplained.md`)."""


class PolarModel(StrapModel):
    """An H10: a strap that also streams acceleration, once it is asked to."""

    services: tuple[OfferedService, ...] = (
        *StrapModel.services,
        OfferedService(
            MEASUREMENT_SERVICE,
            (Offered(CONTROL, ("read", "write", "indicate")), Offered(DATA, ("notify",))),
        ),
    )

    def __init__(
        self, identity: Identity, feeder: Feeder = resting, faults: Iterable[Fault] = (), seed: int = 0
    ) -> None:
        super().__init__(identity, feeder, faults, seed)
        self.rate_hz = 0
        self._waiting: list[Milligrams] = []

    def connected(self) -> None:
        """See `WearableModel`: a stream ends with its connection."""
        self.rate_hz = 0
        self._waiting.clear()

    def packets(self, elapsed_ns: int) -> tuple[Packet, ...]:
        """See `WearableModel`."""
        return (*super().packets(elapsed_ns), *self._frames(elapsed_ns))

    def read(self, characteristic: str) -> bytes:
        """See `WearableModel`."""
        return OFFERS_ACCELERATION if characteristic == CONTROL else super().read(characteristic)

    def write(self, characteristic: str, data: bytes, elapsed_ns: int) -> tuple[Packet, ...]:
        """See `WearableModel`: a command is answered by an indication."""
        del elapsed_ns
        if characteristic != CONTROL or len(data) < 2:
            return ()
        status, more = self._obey(data[0], data[1], data[2:])
        return (Packet(CONTROL, bytes((0xF0, data[0], data[1], status)) + more),)

    def _obey(self, command: int, measurement: int, settings: bytes) -> tuple[int, bytes]:
        if measurement != ACCELERATION:
            return WRONG_MEASUREMENT, b""
        if command == SETTINGS:
            return GOOD, b"\0" + OFFERED
        if command == STOP:
            self.connected()
            return GOOD, b"\0"
        if command != START:
            return WRONG_COMMAND, b""
        if self.rate_hz:
            return RUNS_ALREADY, b""
        rate = _rate_in(settings)
        if rate not in RATES:
            return WRONG_SETTING, b""
        self.rate_hz = rate
        return GOOD, b"\0"

    def _frames(self, elapsed_ns: int) -> Iterator[Packet]:
        """Cut the second's samples into frames, each with the time of its last sample."""
        low, high = self.vitals.low_mg, self.vitals.high_mg
        self._waiting += [high if i % 2 else low for i in range(self.rate_hz)]
        while self.rate_hz and len(self._waiting) >= SAMPLES:
            block, self._waiting = self._waiting[:SAMPLES], self._waiting[SAMPLES:]
            at_ns = EPOCH_NS + elapsed_ns - len(self._waiting) * NS_PER_S // self.rate_hz
            body = b"".join(struct.pack("<3h", *sample) for sample in block)
            yield Packet(DATA, struct.pack("<BQB", ACCELERATION, at_ns, 1) + body)


def _rate_in(settings: bytes) -> int:
    """The rate in a list of settings of two bytes each (kind, count, value), 0 if it is not there."""
    rows = [settings[at : at + 4] for at in range(0, len(settings), 4)]
    return next((int.from_bytes(row[2:], "little") for row in rows if len(row) == 4 and row[:2] == b"\0\1"), 0)
