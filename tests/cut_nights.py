"""Nights that are cut off in the middle and gone on with, as after kill -9 or a power cut; on virtual clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from tests.nights import parameters
from vigil.app import keepers, watching
from vigil.app.arming import Armed
from vigil.app.bed import SimulatedBeds
from vigil.app.home import Shelf
from vigil.app.kept_so_far import KeptSoFar, kept_so_far
from vigil.app.live_view import NoView
from vigil.app.simulated_night import Script, lights_out
from vigil.app.watching import Given, Watched, begin, go_on
from vigil.domain.records import Input
from vigil.domain.settings import Profile, Settings
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.run.noticing import HouseWatch, StopFile
from vigil.run.ports import VirtualClock
from vigil.run.power import Power
from vigil.run.replay import Outfit
from vigil.store.ballast import Ballast
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow, Nights

EVENING_MS = 1_775_000_000_000
"""An evening of 2026, UTC."""


class CutError(BaseException):
    """The night process is gone, as if by kill -9: nothing of it is run any more."""


@dataclass(frozen=True)
class Cut:
    """Where a night is cut off, in turns of this run; and what follows.

    away_s: seconds until it is gone on with. reboot: with a new boot clock and boot id. wall_ms: what the wall clock
    says then, None for what is true. trusted: the computer says that its clock was set.
    """

    turn: int
    away_s: float = 7.3
    reboot: bool = False
    wall_ms: int | None = None
    trusted: bool = True


@dataclass
class World:
    """A folder, the clocks, and how often a run is made durable (in turns)."""

    folder: Path
    patch: pytest.MonkeyPatch
    script: Script = field(default_factory=lambda: Script(1, "strong", 1.5))
    settings: Settings = field(default_factory=Settings)
    every: int = 1
    now_s: float = 4000.25
    clock: VirtualClock = field(default_factory=VirtualClock)
    boot: int = 1
    calls: float = 0.0
    trusted: bool = True
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._start(round(self.now_s * NS_PER_S), EVENING_MS)
        self.patch.setattr(watching, "synchronised", lambda: self.trusted)
        self.patch.setattr(watching, "LiveKeeper", partial(keepers.LiveKeeper, now_s=self.monotonic))

    def monotonic(self) -> float:
        """Stands in for the keeper's clock: a commit is due every `every` turns."""
        self.calls += keepers.COMMIT_EVERY_S / self.every
        return self.calls

    def _start(self, boot_ns: int, wall_ms: int) -> None:
        self.clock = VirtualClock(boot_ns, wall_ms)

    @property
    def outfit(self) -> Outfit:
        return Outfit(parameters(), self.settings, Profile())

    def _given(self, database: Database, turns: int | None) -> Given:
        left = [turns]

        def beat() -> None:
            if left[0] is not None:
                left[0] -= 1
                if left[0] <= 0:
                    raise CutError

        stop = StopFile(self.folder / "hold", self.clock.wall_ms, self.clock.boot_ns)
        house = HouseWatch(lambda: 10**6, lambda: Power(False, None), lambda: 0)
        armed = Armed(stop, Ballast(self.folder / "ballast"), house, ())
        return Given(
            beds=SimulatedBeds(self.script, None),
            database=database,
            clock=self.clock,
            armed=armed,
            spectator=NoView(),
            say=self.said.append,
            beat=beat,
            steady=False,
            shelf=Shelf.DEMO,
        )

    @property
    def path(self) -> Path:
        return self.folder / "vigil.db"

    def live(self, cuts: Sequence[Cut]) -> Watched:
        """The whole night through every cut."""
        for number, cut in enumerate(cuts):
            self.live_until(cut, first=number == 0)
        return self.go_on(first=not cuts)

    def live_until(self, cut: Cut, *, first: bool = True) -> None:
        """The night up to where it is cut off, and the time in which nothing runs."""
        with Database.open(self.path) as database, pytest.raises(CutError):
            self._run(self._given(database, cut.turn), first=first)
        self._away(cut)

    def go_on(self, *, first: bool = False) -> Watched:
        """The night to its end."""
        with Database.open(self.path) as database:
            return self._run(self._given(database, None), first=first)

    def _run(self, given: Given, *, first: bool) -> Watched:
        if not first:
            return go_on(given, self.kept(given.database), f"boot {self.boot}")
        name = "simulated-strong-1"
        began = lights_out(self.script, self.outfit, wall_ms=EVENING_MS, zone_min=0, name=name)
        return begin(given, replace(began, boot_id=f"boot {self.boot}"), self.outfit)

    def kept(self, database: Database) -> KeptSoFar:
        return kept_so_far(database, Nights(database).nights()[-1], self.outfit)

    def _away(self, cut: Cut) -> None:
        before = self.clock
        away_ns = round(cut.away_s * NS_PER_S)
        wall_ms = before.wall_ms() + away_ns // NS_PER_MS if cut.wall_ms is None else cut.wall_ms
        boot_ns = before.boot_ns() + away_ns
        if cut.reboot:
            self.boot += 1
            boot_ns = min(away_ns, 21 * NS_PER_S)
        self._start(boot_ns, wall_ms)
        self.trusted = cut.trusted

    @contextmanager
    def read(self) -> Iterator[tuple[NightReader, NightRow]]:
        with Database.open(self.path) as database:
            (row,) = Nights(database).nights()
            yield NightReader(database), row

    def inputs(self) -> list[Input]:
        """What the store has of it."""
        with self.read() as (reader, row):
            return list(reader.inputs(row.key))
