"""The life of a virtual wearable on a radio: it measures, sends, breaks off and comes back, by its script."""

from __future__ import annotations

import asyncio
from typing import Protocol

from vigil.devices.virtual.faults import FaultKind, Packet
from vigil.devices.virtual.model import WearableModel
from vigil.domain.units import NS_PER_S


class Carrier(Protocol):
    """A radio, from the side of the wearable."""

    @property
    def linked(self) -> bool:
        """Whether somebody is connected."""
        ...

    async def show(self) -> None:
        """Be seen by who scans; nothing new if it already is."""
        ...

    async def hide(self) -> None:
        """Be seen by nobody."""
        ...

    async def drop(self) -> None:
        """Break the connection, if there is one."""
        ...

    async def send(self, packet: Packet) -> None:
        """Send a value to who asked for it; nothing where nobody did."""
        ...


class Life:
    """One wearable on one radio, from when it was started."""

    def __init__(self, model: WearableModel, carrier: Carrier) -> None:
        self._model, self._carrier = model, carrier
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._over = False

    def elapsed_ns(self) -> int:
        """Nanoseconds since it was started, on the loop's clock."""
        return round((self._loop.time() - self._began_s) * NS_PER_S)

    def suffers(self, kind: FaultKind) -> bool:
        """Whether a fault of this kind goes on now."""
        return self._model.script.on(kind, self.elapsed_ns())

    async def pass_gate(self, *kinds: FaultKind) -> None:
        """Return at once, or never where a fault of one of these kinds goes on: only being cancelled ends it."""
        if any(self.suffers(kind) for kind in kinds):
            await self._loop.create_future()

    def end(self) -> None:
        """Live no longer than the period that goes on.

        Being cancelled is not enough: `asyncio.wait_for` of Python 3.11, which bumble uses, loses a cancellation that
        comes together with the result (python/cpython issue 86296).
        """
        self._over = True

    async def run(self) -> None:
        """Live until cancelled, one period after another; late periods are made up for, as a wearable's own clock."""
        script, period_ns = self._model.script, self._model.period_ns
        last_ns, now_ns = -1, 0
        while not self._over:
            if script.breaks(last_ns, now_ns):
                await self._carrier.drop()
            if script.on(FaultKind.OUT_OF_RANGE, now_ns):
                await self._carrier.hide()
            elif not self._carrier.linked:
                await self._carrier.show()
            for packet in self._model.due(now_ns):
                await self._carrier.send(packet)
            last_ns, now_ns = now_ns, now_ns + period_ns
            await asyncio.sleep(max(0, now_ns - self.elapsed_ns()) / NS_PER_S)
