"""Heart samples with an episode in them, at the sensor's own instants, on its own grid, as jumpy as in a real surge.

A sensor holds a value and then jumps; a smooth curve added to its values and rounded would change them at almost
every sample, and give itself away. So what is sent is always a stretch of what this sensor really sent (of the
untouched night itself, or, once the surge is under way, of real surges of the same night and size) moved by a whole
number of steps of the grid. That number follows the course wanted, and changes only where the increment that comes
of it is as common as the one that was there (Metropolis 1953): the share of held values, the sizes of the jumps and
their order stay the sensor's own. Nothing is moved where nothing is added, so size nought is the untouched night.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from vigil.domain.samples import HeartSample
from vigil.domain.sleep import AasmStage
from vigil.domain.units import NS_PER_S
from vigil.recordings.added.track import LARGEST_JUMP, Track, increments_of

BPM_X10 = (250, 2200)
BLOCK_S = 150.0
"""Seconds that are taken from one real surge; then comes another."""

AFTER_S = 150.0
"""The body stays unquiet for this long after the addition is over; then the untouched night goes on."""

BORROWED_BPM = 4.0
"""An episode of this size borrows the wobble of real surges with a chance of 1 - 1/e; one of size nought never does, a
silent one seldom, a strong one always."""

SLACK = 1.0
"""Grid steps that what is sent may stray from what is wanted before a step is tried."""

NEIGHBOURS, EVERYWHERE = 8, 5.0
"""Increments on either side that say what is common here, and how many the rest of the night's count for beside them.
"""

LATE_BPM, LATE_TRIES = 5.0, 10
"""Further off than this, or tried so often, a step is made whatever it looks like: a surge does jump."""


@dataclass(frozen=True, slots=True)
class HeartBed:
    """The heart samples of an untouched night. values: in steps of the grid; increments: how common each is."""

    samples: tuple[HeartSample, ...]
    values: tuple[int, ...]
    grid_x10: int
    track: Track
    block: int
    increments: dict[int, float] = field(repr=False)

    @property
    def rarest(self) -> float:
        """The share of the rarest increment that was met."""
        return self.increments[LARGEST_JUMP]

    @classmethod
    def of(cls, samples: Sequence[HeartSample], zero_ns: int, scoring: Sequence[AasmStage] | None) -> HeartBed:
        """From samples in order of time, at least one."""
        grid_x10 = math.gcd(10, *(sample.bpm_x10 for sample in samples))
        t_s = [(sample.at_ns - zero_ns) / NS_PER_S for sample in samples]
        track = Track.of(t_s, [sample.bpm_x10 / 10 for sample in samples], scoring)
        values = tuple(sample.bpm_x10 // grid_x10 for sample in samples)
        cadence_s = max(0.5, float(np.median(np.diff(track.t_s)))) if len(samples) > 1 else 1.0
        block = max(5, round(BLOCK_S / cadence_s))
        begins = [surge.begins for surge in track.surges] or list(range(0, len(values), block))
        return cls(tuple(samples), values, grid_x10, track, block, increments_of(values, begins, block))


@dataclass(slots=True)
class _Sender:
    """What is sent: `moved` steps above what the sensor sent at the place it is taken from."""

    bed: HeartBed
    chance: random.Random
    sent: int
    offset: float
    moved: int = 0
    tries: int = 0

    def join(self, index: int) -> None:
        """Go on from another place: its first increment is its own."""
        self.moved = self.sent - self.bed.values[index - 1]

    def send(self, index: int, wanted: float) -> int:
        """The value at `index`, moved; `wanted`: by how many steps it should be."""
        value = self.bed.values[index]
        off = wanted + self.offset - self.moved
        step = round(off)
        if step and abs(off) > SLACK:
            self.tries += 1
            if self._fits(index, value + self.moved - self.sent, step) or self._is_late(off):
                self.moved += step
                self.tries = 0
        self.sent = value + self.moved
        return self.sent

    def _fits(self, index: int, jump: int, step: int) -> bool:
        return self.chance.random() * self._common(index, jump) < self._common(index, jump + step)

    def _common(self, index: int, jump: int) -> float:
        """How common an increment is here: among its neighbours, and in all the night's surges for a part."""
        values, own = self.bed.values, abs(jump)
        near = range(max(1, index - NEIGHBOURS), min(len(values), index + NEIGHBOURS + 1))
        met = sum(abs(values[one] - values[one - 1]) == own for one in near)
        everywhere = self.bed.increments.get(jump, self.bed.rarest)
        return (met if own == 0 else met / 2) + EVERYWHERE * everywhere

    def _is_late(self, off: float) -> bool:
        return self.tries > LATE_TRIES or abs(off) * self.bed.grid_x10 > 10 * LATE_BPM


def add_to_hearts(
    bed: HeartBed, places: range, course: Callable[[int], float], size_bpm: float, ends_ns: int, chance: random.Random
) -> list[HeartSample]:
    """The samples at `places` of the bed, with `course` (instant to bpm added) in them; it is over at `ends_ns`."""
    if not places:
        return []
    borrowed = borrows(size_bpm, chance) and bool(bed.track.surges)
    near, block, source = bed.track.near(size_bpm), -1, 0
    sender = _Sender(bed, chance, bed.values[max(0, places[0] - 1)], chance.random() - 0.5)
    low, high = (bound // bed.grid_x10 for bound in BPM_X10)
    made = []
    for place in places:
        at_ns = bed.samples[place].at_ns
        if borrowed and at_ns <= ends_ns + round(AFTER_S * NS_PER_S):
            ahead = place - places[0]
            if ahead // bed.block != block or source >= len(bed.values) - 1:
                block = ahead // bed.block
                source = _within(bed, chance.choice(near).begins + chance.randint(-3, 3))
                sender.join(source)
            else:
                source += 1
        elif source:
            block, source = -1, 0
            sender.join(max(1, place))
        index = source or place
        under = bed.track.calm[place] - bed.track.slow[index] if source else 0.0
        added = under + course(at_ns)
        value = sender.send(index, float(added) * 10 / bed.grid_x10)
        made.append(HeartSample(at_ns, bed.grid_x10 * max(low, min(high, value))))
    return made


def borrows(size_bpm: float, chance: random.Random) -> bool:
    """Whether an episode of this size has the wobble of real surges."""
    return chance.random() < 1 - math.exp(-((size_bpm / BORROWED_BPM) ** 2))


def _within(bed: HeartBed, index: int) -> int:
    return max(1, min(len(bed.values) - bed.block - 1, index))
