"""The ledger of permits: a row is durable before the output acts, and counts as a nudge given whatever came after.

Reading it never raises: if anything about it is doubtful the answer is a ledger that is not readable, and the
guard then counts the budget as spent (DESIGN section 5; reliability 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.requests import Output, Purpose
from vigil.domain.units import NS_PER_S
from vigil.store.checksums import crc_of
from vigil.store.database import Database, Row
from vigil.store.integrity import LEDGER_COLUMNS
from vigil.store.nights import text_of

MOST_ROWS = 64
"""As many rows as any cap could count five times over: the highest is 12 in 18 hours (DESIGN section 5)."""

_S_PER_HOUR = 3600
_MS_PER_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Now:
    """What is known about the present, to tell how old a row is. wall_ms only if the wall clock is proven sane."""

    boot_id: str
    at_ns: int
    wall_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a permit: `text` as it was given, "" and None while nothing is known."""

    row: LedgerRow
    text: str
    at_ns: int | None


class LedgerStore:
    """The ledger in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, row: LedgerRow) -> None:
        """Write a permit down; it is on the disk when this returns. Raises StoreError, and then nothing may be done.

        Refused inside `atomic`, where it would be durable only later.
        """
        if self._database.in_transaction:
            message = "the nudge could not be written down by itself; it was not given; please report this"
            raise StoreError(message)
        with self._database.atomic():
            number = self._last_number() + 1
            values = (
                *(number, text_of(row.night), row.permit, text_of(row.boot_id), row.at_ns, row.wall_ms),
                *(row.purpose.value, row.episode, row.output.value, row.level, row.duration_ms, "", None),
            )
            marks = ", ".join("?" * (len(values) + 1))
            self._database.execute(
                f"INSERT INTO ledger ({LEDGER_COLUMNS}, crc) VALUES ({marks})",
                (*values, crc_of(*values)),
            )

    def outcome(self, night: str, permit: int, text: str, at_ns: int) -> None:
        """Note what became of a permit, durably. Raises NotFoundError if it is not in the ledger, or StoreError."""
        with self._database.atomic():
            found = self._database.row(
                f"SELECT {LEDGER_COLUMNS}, crc FROM ledger WHERE night = ? AND permit = ? ORDER BY number DESC",
                (text_of(night), permit),
            )
            if found is None:
                message = f"permit {permit} of night {night} is not in the ledger; its outcome was not noted"
                raise NotFoundError(message)
            outcome_of(found)
            values = (*found[:-3], text_of(text), at_ns)
            self._database.execute(
                "UPDATE ledger SET outcome = ?, outcome_ns = ?, crc = ? WHERE number = ?",
                (text_of(text), at_ns, crc_of(*values), found[0]),
            )

    def date(self, now: Now) -> None:
        """Give rows of earlier boots that carry no wall clock the present one, where that is proven.

        They are older than that; nobody knows by how much. Without a date they would count as now at every start there
        will ever be, and the budget of one night would be spent for good. Raises StoreError, and then nothing is dated.
        """
        if now.wall_ms is None:
            return
        undated = self._database.rows(f"{_UNDATED} ORDER BY number", (now.boot_id,))
        if not undated:
            return
        with self._database.atomic():
            for row in undated:
                outcome_of(row)
                values = (*row[:_WALL], now.wall_ms, *row[_WALL + 1 : -1])
                self._database.execute(
                    "UPDATE ledger SET wall_ms = ?, crc = ? WHERE number = ?", (now.wall_ms, crc_of(*values), row[0])
                )

    def recent(self, *, hours: float = 18.0, now: Now | None = None) -> Ledger:
        """The last rows, oldest first, at most `MOST_ROWS`, without those that are surely older than `hours`.

        A row's age is sure on the boot clock of the same boot, or between two known wall clocks, and a row of an
        earlier boot is at least as old as this one; where it is not, the row stays in, and the guard counts it as
        now. Never raises: `readable` is False if anything is wrong.
        """
        try:
            if self._database.lost_commits:
                return Ledger(readable=False)
            found = self._database.rows(f"{_NEWEST} LIMIT {MOST_ROWS}")
            last = self._last_number()
            numbers = [row[0] for row in found]
            if numbers != list(range(last, max(0, last - MOST_ROWS), -1)):
                return Ledger(readable=False)
            rows = [outcome_of(row).row for row in reversed(found)]
            return Ledger(tuple(row for row in rows if not _surely_older(row, hours, now)))
        except (StoreError, ValueError, TypeError):
            return Ledger(readable=False)

    def outcomes(self, night: str) -> tuple[Outcome, ...]:
        """Every permit of a night and what became of it, oldest first; raises StoreError if a row is damaged."""
        found = self._database.rows(
            f"SELECT {LEDGER_COLUMNS}, crc FROM ledger WHERE night = ? ORDER BY number",
            (text_of(night),),
        )
        return tuple(outcome_of(row) for row in found)

    def _last_number(self) -> int:
        """The number of the last row that was ever appended: AUTOINCREMENT keeps it beside the table."""
        found = self._database.row("SELECT seq FROM sqlite_sequence WHERE name = 'ledger'")
        return 0 if found is None else int(found[0])


_UNDATED = f"SELECT {LEDGER_COLUMNS}, crc FROM ledger WHERE wall_ms IS NULL AND (boot_id = '' OR boot_id <> ?)"
_WALL = LEDGER_COLUMNS.split(", ").index("wall_ms")

_NEWEST = f"SELECT {LEDGER_COLUMNS}, crc FROM ledger ORDER BY number DESC"


def outcome_of(values: Row) -> Outcome:
    """A row of the table (`LEDGER_COLUMNS` and its checksum), proven; raises StoreError or ValueError."""
    *columns, crc = values
    if crc_of(*columns) != crc:
        message = f"row {columns[0]} of the ledger is damaged; it was left as it is; go back to a backup"
        raise StoreError(message)
    _, night, permit, boot_id, at_ns, wall_ms, purpose, episode, output, level, duration_ms, text, outcome_ns = columns
    row = LedgerRow(
        night, permit, boot_id, at_ns, wall_ms, Purpose(purpose), episode, Output(output), level, duration_ms
    )
    return Outcome(row, text, outcome_ns)


def _surely_older(row: LedgerRow, hours: float, now: Now | None) -> bool:
    if now is None:
        return False
    known = bool(row.boot_id and now.boot_id)
    same = known and row.boot_id == now.boot_id
    by_boot = known and now.at_ns - (row.at_ns if same else 0) > hours * _S_PER_HOUR * NS_PER_S
    if same or row.wall_ms is None or now.wall_ms is None:
        return by_boot
    return by_boot or now.wall_ms - row.wall_ms > hours * _MS_PER_HOUR


def unnamed(values: Row) -> Row:
    """A row of the table without what tells of the night: caps count it still, nobody can say whose it was."""
    number, _, _, boot_id, at_ns, wall_ms, purpose, _, output, level, duration_ms, _, _ = values
    kept = (number, "", 0, boot_id, at_ns, wall_ms, purpose, 0, output, level, duration_ms, "", None)
    return (*kept, crc_of(*kept))
