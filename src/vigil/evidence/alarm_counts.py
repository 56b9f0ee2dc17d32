"""What Vigil would have done on one untouched night, by threshold: interventions and suspicions, counted.

A false nudge is an intervention on scored sleep; one on scored wake, or where nothing is scored, is counted beside it
(DESIGN section 6). On a night without stages there is no scored sleep, and everything goes per 8 h of recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.nudges import EpisodeKind
from vigil.domain.sleep import ASLEEP, AasmStage
from vigil.domain.units import EPOCH_S
from vigil.evidence.figures import FloatArray
from vigil.evidence.records import Happening, NightEvidence, Run

SLEEP_STAGES = tuple(stage for stage in AasmStage if stage.stage in ASLEEP)
STAGE_NAMES = tuple(stage.name.lower() for stage in SLEEP_STAGES)
KINDS = tuple(EpisodeKind)

HOURS = 8.0
"""A night, for every rate."""


@dataclass(frozen=True, slots=True, eq=False)
class AlarmCounts:
    """F thresholds, in the order asked for.

    sleep_h: (4,) hours scored, by `SLEEP_STAGES`. nudges: (F, 4) interventions on sleep, by the same.
    on_wake, off_score: (F,) interventions on scored wake, and where nothing was scored. suspicions: (F, kinds), on
    sleep. quiet: (F,) 1 where there was no intervention on sleep. all_nudges, all_suspicions: (F,) wherever they fell.
    """

    sleep_h: FloatArray
    nudges: FloatArray
    on_wake: FloatArray
    off_score: FloatArray
    suspicions: FloatArray
    quiet: FloatArray
    all_nudges: FloatArray
    all_suspicions: FloatArray

    @classmethod
    def of(cls, night: NightEvidence, order: Sequence[int]) -> AlarmCounts:
        """Count one night at the thresholds whose places in `night.factors` are given."""
        runs = [night.runs[index] for index in order]
        scored = [epoch.scored for epoch in night.epochs] if night.scored else []
        nudges = _table([_by_stage(run.interventions) for run in runs], len(SLEEP_STAGES))
        return cls(
            sleep_h=np.array([scored.count(stage) * EPOCH_S / 3600 for stage in SLEEP_STAGES]),
            nudges=nudges,
            on_wake=_row(runs, lambda run: _count(run.interventions, (AasmStage.WAKE,))),
            off_score=_row(runs, lambda run: _count(run.interventions, (AasmStage.UNSCORED, None))),
            suspicions=_table([_by_kind(run.suspicions) for run in runs], len(KINDS)),
            quiet=(nudges.sum(axis=1) == 0).astype(np.float64),
            all_nudges=_row(runs, lambda run: len(run.interventions)),
            all_suspicions=_row(runs, lambda run: len(run.suspicions)),
        )


def _row(runs: Sequence[Run], count: Callable[[Run], int]) -> FloatArray:
    return np.array([count(run) for run in runs], dtype=np.float64)


def _table(rows: Sequence[Sequence[int]], columns: int) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(len(rows), columns)


def _count(happenings: Iterable[Happening], stages: tuple[AasmStage | None, ...]) -> int:
    return sum(one.stage in stages for one in happenings)


def _by_stage(happenings: Sequence[Happening]) -> list[int]:
    return [_count(happenings, (stage,)) for stage in SLEEP_STAGES]


def _by_kind(happenings: Sequence[Happening]) -> list[int]:
    asleep = [one for one in happenings if one.stage in SLEEP_STAGES]
    return [sum(one.kind is kind for one in asleep) for kind in KINDS]
