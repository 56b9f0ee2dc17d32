"""Opening, transactions, schema steps, file modes, and what is refused."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vigil.domain.errors import BusyError, DamagedError, FullError, NotFoundError, StoreError, UnwritableError
from vigil.domain.records import NightBegan
from vigil.domain.samples import HeartSample
from vigil.store import opening, schema
from vigil.store.database import Database
from vigil.store.lock import StoreLock
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights
from vigil.store.schema import Migration, migrate, shipped, statements
from vigil.store.sqlite_errors import in_words

NOTE = "INSERT INTO backup_folder (path) VALUES (?)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigil" / "vigil.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with Database.open(path) as opened:
        yield opened


def folders(database: Database) -> list[str]:
    return [name for (name,) in database.rows("SELECT path FROM backup_folder ORDER BY path")]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


# Opening.


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_only_the_owner_can_read_what_is_kept(path: Path, umask: int) -> None:
    """The folder is 0700 and every file in it 0600, the log and the lock too, whatever the umask."""
    before = os.umask(umask)
    try:
        with Database.open(path) as database, StoreLock.acquire(path.with_name("lock"), "22:41"):
            writer = NightWriter(database)
            writer.begin(NightBegan(0))
            writer.add(HeartSample(0, 600))
            writer.commit()
            assert mode(path.parent) == 0o700
            assert {each.name for each in path.parent.iterdir()} >= {"vigil.db", "vigil.db-wal", "vigil.db-shm"}
            assert {mode(each) for each in path.parent.iterdir()} == {0o600}
    finally:
        os.umask(before)


def test_a_file_that_was_open_to_others_is_closed_to_them(path: Path) -> None:
    """Somebody copied the store with cp: opening it makes it private again."""
    Database.open(path).close()
    path.chmod(0o644)
    Database.open(path).close()
    assert mode(path) == 0o600


def test_it_is_opened_for_durability(database: Database) -> None:
    """Write-ahead log with full synchronisation, foreign keys held, and deleted content overwritten."""
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "fullfsync", "trusted_schema")
    values = [database.row(f"PRAGMA {pragma}") for pragma in pragmas]
    assert values == [("wal",), (2,), (1,), (1,), (1,), (0,)]


def test_every_table_is_strict(database: Database) -> None:
    """Otherwise a NaN would be stored as nothing and '60' as 60."""
    tables = database.rows(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
    )
    assert len(tables) >= 7
    assert all(strict for _, strict in tables)


def test_opening_twice_keeps_what_was_stored(path: Path) -> None:
    """A second opening finds the same nights and applies no step again."""
    with Database.open(path) as database:
        Nights(database).begin(NightBegan(0, night="one"), path="", format="", kind="live", note="")
    with Database.open(path) as database:
        assert [row.name for row in Nights(database).nights()] == ["one"]
        assert database.rows("SELECT number, name FROM migration") == [(step.number, step.name) for step in shipped()]
        assert database.check() == ()


def test_a_missing_database_is_not_made_unless_asked(path: Path) -> None:
    """A mistyped place must not become an empty store."""
    for read_only in (False, True):
        with pytest.raises(NotFoundError, match="no database"):
            Database.open(path, create=False, read_only=read_only)
    assert not path.parent.exists()


def test_a_reader_reads_and_cannot_change(path: Path, database: Database) -> None:
    """The page's own handle sees what was committed, and every change is refused."""
    with Database.open(path, read_only=True) as reader:
        with database.atomic():
            database.execute(NOTE, ("a",))
        assert folders(reader) == ["a"]
        with pytest.raises(StoreError), reader.atomic():
            reader.execute(NOTE, ("b",))
    assert folders(database) == ["a"]


def test_a_reader_refuses_an_unfinished_store(path: Path) -> None:
    """A database without its steps cannot be read, and a reader must not apply them."""
    path.parent.mkdir()
    path.touch()
    with pytest.raises(StoreError, match="older Vigil"):
        Database.open(path, read_only=True)
    assert path.read_bytes() == b""


def test_an_empty_file_left_by_a_crash_becomes_the_store(path: Path) -> None:
    """A process that died between making the file and filling it must not bar the way."""
    path.parent.mkdir()
    path.touch()
    with Database.open(path) as database:
        assert database.check() == ()


def test_a_store_whose_first_write_was_cut_short_becomes_the_store(path: Path) -> None:
    """The power went while the first page was written: SQLite's journal says that there was nothing before it."""
    path.parent.mkdir()
    magic, records, nonce, pages = bytes.fromhex("d9d505f920a163d7"), bytes(4), b"some", bytes(4)
    header = magic + records + nonce + pages + (512).to_bytes(4) + (4096).to_bytes(4)
    path.with_name("vigil.db-journal").write_bytes(header.ljust(512, b"\0"))
    path.write_bytes(bytes(3072))
    with Database.open(path) as database:
        assert database.check() == ()
    assert not path.with_name("vigil.db-journal").exists()


def test_a_newer_schema_is_refused_untouched(path: Path) -> None:
    """An older Vigil must not write into what it does not understand; not a byte changes, no file appears."""
    Database.open(path).close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("PRAGMA user_version=99")
        other.execute("INSERT INTO migration VALUES (99, 'later.sql')")
    other.close()
    before = contents(path.parent)
    with pytest.raises(StoreError, match="newer Vigil"):
        Database.open(path)
    assert contents(path.parent) == before


def test_a_newer_schema_in_the_log_is_refused_untouched(path: Path, tmp_path: Path) -> None:
    """A newer Vigil that was killed leaves its step in the log only: it counts as well."""
    with Database.open(path) as database:
        with database.atomic():
            database.execute("PRAGMA user_version=99")
            database.execute("INSERT INTO migration VALUES (99, 'later.sql')")
        copy = tmp_path / "copy"
        shutil.copytree(path.parent, copy)
    (copy / "vigil.db-shm").unlink()
    before = {name: data for name, data in contents(copy).items() if not name.endswith("-shm")}
    with pytest.raises(StoreError, match="newer Vigil"):
        Database.open(copy / "vigil.db")
    assert {name: data for name, data in contents(copy).items() if not name.endswith("-shm")} == before


@pytest.mark.parametrize(
    "content",
    [
        b"a letter to mother\n" * 300,
        b"SQLite format 3\x00" + b"\xff" * 4000,
        b"SQLite format 3\x00" + b"\xff" * 200,
        b"x",
    ],
)
def test_a_file_that_is_no_database_is_refused_untouched(path: Path, content: bytes) -> None:
    """Somebody else's file at that place stays as it is, mode included."""
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o644)
    with pytest.raises(StoreError, match="left as it is"):
        Database.open(path)
    assert contents(path.parent) == {path.name: content}
    assert mode(path) == 0o644


def test_another_programs_database_is_refused_untouched(path: Path) -> None:
    """A database with other tables is not taken over, whether it names its program or not."""
    for pragma in ("application_id=0", "application_id=7"):
        path.parent.mkdir(exist_ok=True)
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE bookmarks (name TEXT)")
        other.execute(f"PRAGMA {pragma}")
        other.commit()
        other.close()
        before = contents(path.parent)
        with pytest.raises(StoreError, match="another program"):
            Database.open(path)
        assert contents(path.parent) == before
        path.unlink()


def test_a_place_where_nothing_can_be_made_is_said(tmp_path: Path) -> None:
    """A file where the folder should be, or a folder where the file should be, is a sentence and no traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="check that the folder is yours"):
        Database.open(tmp_path / "file" / "vigil.db")
    (tmp_path / "vigil.db").mkdir()
    with pytest.raises(StoreError):
        Database.open(tmp_path / "vigil.db")


def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """STRICT tables need 3.37; an older library would fail later and less plainly."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match="too old"):
        Database.open(path)
    assert not path.exists()


# Transactions.


class SomeError(Exception):
    """What went wrong in a block."""


def insert_and_fail(database: Database, *names: str, end: bool = False) -> None:
    for name in names:
        with database.atomic():
            database.execute(NOTE, (name,))
    if end:
        database.rows("ROLLBACK")
    raise SomeError


def ended_behind_our_back(database: Database, change: Callable[[], object]) -> None:
    database.rows("ROLLBACK")
    change()


def test_a_block_is_kept_whole_or_not_at_all(database: Database) -> None:
    """An error in a block undoes all of it, and the database goes on."""
    with pytest.raises(SomeError), database.atomic():
        insert_and_fail(database, "a")
    assert folders(database) == []
    with database.atomic():
        database.execute_many(NOTE, [("b",), ("c",)])
    assert folders(database) == ["b", "c"]


def test_an_inner_block_that_fails_undoes_only_itself(database: Database) -> None:
    """Blocks stand in one another: the outer one decides what to do about an inner failure."""
    with database.atomic():
        database.execute(NOTE, ("outer",))
        with pytest.raises(SomeError), database.atomic():
            insert_and_fail(database, "inner", "innermost")
        with pytest.raises(StoreError), database.atomic():
            database.execute(NOTE, ("outer",))
    assert folders(database) == ["outer"]
    assert not database.in_transaction


def test_the_first_error_is_the_one_that_is_raised(database: Database) -> None:
    """If the transaction is gone when it is to be undone, the reason for undoing it is still what is told."""
    with pytest.raises(SomeError), database.atomic():
        insert_and_fail(database, "a", end=True)
    assert not database.in_transaction


def test_nothing_is_changed_outside_a_transaction(database: Database) -> None:
    """After a full disk has ended a transaction, the rest of the block must not be committed by itself."""
    with pytest.raises(StoreError, match="outside a transaction"):
        database.execute(NOTE, ("a",))
    for change in (lambda: database.execute(NOTE, ("b",)), lambda: database.execute_many(NOTE, [("b",)])):
        with pytest.raises(StoreError, match="outside a transaction"), database.atomic():
            ended_behind_our_back(database, change)
    with pytest.raises(StoreError, match="outside a transaction"), database.atomic():
        database.rows("ROLLBACK")
    assert folders(database) == []


def test_a_value_that_no_column_holds_is_a_store_error(database: Database) -> None:
    """An integer beyond 64 bits or text that is not Unicode is refused in words, and undone."""
    for value in (2**63, "\ud800"):
        with pytest.raises(StoreError), database.atomic():
            database.execute("INSERT INTO migration (number, name) VALUES (?, ?)", (value, value))
    assert database.row("SELECT count(*) FROM migration") == (len(shipped()),)


def test_a_second_writer_is_told_to_wait(path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that write at once: the second gets BusyError, and nothing of its block."""
    monkeypatch.setattr(opening, "BUSY_S", 0.0)
    with Database.open(path) as second:
        with database.atomic():
            database.execute(NOTE, ("first",))
            with pytest.raises(BusyError, match="try again"), second.atomic():
                second.execute(NOTE, ("second",))
        assert folders(second) == ["first"]


def test_each_error_says_what_to_do() -> None:
    """Only damage is called damage; an unknown error keeps SQLite's own words."""

    def error(code: int | None) -> sqlite3.Error:
        made = sqlite3.OperationalError("original words")
        if code is not None:
            made.sqlite_errorcode = code
        return made

    expected = {
        sqlite3.SQLITE_BUSY_SNAPSHOT: (BusyError, "another program"),
        sqlite3.SQLITE_LOCKED: (BusyError, "try again"),
        sqlite3.SQLITE_FULL: (FullError, "free some space"),
        sqlite3.SQLITE_IOERR_WRITE: (UnwritableError, "look at the disk"),
        sqlite3.SQLITE_CORRUPT: (DamagedError, "last backup"),
        sqlite3.SQLITE_NOTADB: (DamagedError, "not a database"),
        sqlite3.SQLITE_MISUSE: (StoreError, "please report this"),
        None: (StoreError, "please report this"),
    }
    for code, (kind, words) in expected.items():
        said = in_words(error(code))
        assert type(said) is kind
        assert words in str(said)
        assert "original words" in str(said)
        assert ("damaged" in str(said)) == (code == sqlite3.SQLITE_CORRUPT)


# Steps.


def plain(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


FIRST = Migration(1, "0001_a.sql", "CREATE TABLE migration (number INTEGER, name TEXT) STRICT; -- why\n")


def test_steps_are_applied_once_and_in_order(tmp_path: Path) -> None:
    """A second run does nothing; a new step continues where the last ended."""
    connection = plain(tmp_path / "x.db")
    second = Migration(2, "0002_b.sql", "CREATE TABLE b (x INTEGER);\nINSERT INTO b VALUES (1);\n")
    assert [migrate(connection, [FIRST]), migrate(connection, [FIRST]), migrate(connection, [FIRST, second])] == [
        1,
        0,
        1,
    ]
    assert connection.execute("SELECT * FROM migration").fetchall() == [(1, "0001_a.sql"), (2, "0002_b.sql")]
    assert connection.execute("SELECT x FROM b").fetchall() == [(1,)]
    connection.close()


@pytest.mark.parametrize("sql", ["CREATE TABLE b (x INTEGER);\nNONSENSE;\n", "CREATE TABLE b (x INTEGER);\nCREATE"])
def test_a_step_that_fails_leaves_nothing(tmp_path: Path, sql: str) -> None:
    """Half a step would be a schema that no version knows."""
    connection = plain(tmp_path / "x.db")
    with pytest.raises(StoreError):
        migrate(connection, [FIRST, Migration(2, "0002_b.sql", sql)])
    assert not connection.in_transaction
    assert schema.version(connection) == 1
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("migration",)]
    connection.close()


def test_the_impossible_is_refused_before_anything_changes(tmp_path: Path) -> None:
    """Steps that are not 1, 2, 3, or fewer than the database already has."""
    connection = plain(tmp_path / "x.db")
    with pytest.raises(StoreError, match="not numbered"):
        migrate(connection, [FIRST, Migration(3, "0003_c.sql", "")])
    assert schema.version(connection) == 0
    migrate(connection, [FIRST])
    with pytest.raises(StoreError, match="newer Vigil"):
        migrate(connection, [])
    assert schema.version(connection) == 1
    connection.close()


def test_a_step_that_another_process_did_meanwhile_is_not_done_again(tmp_path: Path) -> None:
    """Two Vigils started at once after an update: one waits, looks again, and goes on."""
    first, second = plain(tmp_path / "x.db"), plain(tmp_path / "x.db")
    reached = schema.version(second)
    migrate(first, [FIRST])
    assert reached == 0
    assert schema._apply(second, FIRST) is False
    assert not second.in_transaction
    first.close()
    second.close()


def test_statements_are_split_at_their_ends_only() -> None:
    """Semicolons in comments and strings end nothing."""
    assert [s.strip() for s in statements("-- a; b\nSELECT ';'; -- c\nSELECT 2;\n")] == [
        "-- a; b\nSELECT ';'; -- c",
        "SELECT 2;",
    ]


# The lock.

HOLDER = """
import sys
from pathlib import Path
from vigil.store.lock import StoreLock
lock = StoreLock.acquire(Path(sys.argv[1]), "22:41")
print("held", flush=True)
sys.stdin.read()
"""


def test_one_vigil_at_a_time(path: Path) -> None:
    """A second one is refused, told who holds the lock and since when, and let in as soon as the first is killed."""
    lock = path.with_name("vigil.lock")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match=f"pid {holder.pid}, since 22:41"):
            StoreLock.acquire(lock, "23:00")
        holder.kill()
        holder.wait()
    with StoreLock.acquire(lock, "23:00") as held:
        with pytest.raises(BusyError, match=f"pid {os.getpid()}, since 23:00"):
            StoreLock.acquire(lock, "23:01")
        held.release()
        StoreLock.acquire(lock, "23:02").release()
    assert lock.exists()


def test_a_lock_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A folder stands where the lock should be: nothing was started, and why."""
    (tmp_path / "lock").mkdir()
    with pytest.raises(StoreError, match="nothing was started"):
        StoreLock.acquire(tmp_path / "lock", "22:41")


def test_who_only_looks_at_the_lock_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking who runs takes the lock for an instant: whoever starts just then tries again at once."""
    calls = [0]
    original = fcntl.flock

    def looked_at(descriptor: int, how: int) -> None:
        calls[0] += 1
        if calls[0] < 5:
            raise BlockingIOError
        original(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", looked_at)
    with StoreLock.acquire(tmp_path / "lock", "22:41"):
        assert calls == [5]
        with pytest.raises(BusyError, match="since 22:41"):
            StoreLock.acquire(tmp_path / "lock", "22:42")


def test_a_disk_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network disks have none: two could run there, so none does."""

    def none_here(descriptor: int, how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none_here)
    with pytest.raises(StoreError, match="use a local disk"):
        StoreLock.acquire(tmp_path / "lock", "22:41")
