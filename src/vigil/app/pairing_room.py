"""What pairing is, for terminal and page: what a wearable can be for, whose place it takes, and how it is forgotten."""

from __future__ import annotations

from enum import Enum

from vigil.app.home import Home, Shelf
from vigil.app.json_file import set_aside
from vigil.app.pairing import Near, roles_of
from vigil.app.wearables_file import (
    Paired,
    Role,
    Wearables,
    read_wearables,
    wearables_path,
    without,
    write_wearables,
)
from vigil.app.wiring import LOCK_NAME
from vigil.domain.errors import BusyError, InputError
from vigil.store.lock import holder_of

NO_SENSOR = "Nothing was paired: nothing would sense. Pair the sensor first, then what vibrates."


class Use(Enum):
    """What a wearable is paired for."""

    SENSOR = "sensor"
    VIBRATION = "vibration"
    BOTH = "both"


ROLES = {
    Use.SENSOR: frozenset({Role.SENSOR}),
    Use.VIBRATION: frozenset({Role.VIBRATION}),
    Use.BOTH: frozenset(Role),
}
USE_WORDS = {Use.BOTH: "to sense and to vibrate", Use.SENSOR: "to sense", Use.VIBRATION: "to vibrate"}


def uses_of(near: Near) -> tuple[Use, ...]:
    """What a device can be paired for, the most first."""
    can = frozenset(roles_of(near.family))
    return tuple(one for one in USE_WORDS if ROLES[one] <= can)


def no_night(home: Home, shelf: Shelf = Shelf.OWN) -> None:
    """Raise BusyError while a night is watched: its radio is not disturbed, nor its wearable taken."""
    holder = holder_of(home.shelf(shelf) / LOCK_NAME)
    if holder:
        message = f"a night is being watched ({holder}); its wearables were left alone; pair by day"
        raise BusyError(message)


def replaced_words(before: Wearables, paired: Paired) -> tuple[str, ...]:
    """Whose place a wearable takes, a sentence each."""
    others = (one for one in before.all if one.address.upper() != paired.address.upper())
    shared = ((one, sorted(role.value for role in one.roles & paired.roles)) for one in others)
    return tuple(f"It takes the place of {one.name} ({', '.join(roles)})." for one, roles in shared if roles)


def forget(home: Home, address: str | None) -> str:
    """End one pairing, or all for None; returns what to say. Nights stay.

    A file that cannot be read is moved aside, never erased. Raises InputError where a wearable would be left without a
    sensor.
    """
    try:
        before = read_wearables(home)
    except InputError:
        aside = set_aside(wearables_path(home))
        return f"The file of wearables could not be read and was moved to {aside}. Nothing is paired now."
    left = Wearables() if address is None else without(before, address)
    if left == before:
        return "There was nothing to forget." if address is None else f"{address} is not paired."
    if left.all and left.sensor is None:
        message = (
            f"{address} is the sensor, and {left.all[0].name} would be left without one; nothing was changed; forget "
            "both with vigil pair --forget, or pair another sensor, which replaces it"
        )
        raise InputError(message)
    write_wearables(home, left)
    return f"Forgotten: {', '.join(one.name for one in before.all if one not in left.all)}."
