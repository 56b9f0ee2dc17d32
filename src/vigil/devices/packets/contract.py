"""The contract of a codec: bytes in, what was heard and what is wished out. It never raises, and reads no clock.

`ble_link` does what a codec wishes and hands it every packet; a codec of another package is held to the same by
`tests/codec_contract.py`. Nothing a codec is handed can be believed: names and packets are written by strangers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from vigil.domain.records import Marked, Sample
from vigil.domain.samples import AccelerationBlock

MOST_BYTES = 512
"""The longest value an attribute can have (Bluetooth Core 5.4, Vol 3, Part F, 3.2.9); a longer packet is none."""


def uuid_of(short: int) -> str:
    """The full, lower-case UUID of a 16-bit number of the Bluetooth SIG."""
    return f"{short:08x}-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A wish: be told whenever this characteristic changes (UUIDs are full and lower-case)."""

    characteristic: str


@dataclass(frozen=True, slots=True)
class Read:
    """A wish: ask for this characteristic's value, which is then heard like any packet."""

    characteristic: str


@dataclass(frozen=True, slots=True)
class Write:
    """A wish: write these bytes; `response` waits until the wearable confirms them."""

    characteristic: str
    data: bytes
    response: bool = True


Wish: TypeAlias = Subscribe | Read | Write


@dataclass(frozen=True, slots=True)
class Unread:
    """A packet that could not be read, and why, in a clause. Counted, kept, and never used."""

    characteristic: str
    why: str


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """The wearable's own clock at a packet's last sample, beside the boot clock when it came: how far they drift."""

    at_ns: int
    device_ns: int


Heard: TypeAlias = Sample | AccelerationBlock | Marked | Unread | DeviceTime


class Codec(Protocol):
    """One connection's worth of understanding one family of wearables. A new connection gets a new codec."""

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...] | str:
        """What to do once connected, in order. offered: the characteristics that the wearable has.

        Wishes for what is not offered are left out here: a strap without a battery service is a strap all the same.
        Where nothing of the family is offered at all, why, and what to do, in a clause: it is not kept connected.
        """
        ...

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """What a packet that came at `at_ns` (boot clock) says, oldest first, and what it makes necessary."""
        ...

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...] | str:
        """How one pulse that ends by itself is asked for; nothing where the wearable cannot vibrate.

        Where it could and would not now, why, and what to do, in a clause.
        """
        ...

    def still(self) -> tuple[Write, ...]:
        """How a pulse that goes on is ended; nothing where it cannot be."""
        ...
