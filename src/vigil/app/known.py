"""What really happened in a night, where that is known: in simulation, or from a scorer's marks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """What is known to have happened, beside what Vigil noticed: a simulated episode, or a scored mark.

    Seconds from lights-out. `nightmare` False for what only looks like one.
    """

    from_s: float
    to_s: float
    nightmare: bool = True
