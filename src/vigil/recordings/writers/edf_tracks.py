"""A night's samples on the even grids that EDF needs: value `k` of a one-second track was known k seconds in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vigil.domain.errors import InputError
from vigil.domain.records import NightBegan, OutputAcknowledged
from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import MS_PER_S, NS_PER_S, bpm_x10_from_rr
from vigil.recordings.recording import Item

HOLD_S = 10
"""A heart rate stands for ten seconds, or for two intervals of its source if that is longer; then it is not known."""
UNKNOWN_MG = -1
"""Written where movement is not known; 0 is perfect stillness."""
LARGEST = 32_767
LONGEST_S = 8 * 86_400

Int16 = NDArray[np.int16]


@dataclass(slots=True)
class Tracks:
    """What was gathered of a night, by the second from lights-out. Samples from before it are not kept.

    heart_x10: tenths of a bpm. motion_mg: range, with the seconds it covers. blocks: raw acceleration. beats:
    doubtless intervals as (onset_s, rr_ms). shadow: of each permit acknowledged, whether it was in shadow.
    """

    origin_ns: int
    hold_s: int
    heart_x10: dict[int, int] = field(default_factory=dict)
    motion_mg: dict[int, tuple[int, int]] = field(default_factory=dict)
    blocks: list[tuple[int, Int16]] = field(default_factory=list)
    period_ns: int | None = None
    beats: list[tuple[float, int]] = field(default_factory=list)
    shadow: dict[int, bool] = field(default_factory=dict)
    last_s: int = 0

    def heart(self, seconds: int) -> Int16:
        """Tenths of a bpm each second, held for `hold_s`; 0 where not known."""
        out = np.zeros(seconds, dtype=np.int16)
        for at, value in sorted(self.heart_x10.items()):
            out[at : at + self.hold_s] = min(LARGEST, max(0, value))
        return out

    def motion(self, seconds: int) -> Int16:
        """Milli-g each second: a window's range in the seconds after which it was known, for as long as it was."""
        out = np.full(seconds, UNKNOWN_MG, dtype=np.int16)
        for at, (reach, length) in sorted(self.motion_mg.items()):
            out[at : at + length] = min(LARGEST, max(0, reach))
        return out

    def acceleration(self, seconds: int) -> tuple[float, Int16] | None:
        """(rate in Hz, milli-g of shape (n, 3)) over the whole night, 0 where there was none; None without any."""
        if self.period_ns is None:
            return None
        count = seconds * NS_PER_S // self.period_ns
        out = np.zeros((count, 3), dtype=np.int16)
        for at_ns, mg in self.blocks:
            first = round(at_ns / self.period_ns)
            skip = max(0, -first)
            kept = mg[skip : max(skip, count - first)]
            out[first + skip : first + skip + len(kept)] = kept
        return NS_PER_S / self.period_ns, out


def gather(began: NightBegan, items: Iterable[Item]) -> Tracks:
    """Read the items once. Raises InputError if the rate of raw acceleration changes, and beyond eight days."""
    cadence_s = -(-(began.heart_cadence_ms or 0) // MS_PER_S)
    tracks = Tracks(began.at_ns, max(HOLD_S, 2 * cadence_s))
    for item in items:
        _take(tracks, item)
    return tracks


def _take(tracks: Tracks, item: Item) -> None:
    known = item.at_ns - tracks.origin_ns
    if isinstance(item, OutputAcknowledged):
        tracks.shadow[item.permit] = item.shadow
    if isinstance(item, AccelerationBlock):
        _take_block(tracks, item, known)
        return
    if known < 0:
        return
    at = _second(tracks, known)
    if isinstance(item, HeartSample):
        tracks.heart_x10[at] = item.bpm_x10
    elif isinstance(item, BeatInterval) and item.clean and item.rr_ms > 0:
        tracks.heart_x10[at] = bpm_x10_from_rr(item.rr_ms)
        tracks.beats.append((known / NS_PER_S, item.rr_ms))
    elif isinstance(item, MotionSummary) and item.range_mg is not None:
        tracks.motion_mg[at] = (item.range_mg, max(1, math.ceil(item.duration_ms / MS_PER_S)))


def _take_block(tracks: Tracks, block: AccelerationBlock, known: int) -> None:
    if tracks.period_ns not in (None, block.period_ns):
        message = (
            "the rate of the raw acceleration changes within the night, which EDF cannot hold; nothing was written"
        )
        raise InputError(message)
    end = known + len(block.mg) * block.period_ns
    if end < 0:
        return
    tracks.period_ns = block.period_ns
    at = _second(tracks, end)
    tracks.blocks.append((known, block.mg))
    if len(block.mg):
        reach = (block.mg.max(axis=0).astype(np.int64) - block.mg.min(axis=0)).tolist()
        length = max(1, math.ceil(len(block.mg) * block.period_ns / NS_PER_S))
        tracks.motion_mg[at] = (round(math.sqrt(sum(axis * axis for axis in reach))), length)


def _second(tracks: Tracks, known_ns: int) -> int:
    """The first whole second at which something known at `known_ns` was known."""
    at = -(-known_ns // NS_PER_S)
    if at > LONGEST_S:
        message = f"a sample {at} s after lights-out cannot belong to a night; nothing was written"
        raise InputError(message)
    tracks.last_s = max(tracks.last_s, at)
    return at
