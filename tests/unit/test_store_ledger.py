"""The ledger is durable before anything acts, and is never believed when it is in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.requests import Output, Purpose
from vigil.store.database import Database
from vigil.store.ledger import MOST_ROWS, LedgerStore, Now

S = 1_000_000_000
HOUR = 3600 * S
HOUR_MS = 3_600_000
ROW = LedgerRow("a night", 1, "boot-a", 100 * HOUR, 1_700_000_000_000, Purpose.NUDGE, 2, Output.VIBRATION, 1, 1200)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "vigil.db") as opened:
        yield opened


def rows(count: int) -> tuple[LedgerRow, ...]:
    return tuple(replace(ROW, permit=n, at_ns=ROW.at_ns + n, wall_ms=n if n % 2 else None) for n in range(1, count + 1))


def test_rows_come_back_oldest_first(database: Database) -> None:
    """Every field of every row, in the order in which they were appended."""
    ledger = LedgerStore(database)
    assert ledger.recent() == Ledger()
    for row in rows(5):
        ledger.append(row)
    assert ledger.recent() == Ledger(rows(5))
    assert database.check() == ()


def test_a_row_is_committed_when_append_returns(database: Database, tmp_path: Path) -> None:
    """Another reader sees it at once, and inside a transaction, where it would not be durable yet, it is refused."""
    LedgerStore(database).append(ROW)
    with Database.open(tmp_path / "vigil.db", read_only=True) as reader:
        assert LedgerStore(reader).recent().rows == (ROW,)
    with database.atomic(), pytest.raises(StoreError, match="not given"):
        LedgerStore(database).append(ROW)
    assert LedgerStore(database).recent().rows == (ROW,)


def test_a_row_that_cannot_be_written_raises(database: Database) -> None:
    """No row, no nudge: a ledger that may not be written is an error to its caller."""
    database.rows("PRAGMA query_only=ON")
    with pytest.raises(StoreError):
        LedgerStore(database).append(ROW)
    assert LedgerStore(database).recent() == Ledger()


def test_only_the_last_rows_are_given(database: Database) -> None:
    """Years of nights do not slow the evening down: more rows than any cap counts, and no more."""
    ledger = LedgerStore(database)
    for row in rows(MOST_ROWS + 10):
        ledger.append(row)
    assert ledger.recent() == Ledger(rows(MOST_ROWS + 10)[10:])


@pytest.mark.parametrize(
    ("now", "stays"),
    [
        (None, True),
        (Now("boot-a", ROW.at_ns + 18 * HOUR), True),
        (Now("boot-a", ROW.at_ns + 18 * HOUR + 1), False),
        (Now("boot-b", ROW.at_ns + 90 * HOUR), True),
        (Now("boot-b", 0, 1_700_000_000_000 + 18 * HOUR_MS), True),
        (Now("boot-b", 0, 1_700_000_000_000 + 18 * HOUR_MS + 1), False),
        (Now("boot-a", ROW.at_ns, 1_700_000_000_000 + 90 * HOUR_MS), True),
    ],
)
def test_only_rows_that_are_surely_older_are_left_out(database: Database, now: Now | None, *, stays: bool) -> None:
    """On the same boot the boot clock decides, else two known wall clocks; in doubt a row stays and counts."""
    LedgerStore(database).append(ROW)
    assert LedgerStore(database).recent(hours=18, now=now).rows == ((ROW,) if stays else ())


def test_a_row_of_unknown_age_stays(database: Database) -> None:
    """Without a wall time, or a boot to compare, nobody can say that a nudge was long ago."""
    ledger = LedgerStore(database)
    ledger.append(replace(ROW, wall_ms=None))
    ledger.append(replace(ROW, boot_id="", wall_ms=None))
    assert len(ledger.recent(now=Now("boot-b", 2**60, 2**50)).rows) == 2
    assert len(ledger.recent(now=Now("", 2**60, 2**50)).rows) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger SET at_ns = at_ns + 1 WHERE number = 2",
        "UPDATE ledger SET night = 'other' WHERE number = 3",
        "UPDATE ledger SET output = 'siren' WHERE number = 1",
        "UPDATE ledger SET wall_ms = NULL WHERE number = 1",
        "UPDATE ledger SET crc = 0 WHERE number = 1",
        "DELETE FROM ledger WHERE number = 2",
        "DELETE FROM ledger WHERE number = 3",
        "DELETE FROM ledger",
        "DROP TABLE ledger",
        "UPDATE pulse SET lost = 1",
        "DELETE FROM pulse",
    ],
)
def test_a_doubtful_ledger_is_unreadable_and_never_an_exception(database: Database, damage: str) -> None:
    """A changed or missing row, a missing table, lost commits: the guard must count the budget as spent."""
    ledger = LedgerStore(database)
    for row in rows(3):
        ledger.append(row)
    with database._connection as raw:
        raw.execute(damage)
    assert ledger.recent() == Ledger(readable=False)


def test_a_closed_database_is_an_unreadable_ledger(tmp_path: Path) -> None:
    """Whatever is wrong, the answer is a ledger."""
    database = Database.open(tmp_path / "vigil.db")
    database.close()
    assert LedgerStore(database).recent() == Ledger(readable=False)


def test_what_became_of_a_permit_is_noted(database: Database) -> None:
    """The outcome stands beside the row, the last row of that permit, and changes nothing else."""
    ledger = LedgerStore(database)
    for row in (*rows(2), rows(1)[0]):
        ledger.append(row)
    ledger.outcome(ROW.night, 1, "acknowledged", 5 * S)
    assert [(o.row.permit, o.text, o.at_ns) for o in ledger.outcomes(ROW.night)] == [
        (1, "", None),
        (2, "", None),
        (1, "acknowledged", 5 * S),
    ]
    assert ledger.recent() == Ledger((*rows(2), rows(1)[0]))
    assert database.check() == ()
    with pytest.raises(NotFoundError, match="permit 9"):
        ledger.outcome(ROW.night, 9, "lost", 1)


def test_a_damaged_row_is_not_signed_anew(database: Database) -> None:
    """Noting an outcome must not make a damaged row look sound."""
    ledger = LedgerStore(database)
    ledger.append(ROW)
    with database.atomic():
        database.execute("UPDATE ledger SET level = 4")
    for use in (lambda: ledger.outcome(ROW.night, 1, "ok", 1), lambda: ledger.outcomes(ROW.night)):
        with pytest.raises(StoreError, match="damaged"):
            use()
    assert not ledger.recent().readable
