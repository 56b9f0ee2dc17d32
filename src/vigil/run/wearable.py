"""One wearable, kept through a night: looked for, connected, listened to, lost, and looked for again.

It walks the table of `link_table.py`. It never pairs and never takes another device than its own (reliability F6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from bleak.backends.device import BLEDevice

from vigil.devices.ble_link import Backends, BleLink, Seen, find
from vigil.devices.packets.contract import Codec, Heard
from vigil.devices.radio_calls import in_words
from vigil.domain.errors import DeviceError
from vigil.run.link_table import LOOK_S, SILENT_S, Happening, State, after, pause_s

CHECK_S = 1.0
"""How often silence is looked for."""


@dataclass(frozen=True, slots=True)
class Joined:
    """It is connected, and has been spoken to."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class Parted:
    """It is not connected any more; why, in a clause."""

    at_ns: int
    why: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A wearable like it was heard that is another one, while it was looked for in vain; told once."""

    at_ns: int


Said: TypeAlias = Heard | Joined | Parted | Stranger


@dataclass(slots=True)
class Wearable:
    """One wearable of the person's own.

    address: its identity on this computer. codec: makes one for each connection. hear: called with all that is heard,
    in the loop's thread. now_ns: the boot clock. adapter: held by whoever scans or connects, one at a time. chance:
    for the pauses. kin: whether another device that is heard is of its kind.
    """

    address: str
    codec: Callable[[], Codec]
    hear: Callable[[Said], None]
    now_ns: Callable[[], int]
    adapter: asyncio.Lock
    chance: Random
    backends: Backends = field(default_factory=Backends)
    kin: Callable[[Seen], bool] = lambda _seen: False
    state: State = State.LOOKING
    why: str = ""
    """the last reason for not being connected, in a clause"""
    link: BleLink | None = None
    _broken: asyncio.Event = field(default_factory=asyncio.Event)
    _last: Happening | None = None
    _in_a_row: int = 0
    _device: BLEDevice | None = None
    _strange: bool = False
    _told: bool = False

    async def keep(self) -> None:
        """Keep it until cancelled; then it is let go."""
        doing = {
            State.LOOKING: self._look,
            State.JOINING: self._join,
            State.LISTENING: self._listen,
            State.PAUSING: self._pause,
        }
        try:
            while True:
                happened = await doing[self.state]()
                self._count(happened)
                self.state = after(self.state, happened)
        finally:
            await self._part()

    def _count(self, happened: Happening) -> None:
        """How often the same failure came in a row. Being heard is between two refusals, and ends nothing."""
        if happened in {Happening.WAITED, Happening.HEARD}:
            return
        self._in_a_row = self._in_a_row + 1 if happened is self._last else 1
        self._last = happened

    async def _look(self) -> Happening:
        try:
            async with self.adapter:
                self._device = await find(self.address, LOOK_S, self.backends.scanner, self._other)
        except DeviceError as error:
            self.why = str(error)
            return Happening.NO_RADIO
        if self._device is None:
            self.why = "it is out of reach"
            if self._strange and not self._told:
                self._told = True
                self.hear(Stranger(self.now_ns()))
            return Happening.UNHEARD
        return Happening.HEARD

    async def _join(self) -> Happening:
        self._broken = asyncio.Event()
        device, self._device = self._device, None  # a device is used once: the next connection gets a fresh one
        try:
            with in_words("asking its codec"):
                link = BleLink(self.codec(), self.hear, self._on_lost, self.now_ns, self.backends)
            async with self.adapter:
                if device is not None:
                    await link.open(device)
        except DeviceError as error:
            self.why = str(error)
            return Happening.REFUSED
        self.link, self.why = link, ""
        self.hear(Joined(self.now_ns()))
        return Happening.JOINED

    async def _listen(self) -> Happening:
        happened = Happening.LOST
        link = self.link
        seen, quiet_s = 0, 0.0
        while link is not None and not self._broken.is_set():
            try:
                async with asyncio.timeout(CHECK_S):
                    await self._broken.wait()
            except TimeoutError:
                quiet_s = quiet_s + CHECK_S if link.packets == seen else 0.0
                seen = link.packets
            if quiet_s >= SILENT_S:
                self.why = "it stayed connected and said nothing"
                happened = Happening.SILENT
                break
        self.hear(Parted(self.now_ns(), self.why))
        await self._part()
        return happened

    async def _pause(self) -> Happening:
        if self._last is not None:
            await asyncio.sleep(pause_s(self._last, self._in_a_row, self.chance))
        return Happening.WAITED

    def _other(self, seen: Seen) -> None:
        self._strange = self._strange or self.kin(seen)

    def _on_lost(self, why: str) -> None:
        self.why = why
        self._broken.set()

    async def _part(self) -> None:
        link, self.link = self.link, None
        if link is not None:
            await link.close()
