"""What may enter a stream of heart values, and how far the stream can be believed.

Limits belong to the source's own cadence (DESIGN section 2): an ordinary watch sends a value every 5 s or slower, and
often the same one. Every rule is written positively: a value is taken if it is a whole number within bounds, else it
is refused with a fault. Faults are counted in steps of the engine's grid, so that a flood of them costs no memory.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.samples import Quality, SampleFault
from vigil.domain.units import MAX_INSTANT_NS, NS_PER_MINUTE, NS_PER_MS, NS_PER_S

BPM_X10_RANGE = (250, 2200)
"""Heart rates that a person asleep or frightened can have, in tenths of a bpm (reliability F4)."""

RR_MS_RANGE = (270, 2400)
"""Beat intervals in ms: the same bounds, 25 to 220 bpm, in time."""

UNKNOWN_CADENCE_NS = 5 * NS_PER_S
"""Taken until the source has shown its own: what an ordinary wrist sensor does."""

BEAT_CADENCE_NS = NS_PER_S
"""Beats come about once a second; their limits follow from this alone."""

LEARNED_FROM = 20
"""Intervals the cadence is learned from (their median)."""

DUPLICATE_SHARE = 0.15
"""Values closer than this share of the cadence are one packet sent twice. reliability F3 proposes 0.2; the watch of
*sleep-accel*, at a 5-s cadence, now and then truly sends the same value 1.0 s apart, which 0.2 would call doubled."""

LONGEST_CADENCE_NS = 3 * NS_PER_MINUTE
"""Longer silences are gaps, from which no cadence is learned."""

BAD_SHARE = 0.10
"""More impossible values than this in the last minute, and at least `FEWEST`: BAD (reliability F4)."""

DOUBTFUL_SHARE = 0.40
"""More impossible or doubtful values together than this: BAD. Our own choice: people with many ectopic beats stay in
sight, a loose electrode does not."""

DOUBLED_SHARE = 0.05
"""More duplicates than this in the last minute, and at least `FEWEST`: DOUBLED (reliability F3)."""

FEWEST = 3


def is_whole(value: object, bounds: tuple[int, int]) -> bool:
    """Whether `value` is truly an int (no bool, float, NaN or text) within `bounds`, both inclusive."""
    return type(value) is int and bounds[0] <= value <= bounds[1]


def is_instant(at_ns: object) -> bool:
    """Whether `at_ns` is an instant that a working clock can show."""
    return type(at_ns) is int and -MAX_INSTANT_NS <= at_ns <= MAX_INSTANT_NS


def stale_limit_ns(cadence_ns: int) -> int:
    """How old the last good value may be: three cadences, at least 10 s, at most 180 s."""
    return min(max(10 * NS_PER_S, 3 * cadence_ns), 180 * NS_PER_S)


RATE_LEAST_NS, BEATS_LEAST_NS = 5 * NS_PER_MINUTE, NS_PER_MINUTE
"""Shortest stretch that is called frozen: of a rate, and of beats, which no heart repeats to the millisecond."""


def flat_limit_ns(cadence_ns: int, least_ns: int = RATE_LEAST_NS) -> int:
    """How long a value may stay the same: 72 cadences, at least `least_ns`, at most 20 min.

    Measured on real nights: 300 s at a 5-s cadence (walch), 400 s at 10 s (fitbit2016), 600 s at 60 s (withings) are
    all legitimate. A source that is asked more often has the same heart: on walch one value was held for longer than
    72 s some 8 times a night.
    """
    return min(max(least_ns, 72 * cadence_ns), 20 * NS_PER_MINUTE)


@register
@dataclass(slots=True)
class Stream:
    """One source's order, cadence and sameness: heart samples or beats.

    declared_ns: the cadence the catalogue or the reader states, None to learn it.
    fresh: something was accepted since the start, or since contact or link was last regained.
    run_since_ns: the instant from which the value has not changed, without a gap. flat_least_ns: see `flat_limit_ns`.
    alike: only an equal value can be a packet sent twice. So it is for rates: a strange packet a moment before an
    honest one does not take its place. Of beats no two can be so close, whatever they say.
    """

    declared_ns: int | None = None
    learned_ns: int | None = None
    fresh: bool = False
    last_ns: int | None = None
    last_value: int = 0
    run_since_ns: int = 0
    intervals: deque[int] = field(default_factory=lambda: deque(maxlen=LEARNED_FROM))
    flat_least_ns: int = RATE_LEAST_NS
    alike: bool = False

    @property
    def cadence_ns(self) -> int:
        """How often this source sends a value: as declared, else as learned, else what is usual."""
        return self.declared_ns or self.learned_ns or UNKNOWN_CADENCE_NS

    def admit(self, at_ns: int, value: int) -> SampleFault | None:
        """Take a value whose range was checked; LATE or DUPLICATE if it is not the next one."""
        fault = self.refusal(at_ns, value)
        if fault is None:
            self.follow(at_ns, value)
        return fault

    def refusal(self, at_ns: int, value: int, after: tuple[int, int] | None = None) -> SampleFault | None:
        """LATE or DUPLICATE for what is not the next value, else None. Nothing changes.

        after: (at_ns, value) that it follows, the last that was taken if None.
        """
        last_ns, last_value = (self.last_ns, self.last_value) if after is None else after
        if last_ns is None:
            return None
        interval_ns = at_ns - last_ns
        if interval_ns < 0:
            return SampleFault.LATE
        twin = value == last_value or not self.alike
        if interval_ns == 0 or (twin and interval_ns < DUPLICATE_SHARE * self.cadence_ns):
            return SampleFault.DUPLICATE
        return None

    def follow(self, at_ns: int, value: int) -> None:
        """Take the next value."""
        if self.last_ns is None:
            self.run_since_ns = at_ns
        else:
            interval_ns = at_ns - self.last_ns
            if value != self.last_value or interval_ns > stale_limit_ns(self.cadence_ns):
                self.run_since_ns = at_ns
            if self.declared_ns is None and interval_ns <= LONGEST_CADENCE_NS:
                self._learn(interval_ns)
        self.last_ns = at_ns
        self.last_value = value
        self.fresh = True

    def is_stale(self, at_ns: int, heard_ns: int | None = None) -> bool:
        """Whether the last good value is too old, or is from before contact or link was regained.

        heard_ns: when the last that waits to be believed was heard, for whoever asks only whether the source is alive.
        """
        last_ns = self.last_ns if heard_ns is None else heard_ns
        return not (self.fresh and last_ns is not None and at_ns - last_ns <= stale_limit_ns(self.cadence_ns))

    def is_flat(self) -> bool:
        """Whether the value has stayed the same for longer than this source ever holds one."""
        return self.last_ns is not None and self.last_ns - self.run_since_ns > flat_limit_ns(
            self.cadence_ns, self.flat_least_ns
        )

    def _learn(self, interval_ns: int) -> None:
        """Half the last intervals at least: 5 known before anything is said."""
        self.intervals.append(interval_ns)
        if len(self.intervals) >= 5:
            ordered = sorted(self.intervals)
            self.learned_ns = ordered[len(ordered) >> 1]


def declared_cadence_ns(cadence_ms: object) -> int | None:
    """The declared cadence in ns if it is one (0.1 s to 10 min), else None: it is learned instead."""
    if type(cadence_ms) is int and 100 <= cadence_ms <= 600_000:
        return cadence_ms * NS_PER_MS
    return None


@register
@dataclass(slots=True)
class LastMinute:
    """How many values of the last minute were impossible, doubtful or doubled, in bins that end at each look."""

    bins: deque[tuple[int, int, int, int, int]] = field(default_factory=deque)
    """(end_ns, all, impossible, doubtful, doubled)"""
    wrong_ns: int | None = None
    """end of the last bin that holds anything but good values"""
    taken: int = 0
    impossible: int = 0
    doubtful: int = 0
    doubled: int = 0

    def count(self, fault: SampleFault) -> None:
        """Count the fault of a value; whoever takes values counts each in `taken` itself, good ones too."""
        if fault is SampleFault.OUT_OF_RANGE:
            self.impossible += 1
        elif fault is SampleFault.DOUBTFUL_BEAT:
            self.doubtful += 1
        elif fault is SampleFault.DUPLICATE:
            self.doubled += 1

    def verdict(self, at_ns: int) -> Quality | None:
        """BAD, DOUBLED, or None for neither, from the minute that ends at `at_ns`."""
        if self.taken:
            self.bins.append((at_ns, self.taken, self.impossible, self.doubtful, self.doubled))
            if self.impossible or self.doubtful or self.doubled:
                self.wrong_ns = at_ns
            self.taken = self.impossible = self.doubtful = self.doubled = 0
        oldest, bins = at_ns - NS_PER_MINUTE, self.bins
        while bins and bins[0][0] <= oldest:
            bins.popleft()
        if self.wrong_ns is None or self.wrong_ns <= oldest:
            return None
        return self._judge([row for row in bins if row[2] or row[3] or row[4]])

    def _judge(self, wrong: list[tuple[int, int, int, int, int]]) -> Quality | None:
        taken = sum(row[1] for row in self.bins)
        impossible = sum(row[2] for row in wrong)
        doubtful = impossible + sum(row[3] for row in wrong)
        doubled = sum(row[4] for row in wrong)
        if impossible >= FEWEST and impossible > BAD_SHARE * taken:
            return Quality.BAD
        if doubtful >= FEWEST and doubtful > DOUBTFUL_SHARE * taken:
            return Quality.BAD
        if doubled >= FEWEST and doubled > DOUBLED_SHARE * taken:
            return Quality.DOUBLED
        return None
