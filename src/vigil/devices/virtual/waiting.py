"""Waiting for bumble, which loses some cancellations and some answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from bumble.core import BaseBumbleError
from bumble.device import Connection

BREAK_OFF_S = 1.0
"""How long breaking off is waited for; in this process it takes no time."""

T = TypeVar("T")


async def heeding(work: Awaitable[T]) -> T:
    """Wait for something of bumble's, and be cancelled by whoever cancels meanwhile.

    `asyncio.wait_for` of Python 3.11, which bumble uses, loses a cancellation that comes together with the result
    (python/cpython issue 86296), and in virtual time much comes together.
    """
    task = asyncio.current_task()
    before = 0 if task is None else task.cancelling()
    result = await work
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
    return result


async def break_off(link: Connection) -> None:
    """End a connection from one side; bumble never answers where the other side was quicker, hence the limit."""
    with suppress(BaseBumbleError, TimeoutError):
        async with asyncio.timeout(BREAK_OFF_S):
            await link.disconnect()
