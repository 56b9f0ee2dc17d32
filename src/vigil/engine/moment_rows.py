"""A moment in numbers: the last minutes of heart rate over its baseline, and of movement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from vigil.engine.epoch_rows import UNKNOWN, known


class _Level(NamedTuple):
    mg: int
    log2: float


MOVE_LOG2 = _Level(100, 1.0)
"""A range at or above this is movement of the arm (`signal/motion.py`), in mg and as log2 over the floor."""

LONG_AGO_STEPS = 36
ONSET_STEPS = 6


class HeartSpan:
    """Views on the last good steps, newest last; at least 60 of them.

    age: steps since the heart rate last stood at its baseline. top: most over it since then.
    m30, m60, m120, m300: mean rates. ex30, ex60: mean over the baseline of its instants.
    """

    __slots__ = (
        "_baseline",
        "_excess",
        "_rates",
        "_spread",
        "age",
        "ex30",
        "ex60",
        "m30",
        "m60",
        "m120",
        "m300",
        "top",
    )

    def __init__(
        self, rates: Sequence[float], excess: Sequence[float], baseline: float, spread: float, age: int, top: float
    ) -> None:
        self._rates, self._excess, self._baseline, self._spread = rates, excess, baseline, spread
        self.age, self.top = age, top
        self.m30, self.m60 = sum(rates[-6:]) / 6, sum(rates[-12:]) / 12
        self.m120, self.m300 = sum(rates[-24:]) / 24, sum(rates[-60:]) / 60
        self.ex30, self.ex60 = sum(excess[-6:]) / 6, sum(excess[-12:]) / 12

    def level(self) -> tuple[float, ...]:
        """How high, for how long, and how it came about."""
        rates, baseline, spread = self._rates, self._baseline, self._spread
        two, three = rates[-24:], rates[-36:]
        ordered = sorted(two)
        over_120s = self.m120 - baseline
        return (
            sum(self._excess[-3:]) / 3,
            self.ex30,
            self.ex60,
            over_120s,
            self.m300 - baseline,
            min(rates[-12:]) - baseline,
            ordered[1] - baseline,
            ordered[6] - baseline,
            sum([rate > baseline + 3 for rate in two]) / 24,
            sum([rate > baseline + 4 for rate in three]) / 36,
            *(self.m30 - _past_mean(rates, steps, 6) for steps in (12, 24, 36, 60)),
            *(_past_mean(rates, steps, 3) - baseline for steps in (6, 12, 24, 36, 48)),
            self.ex60 / spread,
            over_120s / spread,
        )

    def shape(self) -> tuple[float, ...]:
        """The excursion of now: how old, how high, how it holds, and whether it came in one leap."""
        excess, top = self._excess, self.top
        span = excess[-min(max(self.age, 1), len(excess)) :]
        newest_first = span[::-1]
        recent = self._rates[-min(len(self._rates), min(self.age, LONG_AGO_STEPS) + 4) :]
        leap = max([later - earlier for earlier, later in pairwise(recent)])
        return (
            float(self.age),
            float(_run(excess, 2.0)),
            top,
            top / self._spread,
            sum(excess[-3:]) / 3 / max(1.0, top),
            float(newest_first.index(max(newest_first))),
            float(_run(span, 0.7 * top)),
            float(_run(excess, 0.5 * top)),
            _mean_above(excess[-60:]),
            _mean_above(excess[-120:]),
            sum(span[-60:]) / 12,
            leap,
            leap / max(3.0, top),
        )


class MoveSpan:
    """Views on the movement of the last steps, newest last, NaN where not known. age: as in `HeartSpan`."""

    __slots__ = ("_age", "_moves")

    def __init__(self, moves: Sequence[float], age: int) -> None:
        self._moves, self._age = moves, age

    def row(self) -> tuple[float, ...]:
        """Now, how much, how often, and around the instant at which the heart rate left its baseline."""
        moves = self._moves
        spans = {steps: known(moves[-steps:]) for steps in (12, 24, 36, 60, 180)}
        left = len(moves) - min(len(moves), self._age)
        return (
            moves[-1],
            *(max(spans[steps], default=UNKNOWN) for steps in (12, 24, 60)),
            *(_mean(spans[steps]) for steps in (12, 24, 36, 180)),
            *(_mean([move >= MOVE_LOG2.log2 for move in spans[steps]]) for steps in (12, 24, 60)),
            *(moves[-1 - steps] if len(moves) > steps else UNKNOWN for steps in (6, 12)),
            max(known(moves[max(0, left - ONSET_STEPS) : left + ONSET_STEPS]), default=UNKNOWN),
            _mean(known(moves[max(0, left - 60) : left])),
        )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else UNKNOWN


def _past_mean(rates: Sequence[float], steps: int, width: int) -> float:
    """Mean of `width` steps that ended `steps` ago, of as many as there are."""
    return _mean(rates[max(0, len(rates) - steps - width) : len(rates) - steps])


def _run(values: Sequence[float], least: float) -> int:
    """How many of the newest stand at `least` or more without a break."""
    for count, value in enumerate(reversed(values)):
        if value < least:
            return count
    return len(values)


def _mean_above(values: Sequence[float]) -> float:
    return sum([value for value in values if value > 0]) / len(values)
