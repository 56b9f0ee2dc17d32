"""A whole simulated night as a recording, like one that a reader opened, with the truth as its scoring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigil.domain.samples import AccelerationBlock, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.recordings.recording import Item, ReadingNotes, Recording
from vigil.recordings.synthetic.chance import Chance, generator
from vigil.recordings.synthetic.night_plan import NightPlan
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.sensor import WRIST_5S, Sensor
from vigil.recordings.synthetic.sleeper import SimulatedSleeper

FORMAT = "simulated sleeper"
SHAPES = 256
"""Different one-second waveforms that raw acceleration is made of."""


@dataclass(frozen=True, slots=True)
class SimulatedNight:
    """What to simulate, and how to play it again: the same items every time, and never the same objects twice."""

    seed: int
    person: Person | None = None
    plan: NightPlan | None = None
    sensor: Sensor = WRIST_5S
    hours: float = 8.0
    raw_hz: int | None = None

    def sleeper(self) -> SimulatedSleeper:
        """The sleeper, at lights-out."""
        return SimulatedSleeper(self.seed, person=self.person, plan=self.plan, sensor=self.sensor, hours=self.hours)

    def items(self) -> Iterator[Item]:
        """All samples and events of the night in order, a second at a time."""
        sleeper = self.sleeper()
        raw = None if self.raw_hz is None else RawMotion.of(self.seed, self.raw_hz)
        for at_ns in range(NS_PER_S, sleeper.ends_ns + 1, NS_PER_S):
            second = sleeper.until(at_ns)
            if raw is None:
                yield from second
                continue
            # A block stands where its first sample does: before what was known within its second.
            yield from (raw.block(item) for item in second if isinstance(item, MotionSummary))
            yield from (item for item in second if not isinstance(item, MotionSummary))


@dataclass(slots=True)
class RawMotion:
    """Raw acceleration that reduces to given one-second summaries: the same extremes, the mean within a few milli-g.

    shapes: (SHAPES, samples a second), each from 0 to 1, both reached, with mean near a half.
    """

    shapes: NDArray[np.float64]
    period_ns: int
    rng: np.random.Generator

    @classmethod
    def of(cls, seed: int, raw_hz: int) -> RawMotion:
        """Waveforms at `raw_hz`; raises ValueError unless it is 2 to 1000 and a whole number of ns a sample."""
        if not 2 <= raw_hz <= 1000 or NS_PER_S % raw_hz:
            message = (
                f"raw acceleration at {raw_hz} Hz is not simulated: take a divisor of 10^9 from 2 to 1000, such as 50"
            )
            raise ValueError(message)
        rng = generator(seed, Chance.RAW)
        waves = rng.standard_normal((SHAPES, raw_hz))
        low, high = waves.min(axis=1, keepdims=True), waves.max(axis=1, keepdims=True)
        return cls((waves - low) / (high - low), NS_PER_S // raw_hz, rng)

    def block(self, summary: MotionSummary) -> AccelerationBlock:
        """The samples of the summary's window; known at the summary's own instant."""
        low = np.array(summary.low_mg, dtype=np.float64)
        high = np.array(summary.high_mg, dtype=np.float64)
        waves = self.shapes[self.rng.integers(SHAPES, size=3)].T
        mg = np.clip(np.rint(low + (high - low) * waves), -32768, 32767).astype(np.int16)
        return AccelerationBlock(summary.at_ns - summary.duration_ms * NS_PER_MS, self.period_ns, mg)


def recording(
    seed: int,
    *,
    person: Person | None = None,
    plan: NightPlan | None = None,
    sensor: Sensor = WRIST_5S,
    hours: float = 8.0,
    raw_hz: int | None = None,
) -> Recording:
    """The night that nobody touches, as a Recording.

    scoring: the truth. marks: onsets of nightmares and of the distractors other than ordinary arousals, turns and
    twitches. raw_hz: raw acceleration blocks of one second each instead of one-second summaries. Raises ValueError
    for a bad `raw_hz`.
    """
    night = SimulatedNight(seed, person, plan, sensor, hours, raw_hz)
    if raw_hz is not None:
        RawMotion.of(seed, raw_hz)
    sleeper = night.sleeper()
    began = sleeper.began()
    return Recording(
        night=began.night,
        path=Path(began.night),
        format=FORMAT,
        began=began,
        items=night.items,
        notes=ReadingNotes(remarks=["a simulated night: nobody slept it"]),
        scoring=sleeper.plan.scoring(),
        marks=_marks(sleeper.plan),
        ends_ns=sleeper.ends_ns,
    )


def _marks(plan: NightPlan) -> tuple[tuple[float, str], ...]:
    found = [(float(e.onset_s), f"nightmare {e.size.value}") for e in plan.episodes]
    found += [(float(d.from_s), d.kind.value) for d in plan.distractors if not d.kind.ordinary]
    return tuple(sorted(found))
