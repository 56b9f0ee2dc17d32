"""The sizes in which a poster is drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's size and margins in pixels. font: of its words. columns: into how many a ribbon is cut."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    font: int
    columns: int
    most_ticks: int
    label_rows: int


DESK = Size(1120, 660, 66, 14, 84, 40, 15, 360, 11, 3)
PHONE = Size(380, 560, 52, 8, 84, 36, 13, 180, 5, 3)
WALL = Size(1200, 848, 110, 60, 214, 112, 16, 360, 11, 3)
"""A landscape sheet by the proportions of ISO 216, with its title in the picture."""
