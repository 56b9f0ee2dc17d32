"""A night that is kept in a database which is damaged meanwhile: it goes on, and nothing that can be read is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vigil.app import keepers
from vigil.app.keepers import LiveKeeper
from vigil.domain.errors import DamagedError, FullError, StoreError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import NightBegan
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import HeartSample
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_S
from vigil.run.keeping import CarefulKeeper
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights
from vigil.store.quarantine import set_aside

BEGAN = NightBegan(0, night="a night")
HEARD = [HeartSample(second * NS_PER_S, second) for second in range(200)]
STAMP = "2026-04-08-0214"
ROW = LedgerRow("a night", 1, "boot", 5, None, Purpose.NUDGE, 1, Output.LIGHT, 1, 4000)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "vigil.db") as opened:
        yield opened


def keeper_of(database: Database) -> LiveKeeper:
    seconds = iter(range(10_000))
    keeper = LiveKeeper(
        database,
        kind="live",
        source="a test",
        beside={"ran_with": "x"},
        now_s=lambda: float(next(seconds)),
        stamp=lambda: STAMP,
    )
    keeper.begin(BEGAN)
    return keeper


def kept(database: Database) -> list[object]:
    (row,) = Nights(database).nights()
    return [one for one in NightReader(database).inputs(row.key) if isinstance(one, HeartSample)]


def damage(path: Path) -> None:
    """As a disk does behind a running program: the next statement meets what is no schema of Vigil's."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE nonsense' WHERE name = 'pulse'")
        connection.execute("PRAGMA schema_version=99")


def test_a_night_goes_on_in_a_fresh_database_when_its_own_is_damaged(database: Database) -> None:
    """F16 at night: what was stored is in the copy, all else in the fresh one, and the budget is spent there."""
    keeper = keeper_of(database)
    careful = CarefulKeeper(keeper, lambda: False, keeper.mend)
    for sample in HEARD[:100]:
        careful.add(sample)
    careful.commit()
    damage(database.path)
    for sample in HEARD[100:150]:
        careful.add(sample)
    careful.commit()
    assert careful.notices(9) == [Trouble(9, TroubleKind.STORE_DAMAGED)]
    for sample in HEARD[150:]:
        careful.add(sample)
    careful.commit()
    assert careful.notices(9) == []
    (row,) = Nights(database).nights()
    assert (row.name, row.kind, row.format) == ("a night", "live", "a test")
    assert Nights(database).summary(row.key) == '{"ran_with": "x"}'
    assert kept(database) == HEARD[100:]
    assert not LedgerStore(database).recent().readable
    (copy,) = set_aside(database.path)
    assert copy.parent.name == STAMP
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        ((sql,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'pulse'").fetchall()
        ((rows,),) = connection.execute("SELECT count(*) FROM minute").fetchall()
    assert (sql, rows) == ("CREATE TABLE nonsense", 2)


def test_a_nudge_that_meets_the_damage_is_not_given(database: Database) -> None:
    """It is not in the ledger of the fresh one either."""
    keeper = keeper_of(database)
    careful = CarefulKeeper(keeper, lambda: False, keeper.mend)
    damage(database.path)
    with pytest.raises(DamagedError):
        careful.spend(ROW)
    careful.add(HEARD[0])
    careful.commit()
    assert kept(database) == HEARD[:1]
    assert LedgerStore(database).outcomes("a night") == ()


def test_one_that_is_sound_is_only_opened_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once; if it is called damaged again before anything could be kept it is set aside, for what reason ever."""
    keeper = keeper_of(database)
    for sample in HEARD[:5]:
        keeper.add(sample)
    keeper.commit()
    assert not keeper.mend()
    keeper.add(HEARD[5])
    keeper.commit()
    assert kept(database) == HEARD[:6]
    assert not keeper.mend()
    assert keeper.mend()
    keeper.add(HEARD[6])
    keeper.commit()
    assert kept(database) == [HEARD[6]]
    assert len(set_aside(database.path)) == 1


def test_what_could_not_be_gone_on_with_is_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it fails, nothing that waits is lost, and it is set aside once."""
    keeper = keeper_of(database)
    keeper.add(HEARD[0])
    damage(database.path)

    def full(*_: object, **__: object) -> None:
        raise FullError

    with monkeypatch.context() as patch:
        patch.setattr(keepers, "renew", full)
        with pytest.raises(FullError):
            keeper.mend()
    with monkeypatch.context() as patch:
        patch.setattr("vigil.store.nights.Nights.begin", full)
        with pytest.raises(FullError):
            keeper.mend()
    assert keeper.mend()
    keeper.commit()
    assert kept(database) == HEARD[:1]
    assert len(set_aside(database.path)) == 1


def test_a_database_that_cannot_be_opened_any_more_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is closed then; whoever uses it is told in words, and mending it again works."""
    keeper = keeper_of(database)
    keeper.add(HEARD[0])
    damage(database.path)

    def full(*_: object, **__: object) -> None:
        raise FullError

    with monkeypatch.context() as patch:
        patch.setattr("vigil.store.quarantine._make_fresh", full)
        with pytest.raises(FullError):
            keeper.mend()
    with pytest.raises(StoreError):
        keeper.commit()
    assert keeper.mend()
    keeper.commit()
    assert kept(database) == HEARD[:1]
