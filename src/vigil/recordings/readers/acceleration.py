"""Timed acceleration vectors become blocks of evenly spaced samples, whatever the chunks they were read in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigil.domain.samples import AccelerationBlock
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.recordings.readers.numbers import MEAN, Bounds
from vigil.recordings.readers.streams import SURVEY_SAMPLES, ExpectedMedian, refuse_wrong_median
from vigil.recordings.recording import ReadingNotes

BLOCK_NS = 10 * NS_PER_S
"""Blocks end at whole multiples of ten seconds, at a gap, and at the end."""

STANDARD_GRAVITY = 9.80665
"""m/s2 in a g (CGPM 1901)."""

MG_PER_UNIT = {"g": 1_000.0, "mg": 1.0, "m/s2": 1_000 / STANDARD_GRAVITY}
ACCELERATION_MEDIAN = ExpectedMedian(0, 3, "g", ((30, "m/s2"), (300, "1/64 g or another raw count"), (5_000, "mg")))
"""Median length of the vector: gravity alone is 1 g, so three times that is another unit."""

_LONE_PERIOD_NS = 20 * NS_PER_MS
_LEAST_GAP_NS = 100 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class Vectors:
    """Rows of one chunk: `at_ns` int64 (n,), `mg` float64 (n, 3) in milli-g, `line` int64 (n,) for the notes."""

    at_ns: NDArray[np.int64]
    mg: NDArray[np.float64]
    line: NDArray[np.int64]

    def only(self, keep: NDArray[np.bool_]) -> Vectors:
        """The rows where `keep` is true."""
        if keep.all():
            return self
        return Vectors(self.at_ns[keep], self.mg[keep], self.line[keep])

    def part(self, start: int, stop: int | None = None) -> Vectors:
        """The rows from `start` to before `stop`, as a slice has it."""
        return Vectors(self.at_ns[start:stop], self.mg[start:stop], self.line[start:stop])

    def since(self, at_ns: int) -> Vectors:
        """The rows at or after an instant."""
        return self.only(self.at_ns >= at_ns)

    def joined(self, other: Vectors) -> Vectors:
        """These rows and then the other's."""
        return Vectors(
            np.concatenate((self.at_ns, other.at_ns)),
            np.concatenate((self.mg, other.mg)),
            np.concatenate((self.line, other.line)),
        )


EMPTY = Vectors(np.empty(0, np.int64), np.empty((0, 3)), np.empty(0, np.int64))


def vectors_from_s(
    line: NDArray[np.int64], values: NDArray[np.float64], bounds: Bounds, notes: ReadingNotes, file: str
) -> Vectors:
    """Rows of (t in s, x, y, z in g), float64 (n, 4); rows whose time is outside `bounds` are counted."""
    possible = (values[:, 0] >= bounds.low) & (values[:, 0] <= bounds.high)
    for number in line[~possible]:
        notes.leave_out(file, bounds.outside, int(number))
    kept = values[possible]
    with np.errstate(over="ignore"):  # an infinity is left out as impossible later
        return Vectors(np.rint(kept[:, 0] * NS_PER_S).astype(np.int64), kept[:, 1:] * 1_000, line[possible])


def refuse_wrong_acceleration(vectors: Vectors, path: Path) -> None:
    """Raise InputError when the first vectors cannot be milli-g (streams.refuse_wrong_unit is the rule)."""
    lengths = [math.hypot(*row) / 1_000 for row in vectors.mg[:SURVEY_SAMPLES].tolist()]
    refuse_wrong_median([value for value in lengths if math.isfinite(value)], "acceleration", ACCELERATION_MEDIAN, path)


def acceleration_blocks(chunks: Iterable[Vectors], file: str, notes: ReadingNotes) -> Iterator[AccelerationBlock]:
    """Yield blocks of at most ten seconds; unusable rows are counted.

    A block starts at its first sample's own time and is evenly spaced up to its last, so that a jitter of the
    source's clock within ten seconds is smoothed. It ends before a gap of more than three median periods.
    Blocks come in order of their first sample.
    """
    held = EMPTY
    for chunk in _rising(chunks, file, notes):
        held = held.joined(chunk)
        whole = int(np.searchsorted(held.at_ns, held.at_ns[-1] // BLOCK_NS * BLOCK_NS))
        if whole:
            yield from _cut(held.part(0, whole))
            held = held.part(whole)
    if len(held.at_ns):
        yield from _cut(held)


def _rising(chunks: Iterable[Vectors], file: str, notes: ReadingNotes) -> Iterator[Vectors]:
    """Yield chunks of possible values whose times rise, by the rule of `streams.rising`."""
    last: int | None = None
    held = EMPTY  # the row that the next one may still prove to be a jump ahead
    for raw in chunks:
        possible = np.all(np.abs(raw.mg) <= MEAN.high * 1_000, axis=1)  # NaN compares false
        _count(raw, ~possible, MEAN.outside, file, notes)
        chunk = held.joined(raw.only(possible))
        if not np.all(chunk.at_ns[1:] > chunk.at_ns[:-1]):
            chunk = _in_order(chunk, last, file, notes)
        held = chunk.part(-1)
        if len(chunk.at_ns) > 1:
            last = int(chunk.at_ns[-2])
            yield chunk.part(0, -1)
    if len(held.at_ns):
        yield held


def _in_order(chunk: Vectors, last: int | None, file: str, notes: ReadingNotes) -> Vectors:
    """The rows that rise after `last`, row by row; the last of them may still be a jump ahead."""
    times, lines, kept = chunk.at_ns.tolist(), chunk.line.tolist(), [0]
    for index in range(1, len(times)):
        at, before = times[index], times[kept[-1]]
        floor = times[kept[-2]] if len(kept) > 1 else last
        if at > before:
            kept.append(index)
        elif at == before:
            notes.leave_out(file, "the same instant as the row before", lines[index])
        elif floor is None or at > floor:
            notes.leave_out(file, "time jumps ahead and comes back", lines[kept[-1]])
            kept[-1] = index
        else:
            notes.leave_out(file, "time goes back", lines[index])
    return chunk.only(np.isin(np.arange(len(times)), kept))


def _count(chunk: Vectors, where: NDArray[np.bool_], reason: str, file: str, notes: ReadingNotes) -> None:
    for line in chunk.line[where]:
        notes.leave_out(file, reason, int(line))


def _cut(rows: Vectors) -> Iterator[AccelerationBlock]:
    """Yield blocks of rows that rise in time and end before the next multiple of BLOCK_NS has begun."""
    steps = np.diff(rows.at_ns)
    window = rows.at_ns // BLOCK_NS
    ends = window[1:] != window[:-1]
    for start, stop in _spans(ends, len(rows.at_ns)):
        inner = steps[start : stop - 1]
        gap = max(_LEAST_GAP_NS, 3 * int(np.median(inner))) if len(inner) else 0
        for first, end in _spans(inner > gap, stop - start):
            yield _block(rows, start + first, start + end)


def _spans(cuts: NDArray[np.bool_], count: int) -> list[tuple[int, int]]:
    """(start, stop) of the runs of `count` rows that are cut after each true row."""
    edges = [0, *(int(index) + 1 for index in np.flatnonzero(cuts)), count]
    return list(pairwise(edges))


def _block(rows: Vectors, start: int, stop: int) -> AccelerationBlock:
    first, last = int(rows.at_ns[start]), int(rows.at_ns[stop - 1])
    period = (last - first) // (stop - start - 1) if stop - start > 1 else _LONE_PERIOD_NS
    return AccelerationBlock(first, max(1, period), np.rint(rows.mg[start:stop]).astype(np.int16))
