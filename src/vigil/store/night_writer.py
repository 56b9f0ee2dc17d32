"""Writing a night down as it happens.

Records are buffered until `commit`, which is durable when it returns. A minute of the night is one row; the last,
still open, is packed and written anew at each commit (its previous state is in the log until then), so there is one
form for everything and nothing to gather when the minute is over.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.domain.errors import StoreError
from vigil.domain.nudges import Decision
from vigil.domain.records import NightBegan, Tick
from vigil.domain.units import NS_PER_MINUTE
from vigil.store.checksums import GENESIS
from vigil.store.database import Database
from vigil.store.minutes import pack_row, proven, read, seal_before, unpacked, write
from vigil.store.nights import Nights
from vigil.store.packing import unpack_minute
from vigil.store.stored import Given, Stored, StoredDecision

MOST_RECORDS = 2048
"""A row takes no more than this, so that a source gone mad, or a clock that jumped hours ahead, cannot make one row
grow all night and be written anew each second. An honest minute holds about 150."""


@dataclass(slots=True)
class _Progress:
    """How far a night has been written. Changed by `commit` only after the database has accepted it.

    minute: of the night's time so far. number: of the row that is open, with its `records`. full: rows that are
    complete but not yet stored. closed_seal, open_seal: of the last row before the open one, and of the open one
    as it was last stored.
    """

    night: int
    began_ns: int
    minute: int | None = None
    number: int = 0
    records: list[Stored] = field(default_factory=list)
    dirty: bool = False
    full: list[tuple[int, list[Stored]]] = field(default_factory=list)
    closed_seal: bytes = GENESIS
    open_seal: bytes = GENESIS

    def turn(self) -> None:
        """The open row has all it will ever have."""
        if not self.records:
            return
        if self.dirty:
            self.full.append((self.number, self.records))
        else:
            self.closed_seal = self.open_seal
        self.number += 1
        self.records, self.dirty = [], False


class NightWriter:
    """The writer of one night: `begin` or `resume` it, then `add` and `commit` for as long as it lasts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._progress: _Progress | None = None

    @property
    def night(self) -> int:
        """The key of the night; raises StoreError before `begin` or `resume`."""
        return self._begun().night

    def _begun(self) -> _Progress:
        if self._progress is None:
            message = "no night was begun; nothing was stored; please report this"
            raise StoreError(message)
        return self._progress

    def begin(self, began: NightBegan, *, path: str = "", format: str = "", kind: str = "live", note: str = "") -> int:  # noqa: A002 — the word of the recordings
        """Enter the night, durably, and return its key.

        `began` itself is not added: it is an input like any other, and samples may come before it. kind: live,
        demo or shadow. Raises StoreError.
        """
        key = Nights(self._database).begin(began, path=path, format=format, kind=kind, note=note)
        self._progress = _Progress(key, began.at_ns)
        return key

    def resume(self, night: int) -> None:
        """Go on with a night after a restart: what follows is added after what was committed.

        If its last minute is damaged it is left as it is, and a new one is begun after it. Raises StoreError.
        """
        row = Nights(self._database).row(night)
        progress = _Progress(night, row.began_ns, number=row.minutes)
        last = read(self._database, night, row.minutes - 1) if row.minutes else None
        if last is not None and proven(self._database, night, last) is None:
            progress.number = last.number
            progress.closed_seal = seal_before(self._database, night, last.number) or GENESIS
            progress.open_seal = last.seal
            progress.records = unpacked(last, lambda minute: unpack_minute(minute.samples, minute.records))
            progress.minute = last.to_s // 60
        elif last is not None:
            progress.closed_seal = last.seal
        self._progress = progress

    def add(self, record: Given) -> None:
        """Take an input or an output, in the order in which they came. Not yet durable.

        A `Tick` is not kept, but the time it tells is: a minute is over when anything comes that is later.
        """
        progress = self._begun()
        minute = (record.at_ns - progress.began_ns) // NS_PER_MINUTE
        if progress.minute is None or minute > progress.minute:
            progress.minute = minute
            progress.turn()
        elif len(progress.records) >= MOST_RECORDS:
            progress.turn()
        if isinstance(record, Tick):
            return
        progress.records.append(StoredDecision.of(record) if isinstance(record, Decision) else record)
        progress.dirty = True

    def commit(self) -> None:
        """Make everything added so far durable. Raises StoreError; then nothing is lost, and it may be tried again."""
        progress = self._begun()
        if not progress.full and not progress.dirty:
            return
        closed_seal = progress.closed_seal
        with self._database.atomic():
            for number, records in progress.full:
                closed_seal = self._write(number, records, closed_seal)
            open_seal = self._write(progress.number, progress.records, closed_seal) if progress.dirty else closed_seal
            minutes = progress.number + progress.dirty
            self._database.execute(
                "UPDATE night SET minutes = ? WHERE key = ? AND minutes <> ?", (minutes, progress.night, minutes)
            )
        progress.full, progress.dirty = [], False
        progress.closed_seal, progress.open_seal = closed_seal, open_seal

    def _write(self, number: int, records: list[Stored], before: bytes) -> bytes:
        progress = self._begun()
        row = pack_row(progress.night, number, progress.began_ns, records, before)
        write(self._database, progress.night, row)
        return row.seal
