"""Vigil's own app on a Bangle.js 2: what it says, and how a pulse is asked of it.

The packets are those of `firmware/banglejs/README.md` ("What goes over the air"), little-endian; the upper half of the
first byte is the version. The watch keeps limits of its own, whatever is asked (same place, "Limits").
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from vigil.devices.packets.arrival_seconds import range_of
from vigil.devices.packets.contract import Heard, Read, Subscribe, Unread, Wish, Write
from vigil.domain.records import Mark, Marked
from vigil.domain.samples import Battery, Contact, HeartSample, MotionSummary

SERVICE, HEART, MOTION, STATE, BUTTON, COMMAND = (f"83d1{n:04x}-ad30-48bd-9bb7-b2cbafd65d4d" for n in range(1, 7))
"""The service and its characteristics; drawn at random once (firmware/banglejs/README.md)."""

VERSION = 1
LENGTHS = {HEART: 5, MOTION: 20, STATE: 9, BUTTON: 3}
"""Bytes of each packet (firmware/banglejs/README.md)."""

LEAST_CONFIDENCE = 80
"""Percent below which a heart rate is left out. The firmware's author: "If the confidence is above 80 usually you're
fine" (espruino/Espruino issue 2166); the Recorder app averages only those above 80 (espruino/BangleApps pull 4066)."""

LEAST_SAMPLES = 5
"""A second with fewer samples would miss movement (`signal.seconds.LONGEST_PERIOD_NS`) and gives no row; the app takes
12 or 13, except in the second in which it was started."""

MOST_PULSE_MS, LEAST_PULSE_MS, MOST_STRENGTH = 1000, 50, 80
"""What the watch gives at most and at least; anything else it refuses (firmware/banglejs/limits.js, LIMITS)."""

PULSE, STILL = 1, 2
"""Commands (firmware/banglejs/README.md)."""

MARKS = {1: Mark.AWAKE, 2: Mark.STOP, 3: Mark.BAD_DREAM, 4: None}
"""What a press means; 4 is "start", which only the watch needs to know."""

RUNS, STOPPED, HELD, SPENT, SILENCED = 1, 2, 4, 8, 16
"""Flags of the state: it watches; stopped by hand; awake by hand; its memory of pulses is lost, so it gives none;
vibration is switched off in the watch's settings. 32 is "on the charger", which contact tells already."""

NO_APP = (
    "Vigil's app is not open on the watch; please open it there, or put it on the watch first as "
    "firmware/banglejs/README.md says"
)
"""A watch without it is called Bangle.js all the same; its services come with the app."""

WOULD_NOT: tuple[tuple[int, int, str], ...] = (
    (RUNS, 0, "the watch does not watch yet; please tap its screen in Vigil's app"),
    (STOPPED, STOPPED, "it was stopped by hand on the watch; a tap on its screen lets it go on"),
    (HELD, HELD, "the watch was told that its wearer is awake, and gives no pulse for 15 minutes after it"),
    (SPENT, SPENT, "the watch lost its memory of earlier pulses, and gives none for 18 hours"),
    (SILENCED, SILENCED, "vibration is off in the watch's settings; please switch it on under Settings, Alerts"),
)
"""Why a watch would give no pulse: a flag, what it then is, and a clause (firmware/banglejs/README.md)."""

NOT_KNOWN = "the watch has not said yet how it stands; please try again in a minute"
NOT_WITHIN = f"the watch gives pulses of {LEAST_PULSE_MS} to {MOST_PULSE_MS} ms at 1 to {MOST_STRENGTH} percent only"
ALL_GIVEN = "the watch has given its most of 18 hours"

UNWORN, WORN = 0, 1


def crc8(data: bytes) -> int:
    """CRC-8, polynomial x^8+x^2+x+1, no inversion (SMBus 3.1, section 5.4.1): 0 to 255."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def command_of(kind: int, serial: int, duration_ms: int = 0, strength_percent: int = 0) -> bytes:
    """The seven bytes of a command; serial 0 to 255, duration 0 to 65535 ms, strength 0 to 255 percent."""
    head = struct.pack("<BBBHB", VERSION << 4, kind, serial, duration_ms, strength_percent)
    return head + bytes((crc8(head),))


@dataclass(frozen=True, slots=True)
class WatchState:
    """What the watch last said of itself. left_ms: vibration that its own limit leaves within 18 hours."""

    flags: int
    serial: int
    left_ms: int

    def against(self, duration_ms: int) -> str:
        """Why it would not give a pulse of this length, in a clause; nothing if it would, as far as it said."""
        said = [why for flag, value, why in WOULD_NOT if self.flags & flag == value]
        return said[0] if said else "" if duration_ms <= self.left_ms else ALL_GIVEN


@dataclass(slots=True)
class BanglejsCodec:
    """One connection to a Bangle.js 2 that runs Vigil's app.

    A pulse needs the watch's state first: the next serial follows from it, and a watch that was stopped by hand, or
    would refuse for another reason that it said, is not asked. What it refuses although it was asked is not told:
    like every permit, it counts as given.
    """

    offered: frozenset[str] = frozenset()
    state: WatchState | None = None
    serial: int = 0
    last: dict[str, int] = field(default_factory=dict)
    """the last sequence number of each characteristic"""
    battery: int | None = None
    worn: int | None = None

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...] | str:
        """See `Codec`."""
        self.offered = frozenset(one for one in (HEART, MOTION, STATE, BUTTON, COMMAND) if one in offered)
        if not self.offered:
            return NO_APP
        state = (Read(STATE), Subscribe(STATE)) if STATE in self.offered else ()
        return (*state, *(Subscribe(one) for one in (BUTTON, HEART, MOTION) if one in self.offered))

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """See `Codec`."""
        length = LENGTHS.get(characteristic)
        if length is None:
            return (Unread(characteristic, "nothing was asked for there"),)
        if len(data) != length:
            return (Unread(characteristic, f"it has {len(data)} bytes and not {length}"),)
        if data[0] >> 4 != VERSION:
            return (Unread(characteristic, f"it is of version {data[0] >> 4} of the watch's app, not {VERSION}"),)
        told = {HEART: self._heart, MOTION: self._motion, STATE: self._state, BUTTON: self._button}
        return told[characteristic](data, at_ns)

    def _is_new(self, characteristic: str, sequence: int) -> bool:
        """A packet may come twice; the second says nothing."""
        if self.last.get(characteristic) == sequence:
            return False
        self.last[characteristic] = sequence
        return True

    def _heart(self, data: bytes, at_ns: int) -> tuple[Heard, ...]:
        sequence, bpm_x10, confidence = struct.unpack("<xBHB", data)
        if confidence > 100:
            return (Unread(HEART, f"its confidence is {confidence} percent"),)
        if not self._is_new(HEART, sequence) or confidence < LEAST_CONFIDENCE or not bpm_x10:
            return ()
        return (HeartSample(at_ns, bpm_x10),)

    def _motion(self, data: bytes, at_ns: int) -> tuple[Heard, ...]:
        numbers = struct.unpack("<xB9h", data)
        low, high, mean = numbers[1:4], numbers[4:7], numbers[7:10]
        if not all(a <= m <= b for a, m, b in zip(low, mean, high, strict=True)):
            return (Unread(MOTION, "its mean does not lie between its extremes"),)
        if not self._is_new(MOTION, numbers[0]) or data[0] & 0x0F < LEAST_SAMPLES:
            return ()
        return (MotionSummary(at_ns, 1000, range_of(low, high), low, high, mean),)

    def _state(self, data: bytes, at_ns: int) -> tuple[Heard, ...]:
        battery, worn, flags, serial, left = struct.unpack("<xBBBBxxH", data)
        first = self.state is None
        self.state = WatchState(flags, serial, 10 * left)
        if first or 1 <= (serial - self.serial) % 256 <= 127:
            self.serial = serial
        return (*self._battery(battery, at_ns), *self._contact(worn, at_ns), *(_held(flags, at_ns) if first else ()))

    def _battery(self, percent: int, at_ns: int) -> tuple[Heard, ...]:
        if percent > 100:
            return (Unread(STATE, f"it says that the battery holds {percent} percent"),)
        if percent == self.battery:
            return ()
        self.battery = percent
        return (Battery(at_ns, percent),)

    def _contact(self, worn: int, at_ns: int) -> tuple[Heard, ...]:
        if worn not in {UNWORN, WORN} or worn == self.worn:
            return ()
        self.worn = worn
        return (Contact(at_ns, worn == WORN),)

    def _button(self, data: bytes, at_ns: int) -> tuple[Heard, ...]:
        _, kind, sequence = data
        if kind not in MARKS:
            return (Unread(BUTTON, f"a press of kind {kind} is not known"),)
        mark = MARKS[kind]
        if not self._is_new(BUTTON, sequence) or mark is None:
            return ()
        return (Marked(at_ns, mark),)

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...] | str:
        """See `Codec`: what the watch would refuse is not asked."""
        why = self._against(duration_ms, strength_percent)
        if why:
            return why
        self.serial = (self.serial + 1) % 256
        return (Write(COMMAND, command_of(PULSE, self.serial, duration_ms, strength_percent)),)

    def _against(self, duration_ms: int, strength_percent: int) -> str:
        if COMMAND not in self.offered:
            return NO_APP
        if self.state is None:
            return NOT_KNOWN
        within = LEAST_PULSE_MS <= duration_ms <= MOST_PULSE_MS and 1 <= strength_percent <= MOST_STRENGTH
        return self.state.against(duration_ms) if within else NOT_WITHIN

    def still(self) -> tuple[Write, ...]:
        """See `Codec`; it needs no new serial and is never refused."""
        return (Write(COMMAND, command_of(STILL, self.serial)),) if COMMAND in self.offered else ()


def _held(flags: int, at_ns: int) -> tuple[Heard, ...]:
    """What was pressed while nobody was linked, and still holds."""
    stopped = (Marked(at_ns, Mark.STOP),) if flags & STOPPED else ()
    return (*stopped, *((Marked(at_ns, Mark.AWAKE),) if flags & HELD else ()))
