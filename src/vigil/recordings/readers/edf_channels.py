"""The channels and annotations of an EDF file as streams of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample
from vigil.domain.units import bpm_x10_from_rr
from vigil.recordings.readers.acceleration import Vectors, acceleration_blocks
from vigil.recordings.readers.edf_file import Channel, EdfFile
from vigil.recordings.readers.numbers import BEAT, HEART, Bounds, shown
from vigil.recordings.readers.streams import (
    BEAT_MEDIAN,
    HEART_MEDIAN,
    SURVEY_SAMPLES,
    ExpectedMedian,
    refuse_wrong_median,
    rising,
)
from vigil.recordings.recording import ReadingNotes

UNKNOWN_BELOW = 0.5
"""A value of 0 says that none is known; 16-bit scaling may leave a rest of it. In bpm, ms and milli-g."""

EACH_SAMPLE_HZ = 4
"""A heart rate stored faster than this is the same value again and again; one a second is read."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a sampled channel means: its bounds and usual median, whether to read it once a second, and how."""

    bounds: Bounds
    expected: ExpectedMedian
    thin: bool
    make: Callable[[int, float], HeartSample | BeatInterval]


RATE = Kind(HEART, HEART_MEDIAN, True, lambda at_ns, bpm: HeartSample(at_ns, round(bpm * 10)))
MARKED = Kind(BEAT, BEAT_MEDIAN, False, lambda at_ns, rr_ms: BeatInterval(at_ns, round(rr_ms)))
HELD = Kind(BEAT, BEAT_MEDIAN, True, lambda at_ns, rr_ms: HeartSample(at_ns, bpm_x10_from_rr(round(rr_ms))))


@dataclass(frozen=True, slots=True)
class Sampled:
    """A channel of heart rates or beat intervals; `factor` takes its values to bpm or ms."""

    file: EdfFile
    channel: Channel
    factor: float
    kind: Kind

    def first(self) -> list[HeartSample | BeatInterval]:
        """The first samples; raises InputError if the median of the first values does not fit the unit."""
        values = [value for _, value in islice(self._known(), SURVEY_SAMPLES)]
        refuse_wrong_median(values, f"channel {self.channel.label!r}", self.kind.expected, self.file.path)
        return list(islice(self.samples(ReadingNotes()), SURVEY_SAMPLES))

    def rests(self) -> bool:
        """Whether the first five minutes of it with a value also has samples without one."""
        for _, values in self.file.values((self.channel,)):
            unknown = values[:, 0] * self.factor < UNKNOWN_BELOW
            if not unknown.all():
                return bool(unknown.any())
        return False

    def samples(self, notes: ReadingNotes) -> Iterator[HeartSample | BeatInterval]:
        """Yield samples in order; impossible values are counted, unknown ones are not."""
        bounds, make = self.kind.bounds, self.kind.make
        for at_ns, value in self._known():
            if bounds.low <= value <= bounds.high:
                yield make(at_ns, value)
            else:
                notes.leave_out(f"{self.file.path.name} ({shown(self.channel.label)})", bounds.outside)

    def _known(self) -> Iterator[tuple[int, float]]:
        rate_hz = self.file.rate_hz(self.channel)
        step = max(1, round(rate_hz)) if self.kind.thin and rate_hz > EACH_SAMPLE_HZ else 1
        done = 0
        for at_ns, values in self.file.values((self.channel,)):
            chosen = slice(-done % step, None, step)
            done += len(at_ns)
            scaled: NDArray[np.float64] = values[chosen, 0] * self.factor
            known = scaled >= UNKNOWN_BELOW
            yield from zip(at_ns[chosen][known].tolist(), scaled[known].tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class Beats:
    """Beat intervals from annotations, in rising order of the second beat."""

    beats: tuple[BeatInterval, ...]
    file: str

    def __call__(self, notes: ReadingNotes) -> Iterator[BeatInterval]:
        """A fresh iterator; a second beat at one instant is counted."""
        return rising(enumerate(self.beats, 1), self.file, notes)


@dataclass(frozen=True, slots=True)
class Motion:
    """Three channels of acceleration; `factor` takes their values to milli-g."""

    file: EdfFile
    axes: tuple[Channel, ...]
    factor: float

    def __call__(self, notes: ReadingNotes) -> Iterator[AccelerationBlock]:
        """Blocks of at most ten seconds."""
        return acceleration_blocks(self.vectors(), f"{self.file.path.name} (acceleration)", notes)

    def vectors(self) -> Iterator[Vectors]:
        """Yield about five minutes of rows at a time; their lines are sample numbers from 1.

        A vector of nothing but zeros is a gap: a grid without holes has no other way to say so, and gravity is never 0.
        """
        first = 1
        for at_ns, values in self.file.values(self.axes):
            rows = Vectors(at_ns, values * self.factor, np.arange(first, first + len(at_ns), dtype=np.int64))
            yield rows.only(np.any(np.abs(rows.mg) >= UNKNOWN_BELOW, axis=1))
            first += len(at_ns)
