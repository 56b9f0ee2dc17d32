"""Where the simulated sleeper's randomness comes from: one stream a purpose, so that none disturbs another."""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np


class Chance(IntEnum):
    """What a stream of random numbers is for. The values are part of what a seed means: never renumber them."""

    PERSON = 1
    ARCHITECTURE = 2
    EPISODES = 3
    DISTRACTORS = 4
    ORDINARY = 5
    HEART = 6
    MOTION = 7
    SENSOR = 8
    ANSWER = 9
    RAW = 10


def generator(seed: int, use: Chance, *more: int) -> np.random.Generator:
    """The stream of `seed` for `use`; `more` splits it further. Raises ValueError for a negative seed."""
    return np.random.default_rng([seed, int(use), *more])


def between(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    """A number drawn evenly from [low, high)."""
    low, high = bounds
    return low + (high - low) * float(rng.random())


def whole_between(rng: np.random.Generator, bounds: tuple[int, int]) -> int:
    """A whole number drawn evenly from low to high, both included."""
    return int(rng.integers(bounds[0], bounds[1], endpoint=True))


def around(rng: np.random.Generator, median: float, sigma: float) -> float:
    """A log-normal draw, never more than 2.5 sigma from its median: sizes of bodily events are skewed."""
    return median * math.exp(sigma * min(2.5, max(-2.5, float(rng.standard_normal()))))
