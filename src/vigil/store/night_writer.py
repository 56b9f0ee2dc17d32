"""Writing a night down as it happens.

Records are buffered until `commit`, which is durable when it returns. A minute of the night is one row; the last,
still open, is packed and written anew at each commit (its previous state is in the log until then), so there is one
form for everything and nothing to gather when the minute is over.

While the disk is full everything that could not be stored yet is held in memory, within bounds: of what is too much
the oldest samples are let go, and counted; events and decisions never (fault F15).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.domain.errors import StoreError
from vigil.domain.nudges import Decision
from vigil.domain.records import SAMPLES, Mode, NightBegan, Tick
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample
from vigil.domain.units import NS_PER_MINUTE
from vigil.store.checksums import GENESIS
from vigil.store.database import Database
from vigil.store.minutes import pack_row, proven, read, seal_before, unpacked, write
from vigil.store.nights import Nights, require_intact
from vigil.store.packing import unpack_minute
from vigil.store.stored import Given, Stored, StoredDecision

MOST_RECORDS = 2048
"""A row takes no more than this, so that a source gone mad, or a clock that jumped hours ahead, cannot make one row
grow all night and be written anew each second. An honest minute holds about 150."""


MOST_HELD = 8 << 20
"""Bytes of records that wait to be stored (reliability F15): three hours of heart rate and movement each second."""

_ROWS_AT_ONCE = 16
"""Rows of one transaction, so that trying again each second on a full disk stays cheap."""

_COST = dict.fromkeys((HeartSample, BeatInterval, Contact, Battery), 140)
_COST_OF_OTHERS = 700
"""Bytes of a record in memory, measured on CPython 3.11: 125, 133, 675 for movement, 370 for an epoch, rounded up."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the night was entered with."""

    began: NightBegan
    as_what: dict[str, str]


@dataclass(slots=True)
class _Progress:
    """How far a night has been written. What is stored is taken out only after the database has accepted it.

    minute: of the night's time so far. full: rows that are complete but not yet stored, oldest first. records: of the
    row that is open; dirty: it holds something that is not stored. number: of the oldest of these rows, of which the
    first `durable` records are stored already. closed_seal: of the row before that one. open_seal: of the open row as
    it was last stored. held: bytes of what is not stored; bound: how many there may be.
    """

    night: int
    entry: _Entry
    minute: int | None = None
    number: int = 0
    records: list[Stored] = field(default_factory=list)
    dirty: bool = False
    full: list[list[Stored]] = field(default_factory=list)
    durable: int = 0
    closed_seal: bytes = GENESIS
    open_seal: bytes = GENESIS
    held: int = 0
    bound: int = MOST_HELD

    def turn(self) -> None:
        """The open row has all it will ever have."""
        if not self.records:
            return
        if self.dirty:
            self.full.append(self.records)
        else:
            self.closed_seal = self.open_seal
            self.number += 1
            self.durable = 0
        self.records, self.dirty = [], False

    def let_go(self) -> int:
        """Drop the oldest samples that are not stored until an eighth of the room is free again; how many."""
        lost = 0
        rows = [*self.full, self.records]
        for index, row in enumerate(rows):
            kept = row[: self.durable] if index == 0 else []
            for record in row[len(kept) :]:
                if type(record) in SAMPLES and self.held > MOST_HELD * 7 // 8:
                    self.held -= _cost(record)
                    lost += 1
                else:
                    kept.append(record)
            rows[index] = kept
        *full, self.records = rows
        self.full = [row for row in full if row]
        self.dirty = self.dirty and bool(self.records)
        self.bound = max(MOST_HELD, self.held * 9 // 8)
        return lost

    def stored(self, rows: int, seals: list[bytes], *, with_open: bool) -> None:
        """The database has accepted so many full rows, and the open one."""
        self.held -= sum(_cost(record) for record in self._waiting(rows, with_open=with_open))
        if rows:
            self.number += rows
            self.durable = 0
            self.closed_seal = seals[rows - 1]
            del self.full[:rows]
        if with_open:
            self.durable, self.dirty, self.open_seal = len(self.records), False, seals[-1]

    def _waiting(self, rows: int, *, with_open: bool) -> list[Stored]:
        found = [record for row in self.full[:rows] for record in row] + (self.records if with_open else [])
        return found[self.durable :]

    def begin_anew(self, night: int) -> None:
        """Go on in another database: what is stored stays behind, what waits goes along."""
        oldest = self.full[0] if self.full else self.records
        del oldest[: self.durable]
        self.night, self.number, self.durable = night, 0, 0
        self.closed_seal = self.open_seal = GENESIS
        self.full = [row for row in self.full if row]
        self.dirty = bool(self.records)


def _cost(record: Stored) -> int:
    return _COST.get(type(record), _COST_OF_OTHERS)


class NightWriter:
    """The writer of one night: `begin` or `resume` it, then `add` and `commit` for as long as it lasts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._progress: _Progress | None = None
        self._lost = 0

    @property
    def lost(self) -> int:
        """How many samples were let go because they could not be stored and were too many to hold."""
        return self._lost

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
        as_what = {"path": path, "format": format, "kind": kind, "note": note}
        key = Nights(self._database).begin(began, **as_what)
        self._progress = _Progress(key, _Entry(began, as_what))
        return key

    def carry_on(self, database: Database) -> int:
        """Go on in a fresh database because the one so far was damaged; the key of the night there.

        What was stored stays behind, what could not be stored yet is kept and goes into the next `commit`. Raises
        StoreError, and may then be tried again.
        """
        progress = self._begun()
        key = Nights(database).begin(progress.entry.began, **progress.entry.as_what)
        self._database = database
        progress.begin_anew(key)
        return key

    def resume(self, night: int) -> None:
        """Go on with a night after a restart: what follows is added after what was committed.

        If its last minute is damaged it is left as it is, and a new one is begun after it. Raises StoreError.
        """
        row = Nights(self._database).row(night)
        require_intact(row)
        began = NightBegan(row.began_ns, Mode(row.mode), row.name, wall_ms=row.wall_ms, zone_min=row.zone_min)
        as_what = {"path": row.path, "format": row.format, "kind": row.kind, "note": row.note}
        progress = _Progress(night, _Entry(began, as_what), number=row.minutes)
        last = read(self._database, night, row.minutes - 1) if row.minutes else None
        if last is not None and proven(self._database, night, last) is None:
            progress.number = last.number
            progress.closed_seal = seal_before(self._database, night, last.number) or GENESIS
            progress.open_seal = last.seal
            progress.records = unpacked(last, lambda minute: unpack_minute(minute.samples, minute.records))
            progress.minute = last.to_s // 60
            progress.durable = len(progress.records)
        elif last is not None:
            progress.closed_seal = last.seal
        self._progress = progress

    def add(self, record: Given) -> None:
        """Take an input or an output, in the order in which they came. Not yet durable.

        A `Tick` is not kept, but the time it tells is: a minute is over when anything comes that is later.
        """
        progress = self._begun()
        minute = (record.at_ns - progress.entry.began.at_ns) // NS_PER_MINUTE
        if progress.minute is None or minute > progress.minute:
            progress.minute = minute
            progress.turn()
        elif len(progress.records) >= MOST_RECORDS:
            progress.turn()
        if isinstance(record, Tick):
            return
        kept = StoredDecision.of(record) if isinstance(record, Decision) else record
        progress.records.append(kept)
        progress.dirty = True
        progress.held += _cost(kept)
        if progress.held > progress.bound:
            self._lost += progress.let_go()

    def commit(self) -> None:
        """Make everything added so far durable. Raises StoreError; then what is left may be tried again."""
        progress = self._begun()
        while progress.full or progress.dirty:
            self._commit_some(progress)

    def _commit_some(self, progress: _Progress) -> None:
        """One transaction: the oldest full rows, and the open one if there are no others left."""
        rows = progress.full[:_ROWS_AT_ONCE]
        with_open = progress.dirty and len(rows) == len(progress.full)
        seal, seals = progress.closed_seal, []
        with self._database.atomic():
            for number, records in enumerate([*rows, progress.records] if with_open else rows, start=progress.number):
                row = pack_row(progress.night, number, progress.entry.began.at_ns, records, seal)
                write(self._database, progress.night, row)
                seal = row.seal
                seals.append(seal)
            minutes = progress.number + len(seals)
            self._database.execute(
                "UPDATE night SET minutes = ? WHERE key = ? AND minutes <> ?", (minutes, progress.night, minutes)
            )
        progress.stored(len(rows), seals, with_open=with_open)
