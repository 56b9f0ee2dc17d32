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
        (Now("boot-b", 18 * HOUR), True),
        (Now("boot-b", 18 * HOUR + 1), False),
        (Now("", ROW.at_ns + 90 * HOUR), True),
        (Now("boot-b", 0, 1_700_000_000_000 + 18 * HOUR_MS), True),
        (Now("boot-b", 0, 1_700_000_000_000 + 18 * HOUR_MS + 1), False),
        (Now("boot-a", ROW.at_ns, 1_700_000_000_000 + 90 * HOUR_MS), True),
    ],
)
def test_only_rows_that_are_surely_older_are_left_out(database: Database, now: Now | None, *, stays: bool) -> None:
    """The boot clock decides, for an earlier boot's row since the start, else two wall clocks; in doubt a row stays."""
    LedgerStore(database).append(ROW)
    assert LedgerStore(database).recent(hours=18, now=now).rows == ((ROW,) if stays else ())


def test_a_row_of_unknown_age_stays(database: Database) -> None:
    """Without a wall time, or a boot to compare, nobody can say that a nudge was long ago."""
    ledger = LedgerStore(database)
    ledger.append(replace(ROW, wall_ms=None))
    ledger.append(replace(ROW, boot_id="", wall_ms=None))
    assert len(ledger.recent(now=Now("boot-b", HOUR, 2**50)).rows) == 2
    assert len(ledger.recent(now=Now("boot-b", 2**60, 2**50)).rows) == 1
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


def test_what_has_no_clock_counts_as_now_for_one_night_only(database: Database) -> None:
    """A row of an earlier boot without a wall clock is dated at the first start that has one, and ages from there.

    Found by the year of nights (seed 1, night 3): after a night whose clock had stepped, no night was nudged again.
    """
    ledger, night_ms = LedgerStore(database), ROW.wall_ms or 0
    ledger.append(replace(ROW, wall_ms=None))
    ledger.append(replace(ROW, permit=2))
    ledger.date(Now("boot-b", HOUR))
    ledger.date(Now("boot-a", ROW.at_ns, night_ms + HOUR_MS))
    assert [row.wall_ms for row in ledger.recent().rows] == [None, night_ms], "no proof, or its own boot: as it was"
    tonight = Now("boot-b", HOUR, night_ms + 24 * HOUR_MS)
    ledger.date(tonight)
    assert [row.permit for row in ledger.recent(now=tonight).rows] == [1], "it may have been just now"
    tomorrow = Now("boot-c", HOUR, night_ms + 48 * HOUR_MS)
    ledger.date(tomorrow)
    assert ledger.recent(now=tomorrow) == Ledger()
    assert database.check() == ()


def test_a_damaged_row_is_not_dated(database: Database) -> None:
    """Signing it anew would hide the damage; nothing else is dated either, and the ledger stays in doubt."""
    ledger = LedgerStore(database)
    for permit in (1, 2):
        ledger.append(replace(ROW, permit=permit, wall_ms=None))
    with database.atomic():
        database.execute("UPDATE ledger SET level = 4 WHERE permit = 2")
    with pytest.raises(StoreError, match="damaged"):
        ledger.date(Now("boot-b", HOUR, (ROW.wall_ms or 0) + HOUR_MS))
    assert database.rows("SELECT wall_ms FROM ledger ORDER BY number") == [(None,), (None,)]
    assert not ledger.recent().readable
