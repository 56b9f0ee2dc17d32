"""An example band: one heart rate a second, whether it is worn, and one pulse at a time. It does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.devices.catalogue import Buzz, Family, Sense, Tried
from vigil.devices.packets.contract import Heard, Subscribe, Unread, Wish, Write
from vigil.domain.samples import Contact, HeartSample

SERVICE = "7f5a0001-1c4d-4e0b-9b1a-2d6c3e8f9a10"
HEART = "7f5a0002-1c4d-4e0b-9b1a-2d6c3e8f9a10"
MOTOR = "7f5a0003-1c4d-4e0b-9b1a-2d6c3e8f9a10"
"""The band's own UUIDs, made up once for this example (README)."""

LONGEST_PULSE_MS = 1000
"""The band ends every pulse by itself after this at the latest; longer ones are asked for as this (README)."""


@dataclass(slots=True)
class ExampleCodec:
    """One connection's worth of understanding: see `vigil.devices.packets.contract.Codec`."""

    last: int | None = None
    """sequence number of the last packet that was read"""
    worn: bool | None = None

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...]:
        """Be told of every heart rate, if the band offers any."""
        return (Subscribe(HEART),) if HEART in offered else ()

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """Three bytes: sequence, rate in bpm, worn. A packet that was repeated is passed on once."""
        if characteristic != HEART:
            return (Unread(characteristic, "nothing was asked for there"),)
        if len(data) != 3:
            return (Unread(characteristic, f"it has {len(data)} bytes instead of 3"),)
        sequence, bpm, worn = data
        if worn > 1:
            return (Unread(characteristic, f"worn is {worn}, which is neither 0 nor 1"),)
        if sequence == self.last:
            return ()
        self.last = sequence
        changed = bool(worn) is not self.worn
        self.worn = bool(worn)
        contact = (Contact(at_ns, self.worn),) if changed else ()
        rate = (HeartSample(at_ns, 10 * bpm),) if bpm and self.worn else ()
        return (*contact, *rate)

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...]:
        """One pulse; what the band cannot do is not asked for."""
        if duration_ms < 1 or not 1 <= strength_percent <= 100:
            return ()
        tens = max(1, min(duration_ms, LONGEST_PULSE_MS) // 10)
        return (Write(MOTOR, bytes((tens, strength_percent))),)

    def still(self) -> tuple[Write, ...]:
        """End a pulse that goes on."""
        return (Write(MOTOR, bytes((0, 0))),)


FAMILY = Family(
    key="example-band",
    name="the example band",
    names=(),
    services=(SERVICE,),
    codec=ExampleCodec,
    senses=frozenset({Sense.HEART, Sense.CONTACT}),
    heart_cadence_ms=1000,
    buzz=Buzz.GRADED,
    tried=Tried.VIRTUAL,
    caution="It does not exist.",
    sources=(("services, packets, one heart rate a second", "README.md of vigil-example-wearable"),),
)
"""What the entry point leads to."""
