"""How a body may answer a nightmare, or something like it: climbs of a gamma process through a leaky integrator.

A nervous drive that climbs in random steps (a gamma process), holds with a wandering level (Ornstein-Uhlenbeck), and
falls away; the heart follows it as a leaky integrator. Sizes and times are those of mission 5.3 to 5.5 with wider
edges, so that what is fitted does not stand on the edge of what is measured. Movement comes in bursts.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

HORIZON_S = 420
"""Seconds that a response is drawn for: the five minutes in which finding counts, and two more."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Movement of the arm: seconds after the onset, seconds long, peak-to-peak range in mg, steps taken."""

    from_s: float
    long_s: float
    range_mg: int
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """added_bpm: for each second after the onset, `HORIZON_S` of them. size_bpm: what it was meant to reach."""

    kind: str
    size_bpm: float
    added_bpm: tuple[float, ...]
    bursts: tuple[Burst, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """Ranges that a kind of response is drawn from: size in bpm, seconds to climb, to hold and to fall; movement.

    bursts_per_min: while climbing and holding. burst_mg: median of a burst's range. positive: whether it is a
    nightmare, to be found, or a look-alike, to be left alone.
    """

    size_bpm: tuple[float, float]
    climb_s: tuple[float, float]
    hold_s: tuple[float, float]
    fall_s: tuple[float, float]
    bursts_per_min: tuple[float, float]
    burst_mg: float
    positive: bool


MANNERS: dict[str, Manner] = {
    "strong": Manner((11, 32), (10, 90), (90, 720), (20, 90), (0.5, 5), 350, positive=True),
    "moderate": Manner((4.5, 13), (60, 300), (60, 600), (30, 120), (0, 1.2), 90, positive=True),
    "turn": Manner((5, 20), (4, 15), (0, 15), (15, 45), (2, 6), 700, positive=False),
    "bathroom": Manner((20, 45), (15, 60), (60, 240), (30, 120), (20, 50), 1200, positive=False),
    "terror": Manner((20, 60), (5, 20), (10, 90), (20, 60), (4, 20), 900, positive=False),
    "periodic": Manner((4, 9), (5, 12), (0, 5), (6, 15), (0, 1.5), 120, positive=False),
}


def draw_response(kind: str, chance: random.Random) -> Response:
    """One response of a kind of `MANNERS`."""
    manner = MANNERS[kind]
    size_bpm, climb_s = chance.uniform(*manner.size_bpm), chance.uniform(*manner.climb_s)
    active_s = climb_s + chance.uniform(*manner.hold_s)
    if kind == "periodic":
        spacing_s, added = chance.uniform(18, 70), [0.0] * HORIZON_S
        start = 0.0
        while start < HORIZON_S:
            again = _heart(size_bpm * chance.uniform(0.6, 1.2), climb_s, climb_s, manner, chance)
            for second in range(int(start), HORIZON_S):
                added[second] += again[second - int(start)]
            start += spacing_s * chance.uniform(0.85, 1.15)
        active_s = HORIZON_S
    else:
        added = _heart(size_bpm, climb_s, active_s, manner, chance)
    return Response(kind, size_bpm, tuple(added), tuple(_bursts(manner, active_s, chance, walking=kind == "bathroom")))


def _heart(size_bpm: float, climb_s: float, active_s: float, manner: Manner, chance: random.Random) -> list[float]:
    """Drive and heart second by second: a climb to 1 in random steps, a wandering hold, a fall; times the size."""
    fall_s, lag_s = chance.uniform(*manner.fall_s), chance.uniform(3, 12)
    steps = [chance.gammavariate(0.15, 1.0) for _ in range(max(1, round(climb_s)))]
    total = math.fsum(steps) or 1.0
    wander, level, heart = 0.0, 0.0, 0.0
    added: list[float] = []
    for second in range(HORIZON_S):
        wander += -wander / 25 + chance.gauss(0, 0.18 / math.sqrt(12.5))
        if second < len(steps):
            level += steps[second] / total
        elif second >= active_s:
            level -= level / fall_s
        heart += (level * (1 + wander) - heart) / lag_s
        added.append(size_bpm * max(0.0, heart))
    return added


def _bursts(manner: Manner, active_s: float, chance: random.Random, *, walking: bool) -> Sequence[Burst]:
    per_min = chance.uniform(*manner.bursts_per_min)
    bursts: list[Burst] = []
    at_s = chance.uniform(0, 8) if per_min > 1.5 else math.inf
    if math.isinf(at_s) and per_min > 0:
        at_s = chance.expovariate(per_min / 60)
    while at_s < min(active_s, HORIZON_S):
        long_s = chance.uniform(0.5, 4)
        bursts.append(Burst(at_s, long_s, round(manner.burst_mg * chance.lognormvariate(0, 0.7)), 4 * walking))
        at_s += long_s + chance.expovariate(per_min / 60)
    return bursts
