"""Nights to rows of moments, untouched and with episodes added, through the very trackers that the engine runs."""

from __future__ import annotations

import pickle
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.added.responses import HORIZON_S, MANNERS, Response, draw_response
from training.added.sensed import Habits, habits_of, with_response
from training.nights import Night, Sensed
from vigil.domain.samples import BeatInterval, HeartSample
from vigil.domain.units import EPOCH_S, NS_PER_S, STEP_NS, STEP_S
from vigil.engine.moments import MOMENTS, MomentMaker
from vigil.signal.heart import HeartTracker
from vigil.signal.motion import MotionTracker

Rows = NDArray[np.float32]

FIRST_STEP = 40 * 60 // STEP_S
"""Episodes are added from 40 minutes after lights-out on: before that nothing may be done anyway."""

EPOCH_STEPS = EPOCH_S // STEP_S
WAKE = 0


@dataclass(frozen=True, slots=True)
class Added:
    """A placement: its kind, and for each step after its onset that was worth a row, the row and what was added then.

    steps: of shape (n,), 1 the first after the onset. rows: (n, features). added_bpm: (n,). size_bpm: of the response.
    """

    kind: str
    size_bpm: float
    steps: NDArray[np.int32]
    rows: Rows
    added_bpm: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NightMoments:
    """One night as one variant. steps: (n,), of the rows (n, features); asleep: (n,), scored asleep or not scored.

    sleep_h: hours of scored sleep, or of the recording where nothing is scored. scored: whether it is.
    """

    name: str
    person: str
    variant: str
    scored: bool
    sleep_h: float
    steps: NDArray[np.int32]
    rows: Rows
    asleep: NDArray[np.bool_]
    added: tuple[Added, ...]


@dataclass(slots=True)
class _Follow:
    """The trackers, step by step."""

    heart: HeartTracker
    motion: MotionTracker
    maker: MomentMaker

    @classmethod
    def begun(cls) -> _Follow:
        one = cls(HeartTracker(), MotionTracker(), MomentMaker())
        one.heart.begin(None)
        one.maker.begin(0)
        return one

    def step(self, at_ns: int, records: Sequence[Sensed]) -> tuple[float, ...] | None:
        for record in records:
            if isinstance(record, HeartSample):
                self.heart.take_heart(record)
            elif isinstance(record, BeatInterval):
                self.heart.take_beat(record)
            else:
                self.motion.take(record)
        return self.maker.note(self.heart.look(at_ns), self.motion.look(at_ns))


def moments_of(night: Night, variant: str, counts: Mapping[str, int]) -> NightMoments:
    """Run the night once; at each drawn onset go on from a copy with a response added. `counts`: of each kind."""
    chance = random.Random(f"{night.name} {variant}")
    sensed: list[Sensed] = sorted([*night.heart, *night.beats, *night.motion], key=lambda record: record.at_ns)
    times = [record.at_ns for record in sensed]
    last = (times[-1] if times else 0) // STEP_NS
    last = min(last, EPOCH_STEPS * len(night.labels)) if night.labels else last
    onsets = _onsets(night, last, counts, chance)
    habits = habits_of(sensed, chance)
    one = _Follow.begun()
    steps: list[int] = []
    rows: list[tuple[float, ...]] = []
    added: list[Added] = []
    position = 0
    for step in range(1, last + 1):
        until = bisect_right(times, step * STEP_NS, position)
        row = one.step(step * STEP_NS, sensed[position:until])
        position = until
        if row is not None:
            steps.append(step)
            rows.append(row)
        if step in onsets:
            copied = pickle.dumps(one, pickle.HIGHEST_PROTOCOL)
            end = bisect_right(times, step * STEP_NS + HORIZON_S * NS_PER_S, position)
            for kind in onsets[step]:
                response = draw_response(kind, chance)
                added.append(_added(copied, step, sensed[position:end], response, habits, chance))
    return NightMoments(
        night.name,
        night.person,
        variant,
        bool(night.labels),
        _sleep_h(night, last),
        np.array(steps, np.int32),
        _table(rows),
        np.array([_is_asleep(night, step) for step in steps], np.bool_),
        tuple(added),
    )


def _onsets(night: Night, last: int, counts: Mapping[str, int], chance: random.Random) -> dict[int, list[str]]:
    possible = [step for step in range(FIRST_STEP, last - HORIZON_S // STEP_S) if _is_asleep(night, step)]
    onsets: dict[int, list[str]] = {}
    for kind in MANNERS:
        for _ in range(counts.get(kind, 0) if possible else 0):
            onsets.setdefault(chance.choice(possible), []).append(kind)
    return onsets


def _added(
    copied: bytes, onset: int, records: Sequence[Sensed], response: Response, habits: Habits, chance: random.Random
) -> Added:
    one: _Follow = pickle.loads(copied)
    changed = with_response(records, onset * STEP_NS, response, habits, chance)
    times = [record.at_ns for record in changed]
    steps: list[int] = []
    rows: list[tuple[float, ...]] = []
    position = 0
    for step in range(1, HORIZON_S // STEP_S + 1):
        at_ns = (onset + step) * STEP_NS
        until = bisect_right(times, at_ns, position)
        row = one.step(at_ns, changed[position:until])
        position = until
        if row is not None:
            steps.append(step)
            rows.append(row)
    bpm = np.array([response.added_bpm[step * STEP_S - 1] for step in steps], np.float32)
    return Added(response.kind, response.size_bpm, np.array(steps, np.int32), _table(rows), bpm)


def _is_asleep(night: Night, step: int) -> bool:
    index = step // EPOCH_STEPS
    return not night.labels or (index < len(night.labels) and night.labels[index] > WAKE)


def _sleep_h(night: Night, last: int) -> float:
    if not night.labels:
        return last * STEP_S / 3600
    return sum(label > WAKE for label in night.labels) * EPOCH_S / 3600


def _table(rows: Sequence[Sequence[float]]) -> Rows:
    return np.array(rows, np.float32).reshape(-1, len(MOMENTS))
