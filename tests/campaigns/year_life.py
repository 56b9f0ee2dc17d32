"""One process that lives a part of a night: the real parts, put together as `app/watching.py` does it.

What differs: the outputs act within the turn (`Direct`), all that was ever spent by the person counts, and a source
that is heard anew says where link and contact stand.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from tests.campaigns.year_band import LifeSource
from tests.campaigns.year_log import Life, NightLog
from tests.campaigns.year_parts import BadFollower, YearKeeper, YearNudger
from tests.campaigns.year_world import S
from vigil.app.keepers import LiveKeeper
from vigil.app.kept_so_far import KeptSoFar, newest_wall_ms, ran_with
from vigil.app.night_figures import bar_nights
from vigil.domain.errors import StoreError
from vigil.domain.nudges import Ledger
from vigil.domain.records import Event, NightBegan, OutputProbed, Restarted
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport
from vigil.run.axis import NightClock, ProvenWall, on_axis, proven_gap_ms, shift_after
from vigil.run.hands import Direct
from vigil.run.keeping import CarefulKeeper
from vigil.run.live import Around, resume_live, watch_live
from vigil.run.noticing import HouseWatch, together
from vigil.run.runner import NightRunner
from vigil.run.wall_time import wall_sane
from vigil.store.ledger import LedgerStore, Now
from vigil.store.nights import Nights
from vigil.store.quarantine import Opened

if TYPE_CHECKING:
    from tests.campaigns.year_house import House

CADENCE_MS = 5_000
_T = TypeVar("_T")


def now(doing: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that never waits."""
    try:
        doing.send(None)
    except StopIteration as done:
        value: _T = done.value
        return value
    doing.close()
    message = "something waited on a virtual clock"
    raise RuntimeError(message)


class Running:
    """The parts of one life, put together as `app/watching.py` does."""

    def __init__(self, house: House, opened: Opened, kept: KeptSoFar | None) -> None:
        self.house, self.opened, self.kept, self.world = house, opened, kept, house.world
        self.outfit = house.evening.outfit if kept is None else kept.outfit
        self.alive = self.undated = False
        self.turns: Callable[[], Coroutine[Any, Any, NightReport]]
        self.clock: NightClock
        self.began: NightBegan
        self._found: list[Event] = []
        if kept is None:
            self._begin()
        else:
            self._go_on(kept)

    def _begin(self) -> None:
        house, world = self.house, self.world
        newest_ms = newest_wall_ms(self.opened.database)
        sane = wall_sane(world.wall_ms(), newest_ms, world.synchronised)
        asked = Now(world.boot_id, world.boot_ns(), world.wall_ms() if sane else None)
        ledger = self._spent(asked)
        name = Nights(self.opened.database).free(f"night-{len(house.logs) + 1:04d}")
        began = NightBegan(
            0,
            night=name,
            boot_id=world.boot_id,
            wall_ms=world.wall_ms(),
            zone_min=world.zone_min,
            wall_sane=sane,
            heart_cadence_ms=CADENCE_MS,
            ledger=ledger,
        )
        self.clock, self.began = NightClock(world), replace(began, at_ns=world.boot_ns())
        self.log = NightLog(name, 0, house.evening.lights_ns, self.outfit.settings.nudging)
        self.log.began = self.began
        house.logs[name] = self.log
        house.tonight.append(self.log)
        self.wall = ProvenWall(world, lambda: world.synchronised, newest_ms)
        self._assemble(self._keeper(), throw_away=world.true_ns > house.evening.lights_ns)
        self.turns = lambda: watch_live(self.runner, self.source, self.clock, self.around)

    def _go_on(self, kept: KeptSoFar) -> None:
        world, last_ns, same = self.world, kept.last_ns, self.world.boot_id == kept.boot_id
        gap_ms = proven_gap_ms(
            last_ns - kept.shift_ns, kept.last_wall_ms, world, same_boot=same, synchronised=world.synchronised
        )
        sane = gap_ms is not None
        shift_ns = shift_after(last_ns, world.boot_ns(), same_boot=same, gap_ms=gap_ms, before_ns=kept.shift_ns)
        self.clock, self.began = NightClock(world, shift_ns), kept.began
        self.log = self.house.logs[kept.row.name]
        if len(kept.inputs) < self.log.acknowledged:
            self.log.wrong.append(f"lost: {self.log.acknowledged - len(kept.inputs)} inputs that were acknowledged")
        self.log.added = self.log.acknowledged = len(kept.inputs)
        self.log.lives[-1].to_ns = kept.last_ns
        keeper = self._keeper()
        keeper.resume(kept.row.key, kept.row.name)
        doubtful = kept.stepped or not sane
        self.wall = ProvenWall(world, lambda: world.synchronised, kept.last_wall_ms, doubtful=doubtful)
        self._assemble(keeper, throw_away=True)
        self.stop.told(held=kept.lasting.held, proven=sane)
        self.runner.catch_up(kept.inputs, kept.last_ns)
        asked = Now(world.boot_id, world.boot_ns(), world.wall_ms() if sane else None)
        ledger = on_axis(self._spent(asked), world.boot_id, shift_ns)
        restarted = Restarted(
            self.clock.boot_ns(), world.boot_id, world.wall_ms(), sane, ledger, since_ns=kept.last_ns, shift_ns=shift_ns
        )
        self.turns = lambda: resume_live(self.runner, self.source, self.clock, restarted, kept.began.at_ns, self.around)
        self.gap_known = same or sane

    def _spent(self, asked: Now) -> Ledger:
        store = LedgerStore(self.opened.database)
        earlier = [row for row in store.recent(now=asked).rows if row.boot_id != asked.boot_id]
        self.undated = any(row.wall_ms is None or asked.wall_ms is None for row in earlier)
        with suppress(StoreError):  # as `watching.py` does: then they count as now once more
            store.date(asked)
        return store.recent(now=asked)

    def _keeper(self) -> LiveKeeper:
        beside = {"bar_nights": bar_nights(self.outfit), "ran_with": ran_with(self.outfit)}
        counted = itertools.count()
        return LiveKeeper(
            self.opened.database, kind="live", source="year", beside=beside, now_s=lambda: float(next(counted))
        )

    def _assemble(self, inner: LiveKeeper, *, throw_away: bool) -> None:
        house, world, log, evening = self.house, self.world, self.log, self.house.evening
        self.inner = inner
        late_ns = world.true_ns - evening.lights_ns - (self.clock.boot_ns() - self.began.at_ns)
        self.source = LifeSource(
            evening.band, self.began, late_ns, evening.length_ns, throw_away=throw_away, heard=log.heard
        )
        if throw_away and self.kept is None:
            self.source.due(0)
        careful = self.careful = CarefulKeeper(YearKeeper(inner, world, log), world.make_room, inner.mend)
        self.stop = house.stop
        nudgers = {
            one: YearNudger(world, evening.band, log, house.database, one)
            for one in self.outfit.settings.usable_outputs
        }
        watch = NightWatch(self.outfit.parameters, self.outfit.settings, self.outfit.profile)
        watch._state.follower = BadFollower(  # type: ignore[assignment]  # it stands in for the real one
            watch._state.follower, world, log, lambda: self.alive
        )
        self.runner = NightRunner(watch, careful, Direct(nudgers), None, self.wall.wall_ms, self.clock.shift_ns)
        watcher = HouseWatch(lambda: world.free_mb, lambda: world.power, lambda: world.zone_min)
        self._find(nudgers)
        if self.kept is not None:
            watcher.lasting |= self.kept.lasting.troubles
            careful.told(self.kept.lasting.troubles)
        notices = together(self.stop.notices, careful.notices, watcher.notices, self.wall.notices, self._first)
        self.around = Around(notices, self._beat)

    def _find(self, nudgers: dict[Any, YearNudger]) -> None:
        """What is looked at before the first turn."""
        if self.opened.quarantined is not None:
            self._found.append(Trouble(0, TroubleKind.STORE_DAMAGED))
        if self.house.down:
            self._found.append(Trouble(0, TroubleKind.HOUSE_DOWN, self.house.down))
        probed = [(one, now(nudger.probe())) for one, nudger in nudgers.items()]
        self._found += [OutputProbed(0, one, ok=False, why=why) for one, why in probed if why]

    def _first(self, at_ns: int) -> Sequence[Event]:
        found, self._found = self._found, []
        return [replace(event, at_ns=at_ns) for event in found]

    def _beat(self) -> None:
        life = self.log.lives[-1]
        life.last_ns = max(life.last_ns, self.clock.boot_ns())

    def live(self) -> None:
        """The turns, to the end of the night."""
        at_ns = self.clock.boot_ns()
        life = Life(self.world.true_ns - at_ns, at_ns, self.world.boot_id, at_ns, at_ns)
        life.damaged, life.down = self.opened.quarantined is not None, self.house.down
        life.unready = tuple(each.output.value for each in self._found if isinstance(each, OutputProbed))
        life.gap_known = getattr(self, "gap_known", True)
        life.undated = self.undated
        self.house.down = 0
        self.log.lives.append(life)
        self.alive = True
        report = now(self.turns())
        life.to_ns, life.last_ns = self.clock.boot_ns(), max(life.last_ns, self.clock.boot_ns())
        life.how = "ended"
        self.log.ended_ns = report.began_ns + round((report.watched_min + report.blind_min) * 60 * S)
        self.careful.at_last(lambda: self.inner.finish(report, {"remarks": ["a simulated night"]}))
        self.log.acknowledged = self.log.added
