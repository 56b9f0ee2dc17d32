"""vigil journal as a person meets it, and what becomes of the journal in backup, restore, export, forget and doctor."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from vigil.app.cli import app
from vigil.app.commands import watch
from vigil.app.erasing import count, one_night
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import (
    ASIDE_WORDS,
    forget_words,
    journal,
    journal_if_any,
    journal_path,
    settle_waiting,
    take_words_back,
)
from vigil.app.wiring import backup_folder, reading, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import DamagedError, NotFoundError, StoreError
from vigil.domain.journal import Draft, MorningNote, Written
from vigil.store.answers import Answers
from vigil.store.journal_backup import journal_backups
from vigil.store.nights import Nights

NOW = 1_795_000_000_000
NIGHT = "simulated-strong-2"


def invoke(*words: object, said: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=said)


def well(*words: object, said: str | bytes | None = None) -> str:
    result = invoke(*words, said=said)
    assert result.exit_code == 0, result.output
    return result.stdout


def as_json(*words: object) -> dict[str, Any]:
    value = json.loads(well("journal", *words, "--json", "-"))
    assert isinstance(value, dict)
    return value


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one demo night."""
    home = tmp_path_factory.mktemp("stocked")
    before = os.environ.get("VIGIL_HOME")
    os.environ["VIGIL_HOME"] = str(home)
    try:
        well("demo", "--hours", "1", "--plan", "strong", "--seed", "2", "--quiet")
    finally:
        if before is not None:
            os.environ["VIGIL_HOME"] = before
    return home


@pytest.fixture
def demo(stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of it, with words of that night and of another."""
    shutil.copytree(stocked, tmp_path / "home")
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "home"))
    home = Home.here()
    with journal(home, Shelf.DEMO) as opened:
        opened.add(Written("canarytitle", "canarybody", ("canarytag",), NIGHT), NOW)
        opened.add(Written("other", "stays", night="other"), NOW)
        opened.notes.put_morning(MorningNote(NIGHT, 3, "canarywords", ("canarymark",), "canaryevening"), NOW)
        opened.notes.put_draft(Draft("new", "canarydraft", NIGHT), NOW)
    return home


def held(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


# The command.


def test_from_the_first_entry_to_its_erasure() -> None:
    """Written, listed, found, shown, changed, erased."""
    assert "No entry" in well("journal", "list")
    assert not journal_path(Home.here(), Shelf.OWN).exists()
    options = ("--title", "The house", "--tag", "stairs", "--tag", "Wolf", "--day", "2026-11-26", "--thread", "House")
    assert "entry 1" in well("journal", "add", *options, said="I was on the stairs.\nA wolf stood there.")
    assert well("journal", "list").strip() == "1  2026-11-26  The house  (stairs, Wolf)"
    assert "wolf stood" in well("journal", "find", "WOL", "stairs")
    assert "Nothing that you wrote" in well("journal", "find", "sea")
    shown = well("journal", "show", 1)
    assert "Thread: House" in shown
    assert "A wolf stood there." in shown
    well("journal", "edit", 1, "--tag", "one", "--day", "", "--thread", "")
    (entry,) = as_json("show", 1)["entries"]
    assert (entry["tags"], entry["day"], entry["thread"], entry["title"], entry["edit"]) == (
        *(["one"], None, None),
        *("The house", 2),
    )
    well("journal", "edit", 1, "--text", "--thread", "house", said="Another text")
    assert as_json("list", "--tag", "ONE", "--thread", "HOUSE")["entries"][0]["body"] == "Another text"
    refused = invoke("journal", "delete", 1, said="n\n")
    assert refused.exit_code == 1
    assert "Nothing was erased" in refused.stdout
    assert "Erased: entry 1." in well("journal", "delete", 1, "--yes")
    assert as_json("list")["entries"] == []


def test_an_edit_from_an_old_version_keeps_both() -> None:
    """And says so."""
    well("journal", "add", "--title", "a", said="one")
    well("journal", "edit", 1, "--text", said="two")
    assert "Both are kept" in well("journal", "edit", 1, "--text", "--version", 1, said="three")
    assert {entry["body"] for entry in as_json("list")["entries"]} == {"two", "three"}


@pytest.mark.parametrize(
    ("words", "said", "why"),
    [
        (("add", "--title", "t"), b"\xff\xfe\x00", "not UTF-8"),
        (("add",), "", "nothing in it yet"),
        (("add",), "x" * 5_000_000, "still where it came from"),
        (("add",), "x" * 1_000_001, "still where you wrote it"),
        (("add", "--day", "tomorrow"), "x", "2026-11-27"),
        (("add", "--tag", "x" * 41), "x", "41 letters"),
        (("edit", "1", "--text"), "", "no text came"),
        (("edit", "9", "--title", "x"), "", "no entry 9"),
        (("show", "9"), "", "no entry 9"),
        (("delete", "9", "--yes"), "", "no entry 9"),
        (("threads", "none"), "", "no thread is called"),
        (("list", "--thread", "none"), "", "no thread is called"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_lost(words: tuple[str, ...], said: str | bytes, why: str) -> None:
    """Exit code 1, one sentence, the journal as it was."""
    well("journal", "add", "--title", "kept", said="text")
    result = invoke("journal", *words, said=said)
    assert result.exit_code == 1
    assert why in result.stderr
    assert [entry["body"] for entry in as_json("list")["entries"]] == ["text"]


def test_without_a_journal_there_is_nothing_to_change() -> None:
    """And looking makes no file."""
    for words in (
        ("show", 1),
        ("edit", 1, "--title", "x"),
        ("delete", 1, "--yes"),
        ("threads", "x", "--drop", "--yes"),
    ):
        result = invoke("journal", *words)
        assert result.exit_code == 1
        assert "nothing is written down yet" in result.stderr
    assert "No thread" in well("journal", "threads")
    assert "Nothing that you wrote" in well("journal", "find", "x")
    assert not journal_path(Home.here(), Shelf.OWN).exists()


def test_threads_are_named_described_renamed_and_dropped() -> None:
    """Their entries stay."""
    well("journal", "threads", "The house", "--note", "In winter")
    well("journal", "add", "--thread", "the house", said="x")
    assert "The house: 1 entry" in well("journal", "threads")
    shown = well("journal", "threads", "THE HOUSE", "--rename", "The tower")
    assert "In winter" in shown
    assert as_json("threads", "The tower")["entries"][0]["body"] == "x"
    assert "Erased: thread The tower." in well("journal", "threads", "The tower", "--drop", "--yes")
    assert as_json("list")["entries"][0]["thread"] is None


def test_a_hostile_text_does_not_move_the_cursor() -> None:
    """On the terminal, in JSON and in files it is text."""
    hostile = "\x1b[2J<script>alert(1)</script>\u202egnp.exe"
    well("journal", "add", "--title", hostile, said=hostile)
    for words in (("list",), ("show", 1), ("find", "script")):
        assert "\x1b" not in well("journal", *words)
    well("journal", "export", "--out", "out")
    text = Path("out/journal.md").read_text()
    assert "## \ufffd\\[2J\\<script\\>" in text
    assert "\n    \ufffd[2J<script>" in text


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


# With the other commands.


def test_an_exported_night_says_nothing_of_what_was_written(demo: Home) -> None:
    """Unless it is asked for; then it holds that night's words and no other's."""
    well("export", NIGHT, "--format", "folder", "--out", "plain")
    for form in ("edf", "json", "csv"):
        well("export", NIGHT, "--format", form, "--out", form)
        refused = invoke("export", NIGHT, "--format", form, "--out", "no", "--journal")
        assert refused.exit_code == 2
    assert b"canary" not in held(Path())
    well("export", NIGHT, "--format", "folder", "--out", "with", "--journal")
    found = json.loads(Path("with/journal/journal.json").read_text())
    assert [entry["title"] for entry in found["entries"]] == ["canarytitle"]
    assert found["mornings"][0]["words"] == "canarywords"
    assert "canaryevening" in Path("with/journal/journal.md").read_text()
    assert b"stays" not in held(Path("with"))
    well("replay", "with", "--quiet")  # a folder more is no trouble for a night
    well("journal", "export", "--store", "demo", "--out", "all")
    assert len(json.loads(Path("all/journal.json").read_text())["entries"]) == 2
    again = invoke("journal", "export", "--store", "demo", "--out", "all")
    assert again.exit_code == 1


def test_forgetting_a_night_forgets_its_words(demo: Home) -> None:
    """In the journal and in Vigil's backups of it; the other night's stay."""
    well("backup", "--store", "demo")
    assert b"canarywords" in held(demo.data)
    assert "Erased in the journal: 1 entry" in well("forget", NIGHT, "--yes")
    assert b"canary" not in held(demo.data)
    with journal(demo, Shelf.DEMO) as opened:
        assert [entry.what.title for entry in opened.entries()] == ["other"]


def test_forgetting_everything_empties_the_journal(demo: Home) -> None:
    """Also of a store that has a journal and no nights, and one that is damaged."""
    well("journal", "add", said="canaryown")
    well("backup")
    path = journal_path(demo, Shelf.DEMO)
    path.write_bytes(path.read_bytes()[:8192] + b"canary\xaa" * 9000)
    said = well("forget", "--all", "--yes")
    assert said.count("Erased in the journal") == 2
    left = held(demo.data)
    assert b"canary" not in left
    assert not demo.database(Shelf.OWN).exists()


def test_a_damaged_journal_does_not_forget_a_night_in_silence(demo: Home) -> None:
    """The night stays, so that it can be erased once the journal is mended."""
    path = journal_path(demo, Shelf.DEMO)
    path.write_bytes(path.read_bytes()[:4096] + b"\xaa" * 90_000)
    with pytest.raises(DamagedError):
        forget_words(demo, Shelf.DEMO, NIGHT)
    assert invoke("forget", NIGHT, "--yes").exit_code == 1
    assert NIGHT in well("nights")


def test_a_backup_has_the_journal_and_gives_it_back(demo: Home) -> None:
    """Beside the nights, verified, listed; damaged words are moved aside first, and nothing is deleted."""
    assert "journal-" in well("backup", "--store", "demo")
    folder = backup_folder(demo, Shelf.DEMO)
    assert "journal-" in well("restore", "--list", "--store", "demo")
    assert "left alone: 2" in well("restore", "--store", "demo")
    path = journal_path(demo, Shelf.DEMO)
    path.write_bytes(path.read_bytes()[:4096] + b"\xaa" * 90_000)
    assert invoke("journal", "list", "--store", "demo").exit_code == 1
    said = " ".join(well("restore", "--store", "demo").split())
    assert ASIDE_WORDS in said
    assert "entries 2, mornings 1" in said
    with journal(demo, Shelf.DEMO) as opened:
        assert {entry.what.title for entry in opened.entries()} == {"canarytitle", "other"}
    assert "damaged" in well("restore", "--list", "--store", "demo")
    well("journal", "delete", "2", "--yes", "--store", "demo")
    (copy,) = journal_backups(folder)
    outside = shutil.copy(copy, "copy.db")
    well("journal", "delete", "1", "--yes", "--store", "demo")
    assert "entries 1, mornings 0" in well("restore", outside, "--store", "demo")


def test_only_a_journal_is_enough_to_restore() -> None:
    """Somebody who only writes has something to take back too; without any copy it is said."""
    well("journal", "add", said="words")
    assert invoke("restore").exit_code == 1
    well("backup")
    journal_path(Home.here(), Shelf.OWN).unlink()
    assert "entries 1" in well("restore")
    for copy in journal_backups(backup_folder(Home.here(), Shelf.OWN)):
        copy.write_bytes(b"noise" * 2000)
    result = invoke("restore")
    assert result.exit_code == 1
    assert "no sound copy" in result.stderr


def test_taking_back_into_a_journal_that_is_no_database(demo: Home) -> None:
    """It is moved aside as it was."""
    well("backup", "--store", "demo")
    path = journal_path(demo, Shelf.DEMO)
    path.write_bytes(b"noise" * 5000)
    restored, said = take_words_back(demo, Shelf.DEMO, journal_backups(backup_folder(demo, Shelf.DEMO))[0], "then")
    assert (restored.entries, said) == (2, ASIDE_WORDS)
    assert (path.parent / "damaged" / "then-journal" / path.name).read_bytes() == b"noise" * 5000


def test_the_doctor_looks_at_the_journal(demo: Home) -> None:
    """Its size, its own check, its copies."""

    def line() -> str:
        said = invoke("doctor").stdout.splitlines()
        at = next(number for number, each in enumerate(said) if "journal demo" in each)
        return " ".join(said[at : at + 2])

    assert "whole, 0.1 MB, no backup yet" in line()
    assert "vigil backup" in line()
    well("backup", "--store", "demo")
    assert "1 backup" in line()
    path = journal_path(demo, Shelf.DEMO)
    path.write_bytes(path.read_bytes()[:4096] + b"\xaa" * 90_000)
    assert "wrong" in line()
    assert "vigil restore" in line()
    shutil.rmtree(backup_folder(demo, Shelf.DEMO))
    assert "move" in line()


def test_each_morning_copies_the_journal_whatever_becomes_of_the_nights(
    demo: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be copied is said, and the other is copied all the same."""
    with writing(demo, Shelf.DEMO) as shelf:
        assert watch._back_up(demo, shelf) == ""
        (copy,) = journal_backups(backup_folder(demo, Shelf.DEMO))
        copy.unlink()

        def refuse(*_given: object) -> Path:
            message = "no room"
            raise StoreError(message)

        monkeypatch.setattr(watch, "make_backup", refuse)
        assert "No backup was made this morning: no room." in watch._back_up(demo, shelf)
        assert journal_backups(copy.parent) == [copy]
        monkeypatch.setattr(watch, "back_up_journal", refuse)
        assert "journal was made this morning: no room." in watch._back_up(demo, shelf)


# Answers that wait.


def answer(home: Home) -> Answer | None:
    with reading(home, (Shelf.DEMO,)) as (shelf,):
        return Answers(shelf.database).get(Nights(shelf.database).find(NIGHT).key)


def test_an_answer_waits_while_a_night_is_watched(demo: Home) -> None:
    """It is put once the store is free, once; one of a night that is not there goes on waiting."""
    bad = Answer(MorningWord.BAD_DREAM, distress=6)
    assert settle_waiting(demo, Shelf.OWN) == 0
    assert settle_waiting(demo, Shelf.DEMO) == 0
    with journal(demo, Shelf.DEMO) as opened:
        opened.notes.wait(NIGHT, bad, NOW)
        opened.notes.wait("not there", bad, NOW)
    with writing(demo, Shelf.DEMO):
        assert settle_waiting(demo, Shelf.DEMO) == 0
    assert answer(demo) is None
    assert settle_waiting(demo, Shelf.DEMO) == 1
    assert answer(demo) == bad
    with journal_if_any(demo, Shelf.DEMO, read_only=True) as opened_or_none:
        assert opened_or_none is not None
        assert [one.night for one in opened_or_none.notes.waiting()] == ["not there"]
    assert settle_waiting(demo, Shelf.DEMO) == 0


def test_the_morning_takes_what_waited(demo: Home) -> None:
    """What was said on the page is known at the terminal."""
    with journal(demo, Shelf.DEMO) as opened:
        opened.notes.wait(NIGHT, Answer(MorningWord.QUIET), NOW)
    invoke("morning", "--store", "demo")
    assert answer(demo) == Answer(MorningWord.QUIET)


def test_there_is_no_journal_until_one_is_written() -> None:
    """Looking, backing up and erasing make none."""
    home = Home.here()
    assert forget_words(home, Shelf.OWN) is None
    with journal_if_any(home, Shelf.OWN) as opened:
        assert opened is None
    assert invoke("backup").exit_code == 1
    with pytest.raises(NotFoundError), closing(sqlite3.connect(":memory:")), writing(home, Shelf.OWN) as store:
        Nights(store.database).find("none")
    assert not journal_path(home, Shelf.OWN).exists()


def test_what_was_written_in_the_morning_is_listed_found_and_shown(demo: Home) -> None:
    """Beside entries, with its day; and counted before it is erased."""
    listed = well("journal", "list", "--store", "demo")
    assert f"In the morning after {NIGHT}: canarywords canaryevening" in listed
    assert "canarywords" in well("journal", "find", "--store", "demo", "CANARYW")
    shown = well("journal", "show", "--store", "demo", "--night", NIGHT)
    assert f"Night: {NIGHT}" in shown
    assert "canaryevening" in shown
    for words in (("list", "--night", NIGHT), ("find", "canarywords"), ("show", "--night", NIGHT)):
        (note,) = as_json(*words, "--store", "demo")["mornings"]
        assert (note["night"], note["words"]) == (NIGHT, "canarywords")
    assert as_json("list", "--tag", "canarytag", "--store", "demo")["mornings"] == []
    for wrong in ((), (1, "--night", NIGHT), ("--night", "other")):
        refused = invoke("journal", "show", "--store", "demo", *wrong)
        assert refused.exit_code != 0
        assert "nothing was" in refused.output
    assert count(demo, one_night(demo, (Shelf.DEMO,), NIGHT)).entries == 2
