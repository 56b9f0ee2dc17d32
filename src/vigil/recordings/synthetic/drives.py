"""What every bodily event of the night is made of: surges and levels of heart rate, and movements.

Seconds count from lights-out; second `s` is the window that ends at `s`. What begins at `at_s` is first seen in second
`at_s + 1`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigil.domain.samples import Milligrams

TAIL = 4
"""A fall is followed for this many time constants (to 2 % of its height) and then dropped."""


@dataclass(frozen=True, slots=True)
class Surge:
    """Heart rate that rises by `bpm` in a straight line over `rise_s`, holds, and falls with time constant `fall_s`."""

    at_s: int
    rise_s: int
    hold_s: int
    fall_s: float
    bpm: float

    def profile(self) -> list[float]:
        """What it adds to the heart rate in each second after `at_s`, in bpm."""
        rise = max(1, self.rise_s)
        rising = [self.bpm * (i + 1) / rise for i in range(rise)]
        falling = [self.bpm * math.exp(-(i + 1) / self.fall_s) for i in range(math.ceil(TAIL * self.fall_s))]
        return rising + [self.bpm] * self.hold_s + falling

    def cut(self, at_s: int, fall_s: float) -> Surge:
        """The same surge that begins to fall at `at_s`, with time constant `fall_s`, from where it stood then."""
        gone = max(1, at_s - self.at_s)
        if gone < self.rise_s:
            return Surge(self.at_s, gone, 0, fall_s, self.bpm * gone / self.rise_s)
        return Surge(self.at_s, self.rise_s, gone - max(1, self.rise_s), fall_s, self.bpm)


@dataclass(frozen=True, slots=True)
class Level:
    """A slow shift of the heart rate: up over `up_s` from `from_s`, down over `down_s` to `to_s`."""

    from_s: int
    to_s: int
    up_s: int
    down_s: int
    bpm: float

    def profile(self) -> list[float]:
        """What it adds to the heart rate in each second after `from_s`, in bpm."""
        length = self.to_s - self.from_s
        up, down = max(1, self.up_s), max(1, self.down_s)
        return [self.bpm * min(1.0, (i + 1) / up, (length - i) / down) for i in range(length)]


@dataclass(frozen=True, slots=True)
class Move:
    """Movement of about `mg` peak to peak in each of `length_s` seconds.

    turn_mg: the direction of gravity from its end on, in milli-g, where the position changed. steps: per second.
    """

    at_s: int
    length_s: int
    mg: int
    turn_mg: Milligrams | None = None
    steps: int = 0


def add(to: NDArray[np.float64], at: int, profile: list[float]) -> None:
    """Add `profile` to `to` from index `at` on, in place; what falls outside is left out."""
    first, last = max(0, at), min(len(to), at + len(profile))
    if first < last:
        to[first:last] += np.array(profile[first - at : last - at])


def direction(rng: np.random.Generator) -> Milligrams:
    """Gravity in a random position of the wrist: length 1000 milli-g within rounding."""
    x, y, z = (float(value) for value in rng.standard_normal(3))
    size = math.sqrt(x * x + y * y + z * z) or 1.0
    return (round(1000 * x / size), round(1000 * y / size), round(1000 * z / size))
