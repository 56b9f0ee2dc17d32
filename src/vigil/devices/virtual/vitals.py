"""What a virtual wearable measures, whatever its packets look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from vigil.domain.records import Mark
from vigil.domain.samples import Milligrams

LYING: Milligrams = (0, 0, 1000)
"""Gravity alone, in milli-g, of a wearable that lies on its back."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a body and its wearable show in one period of the wearable.

    bpm: beats per minute, 0 where none is found. rr_ms: the intervals of the beats in the period, oldest first.
    contact: whether it is worn; None for a wearable that cannot tell. battery_percent: 0 to 100. low_mg, high_mg,
    mean_mg: extremes and mean of each axis in the period. confidence: 0 to 100 percent, where the wearable tells it.
    mark: what was said by its button in the period.
    """

    bpm: int
    rr_ms: tuple[int, ...] = ()
    contact: bool | None = True
    battery_percent: int = 100
    low_mg: Milligrams = LYING
    high_mg: Milligrams = LYING
    mean_mg: Milligrams = LYING
    confidence: int = 100
    mark: Mark | None = None


Feeder: TypeAlias = Callable[[int], Vitals]
"""Gives what a wearable measures in the period that ends so many nanoseconds after it was started."""


def resting(_elapsed_ns: int) -> Vitals:
    """Give a sleeper at 60 beats per minute who never moves."""
    return Vitals(bpm=60, rr_ms=(1000,))
