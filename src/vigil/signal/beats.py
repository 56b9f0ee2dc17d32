"""Beats: which to believe, and what their intervals say."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.samples import BeatInterval, SampleFault
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.signal.estimators import TimedDeviation, TimedRootMeanSquare
from vigil.signal.hygiene import BEAT_CADENCE_NS, BEATS_LEAST_NS, RR_MS_RANGE, Stream, is_instant, is_whole

NEIGHBOURS = 11
"""Accepted beats whose median a new one is held against (brief of the engine; the usual local-median filter)."""

DOUBTFUL_SHARE = 0.30
"""A beat further than this from its neighbours' median is doubtful: ectopic, missed or invented."""

FEWEST_NEIGHBOURS = 5
"""Fewer accepted beats than this do not judge the next; as many doubtful ones that agree are a real change."""

WINDOW_NS = 10 * NS_PER_S
"""What a heart rate is taken from."""

MOST_HELD = 64
"""Beats held for it: more than 10 s of the shortest interval, so that a flood costs no memory."""


@register
@dataclass(slots=True)
class BeatTracker:
    """Follows beat-to-beat intervals: heart rate of the last 10 s, SDNN and RMSSD of the last 5 min.

    RMSSD takes only differences of beats that truly follow each other; a doubtful beat between them breaks the pair.
    """

    stream: Stream = field(default_factory=lambda: Stream(declared_ns=BEAT_CADENCE_NS, flat_least_ns=BEATS_LEAST_NS))
    neighbours: deque[int] = field(default_factory=lambda: deque(maxlen=NEIGHBOURS))
    doubted: deque[int] = field(default_factory=lambda: deque(maxlen=NEIGHBOURS))
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MOST_HELD))
    deviation: TimedDeviation = field(default_factory=TimedDeviation)
    differences: TimedRootMeanSquare = field(default_factory=TimedRootMeanSquare)
    before_ms: int | None = None
    """the accepted interval just before, None after a doubtful beat or a gap"""

    def take(self, beat: BeatInterval) -> SampleFault | None:
        """Take one interval, or say why not."""
        rr_ms = beat.rr_ms
        at_ns = beat.at_ns
        if not (is_whole(rr_ms, RR_MS_RANGE) and is_instant(at_ns)):
            return SampleFault.OUT_OF_RANGE
        last_ns = self.stream.last_ns
        if (last_ns is None or at_ns >= last_ns) and self._is_doubtful(rr_ms, beat.clean):
            self.before_ms = None
            return SampleFault.DOUBTFUL_BEAT
        fault = self.stream.admit(at_ns, rr_ms)
        if fault is not None:
            return fault
        if last_ns is not None and self.before_ms is not None and at_ns - last_ns <= 2 * rr_ms * NS_PER_MS:
            self.differences.update(at_ns, rr_ms - self.before_ms)
        self.neighbours.append(rr_ms)
        self.recent.append((at_ns, rr_ms))
        self.deviation.update(at_ns, rr_ms)
        self.before_ms = rr_ms
        return None

    def bpm(self, at_ns: int) -> float:
        """Heart rate from the median interval of the last 10 s, of the last beat if there was none in them.

        To be asked only while the stream is fresh, that is, while at least one beat is held.
        """
        recent = self.recent
        oldest = at_ns - WINDOW_NS
        while len(recent) > 1 and recent[0][0] <= oldest:
            recent.popleft()
        ordered = sorted([rr_ms for _, rr_ms in recent])
        count = len(ordered)
        return 120_000 / (ordered[(count - 1) >> 1] + ordered[count >> 1])

    def forget_recent(self) -> None:
        """What was heard until now is not of this wrist, or not of now."""
        self.stream.fresh = False
        self.recent.clear()
        self.neighbours.clear()
        self.doubted.clear()
        self.before_ms = None

    def _is_doubtful(self, rr_ms: int, clean: bool) -> bool:
        """Whether to doubt it; enough doubted beats that agree are a real change, and eleven in a row in any case."""
        if clean is not True:
            return True
        neighbours = self.neighbours
        if len(neighbours) < FEWEST_NEIGHBOURS or _is_near(rr_ms, neighbours):
            self.doubted.clear()
            return False
        self.doubted.append(rr_ms)
        count = len(self.doubted)
        if count == NEIGHBOURS or (count >= FEWEST_NEIGHBOURS and all(_is_near(d, self.doubted) for d in self.doubted)):
            neighbours.clear()
            neighbours.extend(self.doubted)
            self.doubted.clear()
            return False
        return True


def _is_near(rr_ms: int, neighbours: deque[int]) -> bool:
    median = sorted(neighbours)[len(neighbours) >> 1]
    return abs(rr_ms - median) <= DOUBTFUL_SHARE * median
