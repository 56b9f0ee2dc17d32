"""The strict grammar of numbers in text, and what makes one row unusable.

Python's `float` accepts `1_0`, Arabic digits, NaN and infinity (background/reliability.md section 2), so the
grammar is checked before it is called, and bounds are checked after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from vigil.domain.units import NS_PER_S

NUMBER_PATTERN = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
"""A decimal number in ASCII: no NaN, no infinity, no underscore, an exponent of three digits at most."""

_NUMBER = re.compile(rf"[ \t]*{NUMBER_PATTERN}[ \t]*").fullmatch
_SHOWN = 24


class RowFaultError(Exception):
    """One row cannot be used. `reason` is the same for every such row; `detail` quotes this one."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail or reason
        super().__init__(self.detail)


def unusable(reason: str, detail: str = "") -> NoReturn:
    """Raise RowFaultError: this row is left out."""
    raise RowFaultError(reason, detail)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a quantity is called, its unit, and between which values it is possible at all."""

    what: str
    unit: str
    low: float
    high: float

    @property
    def outside(self) -> str:
        """The reason for a value outside the bounds."""
        return f"{self.what} is impossible (not {self.low:g} to {self.high:g} {self.unit})".replace(" )", ")")


LONGEST_S = 8 * 86_400
"""A recording is a night, at most a week and a day of samples; later times are a broken clock."""

# No living heart is outside the first two (the slowest on record beats at about 26 bpm, conducted flutter reaches
# 300); finer judgement is the engine's. An interval above 3 s is lost beats, which the engine is told of.
HEART = Bounds("heart rate", "bpm", 20, 300)
BEAT = Bounds("beat interval", "ms", 100, 60_000)
TIME = Bounds("time", "s", -86_400, LONGEST_S)
DURATION = Bounds("duration", "s", 0.001, 3_600)
RANGE = Bounds("acceleration range", "g", 0, 56)  # 2 x 16 g on three axes
MEAN = Bounds("acceleration", "g", -16.5, 16.5)  # the widest range of wrist sensors, and its offset error
STEPS = Bounds("steps", "", 0, 100_000)


def is_number(cell: str) -> bool:
    """Whether a cell is a number by the strict grammar."""
    return _NUMBER(cell) is not None


def number(cell: str, bounds: Bounds, factor: float = 1.0) -> float:
    """The cell's value times `factor`, within `bounds`; raises RowFaultError."""
    if _NUMBER(cell) is not None:
        value = float(cell) * factor
        if bounds.low <= value <= bounds.high:
            return value
        unusable(bounds.outside, f"{bounds.what} {shown(cell)} is impossible")
    kind = "missing" if not cell.strip() else "not a number"
    unusable(f"{bounds.what} is {kind}", f"{bounds.what} {shown(cell)!r} is {kind}")


def instant_ns(cell: str, bounds: Bounds = TIME) -> int:
    """Seconds in a cell as whole nanoseconds, exact for nine decimals; raises RowFaultError."""
    return round(number(cell, bounds) * NS_PER_S)


def shown(cell: str) -> str:
    """A cell as it may stand in a message: short and printable."""
    text = cell.strip()
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "".join(char if char.isprintable() else "?" for char in cut)
