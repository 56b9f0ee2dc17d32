"""How bright the page is at which hour. By night it is darker still, and darker the deeper the night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

THEMES = ("auto", "day", "night")

DIM_BY_HOUR = {20: 0, 21: 1, 22: 2, 23: 3, 0: 4, 1: 4, 2: 4, 3: 4, 4: 4, 5: 3, 6: 1}
"""Hours of the night theme and how far the screen is dimmed then, in five steps. Our choice.

The text keeps 4.5:1 against its ground at every step: a filter over both leaves their ratio nearly as it is."""


@dataclass(frozen=True, slots=True)
class Light:
    """theme: "day" or "night". dim: 0 to 4, the filter over the whole screen (`static/vigil.css`)."""

    theme: str
    dim: int


def light(theme: str, now: datetime) -> Light:
    """The light of this hour, unless the person chose one; choosing night by day is not dimmed."""
    night = theme == "night" or (theme != "day" and now.hour in DIM_BY_HOUR)
    return Light("night" if night else "day", DIM_BY_HOUR.get(now.hour, 0) if night else 0)
