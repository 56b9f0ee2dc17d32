"""Signals between a night process and whoever started it: an end that is asked for, a stop, a beat after each turn."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

_STREAMS = (0, 1, 2)


_ENDS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def ends_in_order() -> Iterator[list[int]]:
    """However often somebody asks for an end, what is being ended is ended in order. Around `until_stopped`.

    Yields what was asked before that, for it.
    """
    asked: list[int] = []
    before = [signal.signal(name, lambda number, _: asked.append(number)) for name in _ENDS]
    try:
        yield asked
    finally:
        for name, handler in zip(_ENDS, before, strict=True):
            signal.signal(name, handler)


async def until_stopped(turns: Callable[[], Coroutine[Any, Any, object]], asked: Sequence[int] = ()) -> bool:
    """True if the night came to its own end, False if it was stopped by Ctrl-C or a request to terminate.

    asked: signals that came before.

    The signals stay taken: those of asyncio would let a second one kill what the first has begun to end.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def end(_signal: int, _frame: object) -> None:
        if task is not None:
            with suppress(RuntimeError):  # the loop is closed: it is ending already
                loop.call_soon_threadsafe(task.cancel)

    for name in _ENDS:
        signal.signal(name, end)
    if asked:
        return False
    try:
        await turns()
    except asyncio.CancelledError:
        return False
    return True


@contextmanager
def presses_wait() -> Iterator[None]:
    """A stop by signal that comes before there is a night to be stopped waits until there is."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def beats_to(descriptor: int | None) -> Callable[[], None]:
    """A beat that tells a supervisor at the other end of a pipe; without one, or once it is gone, nothing."""
    if descriptor is None:
        return lambda: None
    os.set_blocking(descriptor, False)

    def beat() -> None:
        with suppress(OSError):
            os.write(descriptor, b".")

    return beat


@contextmanager
def without_terminal(also: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Where the terminal is closed or the line to it drops, go on without one: nothing more is said, except to a file.

    also: what else to do then. Where somebody has chosen already that it be ignored, it is.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        yield
        return

    def hung_up(_signal: int, _frame: object) -> None:
        fall_silent()
        also()

    before = signal.signal(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def fall_silent() -> None:
    """From now on whatever would be said to a terminal or a pipe that is gone goes nowhere."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in _STREAMS:
            if not stat.S_ISREG(os.fstat(stream).st_mode):
                os.dup2(nowhere, stream)
        if nowhere not in _STREAMS:
            os.close(nowhere)


@contextmanager
def ends_quietly() -> Iterator[None]:
    """Ctrl-C and a request to terminate end the block, and only the block: that is its ordinary end."""

    def over(_number: int, _frame: object) -> NoReturn:
        raise _OverError

    before = {number: signal.signal(number, over) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(_OverError):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _OverError(BaseException):
    """Enough: not an error of anybody's, and caught by nobody else."""
