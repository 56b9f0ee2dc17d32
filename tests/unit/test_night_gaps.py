"""Time in which nothing ran is blind time, to the step."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.nights import pushed
from vigil.domain.nudges import Decision
from vigil.domain.records import (
    ClockStepped,
    EpochScored,
    Input,
    LinkLost,
    NightBegan,
    NightClosed,
    NightEnded,
    NightOutput,
    Restarted,
    Resumed,
    Tick,
)
from vigil.domain.samples import HeartSample, MotionSummary
from vigil.domain.units import NS_PER_S, STEP_S
from vigil.night.gaps import stood_still

MINUTE_S = 60


def heard(from_s: int, to_s: int) -> list[Input]:
    """A heart rate and a still wrist once a second, after `from_s` and up to `to_s`."""
    inputs: list[Input] = []
    for at_s in range(from_s + 1, to_s + 1):
        inputs.append(HeartSample(at_s * NS_PER_S, 580 + (at_s * 7) % 13))
        inputs.append(MotionSummary(at_s * NS_PER_S, 1000, 12, mean_mg=(0, 0, 1000)))
    return inputs


def blind_s(*middle: Input, gap_s: int) -> int:
    """Blind seconds of forty minutes with a gap after the twentieth, and what ended it."""
    after_s = 20 * MINUTE_S + gap_s
    _, outputs = pushed(
        [
            NightBegan(0, heart_cadence_ms=1000),
            *heard(0, 20 * MINUTE_S),
            *middle,
            *heard(after_s, 40 * MINUTE_S),
            NightEnded(40 * MINUTE_S * NS_PER_S),
        ]
    )
    account = closed(outputs)
    epochs = [one for one in outputs if isinstance(one, EpochScored)]
    assert sum(one.watched_s for one in epochs) == account.watched_s
    assert account.watched_s + account.blind_s == 40 * MINUTE_S
    return account.blind_s


def closed(outputs: list[NightOutput]) -> NightClosed:
    (one,) = [output for output in outputs if isinstance(output, NightClosed)]
    return one


WARM_S = 5 * MINUTE_S - STEP_S
"""How long it warms up afterwards; the step at whose end five minutes are over is watched."""


@pytest.mark.parametrize("gap_s", [5, 10, 60])
def test_a_restart_is_blind_from_the_last_that_was_heard(gap_s: int) -> None:
    """Also for the seconds in which an old heart rate would still have counted as fresh; then it warms up anew."""
    restarted = Restarted((20 * MINUTE_S + gap_s) * NS_PER_S, "another boot")
    extra = blind_s(restarted, gap_s=gap_s) - blind_s(gap_s=0)
    assert extra == gap_s + WARM_S


@pytest.mark.parametrize("gap_s", [10, 60])
def test_a_computer_that_slept_was_blind(gap_s: int) -> None:
    """As long as it says that it slept, and then while it warms up."""
    resumed = Resumed((20 * MINUTE_S + gap_s) * NS_PER_S, gap_s * 1000)
    assert blind_s(resumed, gap_s=gap_s) - blind_s(gap_s=0) == gap_s + WARM_S


def test_a_clock_that_steps_warms_up_as_the_guard_does() -> None:
    """Nothing may be done for five minutes, so nothing was watched for them."""
    assert blind_s(ClockStepped(20 * MINUTE_S * NS_PER_S, 3_600_000), gap_s=0) - blind_s(gap_s=0) == WARM_S + STEP_S


@pytest.mark.parametrize(
    ("asleep_ms", "from_s"), [(4_000, 96), (900_000, 90), (0, 100), (-5, 90), (math.nan, 90), (None, 90), (True, 90)]
)
def test_a_sleep_is_never_longer_than_since_the_last_input(asleep_ms: Any, from_s: int) -> None:
    """A length that is none counts in full: blind is the careful side."""
    found = stood_still(Resumed(100 * NS_PER_S, asleep_ms), 90 * NS_PER_S)
    assert found == (from_s * NS_PER_S, 100 * NS_PER_S)


def test_only_a_start_or_a_sleep_is_a_gap() -> None:
    """Time goes on with any other input."""
    for record in (Tick(100), LinkLost(100), HeartSample(100, 600), ClockStepped(100, 5)):
        assert stood_still(record, 90) is None


@pytest.mark.parametrize(("since_s", "from_s"), [(95, 95), (None, 90), (89, 90), (101, 90), (math.nan, 90), ("x", 90)])
def test_a_restart_is_blind_since_it_says_that_it_was(since_s: Any, from_s: int) -> None:
    """Within what can be: between the last input and the restart; else since the last input."""
    since_ns: Any = since_s * NS_PER_S if isinstance(since_s, int) else since_s
    found = stood_still(Restarted(100 * NS_PER_S, "a boot", since_ns=since_ns), 90 * NS_PER_S)
    assert found == (from_s * NS_PER_S, 100 * NS_PER_S)


@pytest.mark.parametrize("back", [Restarted(0, "boot"), Resumed(0, 90_000)])
def test_in_time_in_which_nothing_ran_nothing_is_decided(back: Restarted | Resumed) -> None:
    """Whoever comes back does not decide for the time before: what was spent in it is not known yet.

    Found by the year of nights (seed 1, night 17): a nudge given just before a kill was given again just after it.
    """
    from_s, to_s = 20 * MINUTE_S, 20 * MINUTE_S + 90
    _, outputs = pushed(
        [
            NightBegan(0, boot_id="boot", heart_cadence_ms=1000),
            *heard(0, from_s),
            Tick(from_s * NS_PER_S),
            replace(back, at_ns=to_s * NS_PER_S),
            *heard(to_s, to_s + 60),
            Tick((to_s + 60) * NS_PER_S),
        ]
    )
    decided = [one.at_ns // NS_PER_S for one in outputs if isinstance(one, Decision)]
    assert [at_s for at_s in decided if from_s < at_s <= to_s] == []
    assert [at_s for at_s in decided if at_s > to_s] != []
    scored = [one.at_ns // NS_PER_S for one in outputs if isinstance(one, EpochScored)]
    assert scored == list(range(30, to_s + 61, 30)), "epochs are scored all the same"
