"""Clocks that can be told apart, and a live loop that notices when they part."""

from __future__ import annotations

import asyncio

from vigil.domain.nudges import Ledger
from vigil.domain.records import ClockStepped, Event, NightBegan, Resumed
from vigil.domain.units import NS_PER_S
from vigil.run.live import noticed_changes
from vigil.run.ports import NoKeeper, VirtualClock, WallClock


def test_waiting_on_a_virtual_clock_takes_no_time() -> None:
    """A night passes as fast as it can be computed."""
    clock = VirtualClock(5, wall_ms=1000)
    asyncio.run(clock.wait_until(10 * NS_PER_S))
    assert clock.boot_ns() == clock.mono_ns() == 10 * NS_PER_S
    assert clock.wall_ms() == 11_000
    asyncio.run(clock.wait_until(NS_PER_S))
    assert clock.boot_ns() == 10 * NS_PER_S


def test_the_wall_clock_goes_forward_and_may_be_sped_up() -> None:
    """At a thousandfold speed a tenth of a simulated second is over at once."""
    clock = WallClock(1000)
    start = clock.boot_ns()
    asyncio.run(clock.wait_until(start + NS_PER_S // 10))
    assert clock.boot_ns() >= start + NS_PER_S // 10
    assert clock.mono_ns() > 0
    assert clock.wall_ms() > 1_500_000_000_000


def changes_after(change: str) -> list[Event]:
    clock = VirtualClock(100 * NS_PER_S, wall_ms=1_000_000)
    notice = noticed_changes(clock)
    assert notice(0) == []
    if change == "suspend":
        clock.suspend(90 * NS_PER_S)
    elif change == "step":
        clock.step_wall(-3_600_000)
    elif change == "both":
        clock.suspend(5 * NS_PER_S)
        clock.step_wall(3_000)
    found = notice(7)
    assert notice(8) == []
    return found


def test_a_suspend_is_noticed() -> None:
    """boot went on and mono did not."""
    assert changes_after("suspend") == [Resumed(7, 90_000)]


def test_a_clock_step_is_noticed() -> None:
    """wall jumped against boot, backwards too."""
    assert changes_after("step") == [ClockStepped(7, -3_600_000)]


def test_both_at_once_are_both_noticed() -> None:
    """A laptop that wakes and then asks for the time."""
    assert changes_after("both") == [Resumed(7, 5_000), ClockStepped(7, 3_000)]


def test_time_going_by_is_no_change() -> None:
    """Two seconds later nothing has happened."""
    clock = VirtualClock()
    notice = noticed_changes(clock)
    asyncio.run(clock.wait_until(2 * NS_PER_S))
    assert notice(0) == []


def test_keeping_nothing_is_allowed() -> None:
    """A replay whose only result is its report needs no store."""
    keeper = NoKeeper()
    began = NightBegan(0, ledger=Ledger())
    keeper.begin(began)
    keeper.add(began)
    keeper.commit()
    assert not vars(keeper)
