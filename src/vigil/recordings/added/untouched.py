"""An untouched night, known as well as it can be, and the same minutes of it with an episode in them."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from vigil.domain.records import Input
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import AasmStage
from vigil.domain.units import NS_PER_S
from vigil.recordings.added.beats import RR_MS, BeatBed, add_to_beats
from vigil.recordings.added.episode import Episode
from vigil.recordings.added.hearts import HeartBed, add_to_hearts
from vigil.recordings.added.lag import LONG_S, lag_of, lagged
from vigil.recordings.added.movement import add_to_rows, axis_grid_mg

ORDINARY_BPM = 60.0
"""Where a night has no heart rate at all, terror and getting up go by this."""


@dataclass(frozen=True, slots=True)
class Untouched:
    """A night without anything added. inputs: in order of time, after lights-out and before the end; at_ns: theirs.

    lag_s: the time constant of the heart-rate sensor's smoothing. Everything is estimated from these inputs alone.
    """

    inputs: tuple[Input, ...]
    at_ns: tuple[int, ...]
    hearts: HeartBed | None
    hearts_at_ns: tuple[int, ...]
    beats: BeatBed | None
    lag_s: float
    grid_mg: int
    zero_ns: int

    @classmethod
    def of(
        cls, inputs: Sequence[Input], zero_ns: int, scoring: Sequence[AasmStage] | None, chance: random.Random
    ) -> Untouched:
        """From a night's inputs; `zero_ns` is lights-out, from which the epochs of `scoring` count."""
        heard = [record for record in inputs if isinstance(record, HeartSample)]
        beats = [record for record in inputs if isinstance(record, BeatInterval)]
        usable = any(beat.clean and RR_MS[0] <= beat.rr_ms <= RR_MS[1] for beat in beats)
        hearts = HeartBed.of(heard, zero_ns, scoring) if heard else None
        return cls(
            inputs=tuple(inputs),
            at_ns=tuple(record.at_ns for record in inputs),
            hearts=hearts,
            hearts_at_ns=tuple(sample.at_ns for sample in heard),
            beats=BeatBed.of(beats, zero_ns, scoring, chance) if usable else None,
            lag_s=0.0 if hearts is None else lag_of(hearts.track.t_s, hearts.track.bpm),
            grid_mg=axis_grid_mg(record for record in inputs if isinstance(record, MotionSummary)),
            zero_ns=zero_ns,
        )

    def rate_at(self, at_ns: int) -> float:
        """The heart rate about an instant, in bpm."""
        bed = self.beats or self.hearts
        return ORDINARY_BPM if bed is None else bed.track.rate_at((at_ns - self.zero_ns) / NS_PER_S)

    def between(self, from_ns: int, until_ns: int) -> tuple[Input, ...]:
        """The untouched inputs after `from_ns` and up to `until_ns`."""
        return self.inputs[bisect_right(self.at_ns, from_ns) : bisect_right(self.at_ns, until_ns)]

    def with_episode(self, episode: Episode, onset_ns: int, until_ns: int, chance: random.Random) -> list[Input]:
        """The inputs after the onset and up to `until_ns` (at most `LONG_S` later), with the episode in them.

        What carries neither heart nor movement is as it was. An episode of size nought leaves everything as it was.
        """
        whole = self.between(onset_ns, until_ns)
        ends_ns = onset_ns + round((episode.ends_s + 3 * self.lag_s) * NS_PER_S)
        rows = [record for record in whole if isinstance(record, MotionSummary)]
        others = [record for record in whole if not isinstance(record, HeartSample | BeatInterval | MotionSummary)]
        parts: list[Sequence[Input]] = []  # in the order in which readers give what is known at one instant
        if self.hearts is not None:
            course = _course(lagged(episode.at, self.lag_s), onset_ns)
            places = range(bisect_right(self.hearts_at_ns, onset_ns), bisect_right(self.hearts_at_ns, until_ns))
            parts.append(add_to_hearts(self.hearts, places, course, episode.size_bpm, ends_ns, chance))
        if self.beats is not None:
            course = _course(lagged(episode.at, 0.0), onset_ns)
            span = (onset_ns, until_ns)
            parts.append(add_to_beats(self.beats, span, course, episode.size_bpm, ends_ns, chance))
        else:
            parts.append([record for record in whole if isinstance(record, BeatInterval)])
        parts.extend((add_to_rows(rows, episode.bursts, onset_ns, self.grid_mg, chance), others))
        return sorted(chain.from_iterable(parts), key=lambda record: record.at_ns)


def _course(levels: Sequence[float], onset_ns: int) -> Callable[[int], float]:
    """What is added at an instant: straight lines between whole seconds."""

    def at(at_ns: int) -> float:
        t_s = (at_ns - onset_ns) / NS_PER_S
        if not 0 < t_s < LONG_S - 1:
            return 0.0
        second = int(t_s)
        return levels[second] + (t_s - second) * (levels[second + 1] - levels[second])

    return at
