"""Encrypted databases: nothing is readable without the passphrase, nothing is lost, and locked is not damaged."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.test_store_nights import some_night, stored
from vigil.domain.errors import BusyError, LockedError, StoreError
from vigil.domain.records import Mode, NightBegan
from vigil.store import cipher, sealing
from vigil.store.backup import backup, backups, verify
from vigil.store.database import Database
from vigil.store.erase import forget_all, scrub
from vigil.store.nights import Nights
from vigil.store.opening import connect
from vigil.store.quarantine import open_or_quarantine, quarantine
from vigil.store.restore import restore

WORDS, OTHER = "it's a quiet harbour", "another harbour, further north"
CANARY = b"CANARYnight"
STEPS = ("alone", "exported", "proven", "witnessed", "old one named", "in place", "finished")


@pytest.fixture(autouse=True)
def _knows_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins without a passphrase, and makes keys quickly."""
    cipher.unknow()
    monkeypatch.setattr(cipher, "_TURNS", 10)
    yield
    cipher.unknow()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A plain database with a night."""
    made = tmp_path / "vigil" / "vigil.db"
    with Database.open(made) as database:
        _add_night(database, CANARY.decode())
    return made


def _add_night(database: Database, name: str) -> None:
    began = NightBegan(0, Mode.ON, name)
    stored(database, some_night(90, began=began), 10, began=began)


def _seal(path: Path, words: str = WORDS) -> None:
    sealing.change(path, cipher.new_key(words))
    cipher.know(words)


def _bytes_beside(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.rglob("*") if each.is_file())


def _names(path: Path) -> list[str]:
    with Database.open(path, read_only=True) as database:
        assert database.check() == ()
        return [row.name for row in Nights(database).nights()]


def test_what_is_encrypted_shows_nothing(path: Path) -> None:
    """No header, no word in the database, its log or its backups."""
    assert CANARY in _bytes_beside(path)
    _seal(path)
    with Database.open(path) as database:
        _add_night(database, "CANARYnight-while-open")
        backup(database, path.parent / "backups")
        assert path.with_name("vigil.db-wal").stat().st_size > 0
        assert b"CANARY" not in _bytes_beside(path)
    assert b"CANARY" not in _bytes_beside(path)
    assert b"SQLite" not in _bytes_beside(path)
    assert {each.stat().st_mode & 0o777 for each in path.parent.rglob("*") if each.is_file()} == {0o600}


def test_it_comes_back_as_it_was(path: Path) -> None:
    """Plain, encrypted, another passphrase, plain again: the same nights, the same count of commits."""
    with Database.open(path) as database:
        commits = database.commits
    _seal(path)
    _seal(path, OTHER)
    assert _names(path) == [CANARY.decode()]
    cipher.unknow()
    cipher.know(WORDS)
    assert cipher.is_locked(path)
    cipher.know(OTHER)
    sealing.change(path, None)
    cipher.unknow()
    assert _names(path) == [CANARY.decode()]
    assert not cipher.witness_of(path).exists()
    with Database.open(path) as database:
        assert (database.commits, database.lost_commits) == (commits, 0)


def test_any_sqlcipher_program_opens_it_with_the_same_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept does not need Vigil to be read."""
    monkeypatch.undo()
    _seal(path)
    with closing(cipher.connect(path, "mode=ro&immutable=1", None)) as stock:
        stock.execute(f"PRAGMA key = '{WORDS.replace(chr(39), chr(39) * 2)}'")
        assert stock.execute("SELECT name FROM night").fetchall() == [(CANARY.decode(),)]


@pytest.mark.parametrize("witness", [True, False], ids=["with its witness", "alone"])
@pytest.mark.parametrize("words", [None, OTHER], ids=["no passphrase", "another passphrase"])
def test_locked_is_said_and_never_set_aside(path: Path, words: str | None, *, witness: bool) -> None:
    """A start without the key changes nothing: the file is neither damaged nor replaced."""
    _seal(path)
    cipher.unknow()
    if not witness:
        cipher.witness_of(path).unlink()
    if words:
        cipher.know(words)
    before = path.read_bytes()
    with pytest.raises(LockedError, match="locked with"):
        open_or_quarantine(path, "2026-01-01-0000")
    with pytest.raises(LockedError, match="locked with"):
        Database.open(path)
    assert path.read_bytes() == before
    assert not (path.parent / "damaged").exists()
    cipher.know(WORDS)
    assert _names(path) == [CANARY.decode()]


def test_damage_in_an_encrypted_database_is_still_damage(path: Path) -> None:
    """With the key known, a broken page is set aside, and the fresh database is encrypted as the old one was."""
    _seal(path)
    broken = bytearray(path.read_bytes())
    broken[200] ^= 1
    path.write_bytes(broken)
    opened = open_or_quarantine(path, "2026-01-01-0000")
    with opened.database as database:
        _add_night(database, "CANARYafter")
    assert opened.quarantined is not None
    assert cipher.is_sealed(path)
    assert b"CANARY" not in _bytes_beside(path)
    with Database.open(path) as database:
        assert [row.name for row in Nights(database).nights()] == ["CANARYafter"]


def test_a_plain_database_that_is_damaged_is_not_called_locked(path: Path) -> None:
    """Noise over the first page is damage, unless every page is noise."""
    path.write_bytes(os.urandom(4096) + path.read_bytes()[4096:])
    assert not cipher.is_sealed(path)
    opened = open_or_quarantine(path, "2026-01-01-0000")
    opened.database.close()
    assert opened.quarantined is not None


def test_what_was_set_aside_can_be_taken_back_and_erased(path: Path) -> None:
    """The damaged file keeps its key, and goes with everything else."""
    _seal(path)
    folder = quarantine(path, "2026-01-01-0000")
    with Database.open(path) as database:
        assert restore(database, folder / path.name).nights == 1
        forget_all(database)
    assert not folder.exists()


def test_backups_have_the_key_of_their_database(path: Path) -> None:
    """A backup alone opens with the passphrase, and not without; what is taken back from it is whole."""
    _seal(path)
    with Database.open(path) as database:
        made = backup(database, path.parent / "backups")
    assert verify(made) == ()
    with Database.open(path.parent / "second.db") as second:
        assert restore(second, made).nights == 1
    cipher.unknow()
    assert "locked" in verify(made)[0]


def test_plain_backups_are_made_anew(path: Path) -> None:
    """`scrub` after the change leaves none that opens without the passphrase."""
    with Database.open(path) as database:
        backup(database, path.parent / "backups")
    _seal(path)
    with Database.open(path) as database:
        scrub(database)
    (only,) = backups(path.parent / "backups")
    assert cipher.is_sealed(only)
    assert CANARY not in _bytes_beside(path)


@pytest.mark.parametrize("stop", range(len(STEPS)), ids=STEPS)
@pytest.mark.parametrize("to", [WORDS, None], ids=["encrypting", "decrypting"])
def test_cut_short_after_any_step_it_is_whole(path: Path, stop: int, to: str | None) -> None:
    """Killed there, the database opens at once, in its old or its new way, and the change can be made again."""
    if to is None:
        _seal(path)
    _killed_after(stop, path, to)
    cipher.know(WORDS)
    assert cipher.is_sealed(path) is ((to is None) is (stop < STEPS.index("in place")))
    assert _names(path) == [CANARY.decode()]
    sealing.change(path, cipher.new_key(to) if to else None)
    assert _names(path) == [CANARY.decode()]
    assert {each.name for each in path.parent.iterdir()} <= {"vigil.db", "vigil.db-head", "vigil.db-cipher"}
    assert (CANARY in _bytes_beside(path)) is (to is None)


def _killed_after(stop: int, path: Path, to: str | None) -> None:
    """Make the steps up to this one in a process of its own, which then kills itself."""
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom vigil.store import cipher, sealing\ncipher._TURNS = 10\n"
        "path, stop, to = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]\n"
        f"cipher.know({WORDS!r})\n"
        "for number, _ in enumerate(sealing.steps(path, cipher.new_key(to) if to else None)):\n"
        "    if number == stop: os.kill(os.getpid(), 9)\n"
    )
    child = subprocess.run([sys.executable, "-c", program, str(path), str(stop), to or ""], check=False)
    assert child.returncode == -signal.SIGKILL


def test_a_change_of_passphrase_cut_short_opens_with_the_one_that_holds(path: Path) -> None:
    """Before the step the old one, after it the new one; the other is refused in words."""
    _seal(path)
    for stop, holds, refused in (("witnessed", WORDS, OTHER), ("in place", OTHER, WORDS)):
        for name in sealing.steps(path, cipher.new_key(OTHER)):
            if name == stop:
                break
        cipher.unknow()
        cipher.know(refused)
        assert cipher.is_locked(path)
        cipher.know(holds)
        assert _names(path) == [CANARY.decode()]


def test_half_a_new_file_counts_for_nothing(path: Path) -> None:
    """What a power cut left of the export is thrown away, overwritten."""
    path.with_name("vigil.db-changing").write_bytes(b"CANARYhalf" * 1000)
    _seal(path)
    assert b"CANARY" not in _bytes_beside(path)
    assert _names(path) == [CANARY.decode()]


def test_nobody_else_may_have_it_open(path: Path) -> None:
    """A reader keeps the change from being made, and nothing is changed."""
    with Database.open(path, read_only=True) as reader:
        reader.rows("SELECT count(*) FROM night")
        with pytest.raises(BusyError):
            _seal(path)
    assert not cipher.is_sealed(path)
    assert _names(path) == [CANARY.decode()]


def test_a_copy_that_differs_is_thrown_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new file is proven before the old one goes."""
    honest = sealing._export

    def forgetful(fresh: sqlite3.Connection, path: Path, old: cipher.Key | None) -> None:
        honest(fresh, path, old)
        fresh.execute("UPDATE night SET note = 'x'")

    monkeypatch.setattr(sealing, "_export", forgetful)
    with pytest.raises(StoreError, match="did not come out whole"):
        _seal(path)
    assert not cipher.is_sealed(path)
    assert _names(path) == [CANARY.decode()]
    assert not path.with_name("vigil.db-changing").exists()


def test_short_words_are_refused_and_composed_letters_do_not_matter(path: Path) -> None:
    """A phone and a computer write the same letter in two ways."""
    with pytest.raises(StoreError, match="12 letters"):
        cipher.new_key("short")
    _seal(path, "fünf grüne Häuser")
    cipher.unknow()
    cipher.know("fu\u0308nf gru\u0308ne Ha\u0308user")
    assert _names(path) == [CANARY.decode()]


def test_a_key_is_never_shown(path: Path) -> None:
    """Not by being printed, and not in what goes wrong."""
    key = cipher.new_key(WORDS)
    assert key.secret.hex() not in repr(key)
    _seal(path)
    assert WORDS not in repr(cipher._ring)
    with closing(connect(path, "mode=ro")) as connection, pytest.raises(Exception, match="no such table") as raised:
        connection.execute("SELECT * FROM nowhere")
    assert WORDS not in str(raised.value)


def test_without_the_package_it_says_which(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named, and the file is left alone."""
    _seal(path)
    monkeypatch.setitem(sys.modules, "sqlcipher3.dbapi2", None)
    with pytest.raises(LockedError, match=r"vigil\[crypt\]"):
        Database.open(path)


def test_what_an_interrupted_change_left_goes_at_the_next_start(path: Path) -> None:
    """The plain file that was to be written over does not stay until somebody encrypts again."""
    for name in sealing.steps(path, cipher.new_key(WORDS)):
        if name == "in place":
            break
    cipher.know(WORDS)
    assert CANARY in path.with_name("vigil.db-before").read_bytes()
    open_or_quarantine(path, "2026-01-01-0000").database.close()
    assert CANARY not in _bytes_beside(path)
    assert _names(path) == [CANARY.decode()]


def test_whoever_sits_there_is_asked_up_to_three_times(path: Path) -> None:
    """A wrong word is asked about again and not kept, the right one is not asked for twice, none ends the asking."""
    _seal(path)
    cipher.unknow()
    typed = ["not this one at all", WORDS]
    asked: list[bool] = []

    def ask(_name: str, again: bool) -> str:
        asked.append(again)
        return typed.pop(0)

    cipher.ask_by(ask)
    assert _names(path) == [CANARY.decode()]
    assert asked == [False, True]
    assert cipher.known() == WORDS
    for answers, most in ((["wrong word, again"] * 9, 3), ([""], 1)):
        cipher.unknow()
        asked.clear()
        typed[:] = answers
        with pytest.raises(LockedError):
            Database.open(path)
        assert len(asked) == most
        assert cipher.known() is None
    cipher.ask_by(None)
