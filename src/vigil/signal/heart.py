"""Heart rate as it can be believed at an instant: level, baseline, wobble, beat-to-beat variability, quality."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.samples import BeatInterval, HeartSample, Quality, SampleFault
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.signal.baseline import HeartBaseline
from vigil.signal.beats import BeatTracker
from vigil.signal.hygiene import (
    BPM_X10_RANGE,
    LastMinute,
    Stream,
    declared_cadence_ns,
    is_instant,
    is_whole,
)
from vigil.signal.jumps import Jumps

BEATS_RULE_NS = 30 * NS_PER_S
"""While a beat was accepted within this time, heart samples are not used: beats say more, and the two would mix."""

SHORTEST_WINDOW_NS = 10 * NS_PER_S
"""The heart rate is a median over this, or over two cadences where that is longer."""

BREAK_NS = 60 * NS_PER_S
"""A pause in the values shorter than this is a drop-out, as a moving arm makes them, and no reconnection (reliability
F1): nothing is done while it lasts, and the five minutes of good data do not begin anew after it."""

MOST_HELD = 128
"""Heart samples held for it, so that a flood costs no memory."""


@register
@dataclass(frozen=True, slots=True)
class HeartLook:
    """The heart at one instant. Everything but `at_ns`, `quality` and `age_ms` is None where it is not known.

    age_ms: since the last value that was accepted or waits to be borne out (`jumps`). bpm: median of the last 10 s or
    two cadences, only while GOOD; None then too while all that is fresh waits: the wearable is alive and worn, but how
    the heart is nobody knows yet.
    baseline_bpm, spread_bpm: see `baseline.HeartBaseline`. rmssd_ms, sdnn_ms: of the last 5 min, from 60 clean beats.
    good_since_ns: start of the run of GOOD looks, pauses of less than `BREAK_NS` included.
    """

    at_ns: int
    quality: Quality
    age_ms: int | None = None
    bpm: float | None = None
    baseline_bpm: float | None = None
    spread_bpm: float | None = None
    rmssd_ms: float | None = None
    sdnn_ms: float | None = None
    good_since_ns: int | None = None


@register
@dataclass(slots=True)
class HeartTracker:
    """Follows heart samples and beats. Starts as NEVER: it must be shown fresh data before anything is believed.

    `left_out` counts what was refused, by fault.
    """

    samples: Stream = field(default_factory=lambda: Stream(alike=True))
    jumps: Jumps = field(default_factory=Jumps)
    beats: BeatTracker = field(default_factory=BeatTracker)
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MOST_HELD))
    minute: LastMinute = field(default_factory=LastMinute)
    baseline: HeartBaseline = field(default_factory=HeartBaseline)
    left_out: dict[SampleFault, int] = field(default_factory=dict)
    on_wrist: bool = True
    linked: bool = True
    good_since_ns: int | None = None
    good_ns: int | None = None

    def begin(self, cadence_ms: int | None) -> None:
        """Take the cadence of heart samples as declared; None to learn it."""
        self.samples.declared_ns = declared_cadence_ns(cadence_ms)

    def take_heart(self, sample: HeartSample) -> SampleFault | None:
        """Take one heart rate, or say why not; JUMP where it waits to be borne out, and may be taken later."""
        at_ns, bpm_x10 = sample.at_ns, sample.bpm_x10
        if not (is_whole(bpm_x10, BPM_X10_RANGE) and is_instant(at_ns)):
            return self._note(SampleFault.OUT_OF_RANGE)
        fault = self.samples.refusal(at_ns, bpm_x10)
        if fault is not None:
            return self._note(fault)
        taken = self.jumps.take(at_ns, bpm_x10, self.samples)
        if isinstance(taken, SampleFault):
            return self._note(taken)
        for one in taken:
            self.samples.follow(*one)
        self.recent.extend(taken)
        if len(taken) > 1:
            self._take_back(len(taken) - 1)
        return self._note(None)

    def take_beat(self, beat: BeatInterval) -> SampleFault | None:
        """Take one beat-to-beat interval, or say why not."""
        return self._note(self.beats.take(beat))

    def contact(self, on: bool) -> None:
        """The wearable says whether it is worn; what was heard before it was put on again does not count."""
        if on is True and not self.on_wrist:
            self._forget_recent()
        self.on_wrist = on is True

    def link(self, up: bool) -> None:
        """The wearable is in reach or not; what was heard before it came back does not count."""
        if up is True and not self.linked:
            self._forget_recent()
        self.linked = up is True

    def look(self, at_ns: int) -> HeartLook:
        """The heart at `at_ns`, counting all that was taken until now. To be called at every step, in gaps too."""
        last_beat_ns = self.beats.stream.last_ns
        by_beats = last_beat_ns is not None and at_ns - last_beat_ns <= BEATS_RULE_NS
        source = self.beats.stream if by_beats else self.samples
        quality = self._quality(at_ns, source)
        good = quality is Quality.GOOD
        known = good and not source.is_stale(at_ns)
        bpm = (self.beats.bpm(at_ns) if by_beats else self._bpm(at_ns)) if known else None
        self._note_good(at_ns, quality)
        baseline, spread = self.baseline.look(at_ns, bpm)
        return HeartLook(
            at_ns=at_ns,
            quality=quality,
            age_ms=self._age_ms(at_ns),
            bpm=bpm,
            baseline_bpm=baseline,
            spread_bpm=spread,
            rmssd_ms=self.beats.differences.value(at_ns) if last_beat_ns is not None else None,
            sdnn_ms=self.beats.deviation.value(at_ns) if last_beat_ns is not None else None,
            good_since_ns=self.good_since_ns if good else None,
        )

    def _note_good(self, at_ns: int, quality: Quality) -> None:
        """Values that pause for less than `BREAK_NS` do not break a good run; anything else that is not good does."""
        paused = quality is Quality.STALE and self.good_ns is not None and at_ns - self.good_ns < BREAK_NS
        if quality is Quality.GOOD:
            if self.good_since_ns is None:
                self.good_since_ns = at_ns
            self.good_ns = at_ns
        elif not paused:
            self.good_since_ns = None

    def _quality(self, at_ns: int, source: Stream) -> Quality:
        """The first that holds, from what rules most."""
        verdict = self.minute.verdict(at_ns)
        if not self.linked:
            return Quality.LINK_LOST
        if not self.on_wrist:
            return Quality.OFF_WRIST
        if self.samples.last_ns is None and self.beats.stream.last_ns is None:
            return Quality.NEVER
        if verdict is not None:
            return verdict
        if source.is_stale(at_ns, self.jumps.heard_ns if source is self.samples else None):
            return Quality.STALE
        return Quality.FLAT if source.is_flat() else Quality.GOOD

    def _bpm(self, at_ns: int) -> float:
        """Median of the samples of the window, the last one if it is empty; while GOOD at least one is held."""
        recent = self.recent
        oldest = at_ns - max(SHORTEST_WINDOW_NS, 2 * self.samples.cadence_ns)
        while len(recent) > 1 and recent[0][0] <= oldest:
            recent.popleft()
        ordered = sorted([bpm_x10 for _, bpm_x10 in recent])
        count = len(ordered)
        return (ordered[(count - 1) >> 1] + ordered[count >> 1]) / 20

    def _age_ms(self, at_ns: int) -> int | None:
        heard = (self.samples.last_ns, self.jumps.heard_ns, self.beats.stream.last_ns)
        known = [last for last in heard if last is not None]
        return (at_ns - max(known)) // NS_PER_MS if known else None

    def _note(self, fault: SampleFault | None) -> SampleFault | None:
        self.minute.taken += 1
        if fault is not None:
            self.minute.count(fault)
            self.left_out[fault] = self.left_out.get(fault, 0) + 1
        return fault

    def _take_back(self, jumps: int) -> None:
        """So many values that were held back are believed after all."""
        self.left_out[SampleFault.JUMP] -= jumps
        if not self.left_out[SampleFault.JUMP]:
            del self.left_out[SampleFault.JUMP]

    def _forget_recent(self) -> None:
        self.samples.fresh = False
        self.recent.clear()
        self.jumps.forget()
        self.beats.forget_recent()
