"""What was watchable, step by step, by the written rules and from what truly happened: the watch is not asked.

The rules once more, in plain numbers, for a band that sends a heart rate every five seconds (the signal's table of
quality, reliability F1 to F5; a rate that leaps, `signal/jumps.py`; five good minutes, DESIGN section 5).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.campaigns.year_log import NightLog
from tests.campaigns.year_world import S
from vigil.domain.records import Event, LinkLost, LinkRegained, Sample
from vigil.domain.samples import Contact, HeartSample, Quality

STEP_NS = 5 * S
FRESH_NS, FLAT_NS, PAUSE_NS, WARM_NS, MINUTE_NS = 15 * S, 360 * S, 60 * S, 300 * S, 60 * S
TWIN_NS = 750_000_000
NEAR_X10, NEARER_X10, BORNE_OUT_BY = 50, 10, 4
KNOWN_STEPS = 36
LATEST_NS = 20 * S
"""The band's values come no later than this; what is older was heard before the computer slept."""


@dataclass(slots=True)
class Signal:
    """The heart signal as it reached Vigil, judged at each step."""

    linked: bool = True
    worn: bool = True
    fresh: bool = False
    last_ns: int | None = None
    value: int = 0
    same_since_ns: int = 0
    believed: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2))
    waiting: list[tuple[int, int]] = field(default_factory=list)
    now: list[int] = field(default_factory=lambda: [0, 0, 0])
    minute: deque[tuple[int, int, int, int]] = field(default_factory=deque)
    good_since_ns: int | None = None
    good_ns: int | None = None
    good_steps: deque[int] = field(default_factory=deque)

    def hear(self, record: object) -> None:
        """One thing that arrived."""
        match record:
            case HeartSample():
                self._hear_heart(record)
            case LinkLost():
                self.linked = False
            case LinkRegained():
                self._forget(back=not self.linked)
                self.linked = True
            case Contact():
                self._forget(back=record.on and not self.worn)
                self.worn = record.on

    def _forget(self, *, back: bool) -> None:
        if back:
            self.fresh = False
            self.believed.clear()
            self.waiting.clear()

    def _hear_heart(self, sample: HeartSample) -> None:
        self.now[0] += 1
        if not 250 <= sample.bpm_x10 <= 2200:
            self.now[1] += 1
            return
        one = (sample.at_ns, sample.bpm_x10)
        apart_ns = None if self.heard_ns is None else sample.at_ns - self.heard_ns
        if apart_ns is not None and apart_ns < TWIN_NS:
            self.now[2] += apart_ns >= 0
            return
        if not self._leaps(*one):
            self.waiting.clear()
            self._believe(*one)
            return
        self.waiting.append(one)
        if len(self.waiting) == BORNE_OUT_BY:
            for each in self.waiting:
                self._believe(*each)
            self.waiting.clear()

    @property
    def heard_ns(self) -> int | None:
        """When the last value was heard that may be true."""
        return self.waiting[-1][0] if self.waiting else self.last_ns

    def _leaps(self, at_ns: int, value: int) -> bool:
        """Whether it must be borne out by others before it is believed."""
        if not self.believed:
            return False
        near = NEAR_X10 + NEARER_X10 * min(at_ns - self.believed[-1][0], FRESH_NS) // S
        far = all(abs(value - then) > near for _, then in self.believed)
        return far and abs(value - self.believed[-1][1]) > NEAR_X10

    def _believe(self, at_ns: int, value: int) -> None:
        if self.last_ns is None or at_ns - self.last_ns > FRESH_NS or value != self.value:
            self.same_since_ns = at_ns
        self.last_ns, self.value, self.fresh = at_ns, value, True
        self.believed.append((at_ns, value))

    def step(self, at_ns: int) -> Quality:
        """The quality at a step's end, and how long it has been good."""
        self.minute.append((at_ns, *self.now))  # type: ignore[arg-type]  # three counts
        self.now = [0, 0, 0]
        while self.minute[0][0] <= at_ns - MINUTE_NS:
            self.minute.popleft()
        quality = self._quality(at_ns)
        if quality is Quality.GOOD:
            self.good_since_ns = at_ns if self.good_since_ns is None else self.good_since_ns
            self.good_ns = at_ns
            self.good_steps.append(at_ns)
        elif quality is not Quality.STALE or self.good_ns is None or at_ns - self.good_ns >= PAUSE_NS:
            self.good_since_ns = None
        while self.good_steps and self.good_steps[0] <= at_ns - 600 * S:
            self.good_steps.popleft()
        return quality

    def _quality(self, at_ns: int) -> Quality:
        taken, impossible, doubled = (sum(row[i] for row in self.minute) for i in (1, 2, 3))
        rules = (
            (Quality.LINK_LOST, not self.linked),
            (Quality.OFF_WRIST, not self.worn),
            (Quality.NEVER, self.last_ns is None),
            (Quality.BAD, impossible >= 3 and impossible > 0.1 * taken),
            (Quality.DOUBLED, doubled >= 3 and doubled > 0.05 * taken),
            (Quality.STALE, not self.fresh or self.heard_ns is None or at_ns - self.heard_ns > FRESH_NS),
            (Quality.FLAT, self.last_ns is not None and self.last_ns - self.same_since_ns > FLAT_NS),
        )
        return next((quality for quality, holds in rules if holds), Quality.GOOD)

    def is_known(self, at_ns: int) -> bool:
        """Whether three minutes of good values older than a minute lie within ten: a baseline can be told."""
        return sum(step <= at_ns - MINUTE_NS for step in self.good_steps) >= KNOWN_STEPS


@dataclass(frozen=True, slots=True)
class Truth:
    """watched, blind: seconds. stretches: of poor quality, as (quality, from_s, to_s), to_s None to the end."""

    watched_s: int
    blind_s: int
    stretches: tuple[tuple[Quality, float, float | None], ...]
    steps: tuple[int, ...] = ()
    """Seconds at which the steps that could be watched ended."""


def truth_of(log: NightLog, warm_ns: list[int]) -> Truth:
    """What could be watched in a night that ended. warm_ns: clock steps and resumes that were noticed, in its time."""
    end_ns, began_ns = log.ended_ns or 0, log.began_ns
    events = log.heard
    starts = sorted([*(life.from_ns for life in log.lives[1:]), *warm_ns])
    signal, heard, started, warm = Signal(), 0, 0, began_ns - 2 * WARM_NS
    off = off_from(log)
    stretches, before, since = [], Quality.NEVER, began_ns
    watched: list[int] = []
    for at_ns in range(began_ns + STEP_NS, end_ns + 1, STEP_NS):
        while heard < len(events) and _has_come(*events[heard], at_ns):
            record = events[heard][1]
            heard += 1
            if not isinstance(record, HeartSample) or record.at_ns > at_ns - STEP_NS:
                signal.hear(record)
        while started < len(starts) and starts[started] <= at_ns:
            warm, started = max(warm, starts[started]), started + 1
        quality = signal.step(at_ns)
        if quality is not before and at_ns not in log.failing:  # a step that fails tells nothing; the next one does
            stretches.append((before, log.seconds(since), log.seconds(at_ns)))
            before, since = quality, at_ns
        good = signal.good_since_ns if quality is Quality.GOOD else None
        ran = any(life.from_ns <= at_ns <= life.to_ns for life in log.lives)
        looked = at_ns not in log.failing and at_ns < off and ran
        warmed = good is not None and at_ns - max(good, warm) >= WARM_NS
        if looked and warmed and signal.is_known(at_ns) and not _asleep(log, at_ns):
            watched.append(round(log.seconds(at_ns)))
    poor = [*stretches, (before, log.seconds(since), None)]
    steps = (end_ns - began_ns) // STEP_NS
    told = tuple(row for row in poor if row[0] is not Quality.GOOD)
    return Truth(len(watched) * 5, (steps - len(watched)) * 5, told, tuple(watched))


def _has_come(turn_ns: int, record: Sample | Event, at_ns: int) -> bool:
    """Whether something had arrived before a step was over; what comes late belongs to a later one."""
    late = turn_ns - record.at_ns < LATEST_NS and turn_ns - S >= at_ns
    return record.at_ns <= at_ns and not late


def _asleep(log: NightLog, at_ns: int) -> bool:
    return any(from_ns < at_ns <= to_ns for from_ns, to_ns in log.slept)


def off_from(log: NightLog) -> int:
    """The step from which the detector is off: after the third failure within ten minutes."""
    failures = sorted([*log.failing, *(at_ns + 1 for at_ns in log.slow)])
    for third in range(2, len(failures)):
        if failures[third] - failures[third - 2] <= 600 * S:
            return failures[third] + 1
    return 1 << 62
