"""The time of a night, over restarts and reboots."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.control.guard import Facts, Guard, Refusal
from vigil.domain.nudges import Ledger, LedgerRow, ReasonCode
from vigil.domain.permits import Permit
from vigil.domain.records import Mode, NightBegan, Restarted
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Quality
from vigil.domain.settings import CapSettings
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.run.axis import (
    LONGEST_GAP_NS,
    PROOF_EVERY_NS,
    NightClock,
    ProvenWall,
    on_axis,
    proven_gap_ms,
    shift_after,
)
from vigil.run.ports import VirtualClock

S = NS_PER_S
MINUTE = 60 * S
EVENING_MS = 1_790_000_000_000
"""An evening in 2026."""


def row(at_ns: int, boot_id: str) -> LedgerRow:
    return LedgerRow("n", 1, boot_id, at_ns, 77, Purpose.NUDGE, 1, Output.VIBRATION, 1, 2200)


def test_the_clock_of_a_night_is_the_boot_clock_moved() -> None:
    """Waiting is until the night's own instant; the other clocks are as they are."""
    inner = VirtualClock(100 * S, 5_000)
    clock = NightClock(inner, 40 * S)
    assert (clock.boot_ns(), clock.mono_ns(), clock.wall_ms()) == (140 * S, 100 * S, 5_000)
    asyncio.run(clock.wait_until(150 * S))
    assert (clock.boot_ns(), inner.boot_ns()) == (150 * S, 110 * S)


def test_within_one_boot_the_boot_clock_knows() -> None:
    """It went on while nobody looked."""
    assert shift_after(100 * S, 107 * S, same_boot=True, gap_ms=None) == 0


def test_within_a_boot_that_is_not_the_nights_first_it_knows_as_well() -> None:
    """A reboot set the clock back once; a process that dies after it was away for as long as the boot clock says.

    Found by the year of nights (seed 1, night 201): fifteen minutes in which nothing ran were told as one second.
    """
    before_ns = 80 * S
    assert shift_after(100 * S, 27 * S, same_boot=True, gap_ms=None, before_ns=before_ns) == before_ns
    assert shift_after(100 * S, 27 * S, same_boot=False, gap_ms=None, before_ns=before_ns) == 74 * S


@pytest.mark.parametrize(
    ("gap_ms", "expected_s"),
    [(7_300, 7.3), (None, 1), (-5, 1), (0, 1), (999, 1), (LONGEST_GAP_NS // NS_PER_MS + 1, 1)],
)
def test_after_a_reboot_the_wall_clock_says_how_long_it_was(gap_ms: int | None, expected_s: float) -> None:
    """Where it can be believed; else a second, the least: what was given counts as given just now."""
    shift_ns = shift_after(100 * S, 20 * S, same_boot=False, gap_ms=gap_ms)
    assert 20 * S + shift_ns == (100 + expected_s) * S


@given(
    last=st.integers(-(10**16), 10**16),
    boot=st.integers(0, 10**16),
    same=st.booleans(),
    gap=st.none() | st.integers(-(10**15), 10**15),
    before=st.integers(-(10**16), 10**16),
)
def test_a_night_never_goes_back(last: int, boot: int, same: bool, gap: int | None, before: int) -> None:
    """Whatever the clocks say, what comes is later than what was kept."""
    assert boot + shift_after(last, boot, same_boot=same, gap_ms=gap, before_ns=before) > last


def test_rows_of_this_boot_count_on_the_time_of_the_night() -> None:
    """Those of another are left to the guard, which knows what to make of them."""
    ledger = on_axis(Ledger((row(5, "this"), row(6, "other"), row(7, ""))), "this", 100)
    assert [each.at_ns for each in ledger.rows] == [105, 6, 7]
    assert on_axis(Ledger((row(5, ""),)), "", 100).rows[0].at_ns == 5
    assert on_axis(Ledger(readable=False), "this", 100) == Ledger(readable=False)


# -- the wall clock of a ledger row --------------------------------------------------------------------------------


class Asked:
    """A computer that is asked whether its clock was set, so often."""

    def __init__(self, answer: bool | None) -> None:
        self.answer = answer
        self.times = 0

    def __call__(self) -> bool | None:
        self.times += 1
        return self.answer


def looked_at(wall: ProvenWall, clock: VirtualClock, seconds: int) -> None:
    for _ in range(seconds):
        asyncio.run(clock.wait_until(clock.boot_ns() + S))
        assert wall.notices(clock.boot_ns()) == ()


def test_a_row_carries_the_wall_clock_once_it_is_proven() -> None:
    """Sane, and set from outside; asked once a minute until then, and never again: the boot clock counts on."""
    clock, asked = VirtualClock(100 * S, EVENING_MS), Asked(False)
    wall = ProvenWall(clock, asked)
    assert wall.wall_ms() is None
    looked_at(wall, clock, 2 * PROOF_EVERY_NS // S)
    assert (wall.wall_ms(), asked.times) == (None, 2)
    asked.answer = True
    looked_at(wall, clock, 1)
    assert (wall.wall_ms(), asked.times) == (clock.wall_ms(), 3)
    looked_at(wall, clock, 600)
    assert (wall.wall_ms(), asked.times) == (clock.wall_ms(), 3)


@pytest.mark.parametrize(
    ("evening_ms", "newest_ms", "doubtful", "answer"),
    [
        (5_000, None, False, True),
        (EVENING_MS, EVENING_MS + 10**9, False, True),
        (EVENING_MS, None, True, True),
        (EVENING_MS, None, False, None),
    ],
)
def test_without_proof_a_row_carries_none(
    evening_ms: int, newest_ms: int | None, doubtful: bool, answer: bool | None
) -> None:
    """In 1970, before what is known, after a step, or where the computer does not say that its clock was set."""
    clock = VirtualClock(100 * S, evening_ms)
    wall = ProvenWall(clock, Asked(answer), newest_ms, doubtful)
    looked_at(wall, clock, 130)
    assert wall.wall_ms() is None


@pytest.mark.parametrize("step_ms", [-7_200_000, -2_000, 2_000, 10**11])
def test_a_step_after_the_proof_ends_it(step_ms: int) -> None:
    """One of the two was wrong, and nobody knows which; a row between the step and the look carries the old one."""
    clock = VirtualClock(100 * S, EVENING_MS)
    wall = ProvenWall(clock, Asked(True))
    looked_at(wall, clock, 1)
    before = clock.wall_ms()
    clock.step_wall(step_ms)
    assert wall.wall_ms() == before
    looked_at(wall, clock, 1)
    assert wall.wall_ms() is None
    clock.step_wall(-step_ms)
    looked_at(wall, clock, 130)
    assert wall.wall_ms() is None


def test_a_clock_that_is_faster_than_life_is_never_proven_for_long() -> None:
    """A night at sixty times its speed counts as now after a reboot."""
    clock = VirtualClock(100 * S, EVENING_MS)
    wall = ProvenWall(clock, Asked(True))
    for _ in range(4):
        looked_at(wall, clock, 1)
        clock.step_wall(-983)
    assert wall.wall_ms() is None


def test_a_pause_is_believed_only_between_two_proven_ends() -> None:
    """And within one boot only where the boot clock says the same."""
    last_ns, now = 50 * S, VirtualClock(100 * S, EVENING_MS)
    for last_ms, same, is_set, gap_ms in (
        (EVENING_MS - 50_000, True, True, 50_000),
        (EVENING_MS - 48_001, True, True, 48_001),
        (EVENING_MS - 48_000, True, True, None),
        (EVENING_MS - 7_200_000, False, True, 7_200_000),
        (EVENING_MS - 7_200_000, True, True, None),
        (EVENING_MS - 50_000, False, False, None),
        (EVENING_MS - 50_000, False, None, None),
        (EVENING_MS + 1, False, True, None),
        (None, False, True, None),
    ):
        assert proven_gap_ms(last_ns, last_ms, now, same_boot=same, synchronised=is_set) == gap_ms


def test_a_clock_that_was_set_right_forgives_no_nudge() -> None:
    """Two hours behind, six nudges, set right, a power cut: the seventh of the hour is refused also after it."""
    clock, asked = VirtualClock(0, EVENING_MS), Asked(False)
    wall, caps = ProvenWall(clock, asked), CapSettings(per_hour=6, per_18_hours=12)
    guard = Guard.with_caps(caps, 30, 4, armed=True)
    guard.note(NightBegan(0, Mode.ON, "n", boot_id="one", wall_ms=EVENING_MS))
    rows = []
    for number in range(1, 8):
        asyncio.run(clock.wait_until((58 + 2 * number) * MINUTE))
        wall.notices(clock.boot_ns())
        permit = guard.ask(request := a_request(number), facts(clock.boot_ns()))
        assert isinstance(permit, Permit) is (number < 7)
        if isinstance(permit, Permit):
            what = (request.purpose, number, request.output, request.level, request.duration_ms)
            rows.append(LedgerRow("n", permit.serial, "one", clock.boot_ns(), wall.wall_ms(), *what))
    clock.step_wall(7_200_000)
    asked.answer = True
    looked_at(wall, clock, 130)
    set_right = VirtualClock(10 * S, clock.wall_ms() + 60_000)
    last_ns = clock.boot_ns()
    gap_ms = proven_gap_ms(last_ns, None, set_right, same_boot=False, synchronised=True)  # the start was not proven
    now_ns = set_right.boot_ns() + shift_after(last_ns, set_right.boot_ns(), same_boot=False, gap_ms=gap_ms)
    assert now_ns - last_ns == S
    guard.note(Restarted(now_ns, "two", set_right.wall_ms(), True, Ledger(tuple(rows)), since_ns=last_ns))
    refused = guard.ask(a_request(20), facts(now_ns + 6 * MINUTE))
    assert isinstance(refused, Refusal)
    assert ReasonCode.CAP_HOUR in {reason.code for reason in refused.reasons}


def a_request(episode: int) -> NudgeRequest:
    return NudgeRequest(Purpose.NUDGE, episode, Output.VIBRATION, 1, 2_000, 20)


def facts(at_ns: int) -> Facts:
    return Facts(at_ns, Quality.GOOD, 1_000, at_ns - 10 * MINUTE, 0, upright=False)
