"""Whether seventy percent means seven in ten: reliability of the stage probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigil.evidence.cohort import Cohort
from vigil.evidence.epoch_counts import BINS
from vigil.evidence.figures import Drawn, Figure, FloatArray, over


@dataclass(frozen=True, slots=True)
class Bin:
    """Epochs for which the probability of a class was said to lie in [low, high): its mean, and how often it came true.

    said, happened: None where there is no epoch. epochs: how many there are.
    """

    of_class: str
    low: float
    high: float
    said: float | None
    happened: float | None
    epochs: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """n is epochs throughout.

    ece: expected calibration error, 0 to 1, mean over classes (classwise, Kull 2019). log_loss: natural logarithms.
    brier: 0 to 2, summed over classes (Brier 1950).
    """

    ece: Figure
    log_loss: Figure
    brier: Figure
    bins: tuple[Bin, ...]


def calibration(cohort: Cohort, names: tuple[str, ...], *, three: bool) -> Calibration:
    """Of a cohort of scored nights, in one scheme."""
    classes = len(names)
    bins = cohort.totals(lambda one: (one.epochs.three if three else one.epochs.four).bins, (classes, BINS, 3))
    losses = cohort.totals(lambda one: (one.epochs.three if three else one.epochs.four).losses, (2,))
    n = bins.whole[0, :, 0].sum()
    epochs = bins.drawn[:, 0, :, 0].sum(axis=-1)

    def loss(at: int) -> Figure:
        whole = np.concatenate([losses.whole[at : at + 1], losses.drawn[:, at]])
        share = over(whole, np.concatenate([np.array([n]), epochs]))
        return _figure(share, n)

    ece = np.concatenate([_ece(bins.whole[None]), _ece(bins.drawn)])
    return Calibration(_figure(ece, n), loss(0), loss(1), _bins(bins.whole, names))


def _ece(bins: FloatArray) -> FloatArray:
    """(draws,) from (draws, classes, BINS, 3)."""
    apart = np.abs(bins[..., 1] - bins[..., 2]).sum(axis=(1, 2))
    return over(apart, bins[..., 0].sum(axis=(1, 2)))


def _bins(table: FloatArray, names: tuple[str, ...]) -> tuple[Bin, ...]:
    rows = []
    for name, of_class in zip(names, table, strict=True):
        for at, (count, said, happened) in enumerate(of_class.tolist()):
            mean, share = (said / count, happened / count) if count else (None, None)
            rows.append(Bin(name, at / BINS, (at + 1) / BINS, mean, share, int(count)))
    return tuple(rows)


def _figure(values: FloatArray, n: float) -> Figure:
    """The first value is the whole's, the others are the draws."""
    return Drawn(float(values[0]), values[1:], int(n)).figure()
