"""A simulated sleeper's night through the live runner: real engine, control, guard and store, an invented body."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from vigil.app.keepers import LiveKeeper
from vigil.app.kept_so_far import ran_with
from vigil.app.live_view import Spectator
from vigil.app.night_figures import bar_nights
from vigil.app.telling import Telling
from vigil.app.truth import Comparison, compare
from vigil.domain.records import Digests, Event, Input, Mode, NightBegan, NightEnded, NightOutput, Sample
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_MS
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import FORMAT
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.run.hands import Direct
from vigil.run.live import Around, watch_live
from vigil.run.noticing import Wishes
from vigil.run.ports import Clock
from vigil.run.replay import Outfit
from vigil.run.runner import NightRunner
from vigil.run.sources import SleeperNudger, SleeperSource
from vigil.store.asked import ASKED_NAME
from vigil.store.database import Database
from vigil.store.erase import forget
from vigil.store.nights import Nights

HOURS = 8.0

INVENTED_WALL_MS = round(datetime(2026, 1, 1, 23, tzinfo=UTC).timestamp() * 1000)
"""Lights-out of a demonstration: eleven in the evening of an invented day, so that a seed is the same anywhere."""


@dataclass(frozen=True, slots=True)
class Script:
    """Which simulated night: a seed, a named plan or the seed's own, and how long (a named or drawn plan takes it).

    by_radio: heard over the virtual radio (`radio_night.py`).
    """

    seed: int
    plan: str | None = None
    hours: float = HOURS
    by_radio: bool = False

    @property
    def name(self) -> str:
        """What the night is called in the store."""
        return f"simulated-{'radio-' * self.by_radio}{(self.plan or 'drawn').replace(' ', '-')}-{self.seed}"

    def sleeper(self) -> SimulatedSleeper:
        """The sleeper at lights-out; raises InputError for a plan there is none of."""
        plan = None if self.plan is None else named_plan(self.plan, self.seed, hours=self.hours)
        return SimulatedSleeper(self.seed, plan=plan, hours=self.hours)


@dataclass(slots=True)
class NamedSleeper:
    """A sleeper whose lights-out carries what the house knows of it: its name in the store, its hour, its digests."""

    sleeper: SimulatedSleeper
    night: NightBegan

    @property
    def ends_ns(self) -> int:
        """See `Sleeper`."""
        return self.sleeper.ends_ns

    def began(self) -> NightBegan:
        """See `Sleeper`."""
        return self.night

    def until(self, at_ns: int) -> list[Sample | Event]:
        """See `Sleeper`."""
        return self.sleeper.until(at_ns)

    def feel(self, output: Output, level: int, duration_ms: int, at_ns: int) -> None:
        """See `Sleeper`."""
        self.sleeper.feel(output, level, duration_ms, at_ns)


@dataclass(frozen=True, slots=True)
class Lived:
    """A simulated night that was watched. `whole` is False if it was stopped before its morning."""

    script: Script
    began: NightBegan
    report: NightReport
    truth: Comparison
    whole: bool = True


@dataclass(slots=True)
class Seen:
    """The last instant that went by, for ending a night that is stopped; passes everything on to the spectator."""

    spectator: Spectator
    telling: Telling | None = None
    at_ns: int = field(default=0)

    def __call__(self, record: Input | NightOutput) -> None:
        """See one input or output go by."""
        self.at_ns = max(self.at_ns, record.at_ns)
        if self.telling is not None:
            self.telling(record)
        self.spectator(record)


def digests_of(outfit: Outfit) -> Digests:
    """What a night was run with."""
    return Digests(outfit.parameters.digest, outfit.settings.digest, outfit.profile.digest)


def lights_out(
    script: Script, outfit: Outfit, *, wall_ms: int, zone_min: int, name: str, mode: Mode = Mode.ON
) -> NightBegan:
    """What the house adds to the sleeper's own lights-out.

    Each simulated sleeper is somebody else, so none has spent anything before: the ledger given is empty.
    """
    digests = digests_of(outfit)
    began = script.sleeper().began()
    boot_id = f"simulated-{script.seed}"
    return replace(began, night=name, mode=mode, boot_id=boot_id, wall_ms=wall_ms, zone_min=zone_min, digests=digests)


def live(  # noqa: PLR0913 — what a night is lived with
    script: Script,
    began: NightBegan,
    outfit: Outfit,
    database: Database,
    clock: Clock,
    spectator: Spectator,
    *,
    kind: str = "demo",
    alone: bool = False,
) -> Lived:
    """Watch the night to its end, or to Ctrl-C, and keep it; raises StoreError if it cannot be kept.

    kind: as in `Nights.begin`. alone: nobody looks on, so nothing is told while it lasts, and no wish is waited for.
    """
    sleeper = script.sleeper()
    zero_ns = clock.boot_ns()
    source, folder = SleeperSource(NamedSleeper(sleeper, began)), database.path.parent
    telling = None if alone else Telling(folder, source, (Output.VIBRATION,))
    seen = Seen(spectator, telling)
    beside = {"bar_nights": bar_nights(outfit), "ran_with": ran_with(outfit)}
    keeper = LiveKeeper(database, kind=kind, source=FORMAT, beside=beside)
    runner = NightRunner(
        NightWatch(outfit.parameters, outfit.settings, outfit.profile),
        keeper,
        Direct({Output.VIBRATION: SleeperNudger(sleeper, Output.VIBRATION, zero_ns)}),
        seen,
        lambda: None if began.wall_ms is None else began.wall_ms + (seen.at_ns - zero_ns) // NS_PER_MS,
    )
    with spectator:
        whole = asyncio.run(_watch(runner, source, clock, _around(telling, folder)))
    if not whole:
        runner.deliver(NightEnded(seen.at_ns + 1))
    report = runner.report()
    truth = compare(sleeper.truth, report)
    keeper.finish(report, {"remarks": ["a simulated night: nobody slept it"], "known": truth.known_plain()})
    return Lived(script, began, report, truth, whole)


def _around(telling: Telling | None, folder: Path) -> Around:
    """What is looked at each turn: wishes, and whoever looks on; nothing where nobody does."""
    if telling is None:
        return Around(steady=False)
    wishes = Wishes(folder / ASKED_NAME)
    wishes.forget()
    return Around(wishes.notices, telling.turn, steady=False)


async def _watch(runner: NightRunner, source: SleeperSource, clock: Clock, around: Around) -> bool:
    """Watch; True if the night came to its own end, False if it was stopped by Ctrl-C or a request to terminate."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await watch_live(runner, source, clock, around)
    except asyncio.CancelledError:
        return False
    return True


def make_room(database: Database, names: Sequence[str]) -> None:
    """Forget earlier nights of these names: the same seed is the same night, lived again."""
    nights = Nights(database)
    for row in nights.nights():
        if row.name in names:
            forget(database, row.key)
