"""A virtual wearable without its radio: what it offers, what it sends, and what it does when it is asked.

The same model is carried by bumble (`air`) and by the tests' stand-in for BlueZ.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from vigil.devices.virtual.faults import Fault, FaultScript, Packet
from vigil.devices.virtual.vitals import Feeder, Vitals, resting
from vigil.domain.units import NS_PER_S


@dataclass(frozen=True, slots=True)
class Offered:
    """A characteristic: its full, lower-case UUID, and what can be done with it.

    properties: by their names in bleak and BlueZ: read, write, write-without-response, notify, indicate.
    """

    uuid: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferedService:
    """A primary service and its characteristics."""

    uuid: str
    characteristics: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """How a wearable shows itself.

    address: a random static address, as "F0:00:00:00:00:01" (its two highest bits are ones: Core 5.4, Vol 6, Part B,
    1.3.2.1). name: as advertised, any bytes at all. rssi: dBm, -127 to 20.
    """

    address: str
    name: bytes
    rssi: int = -55


class WearableModel(ABC):
    """One wearable. A family says what it offers and sends; the faults and the bookkeeping are the same for all.

    feeder: what it measures. faults: what goes wrong. seed: of garbage. `services` and `advertised` are rows of the
    family: its GATT, and the services that its advertisement names.
    """

    services: tuple[OfferedService, ...] = ()
    advertised: tuple[str, ...] = ()
    period_ns: int = NS_PER_S

    def __init__(
        self, identity: Identity, feeder: Feeder = resting, faults: Iterable[Fault] = (), seed: int = 0
    ) -> None:
        self.identity = identity
        self.script = FaultScript(faults, seed)
        self.vitals: Vitals = feeder(0)
        self._feeder = feeder

    def due(self, elapsed_ns: int) -> tuple[Packet, ...]:
        """Measure, and give what goes out in the period that ends now; elapsed_ns: since the wearable was started."""
        self.vitals = self.script.measured(self._feeder, elapsed_ns)
        return self.script.sent(self.packets(elapsed_ns), elapsed_ns)

    @abstractmethod
    def packets(self, elapsed_ns: int) -> tuple[Packet, ...]:
        """Give what a whole wearable sends of `self.vitals`; for the family to say."""

    def read(self, characteristic: str) -> bytes:
        """Give a characteristic's value; none by default."""
        del characteristic
        return b""

    def write(self, characteristic: str, data: bytes, elapsed_ns: int) -> tuple[Packet, ...]:
        """Take what is written, and give what is sent in answer; nothing by default."""
        del characteristic, data, elapsed_ns
        return ()

    def connected(self) -> None:  # noqa: B027 — most families forget nothing
        """Begin a connection: what was asked for in an earlier one is forgotten; nothing by default."""
