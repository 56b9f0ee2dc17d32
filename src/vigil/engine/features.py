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
from vigil.engine.epoch_rows import HELD, UNKNOWN, EpochRows, Span, deviation, known, mean
from vigil.signal.estimators import NightQuantiles, TimedMedian, middle
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

CYCLE_MIN = 90
"""Epoch levels held: a sleep cycle (mission 5.1)."""

LAG = 160
"""Epochs, 80 min, that mean levels are held for, the newest not counted."""

LONG_AGO_MIN = 60.0
"""Times since something stop here: beyond an hour they say nothing more."""

MOVE_MG = 100
BIG_MOVE_MG = 500

PEAK_BPM = 4.0
"""A look this far above the median of its 10 min is a peak: REM comes in bursts, deep sleep has none."""

LEAST_USUAL = 20
"""Epochs, 10 min, before anything can be called usual for this night."""


class FeatureSpec(NamedTuple):
    """A feature's name, unit and meaning, for the parameters file and for whoever asks why."""

    name: str
    unit: str
    meaning: str


FEATURES: tuple[FeatureSpec, ...] = tuple(
    FeatureSpec(*row)
    for row in (
        ("night_h", "h", "time since lights-out"),
        ("heart_now_over_low", "bpm", "mean of 30 s above the 10th percentile of the night so far"),
        ("heart_1m_rank", "1", "share of the night so far below the mean of 1 min"),
        ("heart_now_5m", "bpm", "mean of 30 s less that of 5 min"),
        ("heart_10m_30m", "bpm", "mean of 10 min less that of 30 min"),
        ("heart_peak_2m", "bpm", "highest of 2.5 min less the mean of 10 min"),
        ("heart_5m_over_low_60m", "bpm", "mean of 5 min above its lowest of the last 60 min"),
        ("heart_5m_over_60m", "bpm", "mean of 5 min above the median of the last 60 min"),
        ("heart_5m_over_90m", "bpm", "mean of 5 min above the median of the last 90 min"),
        ("heart_change_20m", "bpm", "mean of 5 min less what it was 20 min ago"),
        ("heart_change_40m", "bpm", "mean of 5 min less what it was 40 min ago"),
        ("heart_change_60m", "bpm", "mean of 5 min less what it was 60 min ago"),
        ("heart_change_80m", "bpm", "mean of 5 min less what it was 80 min ago"),
        ("wobble_2m", "bpm", "standard deviation of the looks of 2.5 min"),
        ("wobble_5m", "bpm", "standard deviation of the looks of 5 min"),
        ("wobble_10m", "bpm", "standard deviation of the looks of 10 min"),
        ("wobble_30m", "bpm", "standard deviation of the looks of 30 min"),
        ("slow_2m", "bpm", "standard deviation of the 30-s means of 2.5 min"),
        ("slow_5m", "bpm", "standard deviation of the 30-s means of 5 min"),
        ("slow_10m", "bpm", "standard deviation of the 30-s means of 10 min"),
        ("fast_30m", "bpm", "mean over 30 min of the standard deviation within 30 s"),
        ("swing_5m", "bpm", "highest less lowest of 5 min"),
        ("swing_10m", "bpm", "highest less lowest of 10 min"),
        ("quartiles_10m", "bpm", "interquartile range of the looks of 10 min"),
        ("peaks_10m", "1", "share of the looks of 10 min more than 4 bpm above their median"),
        ("wobble_5m_rank", "1", "share of the night so far with less wobble_5m"),
        ("wobble_10m_rank", "1", "share of the night so far with less wobble_10m"),
        ("slow_5m_rank", "1", "share of the night so far with less slow_5m"),
        ("slow_10m_rank", "1", "share of the night so far with less slow_10m"),
        ("fast_10m_rank", "1", "share of the night so far with a smaller mean deviation within 30 s, over 10 min"),
        ("quartiles_10m_rank", "1", "share of the night so far with less quartiles_10m"),
        ("move_now", "log2", "movement of 30 s: log2 of the range over 50 mg, not below 0"),
        ("move_2m_most", "log2", "largest of 2.5 min"),
        ("move_5m", "log2", "mean of 5 min"),
        ("move_10m", "log2", "mean of 10 min"),
        ("move_30m", "log2", "mean of 30 min"),
        ("move_10m_share", "1", "share of the last 10 min with 100 mg or more"),
        ("since_move", "min", "since an epoch with 100 mg or more, or since movement was first known; at most 60"),
        ("since_big_move", "min", "since an epoch with 500 mg or more, likewise"),
        ("since_turn", "min", "since lying turned by more than 30 degrees, likewise"),
    )
)

Spans: TypeAlias = tuple[Span, Span, Span, Span]
"""The last 2.5, 5, 10 and 30 minutes."""

RANKED = 6
"""Quantities that are held against the night so far, beside the level."""


def _usual() -> list[NightQuantiles]:
    return [NightQuantiles(LEAST_USUAL) for _ in range(RANKED)]


@register
@dataclass(slots=True)
class FeatureMaker:
    """Gathers looks and makes the row of an epoch. `begin`, then `note` at every step and `epoch` at every epoch's end.

    rates: good heart rates of the epoch under way. rows: epochs of 30 min. looks: heart rates of 10 min, NaN where
    not good. level_60m, level_90m: mean heart rates by epoch. levels_5m: means of 5 min, for `LAG` epochs and the
    newest. usual, usual_of: what is ordinary for this person, from this night so far, for the level and for the
    ranked quantities. range_mg, turned_ns: of the last look at movement. measured_ns: when movement was first known.
    """

    began_ns: int = 0
    rates: list[float] = field(default_factory=list)
    looks: deque[float] = field(default_factory=lambda: deque(maxlen=120))
    range_mg: int | None = None
    turned_ns: int | None = None
    rows: EpochRows = field(default_factory=EpochRows)
    level_60m: TimedMedian = field(default_factory=lambda: TimedMedian(60 * NS_PER_MINUTE, 40))
    level_90m: TimedMedian = field(default_factory=lambda: TimedMedian(CYCLE_MIN * NS_PER_MINUTE, 60))
    levels_5m: deque[float] = field(default_factory=lambda: deque(maxlen=LAG + 1))
    usual: NightQuantiles = field(default_factory=lambda: NightQuantiles(LEAST_USUAL))
    usual_of: list[NightQuantiles] = field(default_factory=_usual)
    moved_ns: int | None = None
    moved_much_ns: int | None = None
    measured_ns: int | None = None

    def begin(self, at_ns: int) -> None:
        """Lights-out: time counts from here."""
        self.began_ns = at_ns

    def note(self, heart: HeartLook, motion: MotionLook) -> None:
        """Take the looks of one step."""
        if heart.bpm is None:
            self.looks.append(UNKNOWN)
        else:
            self.rates.append(heart.bpm)
            self.looks.append(heart.bpm)
        self.range_mg, self.turned_ns = motion.range_mg, motion.turned_ns

    def epoch(self, at_ns: int) -> tuple[float, ...]:
        """The features of the epoch that ends at `at_ns`, in the order of `FEATURES`; NaN where not known."""
        rows = self.rows
        rows.add(self.rates, self.range_mg)
        self.rates.clear()
        self._remember_movement(at_ns)
        spans = (rows.span(5), rows.span(10), rows.span(20), rows.span(HELD))
        return (
            (at_ns - self.began_ns) / (60 * NS_PER_MINUTE),
            *self._level(at_ns, spans),
            *self._variability(at_ns, spans),
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
        return (
            now - _or_unknown(self.usual.quantile(0.1)),
            _or_unknown(self.usual.rank(of_1m)),
            now - level,
            of_10m.mean - of_30m.mean,
            of_2m.highest - of_10m.mean,
            level - min(_enough(before[-120:], 40), default=UNKNOWN),
            level - _or_unknown(self.level_60m.value(at_ns)),
            level - _or_unknown(self.level_90m.value(at_ns)),
            *(level - before[-1 - lag] if count > lag else UNKNOWN for lag in (40, 80, 120, LAG)),
        )

    def _variability(self, at_ns: int, spans: Spans) -> tuple[float, ...]:
        of_2m, of_5m, of_10m, of_30m = spans
        means, within = self.rows.mean, self.rows.wobble
        slow_5m, slow_10m = deviation(_enough(means[-10:], 3)), deviation(_enough(means[-20:], 6))
        quartiles, peaks = _quartiles_and_peaks(self.looks)
        ranked = (of_5m.wobble, of_10m.wobble, slow_5m, slow_10m, mean(_enough(within[-20:], 6)), quartiles)
        for usual, value in zip(self.usual_of, ranked, strict=True):
            usual.update(at_ns, value)
        return (
            of_2m.wobble,
            of_5m.wobble,
            of_10m.wobble,
            of_30m.wobble,
            deviation(_enough(means[-5:], 2)),
            slow_5m,
            slow_10m,
            mean(_enough(within, 20)),
            of_5m.highest - of_5m.lowest,
            of_10m.highest - of_10m.lowest,
            quartiles,
            peaks,
            *(_or_unknown(usual.rank(value)) for usual, value in zip(self.usual_of, ranked, strict=True)),
        )

    def _remember_movement(self, at_ns: int) -> None:
        range_mg = self.range_mg
        if range_mg is None:
            return
        if self.measured_ns is None:
            self.measured_ns = at_ns - EPOCH_NS
        if range_mg >= MOVE_MG:
            self.moved_ns = at_ns
        if range_mg >= BIG_MOVE_MG:
            self.moved_much_ns = at_ns

    def _movement(self, at_ns: int) -> tuple[float, ...]:
        moves = self.rows.move
        ranges = [range_mg for range_mg in self.rows.range_mg[-20:] if range_mg is not None]
        return (
            moves[-1],
            max(known(moves[-5:]), default=UNKNOWN),
            mean(known(moves[-10:])),
            mean(known(moves[-20:])),
            mean(known(moves)),
            sum([range_mg >= MOVE_MG for range_mg in ranges]) / len(ranges) if ranges else UNKNOWN,
            self._since(at_ns, self.moved_ns),
            self._since(at_ns, self.moved_much_ns),
            self._since(at_ns, self.turned_ns),
        )

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


def _quartiles_and_peaks(looks: Sequence[float]) -> tuple[float, float]:
    """Interquartile range, and share of peaks, of at least 40 looks (of the 120 of 10 min); else not known."""
    ordered = sorted(_enough(looks, 40))
    if not ordered:
        return UNKNOWN, UNKNOWN
    count = len(ordered)
    peaks = count - bisect_right(ordered, middle(ordered) + PEAK_BPM)
    return ordered[3 * count // 4] - ordered[count // 4], peaks / count
