"""Where episodes are added to a night: onsets drawn in scored REM and N2, in N3 for terror, by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_NS, NS_PER_MINUTE, NS_PER_S, STEP_NS

WINDOW_NS = 300 * NS_PER_S
"""How long after its onset an added episode is followed: the longest limit within which finding counts."""

NOT_BEFORE_NS = 40 * NS_PER_MINUTE
"""Nothing may be done in the first 30 minutes, and the baseline must be known: onsets begin later than both."""

SPARE = 2
"""Times as many onsets as wanted are drawn, since some fall where the night is blind."""

DREAMING, ARISING = "rem and n2", "n3"
POOLS: Mapping[str, tuple[AasmStage, ...]] = {
    DREAMING: (AasmStage.REM, AasmStage.N2),
    ARISING: (AasmStage.N3,),
}
"""Onsets for everything, half of them in each stage, and onsets for arousals out of deep sleep."""


@dataclass(frozen=True, slots=True)
class Onset:
    """One drawn onset, at a step of the night's grid. rank: order within its pool and stage; the first are used."""

    at_ns: int
    pool: str
    stage: AasmStage
    rank: int


def draw_onsets(
    scoring: Sequence[AasmStage], began_ns: int, ends_ns: int, count: int, chance: random.Random
) -> list[Onset]:
    """Onsets of every pool, in order of time: `count` a pool are wanted, some more drawn, fewer where there is no room.

    Two of one pool are a step apart at least. Empty where nothing of the pool's stages was scored late enough.
    """
    drawn: list[Onset] = []
    for pool, stages in POOLS.items():
        places = {stage: _places(scoring, stage, began_ns, ends_ns) for stage in stages}
        met = [stage for stage in stages if places[stage]]
        for stage in met:
            wanted = SPARE * -(-count // len(met))
            chosen = chance.sample(places[stage], min(wanted, len(places[stage])))
            drawn.extend(Onset(at_ns, pool, stage, rank) for rank, at_ns in enumerate(chosen))
    return sorted(drawn, key=lambda onset: (onset.at_ns, onset.pool))


def chosen_onsets(usable: Sequence[Onset], count: int) -> list[Onset]:
    """Of the onsets that can be used, `count` a pool, evenly from its stages, in order of time."""
    chosen: list[Onset] = []
    for pool, stages in POOLS.items():
        of_stage = [
            sorted((one for one in usable if (one.pool, one.stage) == (pool, stage)), key=lambda one: one.rank)
            for stage in stages
        ]
        turns = (one for row in _in_turn(of_stage) for one in row)
        chosen.extend(one for one, _ in zip(turns, range(count), strict=False))
    return sorted(chosen, key=lambda onset: (onset.at_ns, onset.pool))


def _in_turn(rows: Sequence[Sequence[Onset]]) -> list[list[Onset]]:
    longest = max((len(row) for row in rows), default=0)
    return [[row[index] for row in rows if index < len(row)] for index in range(longest)]


def _places(scoring: Sequence[AasmStage], stage: AasmStage, began_ns: int, ends_ns: int) -> list[int]:
    """Every step in epochs of a stage that leaves room for the whole window."""
    return [
        at_ns
        for index, scored in enumerate(scoring)
        if scored is stage
        for at_ns in range(began_ns + index * EPOCH_NS, began_ns + (index + 1) * EPOCH_NS, STEP_NS)
        if at_ns - began_ns >= NOT_BEFORE_NS and at_ns + WINDOW_NS <= ends_ns
    ]
