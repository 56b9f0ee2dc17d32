"""Kill, full disk, and bits that flip: nothing acknowledged is lost, and nothing wrong is given as right."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.unit.test_store_nights import kept, some_night, stored
from vigil.domain.errors import StoreError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import NightBegan
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import HeartSample
from vigil.store.database import Database, Row, Value
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights
from vigil.store.quarantine import open_or_quarantine
from vigil.store.stored import Stored

S = 1_000_000_000
FLIPS = 200
KILLS = 20

BLOBS = ("samples", "records", "seal")
NUMBERS = ("from_s", "to_s", "count", "crc")


def night_of(tmp_path: Path, seconds: int = 400) -> tuple[Database, int, list[Stored]]:
    database = Database.open(tmp_path / "vigil.db")
    records = some_night(seconds)
    return database, stored(database, records, 50), kept(records)


# Bits that flip in a stored minute.


def flipped(blob: bytes, bit: int) -> bytes:
    changed = bytearray(blob)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("column", [*BLOBS, *NUMBERS])
def test_every_flipped_bit_of_a_minute_is_found(tmp_path: Path, column: str) -> None:
    """A single bit anywhere in a minute: its reading raises and names it, the check and the gaps name it too."""
    rng = random.Random(7)
    database, key, truth = night_of(tmp_path)
    reader = NightReader(database)
    places = [place for (place,) in database.rows("SELECT place FROM minute")]
    for _ in range(FLIPS // 5):
        place = rng.choice(places)
        number = places.index(place)
        ((before,),) = database.rows(f"SELECT {column} FROM minute WHERE place = ?", (place,))
        after = (
            before ^ 1 << rng.randrange(20) if column in NUMBERS else flipped(before, rng.randrange(8 * len(before)))
        )
        if after == 0 and column == "count":
            continue
        change(database, column, after, place)
        with pytest.raises(StoreError, match=f"minute {number}"):
            list(reader.inputs(key))
        assert number in [gap.number for gap in reader.damaged_minutes(key)]
        assert any(f"minute {number}" in problem for problem in database.check())
        change(database, column, before, place)
    assert list(reader.records(key)) == truth
    database.close()


def change(database: Database, column: str, value: object, place: int) -> None:
    with database.atomic():
        database.execute(f"UPDATE minute SET {column} = ? WHERE place = ?", (value, place))  # type: ignore[arg-type]


def test_with_gaps_the_rest_of_the_night_is_read(tmp_path: Path) -> None:
    """A damaged minute is left out and named, what is around it is exact."""
    database, key, truth = night_of(tmp_path)
    rows = database.rows("SELECT place, count, samples, from_s FROM minute ORDER BY place")
    start = sum(count for _, count, _, _ in rows[:3])
    change(database, "samples", flipped(rows[3][2], 99), rows[3][0])
    reader = NightReader(database)
    assert list(reader.records(key, gaps=True)) == truth[:start] + truth[start + rows[3][1] :]
    (gap,) = reader.damaged_minutes(key)
    assert (gap.number, gap.from_s) == (3, rows[3][3])
    assert "checksum" in str(gap)
    database.close()


@pytest.mark.parametrize(
    ("change_to", "words", "lost"),
    [
        (
            "DELETE FROM minute WHERE place & 0xffffff = 2",
            "1 of the night's minutes are missing|1 minutes are missing",
            {2},
        ),
        ("DELETE FROM minute WHERE place & 0xffffff = 0", "missing", {0}),
        ("DELETE FROM minute WHERE place & 0xffffff >= 5", "was stored with", set(range(5, 99))),
        ("UPDATE night SET minutes = minutes + 1", "was stored with", set()),
        (
            "UPDATE minute SET (samples, records, crc) ="
            " (SELECT samples, records, crc FROM minute WHERE place & 0xffffff = 4) WHERE place & 0xffffff = 3",
            "seal",
            {3},
        ),
    ],
    ids=["one gone", "first gone", "tail gone", "one too few", "one in another's place"],
)
def test_a_minute_that_is_gone_or_misplaced_is_found(
    tmp_path: Path, change_to: str, words: str, lost: set[int]
) -> None:
    """Checksums alone would not see it: the chain and the count do; the minutes that are there can still be read."""
    database, key, _ = night_of(tmp_path)
    reader = NightReader(database)
    per_minute = [count for (count,) in database.rows("SELECT count FROM minute ORDER BY place")]
    with database.atomic():
        database.execute(change_to)
    with pytest.raises(StoreError, match=words):
        list(reader.inputs(key))
    assert len(reader.damaged_minutes(key)) == 1
    assert any("night a night, minute" in problem for problem in database.check())
    left = sum(count for number, count in enumerate(per_minute) if number not in lost)
    assert len(list(reader.records(key, gaps=True))) == left
    database.close()


@pytest.mark.parametrize("damage", ["samples", "gone"])
def test_a_night_goes_on_after_a_damaged_minute(tmp_path: Path, damage: str) -> None:
    """Recording is not stopped by yesterday's damage: a new minute is begun after it, and the gap stays a gap."""
    database, key, _ = night_of(tmp_path, 100)
    ((place, samples),) = database.rows("SELECT place, samples FROM minute ORDER BY place DESC LIMIT 1")
    if damage == "gone":
        with database.atomic():
            database.execute("DELETE FROM minute WHERE place = ?", (place,))
    else:
        change(database, "samples", flipped(samples, 5), place)
    writer = NightWriter(database)
    writer.resume(key)
    later = [HeartSample(1000 * S + second * S, 600) for second in range(100, 300)]
    for sample in later:
        writer.add(sample)
        writer.commit()
    reader = NightReader(database)
    assert list(reader.records(key, gaps=True))[-200:] == later
    assert len(reader.damaged_minutes(key)) == 1
    database.close()


def test_a_minute_this_version_cannot_read_is_named(tmp_path: Path) -> None:
    """Sealed and sound, but of a newer form: the minute is named, and nothing is guessed."""
    database, key, _ = night_of(tmp_path, 30)
    from vigil.store.checksums import GENESIS, place_of, sealed  # noqa: PLC0415
    from vigil.store.minutes import write  # noqa: PLC0415

    with database.atomic():
        write(database, key, sealed(place_of(key, 0), (0, 1), 1, (b"\x03\x00", b"\x03\x00"), GENESIS))
    with pytest.raises(StoreError, match=r"minute 0 .* cannot be read by this Vigil"):
        list(NightReader(database).inputs(key))
    database.close()


@pytest.mark.parametrize("value", ["NULL", "'x'", "1.5", "x'00'"])
@pytest.mark.parametrize("column", [*BLOBS, *NUMBERS])
def test_a_column_of_another_kind_is_a_gap(tmp_path: Path, column: str, value: str) -> None:
    """A flipped bit can make a number of a blob, or nothing at all: the minute is named, the rest is read, no crash."""
    database, key, truth = night_of(tmp_path)
    per_minute = [count for (count,) in database.rows("SELECT count FROM minute ORDER BY place")]
    ((schema,),) = database.rows("SELECT sql FROM sqlite_schema WHERE name = 'minute'")
    database.close()
    loose = "CREATE TABLE minute (place INTEGER PRIMARY KEY, night, from_s, to_s, count, crc, seal, samples, records)"
    for sql, values in (
        ("UPDATE sqlite_schema SET sql = ? WHERE name = 'minute'", (loose,)),
        (f"UPDATE minute SET {column} = {value} WHERE place & 0xffffff = 3", ()),
        ("UPDATE sqlite_schema SET sql = ? WHERE name = 'minute'", (schema,)),
    ):
        connection = sqlite3.connect(tmp_path / "vigil.db", isolation_level=None)
        for pragma in ("writable_schema", "ignore_check_constraints"):
            connection.execute(f"PRAGMA {pragma}=ON")
        connection.execute(sql, values)
        connection.close()
    opened = open_or_quarantine(tmp_path / "vigil.db", "s")
    with opened.database as database:
        assert opened.quarantined is None
        reader = NightReader(database)
        assert 3 in [gap.number for gap in reader.damaged_minutes(key)]
        assert any("minute 3" in problem for problem in database.check())
        with pytest.raises(StoreError, match="minute 3"):
            list(reader.inputs(key))
        list(reader.decisions(key, 0, 10**18, gaps=True))
        back = list(reader.records(key, gaps=True))
        start, end = sum(per_minute[:3]), sum(per_minute[:4])
        assert back[:start] == truth[:start]
        assert len(back) in (len(truth) - per_minute[3], len(truth) - per_minute[3] - per_minute[4])
        assert back[-9:] == truth[-9:]
        assert Nights(database).row(key).duration_s is not None
        assert end < len(truth)


@pytest.mark.parametrize("value", [None, 1.5, b"x", "x", 7])
def test_an_entry_of_another_kind_is_listed_all_the_same(tmp_path: Path, value: Value) -> None:
    """Whatever stands in its columns: the list of nights can be shown, searched, and says that it is damaged."""
    database, key, _ = night_of(tmp_path, 30)
    other = NightWriter(database).begin(NightBegan(0, night="other"))
    original = database.rows

    def damaged(sql: str, values: Sequence[Value] = ()) -> list[Row]:
        found = original(sql, values)
        if "inputs_digest" not in sql:
            return found
        return [(row[0], *(value for _ in row[1:])) if row[0] == key else row for row in found]

    database.rows = damaged  # type: ignore[method-assign]
    row = Nights(database).row(key)
    assert not row.intact
    assert isinstance(row.name, str)
    assert isinstance(row.began_ns, int)
    assert row.minutes >= 0
    assert Nights(database).find("other").key == other
    assert len(Nights(database).nights()) == 2
    database.close()


def test_a_damaged_entry_is_not_trusted(tmp_path: Path) -> None:
    """A night whose own row changed is listed as damaged, not read, and not signed anew."""
    database, key, _ = night_of(tmp_path, 30)
    with database.atomic():
        database.execute("UPDATE night SET began_ns = began_ns + 1")
    assert not Nights(database).row(key).intact
    for use in (lambda: NightReader(database).inputs(key), lambda: Nights(database).set_note(key, "x")):
        with pytest.raises(StoreError, match="entry of night a night is damaged"):
            use()
    assert any("the night a night" in problem for problem in database.check())
    database.close()


# Bits that flip in the files themselves.


def whole_store(folder: Path) -> tuple[int, list[object]]:
    """A store with a night, its report and a ledger; closed, so that all of it is in the database file."""
    with Database.open(folder / "vigil.db") as database:
        key = stored(database, some_night(300), 100)
        Nights(database).add_summary(key, '{"a": 1}')
        for permit in range(5):
            LedgerStore(database).append(
                LedgerRow("a night", permit, "b", permit * S, None, Purpose.NUDGE, 1, Output.SOUND, 1, 900)
            )
        return key, everything(database, key)


def everything(database: Database, key: int) -> list[object]:
    nights = Nights(database)
    return [
        list(NightReader(database).records(key)),
        nights.nights(),
        nights.summary(key),
        LedgerStore(database).recent(),
    ]


def surfaced_or_same(path: Path, key: int, truth: list[object]) -> bool:
    """True if something was said about the damage, False if all is as it was. Anything else is a failure."""
    try:
        with Database.open(path) as database:
            if database.check() or database.lost_commits:
                return True
            assert everything(database, key) == truth
            return False
    except StoreError:
        return True


def flip_file(path: Path, rng: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(flipped(data, rng.randrange(8 * len(data))))


def test_a_flipped_bit_in_the_file_is_found_or_harmless(tmp_path: Path) -> None:
    """SQLite alone misses a quarter of them: here what is read is either exact or refused."""
    rng = random.Random(11)
    key, truth = whole_store(tmp_path / "store")
    found = 0
    for _ in range(FLIPS):
        copy = tmp_path / "copy"
        shutil.copytree(tmp_path / "store", copy)
        flip_file(copy / "vigil.db", rng)
        found += surfaced_or_same(copy / "vigil.db", key, truth)
        shutil.rmtree(copy)
    assert found > FLIPS // 10


def test_a_flipped_bit_in_the_log_is_found_or_harmless(tmp_path: Path) -> None:
    """SQLite drops every commit after it and calls the rest sound: the count beside the database shows the loss."""
    rng = random.Random(12)
    with Database.open(tmp_path / "store" / "vigil.db") as database:
        database.rows("PRAGMA wal_autocheckpoint=0")
        key = stored(database, some_night(100), 20)
        truth = everything(database, key)
        shutil.copytree(tmp_path / "store", tmp_path / "killed")
    (tmp_path / "killed" / "vigil.db-shm").unlink()
    found = 0
    for _ in range(FLIPS):
        copy = tmp_path / "copy"
        shutil.copytree(tmp_path / "killed", copy)
        flip_file(copy / "vigil.db-wal", rng)
        found += surfaced_or_same(copy / "vigil.db", key, truth)
        shutil.rmtree(copy)
    assert found > FLIPS * 9 // 10


def test_lost_commits_stay_known_until_they_are_accepted(tmp_path: Path) -> None:
    """An older file was put in place: the ledger counts as spent, whatever follows, until somebody accepts it."""
    path = tmp_path / "vigil.db"
    with Database.open(path) as database:
        shutil.copy(path, tmp_path / "older")
        database.rewrite()
        shutil.copy(path, tmp_path / "older")
        for second in range(5):
            LedgerStore(database).append(
                LedgerRow("n", second, "b", second, None, Purpose.NUDGE, 1, Output.SOUND, 1, 900)
            )
    shutil.copy(tmp_path / "older", path)
    for _ in range(2):
        with Database.open(path) as database:
            assert database.lost_commits == 5
            assert not LedgerStore(database).recent().readable
            assert any("no longer there" in problem for problem in database.check())
            stored(database, [HeartSample(0, 600)])
    with Database.open(path) as database:
        database.accept_loss()
        assert LedgerStore(database).recent().readable
        assert database.check() == ()
    with Database.open(path) as database:
        assert database.lost_commits == 0


@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"9" * 29)], ids=["gone", "garbled"]
)
def test_without_its_witness_a_sound_database_is_sound(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """The number beside the database is a witness, not a condition."""
    path = tmp_path / "vigil.db"
    Database.open(path).close()
    with Database.open(path) as database:
        stored(database, [HeartSample(0, 600)])
    damage(tmp_path / "vigil.db-head")
    with Database.open(path) as database:
        assert database.lost_commits == 0
        assert database.check() == ()


# Kill.

CHILD = """
import sys
from pathlib import Path
from vigil.domain.records import NightBegan
from vigil.domain.samples import HeartSample, MotionSummary
from vigil.store.database import Database, Row, Value
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights
from vigil.store.quarantine import open_or_quarantine
database = Database.open(Path(sys.argv[1]))
writer = NightWriter(database)
nights = Nights(database).nights()
writer.resume(nights[0].key) if nights else writer.begin(NightBegan(0))
second = int(sys.argv[2])
while True:
    writer.add(HeartSample(second * 1_000_000_000, second))
    writer.add(MotionSummary(second * 1_000_000_000, 1000, second % 50))
    writer.commit()
    print(second, flush=True)
    second += 1
"""


def test_nothing_acknowledged_is_lost_at_kill_9(tmp_path: Path) -> None:
    """Killed twenty times in the middle of its work: every second it had acknowledged is there, whole and in order."""
    path = tmp_path / "vigil.db"
    rng = random.Random(3)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    begin = 0
    for _ in range(KILLS):
        command = [sys.executable, "-c", CHILD, str(path), str(begin)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
            assert child.stdout is not None
            acknowledged = [int(child.stdout.readline()) for _ in range(rng.randrange(1, 40))]
            child.kill()
            acknowledged += [
                int(line) for line in child.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")
            ]
        with Database.open(path) as database:
            assert database.check() == ()
            inputs = list(NightReader(database).inputs(1))
            seconds = [sample.bpm_x10 for sample in inputs if isinstance(sample, HeartSample)]
            assert seconds == list(range(len(seconds)))
            assert len(inputs) == 2 * len(seconds)
            assert acknowledged[-1] + 1 <= len(seconds) <= acknowledged[-1] + 2
            begin = len(seconds)
    assert begin > KILLS


# A full disk.


def test_a_full_disk_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    """The commit fails in words, outside any transaction; what was stored is readable; with room it all goes in."""
    database, key, truth = night_of(tmp_path, 60)
    ((pages,),) = database.rows("PRAGMA page_count")
    database.rows(f"PRAGMA max_page_count = {pages + 2}")
    writer = NightWriter(database)
    other = writer.begin(NightBegan(0))
    rng = random.Random(1)
    added = [HeartSample(second * S, rng.randrange(2**60)) for second in range(3000)]
    for sample in added:
        writer.add(sample)
    for _ in range(2):
        with pytest.raises(StoreError, match="free some space"):
            writer.commit()
        assert not database.in_transaction
    assert list(NightReader(database).records(key)) == truth
    assert database.check() == ()
    database.rows("PRAGMA max_page_count = 1000000")
    writer.commit()
    assert list(NightReader(database).inputs(other)) == added
    assert database.check() == ()
    database.close()


def test_a_full_disk_means_no_ledger_row_and_so_no_nudge(tmp_path: Path) -> None:
    """The ledger's error reaches its caller before anything could act."""
    database, _, _ = night_of(tmp_path, 30)
    ((pages,),) = database.rows("PRAGMA page_count")
    database.rows(f"PRAGMA max_page_count = {pages}")
    ledger = LedgerStore(database)
    appended: list[int] = []

    def until_full() -> None:
        for permit in range(10_000):
            ledger.append(LedgerRow("n" * 500, permit, "b", permit, None, Purpose.NUDGE, 1, Output.SOUND, 1, 900))
            appended.append(permit)

    with pytest.raises(StoreError, match="free some space"):
        until_full()
    assert ledger.recent().readable
    assert [outcome.row.permit for outcome in ledger.outcomes("n" * 500)] == appended
    database.close()
