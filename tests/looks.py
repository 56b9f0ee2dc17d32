"""Looks made by hand: an ordinary sleeper at 56 bpm, whose heart rate strays by 2, lying still in REM."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from vigil.domain.records import NightOutput
from vigil.domain.samples import Quality
from vigil.domain.sleep import StageProbabilities
from vigil.domain.units import NS_PER_S, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.episodes import EpisodeDetector
from vigil.engine.excursions import Excursions
from vigil.engine.scene import Scene
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

REM = StageProbabilities(0.05, 0.15, 0.05, 0.75)
DEEP = StageProbabilities(0.05, 0.1, 0.8, 0.05)
AWAKE = StageProbabilities(0.97, 0.01, 0.01, 0.01)
HOUR = 3600
BASELINE, SPREAD = 56.0, 2.0
BOUNDS = EpisodeBounds(threshold=10.0)
ABOVE, BELOW = 20.0, 0.0
"""Scores over and under that threshold."""


@dataclass(frozen=True)
class Step:
    """One step: what the heart, the arm and the stage say, and the score of the moment."""

    at_s: int
    bpm: float | None = BASELINE
    score: float = BELOW
    p: StageProbabilities = REM
    quality: Quality = Quality.GOOD
    motion: MotionLook | None = None
    baseline: float | None = BASELINE
    spread: float | None = SPREAD
    sleep_onset_s: int | None = 0

    @property
    def heart(self) -> HeartLook:
        bpm = self.bpm if self.quality is Quality.GOOD else None
        return HeartLook(self.at_s * NS_PER_S, self.quality, 1000, bpm, self.baseline, self.spread)


def still(at_s: int) -> MotionLook:
    return MotionLook(at_s * NS_PER_S, known=True, range_mg=20, peak_mg=15, still_s=900.0)


@dataclass
class Watch:
    """The tracker of excursions with one detector behind it, as the engine and a follower have them."""

    detector: EpisodeDetector = field(default_factory=lambda: EpisodeDetector.of(BOUNDS))
    excursions: Excursions = field(default_factory=lambda: Excursions.of(EpisodeBounds()))

    def scene(self, step: Step) -> Scene:
        heart, at_ns = step.heart, step.at_s * NS_PER_S
        self.excursions.look(at_ns, heart, step.p)
        onset_ns = None if step.sleep_onset_s is None else step.sleep_onset_s * NS_PER_S
        motion = step.motion or still(step.at_s)
        return Scene(at_ns, heart, motion, step.p, onset_ns, step.score, self.excursions)

    def look(self, step: Step) -> list[NightOutput]:
        return self.detector.look(self.scene(step))

    def follow(self, steps: Iterable[Step]) -> list[NightOutput]:
        return [output for step in steps for output in self.look(step)]


def steps(from_s: int, to_s: int, bpm: float | None = BASELINE, score: float = BELOW) -> list[Step]:
    return [Step(at_s, bpm, score) for at_s in range(from_s, to_s, STEP_S)]
