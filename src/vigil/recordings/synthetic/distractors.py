"""What looks like a nightmare and is not: mission 5.5, one row a kind. Sizes without a source are marked [A]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from vigil.domain.sleep import AasmStage
from vigil.recordings.synthetic.chance import around, between, whole_between
from vigil.recordings.synthetic.drives import Level, Move, Surge, direction
from vigil.recordings.synthetic.episodes import draw_twitches

N2, N3, R = AasmStage.N2, AasmStage.N3, AasmStage.REM


class DistractorKind(Enum):
    """What it was, in truth."""

    TERROR = "terror"
    LEGS = "legs"
    APNOEA = "apnoea"
    ALCOHOL = "alcohol"
    BATHROOM = "bathroom"
    FEVER = "fever"
    AWAKE = "awake"
    GOOD_DREAM = "good dream"
    AROUSAL = "arousal"
    POSTURE = "posture"
    TWITCH = "twitch"

    @property
    def ordinary(self) -> bool:
        """Whether every night has many of them."""
        return self in (DistractorKind.AROUSAL, DistractorKind.POSTURE, DistractorKind.TWITCH)


@dataclass(frozen=True, slots=True)
class Distractor:
    """One event that is not a nightmare. awake: the sleeper is awake throughout. asleep: it needs a sleeper."""

    kind: DistractorKind
    from_s: int
    to_s: int
    surges: tuple[Surge, ...] = ()
    moves: tuple[Move, ...] = ()
    levels: tuple[Level, ...] = ()
    awake: bool = False
    asleep: bool = True


Draw = Callable[[np.random.Generator, float, int, int], Distractor]
"""(stream, resting heart rate in bpm, from_s, to_s) -> the event."""


@dataclass(frozen=True, slots=True)
class DistractorRow:
    """Where a kind belongs in a night.

    nightly: share of ordinary nights that have one [A]. stages: what the sleeper must be in when it begins, and the
    first of them is held throughout where `held`. window: part of the night, 0 to 1. length_s: ends of an even draw;
    None for the whole window.
    """

    nightly: float
    stages: tuple[AasmStage, ...]
    window: tuple[float, float]
    length_s: tuple[int, int] | None
    draw: Draw
    held: bool = True


def _terror(rng: np.random.Generator, resting: float, from_s: int, to_s: int) -> Distractor:
    """Heart rate x1.33 (Ledard 2020, adults) to x2 (Fisher 1970: x2 to x3) in 15 to 30 s, 4 s before movement."""
    rise_s = whole_between(rng, (15, 30))
    hold_s = max(0, to_s - from_s - rise_s)
    surge = Surge(from_s, rise_s, hold_s, between(rng, (40.0, 90.0)), resting * between(rng, (0.33, 1.0)))
    first = Move(from_s + 4, rise_s + hold_s // 2, round(around(rng, 1500.0, 0.4)))
    return Distractor(DistractorKind.TERROR, from_s, to_s, (surge,), (first,))


def _legs(rng: np.random.Generator, _resting: float, from_s: int, to_s: int) -> Distractor:
    """Movements of 0.5-10 s, 5-90 s apart, a rise after each (mission 5.5); seen faintly at the wrist [A]."""
    apart, bpm, mg = between(rng, (15.0, 45.0)), between(rng, (3.0, 8.0)), between(rng, (60.0, 400.0))
    surges, moves = [], []
    at = float(from_s)
    while at < to_s:
        moves.append(Move(int(at), whole_between(rng, (1, 5)), round(around(rng, mg, 0.4))))
        surges.append(Surge(int(at) + 1, 4, 0, between(rng, (6.0, 10.0)), bpm * between(rng, (0.7, 1.3))))
        at += min(90.0, max(5.0, apart * between(rng, (0.8, 1.2))))
    return Distractor(DistractorKind.LEGS, from_s, to_s, tuple(surges), tuple(moves))


def _apnoea(rng: np.random.Generator, _resting: float, from_s: int, to_s: int) -> Distractor:
    """A sawtooth: +5.1 bpm at the end of each event, +7.9 with a leg movement (PMID 16676789); spacing 35-70 s [A]."""
    apart = between(rng, (35.0, 70.0))
    surges, moves = [], []
    at = float(from_s)
    while at < to_s:
        kicks = float(rng.random()) < 0.3
        surges.append(Surge(int(at), 6, 1, 10.0, (7.9 if kicks else 5.1) * between(rng, (0.6, 1.6))))
        if kicks:
            moves.append(Move(int(at), whole_between(rng, (1, 4)), round(around(rng, 300.0, 0.6))))
        at += apart * between(rng, (0.75, 1.25))
    return Distractor(DistractorKind.APNOEA, from_s, to_s, tuple(surges), tuple(moves))


def _alcohol(rng: np.random.Generator, _resting: float, from_s: int, to_s: int) -> Distractor:
    """The first hours: about +4 to +8.7 bpm for more than 0.25 g/kg [R], wearing off over hours [A]."""
    level = Level(from_s, to_s, 1, max(1, (to_s - from_s) * 2 // 3), between(rng, (4.0, 8.7)))
    return Distractor(DistractorKind.ALCOHOL, from_s, to_s, levels=(level,), asleep=False)


def _fever(rng: np.random.Generator, _resting: float, from_s: int, to_s: int) -> Distractor:
    """A slow shift over hours [R]: +6 to +14 bpm [A]."""
    level = Level(from_s, to_s, max(1, (to_s - from_s) // 3), 1, between(rng, (6.0, 14.0)))
    return Distractor(DistractorKind.FEVER, from_s, to_s, levels=(level,), asleep=False)


def _bathroom(rng: np.random.Generator, resting: float, from_s: int, to_s: int) -> Distractor:
    """Upright, steps there and back, to 100-110 bpm (anecdotal, mission 5.5)."""
    walk = whole_between(rng, (8, 25))
    away = max(walk + 5, to_s - from_s - walk - 20)
    peak = max(15.0, between(rng, (95.0, 110.0)) - resting)
    surge = Surge(from_s, 25, max(0, away + walk - 25), between(rng, (25.0, 50.0)), peak)
    moves = (
        Move(from_s, 6, 1800, direction(rng)),
        Move(from_s + 8, walk, 1200, direction(rng), steps=2),
        *draw_twitches(rng, (from_s + 8 + walk, from_s + away), 6.0, 500.0),
        Move(from_s + away, walk, 1200, steps=2),
        Move(from_s + away + walk, 8, 1800, direction(rng)),
    )
    return Distractor(DistractorKind.BATHROOM, from_s, to_s, (surge,), moves, awake=True, asleep=False)


def _awake(rng: np.random.Generator, _resting: float, from_s: int, to_s: int) -> Distractor:
    """Lying awake, turning now and then; the heart at its waking rate, with a little more when turning [A]."""
    moves = draw_twitches(rng, (from_s, to_s), 0.6, 700.0)
    surges = tuple(Surge(move.at_s, 4, 0, 15.0, between(rng, (3.0, 9.0))) for move in moves)
    return Distractor(DistractorKind.AWAKE, from_s, to_s, surges, moves, awake=True, asleep=False)


def _good_dream(rng: np.random.Generator, _resting: float, from_s: int, to_s: int) -> Distractor:
    """A vivid good dream: like a moderate nightmare from outside, on purpose [A]. Vigil cannot tell them apart."""
    length = to_s - from_s
    ramp = min(whole_between(rng, (60, 240)), max(1, length - 30))
    surge = Surge(from_s, ramp, length - ramp, between(rng, (40.0, 120.0)), between(rng, (3.0, 9.0)))
    return Distractor(DistractorKind.GOOD_DREAM, from_s, to_s, (surge,), draw_twitches(rng, (from_s, to_s), 0.8, 90.0))


ROWS = {
    DistractorKind.TERROR: DistractorRow(0.03, (N3,), (0.05, 0.4), (60, 180), _terror),
    DistractorKind.LEGS: DistractorRow(0.12, (N2,), (0.08, 0.5), (600, 2400), _legs),
    DistractorKind.APNOEA: DistractorRow(0.10, (R, N2), (0.2, 1.0), (600, 2400), _apnoea, held=False),
    DistractorKind.ALCOHOL: DistractorRow(0.12, (), (0.0, 0.6), None, _alcohol, held=False),
    DistractorKind.BATHROOM: DistractorRow(0.35, (N2, R), (0.3, 0.95), (180, 480), _bathroom, held=False),
    DistractorKind.FEVER: DistractorRow(0.03, (), (0.25, 1.0), None, _fever, held=False),
    DistractorKind.AWAKE: DistractorRow(0.20, (N2, R), (0.3, 0.95), (900, 3600), _awake, held=False),
    DistractorKind.GOOD_DREAM: DistractorRow(0.50, (R,), (0.3, 1.0), (180, 720), _good_dream),
}
"""Windows and lengths: "When" of mission 5.5 where it says so, else [A]."""
