"""The numbers that the estimators give, held against the definition."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.units import NS_PER_S
from vigil.signal.estimators import NightQuantiles, TimedDeviation, TimedMedian, TimedRootMeanSquare

WINDOW_NS = 10 * NS_PER_S

timed = st.lists(st.tuples(st.integers(0, 4), st.integers(270, 2400)), min_size=1, max_size=60)


def _at(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    at_ns, values = 0, []
    for gap_s, value in steps:
        at_ns += gap_s * NS_PER_S
        values.append((at_ns, value))
    return values


@given(timed)
def test_windows_are_half_open_by_time(steps: list[tuple[int, int]]) -> None:
    """A value exactly one window old is forgotten, and what is left is estimated as the textbook says."""
    values = _at(steps)
    median, deviation = TimedMedian(WINDOW_NS), TimedDeviation(WINDOW_NS, 2)
    root = TimedRootMeanSquare(WINDOW_NS, 1)
    for at_ns, value in values:
        for estimator in (median, deviation, root):
            estimator.update(at_ns, value)
    now_ns = values[-1][0]
    held = [value for at_ns, value in values if now_ns - WINDOW_NS < at_ns <= now_ns]
    assert median.value(now_ns) == statistics.median(held)
    assert root.value(now_ns) == pytest.approx(math.sqrt(statistics.fmean(v * v for v in held)))
    expected = statistics.stdev(held) if len(held) > 1 else None
    assert deviation.value(now_ns) == (None if expected is None else pytest.approx(expected, abs=1e-6))
    assert median.value(now_ns + WINDOW_NS) is None


def test_a_broken_number_is_not_taken() -> None:
    """NaN and infinity never enter an order."""
    median, night = TimedMedian(WINDOW_NS), NightQuantiles(1)
    for value in (math.nan, math.inf, -math.inf):
        median.update(0, value)
        night.update(0, value)
    assert median.value(0) is None
    assert night.value(0) is None
    assert night.rank(1.0) is None


def test_the_night_so_far_gives_quantiles_and_ranks() -> None:
    """Ranks and quantiles are of everything taken, and only from the fewest that are wanted."""
    night = NightQuantiles(5)
    for value in (4, 2, 1, 3):
        night.update(0, value)
    assert night.quantile(0.5) is None
    assert night.rank(2.5) is None
    night.update(0, 0)
    assert [night.quantile(share) for share in (0.0, 0.25, 0.5, 1.0)] == [0, 1, 2, 4]
    assert night.rank(2.5) == 3 / 5
    assert night.rank(math.nan) is None
