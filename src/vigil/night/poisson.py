"""How sure a count is: the exact interval of a Poisson rate."""

from __future__ import annotations

import math
from collections.abc import Callable

TAIL = 0.025
"""On either side: a 95 % interval."""

HALVINGS = 100


def poisson_interval(count: int, exposure: float) -> tuple[float, float]:
    """The 95 % interval of a rate, given `count` events (0 or more) in `exposure` (above 0) units (Garwood 1936).

    Bisection on the Poisson distribution instead of a table of chi-square quantiles, which the standard library lacks.
    """
    high = _mean_where(lambda mean: _at_most(count, mean) > TAIL, count + 10 * math.sqrt(count + 1) + 10)
    low = 0.0 if count == 0 else _mean_where(lambda mean: 1 - _at_most(count - 1, mean) < TAIL, float(count))
    return low / exposure, high / exposure


def _at_most(count: int, mean: float) -> float:
    """Probability of `count` or fewer events where `mean`, above 0, are expected."""
    log_mean = math.log(mean)
    return math.fsum([math.exp(n * log_mean - mean - math.lgamma(n + 1)) for n in range(count + 1)])


def _mean_where(still: Callable[[float], bool], highest: float) -> float:
    """The largest mean in [0, highest] up to which `still` holds; it holds at 0 and not at `highest`."""
    low, high = 0.0, highest
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if still(middle) else (low, middle)
    return low
