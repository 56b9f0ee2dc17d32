"""Bias and limits of agreement of minutes of sleep, said against scored (Bland & Altman 1999; Menghini 2021).

As in the pipeline of Menghini et al. (SLEEP 44(2):zsaa170) size is what was scored, the difference said less scored.
If it depends on size (the slope's interval leaves out 0) the bias is a line; if its spread does (the same of the
absolute residuals) the limits are 2.46 times a line about the bias, else 1.96 standard deviations. Intervals are by
people; where there are too few for any, dependence cannot be shown and the constants stand.
A bias that falls with size is in part what any guess does that knows less than the scorer: it leans to the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigil.evidence.cohort import Cohort
from vigil.evidence.figures import Drawn, Figure, FloatArray, over

LIMIT_SD = 1.96
"""Standard deviations to either side: 95 % of normal differences."""

LIMIT_RESIDUAL = 2.46
"""1.96 sqrt(pi / 2): limits from a mean absolute residual (Bland & Altman 1999, 3.2)."""

FEWEST = 3
"""Nights without which a line through them says nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """One measure, in minutes. n is nights.

    scored_mean, said_mean: over nights. bias: mean of said less scored. lower, upper: bias -/+ 1.96 SD.
    proportional: the bias depends on the minutes scored, as intercept + slope x scored.
    heteroscedastic: the limits are that line, or the bias, -/+ 2.46 (spread_intercept + spread_slope x scored).
    residual_sd: of the differences about the line; the limits are 1.96 of it where only the bias depends on size.
    """

    scored_mean: Figure
    said_mean: Figure
    bias: Figure
    lower: Figure
    upper: Figure
    proportional: bool
    intercept: Figure
    slope: Figure
    residual_sd: Figure
    heteroscedastic: bool
    spread_intercept: Figure
    spread_slope: Figure


def limits(cohort: Cohort, measure: int) -> Limits:
    """Of one of `epoch_counts.MEASURES`, by its place, over the nights where both hypnograms have it."""
    scored = np.array([one.epochs.scored_min[measure] for one in cohort.counts], dtype=np.float64)
    said = np.array([one.epochs.said_min[measure] for one in cohort.counts], dtype=np.float64)
    both = np.isfinite(scored) & np.isfinite(said)
    x, y, n = scored[both], said[both] - scored[both], int(both.sum())
    often = np.concatenate([np.ones((1, n)), cohort.times[:, cohort.who[both]].astype(np.float64)])

    def told(values: FloatArray) -> Figure:
        return Drawn(float(values[0]), values[1:], n).figure()

    rows = np.broadcast_to(y, often.shape)
    bias, spread = _mean(often, rows), _sd(often, rows)
    intercept, slope = _line(often, x, rows)
    residual = rows - intercept[:, None] - slope[:, None] * x
    spread_intercept, spread_slope = _line(often, x, np.abs(residual))
    slopes = told(slope), told(spread_slope)
    return Limits(
        scored_mean=told(_mean(often, np.broadcast_to(x, often.shape))),
        said_mean=told(_mean(often, rows + x)),
        bias=told(bias),
        lower=told(bias - LIMIT_SD * spread),
        upper=told(bias + LIMIT_SD * spread),
        proportional=_leaves_out_zero(slopes[0]),
        intercept=told(intercept),
        slope=slopes[0],
        residual_sd=told(_sd(often, residual)),
        heteroscedastic=_leaves_out_zero(slopes[1]),
        spread_intercept=told(spread_intercept),
        spread_slope=slopes[1],
    )


def _leaves_out_zero(slope: Figure) -> bool:
    return slope.low is not None and slope.high is not None and (slope.low > 0 or slope.high < 0)


def _mean(often: FloatArray, rows: FloatArray) -> FloatArray:
    """(draws,) means of (draws, n) values, each taken `often` times; NaN where none is."""
    return over((often * rows).sum(axis=1), often.sum(axis=1))


def _sd(often: FloatArray, rows: FloatArray) -> FloatArray:
    """Sample standard deviations likewise; NaN of fewer than two."""
    apart = rows - _mean(often, rows)[:, None]
    return np.sqrt(over((often * apart * apart).sum(axis=1), often.sum(axis=1) - 1))


def _line(often: FloatArray, x: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Intercepts and slopes of least squares of (draws, n) rows on x; NaN with fewer than three or equal x."""
    middle_x, middle_y = _mean(often, np.broadcast_to(x, often.shape)), _mean(often, rows)
    apart = x - middle_x[:, None]
    squares = (often * apart * apart).sum(axis=1)
    enough = (often.sum(axis=1) >= FEWEST) & ((often > 0).sum(axis=1) >= FEWEST)
    slope = over((often * apart * (rows - middle_y[:, None])).sum(axis=1), np.where(enough, squares, 0.0))
    return middle_y - slope * middle_x, slope
