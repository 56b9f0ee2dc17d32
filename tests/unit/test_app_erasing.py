"""What is erased is gone from every file Vigil keeps, and what would go is counted first; the data room beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.test_store_live_state import PLAIN
from tests.unit.test_store_nights import some_night, stored
from vigil.app import data_room
from vigil.app.cli import app
from vigil.app.encrypting import encrypt
from vigil.app.erasing import WouldGo, count, erase, erase_all, erase_everything, one_night, period
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal
from vigil.app.said_first import SAID_NAME, SaidFirst
from vigil.app.stayed_down import DOWN_NAME, Down, keep_down
from vigil.app.wiring import BEGUN_NAME, PAGE_LOCK, reading, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import BusyError, NotFoundError
from vigil.domain.journal import Written
from vigil.domain.records import Mode, NightBegan
from vigil.store import cipher
from vigil.store.answers import Answers
from vigil.store.backup import backup
from vigil.store.calls import CALLS_NAME, ask_to_call
from vigil.store.live_state import LIVE_NAME, write
from vigil.store.lock import StoreLock, holder_of
from vigil.store.nights import Nights

OWN = Shelf.OWN
DAYS = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 9))
PASSPHRASE = "it's a quiet harbour"


@pytest.fixture(autouse=True)
def _knows_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    cipher.unknow()
    cipher.ask_by(None)
    monkeypatch.setattr(cipher, "_TURNS", 10)
    yield
    cipher.unknow()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three nights with a canary each: in the night, its answer's words, its picture, its entry, and in copies."""
    home = Home.here()
    with writing(home, OWN) as opened:
        for day in DAYS:
            name = f"CANARY-{day.day}-night"
            evening_ms = (day - date(1970, 1, 1)).days * 86_400_000 + 22 * 3_600_000
            began = NightBegan(0, Mode.ON, name, wall_ms=evening_ms, zone_min=0)
            key = stored(opened.database, some_night(90, began=began), 10, began=began)
            Answers(opened.database).put(key, Answer(MorningWord.QUIET))
        backup(opened.database, tmp_path / "stick")
    with journal(home, OWN) as words:
        for day in DAYS:
            words.add(Written(f"CANARY-{day.day}-title", f"CANARY-{day.day}-body", night=f"CANARY-{day.day}-night"), 1)
        words.add(Written("CANARY-2-of-the-day", "x", day="2026-03-02"), 1)
    data_room.make_copy(home, OWN)
    home.pictures(OWN).mkdir()
    for day in DAYS:
        (home.pictures(OWN) / f"CANARY-{day.day}-night.svg").write_text("x")
    (home.config / "evening.json").write_text("CANARY-evening")
    (home.config / "setup.aside-1.json").write_text("CANARY-setup")
    (home.config / "settings.toml").write_text("# CANARY-settings")
    (home.config / "help.json").write_text('{"hidden": ["CANARY-settings"]}')
    return home


def found(home: Home, canary: bytes, *more: Path) -> list[str]:
    """Every file that has it, by name or by content."""
    files = [path for place in (home.data, *more) for path in place.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if canary in path.read_bytes() or canary.decode() in path.name)


def names(home: Home) -> list[str]:
    with reading(home, (OWN,)) as (opened,):
        return [row.name for row in Nights(opened.database).nights()]


def test_a_night_takes_all_of_it_along(home: Home, tmp_path: Path) -> None:
    """Database, log, copies here and elsewhere, picture, words; the other nights stay whole."""
    wish = one_night(home, (OWN,), "CANARY-9")
    assert count(home, wish) == WouldGo(nights=1, answers=1, entries=1, pictures=1, copies=3)
    assert len(found(home, b"CANARY-9", tmp_path)) >= 5
    erase(home, wish)
    assert found(home, b"CANARY-9", tmp_path) == []
    assert names(home) == ["CANARY-1-night", "CANARY-2-night"]
    assert [data_room.faults(each) for each in data_room.copies(home, OWN)] == [(), ()]


def test_what_was_told_last_of_a_night_goes_with_it(home: Home) -> None:
    """Its name, and when something that looks like a nightmare began, stand beside the store until the next night."""
    told, said = home.shelf(OWN) / LIVE_NAME, home.shelf(OWN) / SAID_NAME
    write(told, replace(PLAIN, night="CANARY-9-night", ended=True))
    SaidFirst(home.shelf(OWN), lambda _: None)("Going on with night CANARY-9-night.")
    erase(home, one_night(home, (OWN,), "CANARY-2"))
    assert (told.exists(), said.exists()) == (True, True)
    erase(home, one_night(home, (OWN,), "CANARY-9"))
    assert (told.exists(), said.exists()) == (False, False)


def test_what_a_night_said_first_goes_also_where_nobody_knows_any_more_whose_it_is(home: Home) -> None:
    """Nothing told how it stands: erasing it stopped there once, or the disk was full. Nor stays when one was begun."""
    said, begun = home.shelf(OWN) / SAID_NAME, home.shelf(OWN) / BEGUN_NAME
    SaidFirst(home.shelf(OWN), lambda _: None)("Going on with night CANARY-9-night.")
    begun.write_text("1795000000000 vigil watch\nvigil: night CANARY-9-night could not be kept\n")
    erase(home, one_night(home, (OWN,), "CANARY-9"))
    assert (said.exists(), begun.exists()) == (False, False)


def test_with_every_night_goes_what_was_told_of_the_last(home: Home) -> None:
    folder = home.shelf(OWN)
    write(folder / LIVE_NAME, PLAIN)
    SaidFirst(folder, lambda _: None)("The plan.")
    ask_to_call(folder / CALLS_NAME, 1)
    keep_down(folder, Down(4, 1))
    erase_all(home, (OWN,))
    assert not {LIVE_NAME, SAID_NAME, CALLS_NAME, DOWN_NAME} & {path.name for path in folder.iterdir()}


def test_the_lock_of_an_open_page_outlives_everything(home: Home) -> None:
    """Erasing is asked for on that page: without its lock a second one could be opened beside it."""
    path = home.shelf(OWN) / PAGE_LOCK
    with StoreLock.acquire(path, "22:00 at http://127.0.0.1:8437"):
        erase_everything(home, settings=False)
        assert "8437" in holder_of(path)


def test_a_period_takes_its_nights_and_the_words_about_its_days(home: Home, tmp_path: Path) -> None:
    """Evenings from the first to the last date; an entry about such a day needs no night."""
    wish = period(home, (OWN,), date(2026, 3, 2), date(2026, 3, 9))
    assert count(home, wish) == WouldGo(nights=2, answers=2, entries=3, pictures=2, copies=3)
    erase(home, wish)
    for day in (2, 9):
        assert found(home, b"CANARY-%d" % day, tmp_path) == []
    assert names(home) == ["CANARY-1-night"]
    assert found(home, b"CANARY-1-title") != []


def test_a_period_without_nights_still_takes_its_words(home: Home) -> None:
    """Nothing else is touched."""
    with journal(home, OWN) as words:
        words.add(Written("CANARY-may", "x", day="2026-05-02"), 1)
    erase(home, period(home, (OWN,), date(2026, 5, 1), date(2026, 5, 31)))
    assert found(home, b"CANARY-may") == []
    assert len(names(home)) == 3


def test_nothing_goes_while_a_watch_holds_the_store(home: Home) -> None:
    """Neither the night nor its words: all of it or none."""
    wish = one_night(home, (OWN,), "CANARY-9")
    with writing(home, OWN), pytest.raises(BusyError):
        erase(home, wish)
    assert count(home, wish).entries == 1


@pytest.mark.parametrize("settings", [False, True], ids=["settings stay", "settings too"])
def test_everything_leaves_nothing_but_what_was_not_asked_for(home: Home, tmp_path: Path, *, settings: bool) -> None:
    """Also in files that nobody has listed."""
    (home.shelf(OWN) / "page.db").write_text("CANARY-session")
    (home.shelf(OWN) / "damaged" / "x").mkdir(parents=True)
    (home.shelf(OWN) / "damaged" / "x" / "other").write_text("CANARY-other")
    erase_everything(home, settings=settings)
    left = found(home, b"CANARY", home.config, tmp_path)
    assert set(left) == (set() if settings else {"settings.toml", "help.json", "setup.aside-1.json"})
    assert {path.name for path in home.shelf(OWN).rglob("*")} == {"vigil.lock", "journal.lock"}


def test_everything_goes_although_the_passphrase_is_lost(home: Home) -> None:
    """What cannot be opened can be erased; that copies elsewhere were not looked for is said."""
    encrypt(home, PASSPHRASE)
    cipher.unknow()
    done = erase_everything(home, settings=False)
    assert "was locked" in done.remarks[0]
    assert not home.database(OWN).exists()


def test_the_commands_ask_first(home: Home) -> None:
    """A period is counted before the question; everything wants to be typed."""
    run = CliRunner()
    said = run.invoke(app, ["forget", "--from", "2026-03-02", "--to", "2026-03-03"], input="n\n")
    assert "This goes: 1 night, 1 answer, 2 journal entries, 1 picture; backups" in said.output
    assert said.exit_code == 1
    assert run.invoke(app, ["forget", "--everything"], input="y\n").exit_code == 1
    assert len(names(home)) == 3
    assert run.invoke(app, ["forget", "--from", "2026-03-02", "--to", "2026-03-03", "--yes"]).exit_code == 0
    assert len(names(home)) == 2
    assert run.invoke(app, ["forget", "--everything"], input="erase everything\n").exit_code == 0
    assert not home.database(OWN).exists()


@pytest.mark.parametrize("words", [["x", "--from", "2026-03-02"], ["--settings-too"], ["--everything", "--all"]])
def test_what_does_not_go_together_is_refused(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["forget", *words, "--yes"]).exit_code == 2


def test_the_room_says_what_there_is(home: Home) -> None:
    """Copies by age, their kind, and how much room each part takes."""
    copies = data_room.copies(home, OWN)
    assert sorted(each.words for each in copies) == [False, True]
    assert not any(each.encrypted or each.aside for each in copies)
    told = data_room.sizes(home, OWN)
    assert told.total == told.nights + told.journal + told.backups + told.pictures
    assert min(told.nights, told.journal, told.backups) > 4096
    assert told.pictures == 3


def test_what_was_erased_by_mistake_comes_back_from_a_copy_that_was_put_away(home: Home, tmp_path: Path) -> None:
    """By the copy's name from the list; a name that leads elsewhere is refused."""
    away = data_room.make_copy(home, OWN, tmp_path / "away")
    kept = [path.rename(tmp_path / path.name) for path in away]
    erase(home, one_night(home, (OWN,), "CANARY-9"))
    said = [data_room.take_back(home, OWN, path)[-1] for path in kept]
    assert said[0] == "Taken back: 1 night and 1 answer. Already here and left alone: 2 nights."
    assert len(names(home)) == 3
    assert found(home, b"CANARY-9-body") != []
    newest = data_room.copies(home, OWN)[0]
    assert data_room.copy_named(home, OWN, newest.path.name) == newest
    for name in ("../vigil.db", "vigil.db", ""):
        with pytest.raises(NotFoundError):
            data_room.copy_named(home, OWN, name)
