"""The grids on which Vigil counts, and the only conversions between them.

Instants are integer nanoseconds (`_ns`), durations in records integer milliseconds (`_ms`), acceleration
integer milli-g (`_mg`), heart rate integer tenths of a beat per minute (`_bpm_x10`). Integers survive a
round trip through the store and any file unchanged, so a night that is read back gives the same digest.
Floats appear only in what is *derived*: features, probabilities, scores.
"""

from __future__ import annotations

import math

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
MS_PER_S = 1_000
NS_PER_MINUTE = 60 * NS_PER_S

EPOCH_S = 30
"""Length of a sleep epoch in seconds (AASM scoring manual, 2007 and later)."""

EPOCH_NS = EPOCH_S * NS_PER_S

STEP_S = 5
"""Seconds between two looks of the engine: a wrist sensor sends heart rate about every 5 s, so a finer
step would look at the same value twice."""

STEP_NS = STEP_S * NS_PER_S

MAX_INSTANT_NS = 2**62
"""Instants beyond this (146 years of uptime) are refused: they can only come from a broken clock."""


def ns_from_s(seconds: float) -> int:
    """Seconds to the nearest whole nanosecond; raises ValueError for NaN, infinity or beyond the bound."""
    if not math.isfinite(seconds) or abs(seconds) * NS_PER_S > MAX_INSTANT_NS:
        message = f"{seconds!r} s is not an instant"
        raise ValueError(message)
    return round(seconds * NS_PER_S)


def s_from_ns(nanoseconds: int) -> float:
    """Nanoseconds to seconds."""
    return nanoseconds / NS_PER_S


def bpm_x10_from_rr(rr_ms: int) -> int:
    """The heart rate, in tenths of a bpm, at which beats are `rr_ms` apart; raises ValueError if not positive."""
    if rr_ms <= 0:
        message = f"a beat interval of {rr_ms} ms is impossible"
        raise ValueError(message)
    return (600_000 + rr_ms // 2) // rr_ms
