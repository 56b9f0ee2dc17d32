"""What a wearable says, and how far it can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vigil.domain.plain import register

Milligrams: TypeAlias = tuple[int, int, int]
"""One acceleration vector (x, y, z) in milli-g."""


@register
class Quality(Enum):
    """How far the heart signal can be believed at an instant. Only GOOD lets anything be done."""

    GOOD = "good"
    NEVER = "never"
    """nothing was ever heard: the state at start"""
    STALE = "stale"
    """the last good value is older than the source's own cadence allows"""
    FLAT = "flat"
    """the same value for longer than this source ever holds one"""
    DOUBLED = "doubled"
    """the source sends its values twice"""
    BAD = "bad"
    """too many impossible values of late"""
    OFF_WRIST = "off_wrist"
    LINK_LOST = "link_lost"


@register
class SampleFault(Enum):
    """Why a single sample was left out."""

    OUT_OF_RANGE = "out_of_range"
    DUPLICATE = "duplicate"
    LATE = "late"
    DOUBTFUL_BEAT = "doubtful_beat"
    JUMP = "jump"


@register
@dataclass(frozen=True, slots=True)
class HeartSample:
    """A heart rate as the sensor gave it, known at `at_ns`. `bpm_x10`: tenths of a beat per minute."""

    at_ns: int
    bpm_x10: int


@register
@dataclass(frozen=True, slots=True)
class BeatInterval:
    """The time between two beats, known at `at_ns`, the second beat. `clean` is False where the source doubts it."""

    at_ns: int
    rr_ms: int
    clean: bool = True


@register
@dataclass(frozen=True, slots=True)
class MotionSummary:
    """Movement in the window that ended at `at_ns` and lasted `duration_ms`; known only at its end.

    range_mg: Euclidean norm of the three peak-to-peak ranges, in milli-g; None where acceleration is not known.
    low_mg, high_mg: per-axis extremes, from which the range of several windows together is rebuilt exactly;
        None for sources that only give the range.
    mean_mg: per-axis mean, the direction of gravity while still; None if not known.
    steps: steps counted in the window; None if the source does not count them.
    """

    at_ns: int
    duration_ms: int
    range_mg: int | None
    low_mg: Milligrams | None = None
    high_mg: Milligrams | None = None
    mean_mg: Milligrams | None = None
    steps: int | None = None


@register
@dataclass(frozen=True, slots=True)
class Contact:
    """The wearable says that it is, or is not, on the wrist."""

    at_ns: int
    on: bool


@register
@dataclass(frozen=True, slots=True)
class Battery:
    """Charge of the wearable, 0 to 100 percent."""

    at_ns: int
    percent: int


@dataclass(frozen=True, slots=True, eq=False)
class AccelerationBlock:
    """Raw acceleration: `mg` is int16 milli-g of shape (n, 3); sample i was taken at `at_ns + i * period_ns`.

    Not an input of the engine: `run` reduces blocks to one-second `MotionSummary` records first.
    """

    at_ns: int
    period_ns: int
    mg: NDArray[np.int16]
