"""A hypnogram in a few lines of text, for terminals and for people who read pictures with their ears."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from vigil.app import palette
from vigil.app.clock_words import NightClock
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_S

ROWS = (Stage.WAKE, Stage.REM, Stage.LIGHT, Stage.DEEP)
"""From the top down, as in the field."""

WORDS = {
    Stage.WAKE: "awake",
    Stage.REM: "REM",
    Stage.LIGHT: "light",
    Stage.DEEP: "deep",
    Stage.UNSCORED: "not scored",
}

WIDTH = 72

_HEIGHTS = {Stage.WAKE: "█", Stage.REM: "▆", Stage.LIGHT: "▄", Stage.DEEP: "▂", Stage.UNSCORED: " "}
MARGIN = 7
"""Columns taken by the names of the rows."""


def columns(stages: Sequence[Stage], width: int = WIDTH) -> list[Stage]:
    """The stages squeezed into at most `width` columns: the commonest of each, the earlier row of `ROWS` on a tie."""
    count = len(stages)
    width = min(width, count)
    cut = [stages[count * index // width : count * (index + 1) // width] for index in range(width)]
    return [_commonest(part) for part in cut]


def _commonest(part: Sequence[Stage]) -> Stage:
    counts = Counter(part)
    return max((*ROWS, Stage.UNSCORED), key=lambda stage: counts[stage])


def staircase(stages: Sequence[Stage], clock: NightClock, width: int = WIDTH) -> list[Text]:
    """Four rows of blocks, awake on top, and a line of hours; nothing for a night without epochs."""
    squeezed = columns(stages, width)
    if not squeezed:
        return []
    lines = []
    for row in ROWS:
        blocks = "".join("█" if stage is row else " " for stage in squeezed).rstrip()
        line = Text(f"{WORDS[row]:>{MARGIN - 1}} ", style=palette.FAINT)
        lines.append(line.append(blocks, style=palette.STAGE_COLOURS[row]))
    return [*lines, Text(" " * MARGIN + _hours(len(stages), len(squeezed), clock), style=palette.FAINT)]


def _hours(epochs: int, width: int, clock: NightClock) -> str:
    """Time words under the columns they belong to, hour by hour, as many as find room."""
    line = ""
    out = clock.lights_out
    first = 0 if out is None else -(out.minute * 60 + out.second) % 3600
    for second in range(first, epochs * EPOCH_S, 3600):
        at = second * width // (epochs * EPOCH_S)
        if not line or at >= len(line) + 2:
            line = line.ljust(at) + clock.words(second)
    return line or clock.words(0)


def ribbon(stages: Sequence[Stage], width: int = WIDTH) -> Text:
    """The same in one line: the higher the block, the lighter the sleep."""
    line = Text()
    for stage in columns(stages, width) if stages else ():
        line.append(_HEIGHTS[stage], style=palette.STAGE_COLOURS[stage])
    return line
