"""What can go wrong with the computer or with Vigil itself in a night: an input like any other, told in the morning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vigil.domain.plain import register


@register
class TroubleKind(Enum):
    """What can go wrong around a night, apart from what the wearable and the outputs say themselves."""

    DISK_LOW = "disk_low"
    """less than is needed for a night is free; value: megabytes"""
    DISK_FULL = "disk_full"
    """the store could not be written for want of room"""
    DISK_UNWRITABLE = "disk_unwritable"
    """the store could not be written for another reason"""
    STORE_DAMAGED = "store_damaged"
    """the database was damaged, was moved aside, and a new one was begun"""
    COMPUTER_BATTERY = "computer_battery"
    """the computer runs on its battery, and that is low; value: percent"""
    ENGINE_SLOW = "engine_slow"
    """a step took longer than it may; value: milliseconds"""
    ZONE_CHANGED = "zone_changed"
    """local time moved against UTC (summer time, a journey); value: minutes"""
    HOUSE_DOWN = "house_down"
    """too many restarts in a short time: Vigil stayed down; value: how many"""
    NOT_TOLD = "not_told"
    """the signal was lost for long, and the one way of telling that was chosen did not work"""
    MAY_SLEEP = "may_sleep"
    """what keeps the computer awake was lost in the night"""
    OTHER_BAND = "other_band"
    """a wearable like the sleeper's was heard that is not theirs, while theirs was not; it is left alone"""
    BAND_CLOCK = "band_clock"
    """the wearable's clock moved against the computer's; value: milliseconds, positive if it is slow"""


FORBIDDING = frozenset(
    {
        TroubleKind.DISK_LOW,
        TroubleKind.DISK_FULL,
        TroubleKind.DISK_UNWRITABLE,
        TroubleKind.COMPUTER_BATTERY,
    }
)
"""While one of these lasts the guard allows nothing: it could not be written down, or might not be seen to its end."""


@register
@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about the computer or Vigil itself that the night must take into account and the morning tells.

    value: as the kind says, 0 where it needs none. over: it has passed.
    """

    at_ns: int
    kind: TroubleKind
    value: int = 0
    over: bool = False
