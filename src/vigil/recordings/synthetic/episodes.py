"""Nightmares as a mixture of sizes. Nobody has published the course of one second by second: mission 5.3 [A]."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from vigil.domain.sleep import AasmStage
from vigil.recordings.synthetic.chance import around, between, whole_between
from vigil.recordings.synthetic.drives import Move, Surge


class EpisodeSize(Enum):
    """How much of a nightmare the body shows."""

    SILENT = "silent"
    MODERATE = "moderate"
    STRONG = "strong"


class EndedBy(Enum):
    """How an episode ended."""

    WAKING = "waking"
    ITSELF = "itself"
    NUDGE = "nudge"


@dataclass(frozen=True, slots=True)
class SizeRow:
    """One size of the mixture. Pairs are the ends of an even draw.

    share: of all nightmares. rise_bpm over ramp_s; breathing: factor on the breathing rate. twitches_per_min of
    twitch_mg (median). waking: share that ends in an awakening.
    """

    share: float
    rise_bpm: tuple[float, float]
    ramp_s: tuple[int, int]
    breathing: tuple[float, float]
    twitches_per_min: tuple[float, float]
    twitch_mg: float
    waking: float


SIZES = {
    # Shares, rises, ramps and breathing: mission 5.3, "Simulator mixture [A]". Twitches: small wrist twitches, or
    # movement, in g [A]. Waking: "in most" of those that are felt; silent ones may be known only by the morning [A].
    EpisodeSize.SILENT: SizeRow(0.35, (0.0, 3.0), (60, 300), (1.0, 1.03), (0.0, 0.3), 60.0, 0.3),
    EpisodeSize.MODERATE: SizeRow(0.45, (5.0, 12.0), (60, 300), (1.05, 1.15), (0.5, 2.0), 110.0, 0.6),
    EpisodeSize.STRONG: SizeRow(0.20, (12.0, 30.0), (10, 90), (1.1, 1.3), (3.0, 8.0), 450.0, 0.7),
}

LENGTH_S = (120, 900)
"""2 to 15 minutes (mission 5.3 [A])."""
WAKING_BPM, WAKING_RISE_S, WAKING_FALL_S = (10.0, 25.0), (5, 15), (30.0, 90.0)
"""The awakening surge: +10 to +25 bpm within 5 to 15 s, decays in 30 to 90 s (mission 5.3)."""
WAKING_AWAKE_S = (120, 900)
"""How long the sleeper lies awake afterwards [A]."""
SETTLING_FALL_S = (40.0, 120.0)
"""Time constant with which the heart settles when an episode ends without waking [A]."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One nightmare, from onset to end.

    stage: the sleep it comes in. end_s: when it ends, as things stand. rise: its course in heart rate, which begins
    to fall at `end_s`. waking: surge and movements of the awakening at `end_s`; awake_s: how long it lasts, 0 without
    one.
    """

    size: EpisodeSize
    stage: AasmStage
    onset_s: int
    end_s: int
    rise: Surge
    breathing: float
    twitches: tuple[Move, ...]
    waking: tuple[Surge, ...]
    waking_moves: tuple[Move, ...]
    awake_s: int
    ended_by: EndedBy

    def surges(self) -> tuple[Surge, ...]:
        """All that it adds to the heart rate."""
        return (self.rise, *self.waking)

    def moves(self) -> tuple[Move, ...]:
        """All its movements."""
        return (*self.twitches, *self.waking_moves)

    def ended(self, at_s: int, fall_s: float) -> Episode:
        """The same episode, ended by a nudge at `at_s`, before its own end; the heart falls with `fall_s`."""
        return replace(
            self,
            end_s=at_s,
            rise=self.rise.cut(at_s, fall_s),
            twitches=tuple(move for move in self.twitches if move.at_s < at_s),
            waking=(),
            waking_moves=(),
            awake_s=0,
            ended_by=EndedBy.NUDGE,
        )


def draw_size(rng: np.random.Generator) -> EpisodeSize:
    """A size, by the shares of the mixture."""
    left = float(rng.random())
    for size, row in SIZES.items():
        left -= row.share
        if left < 0:
            return size
    return EpisodeSize.STRONG


def draw_length(rng: np.random.Generator) -> int:
    """How long an episode would last if nothing came between, in seconds."""
    return whole_between(rng, LENGTH_S)


def draw_episode(
    rng: np.random.Generator,
    size: EpisodeSize,
    stage: AasmStage,
    onset_s: int,
    length_s: int,
    wakes: bool | None = None,
) -> Episode:
    """One episode of `size` in `stage`. `wakes`: whether it ends in an awakening; None leaves it to the table."""
    row = SIZES[size]
    end_s = onset_s + length_s
    ramp = min(whole_between(rng, row.ramp_s), max(1, length_s - 30))
    bpm = between(rng, row.rise_bpm)
    rise = Surge(onset_s, ramp, max(0, length_s - ramp), between(rng, SETTLING_FALL_S), bpm)
    breathing = between(rng, row.breathing)
    twitches = draw_twitches(rng, (onset_s, end_s), between(rng, row.twitches_per_min), row.twitch_mg)
    waking, moves, awake = draw_waking(rng, end_s)
    chosen = float(rng.random()) < row.waking
    if not (chosen if wakes is None else wakes):
        return Episode(size, stage, onset_s, end_s, rise, breathing, twitches, (), (), 0, EndedBy.ITSELF)
    return Episode(size, stage, onset_s, end_s, rise, breathing, twitches, (waking,), moves, awake, EndedBy.WAKING)


def draw_twitches(
    rng: np.random.Generator, span: tuple[int, int], per_min: float, median_mg: float
) -> tuple[Move, ...]:
    """Short movements scattered over a span of seconds."""
    from_s, to_s = span
    count = int(rng.poisson(per_min * (to_s - from_s) / 60))
    at = sorted(int(rng.integers(from_s, to_s)) for _ in range(count))
    return tuple(Move(s, whole_between(rng, (1, 3)), round(around(rng, median_mg, 0.6))) for s in at)


def draw_waking(rng: np.random.Generator, at_s: int) -> tuple[Surge, tuple[Move, ...], int]:
    """An awakening out of a dream: its surge, the sleeper moving and lying awake, and for how many seconds."""
    rise_s = whole_between(rng, WAKING_RISE_S)
    surge = Surge(at_s, rise_s, 0, between(rng, WAKING_FALL_S), between(rng, WAKING_BPM))
    awake_s = whole_between(rng, WAKING_AWAKE_S)
    start = Move(at_s + rise_s // 2, whole_between(rng, (3, 10)), round(around(rng, 1200.0, 0.4)))
    later = draw_twitches(rng, (at_s + 20, at_s + awake_s), 0.7, 500.0)
    return surge, (start, *later), awake_s
