"""Calls of a radio: each has a limit, and whatever an operating system makes of it is a word.

bleak's backends raise what their operating systems raise, and some calls never return (reliability A12, F2): none of
them has a limit of its own but a connect, and a connect that is given up asks for a disconnect without one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bleak.exc import BleakBluetoothNotAvailableError

from vigil.domain.errors import DeviceError

CALL_S = 10.0
"""How long any one call may take (reliability F2)."""

BREAK_S, BREAKS = 2.0, 2
"""How long a call that was cancelled may take to end, in seconds, and how often it is cancelled. bleak's connect, once
cancelled, asks bluetoothd to disconnect and waits for the answer without a limit (`BleakClientBlueZDBus.connect`)."""

_T = TypeVar("_T")


async def within(doing: Awaitable[_T], what: str, seconds: float = CALL_S) -> _T:
    """Wait for a call of the radio, not for ever; raises DeviceError for whatever comes of it but its result.

    It is a task of its own: what is cancelled by somebody else in the midst of it is no wish to end the night, and
    one that, once cancelled, waits for the next answer that never comes is left behind.
    """
    call = asyncio.ensure_future(doing)
    try:
        await asyncio.wait((call,), timeout=seconds)
    finally:
        in_time = call.done()
        if not in_time:
            await _break_off(call)
    if not in_time:
        message = f"{what} took longer than {seconds:.0f} s"
        raise DeviceError(message)
    if call.cancelled():
        message = f"{what} was broken off"
        raise DeviceError(message)
    with in_words(what):
        return call.result()


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """Have whatever is raised within raised as DeviceError, in words; a cancellation is none of it."""
    try:
        yield
    except DeviceError:
        raise
    except (BleakBluetoothNotAvailableError, FileNotFoundError) as error:  # no socket of the system's bus: no BlueZ
        message = "Bluetooth is off, or this computer has none"
        raise DeviceError(message) from error
    except Exception as error:  # whatever an operating system's radio or another package raises, it did not work
        message = f"{what} failed ({type(error).__name__})"
        raise DeviceError(message) from error


async def _break_off(call: asyncio.Future[_T]) -> None:
    """Cancel a call, once more where it asks for something else before it ends, and then leave it behind."""
    call.add_done_callback(_heed)
    for _ in range(BREAKS):
        call.cancel()
        await asyncio.wait((call,), timeout=BREAK_S)


def _heed(call: asyncio.Future[_T]) -> None:
    """What becomes of a call that nobody waits for any more is nobody's trouble."""
    if not call.cancelled():
        call.exception()
