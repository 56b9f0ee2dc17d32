"""The body second by second: true heart rate, variability, breathing, movement, position and stage.

A body is rendered from a plan. When a nudge changes the plan, what has already been lived is kept to the bit and only
the seconds after it are taken from the new rendering.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S
from vigil.recordings.synthetic.architecture import STAGES
from vigil.recordings.synthetic.chance import Chance, generator
from vigil.recordings.synthetic.drives import Level, Move, add
from vigil.recordings.synthetic.night_plan import NightPlan
from vigil.recordings.synthetic.people import Person

FloatArray = NDArray[np.float64]

WAKE_CODE = STAGES.index(AasmStage.WAKE)
REM_CODE = STAGES.index(AasmStage.REM)
N3_CODE = STAGES.index(AasmStage.N3)

N3_OVER_NREM = 0.01
"""N3 beats a little faster than N2: 0.99 against 0.98 of REM (mission 5.1, PMC5078504)."""
FAST_SD_BPM = (2.4, 3.0, 1.4, 0.8, 2.7)
"""Wobble over tens of seconds by stage, in the order of `STAGES`: fitted to sleep-accel's spread within epochs."""
RSA = (0.7, 0.9, 1.0, 1.1, 0.8)
"""Beat-to-beat variability by stage as a factor [A]: vagal tone is highest in N3."""
BREATHING = (1.05, 1.02, 1.0, 0.97, 1.05)
"""Breathing rate by stage as a factor; mission 5.1 gives 1.02/0.95/0.92 of REM, here over N2 and rounded [A]."""
FAST_TAU_S, SLOW_TAU_S, SLOW_SD_BPM = 25.0, 900.0, 1.5
"""Time constants of the wobble, and the size of the slow one [A]."""
STAGE_TAU_S, LEAD_S = 45.0, 60
"""The heart follows the stage within a minute and leads its scoring by about one (mission 5.1, "lead of REM")."""
STRESS_RSA = 0.5
"""Share of the variability lost at a rise of 20 bpm: vagal withdrawal [A]."""
TREMOR_CHANCE, TREMOR_FACTOR = 0.012, 6.0
"""Seconds in which a still wrist shows up to 7 times its noise: a quarter of sleep-accel's N2 epochs exceed 0.03 g."""
LOWEST_BPM, HIGHEST_BPM = 35.0, 180.0


@dataclass(frozen=True, slots=True)
class Noise:
    """Randomness of one night, a value a second, drawn before anything is lived: a nudge cannot shift it."""

    fast: FloatArray
    slow: FloatArray
    move: FloatArray
    axes: FloatArray
    still: FloatArray


def draw_noise(seed: int, seconds: int) -> Noise:
    """The noise of a night, each array with `seconds + 1` rows.

    fast, slow: of unit variance. move: in [0.5, 1). axes: (.., 3), shares of movement, of length 1. still: (.., 3),
    factors on the noise of a still second.
    """
    heart, motion = generator(seed, Chance.HEART), generator(seed, Chance.MOTION)
    count = seconds + 1
    weights = motion.random((count, 3)) + 0.15
    weights /= np.sqrt((weights * weights).sum(axis=1, keepdims=True))
    return Noise(
        fast=_wander(heart, count, FAST_TAU_S),
        slow=_wander(heart, count, SLOW_TAU_S),
        move=0.5 + 0.5 * motion.random(count),
        axes=weights,
        still=_still(motion, count),
    )


def _still(rng: np.random.Generator, count: int) -> FloatArray:
    """Factor on the accelerometer's noise in each second and axis: near 1, now and then several times that."""
    ordinary = np.clip(1.0 + 0.25 * rng.standard_normal((count, 3)), 0.3, None)
    tremor = np.where(rng.random(count) < TREMOR_CHANCE, 1.0 + TREMOR_FACTOR * rng.random(count), 1.0)
    return ordinary * tremor[:, None]


def _wander(rng: np.random.Generator, count: int, tau_s: float) -> FloatArray:
    """First-order autoregressive noise of unit variance with time constant `tau_s`."""
    keep = math.exp(-1 / tau_s)
    push = math.sqrt(1 - keep * keep)
    value = float(rng.standard_normal())
    out = np.empty(count)
    for index, draw in enumerate(rng.standard_normal(count).tolist()):
        value = keep * value + push * draw
        out[index] = value
    return out


@dataclass(frozen=True, slots=True)
class Body:
    """The body in each second; index s is the second that ends s seconds after lights-out, 0 is unused.

    stage: code in `STAGES`. heart_bpm: true. rsa: factor on beat-to-beat variability. breathing_hz. move_mg:
    peak-to-peak size of movement. shake_mg: that of a vibration on the wrist. gravity_mg: (.., 3), direction of gravity
    at the end of the second. steps: taken in it.
    """

    stage: NDArray[np.int8]
    heart_bpm: FloatArray
    rsa: FloatArray
    breathing_hz: FloatArray
    move_mg: FloatArray
    shake_mg: FloatArray
    gravity_mg: FloatArray
    steps: NDArray[np.int16]

    def after(self, from_s: int, revised: Body) -> Body:
        """This body up to second `from_s`, it included, and `revised` after it."""
        parts = {f.name: (getattr(self, f.name), getattr(revised, f.name)) for f in fields(Body)}
        return Body(
            **{name: np.concatenate((old[: from_s + 1], new[from_s + 1 :])) for name, (old, new) in parts.items()}
        )


def render(plan: NightPlan, who: Person, noise: Noise) -> Body:
    """The body that lives this plan; every array has `plan.length_s + 1` rows."""
    stage = _stage(plan)
    surge = np.zeros(plan.length_s + 1)
    for drive in plan.surges():
        add(surge, 1 + (drive.from_s if isinstance(drive, Level) else drive.at_s), drive.profile())
    moves, gravity, steps = _motion(plan, noise)
    stress = np.clip(surge / 20.0, 0.0, 1.0)
    breathing = who.breathing_hz * np.array(BREATHING)[stage]
    for episode in plan.episodes:
        breathing[episode.onset_s + 1 : episode.end_s + 1] *= episode.breathing
    return Body(
        stage=stage,
        heart_bpm=_heart(who, stage, noise, surge),
        rsa=np.array(RSA)[stage] * (1.0 - STRESS_RSA * stress),
        breathing_hz=breathing,
        move_mg=moves,
        shake_mg=_sizes(plan.shakes, noise),
        gravity_mg=gravity,
        steps=steps,
    )


def _stage(plan: NightPlan) -> NDArray[np.int8]:
    codes = [STAGES.index(stage) for stage in plan.scoring()]
    seconds = np.empty(plan.length_s + 1, dtype=np.int8)
    seconds[1:] = np.repeat(np.array(codes, dtype=np.int8), EPOCH_S)
    seconds[0] = seconds[1]
    for from_s, to_s in plan.awake_spans():
        seconds[from_s + 1 : to_s + 1] = WAKE_CODE
    return seconds


def _heart(who: Person, stage: NDArray[np.int8], noise: Noise, surge: FloatArray) -> FloatArray:
    """True heart rate: level of stage and hour, wobble of the stage, and what the events add."""
    nrem = who.nrem_ratio
    ratio = np.array((who.wake_ratio, nrem, nrem, nrem + N3_OVER_NREM, 1.0))[stage]
    ratio = np.concatenate((ratio[LEAD_S:], np.full(min(LEAD_S, len(ratio)), ratio[-1])))[: len(ratio)]
    # Falls through the night and rises a little before morning (mission 5.1, Cajochen).
    part = np.arange(len(stage)) / max(1, len(stage) - 1)
    hour = 1.0 - who.dip * np.minimum(part / 0.7, 1.0 - 0.5 * (part - 0.7))
    level = (who.resting_bpm + who.ptsd_shift_bpm) * _followed(ratio, STAGE_TAU_S) * hour
    wobble = who.wobble * (np.array(FAST_SD_BPM)[stage] * noise.fast + SLOW_SD_BPM * noise.slow)
    return np.clip(level + wobble + surge, LOWEST_BPM, HIGHEST_BPM)


def _followed(target: FloatArray, tau_s: float) -> FloatArray:
    """`target` followed with a first-order lag."""
    share = 1.0 - math.exp(-1 / tau_s)
    value = float(target[0])
    out = np.empty(len(target))
    for index, goal in enumerate(target.tolist()):
        value += share * (goal - value)
        out[index] = value
    return out


def _motion(plan: NightPlan, noise: Noise) -> tuple[FloatArray, FloatArray, NDArray[np.int16]]:
    """Size of movement, direction of gravity, and steps, in each second."""
    count = plan.length_s + 1
    steps = np.zeros(count, dtype=np.int16)
    gravity = np.empty((count, 3))
    gravity[:] = (0.0, 600.0, 800.0)
    for move in plan.moves():
        first, last = _span(move, count)
        if first >= last:
            continue
        steps[first:last] = move.steps
        if move.turn_mg is not None:
            gravity[last - 1 :] = move.turn_mg
    return _sizes(plan.moves(), noise), gravity, steps


def _sizes(moves: Iterable[Move], noise: Noise) -> FloatArray:
    """Size of the largest of these movements in each second."""
    count = len(noise.move)
    size = np.zeros(count)
    for move in moves:
        first, last = _span(move, count)
        size[first:last] = np.maximum(size[first:last], move.mg * noise.move[first:last])
    return size


def _span(move: Move, count: int) -> tuple[int, int]:
    """The seconds of a movement, [first, last), of a night of `count` rows; first >= last for none."""
    first = min(count, max(1, move.at_s + 1))
    return first, max(first, min(count, move.at_s + 1 + move.length_s))
