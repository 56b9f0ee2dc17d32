"""An event loop whose time is virtual: a night of timers runs at the speed of the processor.

`asyncio` asks its selector to wait until the next timer. Here the selector looks at its sockets, and if they are
silent it moves the loop's time on by what was to be waited. Nothing but `time()` and the selector is replaced, both
through public parameters of `asyncio.SelectorEventLoop` (Python library reference, Event loop; `selectors`).

Two things hold time still, because they take real time: a function in an executor, and whatever `settle` waits for.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from vigil.domain.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def _nothing() -> None:
    """Settle a world that is all in this process: there is nothing to wait for."""


class _JumpingSelector(selectors.BaseSelector):
    """Waits by moving a virtual clock on, unless a socket speaks or something in real time is under way."""

    def __init__(self, start_ns: int, idle_s: float, settle: Callable[[], None]) -> None:
        self.now_ns = start_ns
        self.holds = 0
        self.jumps = 0
        self._real = selectors.DefaultSelector()
        self._idle_s, self._settle = idle_s, settle

    def register(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        return self._real.get_map()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Give what is ready; timeout: seconds until the next timer, None where there is none.

        Without a timer, and while something holds time still, only a socket can say what happens next: it is waited
        for in earnest. Rounded up to whole nanoseconds, so that the timer is due after the jump.
        """
        if timeout is None or self.holds:
            return self._real.select(timeout if timeout is not None and timeout <= 0 else None)
        if timeout <= 0:
            return self._real.select(0)
        self._settle()
        ready = self._real.select(self._idle_s)
        if not ready:
            self.now_ns += max(1, math.ceil(timeout * NS_PER_S))
            self.jumps += 1
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose sleeps, timeouts and `call_later` take no real time.

    start_ns: where time begins. idle_s: real seconds of silence on every socket before time jumps; 0 where all is in
    this process, some milliseconds where another process answers. settle: called before each jump, returns when what
    was asked of another process has been answered (tests/radio/barrier.py); better than `idle_s`, which only hopes.
    """

    def __init__(self, start_ns: int = 0, *, idle_s: float = 0.0, settle: Callable[[], None] = _nothing) -> None:
        self._jumping = _JumpingSelector(start_ns, idle_s, settle)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds."""
        return self._jumping.now_ns / NS_PER_S

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds, without the rounding of `time()`."""
        return self._jumping.now_ns

    @property
    def jumps(self) -> int:
        """How often time was moved on instead of waited for."""
        return self._jumping.jumps

    @contextmanager
    def real_time(self) -> Iterator[None]:
        """Hold virtual time still: around whatever another process or thread takes real time for."""
        self._jumping.holds += 1
        try:
            yield
        finally:
            self._jumping.holds -= 1

    def run_in_executor(self, executor: Any, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """See `asyncio`; time stands still until the function is done, or a timeout around it would always fire."""
        self._jumping.holds += 1
        try:
            future = super().run_in_executor(executor, func, *args)
        except BaseException:
            self._jumping.holds -= 1
            raise
        future.add_done_callback(self._let_go)
        return future

    def _let_go(self, _: object) -> None:
        self._jumping.holds -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """See `asyncio`; waits for the threads without a timeout, which would pass at once.

        timeout: left aside; Python 3.12 brought it.
        """
        del timeout
        with self.real_time():
            await super().shutdown_default_executor()


def run_virtual(
    main: Coroutine[Any, Any, T],
    start_ns: int = 0,
    *,
    idle_s: float = 0.0,
    settle: Callable[[], None] = _nothing,
) -> T:
    """Run a coroutine to its end on a loop of its own with virtual time, as `asyncio.run` does on a real one."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(start_ns, idle_s=idle_s, settle=settle)) as runner:
        return runner.run(main)


class LoopClock:
    """A `Clock` (see `vigil.run.ports`) that shows a virtual loop's time, so that both agree to the nanosecond.

    wall_ms: UTC milliseconds since 1970 at the loop's time when the clock is made.
    """

    def __init__(self, loop: VirtualTimeLoop, wall_ms: int = 0) -> None:
        self._loop = loop
        self._asleep_ns = 0
        self._wall_zero_ms = wall_ms - loop.now_ns // NS_PER_MS

    def mono_ns(self) -> int:
        """See `Clock`."""
        return self._loop.now_ns

    def boot_ns(self) -> int:
        """See `Clock`."""
        return self._loop.now_ns + self._asleep_ns

    def wall_ms(self) -> int:
        """See `Clock`."""
        return self._wall_zero_ms + self.boot_ns() // NS_PER_MS

    def suspend(self, nanoseconds: int) -> None:
        """Let the computer sleep: boot and wall go on, the loop's timers do not, as on Linux."""
        self._asleep_ns += nanoseconds

    def step_wall(self, milliseconds: int) -> None:
        """Let the wall clock jump."""
        self._wall_zero_ms += milliseconds

    async def wait_until(self, boot_ns: int) -> None:
        """See `Clock`; looks again after each sleep, because a sleep does not count suspended time."""
        while (left := boot_ns - self.boot_ns()) > 0:
            await asyncio.sleep(left / NS_PER_S)
