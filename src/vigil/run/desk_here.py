"""A desk in the loop that the night itself runs in: for virtual time, with which no thread can keep step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from vigil.domain.records import OutputProbed
from vigil.domain.requests import Output
from vigil.run.desk import Desk
from vigil.run.ports import Nudger


class DeskHere(Desk):
    """See `Desk`. Made where that loop runs; `begin` and `end` stand for `open`, `probe` and `close`."""

    def __init__(
        self, nudgers: Mapping[Output, Nudger], now_ns: Callable[[], int], stopped: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(nudgers, now_ns, stopped, asyncio.get_running_loop())

    async def begin(self) -> list[OutputProbed]:
        """Stop every output, and ask each whether it is there."""
        await self._all_off()
        return await self._probe_all()

    async def end(self) -> tuple[str, ...]:
        """Stop everything and let the outputs go; returns what could not be stopped."""
        return await self._shut()
