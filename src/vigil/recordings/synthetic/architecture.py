"""How stages follow each other through a night without nightmares: cycles, deep early, REM late, awakenings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S
from vigil.recordings.synthetic.chance import Chance, around, between, generator, whole_between

W, N1, N2, N3, R = AasmStage.WAKE, AasmStage.N1, AasmStage.N2, AasmStage.N3, AasmStage.REM
STAGES = (W, N1, N2, N3, R)
"""The order of stages wherever the simulator has a row per stage."""

EPOCHS_PER_MIN = 60 // EPOCH_S
CYCLE_MIN = (90.0, 110.0)
"""Mission 5.1 [V-weak]."""
REM_MIN = (7.0, 20.0, 30.0, 38.0, 42.0)
"""Minutes of REM in the first to the fifth cycle: about 5 at first, up to 40 late, 20-25 % in all (mission 5.1)."""
DEEP_MIN = (34.0, 24.0, 10.0, 4.0, 0.0)
"""Minutes of N3 a cycle [A], so that the share is near sleep-accel's 16 %."""
SOL_MIN = (9.0, 0.6)
"""Sleep-onset latency: median and log-sigma; sleep-accel's median is 9.5 min."""
AWAKENINGS = (10.0, 6.0)
"""Awakenings a night of 8 h, mean and sd (mission 5.1, PMC4364614)."""
AWAKE_EPOCHS = (1.5, 0.7)
"""Length of an awakening in epochs, median and log-sigma: with ten a night WASO is near 13.5 min (mission 5.1)."""
LIGHTENINGS_PER_H = 2.5
"""Short lapses into N1 besides those after waking [A]: N1 becomes 5-10 % of sleep, as in sleep-accel (6 %)."""


def architecture(seed: int, hours: float = 8.0) -> tuple[AasmStage, ...]:
    """Stages of the consecutive 30-s epochs of a night of `hours`; whole epochs, at least one."""
    rng = generator(seed, Chance.ARCHITECTURE)
    count = max(1, int(hours * 60 * EPOCHS_PER_MIN))
    stages = [W] * _epochs(min(45.0, max(2.0, around(rng, *SOL_MIN))))
    cycle = 0
    while len(stages) < count:
        stages += _cycle(rng, cycle)
        cycle += 1
    stages = stages[:count]
    onset = next((i for i, stage in enumerate(stages) if stage is not W), count)
    _lighten(rng, stages, onset)
    _awaken(rng, stages, onset)
    for index in range(max(onset, count - whole_between(rng, (1, 6))), count):
        stages[index] = W
    return tuple(stages)


def _epochs(minutes: float) -> int:
    return round(minutes * EPOCHS_PER_MIN)


def _cycle(rng: np.random.Generator, index: int) -> list[AasmStage]:
    """One cycle: N1, N2, N3, N2, REM. From the fifth on they are alike."""
    row = min(index, len(REM_MIN) - 1)
    total = between(rng, CYCLE_MIN)
    rem = REM_MIN[row] * between(rng, (0.75, 1.25))
    deep = DEEP_MIN[row] * between(rng, (0.6, 1.4))
    drowsy = between(rng, (1.0, 4.0)) if index == 0 else between(rng, (0.0, 1.5))
    light = total - rem - deep - drowsy
    down = light * between(rng, (0.25, 0.5))
    parts = ((N1, drowsy), (N2, down), (N3, deep), (N2, light - down), (R, rem))
    return [stage for stage, minutes in parts for _ in range(_epochs(minutes))]


def _lighten(rng: np.random.Generator, stages: list[AasmStage], onset: int) -> None:
    """Put short lapses into N1 among N2 and REM, in place."""
    for start in _somewhere(rng, stages, onset, LIGHTENINGS_PER_H * len(stages) / (60 * EPOCHS_PER_MIN)):
        for index in range(start, min(len(stages), start + whole_between(rng, (1, 3)))):
            stages[index] = N1 if stages[index] is not W else W


def _awaken(rng: np.random.Generator, stages: list[AasmStage], onset: int) -> None:
    """Put awakenings, each followed by an epoch or two of N1, among N1, N2 and REM, in place."""
    hours = len(stages) / (60 * EPOCHS_PER_MIN)
    wanted = min(25.0, max(2.0, float(rng.normal(*AWAKENINGS)))) * hours / 8
    for start in _somewhere(rng, stages, onset, wanted):
        awake = max(1, round(around(rng, *AWAKE_EPOCHS)))
        after = start + awake + whole_between(rng, (1, 2))
        for index in range(start, min(len(stages), after)):
            stages[index] = W if index < start + awake else N1


def _somewhere(rng: np.random.Generator, stages: Sequence[AasmStage], onset: int, wanted: float) -> list[int]:
    """About `wanted` epochs after sleep onset that are not N3, in order."""
    open_to = [i for i, stage in enumerate(stages) if i > onset and stage in (N1, N2, R)]
    count = min(len(open_to), int(rng.poisson(wanted)))
    return sorted(int(i) for i in rng.choice(open_to, size=count, replace=False)) if count else []
