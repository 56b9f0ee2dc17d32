"""The wearable's clock against the computer's: delays are not drift, and drift is told once."""

from __future__ import annotations

from random import Random

import pytest

from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.run.drift import TOLD_MS, Drift


def told(ppm: float, hours: float, seed: int = 1) -> list[int]:
    """What is told of a wearable whose clock runs so many millionths too fast, with delays up to 3 s."""
    drift, chance, found = Drift(), Random(seed), []
    for second in range(0, round(hours * 3600), 5):
        device_ns = round(second * NS_PER_S * (1 + ppm / 1e6))
        delay_ns = round(min(3.0, chance.expovariate(8)) * NS_PER_S)
        said = drift.take(second * NS_PER_S + delay_ns, device_ns)
        found += [] if said is None else [said]
    return found


def test_delays_are_no_drift() -> None:
    """Packets that come late now and then say nothing of the clock."""
    assert told(0, 8) == []


@pytest.mark.parametrize(("ppm", "sign"), [(200, -1), (-200, 1)])
def test_a_clock_that_runs_off_is_told(ppm: float, sign: int) -> None:
    """200 millionths make 5.8 s in a night: told whenever two seconds are full, positive where the clock is slow."""
    found = told(ppm, 8)
    assert len(found) == 2
    assert all(TOLD_MS <= sign * one < TOLD_MS + 500 for one in found)


def test_a_clock_that_jumps_is_told_once() -> None:
    """A wearable whose time is set in the night."""
    drift = Drift()
    found = [
        drift.take(second * NS_PER_S + NS_PER_MS, (second + (3600 if second > 4000 else 0)) * NS_PER_S)
        for second in range(0, 20_000, 5)
    ]
    assert [one for one in found if one is not None] == [-3_600_000]
