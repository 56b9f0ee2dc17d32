"""A virtual Bangle.js 2 that runs Vigil's app: heart, movement, state, button, and a motor that can be felt.

Source of every byte: firmware/banglejs/README.md, "What goes over the air".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable

from vigil.devices.virtual.faults import Fault, Packet
from vigil.devices.virtual.model import Identity, Offered, OfferedService, WearableModel
from vigil.devices.virtual.motor import Motor
from vigil.devices.virtual.vitals import Feeder, resting
from vigil.domain.records import Mark
from vigil.domain.units import NS_PER_MINUTE, NS_PER_S

SERVICE, HEART, MOTION, STATE, BUTTON, COMMAND = (f"83d1{n:04x}-ad30-48bd-9bb7-b2cbafd65d4d" for n in range(1, 7))

VERSION = 0x10
"""Version 1 in the upper half of the first byte."""

RUNS, STOPPED, AWAKE = 1, 2, 4
"""Flags of the state."""

PULSE, STILL = 1, 2
KINDS = {Mark.AWAKE: 1, Mark.STOP: 2, Mark.BAD_DREAM: 3}

REPEATS = 3
"""A press is told so often, a second apart, with one sequence."""

UNKNOWN_WORN = 255
POLYNOMIAL = 0x107
"""x^8+x^2+x+1 (SMBus 3.1, section 5.4.1)."""


def checksum(data: bytes) -> int:
    """CRC-8 of the bytes as the remainder of a division of polynomials."""
    rest = int.from_bytes(data, "big") << 8
    while (degree := rest.bit_length()) > 8:
        rest ^= POLYNOMIAL << (degree - 9)
    return rest


class WatchModel(WearableModel):
    """A watch of the family, with the app open and watching from the beginning.

    felt: told of each pulse that is given, its length in ms and its strength in percent; a sleeper who feels it.
    `motor` keeps what was given and refused, with instants.
    """

    services: tuple[OfferedService, ...] = (
        OfferedService(
            SERVICE,
            (
                Offered(HEART, ("notify",)),
                Offered(MOTION, ("notify",)),
                Offered(STATE, ("read", "notify")),
                Offered(BUTTON, ("notify",)),
                Offered(COMMAND, ("write",)),
            ),
        ),
    )
    advertised: tuple[str, ...] = (SERVICE,)

    def __init__(
        self,
        identity: Identity,
        feeder: Feeder = resting,
        faults: Iterable[Fault] = (),
        seed: int = 0,
        felt: Callable[[int, int], None] = lambda _duration_ms, _strength_percent: None,
    ) -> None:
        super().__init__(identity, feeder, faults, seed)
        self.motor = Motor()
        self._felt = felt
        self._unread = 0
        self._sequence = 0
        self._presses: list[tuple[Mark, int]] = []  # what is still to be told: the mark and its sequence
        self._pressed = 0
        self._told = b""
        self._now_ns = 0

    def packets(self, elapsed_ns: int) -> tuple[Packet, ...]:
        """See `WearableModel`."""
        self._now_ns = elapsed_ns
        self._sequence = (self._sequence + 1) % 256
        if self.vitals.mark is not None:
            self._pressed = (self._pressed + 1) % 256
            self.motor.press(self.vitals.mark, elapsed_ns)
            self._presses += [(self.vitals.mark, self._pressed)] * REPEATS
        sent = [Packet(MOTION, self._motion(elapsed_ns))]
        if self.vitals.contact is not False:
            sent.insert(0, Packet(HEART, self._heart()))
        if self._presses:
            mark, sequence = self._presses.pop(0)
            sent.append(Packet(BUTTON, struct.pack("<BBB", VERSION, KINDS[mark], sequence)))
        if self._state() != self._told or not elapsed_ns % NS_PER_MINUTE:
            sent.append(self._tell())
        return tuple(sent)

    def read(self, characteristic: str) -> bytes:
        """See `WearableModel`."""
        return self._state() if characteristic == STATE else b""

    def write(self, characteristic: str, data: bytes, elapsed_ns: int) -> tuple[Packet, ...]:
        """See `WearableModel`: a command is done, refused or not understood, and the state says so."""
        self._now_ns = elapsed_ns
        if characteristic != COMMAND:
            return ()
        if len(data) != 7 or data[0] != VERSION or checksum(data[:6]) != data[6] or data[1] not in (PULSE, STILL):
            self._unread = min(0xFFFF, self._unread + 1)
        elif data[1] == STILL:
            self.motor.still(elapsed_ns)
        else:
            serial, duration_ms, strength = struct.unpack("<BHB", data[2:6])
            if self.motor.ask(serial, duration_ms, strength, elapsed_ns) is not None:
                self._felt(duration_ms, strength)
        return (self._tell(),)

    def connected(self) -> None:
        """See `WearableModel`: the motor is off at every connection."""
        self.motor.still(self._now_ns)

    def _heart(self) -> bytes:
        return struct.pack("<BBHB", VERSION, self._sequence, 10 * self.vitals.bpm, self.vitals.confidence)

    def _motion(self, elapsed_ns: int) -> bytes:
        samples = 12 + elapsed_ns // NS_PER_S % 2  # 12.5 Hz
        vitals = self.vitals
        return struct.pack("<BB9h", VERSION | samples, self._sequence, *vitals.low_mg, *vitals.high_mg, *vitals.mean_mg)

    def _tell(self) -> Packet:
        self._told = self._state()
        return Packet(STATE, self._told)

    def _state(self) -> bytes:
        worn = UNKNOWN_WORN if self.vitals.contact is None else int(self.vitals.contact)
        awake = self._now_ns < self.motor.awake_until_ns
        flags = (STOPPED if self.motor.stopped else RUNS) | (AWAKE if awake else 0)
        left = self.motor.left_ms(self._now_ns) // 10
        head = (VERSION, self.vitals.battery_percent, worn, flags, self.motor.serial, self._unread, left)
        return struct.pack("<BBBBBHH", *head)
