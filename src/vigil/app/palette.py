"""Colours that can be looked at in a dark bedroom: warm, dim, and told apart by lightness as well as by hue.

One table for the terminal and the picture. Suspicions are never red: nothing here is an alarm.
"""

from __future__ import annotations

from vigil.domain.nudges import EpisodeKind
from vigil.domain.sleep import Stage

GROUND = "#1b1613"
PANEL = "#221c18"
LINE = "#3a3029"
FAINT = "#8d7d6e"
TEXT = "#d8c9b6"
BRIGHT = "#f0e2cc"
HEART = "#d98f7a"
MOVEMENT = "#a79a86"
NUDGE = "#f2c66d"

STAGE_COLOURS = {
    Stage.WAKE: "#e3b778",
    Stage.REM: "#b98fb5",
    Stage.LIGHT: "#7f9db8",
    Stage.DEEP: "#4f6fa6",
    Stage.UNSCORED: "#57493e",
}

KIND_COLOURS = {
    EpisodeKind.NIGHTMARE_LIKE: "#e0824f",
    EpisodeKind.TERROR_LIKE: "#c7a24a",
    EpisodeKind.OUT_OF_BED: "#7fa08a",
    EpisodeKind.AROUSAL: "#8f867c",
    EpisodeKind.PERIODIC: "#8b9a5b",
}
