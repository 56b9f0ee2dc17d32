"""Beats with an episode in them: intervals shortened by the added rate, and beats laid anew from the onset on.

From the onset each beat comes its own interval after the last; that interval is the untouched one of the same moment,
shortened. Once the surge is under way its wobble is that of real surges of the same night and size. When the
addition is over, eight beats or so are stretched or shortened, at most by a tenth, until one falls on an untouched
beat, and from there the night is untouched. Gaps stay gaps, doubtful beats stay doubtful.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from vigil.domain.samples import BeatInterval
from vigil.domain.sleep import AasmStage
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.recordings.added.hearts import AFTER_S, BLOCK_S, borrows
from vigil.recordings.added.track import Track

RR_MS = (270, 2400)
GAP = 2.5
"""A beat that comes later than this many of its intervals ends a gap."""

GLIDE = 8
MOST_STRETCH = 0.1


@dataclass(frozen=True, slots=True)
class BeatBed:
    """The beats of an untouched night. at_ns: their instants. clean: places of the clean ones, as in the track.

    grid_ms: what intervals are whole multiples of, rounded each by itself. hidden: where within its rounding cell each
    interval truly was, in -0.5 to 0.5 of the grid, drawn once for the night.
    """

    beats: tuple[BeatInterval, ...]
    at_ns: tuple[int, ...]
    clean: tuple[int, ...]
    track: Track
    grid_ms: float
    hidden: tuple[float, ...] = field(repr=False)

    @classmethod
    def of(
        cls,
        beats: Sequence[BeatInterval],
        zero_ns: int,
        scoring: Sequence[AasmStage] | None,
        chance: random.Random,
    ) -> BeatBed:
        """From beats in order of time, at least one clean."""
        clean = tuple(i for i, beat in enumerate(beats) if beat.clean and RR_MS[0] <= beat.rr_ms <= RR_MS[1])
        t_s = [(beats[i].at_ns - zero_ns) / NS_PER_S for i in clean]
        track = Track.of(t_s, [60_000 / beats[i].rr_ms for i in clean], scoring)
        hidden = tuple(chance.random() - 0.5 for _ in beats)
        at_ns = tuple(beat.at_ns for beat in beats)
        return cls(tuple(beats), at_ns, clean, track, grid_of([beats[i].rr_ms for i in clean]), hidden)

    def on_grid(self, interval_ms: float) -> int:
        """An interval as this source would write it."""
        steps = round(max(RR_MS[0], min(RR_MS[1], interval_ms)) / self.grid_ms)
        return round(steps * self.grid_ms)


def grid_of(intervals_ms: Sequence[int]) -> float:
    """The coarsest sampling period, of those of ECGs and straps, that explains nearly all intervals; else 1 ms."""
    for hz in (100, 125, 128, 200, 250, 256, 500, 512):
        period_ms = 1000 / hz
        fits = sum(abs(round(round(rr / period_ms) * period_ms) - rr) == 0 for rr in intervals_ms)
        if fits >= 0.98 * len(intervals_ms):
            return period_ms
    return 1.0


@dataclass(slots=True)
class _Wobble:
    """The wobble of real surges, beat by beat, in bpm about their slow course."""

    bed: BeatBed
    near: Sequence[int]
    chance: random.Random
    index: int = 0
    until: int = 0

    def next(self) -> float:
        track = self.bed.track
        if self.index >= self.until or self.index >= len(track.bpm) - 1:
            self.index = max(0, self.chance.choice(self.near) + self.chance.randint(-5, 5))
            self.until = self.index + round(BLOCK_S)
        self.index += 1
        at = min(self.index, len(track.bpm) - 1)
        return float(track.bpm[at] - track.slow[at])


def add_to_beats(
    bed: BeatBed,
    span_ns: tuple[int, int],
    course: Callable[[int], float],
    size_bpm: float,
    ends_ns: int,
    chance: random.Random,
) -> list[BeatInterval]:
    """The beats of the span (after its begin, up to its end), with `course` (instant to bpm added) in them."""
    from_ns, until_ns = span_ns
    surges = [surge.begins for surge in bed.track.near(size_bpm)]
    borrowed = borrows(size_bpm, chance) and bool(surges)
    unquiet_ns = ends_ns + round(AFTER_S * NS_PER_S) if borrowed else ends_ns
    wobble = _Wobble(bed, surges, chance) if borrowed else None
    made: list[BeatInterval] = []
    for beat in _laid(bed, from_ns, unquiet_ns, course, wobble):
        if beat.at_ns > until_ns:
            break
        made.append(beat)
    return made


def _laid(
    bed: BeatBed, from_ns: int, unquiet_ns: int, course: Callable[[int], float], wobble: _Wobble | None
) -> Iterator[BeatInterval]:
    """Beats without end but that of the night."""
    index = bisect_right(bed.at_ns, from_ns)
    now_ns, apart = (bed.at_ns[index - 1] if index else from_ns), False
    while index < len(bed.beats):
        base, added = bed.beats[index], course(now_ns)
        if base.at_ns - now_ns > GAP * base.rr_ms * NS_PER_MS or (not apart and wobble is None and added == 0):
            now_ns, apart = base.at_ns, False
            yield base
        elif apart and now_ns > unquiet_ns:
            glide = list(_glide(bed, index, now_ns))
            yield from glide
            now_ns, apart = (glide[-1] if glide else base).at_ns, False
            if not glide:
                yield base
        elif not apart and now_ns > unquiet_ns:
            now_ns = base.at_ns
            yield base
        else:
            rr_ms = bed.on_grid(60_000 / (_rate(bed, index, wobble) + added))
            now_ns, apart = now_ns + rr_ms * NS_PER_MS, True
            yield BeatInterval(now_ns, rr_ms, base.clean)
        index = bisect_right(bed.at_ns, now_ns)


def _rate(bed: BeatBed, index: int, wobble: _Wobble | None) -> float:
    """What the rate would have been without the addition, in bpm: slow course and borrowed wobble, or as it was."""
    beat = bed.beats[index]
    if wobble is None or not beat.clean:
        return 60_000 / (beat.rr_ms + bed.hidden[index] * bed.grid_ms)
    place = min(bisect_right(bed.clean, index), len(bed.clean) - 1)
    return float(bed.track.calm[place]) + wobble.next()


def _glide(bed: BeatBed, index: int, now_ns: int) -> Iterator[BeatInterval]:
    """Beats that end on an untouched one, or none where that would stretch them by too much."""
    last = index + GLIDE
    if last >= len(bed.beats):
        return
    own = [beat.rr_ms for beat in bed.beats[index + 1 : last + 1]]
    if bed.at_ns[index] - now_ns > own[0] * NS_PER_MS // 2:
        own.insert(0, own[0])
    share = (bed.at_ns[last] - now_ns) / (sum(own) * NS_PER_MS)
    if not abs(share - 1) <= MOST_STRETCH:
        return
    for rr_ms in own[:-1]:
        stretched = bed.on_grid(rr_ms * share)
        now_ns += stretched * NS_PER_MS
        yield BeatInterval(now_ns, stretched)
    yield BeatInterval(bed.at_ns[last], bed.on_grid((bed.at_ns[last] - now_ns) / NS_PER_MS))
