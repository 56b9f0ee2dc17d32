"""A simulated sleeper's night over a virtual radio: a strap that measures and a watch that buzzes, heard through bleak.

Everything is real but the body, the air and the passing of time: bleak's public classes, connections and their loss,
packets and codecs, the supervisor of each wearable, the outputs' desk, engine, guard and store. It needs the extra
`radio`, which brings bumble.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from vigil.app.keepers import LiveKeeper
from vigil.app.kept_so_far import ran_with
from vigil.app.live_view import Spectator
from vigil.app.night_figures import bar_nights
from vigil.app.simulated_night import Lived, Script, Seen
from vigil.app.truth import compare
from vigil.app.virtual_body import VirtualBody
from vigil.devices.ble_link import Backends
from vigil.devices.nudgers.vibration import VibrationNudger
from vigil.devices.packets.banglejs import BanglejsCodec
from vigil.devices.packets.heart_rate import HeartRateCodec
from vigil.devices.virtual.air import Air
from vigil.devices.virtual.faults import Fault
from vigil.devices.virtual.model import Identity
from vigil.devices.virtual.strap import StrapModel
from vigil.devices.virtual.watch import WatchModel
from vigil.domain.records import NightBegan
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_MS
from vigil.night.night_watch import NightWatch
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.sensor import CHEST_STRAP
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.run.desk_here import DeskHere
from vigil.run.link_table import State
from vigil.run.live import Around, watch_live
from vigil.run.radio import Inbox, RadioBuzzer, RadioSource, keep_all
from vigil.run.replay import Outfit
from vigil.run.runner import NightRunner
from vigil.run.virtual_loop import LoopClock, VirtualTimeLoop, run_virtual
from vigil.run.wearable import Wearable
from vigil.store.database import Database

STRAP = Identity("F0:00:00:00:00:01", b"a virtual strap")
WATCH = Identity("F0:00:00:00:00:02", b"a virtual watch")

FORMAT = "virtual radio"
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class OnBody:
    """What the sleeper wears, before it is switched on: two wearables, and what keeps each on the computer's side."""

    strap: StrapModel
    watch: WatchModel
    strap_kept: Wearable
    watch_kept: Wearable


def nobody_looks(_worn: OnBody) -> None:
    """Look on at nothing."""


def sleeper_with_strap(script: Script) -> SimulatedSleeper:
    """The script's sleeper, who wears a chest strap: beats and movement."""
    plan = None if script.plan is None else named_plan(script.plan, script.seed, hours=script.hours)
    return SimulatedSleeper(script.seed, plan=plan, sensor=CHEST_STRAP, hours=script.hours)


def live_by_radio(  # noqa: PLR0913 — a night and what may be changed of it
    script: Script,
    began: NightBegan,
    outfit: Outfit,
    database: Database,
    spectator: Spectator,
    *,
    strap_faults: Sequence[Fault] = (),
    watch_faults: Sequence[Fault] = (),
    sleeper: SimulatedSleeper | None = None,
    looking_on: Callable[[OnBody], None] = nobody_looks,
) -> Lived:
    """Watch the night to its end over the air, at the speed of the processor, and keep it; raises StoreError.

    Faults count from when the wearables are put on, a few seconds before lights-out. sleeper: another one than the
    script's. looking_on: is given everything that is worn, before any of it begins.
    """
    faults = tuple(strap_faults), tuple(watch_faults)
    who = sleeper_with_strap(script) if sleeper is None else sleeper
    night = RadioNight(script, began, outfit, database, spectator, *faults, who, looking_on)
    return run_virtual(night.live())


@dataclass(slots=True)
class RadioNight:
    """See `live_by_radio`."""

    script: Script
    began: NightBegan
    outfit: Outfit
    database: Database
    spectator: Spectator
    strap_faults: tuple[Fault, ...]
    watch_faults: tuple[Fault, ...]
    sleeper: SimulatedSleeper
    looking_on: Callable[[OnBody], None] = nobody_looks

    async def live(self) -> Lived:
        """The whole night; on a loop of virtual time."""
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualTimeLoop):
            message = "a night over the virtual radio runs in virtual time only"
            raise TypeError(message)
        clock = LoopClock(loop, self.began.wall_ms or 0)
        body, air, inbox = VirtualBody(self.sleeper), Air(), Inbox(moves=True)
        worn = self._worn(loop, clock, body, air, inbox)
        strap, watch = worn.strap_kept, worn.watch_kept
        self.looking_on(worn)
        await air.add(worn.strap)
        await air.add(worn.watch)
        keeping = asyncio.create_task(keep_all((strap, watch)))
        while strap.state is not State.LISTENING or watch.state is not State.LISTENING:
            await asyncio.sleep(LOOK_S)
        desk = DeskHere(
            {Output.VIBRATION: VibrationNudger(RadioBuzzer("the virtual watch", watch, loop))}, clock.boot_ns
        )
        try:
            return await self._night(clock, desk, inbox, body)
        finally:
            await desk.end()
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await air.close()

    def _worn(self, loop: VirtualTimeLoop, clock: LoopClock, body: VirtualBody, air: Air, inbox: Inbox) -> OnBody:
        seed, backends, lock = self.script.seed, Backends(air.scanner, air.client), asyncio.Lock()
        return OnBody(
            StrapModel(STRAP, body.strap, self.strap_faults, seed),
            WatchModel(WATCH, body.watch, self.watch_faults, seed, lambda ms, _percent: body.feel(loop.now_ns, ms)),
            Wearable(STRAP.address, HeartRateCodec, inbox.put, clock.boot_ns, lock, Random(1), backends),
            Wearable(WATCH.address, BanglejsCodec, inbox.beside, clock.boot_ns, lock, Random(2), backends),
        )

    async def _night(self, clock: LoopClock, desk: DeskHere, inbox: Inbox, body: VirtualBody) -> Lived:
        """From lights-out to morning."""
        zero_ns, seen = clock.boot_ns(), Seen(self.spectator)
        body.began_ns = zero_ns
        beside = {"bar_nights": bar_nights(self.outfit), "ran_with": ran_with(self.outfit)}
        keeper = LiveKeeper(self.database, kind="demo", source=FORMAT, beside=beside)
        outfit, wall_ms = self.outfit, self.began.wall_ms
        runner = NightRunner(
            NightWatch(outfit.parameters, outfit.settings, outfit.profile),
            keeper,
            desk,
            seen,
            lambda: None if wall_ms is None else wall_ms + (seen.at_ns - zero_ns) // NS_PER_MS,
        )
        began = replace(self.began, at_ns=zero_ns, heart_cadence_ms=None)
        source = RadioSource(began, inbox, ends_ns=body.sleeper.ends_ns)
        with self.spectator:
            report = await watch_live(runner, source, clock, Around(steady=False))
        truth = compare(body.sleeper.truth, report)
        facts = {"remarks": ["a simulated night over a virtual radio: nobody slept it"], "known": truth.known_plain()}
        keeper.finish(report, facts)
        return Lived(self.script, began, report, truth)
