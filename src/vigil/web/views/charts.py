"""Small plain charts: bars over nights or weeks, drawn as outlines of SVG that the stylesheet colours.

Widths and heights scale apart from each other, so no text stands in a drawing; it stands beside it, as the page's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SLOT = 10
"""Width of one night or week, in units of the drawing."""

BAR = 7.5
"""Of it, the bar; the rest is air."""

TALL = 100
"""Height of the drawing, in its units."""

NOUGHT = 2
"""Height of what was said or measured to be nothing: a blank is a blank, and nought is not."""

NONE = "nought"
"""The name of its colour."""

Slot = Sequence[tuple[str, float]]
"""One night or week: what is stacked there, from below, each with the name of its colour; empty for nothing known."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Outlines by the name of their colour. width: units, of a drawing that is `TALL` units high."""

    width: int
    outlines: tuple[tuple[str, str], ...]

    @property
    def rules(self) -> str:
        """Lines at nothing, at half, and at the top."""
        return "".join(f"M0 {y}H{self.width}" for y in (0, TALL // 2, TALL))


def bars(slots: Sequence[Slot], most: float) -> Drawing:
    """Bars of these slots on a scale from 0 to `most`; what is higher ends at the top."""
    outlines: dict[str, list[str]] = {}
    for place, slot in enumerate(slots):
        below = 0.0
        for name, value in slot:
            height = min(TALL - below, TALL * value / most)
            if value > 0:
                outlines.setdefault(name, []).append(_bar(place, below, height))
            below += height
        if slot and below == 0:
            outlines.setdefault(NONE, []).append(_bar(place, 0, NOUGHT))
    return Drawing(SLOT * len(slots), tuple((name, "".join(found)) for name, found in outlines.items()))


def _bar(place: int, below: float, height: float) -> str:
    x, y = place * SLOT + (SLOT - BAR) / 2, TALL - below - height
    return f"M{x:g} {y:.4g}h{BAR}v{height:.4g}h-{BAR}z"


@dataclass(frozen=True, slots=True)
class Whisker:
    """An interval on a scale from -1 to 1, drawn 200 units wide. low, high: its ends; value: its middle mark."""

    low: float
    high: float
    value: float


def whisker(low: float, value: float, high: float) -> Whisker:
    """Of an interval from -1 to 1."""
    return Whisker(*(round(100 + 100 * one, 1) for one in (low, high, value)))
