"""Vibration: a train of short pulses on the wearable, each of which ends by itself.

What the wearable must offer is a `Buzzer`; codecs of wearables fill it. Only single pulses are ever sent, so if this
process ends in the middle of a train, the pulse that goes on is the last one, and it is at most `MOST_PULSE_MS` long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from vigil.domain.errors import DeviceError
from vigil.domain.guard_memory import is_whole
from vigil.domain.permits import Permit
from vigil.domain.requests import NudgeRequest, Output
from vigil.domain.steps import Step, step_of
from vigil.domain.units import MS_PER_S

MOST_MS = 6_000
"""Longest train, as the guard's `DURATION_CEILING_MS`. Our choice."""

MOST_PULSE_MS = 1_000
"""Longest single pulse; the ladder's are half of that. Our choice."""

Pause = Callable[[float], Awaitable[object]]


class Buzzer(Protocol):
    """What a wearable that can vibrate offers. `name`: in words."""

    @property
    def name(self) -> str:
        """What the wearable is called when a person is told of it."""
        ...

    async def reachable(self) -> bool:
        """Whether a pulse could be sent now, without sending one; never raises."""
        ...

    async def pulse(self, duration_ms: int, strength_percent: int) -> None:
        """Begin one pulse that ends by itself; returns once the wearable took it. Raises DeviceError."""
        ...

    async def still(self) -> None:
        """End a pulse that goes on, and return when the wearable confirmed it; raises DeviceError."""
        ...


@dataclass(slots=True)
class VirtualBuzzer:
    """A wearable that is not there: it remembers its pulses, (duration_ms, strength_percent) each."""

    name: str = "the virtual buzz"
    pulses: list[tuple[int, int]] = field(default_factory=list)

    async def reachable(self) -> bool:
        """See `Buzzer`."""
        return True

    async def pulse(self, duration_ms: int, strength_percent: int) -> None:
        """See `Buzzer`."""
        self.pulses.append((duration_ms, strength_percent))

    async def still(self) -> None:
        """See `Buzzer`."""


class VibrationNudger:
    """Vibration after the contract of an output (`run.ports.Nudger`). `pause`: how seconds pass between pulses."""

    def __init__(self, buzzer: Buzzer, pause: Pause = asyncio.sleep) -> None:
        self._buzzer = buzzer
        self._pause = pause
        self._train: asyncio.Task[None] | None = None

    @property
    def output(self) -> Output:
        """See `Nudger`."""
        return Output.VIBRATION

    @property
    def name(self) -> str:
        """See `Nudger`."""
        return self._buzzer.name

    async def probe(self) -> str:
        """See `Nudger`."""
        return "" if await self._buzzer.reachable() else f"{self._buzzer.name} is out of reach"

    async def start(self, permit: Permit, at_ns: int) -> None:
        """See `Nudger`; returns once the wearable took the first pulse."""
        request = permit.redeem(at_ns)
        step = _step(request)
        await self._end_train()
        await self._buzzer.pulse(step.on_ms, request.strength_percent)
        self._train = asyncio.create_task(self._rest_of(step, request.strength_percent))

    async def _rest_of(self, step: Step, strength_percent: int) -> None:
        """The pulses after the first. One that is not taken ends the train: less is always allowed."""
        with suppress(DeviceError):
            for _ in range(step.pulses - 1):
                await self._pause((step.on_ms + step.off_ms) / MS_PER_S)
                await self._buzzer.pulse(step.on_ms, strength_percent)

    async def off(self) -> None:
        """See `Nudger`."""
        await self._end_train()
        await self._buzzer.still()

    async def _end_train(self) -> None:
        train, self._train = self._train, None
        if train is not None:
            train.cancel()
            with suppress(asyncio.CancelledError):
                await train

    async def close(self) -> None:
        """See `Nudger`."""
        await self._end_train()


def _step(request: NudgeRequest) -> Step:
    """The train that a request allows; raises DeviceError for one that is none."""
    step = step_of(Output.VIBRATION, request.level) if is_whole(request.level, 1) else None
    fits = (
        step is not None
        and is_whole(request.duration_ms, step.duration_ms, MOST_MS)
        and is_whole(step.on_ms, 1, MOST_PULSE_MS)
        and is_whole(request.strength_percent, 1, 100)
    )
    if step is None or not fits:
        message = "the wearable was asked for a vibration that is not on its ladder; nothing was done"
        raise DeviceError(message)
    return step
