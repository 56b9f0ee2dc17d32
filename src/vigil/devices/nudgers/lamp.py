"""What every lamp has in common: one steady glow that comes slowly and goes slowly, and never flashes.

A lamp that is on already means that somebody is up or reading, so it is left alone. What Vigil lit is noted before it
is lit (`lit_marker.py`), and nothing else is ever put out but by `go_out`, which the person asks for. A second glow
waits until the first is confirmed off. The brightness of before is not restored: the lamp was off.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vigil.devices.nudgers.lit_marker import LitMarker
from vigil.domain.errors import DeviceError
from vigil.domain.permits import Permit
from vigil.domain.requests import NudgeRequest, Output

MOST_MS = 6_000
"""Longest glow that is begun. Our choice, the same as the guard's."""

MOST_PERCENT = 20
"""Brightest glow, of what the lamp can. Our choice: the top of the ladder of light (`domain/steps.py`)."""

FADE_MS = 1_000
"""How long a glow takes to come. Our choice: long enough not to startle, a quarter of the shortest step."""

OUT_MS = 200
"""How long it takes to go: *stop* must be over within 250 ms, and a dim light that goes out startles nobody."""

LOOK_EVERY_S = 0.25
LOOKS = 6
SEEN_OFF = 2
"""After a lamp was put out it is looked at so often, and must be off so many times in a row: a command that was under
way when it was put out could light it once more. Our choice: a fade and a half, within the 2 s that an output has."""

Pause = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Look:
    """What a lamp says of itself. why_not: "" if a glow can be shown on it, else one plain clause."""

    is_on: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class FoundLamp:
    """A lamp as the host that switches it tells of it. which: what names it in the settings. name: in its own words.

    The name is as it came: whoever shows it makes it printable. why_not: as in `Look`.
    """

    which: str
    name: str
    why_not: str = ""


def glow_percent(request: NudgeRequest) -> int:
    """How bright a glow is to be, 1 to `MOST_PERCENT`; raises DeviceError for what no lamp may be asked."""
    numbers = (request.duration_ms, request.strength_percent)
    whole = all(type(number) is int for number in numbers)
    if request.output is not Output.LIGHT or not whole:
        raise DeviceError("a lamp was asked for something that is no glow; nothing was lit")
    if not (1 <= request.duration_ms <= MOST_MS and 1 <= request.strength_percent <= 100):
        raise DeviceError("a lamp was asked for a glow outside its bounds; nothing was lit")
    return min(request.strength_percent, MOST_PERCENT)


class Lamp(ABC):
    """One lamp as an output of the night (`run/ports.py`, `Nudger`).

    key: which lamp, with no secret in it; kept in the note at `marker`, whose folder exists. `pause` waits between
    looks. Used in one event loop; calls wait for one another, because an "off" that overtakes an "on" puts nothing out.
    """

    def __init__(self, name: str, key: str, marker: Path, pause: Pause = asyncio.sleep) -> None:
        self._name = name
        self._marker = LitMarker(marker, key)
        self._pause = pause
        self._turn = asyncio.Lock()

    @property
    def output(self) -> Output:
        """Light."""
        return Output.LIGHT

    @property
    def name(self) -> str:
        """The lamp in words."""
        return self._name

    def keep_beside(self, how: bytes) -> None:
        """While it is lit, keep beside its note what it takes to put it out; for its owner only."""
        self._marker = replace(self._marker, how=how)

    async def probe(self) -> str:
        """Nothing if a glow could be shown, else what is wrong, one plain clause. Touches nothing, raises nothing."""
        try:
            return await self._why_not()
        except DeviceError as error:
            return str(error)

    async def start(self, permit: Permit, at_ns: int) -> None:
        """Begin the glow that the permit allows; raises PermitError, or DeviceError if it did not surely begin."""
        percent = glow_percent(permit.redeem(at_ns))
        async with self._turn:
            if self._marker.is_set():
                raise DeviceError(f"{self._name} is not known to be out since it was last lit; nothing was lit")
            try:
                look = await self._look()
            except DeviceError as error:
                raise DeviceError(f"{error}; nothing was lit") from None
            if look.is_on:
                raise DeviceError(f"{self._name} is on already, so somebody may be up; it was left as it is")
            if look.why_not:
                raise DeviceError(f"{look.why_not}; nothing was lit")
            try:
                await self._marker.set()
            except OSError as error:
                why = error.strerror or "the disk refused"
                raise DeviceError(f"it could not be noted that {self._name} is lit ({why}); nothing was lit") from None
            try:
                await self._come(percent)
            except DeviceError as error:
                raise DeviceError(f"{error}; {self._name} may have been lit, and will be put out") from None

    async def off(self) -> None:
        """Put out what Vigil lit, also before a restart; a lamp that somebody else lit is not touched.

        Raises DeviceError if the lamp is not confirmed off; it is then noted still, and the next call tries again.
        """
        async with self._turn:
            if self._marker.is_set():
                await self._surely_out()

    async def go_out(self) -> bool:
        """Put out a lamp that was left on, once, and return whether there was one; raises DeviceError as `off` does.

        For those who chose that a lamp goes out when the signal is lost: the dark is the message.
        """
        async with self._turn:
            if not (await self._look()).is_on:
                return False
            await self._surely_out()
            return True

    async def close(self) -> None:
        """Let go of every connection; a lamp is neither lit nor put out by it."""
        await self._let_go()

    async def _surely_out(self) -> None:
        try:
            await self._put_out()
        except DeviceError as error:
            raise DeviceError(f"{error}; {self._name} is not known to be out, please look at it") from None
        try:
            await self._marker.clear()
        except OSError as error:
            why = error.strerror or "the disk refused"
            raise DeviceError(f"{self._name} is out, but the note that it was lit stays ({why})") from None

    async def _put_out(self) -> None:
        await self._go()
        seen_off = 0
        for _ in range(LOOKS):
            await self._pause(LOOK_EVERY_S)
            seen_off = 0 if (await self._look()).is_on else seen_off + 1
            if seen_off == SEEN_OFF:
                return
        raise DeviceError(f"{self._name} was asked to go out and says that it is on")

    async def _why_not(self) -> str:
        return (await self._look()).why_not

    @abstractmethod
    async def _look(self) -> Look:
        """What the lamp says now; raises DeviceError if it says nothing that can be believed."""

    @abstractmethod
    async def _come(self, percent: int) -> None:
        """Have it come up slowly, to `percent` of what it can; raises DeviceError if that was not accepted."""

    @abstractmethod
    async def _go(self) -> None:
        """Have it go out slowly; raises DeviceError if that was not accepted."""

    @abstractmethod
    async def _let_go(self) -> None:
        """Close what is open."""
