"""What is odd about the labels of a night: named, never corrected."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vigil.domain.sleep import AasmStage, Stage
from vigil.domain.units import EPOCH_S
from vigil.recordings.recording import LeftOut

SHORTEST_H = 1.0
"""A shorter recording is no night: a sleep cycle takes an hour and a half (mission 5.1)."""

MOST_SHIFT = 60
"""Epochs, 30 min, that a clock may be off by and still be found."""

TELLING_SHIFT = 5
"""Epochs: a shift of two minutes and less is not told from none."""

CLEARLY = 0.20
"""By how much the correlation must be better at the shift than at none. Our choice: of the 34 nights of sleep-accel and
slpdb none is doubted by it, while 0.10 doubts three."""

LEAST_ALIKE = 0.30
FEWEST_EPOCHS = 120

Values = Sequence[float | None]


def oddities(scoring: Sequence[AasmStage] | None, left_out: Sequence[LeftOut], activity: Values) -> tuple[str, ...]:
    """What to say of the labels, in sentences. activity: movement and heart rate by epoch, None where unknown."""
    said: list[str] = []
    codes = sum(row.count for row in left_out if row.reason.startswith(("stage ", "the stage code")))
    if codes:
        said.append(f"{codes} epochs carry a stage code of another scheme; they count as unscored")
    if scoring is None:
        return tuple(said)
    met = {stage.stage for stage in scoring} - {Stage.UNSCORED}
    if len(met) == 1:
        said.append(f"only {met.pop().value} was scored, so staging says little here")
    shift_s = label_shift_s([stage.stage for stage in scoring], activity)
    if shift_s is not None:
        later = "later" if shift_s > 0 else "earlier"
        said.append(
            f"the labels fit the signals better if they are read {abs(shift_s) / 60:g} min {later}: "
            "one of the two clocks may be off; nothing was moved"
        )
    return tuple(said)


def activity_of(movement_g: Values, heart_bpm: Values) -> list[float | None]:
    """Movement (log) and heart rate of each epoch, each in its own standard deviations, their mean."""
    moved = _standard([None if value is None else math.log(max(0.02, value)) for value in movement_g])
    beat = _standard(heart_bpm)
    both: list[float | None] = []
    for a, b in zip(moved, beat, strict=True):
        known = [value for value in (a, b) if value is not None]
        both.append(sum(known) / len(known) if known else None)
    return both


def label_shift_s(stages: Sequence[Stage], activity: Values) -> float | None:
    """By how much later the labels should be read to fit the activity, in s; None where no shift is clearly better.

    The largest correlation of scored wake with activity over shifts of up to 30 min; both clocks are left alone.
    """
    wake = [None if stage is Stage.UNSCORED else float(stage is Stage.WAKE) for stage in stages]
    alike = {shift: _alike(wake, activity, shift) for shift in range(-MOST_SHIFT, MOST_SHIFT + 1)}
    best = max(alike, key=lambda shift: (alike[shift], -abs(shift)))
    clear = alike[best] >= LEAST_ALIKE and alike[best] >= alike[0] + CLEARLY
    return best * float(EPOCH_S) if clear and abs(best) >= TELLING_SHIFT else None


def _alike(wake: Values, activity: Values, shift: int) -> float:
    """Correlation of the labels with the activity `shift` epochs after them; 0 where too little is known of both."""
    pairs = [
        (a, b)
        for index, a in enumerate(wake)
        if a is not None and 0 <= index + shift < len(activity) and (b := activity[index + shift]) is not None
    ]
    if len(pairs) < FEWEST_EPOCHS:
        return 0.0
    mean_a, mean_b = (math.fsum(column) / len(pairs) for column in zip(*pairs, strict=True))
    both = math.fsum((a - mean_a) * (b - mean_b) for a, b in pairs)
    power = math.fsum((a - mean_a) ** 2 for a, _ in pairs) * math.fsum((b - mean_b) ** 2 for _, b in pairs)
    return both / math.sqrt(power) if power > 0 else 0.0


def _standard(values: Values) -> list[float | None]:
    known = [value for value in values if value is not None]
    if not known:
        return [None] * len(values)
    mean = math.fsum(known) / len(known)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in known) / len(known))
    if not spread > 0:
        return [None] * len(values)
    return [None if value is None else (value - mean) / spread for value in values]
