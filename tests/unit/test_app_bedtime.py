"""What is said at bedtime and in the morning of what went wrong before: once, by name, with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigil.app import person
from vigil.app.bedtime import bedtime_words, down_was_said, lost_words, troubles_found
from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.loss_words import loss_words
from vigil.app.stayed_down import DOWN_NAME, Down, clear_down, keep_down, read_down
from vigil.app.wiring import OpenShelf, backup_folder, watching
from vigil.domain.settings import OnSignalLost, Settings
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.store.backup import backup
from vigil.store.database import Database

WALL_MS = 1_795_000_000_000
PERSON = '[person]\naddress = "ntfy://topic"\n'
LAMP = '[light]\nkind = "home_assistant"\nurl = "http://127.0.0.1:9"\ntoken = "0123456789"\nentity = "light.bed"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path))
    made = Home.here()
    made.shelf(Shelf.OWN).mkdir(mode=0o700)
    return made


def damage(home: Home) -> None:
    """A store with a backup, damaged behind its back."""
    with Database.open(home.database(Shelf.OWN)) as database:
        backup(database, backup_folder(home, Shelf.OWN))
    data = bytearray(home.database(Shelf.OWN).read_bytes())
    data[4096:8192] = bytes(4096)
    home.database(Shelf.OWN).write_bytes(data)


def morning() -> str:
    result = CliRunner().invoke(app, ["morning"])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


# -- a supervisor that gave up ---------------------------------------------------------------------------------------


def test_that_vigil_stayed_down_is_said_in_the_morning_once(home: Home) -> None:
    """When, how often, what to do; then it is cleared."""
    keep_down(home.shelf(Shelf.OWN), Down(4, WALL_MS))
    said = morning()
    assert "Vigil stopped 5 times within ten minutes, and stayed down from " in said
    assert " on 2026-11-18. Nothing was watched and nothing nudged after that" in said
    assert "vigil doctor" in said
    assert "stayed down" not in morning()
    assert not (home.shelf(Shelf.OWN) / DOWN_NAME).exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 5000, json.dumps({"restarts": True, "wall_ms": "x"}), '{"restarts": 1e9}']
)
def test_a_word_that_cannot_be_read_says_that_there_was_one(home: Home, text: str) -> None:
    """Power may have been cut while it was written."""
    (home.shelf(Shelf.OWN) / DOWN_NAME).write_text(text)
    assert read_down(home.shelf(Shelf.OWN)) == Down()
    assert morning().count("Vigil stopped too often within ten minutes. Nothing was watched") == 1


def test_a_clock_that_cannot_be_believed_says_no_time(home: Home) -> None:
    """Rather than 1970."""
    keep_down(home.shelf(Shelf.OWN), Down(4, 0))
    assert read_down(home.shelf(Shelf.OWN)) == Down(4)


def test_a_disk_that_takes_no_word_is_no_reason_to_fail(tmp_path: Path) -> None:
    """There is nobody left who could do anything about it."""
    keep_down(tmp_path / "nowhere", Down(4, WALL_MS))
    clear_down(tmp_path / "nowhere")
    assert read_down(tmp_path / "nowhere") is None


@pytest.mark.parametrize(("goes_on", "to_somebody", "left"), [(0, 0, True), (1, 0, False), (0, 1, False)])
def test_at_bedtime_it_is_said_and_cleared_once_somebody_could_hear_it(
    home: Home, goes_on: bool, to_somebody: bool, left: bool
) -> None:
    """A service speaks to nobody; a night that is gone on with has it in its account."""
    keep_down(home.shelf(Shelf.OWN), Down(4, WALL_MS))
    with watching(home, Shelf.OWN) as (shelf, opened):
        (words,) = bedtime_words(home, shelf, opened)
        troubles = troubles_found(opened, home.shelf(Shelf.OWN), goes_on=bool(goes_on))
        down_was_said(home, shelf, goes_on=bool(goes_on), to_somebody=bool(to_somebody))
        assert troubles == ((Trouble(0, TroubleKind.HOUSE_DOWN, 4),) if goes_on else ())
        assert "stayed down" in words
        assert bool(bedtime_words(home, shelf, opened)) is left


# -- after a loss ----------------------------------------------------------------------------------------------------


def test_after_a_quarantine_the_way_back_is_offered_by_name(home: Home) -> None:
    """At bedtime, and in the morning for as long as the budget counts as spent."""
    damage(home)
    with watching(home, Shelf.OWN) as (shelf, opened):
        said = " ".join(bedtime_words(home, shelf, opened))
        assert troubles_found(opened, home.shelf(Shelf.OWN), goes_on=False) == (Trouble(0, TroubleKind.STORE_DAMAGED),)
    assert "I kept a copy and started a fresh one" in said
    for words in (said, morning()):
        assert "To take back what the last backup has: vigil restore" in words
        assert "vigil restore --list" in words
        assert "vigil restore --accept-loss" in words
    assert CliRunner().invoke(app, ["restore", "--accept-loss"]).exit_code == 0
    assert "vigil restore" not in morning()


def test_what_is_not_there_is_not_offered(home: Home) -> None:
    """Without a backup there is none to take back; another store is named."""
    home.shelf(Shelf.DEMO).mkdir()
    with Database.open(home.database(Shelf.DEMO)) as database:
        assert loss_words(home, OpenShelf(Shelf.DEMO, database)) == ()
        with database.atomic():
            database.execute("UPDATE pulse SET lost = 1")
        words = loss_words(home, OpenShelf(Shelf.DEMO, database))
    assert words[1:] == ("To let nudging begin again, whatever is gone: vigil restore --store demo --accept-loss",)
    assert loss_words(home, OpenShelf(Shelf.DEMO, database)) == (), "one that cannot be read is told elsewhere"


# -- a lost signal ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "text", "real", "words"),
    [
        (OnSignalLost.MORNING, "", False, ""),
        (OnSignalLost.PERSON, "", True, "no address is known at which your person could be told"),
        (OnSignalLost.PERSON, PERSON, False, "--real-outputs"),
        (OnSignalLost.PERSON, PERSON, True, ""),
        (OnSignalLost.LAMP, "", True, "no lamp was chosen"),
        (OnSignalLost.LAMP, LAMP, False, "--real-outputs"),
        (OnSignalLost.LAMP, LAMP, True, ""),
    ],
)
def test_what_was_chosen_for_a_lost_signal_and_cannot_work_is_said(
    home: Home, monkeypatch: pytest.MonkeyPatch, chosen: OnSignalLost, text: str, real: bool, words: str
) -> None:
    """At bedtime, while something can be done about it."""
    monkeypatch.setattr(person, "find_spec", lambda _: "there")
    home.settings_file.write_text(text)
    said = lost_words(home, Settings(on_signal_lost=chosen), real=real)
    assert words in said
    assert bool(said) is bool(words)


def test_a_package_that_is_not_there_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody can be told."""
    monkeypatch.setattr(person, "find_spec", lambda _: None)
    home.settings_file.write_text(PERSON)
    said = lost_words(home, Settings(on_signal_lost=OnSignalLost.PERSON), real=True)
    assert "pip install 'vigil[notify]'" in said
