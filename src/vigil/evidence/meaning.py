"""What the figures would mean in a bedroom: of ten nudges, how many meet a nightmare, and how many nightmares are met.

Over an assumed mixture of nightmares, since nobody has published how many are silent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.evidence.figures import Drawn, Figure, FloatArray, over

MIXTURE = (0.20, 0.45, 0.35)
"""Strong, moderate, silent (mission 5.3, an assumption there too)."""

NIGHTS_A_WEEK = 7.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """At one threshold. noticed: share of nightmares of the mixture found within 300 s; n is placements.

    of_ten_nudges_at_*: how many of ten nudges meet a nightmare (0 to 10), at so many nightmares a week; n is nights.
    """

    noticed: Figure
    of_ten_nudges_at_1_a_week: Figure
    of_ten_nudges_at_3_a_week: Figure
    of_ten_nudges_at_7_a_week: Figure


def meaning(found: Sequence[Drawn], false_nudges: Drawn, most: float | None) -> Meaning:
    """Of the shares found, in the order of `MIXTURE`, and the false nudges a night, all drawn with the same people.

    most: the upper bound of the false nudges. Where none was met the resamples know of none either, and of ten nudges
    all ten would seem to meet a nightmare; the lower bound is then that at `most`.
    """
    noticed = Drawn(
        math.fsum(share * one.value for share, one in zip(MIXTURE, found, strict=True)),
        sum((share * one.draws for share, one in zip(MIXTURE, found, strict=True)), np.zeros(1)),
        sum(one.n for one in found),
    )
    ones = (_of_ten(noticed, false_nudges, a_week) for a_week in (1.0, 3.0, 7.0))
    met_none = false_nudges.value == 0 and most is not None
    least = Drawn(most or 0.0, np.full(noticed.draws.shape, most or 0.0), false_nudges.n)
    at_most = (_of_ten(noticed, least, a_week) for a_week in (1.0, 3.0, 7.0))
    told = (
        _lowered(one.figure(), low.figure()) if met_none else one.figure()
        for one, low in zip(ones, at_most, strict=True)
    )
    return Meaning(noticed.figure(), *told)


def _lowered(figure: Figure, at_most: Figure) -> Figure:
    """The figure with the lower bound of the other, where both are known."""
    if figure.low is None or at_most.low is None:
        return figure
    return Figure(figure.value, min(figure.low, at_most.low), figure.high, figure.n)


def _of_ten(noticed: Drawn, false_nudges: Drawn, a_week: float) -> Drawn:
    """10 n s / (n s + 7 f), with n nightmares a week, s noticed, f false nudges a night."""

    def share(met: FloatArray, false: FloatArray) -> FloatArray:
        true = a_week * met
        return 10 * over(true, true + NIGHTS_A_WEEK * false)

    value = share(np.array(noticed.value), np.array(false_nudges.value))
    return Drawn(float(value), share(noticed.draws, false_nudges.draws), false_nudges.n)
