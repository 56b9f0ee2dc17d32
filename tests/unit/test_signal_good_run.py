"""How long the heart signal has been good, as the guard will ask."""

from __future__ import annotations

import pytest

from vigil.domain.samples import HeartSample, Quality
from vigil.domain.units import NS_PER_S, STEP_S
from vigil.signal.heart import HeartLook, HeartTracker


def looks(gaps: list[tuple[int, int]], until_s: int = 600) -> dict[int, HeartLook]:
    """Looks every step at a watch that sends every 5 s, except within the gaps (from, to) in seconds."""
    tracker = HeartTracker()
    tracker.begin(5000)
    seen = {}
    for at_s in range(0, until_s, STEP_S):
        if not any(low <= at_s < high for low, high in gaps):
            tracker.take_heart(HeartSample(at_s * NS_PER_S, 580 + at_s % 7))
        seen[at_s] = tracker.look(at_s * NS_PER_S)
    return seen


def test_a_short_pause_does_not_break_a_good_run() -> None:
    """A drop-out of a moving arm costs its own length, not five minutes."""
    seen = looks([(300, 345)])
    assert seen[340].quality is Quality.STALE
    assert seen[340].good_since_ns is None
    assert seen[345].good_since_ns == seen[100].good_since_ns == 0


@pytest.mark.parametrize("length_s", [90, 200])
def test_a_long_pause_does(length_s: int) -> None:
    """After a minute without values the good run begins anew."""
    seen = looks([(300, 300 + length_s)])
    assert seen[595].good_since_ns == (300 + length_s) * NS_PER_S


@pytest.mark.parametrize("loss", ["link", "wrist"])
def test_a_reconnection_always_does(loss: str) -> None:
    """However short: the wearable was away, or off the wrist."""
    tracker = HeartTracker()
    tracker.begin(5000)
    turn = tracker.link if loss == "link" else tracker.contact
    for at_s in range(0, 60, STEP_S):
        if at_s == 30:
            turn(False)
        if at_s == 35:
            turn(True)
        tracker.take_heart(HeartSample(at_s * NS_PER_S, 580 + at_s % 7))
        look = tracker.look(at_s * NS_PER_S)
    assert look.good_since_ns == 35 * NS_PER_S
