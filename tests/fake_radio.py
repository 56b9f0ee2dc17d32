"""A room with wearables in it, and what they say, without a radio."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from vigil.app.pairing import Near, OtherFamilyError
from vigil.app.wearables_file import Paired, Role
from vigil.devices import ble_link
from vigil.devices.families import BUILT_IN, HEART_RATE_SERVICE
from vigil.devices.packets.contract import Heard
from vigil.domain.errors import DeviceError
from vigil.domain.samples import HeartSample

H10 = "A0:9E:1A:00:00:01"
WATCH = "D3:12:00:00:00:02"
STRAP = Paired("polar-h10", H10, "Polar H10 1234ABCD", frozenset({Role.SENSOR}))
BUZZER = Paired("banglejs", WATCH, "Bangle.js 5678", frozenset({Role.VIBRATION}))
BEATING: tuple[Heard, ...] = tuple(HeartSample(second, 600 + 10 * second) for second in range(1, 9))


@dataclass(frozen=True, slots=True)
class Advertised:
    """What `ble_link.Seen` tells."""

    address: str
    name: str | None
    rssi: int = -50
    services: frozenset[str] = frozenset({HEART_RATE_SERVICE})
    device: Any = None
    held: bool = False


@dataclass
class FakeRadio:
    """A room with what advertises in it, and what it says once it is connected."""

    room: Sequence[Advertised] = (Advertised(H10, STRAP.name), Advertised(WATCH, BUZZER.name, -80))
    says: Sequence[Heard] = BEATING
    off: str = ""
    refuses: str = ""
    connected: list[tuple[str, float]] = field(default_factory=list)
    really: dict[str, str] = field(default_factory=dict)
    """the family of which one is that was taken for another's, by address"""

    def scan(self, seconds: float) -> list[ble_link.Seen]:
        assert seconds > 0
        if self.off:
            raise DeviceError(self.off)
        return cast("list[ble_link.Seen]", list(self.room))

    def listen(self, near: Near, seconds: float, hear: Callable[[Heard], bool]) -> None:
        if self.refuses:
            raise DeviceError(self.refuses)
        self.connected.append((near.address, seconds))
        if (really := self.really.get(near.address, near.family.key)) != near.family.key:
            raise OtherFamilyError(next(row for row in BUILT_IN if row.key == really))
        for said in self.says:
            if hear(said):
                return
