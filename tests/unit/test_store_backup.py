"""Backups that were proven, and erasing that leaves nothing behind."""

from __future__ import annotations

import random
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.test_store_nights import some_night, stored
from vigil.domain.errors import BusyError, NotFoundError, StoreError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import Mode, NightBegan, OutputFailed
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import HeartSample
from vigil.store import backup as backup_module
from vigil.store import integrity
from vigil.store.backup import backup, backups, made_by_vigil, verify
from vigil.store.database import Database
from vigil.store.erase import Erased, forget, forget_all, scrub
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights

S = 1_000_000_000
CANARIES = (
    b"CANARYname",
    b"CANARYpath",
    b"CANARYformat",
    b"CANARYnote",
    b"CANARYdigest",
    b"CANARYsummary",
    b"CANARYoutcome",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "vigil"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with Database.open(home / "vigil.db") as opened:
        yield opened


def small_night(database: Database, name: str) -> int:
    began = NightBegan(0, Mode.ON, name)
    return stored(database, some_night(90, began=began), 10, began=began)


# Backups.


def test_a_backup_is_the_database(database: Database, home: Path) -> None:
    """It is one private file, proven, that opens as a store with every night in it."""
    key = small_night(database, "one")
    LedgerStore(database).append(LedgerRow("one", 1, "b", 5, 6, Purpose.NUDGE, 1, Output.SOUND, 1, 900))
    made = backup(database, home / "backups")
    assert verify(made) == ()
    assert [path.name for path in (home / "backups").iterdir()] == [made.name]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
    with Database.open(made, read_only=True) as copy:
        assert list(NightReader(copy).records(key)) == list(NightReader(database).records(key))
        assert LedgerStore(copy).recent() == LedgerStore(database).recent()


def test_the_last_ones_are_kept(database: Database, home: Path) -> None:
    """Names sort by age; the oldest go; somebody's own file in the folder stays."""
    folder = home / "backups"
    folder.mkdir()
    (folder / "holiday.db").write_text("mine")
    made = []
    for number in range(5):
        small_night(database, str(number))
        made.append(backup(database, folder, keep=3))
    assert backups(folder) == made[-3:] == sorted(made[-3:])
    assert (folder / "holiday.db").read_text() == "mine"
    assert backups(folder / "nowhere") == []


def test_a_backup_of_an_unchanged_database_takes_its_own_place(database: Database, home: Path) -> None:
    """Backing up twice is not two of seven."""
    made = backup(database, home / "backups")
    assert backup(database, home / "backups") == made
    assert backups(home / "backups") == [made]


def test_a_backup_in_the_middle_of_a_night_is_of_one_instant(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night goes on being written while it is copied: the copy holds whole commits up to some instant."""
    writer = NightWriter(database)
    key = writer.begin(NightBegan(0))
    added: list[HeartSample] = []

    def one_more() -> None:
        added.append(HeartSample(len(added) * S, 600 + len(added)))
        writer.add(added[-1])
        writer.commit()

    for _ in range(200):
        one_more()
    original = integrity.damage

    def meanwhile(connection: sqlite3.Connection) -> tuple[str, ...]:
        one_more()
        return original(connection)

    monkeypatch.setattr(integrity, "damage", meanwhile)
    with Database.open(backup(database, home / "backups"), read_only=True) as copy:
        assert list(NightReader(copy).inputs(key)) == added[:200]
    assert list(NightReader(database).inputs(key)) == added
    assert len(added) > 200


def test_a_gap_does_not_end_the_backups(database: Database, home: Path) -> None:
    """What is damaged is damaged in the copy too; the nights after it are saved, and the last whole copy stays.

    Found by the year of nights (a page damaged in a storm of restarts): after one rotten minute no morning had a
    backup any more.
    """
    small_night(database, "one")
    good = backup(database, home / "backups", keep=1)
    with database.atomic():
        database.execute("UPDATE minute SET crc = crc + 1 WHERE place % 2 = 0")
    gaps = database.damage()
    for name in ("two", "three"):
        small_night(database, name)
        made = backup(database, home / "backups", keep=1)
        assert backups(home / "backups") == [good, made], "the whole one, and the newest"
        assert verify(made) == gaps != ()
    assert verify(good) == ()


def test_a_copy_that_is_damaged_more_is_thrown_away(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that is not what the database is does not push out an earlier good one."""
    small_night(database, "one")
    good = backup(database, home / "backups", keep=1)
    monkeypatch.setattr(integrity, "damage", lambda _: ("the copy has a fault of its own",))
    monkeypatch.setattr(Database, "damage", lambda _: ())
    with pytest.raises(StoreError, match="did not come out whole"):
        backup(database, home / "backups", keep=1)
    assert made_by_vigil(home / "backups") == [good]


def test_a_copy_that_lacks_something_is_thrown_away(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts are compared with the original's."""
    monkeypatch.setattr(backup_module, "_COUNTS", "SELECT random()")
    with pytest.raises(StoreError, match="does not hold what the database holds"):
        backup(database, home / "backups")
    assert made_by_vigil(home / "backups") == []


def test_a_folder_that_cannot_be_written_is_said(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stick was pulled between copying and renaming: a sentence, and nothing half-done."""

    def gone(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(backup_module, "sync", gone)
    with pytest.raises(StoreError, match="nothing was kept of it"):
        backup(database, home / "backups")
    assert made_by_vigil(home / "backups") == []


def test_what_a_crash_left_is_taken_over(database: Database, home: Path) -> None:
    """A half-written copy under the name of the next one is not in the way."""
    folder = home / "backups"
    backup(database, folder)
    part = folder / f"vigil-{database.commits:012d}.db.part"
    part.write_bytes(b"half")
    backup(database, folder)
    assert not part.exists()


def test_verify_says_what_is_wrong(database: Database, home: Path, tmp_path: Path) -> None:
    """Missing, foreign, cut and changed backups are each an answer and no exception."""
    small_night(database, "one")
    made = backup(database, home / "backups")
    data = made.read_bytes()
    bad = tmp_path / "bad.db"
    assert "no backup" in verify(bad)[0]
    for damaged in (b"hello" * 100, data[: len(data) // 2], data[:4096] + b"\xff" * 300 + data[4396:]):
        bad.write_bytes(damaged)
        assert verify(bad)
        assert bad.read_bytes() == damaged


# Erasing.


def marked_night(database: Database, index: int) -> tuple[int, list[bytes]]:
    """A night full of unmistakable strings, and a heart rate with a pattern of its own; and its packed bytes."""
    rng = random.Random(index)
    writer = NightWriter(database)
    began = NightBegan(0, night=f"CANARYname{index}")
    key = writer.begin(began, path="CANARYpath", format="CANARYformat", note="CANARYnote", kind="live")
    for second in range(600):
        writer.add(HeartSample(second * S, rng.randrange(300, 2200)))
        if second % 20 == 0:
            writer.add(OutputFailed(second * S, 1, Output.LIGHT, f"{rng.getrandbits(400):x}"))
        if second % 7 == 0:
            writer.commit()
    writer.commit()
    nights, ledger = Nights(database), LedgerStore(database)
    nights.set_digests(key, "CANARYdigest", "")
    nights.add_summary(key, '"CANARYsummary"')
    ledger.append(LedgerRow(began.night, 1, "boot", 5 * S, 7, Purpose.NUDGE, 1, Output.SOUND, 1, 900))
    ledger.outcome(began.night, 1, "CANARYoutcome", 6 * S)
    return key, packed(database, key)


def packed(database: Database, key: int) -> list[bytes]:
    """Pieces of the night's blobs: enough of each to be nobody else's, whatever page it was cut across."""
    blobs = [
        blob for row in database.rows("SELECT samples, records FROM minute WHERE night = ?", (key,)) for blob in row
    ]
    return [blob[start : start + 12] for blob in blobs for start in range(0, len(blob) - 12, 24)]


def traces(home: Path, needles: list[bytes]) -> set[str]:
    """The files under a folder in which any of the needles occurs."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return {path.name for path in files for data in [path.read_bytes()] if any(needle in data for needle in needles)}


def test_a_forgotten_night_is_nowhere(database: Database, home: Path) -> None:
    """Neither its words nor its packed heart rate are in any file: database, log, backups, leftovers of a crash."""
    other = small_night(database, "kept")
    before = list(NightReader(database).records(other))
    key, blobs = marked_night(database, 1)
    needles = [*CANARIES, *blobs]
    made = backup(database, home / "backups")
    (home / "backups" / f"{made.name}.part").write_bytes(made.read_bytes())
    for name in ("vigil.db-wal", made.name):
        assert name in traces(home, needles)
        assert name in traces(home, blobs)
    erased = forget(database, key)
    assert erased == Erased(nights=1, backups=2, unreachable=())
    assert traces(home, needles) == set()
    assert list(NightReader(database).records(other)) == before
    assert database.check() == ()
    (fresh,) = backups(home / "backups")
    assert verify(fresh) == ()
    with Database.open(fresh, read_only=True) as copy:
        assert [row.name for row in Nights(copy).nights()] == ["kept"]


def test_a_forgotten_nights_nudges_still_count(database: Database) -> None:
    """Erasing tonight must not fill up tonight's caps: the row stays, without the night's name or outcome."""
    key, _ = marked_night(database, 1)
    forget(database, key)
    ledger = LedgerStore(database).recent()
    assert ledger.readable
    (row,) = ledger.rows
    assert (row.night, row.permit, row.episode) == ("", 0, 0)
    assert (row.boot_id, row.at_ns, row.duration_ms) == ("boot", 5 * S, 900)
    LedgerStore(database).append(row)
    assert len(LedgerStore(database).recent().rows) == 2


def test_forgetting_everything_leaves_an_empty_store(database: Database, home: Path) -> None:
    """No night, no ledger, no backup, and no byte of any of them; the store goes on working."""
    needles = list(CANARIES)
    for index in range(3):
        needles += marked_night(database, index)[1]
    backup(database, home / "backups")
    backup(database, home / "elsewhere")
    assert forget_all(database) == Erased(nights=3, backups=2, unreachable=())
    assert traces(home, needles) == set()
    assert made_by_vigil(home / "backups") == []
    assert Nights(database).nights() == []
    assert LedgerStore(database).recent().rows == ()
    assert LedgerStore(database).recent().readable
    assert database.check() == ()
    small_night(database, "new")
    assert database.check() == ()


def test_a_night_that_is_not_there_cannot_be_forgotten(database: Database) -> None:
    """And nothing else is."""
    key = small_night(database, "kept")
    with pytest.raises(NotFoundError):
        forget(database, key + 1)
    assert len(Nights(database).nights()) == 1


def test_a_reader_keeps_the_log_and_that_is_said(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody reads, old pages stay in the log: the erasing says so, and scrubbing afterwards completes it."""
    key, blobs = marked_night(database, 1)
    database.rows("PRAGMA busy_timeout=0")
    with Database.open(home / "vigil.db", read_only=True) as reader:
        reader.rows("BEGIN")
        reader.rows("SELECT count(*) FROM minute")
        with pytest.raises(BusyError, match="erase again"):
            forget(database, key)
        reader.rows("ROLLBACK")
    assert Nights(database).nights() == []
    scrub(database)
    assert traces(home, [*CANARIES, *blobs]) == set()


def test_a_folder_of_backups_that_is_away_is_named(database: Database, home: Path) -> None:
    """A stick that is not plugged in still holds the night: the person is told which."""
    key, _ = marked_night(database, 1)
    stick = home / "stick"
    made = backup(database, stick)
    made.unlink()
    stick.rmdir()
    assert forget(database, key).unreachable == (str(stick),)


def test_a_backup_that_cannot_be_renewed_is_removed_all_the_same(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wish to erase comes before the wish to have a copy."""
    key, blobs = marked_night(database, 1)
    backup(database, home / "backups")

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module, "sync", full)
    with pytest.raises(StoreError, match="No space left"):
        forget(database, key)
    assert traces(home, [*CANARIES, *blobs]) == set()


def test_a_backup_that_cannot_be_removed_is_said(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is told that one file is left to remove by hand."""
    key, _ = marked_night(database, 1)
    backup(database, home / "backups")

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("vigil.store.backup.backups", lambda folder: [])
    monkeypatch.setattr("vigil.store.backup._remove", lambda path: None)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match="remove that file yourself"):
        forget(database, key)
