"""How a virtual wearable fails: a script of what goes wrong, when and for how long.

Some faults change what is measured, some what is sent, some whether the link holds; each is asked for by the part
that knows. Everything is seeded: the same script fails the same way.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from vigil.devices.virtual.vitals import Feeder, Vitals


@dataclass(frozen=True, slots=True)
class Packet:
    """A value that a wearable sends: the characteristic's full, lower-case UUID, and its bytes."""

    characteristic: str
    data: bytes


class FaultKind(Enum):
    """What can go wrong. A fault without a duration in its description lasts from its beginning to its end."""

    DROP = "the link breaks once, at the beginning"
    STALL = "connected, and silent"
    FROZEN = "the value of the beginning is measured over and over"
    BURST = "nothing is sent, and at the end everything at once"
    DUPLICATES = "everything is sent twice"
    GARBAGE = "random bytes are sent instead of a measurement"
    CONTACT_LOST = "it is not worn, and finds no heart rate"
    BATTERY_FALLING = "the battery is empty at the end"
    OUT_OF_RANGE = "neither link nor advertisement"
    REFUSED = "every connection breaks before anything was asked"
    WRITE_REFUSED = "a write with response is answered by an error"
    CONNECT_HANGS = "a connect never returns"
    READ_HANGS = "a read never returns"
    WRITE_HANGS = "a write with response never returns"
    SUBSCRIBE_HANGS = "a wish for notifications never returns"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; from_ns, until_ns: since the wearable was started, the end not included."""

    kind: FaultKind
    from_ns: int
    until_ns: int

    def is_on(self, elapsed_ns: int) -> bool:
        """Whether it is going on."""
        return self.from_ns <= elapsed_ns < self.until_ns


GARBAGE_BYTES = 20
"""The longest garbage: what a notification carries at the smallest MTU, 23 less 3 (Core 5.4, Vol 3, Part F, 3.4.7)."""

HELD_BACK = 4096
"""Packets of a burst that are held back; older ones are lost, as in a wearable's own small memory."""


class FaultScript:
    """The faults of one wearable, and what they do to its measurements and packets.

    seed: of garbage. It keeps what a burst holds back and what froze, so a script belongs to one wearable.
    """

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self._faults = tuple(faults)
        self._random = random.Random(seed)
        self._held: list[Packet] = []
        self._stuck: tuple[Fault, Vitals] | None = None

    def one(self, kind: FaultKind, elapsed_ns: int) -> Fault | None:
        """Give the fault of this kind that is going on, if one is."""
        return next((f for f in self._faults if f.kind is kind and f.is_on(elapsed_ns)), None)

    def on(self, kind: FaultKind, elapsed_ns: int) -> bool:
        """Whether a fault of this kind is going on."""
        return self.one(kind, elapsed_ns) is not None

    def breaks(self, after_ns: int, until_ns: int) -> bool:
        """Whether the link breaks after the one instant and at or before the other."""
        drops = (FaultKind.DROP, FaultKind.OUT_OF_RANGE)
        return any(f.kind in drops and after_ns < f.from_ns <= until_ns for f in self._faults)

    def measured(self, feeder: Feeder, elapsed_ns: int) -> Vitals:
        """Ask the feeder, and change what the faults change: frozen, not worn, battery falling."""
        vitals = self._frozen(feeder(elapsed_ns), elapsed_ns)
        if self.on(FaultKind.CONTACT_LOST, elapsed_ns):
            lost = None if vitals.contact is None else False
            vitals = replace(vitals, contact=lost, bpm=0, rr_ms=(), confidence=0)
        if falling := self.one(FaultKind.BATTERY_FALLING, elapsed_ns):
            left = (falling.until_ns - elapsed_ns) / (falling.until_ns - falling.from_ns)
            vitals = replace(vitals, battery_percent=int(vitals.battery_percent * left))
        return vitals

    def _frozen(self, vitals: Vitals, elapsed_ns: int) -> Vitals:
        """What was measured when it froze; the body is asked all the same, since it lives on."""
        fault = self.one(FaultKind.FROZEN, elapsed_ns)
        if fault is None:
            return vitals
        if self._stuck is None or self._stuck[0] != fault:
            self._stuck = fault, vitals
        return self._stuck[1]

    def sent(self, packets: Iterable[Packet], elapsed_ns: int) -> tuple[Packet, ...]:
        """Give what really goes out of what was to be sent: nothing, later, twice, or something else."""
        if self.on(FaultKind.STALL, elapsed_ns):
            return ()
        if self.on(FaultKind.GARBAGE, elapsed_ns):
            packets = [Packet(p.characteristic, self._garbage()) for p in packets]
        if self.on(FaultKind.DUPLICATES, elapsed_ns):
            packets = [twice for p in packets for twice in (p, p)]
        if self.on(FaultKind.BURST, elapsed_ns):
            self._held = [*self._held, *packets][-HELD_BACK:]
            return ()
        released, self._held = self._held, []
        return (*released, *packets)

    def _garbage(self) -> bytes:
        return self._random.randbytes(self._random.randrange(GARBAGE_BYTES + 1))
