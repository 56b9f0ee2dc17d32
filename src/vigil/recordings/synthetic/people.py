"""The population the simulated sleepers are drawn from. Marks: [V], [R], [A] as in mission 5; [A] is an assumption."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.recordings.synthetic.chance import Chance, between, generator


@dataclass(frozen=True, slots=True)
class Spread:
    """A normal population cut at its ends."""

    mean: float
    sd: float
    low: float
    high: float


POPULATION: dict[str, Spread] = {
    # mission 5.1: 50 to 65 bpm typical asleep, personal [R]; sd and cuts [A], within what sleep-accel shows (48 to 90).
    "resting_bpm": Spread(58.0, 6.0, 45.0, 75.0),
    # Factor on the ordinary wobble of heart rate [A].
    "wobble": Spread(1.0, 0.25, 0.5, 1.7),
    # Resting RMSSD 42 (15) ms in short recordings, Nunan 2010 [R]; cuts [A].
    "rmssd_ms": Spread(42.0, 15.0, 15.0, 90.0),
    # 12 to 18 breaths a minute asleep [R].
    "breathing_hz": Spread(0.25, 0.03, 0.18, 0.32),
    # Factor on the rates of movement and arousal: sleep-accel people differ about fivefold from p10 to p90.
    "movement": Spread(1.1, 0.6, 0.3, 2.8),
    # mission 5.1, individual spread: 13.5 % dip by a tenth or more, many not at all [V]; shape [A].
    "dip": Spread(0.06, 0.04, -0.04, 0.15),
    # mission 5.1: wake 1.06 and N1/N2 0.98 of REM as means over a night [V]. NREM comes earlier, when the heart is
    # faster, and wake brings movement, so both start lower here. Nearly half the people have NREM above wake: the sd
    # is wide [A].
    "wake_ratio": Spread(1.03, 0.035, 0.95, 1.12),
    "nrem_ratio": Spread(0.96, 0.025, 0.90, 1.02),
    # Level of nudge felt half of the time in REM or N2 [A]: mission 5.4 gives order, not size.
    "nudge_threshold": Spread(1.6, 0.5, 0.6, 3.0),
    # Levels by which each nudge raises the threshold [A].
    "habituation": Spread(0.12, 0.06, 0.0, 0.3),
}

PTSD_SHIFT_BPM = (3.0, 10.0)
"""Mission 5.2: shift the baseline by +3 to +10 bpm [A]."""


@dataclass(frozen=True, slots=True)
class Person:
    """One sleeper's body.

    resting_bpm: heart rate in REM at the start of the night, without `ptsd_shift_bpm`. dip: fraction it falls by
    the early morning. wobble, movement: factors, 1 is ordinary. rmssd_ms: beat-to-beat variability in N2.
    nudge_threshold: level felt half of the time; habituation: levels added to it by each nudge.
    ptsd_shift_bpm: 0 without PTSD.
    """

    resting_bpm: float = 58.0
    wobble: float = 1.0
    rmssd_ms: float = 42.0
    breathing_hz: float = 0.25
    movement: float = 1.0
    dip: float = 0.06
    wake_ratio: float = 1.03
    nrem_ratio: float = 0.96
    nudge_threshold: float = 1.6
    habituation: float = 0.12
    ptsd_shift_bpm: float = 0.0


def person(seed: int, *, ptsd: bool | None = None) -> Person:
    """The person of this seed. `ptsd`: with the shift or without; None leaves it to a fair coin of the seed."""
    rng = generator(seed, Chance.PERSON)
    drawn = {name: min(row.high, max(row.low, float(rng.normal(row.mean, row.sd)))) for name, row in POPULATION.items()}
    coin = float(rng.random()) < 0.5
    shift = between(rng, PTSD_SHIFT_BPM)
    return Person(**drawn, ptsd_shift_bpm=shift if (coin if ptsd is None else ptsd) else 0.0)
