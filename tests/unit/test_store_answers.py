"""Answers on their way into the store and back: nothing acknowledged is lost, and forgetting really erases."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vigil.app.home import Home, Shelf
from vigil.app.wiring import reading
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.records import NightBegan
from vigil.store.answers import Answers
from vigil.store.backup import backup, verify
from vigil.store.checksums import crc_of
from vigil.store.database import Database, OutdatedError
from vigil.store.erase import forget, forget_all
from vigil.store.integrity import ANSWER_COLUMNS
from vigil.store.night_writer import NightWriter
from vigil.store.schema import migrate, shipped

FULL = Answer(MorningWord.KEPT_DREAM, 2, 7, 3, woken=True, disturbed=False, was_awake=True, resumed=True)
CANARY = b"kept_dream"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "vigil"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with Database.open(home / "vigil.db") as opened:
        yield opened


def begun(database: Database, name: str = "one") -> int:
    return NightWriter(database).begin(NightBegan(0, night=name))


def test_an_answer_comes_back_as_it_was_given(database: Database) -> None:
    """Every field, said or not said, and one answer a night."""
    key, other, never = (begun(database, name) for name in ("one", "two", "three"))
    answers = Answers(database)
    answers.put(key, Answer())
    answers.put(key, FULL)
    answers.put(other, Answer(MorningWord.QUIET))
    assert answers.get(key) == FULL
    assert answers.get(never) is None
    assert answers.all().by_night == {key: FULL, other: Answer(MorningWord.QUIET)}
    assert database.check() == ()


def test_a_night_that_is_not_there_has_no_answer(database: Database) -> None:
    """An answer without its night would be about nothing."""
    with pytest.raises(NotFoundError):
        Answers(database).put(7, FULL)
    assert Answers(database).all().by_night == {}


@pytest.mark.parametrize("change", ["distress = 9", "word = 'quiet'", "disturbed = NULL"])
def test_damage_is_noticed(database: Database, change: str) -> None:
    """A flipped value is never taken for an answer; the others are still read, and the check names it."""
    key, other = begun(database), begun(database, "two")
    answers = Answers(database)
    answers.put(key, FULL)
    answers.put(other, FULL)
    with database.atomic():
        database.execute(f"UPDATE answer SET {change} WHERE night = ?", (key,))
    with pytest.raises(StoreError, match="vigil morning --change"):
        answers.get(key)
    assert (answers.all().by_night, answers.all().damaged) == ({other: FULL}, (key,))
    assert any("the answer of night" in problem for problem in database.check())


def test_a_word_of_another_version_is_not_guessed(database: Database) -> None:
    """A signed row whose word nobody knows is refused, not read as something else."""
    key = begun(database)
    values = (key, "lucid", None, None, None, None, None, None, 0)
    with database.atomic():
        marks = ", ".join("?" * 10)
        database.execute(
            f"INSERT INTO answer ({ANSWER_COLUMNS}, crc) VALUES ({marks})",
            (*values, crc_of(*values)),
        )
    assert Answers(database).all().damaged == (key,)


def test_a_backup_holds_the_answers(database: Database, home: Path) -> None:
    """The copy is proven, answers included, and gives them back."""
    key = begun(database)
    Answers(database).put(key, FULL)
    made = backup(database, home / "backups")
    assert verify(made) == ()
    with Database.open(made, read_only=True) as copy:
        assert Answers(copy).all().by_night == {key: FULL}


def test_a_backup_of_an_older_vigil_is_still_sound(tmp_path: Path) -> None:
    """It has no table of answers, and that is no damage; opened for reading only, it asks to be brought up."""
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old, isolation_level=None)) as raw:
        migrate(raw, shipped()[:1])
    assert verify(old) == ()
    with pytest.raises(OutdatedError):
        Database.open(old, read_only=True)
    with Database.open(old) as database:
        assert Answers(database).all().by_night == {}


def test_commands_that_only_read_bring_an_older_store_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an update `vigil nights` works at once."""
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path))
    path = Home.here().database(Shelf.OWN)
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrate(raw, shipped()[:1])
    with reading(Home.here(), (Shelf.OWN,)) as opened:
        assert Answers(opened[0].database).all().by_night == {}


def traces(home: Path) -> set[str]:
    return {path.name for path in home.rglob("*") if path.is_file() and CANARY in path.read_bytes()}


@pytest.mark.parametrize("everything", [False, True])
def test_a_forgotten_answer_is_nowhere(database: Database, home: Path, everything: bool) -> None:
    """Neither in the database, nor its log, nor a backup; the other night keeps its own."""
    key, other = begun(database), begun(database, "two")
    Answers(database).put(key, FULL)
    Answers(database).put(other, Answer(MorningWord.QUIET))
    backup(database, home / "backups")
    assert len(traces(home)) >= 2
    if everything:
        forget_all(database)
    else:
        forget(database, key)
    assert traces(home) == set()
    assert Answers(database).all().by_night == ({} if everything else {other: Answer(MorningWord.QUIET)})
    assert database.check() == ()


def test_a_changed_answer_leaves_no_trace_after_forgetting(database: Database, home: Path) -> None:
    """What was said first and then changed is gone with the night as well."""
    key = begun(database)
    Answers(database).put(key, FULL)
    Answers(database).put(key, Answer(MorningWord.QUIET))
    forget(database, key)
    assert traces(home) == set()


def test_an_acknowledged_answer_survives_a_kill(home: Path) -> None:
    """Once `put` has returned, not even kill -9 takes it back."""
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom vigil.domain.answers import Answer, MorningWord\n"
        "from vigil.domain.records import NightBegan\nfrom vigil.store.answers import Answers\n"
        "from vigil.store.database import Database\nfrom vigil.store.night_writer import NightWriter\n"
        "database = Database.open(Path(sys.argv[1]))\nkey = NightWriter(database).begin(NightBegan(0, night='x'))\n"
        "Answers(database).put(key, Answer(MorningWord.BAD_DREAM, distress=4))\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    src = Path(__file__).resolve().parents[2] / "src"
    subprocess.run(
        [sys.executable, "-c", code, str(home / "vigil.db")],
        env={**os.environ, "PYTHONPATH": str(src)},
        check=False,
        timeout=60,
    )
    with Database.open(home / "vigil.db") as database:
        assert list(Answers(database).all().by_night.values()) == [Answer(MorningWord.BAD_DREAM, distress=4)]
