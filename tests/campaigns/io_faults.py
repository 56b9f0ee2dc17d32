"""Every call of a night to the disk fails once, and once more with the forty after it: with EIO, and with ENOSPC.

The calls are SQLite's on the database and its log, and Vigil's own on its small files. Whatever fails and whenever:
nothing crashes, nothing acts without its ledger row, a stop that was promised holds, what is said fits the fault and
is never "damaged", and when the disk is well again every second of the night is stored.
"""

from __future__ import annotations

import errno
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.campaigns.faulty_disk import Disk, on
from tests.campaigns.figures import command
from tests.campaigns.power_cut import at_second, fast_folder, row
from vigil.domain.errors import DamagedError, StoreError
from vigil.domain.records import NightBegan
from vigil.store import database as database_module
from vigil.store.ballast import Ballast
from vigil.store.database import Database
from vigil.store.hold import Hold, clear_hold, prepare_hold, read_hold, write_hold
from vigil.store.ledger import LedgerStore
from vigil.store.lock import StoreLock
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights
from vigil.store.quarantine import open_or_quarantine
from vigil.store.soundness import faults

SECONDS = 24
STOPPED_AT, GOES_ON_AT = 14, 18
SPELLS = (1, 40)
CODES = (errno.EIO, errno.ENOSPC)
WORDS = {
    errno.EIO: re.compile(r"disk|could not be|look at|check"),
    errno.ENOSPC: re.compile(r"room|space|could not be|check"),
}
FILE = "vigil.db"


@dataclass(frozen=True, slots=True)
class IoFaultFigures:
    """runs: nights, each with another call failing. The others count nights in which a promise was broken.

    said: how often a night had to say something. crashes: something else than Vigil's own error came out.
    """

    runs: int
    calls: int
    step: int
    said: int
    acts: int
    crashes: int
    acts_without_row: int
    lost: int
    wrong_words: int
    stops_lost: int
    unsound: int
    examples: tuple[str, ...]

    @property
    def failures(self) -> int:
        return self.crashes + self.acts_without_row + self.lost + self.wrong_words + self.stops_lost + self.unsound


@dataclass
class _Night:
    """One night on a disk that fails. It does what the night process does: tries, says, and tries again a second on."""

    folder: Path
    writer: NightWriter | None = None
    database: Database | None = None
    lock: StoreLock | None = None
    stopped: bool = False
    """in memory: while Vigil runs"""
    stop_is_kept: bool = False
    """it was promised that a restart finds it"""
    acts: list[int] = field(default_factory=list)
    said: list[StoreError] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    def run(self) -> None:
        for second in range(SECONDS):
            self.waiting.append(second)
            for step in (self.open, self.store, self.press, self.go_on, self.act, self.prepare):
                try:
                    step(second)
                except StoreError as error:
                    self.said.append(error)
        for _ in range(max(SPELLS)):
            try:
                self.open(SECONDS)
                self.store(SECONDS)
                self.close()
                return
            except StoreError as error:
                self.said.append(error)

    def open(self, second: int) -> None:
        if self.database is not None:
            return
        if self.lock is None:
            self.lock = StoreLock.acquire(self.folder / "lock", "22:00")
        database = open_or_quarantine(self.folder / FILE, "stamp").database
        try:
            self.writer = NightWriter(database)
            found = Nights(database).nights()
            if found:
                self.writer.resume(found[-1].key)
            else:
                self.writer.begin(NightBegan(0))
        except StoreError:
            self._shut(database)
            raise
        self.database = database

    def _shut(self, database: Database) -> None:
        try:
            database.close()
        except StoreError as error:
            self.said.append(error)

    def store(self, second: int) -> None:
        if self.writer is None or self.database is None:
            return
        for at in self.waiting:
            for sample in at_second(at):
                self.writer.add(sample)
        self.waiting.clear()
        self.writer.commit()

    def prepare(self, second: int) -> None:
        if second in (1, 2, 3):
            prepare_hold(self.folder / "hold")
        if second == 5:
            Ballast(self.folder / "ballast").make()
        if second == 9:
            Ballast(self.folder / "ballast").release()

    def press(self, second: int) -> None:
        if second == STOPPED_AT:
            self.stopped = True
            write_hold(self.folder / "hold", Hold(None, 5))
            self.stop_is_kept = True

    def go_on(self, second: int) -> None:
        if second == GOES_ON_AT:
            clear_hold(self.folder / "hold")
            self.stopped = self.stop_is_kept = False
        if self.stop_is_kept and not read_hold(self.folder / "hold").held:
            self.acts.append(-1)

    def act(self, second: int) -> None:
        if second % 2 and self.database is not None and not self.stopped:
            LedgerStore(self.database).append(row(second))
            self.acts.append(second)

    def close(self) -> None:
        if self.database is not None:
            self.database.close()
        if self.lock is not None:
            self.lock.release()


def one_night(folder: Path, disk: Disk) -> tuple[_Night, set[str]]:
    """A night with this disk, and which promises it broke."""
    night, broken = _Night(folder), set()
    pragmas = tuple(
        "wal_autocheckpoint=40" if each.startswith("wal_auto") else each for each in database_module._WRITER_PRAGMAS
    )
    with on(disk, own_files=True), pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "_WRITER_PRAGMAS", pragmas)
        patch.setattr("vigil.store.ballast.BALLAST_MB", 1)
        try:
            night.run()
        except Exception as error:
            broken.add(f"crashes: {error!r}")
    if -1 in night.acts or (night.stop_is_kept and not read_hold(folder / "hold").held):
        broken.add("stops_lost")
    broken |= {f"wrong_words: {error}" for error in night.said if not _fits(error, disk.code)}
    return night, broken | _afterwards(folder / FILE, night)


def _fits(error: StoreError, code: int) -> bool:
    return not isinstance(error, DamagedError) and WORDS[code].search(str(error)) is not None


def _afterwards(path: Path, night: _Night) -> set[str]:
    """The disk is well again: what a new start finds, by the standard library's SQLite."""
    broken = set()
    try:
        found = faults(path)
        with Database.open(path, create=False) as database:
            found += database.check()
            nights = Nights(database).nights()
            samples = list(NightReader(database).inputs(nights[-1].key)) if nights else []
            rows = {outcome.row.permit for outcome in LedgerStore(database).outcomes("night")}
    except StoreError as error:
        return {f"unsound: {error}"}
    if found:
        broken.add(f"unsound: {found[0]}")
    if not set(night.acts) - {-1} <= rows:
        broken.add("acts_without_row")
    if samples != [sample for second in range(SECONDS) for sample in at_second(second)]:
        broken.add("lost")
    return broken


def run(step: int = 1) -> IoFaultFigures:
    """Fail every n-th call of a night, for every n, or for one in `step`."""
    counts: Counter[str] = Counter()
    examples: list[str] = []
    for code in CODES:
        total = _count(code)
        for spell in SPELLS:
            for at in range(1, total + 1, step):
                with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
                    night, broken = one_night(Path(name), Disk(fail_at=at, spell=spell, code=code))
                counts["runs"] += 1
                counts["said"] += bool(night.said)
                counts["acts"] += len(night.acts)
                counts.update({each.partition(":")[0] for each in broken})
                examples += [f"{errno.errorcode[code]} at {at}, spell {spell}: {each}" for each in sorted(broken)]
        counts["calls"] += total
    kinds = ("runs", "calls", "said", "acts", "crashes", "acts_without_row", "lost", "wrong_words", "stops_lost")
    return IoFaultFigures(
        **{kind: counts[kind] for kind in kinds}, unsound=counts["unsound"], step=step, examples=tuple(examples[:9])
    )


def _count(code: int) -> int:
    """How many calls a night makes that this fault could meet."""
    folder = Path(tempfile.mkdtemp(dir=fast_folder()))
    disk = Disk(code=code)
    one_night(folder, disk)
    shutil.rmtree(folder)
    return disk.count


if __name__ == "__main__":
    command("io_faults", {"step": 1}, run)
