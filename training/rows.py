"""Nights to feature rows, through the very trackers and feature maker that the engine runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.nights import Night, Sensed
from training.variants import VARIANTS
from vigil.domain.samples import BeatInterval, HeartSample
from vigil.domain.units import EPOCH_NS, STEP_NS
from vigil.engine.features import FEATURES, FeatureMaker
from vigil.signal.heart import HeartTracker
from vigil.signal.motion import MotionTracker

EPOCH_STEPS = EPOCH_NS // STEP_NS

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class NightRows:
    """One night as one variant. Can be pickled, so that whoever fits often keeps it.

    features: of shape (epochs, features), NaN where not known. any_data: of shape (epochs,), whether heart rate or
    movement was known. labels: of shape (epochs,), the class scored, -1 unscored.
    """

    person: str
    variant: str
    features: Numbers
    any_data: NDArray[np.bool_]
    labels: NDArray[np.int64]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Scored, and with data."""
        return self.any_data & (self.labels >= 0)


def rows_of_night(night: Night) -> list[NightRows]:
    """The night in every variant that its sensors allow; one that would change nothing is left out."""
    made = [(variant.name, variant.make(night)) for variant in VARIANTS]
    recorded = made[0][1]
    return [
        rows_of(one, name)
        for index, (name, one) in enumerate(made)
        if (one.heart or one.beats or one.motion) and (index == 0 or one != recorded)
    ]


def rows_of(night: Night, variant: str) -> NightRows:
    """Run the night from lights-out at zero to the end of its scoring."""
    heart, motion, maker = HeartTracker(), MotionTracker(), FeatureMaker()
    heart.begin(None)
    maker.begin(0)
    sensed: list[Sensed] = sorted([*night.heart, *night.beats, *night.motion], key=lambda record: record.at_ns)
    position = 0
    features = np.full((len(night.labels), len(FEATURES)), np.nan)
    any_data = np.zeros(len(night.labels), np.bool_)
    for step in range(1, EPOCH_STEPS * len(night.labels) + 1):
        at_ns = step * STEP_NS
        while position < len(sensed) and sensed[position].at_ns <= at_ns:
            _take(heart, motion, sensed[position])
            position += 1
        epoch = (step - 1) // EPOCH_STEPS
        heart_look, motion_look = heart.look(at_ns), motion.look(at_ns)
        maker.note(heart_look, motion_look)
        any_data[epoch] |= heart_look.bpm is not None or motion_look.known
        if step % EPOCH_STEPS == 0:
            features[epoch] = maker.epoch(at_ns)
    return NightRows(night.person, variant, features, any_data, np.array(night.labels, np.int64))


def _take(heart: HeartTracker, motion: MotionTracker, record: Sensed) -> None:
    if isinstance(record, HeartSample):
        heart.take_heart(record)
    elif isinstance(record, BeatInterval):
        heart.take_beat(record)
    else:
        motion.take(record)
