"""Movement: how much now, how long still, how long moving, which way the wrist lies.

One staging quantity, `MotionLook.range_mg`, is rebuilt the same way from raw, 1-s and 30-s input: the Euclidean norm
of the per-axis peak-to-peak ranges of the last 30 s.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.samples import Milligrams, MotionSummary, SampleFault
from vigil.domain.units import EPOCH_NS, NS_PER_MINUTE, NS_PER_MS, NS_PER_S
from vigil.signal.hygiene import is_instant
from vigil.signal.motion_rows import DURATION_MS, MotionBin, highest, is_believable, lowest, norm_of_range
from vigil.signal.seconds import SecondsReducer

__all__ = ["MotionLook", "MotionTracker", "SecondsReducer"]

STILL_MG = 50
"""A row below this is still: breathing and sensor noise stay under it (walch: 75 % of 30-s rows lie under 40 mg)."""

MOVING_MG = 100
"""A row at or above this is movement of the arm, not of the chest."""

KNOWN_MS = 20_000
"""Movement is known if it was measured for this much of the last 30 s."""

LONG_ROW_MS = 30_000
"""Rows this long or longer speak for their own length, and `SLACK_NS` more, after they end."""

LONG_ROW_MOVING = 0.4
"""Share of a long row that counts as moving: a turn of seconds makes the whole row one, so that two minutes of such
rows alone do not look like getting up. Our choice."""

LONGEST_ROW_NS = DURATION_MS[1] * NS_PER_MS
"""No row reaches further back, so what was blanked before that may be forgotten."""

SLACK_NS = 5 * NS_PER_S
PEAK_NS = 10 * NS_PER_S
MOVING_WINDOW_NS = 2 * NS_PER_MINUTE
STEPS_WINDOW_NS = NS_PER_MINUTE

GRAVITY_MG = (500, 2000)
"""A mean vector of another length is no direction of gravity: the arm was thrown about."""


@register
@dataclass(frozen=True, slots=True)
class MotionLook:
    """Movement at one instant. `range_mg`, `peak_mg`, `still_s` are None where movement is not known.

    known: acceleration was measured for 20 of the last 30 s, or by a row of 30 s or more that still speaks.
    range_mg: of the last 30 s. peak_mg: largest single row of the last 10 s, or the last row.
    still_s: seconds since the last row of 50 mg or more, or since movement was first known.
    moving_s: seconds of the last 120 s covered by rows of 100 mg or more, of long rows a share; 0 where not known.
    turned_ns: when gravity was last found, lying still, more than 30 degrees from where it was lying still before.
    steps_60: of the last 60 s, None if not counted.
    """

    at_ns: int
    known: bool
    range_mg: int | None = None
    peak_mg: int | None = None
    still_s: float | None = None
    moving_s: float = 0.0
    turned_ns: int | None = None
    steps_60: int | None = None


@register
@dataclass(slots=True)
class MotionTracker:
    """Follows rows of movement of any length. `left_out` counts what was refused, by fault.

    rows: taken since the last look. bins: of the last 30 s. long_row: the last of 30 s or more.
    covered_to_ns, known_since_ns: the unbroken stretch in which movement was measured.
    moved_ns: end of the last row that was not still. moving: (start, end) of rows that were movement.
    resting: gravity when last lying still. blanked: spans in which the arm was shaken by Vigil itself.
    """

    rows: list[MotionSummary] = field(default_factory=list)
    bins: deque[MotionBin] = field(default_factory=deque)
    last: MotionSummary | None = None
    long_row: MotionSummary | None = None
    covered_to_ns: int | None = None
    known_since_ns: int = 0
    moved_ns: int = 0
    moving: deque[tuple[int, int]] = field(default_factory=deque)
    steps: deque[tuple[int, int]] = field(default_factory=deque)
    resting: Milligrams | None = None
    turned_ns: int | None = None
    blanked: list[tuple[int, int]] = field(default_factory=list)
    left_out: dict[SampleFault, int] = field(default_factory=dict)

    def take(self, row: MotionSummary) -> SampleFault | None:
        """Take one row, or say why not."""
        last = self.last
        if not is_believable(row):
            fault = SampleFault.OUT_OF_RANGE
        elif last is not None and row.at_ns < last.at_ns:
            fault = SampleFault.LATE
        elif last is not None and row.at_ns == last.at_ns and row.duration_ms == last.duration_ms:
            fault = SampleFault.DUPLICATE
        else:
            self.last = row
            self.rows.append(row)
            return None
        self.left_out[fault] = self.left_out.get(fault, 0) + 1
        return fault

    def blank(self, from_ns: int, until_ns: int) -> None:
        """Use no row that overlaps [from_ns, until_ns): its movement is not known, which is not the same as still.

        Rows that were taken but not yet looked at count too. A span that is none (not whole, or empty) is ignored.
        """
        if is_instant(from_ns) and is_instant(until_ns) and from_ns < until_ns:
            self.blanked.append((from_ns, until_ns))

    def look(self, at_ns: int) -> MotionLook:
        """Movement at `at_ns`, counting all that was taken until now. To be called at every step, in gaps too."""
        if self.rows:
            self._fold()
        self._forget(at_ns)
        long_row = self.long_row
        known = long_row is not None or sum([held.covered_ms for held in self.bins]) >= KNOWN_MS
        range_mg = self._range_mg(long_row) if known else None
        if range_mg is not None and range_mg < MOVING_MG:
            self._rest(at_ns)
        return MotionLook(
            at_ns=at_ns,
            known=known,
            range_mg=range_mg,
            peak_mg=self._peak_mg(at_ns, long_row) if known else None,
            still_s=(at_ns - max(self.moved_ns, self.known_since_ns)) / NS_PER_S if known else None,
            moving_s=self._moving_s(at_ns),
            turned_ns=self.turned_ns,
            steps_60=sum([count for _, count in self.steps]) if self.steps else None,
        )

    def _fold(self) -> None:
        """Fold the rows that came since the last look into one bin; keep apart what must outlive 30 s."""
        rows = [row for row in self.rows if not self._is_blanked(row)] if self.blanked else self.rows
        if rows and (folded := MotionBin.of(rows)).covered_ms:
            self.bins.append(folded)
        for row in rows:
            if row.steps is not None:
                self.steps.append((row.at_ns, row.steps))
            if row.range_mg is not None:
                self._follow(row, row.range_mg)
        self.rows.clear()

    def _is_blanked(self, row: MotionSummary) -> bool:
        start_ns = row.at_ns - row.duration_ms * NS_PER_MS
        return any(start_ns < until_ns and row.at_ns > from_ns for from_ns, until_ns in self.blanked)

    def _follow(self, row: MotionSummary, range_mg: int) -> None:
        at_ns = row.at_ns
        start_ns = at_ns - row.duration_ms * NS_PER_MS
        if self.covered_to_ns is None or start_ns > self.covered_to_ns + SLACK_NS:
            self.known_since_ns = start_ns
            self.moved_ns = start_ns
        self.covered_to_ns = at_ns
        if row.duration_ms >= LONG_ROW_MS:
            self.long_row = row
        if range_mg >= STILL_MG:
            self.moved_ns = at_ns
            if range_mg >= MOVING_MG:
                self.moving.append((at_ns - _moving_ns(row.duration_ms), at_ns))

    def _forget(self, at_ns: int) -> None:
        bins, steps, moving, long_row = self.bins, self.steps, self.moving, self.long_row
        if self.blanked and at_ns - self.blanked[0][1] > LONGEST_ROW_NS:
            self.blanked.pop(0)
        while bins and bins[0].at_ns <= at_ns - EPOCH_NS:
            bins.popleft()
        while steps and steps[0][0] <= at_ns - STEPS_WINDOW_NS:
            steps.popleft()
        while moving and moving[0][1] <= at_ns - MOVING_WINDOW_NS:
            moving.popleft()
        if long_row is not None and long_row.at_ns + long_row.duration_ms * NS_PER_MS + SLACK_NS < at_ns:
            self.long_row = None

    def _range_mg(self, long_row: MotionSummary | None) -> int | None:
        """Norm of the union of the extremes of the last 30 s, or the largest row without extremes if that is more."""
        bins = self.bins
        if not bins:
            return None if long_row is None else long_row.range_mg
        lows = [held.low_mg for held in bins if held.low_mg is not None]
        highs = [held.high_mg for held in bins if held.high_mg is not None]
        union = norm_of_range(lowest(lows), highest(highs)) if lows else 0
        return max([union, *[held.loose_mg for held in bins]])

    def _peak_mg(self, at_ns: int, long_row: MotionSummary | None) -> int | None:
        bins = self.bins
        if not bins:
            return None if long_row is None else long_row.range_mg
        recent = [held.peak_mg for held in bins if held.at_ns > at_ns - PEAK_NS]
        return max(recent, default=bins[-1].peak_mg)

    def _moving_s(self, at_ns: int) -> float:
        if not self.moving:
            return 0.0
        oldest = at_ns - MOVING_WINDOW_NS
        covered = sum([end - max(start, oldest) for start, end in self.moving])
        return min(covered, MOVING_WINDOW_NS) / NS_PER_S

    def _rest(self, at_ns: int) -> None:
        """Lying still: where gravity points now, and whether that is elsewhere than before."""
        x = y = z = pull_ms = 0
        for held in self.bins:
            pull = held.pull_mg_ms
            x, y, z, pull_ms = x + pull[0], y + pull[1], z + pull[2], pull_ms + held.pull_ms
        if not pull_ms:
            return
        now = (x // pull_ms, y // pull_ms, z // pull_ms)
        if not GRAVITY_MG[0] ** 2 <= _inner(now, now) <= GRAVITY_MG[1] ** 2:
            return
        if self.resting is not None and is_turned(self.resting, now):
            self.turned_ns = at_ns
        self.resting = now


def _moving_ns(duration_ms: int) -> int:
    """For how long the arm moved in a row that says no more than its largest movement."""
    long = duration_ms >= LONG_ROW_MS
    return round(duration_ms * NS_PER_MS * LONG_ROW_MOVING) if long else duration_ms * NS_PER_MS


def is_turned(before: Milligrams, now: Milligrams) -> bool:
    """Whether two directions are more than 30 degrees apart: cos^2 below 3/4, in whole numbers, or cos negative."""
    inner = _inner(before, now)
    return inner < 0 or 4 * inner * inner < 3 * _inner(before, before) * _inner(now, now)


def _inner(a: Milligrams, b: Milligrams) -> int:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
