"""A night over bleak's own Linux backend and the stand-in for bluetoothd, struck by one fault after another.

What is watched, decided, given and kept is the product's (`vigil.app.radio_night`); only the radio is another, and
what strikes it. After each fault it is measured how long it takes until every wearable is heard again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.radio.bluez import BlueZ
from tests.radio.bluez_blows import Blow, Open, Struck
from vigil.app.radio_night import STRAP, WATCH, RadioNight
from vigil.app.simulated_night import Lived
from vigil.app.virtual_body import VirtualBody
from vigil.devices.nudgers.vibration import VibrationNudger
from vigil.devices.packets.banglejs import MOTION, BanglejsCodec
from vigil.devices.packets.contract import Codec, Heard, Wish, Write
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT, HeartRateCodec
from vigil.devices.virtual.strap import StrapModel
from vigil.devices.virtual.watch import WatchModel
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_S
from vigil.run.desk_here import DeskHere
from vigil.run.radio import Inbox, RadioBuzzer, keep_all
from vigil.run.virtual_loop import LoopClock, VirtualTimeLoop
from vigil.run.wearable import Wearable

OPEN_FILES = Path("/proc/self/fd")

GIVE_UP_S = 300.0
"""A wearable that is not heard for so long will not be."""

CALM_S = (15.0, 25.0)
"""Between the end of one fault and the next: silence is noticed within it."""


@dataclass(slots=True)
class Noted:
    """A codec that notes when the packet of every second came. came: virtual seconds."""

    codec: Codec
    every_second: str
    came: list[float]

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...] | str:
        """See `Codec`."""
        return self.codec.opening(offered)

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """See `Codec`."""
        if characteristic == self.every_second:
            self.came.append(at_ns / NS_PER_S)
        return self.codec.hear(characteristic, data, at_ns)

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...] | str:
        """See `Codec`."""
        return self.codec.pulse(duration_ms, strength_percent)

    def still(self) -> tuple[Write, ...]:
        """See `Codec`."""
        return self.codec.still()


@dataclass(frozen=True, slots=True)
class Back:
    """How long after a fault each was heard again, in virtual seconds; `open_files`: descriptors then."""

    blow: Blow
    from_s: float
    strap_s: float
    watch_s: float
    open_files: int

    @property
    def in_time(self) -> bool:
        """Whether each was heard soon enough."""
        return max(self.strap_s, self.watch_s) <= self.blow.within_s


@dataclass(slots=True)
class BluezNight(RadioNight):
    """A night over a BlueZ of the tests; see `RadioNight`.

    blows: in this order, beginning a minute after lights-out. spread_s: virtual seconds from blow to blow at least.
    """

    blows: Sequence[Blow] = ()
    spread_s: float = 0.0
    strap_came: list[float] = field(default_factory=list)
    watch_came: list[float] = field(default_factory=list)
    felt: list[float] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    closing_s: float = 0.0

    async def live_over(self, bluez: BlueZ) -> Lived:
        """The whole night, and every blow."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.set_exception_handler(self._note_unheard)
        clock, body, inbox = (
            LoopClock(loop, self.began.wall_ms or 0),
            VirtualBody(self.sleeper),
            Inbox(moves=True),
        )

        def feel(duration_ms: int, _percent: int) -> None:
            self.felt.append(loop.time())
            body.feel(loop.now_ns, duration_ms)

        models = StrapModel(STRAP, body.strap), WatchModel(WATCH, body.watch, felt=feel)
        for model in models:
            model.script = Open()
        struck = Struck(bluez, *(bluez.add(model) for model in models))
        strap, watch = self._wearables(clock, inbox)
        keeping = asyncio.create_task(keep_all((strap, watch)))
        await self._heard_again(loop.time())
        desk = DeskHere({Output.VIBRATION: VibrationNudger(RadioBuzzer("the watch", watch, loop))}, clock.boot_ns)
        striking = asyncio.create_task(self._strike(struck))
        try:
            lived = await self._night(clock, desk, inbox, body)
            await striking
            assert not keeping.done()
            return lived
        finally:
            striking.cancel()
            await desk.end()
            before_s = loop.time()
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            self.closing_s = loop.time() - before_s

    def _wearables(self, clock: LoopClock, inbox: Inbox) -> tuple[Wearable, Wearable]:
        lock = asyncio.Lock()

        def strap() -> Codec:
            return Noted(HeartRateCodec(), HEART_RATE_MEASUREMENT, self.strap_came)

        def watch() -> Codec:
            return Noted(BanglejsCodec(), MOTION, self.watch_came)

        return (
            Wearable(STRAP.address, strap, inbox.put, clock.boot_ns, lock, Random(self.script.seed)),
            Wearable(WATCH.address, watch, inbox.beside, clock.boot_ns, lock, Random(self.script.seed + 1)),
        )

    def _note_unheard(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What nobody awaits is kept; what dbus-fast leaves unheard when its bus dies is none of it."""
        if not isinstance(context.get("exception"), EOFError | OSError):
            self.unheard.append(f"{context.get('message')}: {context.get('exception')!r}")

    async def _strike(self, struck: Struck) -> None:
        loop, chance = asyncio.get_running_loop(), Random(self.script.seed)
        await asyncio.sleep(60)
        for blow in self.blows:
            began_s = loop.time()
            await blow.strike(struck)
            there_s = loop.time()
            strap_s, watch_s = await self._heard_again(there_s)
            self.backs.append(Back(blow, there_s, strap_s, watch_s, sum(1 for _ in OPEN_FILES.iterdir())))
            await asyncio.sleep(max(chance.uniform(*CALM_S), began_s + self.spread_s - loop.time()))

    async def _heard_again(self, from_s: float) -> tuple[float, float]:
        """How long after this instant each was heard; infinite for one that was not."""
        loop, both_came = asyncio.get_running_loop(), (self.strap_came, self.watch_came)
        while loop.time() < from_s + GIVE_UP_S:
            await asyncio.sleep(0.5)
            if all(came and came[-1] > from_s for came in both_came):
                break
        first = [min((at_s for at_s in came[-700:] if at_s > from_s), default=float("inf")) for came in both_came]
        return first[0] - from_s, first[1] - from_s
