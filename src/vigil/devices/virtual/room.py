"""What bleak's backend needs of an air, so that it does not have to know how one is made."""

from __future__ import annotations

from typing import Protocol

from bumble.device import Device

from vigil.devices.virtual.living import Life
from vigil.devices.virtual.model import WearableModel


class Present(Protocol):
    """A wearable that is there."""

    @property
    def model(self) -> WearableModel:
        """What it is."""
        ...

    @property
    def life(self) -> Life:
        """What it suffers, and when."""
        ...


class Room(Protocol):
    """Where wearables and a computer hear each other."""

    async def central(self) -> Device:
        """Give a new radio of the computer, switched on."""
        ...

    def forget(self, device: Device) -> None:
        """Take a radio off the air."""
        ...

    def peripheral(self, address: str) -> Present | None:
        """Give the wearable of an address, if there is one."""
        ...
