"""The golden nights: simulated, short, each with something in it; and how they are written down."""

from __future__ import annotations

import math
import re
from pathlib import Path

from tests.nights import Night, simulated_night
from vigil.night.transcript import canonical

FOLDER = Path(__file__).parent

GOLDEN = {"strong": (1, 2.0), "bathroom": (2, 2.0), "dropouts": (2, 1.5), "apnoea": (4, 1.5)}
"""Plan: seed and hours. Whatever moves one of these belongs in the CHANGELOG, under Numbers."""

NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")


def golden_night(plan: str) -> Night:
    seed, hours = GOLDEN[plan]
    return simulated_night(plan, seed, hours)


def text_of(night: Night) -> str:
    """One canonical line an output, times from lights-out."""
    return "".join(f"{canonical(output, night.began.at_ns)}\n" for output in night.outputs)


def differences(expected: str, actual: str) -> list[str]:
    """Lines that differ: words and whole numbers exactly, fractions beyond 1e-6."""
    before, now = expected.splitlines(), actual.splitlines()
    found = [f"- {a}\n+ {b}" for a, b in zip(before, now, strict=False) if not _same(a, b)]
    if len(before) != len(now):
        found.append(f"{len(before)} lines before, {len(now)} now")
    return found


def _same(a: str, b: str) -> bool:
    if NUMBER.sub("#", a) != NUMBER.sub("#", b):
        return False
    pairs = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
    return all(math.isclose(float(x), float(y), rel_tol=1e-6, abs_tol=1e-6) for x, y in pairs)
