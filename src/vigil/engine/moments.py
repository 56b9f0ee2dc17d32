"""What the episode detector looks at: a moment, described against the minutes and hours before it.

A moment is one 5-second step. Everything is local and trailing, held against the person's own running baseline, own
last hours or own night so far. How heart rate texture looks from step to step is left out on purpose: it tells one
sensor from another, and an added episode from a real one, better than it tells a nightmare from a quiet night.
Movement enters only as the 30-s staging range, so that raw, 1-s and 30-s input say the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from vigil.domain.plain import register
from vigil.domain.units import NS_PER_MINUTE, NS_PER_S, STEP_NS
from vigil.engine.epoch_rows import FLOOR_MG, UNKNOWN
from vigil.engine.moment_rows import MOVE_LOG2, HeartSpan, MoveSpan
from vigil.signal.estimators import NightQuantiles
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

KEPT_STEPS = 180
"""Steps kept, 15 min: the longest that a moment is held against step by step."""

KEPT_BLOCKS = 250
"""30-s blocks kept, two hours and a little: how far surges of like size are looked for."""

BLOCK_STEPS = 6
WARM_STEPS = 60
"""Five minutes of good data before anything is said of a moment (DESIGN section 5)."""

GAP_NS = NS_PER_MINUTE
"""After a gap this long the minutes before it are no measure of those after it (reliability F1)."""

LEAST_EXCESS_BPM = 2.0
"""With less than this over the baseline in the last minute, nothing is worth looking at: sensors round and lag."""

LEAST_SPREAD_BPM = 2.0
"""No spread is taken for smaller: sensors round to whole beats and lag."""

_USUAL_BLOCKS = 20


class MomentSpec(NamedTuple):
    """A feature's name, unit and meaning, for the parameters file and for whoever asks why."""

    name: str
    unit: str
    meaning: str


@register
@dataclass(slots=True)
class MomentMaker:
    """Follows a night step by step. `note` every step in order; the row of a moment, or None if it is not worth one.

    rates, excess: heart rate, and what it stood above the baseline of its instant, of the last good steps. moves: of
    the last steps, known or not. levels, excursions: means of blocks of six good steps. usual: of the night so far.
    baselines: of the last good steps. steps: good ones so far; settled: the last at its baseline, or before a gap.
    top: since then.
    """

    rates: list[float] = field(default_factory=list)
    excess: list[float] = field(default_factory=list)
    baselines: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    excursions: list[float] = field(default_factory=list)
    usual: NightQuantiles = field(default_factory=lambda: NightQuantiles(_USUAL_BLOCKS))
    began_ns: int = 0
    last_ns: int | None = None
    moved_ns: int | None = None
    steps: int = 0
    settled: int = 0
    top: float = 0.0

    def begin(self, at_ns: int) -> None:
        """Lights-out: time counts from here."""
        self.began_ns = at_ns

    def note(self, heart: HeartLook, motion: MotionLook) -> tuple[float, ...] | None:
        """Take one step; its features in the order of `MOMENTS`, or None where there is nothing to look at."""
        self._note_movement(motion)
        bpm, baseline, spread = heart.bpm, heart.baseline_bpm, heart.spread_bpm
        if bpm is None or baseline is None or spread is None:
            return None
        self._note_rate(heart.at_ns, bpm, baseline, max(LEAST_SPREAD_BPM, spread))
        if not self._is_worth_it():
            return None
        return self._row(heart.at_ns, baseline, max(LEAST_SPREAD_BPM, spread))

    # -- keeping -------------------------------------------------------------------------------------------

    def _note_movement(self, motion: MotionLook) -> None:
        range_mg = motion.range_mg
        self.moves.append(UNKNOWN if range_mg is None else math.log2(max(range_mg, FLOOR_MG) / FLOOR_MG))
        del self.moves[: -2 * KEPT_STEPS]
        if range_mg is not None and range_mg >= MOVE_LOG2.mg:
            self.moved_ns = motion.at_ns

    def _note_rate(self, at_ns: int, bpm: float, baseline: float, spread: float) -> None:
        if self.last_ns is not None and at_ns - self.last_ns > GAP_NS:
            self.rates.clear()
            self.excess.clear()
            self.baselines.clear()
            self.settled, self.top = self.steps, 0.0
        self.last_ns = at_ns
        self.steps += 1
        excess = bpm - baseline
        for held, value in ((self.rates, bpm), (self.excess, excess), (self.baselines, baseline)):
            held.append(value)
            if len(held) > KEPT_STEPS:
                del held[0]
        if excess <= spread:
            self.settled, self.top = self.steps, 0.0
        else:
            self.top = max(self.top, excess)
        if self.steps % BLOCK_STEPS == 0:
            self._close_block()

    def _close_block(self) -> None:
        level = _mean(self.rates[-BLOCK_STEPS:])
        self.usual.update(0, level)
        for held, value in ((self.levels, level), (self.excursions, _mean(self.excess[-BLOCK_STEPS:]))):
            held.append(value)
            if len(held) > KEPT_BLOCKS:
                del held[0]

    def _is_worth_it(self) -> bool:
        return len(self.excess) >= WARM_STEPS and _mean(self.excess[-12:]) >= LEAST_EXCESS_BPM

    # -- describing ----------------------------------------------------------------------------------------

    def _row(self, at_ns: int, baseline: float, spread: float) -> tuple[float, ...]:
        heart = HeartSpan(self.rates, self.excess, baseline, spread, self.steps - self.settled, self.top)
        moves = MoveSpan(self.moves, heart.age)
        return (
            (at_ns - self.began_ns) / (60 * NS_PER_MINUTE),
            *heart.level(),
            *heart.shape(),
            *self._against_before(heart, spread),
            baseline - self.baselines[-WARM_STEPS],
            *moves.row(),
            self._since_move_min(at_ns),
        )

    def _against_before(self, heart: HeartSpan, spread: float) -> tuple[float, ...]:
        """Against the last half hour, hours and the night so far."""
        levels, m60, m120 = self.levels, heart.m60, heart.m120
        hour = sorted(self.excursions[-126:-6])
        before = self.excursions[:-10]
        known = len(before) >= _USUAL_BLOCKS
        p90 = hour[int(0.9 * len(hour))] if len(hour) >= _USUAL_BLOCKS else UNKNOWN
        most = max(before) if known else UNKNOWN
        like = 0.7 * heart.ex30
        big = [index for index, value in enumerate(before) if value >= like] if known else []
        half_hour = sorted(levels[-60:-6] or levels)
        middle = half_hour[len(half_hour) // 2] if len(levels) >= _USUAL_BLOCKS else UNKNOWN
        low, high = self.usual.quantile(0.1), self.usual.quantile(0.9)
        rank = self.usual.rank(m60)
        return (
            heart.m30 - min(levels[-20:], default=UNKNOWN),
            heart.m30 - min(levels[-60:], default=UNKNOWN),
            m60 - min(levels[-120:], default=UNKNOWN),
            m120 - middle,
            heart.m300 - middle,
            spread,
            p90,
            most,
            heart.ex60 / max(2.0, p90),
            heart.ex60 / max(2.0, most),
            float(len(big)) if known else UNKNOWN,
            float(len(before) - 1 - big[-1] if big else len(before)) if known else UNKNOWN,
            UNKNOWN if rank is None else rank,
            UNKNOWN if low is None else m60 - low,
            UNKNOWN if low is None or high is None else (m60 - low) / max(2.0, high - low),
            self._changes_a_minute(),
        )

    def _changes_a_minute(self) -> float:
        """How often the rate changes from step to step, a minute: the cadence of the source, as far as steps show it.

        Taken from the earlier two thirds of what is kept, so that it does not describe the moment itself.
        """
        earlier = self.rates[: len(self.rates) * 2 // 3]
        changes = sum([a != b for a, b in pairwise(earlier)])
        return 12 * changes / len(earlier)

    def _since_move_min(self, at_ns: int) -> float:
        if math.isnan(self.moves[-1]):
            return UNKNOWN
        since_ns = at_ns - (self.began_ns if self.moved_ns is None else self.moved_ns)
        return min(60.0, since_ns / NS_PER_MINUTE)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


MOMENTS: tuple[MomentSpec, ...] = tuple(
    MomentSpec(*row)
    for row in (
        ("night_h", "h", "time since lights-out"),
        *((f"over_{s}s", "bpm", f"mean of {s} s over the baseline of its instants") for s in (15, 30, 60)),
        *((f"level_{s}s", "bpm", f"mean of {s} s over the baseline of now") for s in (120, 300)),
        ("low_60s", "bpm", "lowest of 60 s over the baseline"),
        ("low_120s", "bpm", "second lowest of 120 s over the baseline"),
        ("quarter_120s", "bpm", "lower quartile of 120 s over the baseline"),
        ("share_120s", "1", "share of 120 s that stood more than 3 bpm over the baseline"),
        ("share_180s", "1", "share of 180 s that stood more than 4 bpm over the baseline"),
        *((f"rise_{s}s", "bpm", f"mean of 30 s less that of {s} s earlier") for s in (60, 120, 180, 300)),
        *((f"was_{s}s", "bpm", f"over the baseline, {s} s ago") for s in (30, 60, 120, 180, 240)),
        ("over_60s_spread", "1", "over_60s in units of the ordinary spread"),
        ("over_120s_spread", "1", "level_120s in units of the ordinary spread"),
        ("age", "steps", "since the heart rate last stood at its baseline"),
        ("above_2bpm", "steps", "for how long it stood 2 bpm over it without a break"),
        ("top", "bpm", "most since then"),
        ("top_spread", "1", "the same in units of the ordinary spread"),
        ("fade", "1", "over_15s as a share of the top"),
        ("since_top", "steps", "since the top"),
        ("held_70", "steps", "without a break at 70 % of the top or more"),
        ("held_50", "steps", "without a break at 50 % of the top or more"),
        ("area_5m", "bpm", "mean of what stood over the baseline in 5 min"),
        ("area_10m", "bpm", "the same of 10 min"),
        ("area_since", "bpm min", "sum over the last 5 min at most since it last stood at its baseline"),
        ("biggest_step", "bpm", "largest change from one step to the next since then, 3 min at most"),
        ("biggest_step_share", "1", "the same as a share of the top"),
        ("over_low_10m", "bpm", "mean of 30 s over the lowest block of 10 min"),
        ("over_low_30m", "bpm", "mean of 30 s over the lowest block of 30 min"),
        ("over_low_60m", "bpm", "mean of 60 s over the lowest block of 60 min"),
        ("over_middle_120s", "bpm", "mean of 120 s over the median block of 30 min"),
        ("over_middle_300s", "bpm", "mean of 300 s over the median block of 30 min"),
        ("spread", "bpm", "ordinary spread about the baseline"),
        ("hour_p90", "bpm", "90th percentile of the excursions of the last hour, without the last 3 min"),
        ("hours_most", "bpm", "largest excursion of two hours, without the last 5 min"),
        ("over_hour_p90", "1", "over_60s as a share of hour_p90"),
        ("over_hours_most", "1", "over_60s as a share of hours_most"),
        ("like_count", "blocks", "excursions of like size in those two hours"),
        ("since_like", "blocks", "since the last of them"),
        ("night_rank", "1", "share of the night so far below the mean of 60 s"),
        ("over_night_low", "bpm", "mean of 60 s over the 10th percentile of the night so far"),
        ("over_night_range", "1", "the same as a share of the night's 10th to 90th percentile"),
        ("changes", "1/min", "changes of the heart rate from step to step: the cadence of the source"),
        ("baseline_5m", "bpm", "change of the baseline in 5 min"),
        ("move_now", "log2", "movement of 30 s: log2 of the range over 50 mg, not below 0"),
        *((f"move_most_{s}s", "log2", f"largest of {s} s") for s in (60, 120, 300)),
        *((f"move_mean_{s}s", "log2", f"mean of {s} s") for s in (60, 120, 180, 900)),
        *((f"move_share_{s}s", "1", f"share of {s} s with 100 mg or more") for s in (60, 120, 300)),
        *((f"move_{s}s_ago", "log2", f"of 30 s, {s} s ago") for s in (30, 60)),
        ("move_onset", "log2", "largest from 30 s before the heart rate left its baseline to 30 s after"),
        ("move_before", "log2", "mean of the 5 min before it did"),
        ("since_move", "min", "since a range of 100 mg or more; at most 60"),
    )
)
"""The row of a moment, in order."""

assert STEP_NS == 5 * NS_PER_S  # noqa: S101 — the names above count in steps of five seconds
