"""The Heart Rate Service, as straps and most watches speak it (Bluetooth SIG, Heart Rate Service 1.0).

A Heart Rate Measurement is a byte of flags, the rate, and what the flags announce (GATT Specification Supplement,
Heart Rate Measurement): bit 0, the rate has 16 bits; bits 1 and 2, contact, and whether it is known; bit 3, energy
in kJ follows; bit 4, beat intervals in 1/1024 s follow, oldest first, to the packet's end. Bits 5 to 7 are reserved
and are not looked at; a field that they might announce makes the packet too long.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.devices.packets.battery import BATTERY_LEVEL, battery_of
from vigil.devices.packets.beat_times import BeatTimes
from vigil.devices.packets.contract import MOST_BYTES, Heard, Read, Subscribe, Unread, Wish, Write, uuid_of
from vigil.domain.samples import BeatInterval, Contact, HeartSample
from vigil.domain.units import NS_PER_S

HEART_RATE_SERVICE = uuid_of(0x180D)
"""Heart Rate Service (Bluetooth SIG Assigned Numbers, 3.4.2)."""

HEART_RATE_MEASUREMENT = uuid_of(0x2A37)
"""Heart Rate Measurement (Bluetooth SIG Assigned Numbers, 3.8.1)."""

WIDE, DETECTED, CONTACT_KNOWN, ENERGY, INTERVALS = 1, 2, 4, 8, 16
"""The flags (GATT Specification Supplement, Heart Rate Measurement)."""

MOST_INTERVALS = 20
"""Beat intervals in one packet: what Nordic's heart rate service keeps (nRF5 SDK 12.1, `ble_hrs_s.rr_interval`), more
than 20 s of sleep. A packet of the smallest size holds nine."""

LOST_NS = 2 * NS_PER_S
"""Contact is lost once it is said to be for so long, and nothing said otherwise: one broken packet of a strap that
is worn would otherwise hold the night back for the five minutes that new data has to prove itself."""

TWIN_NS = NS_PER_S // 10
"""The same bytes again within this are one notification that came twice (bleak issue 2002): its beats are not told
again, since two beats placed anew would look like four. Its rate is, so that the doubling shows. Our choice."""

RR_PER_S = 1024
"""Unit of the intervals (GATT Specification Supplement, Heart Rate Measurement)."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one packet says. bpm: 0 where the source has none. contact: None where the source does not know.

    intervals_ms: whole milliseconds, half a ms off at most; oldest first.
    """

    bpm: int
    contact: bool | None
    intervals_ms: tuple[int, ...]


def measurement_of(data: bytes) -> Measurement | str:
    """A Heart Rate Measurement, or in a clause why these bytes are none. Any bytes may be given."""
    if len(data) > MOST_BYTES:
        return f"it has {len(data)} bytes, more than any value can have"
    if not data:
        return "it is empty"
    flags = data[0]
    start = 3 if flags & WIDE else 2
    ends = start + (2 if flags & ENERGY else 0)
    if len(data) < ends:
        return f"it is cut off: {len(data)} bytes, where its flags announce at least {ends}"
    rest = data[ends:]
    if rest and not flags & INTERVALS:
        return f"it has {len(rest)} bytes that its flags do not announce"
    if len(rest) % 2:
        return "its last beat interval is cut off"
    if len(rest) > 2 * MOST_INTERVALS:
        return f"it has {len(rest) // 2} beat intervals, more than can have come together"
    raw = (int.from_bytes(rest[at : at + 2], "little") for at in range(0, len(rest), 2))
    contact = bool(flags & DETECTED) if flags & CONTACT_KNOWN else None
    milliseconds = tuple((1000 * units + RR_PER_S // 2) // RR_PER_S for units in raw)
    return Measurement(int.from_bytes(data[1:start], "little"), contact, milliseconds)


@dataclass(slots=True)
class ContactBits:
    """Whether it is worn, as the contact bits say it, packet by packet; `said` is what was last told."""

    said: bool | None = None
    lost_since_ns: int | None = None

    def hear(self, on: bool | None, at_ns: int) -> tuple[Contact, ...]:
        """A change, if there is one. on: None where the source does not know, which ends a loss told before."""
        if on is False:
            if self.lost_since_ns is None:
                self.lost_since_ns = at_ns
            if self.said is False or at_ns - self.lost_since_ns < LOST_NS:
                return ()
            self.said = False
            return (Contact(at_ns, on=False),)
        self.lost_since_ns = None
        if not (self.said is not True if on else self.said is False):
            return ()
        self.said = True
        return (Contact(at_ns, on=True),)


@dataclass(slots=True)
class HeartRateCodec:
    """Any wearable with the Heart Rate Service; the battery too, if it has that service.

    beats: whether its beat intervals are handed on. True for chest straps: they give a `HeartSample` and
    `BeatInterval`s, and `signal.heart` uses the beats while one was accepted within 30 s and falls back on the rate
    where a strap sends none. False for a source whose row in the catalogue has a cadence: a watch that smooths, whose
    intervals are made from its rate, gives `HeartSample` only, and the freshness limits of its cadence apply.
    contact: whether its contact bits can be believed.

    A rate of 0 is no heart rate: sensors send it while they search, and a Polar OH1 whenever it streams pulse
    intervals (Polar BLE SDK for iOS, `PolarBleApiDeviceHrObserver`). Impossible rates and intervals are handed on:
    `signal.hygiene` counts them, and too many mean that the source is bad.
    Beats of a strap that has lost contact are not clean.
    """

    beats: bool = True
    contact: bool = True
    times: BeatTimes = field(default_factory=BeatTimes)
    before: tuple[bytes, int] = (b"", 0)
    """the last measurement and when it came"""
    worn: ContactBits = field(default_factory=ContactBits)

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...]:
        """See `Codec`: the heart rate first; the battery is read once, because it may not change for hours."""
        wishes: list[Wish] = []
        if HEART_RATE_MEASUREMENT in offered:
            wishes.append(Subscribe(HEART_RATE_MEASUREMENT))
        if BATTERY_LEVEL in offered:
            wishes += [Read(BATTERY_LEVEL), Subscribe(BATTERY_LEVEL)]
        return tuple(wishes)

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """See `Codec`."""
        if characteristic == BATTERY_LEVEL:
            return (battery_of(data, at_ns),)
        if characteristic != HEART_RATE_MEASUREMENT:
            return (Unread(characteristic, "nothing was asked for there"),)
        said = measurement_of(data)
        if isinstance(said, str):
            return (Unread(characteristic, said),)
        contact = self.worn.hear(said.contact, at_ns) if self.contact else ()
        rate = (HeartSample(at_ns, 10 * said.bpm),) if said.bpm else ()
        (last, last_ns), self.before = self.before, (data, at_ns)
        twin = data == last and at_ns - last_ns < TWIN_NS
        return (*(() if twin else self._beats(said, at_ns)), *contact, *rate)

    def _beats(self, said: Measurement, at_ns: int) -> tuple[BeatInterval, ...]:
        if not self.beats:
            return ()
        sure = said.contact is not False or not self.contact
        return self.times.place(tuple((rr_ms, sure) for rr_ms in said.intervals_ms if rr_ms), at_ns)

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...]:  # noqa: ARG002 — as the contract has it
        """See `Codec`: the service has nothing that vibrates."""
        return ()

    def still(self) -> tuple[Write, ...]:
        """See `Codec`."""
        return ()
