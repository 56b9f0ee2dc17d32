"""What wearables make of a body: each has its own cadence, lag, smoothing, rounding, noise and ways to fail."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vigil.domain.samples import Milligrams
from vigil.recordings.synthetic.body import Body, Noise
from vigil.recordings.synthetic.chance import Chance, generator
from vigil.recordings.synthetic.night_plan import Trouble, TroubleKind


@dataclass(frozen=True, slots=True)
class Sensor:
    """One kind of wearable.

    cadence_s: seconds between heart rates, give or take a normal draw of `jitter_s`; None sends beat intervals
    instead. lag_s, smooth_s: a heart rate is the mean of the `smooth_s` seconds that ended `lag_s` ago. bias_bpm,
    noise_bpm: error before rounding to `rounding_bpm`. drop_chance, lock_chance: in each second of strong movement,
    to lose the heart rate or to lock on to the rhythm of the arm. still_mg: peak-to-peak noise an axis shows in a
    still second. counts_steps: the motion summaries have steps. shaken: its accelerometer shows a vibration on the
    wrist; without, the night is the same but for that.
    """

    name: str
    cadence_s: int | None
    jitter_s: float = 0.0
    lag_s: int = 0
    smooth_s: int = 1
    rounding_bpm: int = 1
    bias_bpm: float = 0.0
    noise_bpm: float = 0.0
    drop_chance: float = 0.0
    lock_chance: float = 0.0
    still_mg: float = 6.0
    counts_steps: bool = False
    shaken: bool = True


# Lag 5 to 15 s, drop-outs during movement and occasional cadence lock: mission 5.6 [A]. Bias: Fitbit Charge HR
# against ECG (PMC9286609) [V]. Smoothing: set so that the change from value to value is near sleep-accel's 0.4 to 1.0
# bpm.
CHEST_STRAP = Sensor("chest strap", None, still_mg=8.0)
WRIST_1S = Sensor("wrist 1 s", 1, 0.0, 5, 6, 1, -0.66, 0.35, 0.03, 0.002, counts_steps=True)
WRIST_5S = Sensor("wrist 5 s", 5, 1.0, 7, 8, 1, -0.66, 0.35, 0.03, 0.002, counts_steps=True)
WRIST_15S = Sensor("wrist 15 s", 15, 2.0, 10, 15, 1, -0.66, 0.5, 0.03, 0.002, counts_steps=True)
WRIST_60S = Sensor("wrist 60 s", 60, 3.0, 15, 30, 1, -0.66, 0.7, 0.03, 0.002, counts_steps=True)

SENSORS = {sensor.name: sensor for sensor in (CHEST_STRAP, WRIST_1S, WRIST_5S, WRIST_15S, WRIST_60S)}

STRONG_MG = 300.0
"""Movement in a second that can disturb an optical sensor [A]."""
DROP_S, LOCK_S, LOCK_BPM = (5, 40), (15, 60), (88, 125)
"""How long a heart rate is lost or locked, and on what [A]."""
STRAP_MISS_CHANCE, STRAP_MISS_MG = 0.03, 800.0
"""A strap misses a beat in a second of such movement and says that it doubts the interval [A]."""
RR_NOISE_MS = 4.0
"""Beat-to-beat noise beside breathing, at an RMSSD of 42 ms [A]."""
TABLE_MG: Milligrams = (0, 0, 1000)
TABLE_STILL_MG = 3.0
"""Off the wrist: flat on a table, with the accelerometer's own noise."""


@dataclass(frozen=True, slots=True)
class MotionRows:
    """What the accelerometer reports of each second, index as in `Body`; plain lists for speed."""

    range_mg: list[int]
    low_mg: list[list[int]]
    high_mg: list[list[int]]
    mean_mg: list[list[int]]
    steps: list[int]


def motion_rows(body: Body, sensor: Sensor, noise: Noise, troubles: tuple[Trouble, ...]) -> MotionRows:
    """The motion summaries of every second: gravity, plus and minus half of noise and movement."""
    gravity = body.gravity_mg.copy()
    move = np.maximum(body.move_mg, body.shake_mg) if sensor.shaken else body.move_mg.copy()
    steps = body.steps.copy()
    still = np.full(len(move), sensor.still_mg)
    for trouble in troubles:
        if trouble.kind is TroubleKind.OFF_WRIST:
            span = slice(trouble.from_s + 1, trouble.to_s + 1)
            gravity[span], move[span], steps[span], still[span] = TABLE_MG, 0.0, 0, TABLE_STILL_MG
    before = np.concatenate((gravity[:1], gravity[:-1]))
    wide = still[:, None] * noise.still + move[:, None] * noise.axes
    low = np.rint(np.minimum(before, gravity) - wide / 2).astype(np.int64)
    high = np.rint(np.maximum(before, gravity) + wide / 2).astype(np.int64)
    across: NDArray[np.int64] = ((high - low) ** 2).sum(axis=1)
    return MotionRows(
        range_mg=np.rint(np.sqrt(across)).astype(np.int64).tolist(),
        low_mg=low.tolist(),
        high_mg=high.tolist(),
        mean_mg=np.rint((before + gravity) / 2).astype(np.int64).tolist(),
        steps=steps.tolist(),
    )


@dataclass(slots=True)
class HeartSensor:
    """The optical heart-rate sensor at work. Looks back only; `drops` are the spans it lost to movement."""

    sensor: Sensor
    cadence_s: int
    normal: list[float]
    even: list[float]
    due_s: int = 1
    lost_until_s: int = 0
    locked_until_s: int = 0
    locked_bpm: int = 0
    last_bpm: int | None = None
    drops: list[Trouble] = field(default_factory=list)

    @classmethod
    def worn(cls, sensor: Sensor, cadence_s: int, seed: int, seconds: int) -> HeartSensor:
        """A sensor put on at lights-out for a night of `seconds`."""
        rng = generator(seed, Chance.SENSOR)
        return cls(sensor, cadence_s, rng.standard_normal(seconds + 1).tolist(), rng.random(seconds + 1).tolist())

    def value(self, s: int, heart_bpm: list[float], move_mg: float, *, frozen: bool = False) -> int | None:
        """The heart rate it sends in second `s`, in whole bpm, or None: not due, or lost. `frozen`: the last."""
        self._be_disturbed(s, move_mg)
        if s < self.due_s:
            return None
        self.due_s = s + max(1, self.cadence_s + round(self.sensor.jitter_s * self.normal[s - 1]))
        if frozen:
            return self.last_bpm
        if s <= self.lost_until_s:
            return None
        if s <= self.locked_until_s:
            return self.locked_bpm
        return self._measured(s, heart_bpm)

    def _measured(self, s: int, heart_bpm: list[float]) -> int | None:
        sensor = self.sensor
        last = s - sensor.lag_s
        if last < 1:
            return None
        window = heart_bpm[max(1, last - sensor.smooth_s + 1) : last + 1]
        value = sum(window) / len(window) + sensor.bias_bpm + sensor.noise_bpm * self.normal[s]
        self.last_bpm = sensor.rounding_bpm * round(value / sensor.rounding_bpm)
        return self.last_bpm

    def _be_disturbed(self, s: int, move_mg: float) -> None:
        """Movement may make it lose the heart rate, or lock on to the arm; one draw a second decides."""
        if move_mg < STRONG_MG or s <= self.lost_until_s or s <= self.locked_until_s:
            return
        draw, share = self.even[s], self.even[s - 1]
        if draw < self.sensor.lock_chance:
            self.locked_until_s = s + LOCK_S[0] + int(share * (LOCK_S[1] - LOCK_S[0]))
            self.locked_bpm = LOCK_BPM[0] + int(share * (LOCK_BPM[1] - LOCK_BPM[0]))
        elif draw < self.sensor.lock_chance + self.sensor.drop_chance:
            self.lost_until_s = s + DROP_S[0] + int(share * (DROP_S[1] - DROP_S[0]))
            self.drops.append(Trouble(TroubleKind.MOVING, s, self.lost_until_s))
