"""Virtual time: timers in their order and at their instant, no waiting, and what really takes time holds it still."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.run.ports import Clock
from vigil.run.virtual_loop import LoopClock, VirtualTimeLoop, run_virtual

NIGHT_S = 8 * 3600
LATE_NS = 40 * 24 * 3600 * NS_PER_S
"""A computer that has been up for forty days: fractions of a nanosecond are long lost in a float."""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected sockets, neither of which blocks."""
    one, other = socket.socketpair()
    for end in (one, other):
        end.setblocking(False)
    yield one, other
    one.close()
    other.close()


def test_a_night_of_seconds_takes_no_time() -> None:
    """28,800 sleeps of a second pass without being waited for, and none is lost or early."""

    async def night() -> list[float]:
        loop = asyncio.get_running_loop()
        seen = []
        for _ in range(NIGHT_S):
            await asyncio.sleep(1)
            seen.append(loop.time())
        return seen

    seen = run_virtual(night())
    assert len(seen) == NIGHT_S
    assert seen[0] == pytest.approx(1)
    assert seen[-1] == pytest.approx(NIGHT_S, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20), st.sampled_from([0, LATE_NS]))
def test_timers_fire_in_order_and_never_early(delays_ms: list[int], start_ns: int) -> None:
    """Each timer sees a time that is its own or later by less than a microsecond, in order of the instants."""

    async def fire() -> list[tuple[int, int]]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        fired: list[tuple[int, int]] = []
        done = asyncio.Event()

        def fire_one(ms: int) -> None:
            fired.append((ms, loop.now_ns - start_ns))

        for ms in delays_ms:
            loop.call_later(ms / 1000, fire_one, ms)
        loop.call_later(max(delays_ms) / 1000 + 1, done.set)
        await done.wait()
        return fired

    fired = run_virtual(fire(), start_ns)
    assert [ms for ms, _ in fired] == sorted(delays_ms)
    for ms, at_ns in fired:
        assert abs(at_ns - ms * NS_PER_MS) < 1000


def test_a_timeout_fires_at_its_instant() -> None:
    """What never answers is given up after exactly the seconds that were said."""

    async def wait() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_virtual(wait()) == pytest.approx(3600)


def test_a_socket_that_speaks_comes_before_the_jump(pair: tuple[socket.socket, socket.socket]) -> None:
    """What lies ready on a socket is read before time moves on to the next timer."""
    one, other = pair

    async def read() -> tuple[bytes, float]:
        loop = asyncio.get_running_loop()
        other.send(b"now")
        async with asyncio.timeout(0.001):
            return await loop.sock_recv(one, 16), loop.time()

    assert run_virtual(read()) == (b"now", 0.0)


def test_silence_on_the_sockets_is_waited_for(pair: tuple[socket.socket, socket.socket]) -> None:
    """With another process on the line, time stands still for `idle_s` real seconds, and it can answer."""
    one, other = pair

    async def read() -> tuple[bytes, float]:
        loop = asyncio.get_running_loop()
        threading.Timer(0.02, other.send, (b"late",)).start()
        async with asyncio.timeout(1):
            return await loop.sock_recv(one, 16), loop.time()

    assert run_virtual(read(), idle_s=10) == (b"late", 0.0)


def test_time_moves_only_once_all_is_settled(pair: tuple[socket.socket, socket.socket]) -> None:
    """`settle` is asked before each jump, and what it made come is read before time moves."""
    one, other = pair
    asked: list[int] = []

    def settle() -> None:
        asked.append(1)
        if len(asked) == 1:
            other.send(b"settled")

    async def read() -> tuple[bytes, float]:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(1):
            return await loop.sock_recv(one, 16), loop.time()

    assert run_virtual(read(), settle=settle) == (b"settled", 0.0)
    assert asked == [1]


def test_a_thread_holds_time_still() -> None:
    """A timeout around work in a thread does not fire because the work takes real time."""
    free = threading.Event()

    async def work() -> tuple[bool, float]:
        loop = asyncio.get_running_loop()
        threading.Timer(0.02, free.set).start()
        async with asyncio.timeout(0.001):
            return await asyncio.to_thread(free.wait, 10), loop.time()

    assert run_virtual(work()) == (True, 0.0)


def test_work_that_cannot_be_begun_lets_time_go_on() -> None:
    """An executor that refuses leaves the clock as it was."""

    async def work() -> float:
        loop = asyncio.get_running_loop()
        await loop.shutdown_default_executor()
        with pytest.raises(RuntimeError):
            await asyncio.to_thread(int)
        await asyncio.sleep(5)
        return loop.time()

    assert run_virtual(work()) == pytest.approx(5)


def test_real_time_can_be_asked_for(pair: tuple[socket.socket, socket.socket]) -> None:
    """Inside `real_time` no timer fires, however long the other process takes."""
    one, other = pair

    async def read() -> bytes:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.call_later(0.001, pytest.fail)
        threading.Timer(0.02, other.send, (b"slow",)).start()
        with loop.real_time():
            return await loop.sock_recv(one, 16)

    assert run_virtual(read()) == b"slow"


def test_jumps_are_counted() -> None:
    """As many jumps as timers at instants of their own."""

    async def three() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        for _ in range(3):
            await asyncio.sleep(1)
        return loop.jumps

    assert run_virtual(three()) == 3


def test_the_clock_shows_the_loops_time() -> None:
    """Waiting until an instant ends at that instant, on a computer that was just started or long up."""

    async def wait(start_ns: int) -> tuple[int, int, int]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        clock = LoopClock(loop, wall_ms=1_000_000)
        as_clock: Clock = clock
        await as_clock.wait_until(start_ns + 90 * NS_PER_S)
        return clock.boot_ns() - start_ns, clock.mono_ns() - start_ns, clock.wall_ms()

    for start_ns in (0, LATE_NS):
        boot, mono, wall = run_virtual(wait(start_ns), start_ns)
        assert 90 * NS_PER_S <= boot < 90 * NS_PER_S + 1000
        assert mono == boot
        assert wall == pytest.approx(1_090_000, abs=1)


def test_a_suspend_and_a_step_show_as_on_a_computer() -> None:
    """Suspended time counts on the boot and wall clocks only, a step on the wall clock only; waiting knows both."""

    async def asleep() -> tuple[int, int, int, float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        clock = LoopClock(loop)
        loop.call_later(10, clock.suspend, 60 * NS_PER_S)
        loop.call_later(10, clock.step_wall, -5000)
        await clock.wait_until(100 * NS_PER_S)
        return clock.mono_ns() // NS_PER_S, clock.boot_ns() // NS_PER_S, clock.wall_ms(), loop.time()

    mono, boot, wall, _ = run_virtual(asleep())
    assert mono == 100
    assert boot == 160
    assert wall == 155_000
