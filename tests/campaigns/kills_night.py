"""A night in which signs never end: the real loop, runner, guard and store, and an output that leaves a mark.

It runs in a process of its own that is killed at any instant; whoever starts it again knows only what is on the disk.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.nights import parameters
from vigil.app.keepers import LiveKeeper
from vigil.app.kept_so_far import KeptSoFar, kept_so_far, newest_wall_ms
from vigil.domain.nudges import EpisodeKind, Ledger, LedgerRow, Suspicion
from vigil.domain.permits import Permit
from vigil.domain.records import Event, NightBegan, NightOutput, Restarted, Sample
from vigil.domain.requests import Output
from vigil.domain.samples import HeartSample, Quality
from vigil.domain.settings import CapSettings, Profile, Settings
from vigil.domain.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_S
from vigil.engine.follower import EngineLook
from vigil.night.night_watch import NightWatch
from vigil.run.axis import NightClock, ProvenWall, on_axis, proven_gap_ms, shift_after
from vigil.run.hands import Direct
from vigil.run.keeping import CarefulKeeper
from vigil.run.live import Around, resume_live, watch_live
from vigil.run.noticing import together
from vigil.run.ports import VirtualClock
from vigil.run.replay import Outfit
from vigil.run.runner import NightRunner
from vigil.run.wall_time import wall_sane
from vigil.signal.heart import HeartLook
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore, Now
from vigil.store.nights import Nights
from vigil.store.quarantine import open_or_quarantine

S = NS_PER_S
NIGHT_S = 8 * 3600
EPISODE_NS = 10 * NS_PER_MINUTE
"""So often another episode is said to begin: the caps of one episode alone never hold it up."""

WIDEST = Settings(top_level=4, caps=CapSettings(per_episode=4, per_hour=6, per_18_hours=12, energised_s=60))
"""Every cap at its ceiling."""


@dataclass(frozen=True)
class Start:
    """What a process that is started finds of the world.

    true_ns, boot_ns, wall_ms: true time and the computer's clocks. trusted: its wall clock was set. seam: the name of a
    place at which it kills itself, and the how manieth time there; None: it waits to be killed. broken: the
    control, which writes the ledger after the act.
    """

    folder: Path
    true_ns: int
    boot_ns: int
    boot_id: str
    wall_ms: int
    trusted: bool
    seam: tuple[str, int] | None = None
    broken: int = 0


class ForcedWatch(NightWatch):
    """A night whose detector is hostile: good data and a nightmare at every look, whatever was heard."""

    def _look(self, at_ns: int, outputs: list[NightOutput]) -> EngineLook:
        began = self._state.began
        assert began is not None
        number = (at_ns - began.at_ns) // EPISODE_NS
        onset_ns = began.at_ns + number * EPISODE_NS
        suspicion = Suspicion(number + 1, EpisodeKind.NIGHTMARE_LIKE, onset_ns, onset_ns, 2.0, ())
        heart = HeartLook(at_ns, Quality.GOOD, 1000, 90.0, 60.0, 3.0, good_since_ns=began.at_ns)
        return EngineLook(at_ns, heart, suspicion, 0.1, 0, False, 30.0, 0.0, True, (), ())


class Steady:
    """A wearable that sends a heart rate every second of a night."""

    ends_ns = NIGHT_S * S

    def __init__(self) -> None:
        self._next_s = 1

    def began(self) -> NightBegan:
        return NightBegan(0, heart_cadence_ms=1000)

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        first_s, self._next_s = self._next_s, max(self._next_s, elapsed_ns // S + 1)
        return [HeartSample(s * S, 600 + s % 90) for s in range(first_s, self._next_s)]


class Marker:
    """An output that appends one line at the instant at which it acts: true time, what it did, and its ledger row.

    The row is read anew from the file, by a connection of its own, before the line is written.
    """

    output = Output.VIBRATION
    name = "the mark"

    def __init__(self, start: Start, night: str, true_ns: Callable[[int], int], seam: Callable[[str], None]) -> None:
        self._start = start
        self._night = night
        self._true_ns = true_ns
        self._seam = seam

    async def probe(self) -> str:
        return ""

    async def start(self, permit: Permit, at_ns: int) -> None:
        request = permit.redeem(at_ns)
        number = self._row(permit.serial)
        self._seam("before the act")
        words = (self._true_ns(at_ns), self._night, permit.serial, number, request.episode, request.level)
        line = " ".join(str(word) for word in (*words, request.duration_ms))
        marks = os.open(self._start.folder / "acts", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(marks, line.encode() + b"\n")
        os.close(marks)
        self._seam("after the act")

    def _row(self, permit: int) -> int:
        found = sqlite3.connect(f"file:{self._start.folder / 'vigil.db'}?mode=ro", uri=True)
        try:
            row = found.execute(
                "SELECT number FROM ledger WHERE night = ? AND permit = ?", (self._night, permit)
            ).fetchone()
        finally:
            found.close()
        return 0 if row is None else int(row[0])

    async def off(self) -> None:
        pass

    async def close(self) -> None:
        pass


class Seamed(LiveKeeper):
    """The real keeper, durable at every turn, with seams at which the process may kill itself."""

    seam: Callable[[str], None] = staticmethod(lambda _name: None)

    def spend(self, row: LedgerRow) -> None:
        self.seam("before the ledger")
        super().spend(row)
        self.seam("after the ledger")

    def commit(self) -> None:
        self.seam("before the commit")
        super().commit()
        self.seam("after the commit")


class ActsFirst(NightRunner):
    """The control: as wrong as it can be, with the ledger after the act."""

    def _act(self, permit: Permit, at_ns: int) -> None:
        answers = self._hands.take(permit, at_ns)
        self._keeper.spend(self._row(permit))
        for answer in answers:
            self.deliver(answer)


def seams(start: Start) -> Callable[[str], None]:
    """Where the process kills itself."""
    passed = [0]

    def pass_by(name: str) -> None:
        if start.seam is not None and name == start.seam[0]:
            passed[0] += 1
            if passed[0] == start.seam[1]:
                os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


def live(start: Start, say: Callable[[str], None]) -> None:
    """One process: the night is gone on with or begun, as `app/watching.py` does it, until it is over or killed.

    say: "NIGHT ELAPSED_S TRUE_NS" once a turn is durable.
    """
    clock, outfit = VirtualClock(start.boot_ns, start.wall_ms), Outfit(parameters(), WIDEST, Profile())
    with open_or_quarantine(start.folder / "vigil.db", "never").database as database:
        nights = Nights(database)
        rows = nights.nights()
        before = rows[-1] if rows and not rows[-1].outputs_digest else None
        kept = None if before is None else kept_so_far(database, before, outfit)
        if kept is not None and (kept.nothing or kept.over):
            kept = None
        asyncio.run(_Process(start, database, clock, outfit, say).run(kept))


class _Process:
    def __init__(
        self, start: Start, database: Database, clock: VirtualClock, outfit: Outfit, say: Callable[[str], None]
    ) -> None:
        self._start, self._database, self._clock, self._outfit, self._say = start, database, clock, outfit, say
        self._keeper = Seamed(database, kind="live", source="a campaign", now_s=_far_apart())
        self._keeper.seam = seams(start)

    async def run(self, kept: KeptSoFar | None) -> None:
        """The night to its end, and its digests."""
        name = kept.row.name if kept is not None else f"night {len(Nights(self._database).nights()) + 1}"
        clock = NightClock(self._clock, 0 if kept is None else self._shift(kept))
        zero = clock.boot_ns() if kept is None else kept.began.at_ns
        wall = self._wall(kept)
        marker = Marker(self._start, name, lambda ns: ns - clock.shift_ns + self._ahead, self._keeper.seam)
        watch = ForcedWatch(self._outfit.parameters, self._outfit.settings, self._outfit.profile)
        careful = CarefulKeeper(self._keeper, lambda: False)
        kind = ActsFirst if self._start.broken else NightRunner
        hands = Direct({Output.VIBRATION: marker})
        runner = kind(watch, careful, hands, None, wall.wall_ms, ledger_shift_ns=clock.shift_ns)

        def beat() -> None:
            now = self._clock.boot_ns()
            self._say(f"{name.split()[-1]} {(now + clock.shift_ns - zero) // S} {now + self._ahead}")

        around = Around(together(careful.notices, wall.notices), beat, steady=False)
        if kept is None:
            began = replace(Steady().began(), night=name, boot_id=self._start.boot_id, wall_ms=clock.wall_ms())
            sane = self._sane(newest_wall_ms(self._database))
            began = replace(began, wall_sane=sane, ledger=self._ledger(sane, 0))
            report = await watch_live(runner, _Named(began), clock, around)
        else:
            self._keeper.resume(kept.row.key, name)
            runner.catch_up(kept.inputs, kept.last_ns)
            sane = self._gap_ms(kept) is not None
            ledger = self._ledger(sane, clock.shift_ns)
            restarted = Restarted(
                clock.boot_ns(), self._start.boot_id, clock.wall_ms(), sane, ledger, since_ns=kept.last_ns
            )
            report = await resume_live(runner, Steady(), clock, restarted, zero, around)
        self._keeper.finish(report, {})

    @property
    def _ahead(self) -> int:
        return self._start.true_ns - self._start.boot_ns

    def _sane(self, newest_ms: int | None) -> bool:
        return wall_sane(self._clock.wall_ms(), newest_ms, self._start.trusted)

    def _gap_ms(self, kept: KeptSoFar) -> int | None:
        same, trusted = kept.boot_id == self._start.boot_id, self._start.trusted
        return proven_gap_ms(kept.last_ns, kept.last_wall_ms, self._clock, same_boot=same, synchronised=trusted)

    def _shift(self, kept: KeptSoFar) -> int:
        same = kept.boot_id == self._start.boot_id
        return shift_after(kept.last_ns, self._clock.boot_ns(), same_boot=same, gap_ms=self._gap_ms(kept))

    def _wall(self, kept: KeptSoFar | None) -> ProvenWall:
        if kept is None:
            return ProvenWall(self._clock, lambda: self._start.trusted, newest_wall_ms(self._database))
        doubtful = kept.stepped or self._gap_ms(kept) is None
        return ProvenWall(self._clock, lambda: self._start.trusted, kept.last_wall_ms, doubtful=doubtful)

    def _ledger(self, sane: bool, shift_ns: int) -> Ledger:
        now = Now(self._start.boot_id, self._clock.boot_ns(), self._clock.wall_ms() if sane else None)
        return on_axis(LedgerStore(self._database).recent(now=now), self._start.boot_id, shift_ns)


class _Named(Steady):
    def __init__(self, began: NightBegan) -> None:
        super().__init__()
        self._began = began

    def began(self) -> NightBegan:
        return self._began


def _far_apart() -> Callable[[], float]:
    """The keeper's clock: every turn is made durable."""
    seconds = iter(range(10**9))
    return lambda: float(next(seconds))


def wall_of(true_ns: int) -> int:
    """UTC in ms of an instant of true time: it began in the spring of 2026."""
    return 1_775_000_000_000 + true_ns // NS_PER_MS
