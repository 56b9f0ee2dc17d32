"""What a backup or a damaged file still holds is taken back, row by row; what is hostile is left out or refused."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.test_store_nights import BEGAN, some_night, stored
from tests.unit.test_store_packing import EVERY_INPUT, EVERY_OUTPUT, as_stored
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import FullError, NotFoundError, StoreError
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.records import EpochScored, NightBegan
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import HeartSample
from vigil.store import foreign, schema
from vigil.store.answers import Answers
from vigil.store.backup import backup
from vigil.store.checksums import GENESIS, crc_of, place_of, sealed
from vigil.store.database import Database, Value
from vigil.store.integrity import ANSWER_COLUMNS, LEDGER_COLUMNS, NIGHT_COLUMNS
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights
from vigil.store.packing import pack_minute
from vigil.store.quarantine import open_or_quarantine
from vigil.store.record_types import is_record
from vigil.store.restore import Restored, restore
from vigil.store.vocabulary import OUTLINE, VOCABULARY

S = 1_000_000_000
TABLES = ("night", "minute", "summary", "answer", "ledger")


def row(night: str, permit: int) -> LedgerRow:
    return LedgerRow(night, permit, "boot", permit * S, 5 + permit, Purpose.NUDGE, 1, Output.SOUND, 1, 900)


def fill(path: Path, seed: int = 1, nights: int = 3, longer: int = 0) -> None:
    """A store with nights, summaries, answers and a ledger, the same for the same seed."""
    rng = random.Random(seed)
    with Database.open(path) as database:
        for number in range(nights):
            began = replace(BEGAN, night=f"night {number}", at_ns=rng.randrange(10**15), wall_ms=10**12 + number)
            key = stored(
                database, some_night(longer + rng.randrange(70, 250), seed + number, began), rng.randrange(3, 60), began
            )
            Nights(database).add_summary(key, json.dumps({"bar_nights": rng.random()}))
            Nights(database).set_note(key, "ünïcode" * number)
            Answers(database).put(key, Answer(MorningWord.BAD_DREAM, rng.randrange(5), None, 3, woken=True))
            for permit in range(rng.randrange(1, 9)):
                LedgerStore(database).append(row(f"night {number}", permit))
                LedgerStore(database).outcome(f"night {number}", permit, "acknowledged", 7)


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    return {table: database.rows(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "old" / "vigil.db"
    fill(path)
    return path


def copied(source: Path, folder: Path) -> Path:
    """A backup of it."""
    with Database.open(source) as database:
        return backup(database, folder)


def drill(folder: Path, seed: int) -> None:
    """Back up, take back into an empty store, compare: every row of every table is the same, byte for byte."""
    path = folder / str(seed) / "vigil.db"
    fill(path, seed, nights=1 + seed % 4)
    made = copied(path, folder / str(seed) / "backups")
    with Database.open(path) as old, Database.open(folder / str(seed) / "new" / "vigil.db") as new:
        restored = restore(new, made)
        assert everything(new) == everything(old)
        assert new.check() == ()
        assert (restored.nights, restored.skipped, restored.already) == (1 + seed % 4, 0, 0)
        for night in Nights(old).nights():
            assert list(NightReader(new).records(night.key)) == list(NightReader(old).records(night.key))
        assert LedgerStore(new).recent() == LedgerStore(old).recent()


def test_a_backup_comes_back_byte_for_byte(tmp_path: Path) -> None:
    """The drill, a few times."""
    for seed in range(4):
        drill(tmp_path, seed)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_the_restore_drill(tmp_path: Path) -> None:
    """The drill, a hundred times."""
    for seed in range(100):
        drill(tmp_path, seed)
        shutil.rmtree(tmp_path / str(seed))


def test_nothing_is_taken_twice_and_nothing_here_is_changed(source: Path, tmp_path: Path) -> None:
    """What is here stays, its keys and names too; the second time there is nothing left to take."""
    made = copied(source, tmp_path / "backups")
    before = made.read_bytes()
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        began = replace(BEGAN, night="night 1")
        mine = stored(new, some_night(100, 77, began), 20, began)
        LedgerStore(new).append(row("tonight", 1))
        truth = list(NightReader(new).records(mine))
        first = restore(new, made)
        assert (first.nights, first.already, first.skipped) == (3, 0, 0)
        assert sorted(each.name for each in Nights(new).nights()) == ["night 0", "night 1", "night 1-2", "night 2"]
        assert list(NightReader(new).records(mine)) == truth
        assert new.check() == ()
        assert LedgerStore(new).recent().rows[-1] == row("tonight", 1)
        state = everything(new)
        assert restore(new, made) == Restored(0, 0, 0, already=3, skipped=0)
        assert everything(new) == state
        with Database.open(source, read_only=True) as old:
            for name in ("night 0", "night 1", "night 2"):
                then = list(NightReader(old).records(Nights(old).find(name).key))
                now = Nights(new).find("night 1-2" if name == "night 1" else name)
                assert list(NightReader(new).records(now.key)) == then
                answer = Answers(new).get(now.key)
                assert answer is not None
                assert answer.word is MorningWord.BAD_DREAM
    assert made.read_bytes() == before
    assert [each.name for each in made.parent.iterdir()] == [made.name]


def test_nights_without_a_clock_are_told_apart(tmp_path: Path) -> None:
    """They all begin at 0 and may be called alike: those that differ are taken, those that do not are not."""
    began = NightBegan(0, night="undated")
    for folder, seeds in (("a", (1, 2)), ("b", (2, 3))):
        with Database.open(tmp_path / folder / "vigil.db") as database:
            for seed in seeds:
                stored(database, some_night(80, seed, began), 20, began)
    with Database.open(tmp_path / "b" / "vigil.db") as database:
        restored = restore(database, tmp_path / "a" / "vigil.db")
        assert (restored.nights, restored.already) == (1, 1)
        assert len(Nights(database).nights()) == 3


def test_an_answer_that_was_given_here_stays(source: Path, tmp_path: Path) -> None:
    """Somebody answered meanwhile: theirs is kept; where there is none the old one comes back."""
    made = copied(source, tmp_path / "backups")
    with Database.open(source) as database:
        keys = [night.key for night in Nights(database).nights()]
        with database.atomic():
            database.execute("DELETE FROM answer WHERE night <> ?", (keys[0],))
        Answers(database).put(keys[0], Answer(MorningWord.QUIET))
        assert restore(database, made).answers == 2
        assert [answer.word.value for answer in Answers(database).all().by_night.values()] == [
            "quiet",
            "bad_dream",
            "bad_dream",
        ]


def test_what_was_set_aside_gives_back_all_that_is_whole(tmp_path: Path) -> None:
    """A page of one night is gone: every other minute comes back, with its key, before the night that has begun."""
    source = tmp_path / "vigil.db"
    fill(source, longer=1500)
    with Database.open(source, read_only=True) as database:
        truth = {night.key: list(NightReader(database).records(night.key)) for night in Nights(database).nights()}
    damage_a_leaf(source)
    opened = open_or_quarantine(source, "s")
    with opened.database as database:
        assert opened.quarantined is not None
        tonight = stored(database, some_night(30, 5), 9)
        restored = restore(database, opened.quarantined / "vigil.db")
        assert restored.skipped
        assert {night.key for night in Nights(database).nights()} == {*truth, tonight}
        assert tonight > max(truth)
        back = {key: list(NightReader(database).records(key, gaps=True)) for key in truth}
        assert sum(map(len, back.values())) > sum(map(len, truth.values())) * 0.8
        assert all(set(map(repr, back[key])) <= set(map(repr, truth[key])) for key in truth)
        assert not LedgerStore(database).recent().readable
        database.accept_loss()
        assert len(LedgerStore(database).recent().rows) > 0


def damage_a_leaf(path: Path) -> None:
    """Overwrite one page that holds minutes."""
    with sqlite3.connect(path) as connection:
        leaves = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = 'minute' AND pagetype = 'leaf' ORDER BY pageno"
        ).fetchall()
    connection.close()
    data = bytearray(path.read_bytes())
    page = leaves[len(leaves) // 2][0]
    data[4096 * (page - 1) : 4096 * page] = random.Random(1).randbytes(4096)
    path.write_bytes(data)


def test_the_log_beside_a_file_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    """A store that was killed has its last minutes in the log only; they come back, and the two files stay."""
    with Database.open(tmp_path / "live" / "vigil.db") as database:
        database.rows("PRAGMA wal_autocheckpoint=0")
        key = stored(database, some_night(200), 10)
        truth = list(NightReader(database).records(key))
        (tmp_path / "killed").mkdir()
        for name in ("vigil.db", "vigil.db-wal"):
            shutil.copy(tmp_path / "live" / name, tmp_path / "killed" / name)
    before = {each.name: each.read_bytes() for each in (tmp_path / "killed").iterdir()}
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        assert restore(new, tmp_path / "killed" / "vigil.db").nights == 1
        assert list(NightReader(new).records(key)) == truth
    assert {each.name: each.read_bytes() for each in (tmp_path / "killed").iterdir()} == before
    assert not list((tmp_path / "new").glob("reading*"))


def test_a_backup_of_an_older_vigil_is_read_as_it_is(tmp_path: Path) -> None:
    """It has no answers yet; nothing in it is brought up."""
    old = tmp_path / "old.db"
    connection = sqlite3.connect(old, isolation_level=None)
    schema.migrate(connection, schema.shipped()[:1])
    columns = (7, "old", 5, None, None, "live", "on", "", "", "", "", "")
    connection.execute(f"INSERT INTO night VALUES ({', '.join('?' * 14)})", (*columns, crc_of(*columns), 0))
    connection.close()
    before = old.read_bytes()
    with Database.open(tmp_path / "vigil.db") as database:
        assert restore(database, old).nights == 1
        assert Nights(database).row(7).name == "old"
    assert old.read_bytes() == before


def test_a_gap_stays_a_gap(source: Path, tmp_path: Path) -> None:
    """A damaged minute, a missing one and a missing end: left out, counted, and named in the night that comes back."""
    with Database.open(source) as database:
        keys = [night.key for night in Nights(database).nights()]
        with database.atomic():
            database.execute("UPDATE minute SET samples = x'00' WHERE place = ?", (place_of(keys[0], 1),))
            database.execute("DELETE FROM minute WHERE place = ?", (place_of(keys[1], 0),))
            database.execute("UPDATE night SET minutes = minutes + 1 WHERE key = ?", (keys[2],))
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        stored(new, some_night(20), 5)
        restored = restore(new, source)
        assert (restored.nights, restored.skipped) == (3, 2)
        for name in ("night 0", "night 1", "night 2"):
            assert len(NightReader(new).damaged_minutes(Nights(new).find(name).key)) == 1
    assert "Damaged and left out: 2 parts." in restored.words


def test_it_says_what_it_did() -> None:
    """Plain words, in numbers."""
    assert Restored(1, 2, 3, 0, 0).words == "Taken back: 1 night and 2 answers."
    assert Restored(0, 0, 0, 4, 1).words == (
        "Taken back: 0 nights and 0 answers. Already here and left alone: 4 nights. Damaged and left out: 1 part."
    )


# Refused as a whole.


def by_hand(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=DELETE", "PRAGMA writable_schema=ON", *statements):
        connection.execute(statement).fetchall()
    connection.close()


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"

STRANGE = {
    "a view for a table": (
        "DROP TABLE summary",
        f"CREATE VIEW summary AS {ENDLESS} SELECT x AS night, x AS body FROM n",
    ),
    "another view": ("CREATE VIEW v AS SELECT 1",),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON night BEGIN DELETE FROM night; END",),
    "a computed column": ("ALTER TABLE night ADD COLUMN more TEXT AS (hex(randomblob(1000000000)))",),
    "another table": ("CREATE TABLE more (x)",),
    "an index": ("CREATE INDEX i ON night (hex(name))",),
    "a table is gone": ("DROP TABLE ledger",),
    "a rule is gone": (
        "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'night'",
        "PRAGMA schema_version=99",
    ),
    "no schema": ("UPDATE sqlite_schema SET sql = 'CREATE TABLE night (' WHERE name = 'night'",),
    "no step": ("PRAGMA user_version=0",),
    "a negative step": ("PRAGMA user_version=-7",),
    "a newer Vigil": ("PRAGMA user_version=99",),
    "another program": ("PRAGMA application_id=5",),
}


@pytest.mark.parametrize("statements", STRANGE.values(), ids=STRANGE)
def test_tables_that_are_not_ours_are_refused(source: Path, tmp_path: Path, statements: tuple[str, ...]) -> None:
    """Nothing is taken, nothing hangs, nothing is written to it."""
    by_hand(source, *statements)
    before = source.read_bytes()
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        state = everything(new)
        with pytest.raises(StoreError):
            restore(new, source)
        assert everything(new) == state
    assert source.read_bytes() == before


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    """Nothing there, a folder, a letter, the store itself."""
    (tmp_path / "letter").write_bytes(b"dear mother " * 999)
    with Database.open(tmp_path / "vigil.db") as database:
        for name, kind in (
            ("none", NotFoundError),
            (".", NotFoundError),
            ("letter", StoreError),
            ("vigil.db", StoreError),
        ):
            with pytest.raises(kind):
                restore(database, tmp_path / name)


def test_a_file_that_takes_forever_is_given_up(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work SQLite may do on a foreign file is bounded."""
    monkeypatch.setattr(foreign, "_STEPS", 10)
    monkeypatch.setattr(foreign, "_MOST_LOOKS", 5)
    with Database.open(tmp_path / "new" / "vigil.db") as new, pytest.raises(StoreError, match="interrupted"):
        restore(new, source)


def test_a_full_disk_ends_it_and_it_may_be_tried_again(tmp_path: Path) -> None:
    """It is no damage of the backup's: what was taken stays whole, the rest is taken when there is room."""
    source = tmp_path / "old" / "vigil.db"
    fill(source, longer=600)
    made = copied(source, tmp_path / "backups")
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        ((pages,),) = new.rows("PRAGMA page_count")
        new.rows(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(FullError):
            restore(new, made)
        assert new.check() == ()
        new.rows("PRAGMA max_page_count = 1000000")
        restored = restore(new, made)
        assert (restored.nights + restored.already, restored.skipped) == (3, 0)
        with Database.open(source, read_only=True) as old:
            assert everything(new) == everything(old)


def test_a_disk_that_cannot_be_read_is_no_damage(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stick was pulled: in words, and no night counts as damaged for it."""

    def gone(*args: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(foreign, "look_at", gone)
    with Database.open(tmp_path / "new" / "vigil.db") as new, pytest.raises(StoreError, match="could not be read"):
        restore(new, source)


def test_our_own_damaged_ledger_is_left_alone(source: Path, tmp_path: Path) -> None:
    """Rows would have to be signed anew, which would hide the damage."""
    made = copied(source, tmp_path / "backups")
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        LedgerStore(new).append(row("n", 1))
        with new.atomic():
            new.execute("UPDATE ledger SET level = 0")
        restored = restore(new, made)
        assert restored.ledger_rows == 0
        assert restored.skipped > 0
        assert len(new.rows("SELECT * FROM ledger")) == 1


# Left out row by row: a right checksum over what Vigil never writes.


def hostile(path: Path, table: str, key: str, columns: str, change: dict[str, Value]) -> None:
    """Change columns of every row by hand and sign them as Vigil would."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    connection.execute("PRAGMA foreign_keys=OFF")
    names = columns.split(", ")
    for values in connection.execute(f"SELECT {columns} FROM {table}").fetchall():
        changed = [change.get(name, value) for name, value in zip(names, values, strict=True)]
        sets = ", ".join(f"{name} = ?" for name in (*names, "crc"))
        number = values[names.index(key)]
        connection.execute(f"UPDATE {table} SET {sets} WHERE {key} = ?", (*changed, crc_of(*changed), number))
    connection.close()


@pytest.mark.parametrize(
    ("table", "key", "change"),
    [
        ("night", "key", {"kind": "evil"}),
        ("night", "key", {"mode": "full_power"}),
        ("night", "key", {"name": ""}),
        ("summary", "night", {"body": "[1, 2]"}),
        ("summary", "night", {"body": "{" * 100_000}),
        ("summary", "night", {"body": '{"a": "' + "x" * (1 << 20) + '"}'}),
        ("answer", "night", {"word": "happy"}),
        ("answer", "night", {"dreams": 999}),
        ("ledger", "number", {"purpose": "harm"}),
        ("ledger", "number", {"output": "siren"}),
    ],
)
def test_a_signed_but_senseless_row_is_left_out(
    source: Path, tmp_path: Path, table: str, key: str, change: dict[str, Value]
) -> None:
    """The rest comes in; the row is counted."""
    columns = {
        "night": NIGHT_COLUMNS,
        "summary": "night, body",
        "answer": ANSWER_COLUMNS,
        "ledger": LEDGER_COLUMNS,
    }[table]
    if change == {"name": ""}:
        by_hand(source, "DELETE FROM minute WHERE night > 1", "DELETE FROM answer", "DELETE FROM summary")
        by_hand(source, "DELETE FROM night WHERE key > 1")
    hostile(source, table, key, columns, change)
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        restored = restore(new, source)
        assert restored.skipped >= 1
        assert new.rows(f"SELECT * FROM {table}") == []
        assert new.check() == ()


BOMB_BYTES = 1 << 27

EVIL = {
    "NaN": lambda: pack_minute([replace(score(), heart_bpm=float("nan"))]),
    "text for a number": lambda: pack_minute([replace(score(), index="x")]),  # type: ignore[arg-type]
    "an instant that is none": lambda: other('[{"$record":["LinkLost",{"at_ns":"soon"}]}]'),
    "an instant that is endless": lambda: other('[{"$record":["LinkLost",{"at_ns":{"$float":"inf"}}]}]'),
    "a flag for a number": lambda: other('[{"$record":["LinkLost",{"at_ns":true}]}]'),
    "a decision with a list for a permit": lambda: other(
        '[{"$record":["StoredDecision",{"at_ns":1,"state":{"$enum":["WatchState","held"]},'
        '"action":{"$enum":["Action","nudge"]},"reasons":{"$tuple":[]},"episode":null,"permit":[1]}]}]'
    ),
    "no record": lambda: other('[{"$tuple":[1]}]'),
    "a class nobody knows": lambda: other('[{"$record":["Permit",{}]}]'),
    "deep": lambda: other("[" * 50_000 + "]" * 50_000),
    "a bomb": lambda: (deflated(b"\x01\x01\x00\x00\x00" + bytes(BOMB_BYTES), OUTLINE), deflated(b"", VOCABULARY)),
    "a bomb of words": lambda: (pack_minute([HeartSample(0, 1)])[0], deflated(b'"' + b"a" * (BOMB_BYTES), VOCABULARY)),
    "many": lambda: (deflated(b"\x01" + struct.pack("<I", 5_000_000) + bytes(5_000_000), OUTLINE), b"\x03\x00"),
    "noise": lambda: (b"\x07\x08", b"\x09"),
}


def score() -> EpochScored:
    return next(record for record in EVERY_OUTPUT if isinstance(record, EpochScored))


def deflated(data: bytes, words: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15, zdict=words)
    return packer.compress(data) + packer.flush()


def other(text: str) -> tuple[bytes, bytes]:
    samples = deflated(b"\x01\x01\x00\x00\x00" + b"\x00" + b"B\x00", OUTLINE)
    return samples, deflated(text.encode(), VOCABULARY)


@pytest.mark.parametrize("packed", EVIL.values(), ids=EVIL)
def test_a_signed_but_evil_minute_is_left_out(tmp_path: Path, packed: Callable[[], tuple[bytes, bytes]]) -> None:
    """A right checksum and a right seal over a wrong record: the minute is counted, and nothing so large is built."""
    source = tmp_path / "old" / "vigil.db"
    with Database.open(source) as database:
        key = stored(database, [HeartSample(BEGAN.at_ns, 600)])
        row_ = sealed(place_of(key, 0), (0, 0), 1, packed(), GENESIS)
        with database.atomic():
            database.execute(
                "UPDATE minute SET crc = ?, seal = ?, samples = ?, records = ? WHERE place = ?",
                (row_.crc, row_.seal, row_.samples, row_.records, row_.place),
            )
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        tracemalloc.start()
        restored = restore(new, source)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (restored.nights, restored.skipped) == (1, 1)
        assert new.rows("SELECT * FROM minute") == []
    assert peak < BOMB_BYTES // 2


def test_a_huge_row_is_refused_before_it_takes_memory(source: Path, tmp_path: Path) -> None:
    """SQLite itself stops at 64 MiB."""
    by_hand(source, "UPDATE summary SET body = zeroblob(70000000) || 'x' WHERE night = 1")
    with Database.open(tmp_path / "new" / "vigil.db") as new:
        restored = restore(new, source)
        assert restored.nights == 3
        assert len(new.rows("SELECT * FROM summary")) == 2


def test_every_record_vigil_stores_is_one() -> None:
    """The check of types refuses nothing that Vigil writes, and knows a wrong field."""
    assert all(is_record(record) for record in as_stored([*EVERY_INPUT, *EVERY_OUTPUT]))
    for wrong in (
        5,
        Ledger(),
        HeartSample(1, True),
        HeartSample(1, 2**128),
        replace(score(), p=1),  # type: ignore[arg-type]
        NightBegan(1, ledger=Ledger((5,))),  # type: ignore[arg-type]
        NightBegan(1, ledger=Ledger([])),  # type: ignore[arg-type]
    ):
        assert not is_record(wrong)


def damaged_at_random(path: Path, rng: random.Random) -> None:
    """Bits, bytes, pages, or its end."""
    data = bytearray(path.read_bytes())
    kind = rng.randrange(4)
    if kind == 0:
        for _ in range(rng.randrange(1, 20)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        at = rng.randrange(len(data))
        data[at : at + 64] = rng.randbytes(64)
    elif kind == 2:
        page = rng.randrange(len(data) // 4096)
        data[4096 * page : 4096 * (page + 1)] = rng.choice((bytes(4096), rng.randbytes(4096)))
    else:
        del data[rng.randrange(len(data)) :]
    path.write_bytes(data)


def restores_nothing_wrong(source: Path, folder: Path, rounds: int, seed: int) -> tuple[int, int]:
    """How many damaged copies gave something back, and how many were refused; whatever came back was exact."""
    with Database.open(source, read_only=True) as old:
        truth = {night.key: set(map(repr, NightReader(old).records(night.key))) for night in Nights(old).nights()}
    rng = random.Random(seed)
    taken = refused = 0
    for number in range(rounds):
        copy = folder / f"{number}.db"
        shutil.copy(source, copy)
        damaged_at_random(copy, rng)
        with Database.open(folder / str(number) / "vigil.db") as new:
            try:
                restore(new, copy)
                taken += 1
            except StoreError:
                refused += 1
            assert new.check() == () or all("missing" in each or "stored with" in each for each in new.check())
            for night in Nights(new).nights():
                assert set(map(repr, NightReader(new).records(night.key, gaps=True))) <= truth[night.key]
        copy.unlink()
        shutil.rmtree(folder / str(number))
    return taken, refused


def test_a_damaged_backup_gives_back_nothing_wrong(source: Path, tmp_path: Path) -> None:
    """Whatever the damage: no crash, and every record that comes back is one that was stored."""
    taken, refused = restores_nothing_wrong(source, tmp_path, 60, 5)
    assert taken > 20
    assert refused > 2
