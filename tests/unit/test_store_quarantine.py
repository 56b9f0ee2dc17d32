"""What is damaged is set aside whole, and recording goes on with the budget spent. What is not damaged stays."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_store_nights import some_night, stored
from vigil.domain.errors import BusyError, DamagedError, FullError, NotFoundError, StoreError, UnwritableError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import NightBegan
from vigil.domain.requests import Output, Purpose
from vigil.store import opening, private_files, quarantine, soundness
from vigil.store.backup import backup, backups
from vigil.store.database import Database
from vigil.store.erase import forget, forget_all
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights
from vigil.store.quarantine import (
    BUDGET_WORDS,
    LOST_WORDS,
    SET_ASIDE_WORDS,
    open_or_quarantine,
    set_aside,
)
from vigil.store.soundness import faults
from vigil.store.sqlite_errors import plain_words

STAMP = "2026-04-08-0214"


def row(permit: int) -> LedgerRow:
    return LedgerRow("a night", permit, "boot", permit, None, Purpose.NUDGE, 1, Output.SOUND, 1, 900)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two nights and a ledger, closed."""
    path = tmp_path / "store" / "vigil.db"
    with Database.open(path) as database:
        for _ in range(2):
            key = stored(database, some_night(150), 40)
            Nights(database).add_summary(key, "{}")
        for permit in range(5):
            LedgerStore(database).append(row(permit))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def by_hand(path: Path, *statements: str) -> None:
    """Change the file as another program would."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=DELETE", "PRAGMA writable_schema=ON", *statements):
        connection.execute(statement).fetchall()
    connection.close()


def patched(path: Path, at: int, data: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[at : at + len(data)] = data
    path.write_bytes(content)


def table_page(path: Path, table: str) -> int:
    """Where the first page of a table begins."""
    with sqlite3.connect(path) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    connection.close()
    return 4096 * (int(page) - 1)


UNSOUND: dict[str, Callable[[Path], object]] = {
    "cut short": lambda path: os.truncate(path, 8192),
    "cut to less than a page": lambda path: os.truncate(path, 100),
    "zeroed header": lambda path: patched(path, 0, bytes(100)),
    "zeroed page": lambda path: patched(path, table_page(path, "minute"), bytes(4096)),
    "no database": lambda path: path.write_bytes(b"a letter " * 999),
    "application lost": lambda path: patched(path, 68, b"\x56\x49\x47\x4d"),
    "application zeroed": lambda path: patched(path, 68, bytes(4)),
    "version lowered": lambda path: by_hand(path, "PRAGMA user_version=1"),
    "version negative": lambda path: by_hand(path, "PRAGMA user_version=-2147483646"),
    "version raised": lambda path: by_hand(path, "PRAGMA user_version=34"),
    "version zero": lambda path: by_hand(path, "PRAGMA user_version=0"),
    "journal format": lambda path: patched(path, 18, b"\x42"),
    "schema format": lambda path: patched(path, 47, b"\x44"),
    "text format": lambda path: patched(path, 59, b"\x03"),
    "a step is gone": lambda path: by_hand(path, "DELETE FROM migration WHERE number = 1"),
    "a trigger": lambda path: by_hand(
        path, "CREATE TRIGGER t AFTER INSERT ON ledger BEGIN DELETE FROM ledger WHERE number < new.number; END"
    ),
    "a table is gone": lambda path: by_hand(path, "DROP TABLE pulse"),
    "a rule is gone": lambda path: by_hand(
        path, "UPDATE sqlite_schema SET sql = replace(sql, 'count > 0', 'count > -1') WHERE name = 'minute'"
    ),
    "no pulse": lambda path: by_hand(path, "DELETE FROM pulse"),
    "negative pulse": lambda path: by_hand(path, "UPDATE pulse SET commits = -5"),
    "ledger row changed": lambda path: by_hand(path, "UPDATE ledger SET level = 0 WHERE number = 3"),
    "ledger row gone": lambda path: by_hand(path, "DELETE FROM ledger WHERE number = 3"),
    "last ledger row gone": lambda path: by_hand(path, "DELETE FROM ledger WHERE number = 5"),
    "ledger emptied": lambda path: by_hand(path, "DELETE FROM ledger"),
    "ledger emptied with its number": lambda path: by_hand(
        path, "DELETE FROM ledger", "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'ledger'"
    ),
    "keys lowered": lambda path: by_hand(path, "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'night'"),
    "keys raised": lambda path: by_hand(path, "UPDATE sqlite_sequence SET seq = 1 << 60 WHERE name = 'night'"),
    "keys that are none": lambda path: by_hand(path, "UPDATE sqlite_sequence SET seq = 'x' WHERE name = 'night'"),
    "index": lambda path: by_hand(
        path,
        "PRAGMA ignore_check_constraints=ON",
        "UPDATE sqlite_schema SET rootpage = 3 WHERE name LIKE '%auto%night%'",
    ),
}


@pytest.mark.parametrize("damage", UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_database_is_set_aside_whole(path: Path, damage: Callable[[Path], object]) -> None:
    """Every byte is kept, a fresh store takes its place, the budget counts as spent, and recording goes on."""
    damage(path)
    before = contents(path.parent)
    opened = open_or_quarantine(path, STAMP)
    with opened.database as database:
        assert opened.quarantined == path.parent / "damaged" / STAMP
        assert contents(opened.quarantined) == before
        assert stat.S_IMODE(opened.quarantined.stat().st_mode) == 0o700
        assert opened.faults
        assert opened.why == f"{SET_ASIDE_WORDS} {BUDGET_WORDS}"
        assert not LedgerStore(database).recent().readable
        assert Nights(database).nights() == []
        key = stored(database, some_night(30))
        assert len(list(NightReader(database).records(key))) > 30
    again = open_or_quarantine(path, STAMP)
    with again.database as database:
        assert (again.quarantined, again.faults) == (None, ())
        assert again.budget_spent
        database.accept_loss()
        assert database.check() == ()
        assert LedgerStore(database).recent().readable
    assert set_aside(path) == [path.parent / "damaged" / STAMP / "vigil.db"]


def test_twice_in_one_minute_never_writes_over(path: Path) -> None:
    """A folder of that name is there already: the next one gets a number."""
    for number in range(3):
        path.write_bytes(b"garbage %d" % number * 500)
        open_or_quarantine(path, "../a b:c").database.close()
    folders = sorted(each.name for each in (path.parent / "damaged").iterdir())
    assert folders == ["..-a-b-c", "..-a-b-c-2", "..-a-b-c-3"]
    assert len({file.read_bytes() for file in set_aside(path)}) == 3


GAPS = {
    "samples": "UPDATE minute SET samples = x'00' WHERE place & 3 = 1",
    "seal": "UPDATE minute SET seal = zeroblob(8) WHERE place & 3 = 1",
    "minute gone": "DELETE FROM minute WHERE place & 0xff = 1",
    "a rule of its row": "UPDATE minute SET count = -1 WHERE place & 3 = 1",
    "entry": "UPDATE night SET began_ns = 5 WHERE key = 1",
    "entry's kind": "UPDATE night SET kind = 'odd' WHERE key = 1",
    "letter": "UPDATE night SET note = CAST(x'ff41' AS TEXT) WHERE key = 1",
    "summary": "UPDATE summary SET body = 'x' WHERE night = 1",
}


@pytest.mark.parametrize("statement", GAPS.values(), ids=GAPS)
def test_a_gap_is_named_and_stays(path: Path, statement: str) -> None:
    """One minute or one entry is damaged: the store is not set aside for it, the other night is exact."""
    truth = some_night(150)
    by_hand(path, "PRAGMA ignore_check_constraints=ON", statement)
    opened = open_or_quarantine(path, STAMP)
    with opened.database as database:
        assert (opened.quarantined, opened.faults, opened.why) == (None, (), "")
        assert not (path.parent / "damaged").exists()
        assert database.check()
        assert LedgerStore(database).recent().readable
        assert len(Nights(database).nights()) == 2
        fresh = stored(database, truth, 40)
        assert len(list(NightReader(database).inputs(fresh))) > 100


def test_lost_commits_are_said(path: Path) -> None:
    """Sound, but shorter than it was: nothing is set aside, and the budget counts as spent."""
    shutil.copy(path, path.with_name("older"))
    with Database.open(path) as database:
        LedgerStore(database).append(row(9))
    path.with_name("older").replace(path)
    opened = open_or_quarantine(path, STAMP)
    with opened.database:
        assert opened.quarantined is None
        assert opened.why == f"{LOST_WORDS} {BUDGET_WORDS}"


def test_a_fresh_start_is_no_loss(tmp_path: Path) -> None:
    """No database, or one that a crash left empty: a new one, and nothing to say."""
    for path in (tmp_path / "a" / "vigil.db", tmp_path / "b.db"):
        if path.parent == tmp_path:
            path.touch()
        opened = open_or_quarantine(path, STAMP)
        with opened.database as database:
            assert opened.why == ""
            assert LedgerStore(database).recent().readable


# What is no damage.


def test_what_is_not_ours_to_move_stays_untouched(path: Path) -> None:
    """A newer Vigil's and another program's database are refused: not a byte changes, nothing appears."""
    for statement, words in (
        ("PRAGMA user_version=99", "newer Vigil"),
        ("PRAGMA application_id=7", "another program"),
        ("PRAGMA application_id=0", "another program"),
    ):
        other = path.with_name(f"{words[:3]}{statement[-1]}") / "vigil.db"
        other.parent.mkdir()
        if words == "newer Vigil":
            shutil.copy(path, other)
            by_hand(other, statement, "INSERT INTO migration VALUES (99, 'later.sql')")
        else:
            by_hand(other, "CREATE TABLE bookmarks (name TEXT)", statement)
        before = contents(other.parent)
        with pytest.raises(StoreError, match=words) as caught:
            open_or_quarantine(other, STAMP)
        assert not isinstance(caught.value, DamagedError)
        assert contents(other.parent) == before


def test_a_locked_database_is_not_damaged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap A10: another program holds it. Busy is busy."""
    monkeypatch.setattr(opening, "BUSY_S", 0.0)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("UPDATE pulse SET commits = commits + 1")
    before = contents(path.parent)
    with pytest.raises(BusyError):
        open_or_quarantine(path, STAMP)
    assert contents(path.parent) == before
    holder.execute("ROLLBACK")
    holder.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, FullError),
        (sqlite3.SQLITE_IOERR_READ, UnwritableError),
        (sqlite3.SQLITE_CANTOPEN, UnwritableError),
        (sqlite3.SQLITE_READONLY, UnwritableError),
        (sqlite3.SQLITE_BUSY, BusyError),
        (sqlite3.SQLITE_NOMEM, StoreError),
    ],
)
@pytest.mark.parametrize("where", ["looking", "checking", "opening"])
def test_only_damage_is_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[StoreError], where: str
) -> None:
    """Whatever else SQLite answers, at whatever moment, nothing is moved."""
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code

    def fails(*args: Any, **kwargs: Any) -> Any:
        raise error

    module, name = {
        "looking": (opening, "connect"),
        "checking": (soundness, "_structure"),
        "opening": (Database, "_compare_head"),
    }[where]
    if where == "opening":

        def in_words(*args: Any) -> None:
            with plain_words():
                raise error

        monkeypatch.setattr(module, name, in_words)
    else:
        monkeypatch.setattr(module, name, fails)
    before = path.read_bytes()
    with pytest.raises(kind) as caught:
        open_or_quarantine(path, STAMP)
    assert not isinstance(caught.value, DamagedError)
    assert path.read_bytes() == before
    assert not (path.parent / "damaged").exists()


def test_damage_that_shows_only_while_it_is_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check passed and SQLite finds it all the same: set aside as well."""
    original = Database._set_up
    calls = [0]

    def first_fails(self: Database) -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise DamagedError("page 7")
        original(self)

    monkeypatch.setattr(Database, "_set_up", first_fails)
    opened = open_or_quarantine(path, STAMP)
    with opened.database:
        assert opened.faults == ("page 7",)
        assert opened.quarantined is not None


def test_a_folder_that_cannot_be_looked_into_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses even to look: in words."""
    monkeypatch.setattr(opening, "look_at", lambda path: None)

    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(soundness, "look_at", refused)
    with pytest.raises(UnwritableError, match="check that it is yours"):
        faults(path)


# A power cut while it is set aside.


class CutError(BaseException):
    """The power is gone."""


@pytest.mark.parametrize("with_log", [False, True])
def test_wherever_the_power_is_cut_the_next_start_finishes(
    path: Path, monkeypatch: pytest.MonkeyPatch, with_log: bool
) -> None:
    """At every step: no byte is lost, the budget is spent, and there is never a store that looks unspent."""
    patched(path, table_page(path, "minute"), bytes(4096))
    if with_log:
        path.with_name("vigil.db-wal").write_bytes(b"a log that belongs to it" * 99)
    before = contents(path.parent)
    template = path.parent.with_name("template")
    path.parent.rename(template)
    cut_at = 0
    while True:
        cut_at += 1
        shutil.copytree(template, path.parent)
        cut = cut_during(path, monkeypatch, cut_at)
        opened = open_or_quarantine(path, "later")
        with opened.database as database:
            assert opened.budget_spent
            assert not LedgerStore(database).recent().readable
            assert set_aside(path)
        kept = {name: data for name, data in contents(path.parent / "damaged").items() if not name.endswith("-shm")}
        assert sorted(kept.values()) == sorted(before.values())
        assert {Path(name).name for name in kept} == set(before)
        assert {each.name for each in path.parent.iterdir()} <= {"damaged", "vigil.db", "vigil.db-head"}
        shutil.rmtree(path.parent)
        if not cut:
            break
    assert cut_at > 10


def cut_during(path: Path, monkeypatch: pytest.MonkeyPatch, cut_at: int) -> bool:
    """Set it aside until the n-th call of the system; whether that was reached."""
    calls = [0]

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] == cut_at:
                raise CutError
            return original(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in ("rename", "replace", "mkdir", "fsync", "unlink"):
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            quarantine.quarantine(path, STAMP)
        except CutError:
            return True
    return False


@pytest.mark.parametrize(("code", "kind"), [(28, FullError), (5, UnwritableError)])
def test_a_disk_that_refuses_leaves_it_where_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[StoreError]
) -> None:
    """No room for a fresh one, or a disk that fails: in words, and nothing has moved."""
    path.write_bytes(b"garbage" * 999)

    def fails(*args: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(quarantine, "sync", fails)
    with pytest.raises(kind, match="nothing of it was deleted"):
        open_or_quarantine(path, STAMP)
    assert path.read_bytes() == b"garbage" * 999
    monkeypatch.undo()
    with open_or_quarantine(path, STAMP).database as database:
        assert database.lost_commits
    with monkeypatch.context() as patch:
        path.with_name("vigil.db-fresh-other").touch()
        patch.setattr(quarantine, "sync", fails)
        with pytest.raises(kind, match="nothing of it was deleted"):
            open_or_quarantine(path, STAMP)


# What comes after.


def test_backups_made_afterwards_come_after_those_there_are(path: Path) -> None:
    """Their names sort by commits: a fresh count from 0 would have the new backup removed as the oldest."""
    folder = path.parent / "backups"
    with Database.open(path) as database:
        for _ in range(3):
            stored(database, some_night(10))
            old = backup(database, folder, keep=3)
    for with_head in (True, False):
        patched(path, 0, bytes(100))
        if not with_head:
            path.with_name("vigil.db-head").unlink()
        with open_or_quarantine(path, STAMP).database as database:
            made = backup(database, folder, keep=3)
        assert made in backups(folder)
        assert made > old
        old = made


def test_backups_are_found_again_where_the_damaged_one_still_names_them(path: Path) -> None:
    """Erasing must find every backup, also those made before."""
    with Database.open(path) as database:
        backup(database, path.parent / "backups")
    by_hand(path, "UPDATE ledger SET level = 0")
    with open_or_quarantine(path, STAMP).database as database:
        assert database.rows("SELECT path FROM backup_folder") == [(str(path.parent / "backups"),)]
        assert forget_all(database).backups == 1


def test_erasing_says_what_was_set_aside_and_erasing_all_removes_it(path: Path) -> None:
    """A night may still be in a damaged file: it is said; erasing everything erases that too."""
    by_hand(path, "UPDATE ledger SET level = 0")
    opened = open_or_quarantine(path, STAMP)
    with opened.database as database:
        key = NightWriter(database).begin(NightBegan(0))
        assert forget(database, key).set_aside == (str(path.parent / "damaged" / STAMP / "vigil.db"),)
        mine = path.parent / "damaged" / "mine"
        mine.mkdir()
        (mine / "note").touch()
        assert forget_all(database).set_aside == ()
    assert [each.name for each in (path.parent / "damaged").iterdir()] == ["mine"]


def test_only_reading_never_sets_aside(path: Path) -> None:
    """Whoever only looks gets the error, as before."""
    path.write_bytes(b"garbage" * 999)
    with pytest.raises(DamagedError):
        Database.open(path, read_only=True)
    with pytest.raises(NotFoundError):
        Database.open(path.with_name("none"), create=False)
    assert re.fullmatch(r"[\w.-]+", STAMP)
    assert not (path.parent / "damaged").exists()


def test_nothing_in_the_folder_is_written_over(path: Path) -> None:
    """Something of the same name stands where the damaged file should go: it is said, and both stay."""
    (path.parent / "damaged" / STAMP).mkdir(parents=True)
    (path.parent / "damaged" / STAMP / "vigil.db").write_bytes(b"older")
    path.with_name(f"vigil.db-fresh-{STAMP}").touch()
    with pytest.raises(UnwritableError, match="is there already"):
        open_or_quarantine(path, STAMP)
    assert (path.parent / "damaged" / STAMP / "vigil.db").read_bytes() == b"older"
    assert path.stat().st_size > 4096


def test_a_schema_whose_letters_are_none_is_damage(path: Path) -> None:
    """SQLite quotes it in its error, which Python then cannot read: damage, not an unknown refusal."""
    by_hand(path, "UPDATE sqlite_schema SET sql = CAST(x'ff43524541' AS TEXT) WHERE name = 'night'")
    opened = open_or_quarantine(path, STAMP)
    with opened.database:
        assert opened.quarantined is not None


@pytest.mark.parametrize("knows_it", [True, False])
def test_on_macos_the_drive_itself_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows_it: bool) -> None:
    """fsync leaves it in the drive's memory there; a volume that does not know the full one gets the plain one."""
    calls = []

    def full(descriptor: int, request: int) -> None:
        calls.append(request)
        if not knows_it:
            raise OSError(45, "not supported")

    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", full)
    monkeypatch.setattr(os, "fsync", lambda descriptor: calls.append(0))
    private_files.sync(tmp_path)
    assert calls == ([51] if knows_it else [51, 0])
