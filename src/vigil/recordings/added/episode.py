"""What is added to a night: how far the heart rate is raised, second by second, and how the arm moves.

Curves are pieces of raised cosine, level and level again; sizes and times are those of mission 5.3 to 5.5. The
generator that parameters are fitted with is of another family and shares nothing with this one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

TERROR_SHARE = (0.33, 1.0)
"""An arousal out of deep sleep raises an adult's heart rate by a third (Ledard 2020) up to double (Fisher 1970)."""

UP_BPM = (100.0, 110.0)
"""The heart rate of somebody who is up and walking at night (mission 5.5)."""

LEAST_UP_BPM = 15.0
"""Getting up raises the heart rate by this at least, also where it was high before. Our choice."""

LONGEST_S = 900.0
"""Fifteen minutes (mission 5.3)."""


class Kind(Enum):
    """What is added. The first three are nightmares (mission 5.3), the rest look-alikes (5.5) and controls."""

    SILENT = "silent"
    MODERATE = "moderate"
    STRONG = "strong"
    TERROR = "terror"
    TURN = "turn"
    BATHROOM = "bathroom"
    PERIODIC = "periodic"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Piece:
    """One rise and fall, in seconds from the onset: raised cosine up, level, raised cosine down."""

    from_s: float
    size_bpm: float
    rise_s: float
    level_s: float
    fall_s: float

    @property
    def ends_s(self) -> float:
        """When nothing of it is left."""
        return self.from_s + self.rise_s + self.level_s + self.fall_s

    def at(self, t_s: float) -> float:
        """What it adds at an instant, in bpm."""
        inside_s = t_s - self.from_s
        if not 0 < inside_s < self.ends_s - self.from_s:
            return 0.0
        if inside_s < self.rise_s:
            return self.size_bpm * (1 - math.cos(math.pi * inside_s / self.rise_s)) / 2
        falling_s = inside_s - self.rise_s - self.level_s
        return (
            self.size_bpm if falling_s <= 0 else self.size_bpm * (1 + math.cos(math.pi * falling_s / self.fall_s)) / 2
        )


@dataclass(frozen=True, slots=True)
class Burst:
    """A movement of the arm: seconds after the onset, seconds long, peak-to-peak range in mg, steps taken."""

    from_s: float
    long_s: float
    range_mg: int
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode. size_bpm: the most that the heart rate is raised by, apart from the body's own wobble."""

    kind: Kind
    size_bpm: float
    pieces: tuple[Piece, ...]
    bursts: tuple[Burst, ...] = ()

    @property
    def ends_s(self) -> float:
        """Seconds from the onset after which nothing is added."""
        return max(piece.ends_s for piece in self.pieces)

    def at(self, t_s: float) -> float:
        """What is added to the heart rate, in bpm, `t_s` after the onset."""
        return sum(piece.at(t_s) for piece in self.pieces)


def draw_episode(kind: Kind, chance: random.Random, rate_bpm: float) -> Episode:
    """One episode of a kind. `rate_bpm`: the heart rate at the onset, which terror and getting up go by."""
    return _DRAW[kind](kind, chance, rate_bpm)


def _nightmare(
    size_bpm: tuple[float, float], rise_s: tuple[float, float], per_min: tuple[float, float], range_mg: float
) -> Callable[[Kind, random.Random, float], Episode]:
    """Two to fifteen minutes long; size even over its range, so that every size is met."""

    def draw(kind: Kind, chance: random.Random, _rate_bpm: float) -> Episode:
        size = chance.uniform(*size_bpm)
        rise, fall = chance.uniform(*rise_s), chance.uniform(30, 120)
        long_s = chance.uniform(120, LONGEST_S)
        piece = Piece(0.0, size, rise, max(0.0, long_s - rise - fall), fall)
        bursts = _bursts(chance, piece.ends_s - fall, chance.uniform(*per_min), range_mg) if per_min[1] else ()
        return Episode(kind, size, (piece,), bursts)

    return draw


def _bursts(chance: random.Random, until_s: float, per_min: float, range_mg: float) -> tuple[Burst, ...]:
    """Movements at random instants (a Poisson process), log-normal in size about a median."""
    bursts: list[Burst] = []
    at_s = chance.expovariate(per_min / 60)
    while at_s < until_s:
        long_s = chance.uniform(0.5, 3.0)
        bursts.append(Burst(at_s, long_s, round(range_mg * math.exp(chance.gauss(0, 0.5)))))
        at_s += long_s + chance.expovariate(per_min / 60)
    return tuple(bursts)


def _terror(kind: Kind, chance: random.Random, rate_bpm: float) -> Episode:
    """Explosive: up by a third or more within 15 to 30 s; movement starts four seconds later (Ledard 2020)."""
    size = chance.uniform(*TERROR_SHARE) * rate_bpm
    piece = Piece(0.0, size, chance.uniform(15, 30), chance.uniform(20, 120), chance.uniform(60, 120))
    moves = _bursts(chance, piece.ends_s - piece.fall_s, chance.uniform(6, 15), 700)
    return Episode(kind, size, (piece,), tuple(Burst(m.from_s + 4, m.long_s, m.range_mg) for m in moves))


def _turn(kind: Kind, chance: random.Random, _rate_bpm: float) -> Episode:
    """Movement first, up within 5 to 15 s, back within 30 to 90 s (mission 5.3, of awakenings)."""
    size = chance.uniform(5, 20)
    piece = Piece(chance.uniform(0, 3), size, chance.uniform(5, 15), chance.uniform(0, 10), chance.uniform(30, 90))
    return Episode(kind, size, (piece,), (Burst(0.0, chance.uniform(2, 10), round(chance.uniform(200, 1500))),))


def _bathroom(kind: Kind, chance: random.Random, rate_bpm: float) -> Episode:
    """Up and walking for two to six minutes at 100 to 110 bpm, then back in bed."""
    size = max(LEAST_UP_BPM, chance.uniform(*UP_BPM) - rate_bpm)
    piece = Piece(0.0, size, chance.uniform(15, 40), chance.uniform(90, 300), chance.uniform(60, 120))
    walking_s = piece.rise_s + piece.level_s
    bursts = tuple(
        Burst(at_s, 5.0, round(chance.uniform(400, 1800)), steps=chance.randint(2, 8))
        for at_s in range(0, int(walking_s), 5)
        if chance.random() < 0.8
    )
    return Episode(kind, size, (piece,), bursts)


def _periodic(kind: Kind, chance: random.Random, _rate_bpm: float) -> Episode:
    """Up by 5 to 8 bpm every 20 to 60 s for 5 to 15 min: breathing or leg events (mission 5.5)."""
    size, spacing_s, long_s = chance.uniform(5, 8), chance.uniform(20, 60), chance.uniform(300, LONGEST_S)
    width_s = min(spacing_s, chance.uniform(12, 25))
    legs = chance.random() < 0.5
    pieces: list[Piece] = []
    bursts: list[Burst] = []
    at_s = 0.0
    while at_s < long_s:
        pieces.append(Piece(at_s, size * chance.uniform(0.75, 1.0), 0.4 * width_s, 0.0, 0.6 * width_s))
        if legs:
            bursts.append(Burst(at_s, chance.uniform(0.5, 3), round(80 * math.exp(chance.gauss(0, 0.5)))))
        at_s += spacing_s * chance.uniform(0.85, 1.15)
    return Episode(kind, max(piece.size_bpm for piece in pieces), tuple(pieces), tuple(bursts))


_DRAW: dict[Kind, Callable[[Kind, random.Random, float], Episode]] = {
    Kind.SILENT: _nightmare((0, 3), (60, 300), (0, 0), 0),
    Kind.MODERATE: _nightmare((5, 12), (60, 300), (0.1, 1.0), 90),
    Kind.STRONG: _nightmare((12, 30), (10, 90), (0.5, 4.0), 400),
    Kind.TERROR: _terror,
    Kind.TURN: _turn,
    Kind.BATHROOM: _bathroom,
    Kind.PERIODIC: _periodic,
    Kind.ZERO: _nightmare((0, 0), (10, 300), (0, 0), 0),
}
