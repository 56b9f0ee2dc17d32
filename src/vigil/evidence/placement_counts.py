"""What became of the episodes added to one night, by threshold: how many count, how many were found, and how late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.sleep import AasmStage
from vigil.evidence.figures import BoolArray, FloatArray, IntArray
from vigil.evidence.records import LIMITS_S, AddedClass, NightEvidence

NIGHTMARES = (AddedClass.STRONG, AddedClass.MODERATE, AddedClass.SILENT)
LOOK_ALIKES = (AddedClass.TERROR, AddedClass.TURN, AddedClass.BATHROOM, AddedClass.PERIODIC)
CLASSES = NIGHTMARES + LOOK_ALIKES

STAGES = tuple(AasmStage)
SIZE_EDGES_BPM = (3.0, 5.0, 8.0, 12.0, 18.0, 24.0)
"""Between size bands: the bounds of the three classes (mission 5.3: 0-3, 5-12, 12-30 bpm), the wide ones halved."""

SIZE_BANDS = len(SIZE_EDGES_BPM) + 1

LATENCY_BIN_S = 2
"""Finer than the engine's step of 5 s."""

LATENCY_BINS = int(max(LIMITS_S)) // LATENCY_BIN_S + 1


@dataclass(frozen=True, slots=True, eq=False)
class PlacementCounts:
    """F thresholds, in the order asked for; 3 limits, as `LIMITS_S`.

    counted: (classes, stages, F) placements of which something can be said; found: (classes, stages, F, 3).
    sized, sized_found: (nightmares, bands, F) and (nightmares, bands, F, 3), the same by size.
    late: (nightmares, F, LATENCY_BINS) found ones by latency, `LATENCY_BIN_S` wide. latencies: by nightmare class
    (n, F) seconds, NaN where not found. zero, untouched: peaks of evidence with an episode of size nought, and
    without it.
    """

    counted: FloatArray
    found: FloatArray
    sized: FloatArray
    sized_found: FloatArray
    late: FloatArray
    latencies: tuple[FloatArray, ...]
    zero: FloatArray
    untouched: FloatArray

    @classmethod
    def of(cls, night: NightEvidence, order: Sequence[int]) -> PlacementCounts:
        """Count one night at the thresholds whose places in `night.factors` are given."""
        table = _Table.of(night, order)
        groups = [[table.added == code for code in range(len(CLASSES))], [table.stage == s for s in range(len(STAGES))]]
        bands = [table.band == band for band in range(SIZE_BANDS)]
        counted, found = table.cross(groups[0], groups[1])
        sized, sized_found = table.cross(groups[0][: len(NIGHTMARES)], bands)
        latencies = tuple(table.latency[of_class] for of_class in groups[0][: len(NIGHTMARES)])
        zero, untouched = _peaks(night)
        return cls(
            counted=counted,
            found=found,
            sized=sized,
            sized_found=sized_found,
            late=np.array([_by_latency(rows) for rows in latencies]).reshape(-1, len(order), LATENCY_BINS),
            latencies=latencies,
            zero=zero,
            untouched=untouched,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Placements as columns. latency: (n, F), NaN where not found or nothing can be said; counts: (n, F)."""

    added: IntArray
    stage: IntArray
    band: IntArray
    latency: FloatArray
    counts: BoolArray
    within: BoolArray

    @classmethod
    def of(cls, night: NightEvidence, order: Sequence[int]) -> _Table:
        rows = [one for one in night.placements if one.added in CLASSES]
        shape = (len(rows), len(night.factors))
        counts = np.array([one.counts for one in rows], dtype=bool).reshape(shape)[:, order]
        latency = np.array([one.latency_s for one in rows], dtype=np.float64).reshape(shape)[:, order]
        latency = np.where(counts & (latency >= 0), latency, np.nan)
        size = np.array([one.size_bpm for one in rows], dtype=np.float64)
        return cls(
            added=np.array([CLASSES.index(one.added) for one in rows], dtype=np.int64),
            stage=np.array([STAGES.index(one.stage) for one in rows], dtype=np.int64),
            band=np.searchsorted(np.array(SIZE_EDGES_BPM), size, side="right"),
            latency=latency,
            counts=counts,
            within=latency[:, :, None] <= np.array(LIMITS_S),
        )

    def cross(self, rows: Sequence[BoolArray], columns: Sequence[BoolArray]) -> tuple[FloatArray, FloatArray]:
        """Counted (rows, columns, F) and found (rows, columns, F, 3)."""
        masks = [[row & column for column in columns] for row in rows]
        counted = np.array([[self.counts[mask].sum(axis=0) for mask in row] for row in masks], dtype=np.float64)
        found = np.array([[self.within[mask].sum(axis=0) for mask in row] for row in masks], dtype=np.float64)
        return counted, found


def _by_latency(latency: FloatArray) -> FloatArray:
    """(F, LATENCY_BINS): how many of (n, F) latencies fall in each bin."""
    table = np.zeros((latency.shape[1], LATENCY_BINS))
    for factor in range(latency.shape[1]):
        column = latency[:, factor]
        bins = (column[column <= max(LIMITS_S)] / LATENCY_BIN_S).astype(np.int64)
        table[factor] = np.bincount(bins, minlength=LATENCY_BINS)
    return table


def _peaks(night: NightEvidence) -> tuple[FloatArray, FloatArray]:
    pairs = [(one.peak, one.peak_untouched) for one in night.placements if one.added is AddedClass.ZERO]
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    table = table[~np.isnan(table).any(axis=1)]
    return table[:, 0], table[:, 1]
