"""Nights to feature rows, through the very trackers and feature maker that the engine runs."""

from __future__ import annotations

from dataclasses import dataclass

from training.nights import Night, Sensed
from vigil.domain.samples import BeatInterval, HeartSample
from vigil.domain.units import EPOCH_NS, STEP_NS
from vigil.engine.features import FeatureMaker
from vigil.signal.heart import HeartTracker
from vigil.signal.motion import MotionTracker

EPOCH_STEPS = EPOCH_NS // STEP_NS


@dataclass(frozen=True, slots=True)
class NightRows:
    """One night as one variant: a row of features an epoch, whether there was any data, and the class scored."""

    person: str
    variant: str
    features: tuple[tuple[float, ...], ...]
    any_data: tuple[bool, ...]
    labels: tuple[int, ...]


def rows_of(night: Night, variant: str) -> NightRows:
    """Run the night from lights-out at zero to the end of its scoring."""
    heart, motion, maker = HeartTracker(), MotionTracker(), FeatureMaker()
    heart.begin(None)
    maker.begin(0)
    sensed: list[Sensed] = sorted([*night.heart, *night.beats, *night.motion], key=lambda record: record.at_ns)
    position = 0
    features: list[tuple[float, ...]] = []
    any_data: list[bool] = []
    known = False
    for step in range(1, EPOCH_STEPS * len(night.labels) + 1):
        at_ns = step * STEP_NS
        while position < len(sensed) and sensed[position].at_ns <= at_ns:
            _take(heart, motion, sensed[position])
            position += 1
        heart_look, motion_look = heart.look(at_ns), motion.look(at_ns)
        maker.note(heart_look, motion_look)
        known = known or heart_look.bpm is not None or motion_look.known
        if step % EPOCH_STEPS == 0:
            features.append(maker.epoch(at_ns))
            any_data.append(known)
            known = False
    return NightRows(night.person, variant, tuple(features), tuple(any_data), night.labels)


def _take(heart: HeartTracker, motion: MotionTracker, record: Sensed) -> None:
    if isinstance(record, HeartSample):
        heart.take_heart(record)
    elif isinstance(record, BeatInterval):
        heart.take_beat(record)
    else:
        motion.take(record)
