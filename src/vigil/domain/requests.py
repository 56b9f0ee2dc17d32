"""What may be asked of an output: which, why, how strong, how long."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vigil.domain.plain import register


@register
class Output(Enum):
    """Something that can touch the sleeper."""

    VIBRATION = "vibration"
    SOUND = "sound"
    LIGHT = "light"


@register
class Purpose(Enum):
    """Why an output is asked to act. Each purpose has its own row of caps in the guard."""

    NUDGE = "nudge"
    TEST = "test"
    """by day, asked for by somebody who is awake; never once a night has begun"""


@register
@dataclass(frozen=True, slots=True)
class NudgeRequest:
    """What the controller asks of the guard.

    level: step of the output's ladder, from 1. duration_ms: of the whole train. strength_percent: 1 to 100 of what the
    output may do at all; 0 where an older night did not say.
    """

    purpose: Purpose
    episode: int
    output: Output
    level: int
    duration_ms: int
    strength_percent: int = 0
