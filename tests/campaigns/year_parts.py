"""Parts of a night process that the world can break: outputs, keeper, detector. Each notes what truly happened."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, get_args

from tests.campaigns.year_band import Band
from tests.campaigns.year_faults import Fault
from tests.campaigns.year_log import Act, NightLog
from tests.campaigns.year_world import MS, Killed, S, World
from vigil.app.keepers import LiveKeeper
from vigil.domain.errors import DeviceError, FullError, UnwritableError
from vigil.domain.nudges import Decision, LedgerRow, ReasonCode, Unit
from vigil.domain.permits import Permit
from vigil.domain.records import Input, NightBegan, NightOutput
from vigil.domain.requests import Output
from vigil.engine.follower import EngineLook, Follower
from vigil.engine.scene import Perceived

NEAR_NS = 12 * S
"""How long before something happens every second is made durable, as in real life; else every half minute."""

SELDOM_NS = 30 * S
BURN_NS = S // 2
"""What a slow step takes: more than twice what it may."""

_SAID = get_args(NightOutput)

STUCK_NS = 6 * S
"""How much longer an output lasts that three times does not confirm that it is off."""

NOT_THERE, ANOTHER, FAILING, STAYS_ON = "it is not there", "it is another one now", "it gave up", "it stays on"


OF_OUTPUT = {
    Fault.OUTPUT_STUCK: STAYS_ON,
    Fault.OUTPUT_MISSING: NOT_THERE,
    Fault.OUTPUT_CHANGED: ANOTHER,
    Fault.OUTPUT_FAILING: FAILING,
}
OF_DETECTOR = {Fault.DETECTOR_THROWS: "throws", Fault.DETECTOR_NAN: "nan", Fault.DETECTOR_SLOW: "slow"}


@dataclass(slots=True)
class YearNudger:
    """An output beside the sleeper. What it did is known to the world, and whether it was written down before."""

    world: World
    band: Band
    log: NightLog
    database: Path
    kind: Output
    on_until_ns: int = 0

    @property
    def output(self) -> Output:
        """See `Nudger`."""
        return self.kind

    @property
    def name(self) -> str:
        """See `Nudger`."""
        return f"the {self.kind.value}"

    async def probe(self) -> str:
        """See `Nudger`."""
        return NOT_THERE if self.world.broken.get(self.kind) == NOT_THERE else ""

    async def start(self, permit: Permit, at_ns: int) -> None:
        """See `Nudger`."""
        request = permit.redeem(at_ns)
        self._die_here("before")
        broken = self.world.broken.get(self.kind, "")
        if broken in {NOT_THERE, ANOTHER, FAILING}:
            self.world.effects.append((broken, self.world.true_ns, self.kind))
            raise DeviceError(broken)
        true_ns = self.world.true_ns
        self.on_until_ns = true_ns + request.duration_ms * MS
        lasts_ns = self.on_until_ns + (STUCK_NS if broken == STAYS_ON else 0)
        self.log.acts.append(
            Act(true_ns, self.log.name, permit.serial, request, self._is_written(permit.serial), lasts_ns)
        )
        self.band.feel(request.output, request.level, request.duration_ms, true_ns)
        self._die_here("after")

    def _die_here(self, when: str) -> None:
        if self.world.at_act == when:
            self.world.at_act = ""
            self.world.effects.append((when, self.world.true_ns, self.kind))
            raise Killed

    def _is_written(self, serial: int) -> bool:
        """Whether somebody else, who sees only what was committed, finds the row."""
        asked = "SELECT count(*) FROM ledger WHERE night = ? AND permit = ?"
        other = sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)
        try:
            ((count,),) = other.execute(asked, (self.log.name, serial)).fetchall()
        finally:
            other.close()
        return int(count) == 1

    async def off(self) -> None:
        """See `Nudger`."""
        if self.world.broken.get(self.kind) == STAYS_ON:
            self.world.effects.append((STAYS_ON, self.world.true_ns, self.kind))
            raise DeviceError(STAYS_ON)

    async def close(self) -> None:
        """See `Nudger`."""


@dataclass(slots=True)
class YearKeeper:
    """The keeper of a life, on a disk that may be full or not written; knows what was acknowledged."""

    inner: LiveKeeper
    world: World
    log: NightLog
    committed_ns: int = -SELDOM_NS
    began: bool = False

    def begin(self, began: NightBegan) -> None:
        """See `Keeper`."""
        self._need_disk()
        self.inner.begin(began)

    def add(self, record: Input | NightOutput) -> None:
        """See `Keeper`."""
        if not isinstance(record, _SAID):
            self.log.added += 1
        elif isinstance(record, Decision):
            self.log.decisions.append(record)
        self.inner.add(record)

    def commit(self) -> None:
        """See `Keeper`."""
        world = self.world
        if world.true_ns - self.committed_ns < SELDOM_NS and not world.near(NEAR_NS):
            return
        self._need_disk()
        self.inner.commit()
        self.committed_ns = world.true_ns
        self.log.acknowledged = self.log.added
        self.log.lives[-1].to_ns = self.log.lives[-1].last_ns = world.true_ns - self.log.lives[-1].shift_ns

    def spend(self, row: LedgerRow) -> None:
        """See `Keeper`."""
        self._need_disk()
        self.inner.spend(row)

    def outcome(self, permit: int, text: str, at_ns: int) -> None:
        """See `Keeper`."""
        self._need_disk()
        self.inner.outcome(permit, text, at_ns)

    def _need_disk(self) -> None:
        if self.world.disk == "full":
            message = "there is no room left on the disk (as the campaign has it)"
            raise FullError(message)
        if self.world.disk == "unwritable":
            message = "the disk could not be written (as the campaign has it)"
            raise UnwritableError(message)


@dataclass(slots=True)
class BadFollower:
    """The detector, which throws, gives no number or takes its time where the world says so; alike when relived."""

    inner: Follower
    world: World
    log: NightLog
    live: Callable[[], bool]

    def look(self, perceived: Perceived, engine: Any) -> EngineLook:
        """See `Follower.look`."""
        at_ns = perceived.scene.at_ns
        how = self._how(at_ns)
        look = self.inner.look(perceived, engine)
        if how == "throws":
            message = "as the campaign has it"
            raise ArithmeticError(message)
        if how == "nan":
            return look._replace(signs=((ReasonCode.EVIDENCE, math.nan, None, Unit.SCORE, 2), *look.signs))
        return look

    def _how(self, at_ns: int) -> str:
        if not self.live():
            return self.log.failing.get(at_ns, "")
        how, left = self.world.engine
        if left <= 0:
            return ""
        self.world.engine = how, left - 1
        if how == "slow":
            self.world.burn(BURN_NS)
            self.log.slow.append(at_ns)
            return ""
        self.log.failing[at_ns] = how
        return how

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def spoil(path: Path, chance: Random) -> None:
    """A page of the middle is overwritten."""
    with path.open("r+b") as file:
        pages = path.stat().st_size // 4096
        file.seek(4096 * chance.randrange(max(1, pages // 3), max(2, pages)))
        file.write(chance.randbytes(4096))
