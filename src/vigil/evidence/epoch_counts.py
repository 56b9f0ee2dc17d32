"""What the epochs of one night come to: confusion matrices, calibration, minutes. Everything staging is resampled from.

Epochs without a score, or for which nothing was said, are left out of all of it; how many those are is counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.sleep import SCORED_STAGES, Hypnogram, Stage
from vigil.evidence.figures import BoolArray, FloatArray, IntArray
from vigil.evidence.records import Epoch, NightEvidence, Row4

FOUR = tuple(stage.value for stage in SCORED_STAGES)
THREE = ("wake", "nrem", "rem")
_THREE_OF_FOUR = np.array([0, 1, 1, 2], dtype=np.int64)

MEASURES = ("tst", "waso", "sol", "rem")
"""Total sleep time, wake after sleep onset, sleep-onset latency, REM: in minutes, as `domain.sleep` defines them."""

BINS = 10
"""Of equal width, over said probabilities from 0 to 1 (Guo 2017 has 15 for a thousand times as many answers)."""

LEAST_P = 1e-6
"""A said probability counts as at least this in the log-loss, which one certain error would make infinite."""


@dataclass(frozen=True, slots=True, eq=False)
class SchemeCounts:
    """The epochs of a night in one scheme of C classes.

    said, clock, nrem: (C, C) confusions, scored by said; of the engine, of the clock alone, of "always NREM" (light
    where there are four classes). bins: (C, BINS, 3): epochs whose probability of the class fell in the bin, the sum
    of those probabilities, how many were scored so. losses: (2,) sums of log-loss and of Brier's score (0 to 2).
    """

    said: FloatArray
    clock: FloatArray
    nrem: FloatArray
    bins: FloatArray
    losses: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class EpochCounts:
    """three, four: wake/NREM/REM and wake/light/deep/REM. scored: epochs with a score; unsaid: of those, nothing said.

    scored_min, said_min: (4,) minutes by `MEASURES`, over the same epochs; NaN where there is none.
    """

    three: SchemeCounts
    four: SchemeCounts
    scored: int
    unsaid: int
    scored_min: FloatArray
    said_min: FloatArray

    @classmethod
    def of(cls, night: NightEvidence) -> EpochCounts:
        """Count one night; every field is there, of zeros, where nothing was scored."""
        stages = np.array([_code(epoch) for epoch in night.epochs], dtype=np.int64)
        p = _rows([epoch.p for epoch in night.epochs])
        scored = stages >= 0 if night.scored else np.zeros(len(stages), dtype=bool)
        used = scored & np.isfinite(p[:, 0])
        clock = _rows(night.clock[: len(stages)], len(stages))[used]
        truth, four = stages[used], p[used]
        scored_min, said_min = _minutes(stages, p, used)
        return cls(
            three=_scheme(_THREE_OF_FOUR[truth], _merged(four), _merged(clock)),
            four=_scheme(truth, four, clock),
            scored=int(scored.sum()),
            unsaid=int(scored.sum() - used.sum()),
            scored_min=scored_min,
            said_min=said_min,
        )


def _code(epoch: Epoch) -> int:
    stage = epoch.scored.stage
    return -1 if stage is Stage.UNSCORED else SCORED_STAGES.index(stage)


def _rows(rows: Sequence[Row4 | None], length: int = 0) -> FloatArray:
    """(n, 4) probabilities, n at least `length`; a row that is absent or broken is NaN throughout."""
    table = np.full((max(len(rows), length), 4), np.nan)
    for index, row in enumerate(rows):
        if row is not None and all(0 <= value <= 1 for value in row):
            table[index] = row
    return table


def _merged(four: FloatArray) -> FloatArray:
    """Probabilities of wake, NREM, REM."""
    return np.stack([four[:, 0], four[:, 1] + four[:, 2], four[:, 3]], axis=1)


def _scheme(truth: IntArray, p: FloatArray, clock: FloatArray) -> SchemeCounts:
    classes = p.shape[1]
    told = np.isfinite(clock[:, 0])
    return SchemeCounts(
        said=_confusion(truth, p.argmax(axis=1), classes),
        clock=_confusion(truth[told], clock[told].argmax(axis=1), classes),
        nrem=_confusion(truth, np.ones_like(truth), classes),
        bins=_bins(truth, p),
        losses=_losses(truth, p),
    )


def _confusion(truth: IntArray, said: IntArray, classes: int) -> FloatArray:
    """Scored by said; the label said is the likeliest class, on a tie the first."""
    counts = np.bincount(truth * classes + said, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.float64)


def _bins(truth: IntArray, p: FloatArray) -> FloatArray:
    bins = np.zeros((p.shape[1], BINS, 3))
    where = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    for of_class in range(p.shape[1]):
        column, happened = where[:, of_class], (truth == of_class).astype(np.float64)
        bins[of_class, :, 0] = np.bincount(column, minlength=BINS)
        bins[of_class, :, 1] = np.bincount(column, weights=p[:, of_class], minlength=BINS)
        bins[of_class, :, 2] = np.bincount(column, weights=happened, minlength=BINS)
    return bins


def _losses(truth: IntArray, p: FloatArray) -> FloatArray:
    """Sums over epochs of minus the log of what was said of the truth, and of squared errors (Brier 1950)."""
    right = np.eye(p.shape[1])[truth]
    said = p[np.arange(len(truth)), truth]
    log_loss = math.fsum(-math.log(max(float(value), LEAST_P)) for value in said)
    return np.array([log_loss, math.fsum(((p - right) ** 2).ravel().tolist())])


def _minutes(stages: IntArray, p: FloatArray, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    """The four measures of both hypnograms, as the product shows them: the likeliest of four stages."""
    said = np.full(len(stages), -1, dtype=np.int64)
    said[used] = p[used].argmax(axis=1)
    return _measures(np.where(used, stages, -1)), _measures(said)


def _measures(codes: IntArray) -> FloatArray:
    classes = (*SCORED_STAGES, Stage.UNSCORED)
    summary = Hypnogram.of([classes[code] for code in codes.tolist()]).summary()
    if summary.tib_min == summary.unscored_min:
        return np.full(len(MEASURES), np.nan)
    sol = math.nan if summary.sol_min is None else summary.sol_min
    return np.array([summary.tst_min, summary.waso_min, sol, summary.rem_min])
