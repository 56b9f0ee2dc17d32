"""Arousals, turns and twitches: the ordinary noise of a night, drawn at a rate per stage.

Mission 5.1 [V]: 178 arousals (EEG) and 1.6 posture shifts an hour in good sleepers; not every arousal reaches the
heart. Rates of movement by stage are fitted so that the share of 30-s epochs above 0.15 g is near sleep-accel's (N1
0.19, N2 0.04, N3 0.03, REM 0.08), which also gives the order N1 > REM > N2 > N3 of mission 5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S
from vigil.recordings.synthetic.architecture import STAGES
from vigil.recordings.synthetic.chance import Chance, around, between, generator, whole_between
from vigil.recordings.synthetic.distractors import Distractor, DistractorKind
from vigil.recordings.synthetic.drives import Move, Surge, direction
from vigil.recordings.synthetic.people import Person

PHASIC_DIP_BPM = -3.0
"""REM phasic bursts: the heart dips briefly 3 s before (Taylor 1985, mission 5.5); size [A]."""

PTSD_AROUSALS = 1.2
"""More arousals with frequent nightmares (mission 5.2); factor [A]."""


@dataclass(frozen=True, slots=True)
class OrdinaryRow:
    """One kind of ordinary event.

    per_h: rate in the order of `STAGES` (wake, N1, N2, N3, REM). bpm, mg: median and log-sigma, median 0 for none.
    length_s: of the movement. turns: the position changes.
    """

    kind: DistractorKind
    per_h: tuple[float, float, float, float, float]
    bpm: tuple[float, float]
    mg: tuple[float, float]
    length_s: tuple[int, int]
    turns: bool = False


AWAKENING = OrdinaryRow(DistractorKind.AROUSAL, (0.0, 0.0, 0.0, 0.0, 0.0), (10.0, 0.5), (900.0, 0.7), (2, 10))
"""What begins an ordinary awakening; its size is fitted to what wake shows in sleep-accel."""
STAGE_SURGE = (1.1, 1.5, 1.0, 0.9, 1.4)
"""Factor on the surge by stage, in the order of `STAGES`: fitted to the surges of sleep-accel's epochs."""

ROWS = (
    OrdinaryRow(DistractorKind.AROUSAL, (0.0, 25.0, 12.0, 5.0, 16.0), (4.5, 0.5), (0.0, 0.0), (0, 0)),
    OrdinaryRow(DistractorKind.AROUSAL, (18.0, 12.0, 2.5, 1.2, 4.0), (9.0, 0.6), (700.0, 0.8), (2, 8)),
    OrdinaryRow(DistractorKind.POSTURE, (6.0, 4.0, 1.2, 0.6, 1.6), (10.0, 0.4), (1500.0, 0.4), (3, 10), turns=True),
    OrdinaryRow(DistractorKind.TWITCH, (40.0, 15.0, 4.0, 2.0, 14.0), (0.0, 0.0), (70.0, 0.7), (1, 2)),
)


def ordinary(seed: int, who: Person, stages: Sequence[AasmStage]) -> tuple[Distractor, ...]:
    """All ordinary events of a night with these stages, in order of their beginning."""
    rng = generator(seed, Chance.ORDINARY)
    found: list[Distractor] = []
    for row in ROWS:
        factor = who.movement * (
            PTSD_AROUSALS if who.ptsd_shift_bpm > 0 and row.kind is DistractorKind.AROUSAL else 1.0
        )
        chances = [factor * row.per_h[STAGES.index(stage)] * EPOCH_S / 3600 for stage in stages]
        draws = rng.random(len(stages)).tolist()
        for index, (draw, chance) in enumerate(zip(draws, chances, strict=True)):
            if draw < chance:
                found.append(_event(rng, row, index * EPOCH_S + whole_between(rng, (0, EPOCH_S - 1)), stages[index]))
    wakes = [i for i in range(1, len(stages)) if stages[i] is AasmStage.WAKE and stages[i - 1] is not AasmStage.WAKE]
    found += [_event(rng, AWAKENING, i * EPOCH_S + whole_between(rng, (0, 5)), AasmStage.WAKE) for i in wakes]
    return tuple(sorted(found, key=lambda event: (event.from_s, event.kind.value)))


def _event(rng: np.random.Generator, row: OrdinaryRow, at_s: int, stage: AasmStage) -> Distractor:
    surges: tuple[Surge, ...] = ()
    moves: tuple[Move, ...] = ()
    length = whole_between(rng, row.length_s)
    if row.bpm[0] > 0:
        surges = (
            Surge(
                at_s,
                whole_between(rng, (3, 6)),
                length // 2,
                between(rng, (8.0, 18.0)),
                STAGE_SURGE[STAGES.index(stage)] * around(rng, *row.bpm),
            ),
        )
    elif stage is AasmStage.REM:
        surges = (Surge(at_s - 3, 2, 0, 1.5, PHASIC_DIP_BPM),)
    if row.mg[0] > 0:
        # The heart speeds up before the arousal shows (mission 5.1, Bonnet 1997: at least ten beats before the EEG).
        at_move = at_s if row.bpm[0] == 0 else at_s + 2
        moves = (Move(at_move, length, round(around(rng, *row.mg)), direction(rng) if row.turns else None),)
    return Distractor(row.kind, at_s, at_s + max(1, length), surges, moves, asleep=stage is not AasmStage.WAKE)
