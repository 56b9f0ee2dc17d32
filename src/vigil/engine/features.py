"""What the stager looks at: one row of numbers at the end of every epoch, each with a name, a unit and a meaning.

Everything is local and trailing: levels are held against the person's own night so far or against the minutes
before, never against a whole night or other people (performance 3: whole-night references call posture "wake").
Movement enters only as the 30-s staging range, so that raw, 1-s and 30-s input say the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from vigil.domain.plain import register
from vigil.domain.units import EPOCH_NS, NS_PER_MINUTE
from vigil.engine.epoch_rows import UNKNOWN, EpochRows, Span, deviation, known, mean
from vigil.engine.feature_list import FEATURES, FeatureSpec
from vigil.engine.slides import Slide
from vigil.signal.estimators import NightQuantiles, TimedMedian, middle
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

__all__ = ["FEATURES", "FeatureMaker", "FeatureSpec"]

CYCLE_MIN = 90
"""Epoch levels held: a sleep cycle (mission 5.1)."""

LAG = 160
"""Epochs, 80 min, that mean levels are held for, the newest not counted."""

LONG_AGO_MIN = 60.0
"""Times since something stop here: beyond an hour they say nothing more."""

MOVES_MG = (100, 200, 500, 1000)
"""Movement of the arm from slight to large: times since each are told apart."""

PEAK_BPM = 4.0
"""A look this far above the median of its window is a peak: REM comes in bursts, deep sleep has none."""

LEAST_LOOKS = 40
"""Looks, 200 s, for which quartiles, peaks and skewness are told."""

LEAST_USUAL = 20
"""Epochs, 10 min, before anything can be called usual for this night."""


Spans: TypeAlias = tuple[Span, Span, Span, Span]
"""The last 2.5, 5, 10 and 30 minutes."""

RANKED = 8
"""Quantities that are held against the night so far, beside the level."""


def _usual() -> list[NightQuantiles]:
    return [NightQuantiles(LEAST_USUAL) for _ in range(RANKED)]


@register
@dataclass(slots=True)
class FeatureMaker:
    """Gathers looks and makes the row of an epoch. `begin`, then `note` at every step and `epoch` at every epoch's end.

    rates: good heart rates of the epoch under way. rows: epochs of an hour. looks: heart rates of 30 min, NaN where
    not good. slides: their changes between means of 20, 40 and 160 s. level_60m, level_90m: mean heart rates by epoch.
    levels_5m: means of 5 min, for `LAG` epochs and the newest. usual, usual_of: what is ordinary for this person, from
    this night so far, for the level and for the ranked quantities. range_mg, turned_ns: of the last look at movement.
    moved_ns: the last epoch of each of `MOVES_MG`. measured_ns: when movement was first known.
    """

    began_ns: int = 0
    rates: list[float] = field(default_factory=list)
    looks: deque[float] = field(default_factory=lambda: deque(maxlen=360))
    slides: list[Slide] = field(default_factory=lambda: [Slide(4), Slide(8), Slide(32)])
    range_mg: int | None = None
    turned_ns: int | None = None
    rows: EpochRows = field(default_factory=EpochRows)
    level_60m: TimedMedian = field(default_factory=lambda: TimedMedian(60 * NS_PER_MINUTE, 40))
    level_90m: TimedMedian = field(default_factory=lambda: TimedMedian(CYCLE_MIN * NS_PER_MINUTE, 60))
    levels_5m: deque[float] = field(default_factory=lambda: deque(maxlen=LAG + 1))
    usual: NightQuantiles = field(default_factory=lambda: NightQuantiles(LEAST_USUAL))
    usual_of: list[NightQuantiles] = field(default_factory=_usual)
    moved_ns: list[int | None] = field(default_factory=lambda: [None] * len(MOVES_MG))
    measured_ns: int | None = None

    def begin(self, at_ns: int) -> None:
        """Lights-out: time counts from here."""
        self.began_ns = at_ns

    def note(self, heart: HeartLook, motion: MotionLook) -> None:
        """Take the looks of one step."""
        bpm = UNKNOWN if heart.bpm is None else heart.bpm
        self.looks.append(bpm)
        for slide in self.slides:
            slide.note(bpm)
        if heart.bpm is not None:
            self.rates.append(heart.bpm)
        self.range_mg, self.turned_ns = motion.range_mg, motion.turned_ns

    def epoch(self, at_ns: int) -> tuple[float, ...]:
        """The features of the epoch that ends at `at_ns`, in the order of `FEATURES`; NaN where not known."""
        rows = self.rows
        rows.add(self.rates, self.range_mg)
        self.rates.clear()
        for slide in self.slides:
            slide.end_epoch()
        self._remember_movement(at_ns)
        spans = (rows.span(5), rows.span(10), rows.span(20), rows.span(60))
        orders = _orders(list(self.looks))
        return (
            (at_ns - self.began_ns) / (60 * NS_PER_MINUTE),
            *self._level(at_ns, spans),
            *self._variability(spans, orders),
            *self._slow(),
            *self._ranks(at_ns, spans, orders[0].quartiles),
            *self._movement(at_ns),
        )

    def _level(self, at_ns: int, spans: Spans) -> tuple[float, ...]:
        of_2m, of_5m, of_10m, of_30m = spans
        now, of_1m, level = self.rows.span(1).mean, self.rows.span(2).mean, of_5m.mean
        for estimator in (self.usual, self.level_60m, self.level_90m):
            estimator.update(at_ns, now)
        self.levels_5m.append(level)
        before = list(self.levels_5m)
        count = len(before)
        over_usual = of_1m - _or_unknown(self.usual.quantile(0.5))
        quartiles = _or_unknown(self.usual.quantile(0.75)) - _or_unknown(self.usual.quantile(0.25))
        return (
            now - _or_unknown(self.usual.quantile(0.1)),
            _or_unknown(self.usual.rank(of_1m)),
            over_usual,
            over_usual / (quartiles if quartiles > 1 else 1.0),
            now - level,
            of_10m.mean - of_30m.mean,
            of_2m.highest - of_10m.mean,
            level - min(_enough(before[-120:], 40), default=UNKNOWN),
            level - _or_unknown(self.level_60m.value(at_ns)),
            level - _or_unknown(self.level_90m.value(at_ns)),
            *(level - before[-1 - lag] if count > lag else UNKNOWN for lag in (40, 60, 80, 120, LAG)),
        )

    def _variability(self, spans: Spans, orders: Sequence[Order]) -> tuple[float, ...]:
        of_2m, of_5m, of_10m, of_30m = spans
        means = self.rows.mean[-60:]
        in_10m, in_20m, in_30m = orders
        return (
            of_2m.wobble,
            of_5m.wobble,
            of_10m.wobble,
            of_30m.wobble,
            deviation(_enough(means[-5:], 2)),
            deviation(_enough(means[-10:], 3)),
            deviation(_enough(means[-20:], 6)),
            mean(_enough(self.rows.wobble[-60:], 20)),
            of_5m.highest - of_5m.lowest,
            of_10m.highest - of_10m.lowest,
            in_10m.quartiles,
            in_10m.peaks,
            in_10m.top,
            self.rows.span(40).wobble,
            in_20m.peaks,
            in_20m.top,
            self.rows.skewness(40, LEAST_LOOKS),
            in_30m.peaks,
        )

    def _slow(self) -> tuple[float, ...]:
        of_20s, of_40s, of_160s = self.slides
        return (
            of_20s.size(10),
            of_40s.size(10),
            of_40s.size(20),
            of_40s.size(60),
            of_40s.largest(20),
            of_40s.largest(60),
            of_160s.size(60),
        )

    def _ranks(self, at_ns: int, spans: Spans, quartiles: float) -> tuple[float, ...]:
        _, of_5m, of_10m, _ = spans
        means, within = self.rows.mean, self.rows.wobble
        ranked = (
            of_5m.wobble,
            of_10m.wobble,
            deviation(_enough(means[-10:], 3)),
            deviation(_enough(means[-20:], 6)),
            mean(_enough(within[-20:], 6)),
            quartiles,
            self.slides[1].size(20),
            self.slides[2].size(60),
        )
        for usual, value in zip(self.usual_of, ranked, strict=True):
            usual.update(at_ns, value)
        return tuple(_or_unknown(usual.rank(value)) for usual, value in zip(self.usual_of, ranked, strict=True))

    def _remember_movement(self, at_ns: int) -> None:
        range_mg = self.range_mg
        if range_mg is None:
            return
        if self.measured_ns is None:
            self.measured_ns = at_ns - EPOCH_NS
        for index, least_mg in enumerate(MOVES_MG):
            if range_mg >= least_mg:
                self.moved_ns[index] = at_ns

    def _movement(self, at_ns: int) -> tuple[float, ...]:
        moves = self.rows.move
        return (
            moves[-1],
            max(known(moves[-5:]), default=UNKNOWN),
            mean(known(moves[-10:])),
            mean(known(moves[-20:])),
            mean(known(moves[-60:])),
            mean(known(moves)),
            self._share(20, 100),
            self._share(60, 200),
            self._share(40, 500),
            self._share(120, 500),
            *(self._since(at_ns, moved_ns) for moved_ns in self.moved_ns),
            self._since(at_ns, self.turned_ns),
        )

    def _share(self, epochs: int, least_mg: int) -> float:
        ranges = [range_mg for range_mg in self.rows.range_mg[-epochs:] if range_mg is not None]
        return sum([range_mg >= least_mg for range_mg in ranges]) / len(ranges) if ranges else UNKNOWN

    def _since(self, at_ns: int, then_ns: int | None) -> float:
        if self.measured_ns is None:
            return UNKNOWN
        since_ns = at_ns - (self.measured_ns if then_ns is None else then_ns)
        return min(since_ns / NS_PER_MINUTE, LONG_AGO_MIN)


def _or_unknown(value: float | None) -> float:
    return UNKNOWN if value is None else value


def _enough(values: Sequence[float], least: int) -> list[float]:
    """The finite ones if there are at least `least`, else none."""
    finite = known(values)
    return finite if len(finite) >= least else []


class Order(NamedTuple):
    """Order statistics of looks, bpm: interquartile range, share of peaks, and highest less median."""

    quartiles: float
    peaks: float
    top: float


def _orders(looks: Sequence[float]) -> list[Order]:
    """Of the last 10, 20 and 30 min of looks; each is the one before, merged with ten minutes more."""
    ordered: list[float] = []
    orders = []
    for end in (0, 120, 240):
        ordered = sorted(ordered + sorted(known(looks[max(len(looks) - end - 120, 0) : max(len(looks) - end, 0)])))
        orders.append(_order(ordered))
    return orders


def _order(ordered: list[float]) -> Order:
    """Of at least `LEAST_LOOKS` looks in order; else not known."""
    count = len(ordered)
    if count < LEAST_LOOKS:
        return Order(UNKNOWN, UNKNOWN, UNKNOWN)
    median = middle(ordered)
    peaks = count - bisect_right(ordered, median + PEAK_BPM)
    return Order(ordered[3 * count // 4] - ordered[count // 4], peaks / count, ordered[-1] - median)
