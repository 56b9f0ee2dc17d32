"""What is perceived at one step, whatever the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from vigil.domain.records import NightOutput
from vigil.domain.sleep import StageProbabilities
from vigil.engine.excursions import Excursions
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the detector looks at in one step.

    sleep_onset_ns: None before sleep. score: evidence, in ordinary nights between two such moments, at least 0.
    excursions: the tracker itself, to be read within the step and not kept.
    """

    at_ns: int
    heart: HeartLook
    motion: MotionLook
    p: StageProbabilities
    sleep_onset_ns: int | None
    score: float
    excursions: Excursions


class Perceived(NamedTuple):
    """A step as perceived: the scene, whether a nudge would be possible for all the data say, and what was said of it.

    p_wake: of the last scored epoch, None before the first. outputs: epochs scored and changes of quality, in order.
    """

    scene: Scene
    watchable: bool
    p_wake: float | None
    outputs: tuple[NightOutput, ...]
