"""The same night as other sources would have sensed it, so that one set of parameters serves them all."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from training.nights import Night
from vigil.domain.samples import BeatInterval, HeartSample
from vigil.domain.units import NS_PER_MS, NS_PER_S


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to sense a night: its name, how much its rows weigh in fitting, and how to make it."""

    name: str
    weight: float
    make: Callable[[Night], Night]


def as_recorded(night: Night) -> Night:
    """Nothing changed."""
    return night


def without_motion(night: Night) -> Night:
    """Heart only."""
    return replace(night, motion=())


def motion_only(night: Night) -> Night:
    """Movement only: the heart sensor failed."""
    return replace(night, heart=(), beats=())


def every(seconds: int) -> Callable[[Night], Night]:
    """Heart rate at a slower cadence: the mean of what came since the last one sent."""

    def make(night: Night) -> Night:
        sent: list[HeartSample] = []
        held: list[int] = []
        due_ns: int | None = None
        for sample in night.heart:
            held.append(sample.bpm_x10)
            if due_ns is None or sample.at_ns >= due_ns:
                sent.append(HeartSample(sample.at_ns, 10 * round(sum(held) / len(held) / 10)))
                due_ns = sample.at_ns + seconds * NS_PER_S - NS_PER_S // 2
                held = []
        return replace(night, heart=tuple(sent))

    return make


def each_second(night: Night) -> Night:
    """Heart rate every second, as a chest strap sends it: in between, a straight line in whole beats a minute."""
    return replace(
        night, heart=tuple(HeartSample(at_ns, 10 * round(bpm)) for at_ns, bpm in _between(night.heart, NS_PER_S))
    )


def as_beats(night: Night) -> Night:
    """Beat intervals that give this heart rate, with breathing and noise such as ECG shows.

    Respiratory sinus arrhythmia of 1 to 5 % a person, 11 to 18 breaths a minute, noise of 1 % (mission 5.1 gives the
    direction; the sizes are our own [A]).
    """
    draw = random.Random(night.name)
    depth, breath_hz = draw.uniform(0.01, 0.05), draw.uniform(0.18, 0.3)
    beats: list[BeatInterval] = []
    next_ns: float = 0
    for at_ns, bpm in _between(night.heart, NS_PER_S // 4):
        if at_ns >= next_ns:
            seconds = at_ns / NS_PER_S
            sway = depth * math.sin(2 * math.pi * breath_hz * seconds) + draw.gauss(0, 0.01)
            rr_ms = round(60_000 / bpm * (1 + sway))
            next_ns = (at_ns if at_ns - next_ns > 2 * NS_PER_S else next_ns) + rr_ms * NS_PER_MS
            beats.append(BeatInterval(round(next_ns), rr_ms))
    return replace(night, heart=(), beats=tuple(beats))


def beats_without_motion(night: Night) -> Night:
    """What an ECG alone would give."""
    return without_motion(as_beats(night))


def slow_without_motion(night: Night) -> Night:
    """What a mat or a minute-by-minute export would give."""
    return without_motion(every(60)(night))


VARIANTS = (
    Variant("as recorded", 1.0, as_recorded),
    Variant("heart only", 0.4, without_motion),
    Variant("15 s", 0.3, every(15)),
    Variant("60 s, heart only", 0.3, slow_without_motion),
    Variant("1 s", 0.3, each_second),
    Variant("beats", 0.3, as_beats),
    Variant("beats only", 0.4, beats_without_motion),
    Variant("movement only", 0.1, motion_only),
)


def _between(heart: tuple[HeartSample, ...], step_ns: int) -> Iterator[tuple[int, float]]:
    """Straight lines between samples no more than a minute apart, on a grid."""
    for before, after in itertools.pairwise(heart):
        span_ns = after.at_ns - before.at_ns
        if 0 < span_ns <= 60 * NS_PER_S:
            start = -(-before.at_ns // step_ns) * step_ns
            for at_ns in range(start, after.at_ns, step_ns):
                share = (at_ns - before.at_ns) / span_ns
                yield at_ns, (before.bpm_x10 + share * (after.bpm_x10 - before.bpm_x10)) / 10
