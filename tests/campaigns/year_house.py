"""The computer by the bed: processes that live a night, the real supervisor over them, boots, one person's store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.campaigns.year_band import Band
from tests.campaigns.year_life import Running
from tests.campaigns.year_log import NightLog
from tests.campaigns.year_world import Killed, PowerCut, S, World
from vigil.app.arming import HOLD_NAME
from vigil.app.kept_so_far import KeptSoFar, interrupted, kept_so_far
from vigil.domain.errors import StoreError
from vigil.run.noticing import StopFile
from vigil.run.replay import Outfit
from vigil.run.supervisor import Sign, Surroundings, supervise
from vigil.store.hold import prepare_hold
from vigil.store.lock import StoreLock
from vigil.store.nights import NightRow, Nights
from vigil.store.quarantine import Opened, open_or_quarantine

STARTS_NS = RESTART_NS = S
LEAST_BYTES = 20_000
"""A database with less in it is not worth damaging."""


@dataclass(slots=True)
class Evening:
    """What a night begins with. length_ns: true time from lights-out to the morning."""

    band: Band
    outfit: Outfit
    lights_ns: int
    length_ns: int


@dataclass(slots=True)
class House:
    """One person's computer. logs: of the nights it holds, by the name they have in the store."""

    folder: Path
    world: World
    evening: Evening
    logs: dict[str, NightLog] = field(default_factory=dict)
    tonight: list[NightLog] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    quarantined: list[Path] = field(default_factory=list)
    damage: Callable[[], None] | None = None
    down: int = 0
    life: Running | None = None
    refused: bool = False

    @property
    def database(self) -> Path:
        """Where the store is."""
        return self.folder / "vigil.db"

    @property
    def stop(self) -> StopFile:
        """The stop, as another terminal presses it."""
        return StopFile(self.folder / HOLD_NAME, self.world.wall_ms, self.world.boot_ns)

    def live_the_night(self) -> None:
        """From lights-out to the morning, whatever happens; returns when no process has anything left to do."""
        resume = False
        while True:
            try:
                code = supervise(self._surroundings(resume=resume))
            except PowerCut:
                self.world.pass_until_dead(self.world.true_ns)
                resume = False  # the service starts at boot, and looks for a night that was interrupted
                continue
            if code == 0:
                return
            self.world.pass_until_dead(max(self.world.busy_until_ns, self.world.true_ns + RESTART_NS))
            resume, self.refused = not self.refused, False  # somebody, or the service, starts it again

    def _surroundings(self, *, resume: bool) -> Surroundings:
        return Surroundings(
            start=lambda again: Process(self, resume=resume or again),
            outputs_off=list,
            say=self.said.append,
            now_s=lambda: self.world.boot_ns() / S,
            gave_up=self._give_up,
        )

    def not_begun(self) -> None:
        """A night that has no row in the store is none; what is started next begins one."""
        self.life, self.refused = None, True
        log = self.tonight.pop()
        del self.logs[log.name]

    def _give_up(self, restarts: int) -> None:
        self.down = restarts

    def start(self) -> None:
        """A process takes its time to start; but the first of an evening, which starts before lights-out."""
        if self.tonight:
            self.world.true_ns += STARTS_NS

    def run(self, *, resume: bool) -> None:
        """One process: until the night ends, or `Killed`."""
        there = self.database.exists() and self.database.stat().st_size > LEAST_BYTES
        if self.damage is not None and there:
            damage, self.damage = self.damage, None
            damage()
        with StoreLock.acquire(self.folder / "vigil.lock", "22:30"):
            opened = open_or_quarantine(self.database, f"night-{self.world.true_ns // S}")
            if opened.quarantined is not None:
                self.quarantined.append(opened.quarantined)
            try:
                self._run(opened, resume=resume)
            finally:
                opened.database.close()

    def _run(self, opened: Opened, *, resume: bool) -> None:
        prepare_hold(self.folder / HOLD_NAME)
        kept = self._to_go_on_with(opened, resume=resume)
        over = self.world.true_ns >= self.evening.lights_ns + self.evening.length_ns
        if kept is None and (over or (resume and opened.quarantined is None)):
            return
        self.life = Running(self, opened, kept)
        self.life.live()
        self.life = None

    def _to_go_on_with(self, opened: Opened, *, resume: bool) -> KeptSoFar | None:
        rows = [row for row in Nights(opened.database).nights() if row.name in {log.name for log in self.tonight}]
        last: NightRow | None = max(rows, key=lambda row: row.key, default=None)
        row = last if resume else interrupted(rows, self.world.wall_ms())
        if row is None or row.outputs_digest:
            return None
        kept = kept_so_far(opened.database, row, replace(self.evening.outfit))
        return None if kept.over or kept.nothing else kept


class Process:
    """A night process as its supervisor sees it: it runs while it is waited for."""

    def __init__(self, house: House, *, resume: bool) -> None:
        self._house = house
        self._resume = resume
        self.code: int | None = None

    def wait(self, seconds: float) -> Sign:
        """See `Child`."""
        try:
            self._house.start()
            self._house.run(resume=self._resume)
        except PowerCut:
            self._end("power cut")
            raise
        except Killed:
            self._end("killed")
            self.code = -9
            return Sign.BEAT
        except StoreError:  # no room to begin a night, and no ballast left: it says so, as `vigil watch` does
            self._house.not_begun()
            self.code = 1
            return Sign.BEAT
        self.code = 0
        return Sign.BEAT

    def _end(self, how: str) -> None:
        life, self._house.life = self._house.life, None
        if life is not None:
            life.log.lives[-1].how = how

    def end(self) -> None:
        """See `Child`."""

    def kill(self) -> None:
        """See `Child`."""
