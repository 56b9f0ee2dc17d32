"""Your data: what is kept, taken away, copied, reported, erased; and nothing of it while a night is watched."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.browser import served
from tests.web.visitor import NOW_MS, Visitor, rooms_in, text_of
from vigil.app.archive import Wanted, archive
from vigil.app.data_room import make_copy
from vigil.app.home import Shelf
from vigil.app.journal_room import journal
from vigil.app.private import PASSING, passing_folder
from vigil.app.wiring import backup_folder, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.journal import MorningNote, Written
from vigil.recordings.readers.formats import find_recordings
from vigil.store.answers import Answers
from vigil.store.database import Database
from vigil.store.erase import forget
from vigil.store.nights import Nights
from vigil.web.pages.night import NIGHTS
from vigil.web.rooms import Rooms
from vigil.web.views.data import size_words
from vigil.web.words import Words

SAME = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}

CANARY = "canary-in-the-journal"


def write(rooms: Rooms, *entries: Written) -> None:
    with journal(rooms.home, rooms.shelf) as opened:
        for number, what in enumerate(entries):
            opened.add(what, NOW_MS + number * 100_000)


def names(rooms: Rooms) -> list[str]:
    with rooms.reading() as shelf:
        return [] if shelf is None else [row.name for row in Nights(shelf.database).nights()]


def unzipped(answer: httpx.Response) -> dict[str, bytes]:
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def passing(rooms: Rooms) -> list[Path]:
    return list(rooms.home.data.glob(f"*/{PASSING}*"))  # no deeper: what is being put away is no folder any more


def value(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, name
    return found[1]


def files_hold(rooms: Rooms, text: str) -> list[str]:
    files = [path for path in rooms.home.data.rglob("*") if path.is_file()]
    return [str(path) for path in files if text.encode() in path.read_bytes()]


# -- what is kept ----------------------------------------------------------------------------------------------------


def test_what_is_kept_and_where(nights: Rooms) -> None:
    write(nights, Written("", "text"))
    make_copy(nights.home, nights.shelf)
    said = text_of(Visitor.inside(nights).get("/data"))
    for words in ("Nights", str(nights.home.database(nights.shelf)), "Journal", "Copies of both", "Together"):
        assert words in said
    assert "Damaged" not in said


def test_where_nothing_is_kept_every_page_says_so(sleeper: Visitor) -> None:
    for path, words in (
        ("/data/export", "nothing to take away"),
        ("/data/copies", "no copy yet"),
        ("/data/report", "nothing to report"),
        ("/data/lock", "not locked"),
        ("/data/erase/all", "This goes: 0 nights"),
    ):
        answer = sleeper.get(path)
        assert answer.status_code == 200, path
        assert words in text_of(answer), path
    assert "nothing to copy" in text_of(sleeper.post("/data/copies"))
    assert sleeper.post("/data/export/all").status_code == 404
    assert sleeper.get("/data/report.pdf").status_code == 404


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1\u00a0kB"),
        (1234, "1.2\u00a0kB"),
        (45_678, "46\u00a0kB"),
        (2_500_000_000, "2.5\u00a0GB"),
    ],
)
def test_sizes_as_disks_are_sold(size: int, words: str) -> None:
    assert size_words(size, Words.of("en-GB")) == words
    assert size_words(5 * 10**15, Words.of("en-GB")) == "5,000,000\u00a0GB"


# -- taking it away --------------------------------------------------------------------------------------------------


def test_everything_as_one_archive_without_the_journal_unless_it_is_wished(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    write(nights, Written("", CANARY, night="2026-11-28"))
    with writing(nights.home, nights.shelf) as shelf:
        Answers(shelf.database).put(2, Answer(MorningWord.BAD_DREAM))
    answer = visitor.post("/data/export/all")
    assert answer.headers["content-disposition"] == 'attachment; filename="vigil-2026-11-30.zip"'
    found = unzipped(answer)
    for end in ("night.edf", "night.json", "night.csv", "folder/night.json", "folder/hr.csv"):
        assert sum(name.startswith("nights/000") and name.endswith(f"/{end}") for name in found) >= 3, end
    assert not any(CANARY.encode() in data for data in found.values())
    assert not any(name.startswith("journal") for name in found)
    report = json.loads(found["nights/0002-2026-11-28/night.json"])
    assert report["nights"][0]["answer"]["answer"] == "bad_dream"
    with_words = unzipped(visitor.post("/data/export/all", {"journal": "on"}))
    assert CANARY in with_words["journal/journal.md"].decode()
    assert passing(nights) == []


def test_one_night_in_each_form(nights: Rooms, tmp_path: Path) -> None:
    visitor = Visitor.inside(nights)
    write(nights, Written("", CANARY, night="2026-11-28"), Written("", "of another night"))
    for form, begins in (("edf", b"0  "), ("json", b"{"), ("csv", b"night")):
        answer = visitor.post("/data/export/night", {"night": "2", "form": form})
        assert answer.headers["content-disposition"] == f'attachment; filename="vigil-2026-11-28.{form}"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content.startswith(begins) or form == "csv"
        assert CANARY.encode() not in answer.content
    folder = unzipped(visitor.post("/data/export/night", {"night": "2", "form": "folder"}))
    for name, content in folder.items():
        path = tmp_path / "away" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (recording,) = find_recordings(tmp_path / "away/nights/0002-2026-11-28/folder")
    assert sum(1 for _ in recording.items()) > 1000
    words = unzipped(visitor.post("/data/export/night", {"night": "2", "form": "csv", "journal": "on"}))
    told = words["nights/0002-2026-11-28/journal/journal.md"].decode()
    assert CANARY in told
    assert "of another night" not in told
    assert passing(nights) == []
    for night in ("9", "", "x", "9" * 99):
        assert visitor.post("/data/export/night", {"night": night}).status_code == 404


def test_what_cannot_be_read_is_named_in_the_archive_and_the_rest_is_there(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    with Database.open(nights.home.database(nights.shelf)) as database, database.atomic():
        database.execute("UPDATE night SET name = ? WHERE key = 1", ("../../etc/\x01\"'<b>" + "n" * 90,))
    found = unzipped(visitor.post("/data/export/all"))
    assert sum(name.endswith("night.edf") for name in found) >= 2
    for name in found:
        assert re.fullmatch(r"[\w./-]+", name), name
        assert ".." not in name


def test_what_a_killed_export_left_goes_with_the_next(nights: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    place = nights.home.shelf(nights.shelf)
    left = place / f"{PASSING}{2**22 + 1}-abc"  # above any process of Linux
    (left / "night").mkdir(parents=True)
    (left / "night" / "hr.csv").write_text("1")
    own = place / f"{PASSING}{os.getpid()}-abc"
    own.mkdir()
    with passing_folder(place) as folder:
        assert not left.exists()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert own.exists()  # goes on in another thread


def test_who_goes_away_in_the_middle_leaves_nothing_behind(nights: Rooms) -> None:
    pieces = archive(nights.home, nights.shelf, Wanted())
    while not passing(nights):
        next(pieces)
    pieces.close()
    assert passing(nights) == []


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Without the collector of cycles, which may run at any time, or not for minutes."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_a_browser_that_goes_away_leaves_nothing_behind(nights: Rooms) -> None:
    """At once: nobody waits until Python happens to look for what is not needed any more."""
    with served(nights.home.data) as where, httpx.Client(base_url=where.url, headers={"origin": where.url}) as client:
        client.post("/enter", data={"token": where.rooms.doors.make_link(NOW_MS)}, headers=SAME)
        with client.stream("POST", "/data/export/all", data={}, headers=SAME) as answer:
            assert answer.status_code == 200
            next(answer.iter_raw(1000))
        until = time.monotonic() + 90
        while passing(nights) and time.monotonic() < until:
            client.get("/data")
    assert passing(nights) == []


# -- the report ------------------------------------------------------------------------------------------------------


def test_the_report_as_a_page_and_as_a_file(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    with writing(nights.home, nights.shelf) as shelf:
        Answers(shelf.database).put(2, Answer(MorningWord.BAD_DREAM))
    with journal(nights.home, nights.shelf) as opened:
        opened.notes.put_morning(MorningNote("2026-11-28", 7, words=f"{CANARY} <b>"), NOW_MS)
    said = text_of(visitor.get("/data/report"))
    for words in ("Nights with Vigil", "What was said in the mornings", "3 nights: 1 bad"):
        assert words in said
    assert CANARY not in said
    assert 'name="to" value="2026-11-' in visitor.get("/data/report").text
    own = visitor.get("/data/report?from=2026-11-01&to=2026-11-30&words=1")
    assert f"{CANARY} &lt;b&gt;" in own.text
    assert "/data/report.pdf?from=2026-11-01&amp;to=2026-11-30&amp;words=1" in own.text
    pdf = visitor.get("/data/report.pdf?from=2026-11-01&to=2026-11-30")
    assert pdf.content.startswith(b"%PDF-")
    name = 'attachment; filename="vigil-report-2026-11-01-to-2026-11-30.pdf"'
    assert pdf.headers["content-disposition"] == name
    assert pdf.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("query", ["from=2026-11-30&to=2026-11-01", "from=yesterday", "from=1990-01-01&to=1990-02-01"])
def test_days_that_are_no_period_are_said(nights: Rooms, query: str) -> None:
    visitor = Visitor.inside(nights)
    answer = visitor.get(f"/data/report?{query}")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert visitor.get(f"/data/report.pdf?{query}").status_code in {404, 409}


# -- copies ----------------------------------------------------------------------------------------------------------


def test_a_copy_is_made_listed_and_something_taken_back_from_it(nights: Rooms) -> None:
    visitor, phone = Visitor.inside(nights), Visitor.inside(nights)
    write(nights, Written("", "text"))
    made = visitor.post("/data/copies")
    page = visitor.get(made.headers["location"])
    assert "found whole" in text_of(page)
    assert "vigil-0" not in text_of(page)  # files are told apart by what they hold, and when
    listed = re.findall(r'href="(/data/copies/back\?name=[^"]*)"', page.text)
    assert len(listed) == 2
    name = next(one for one in listed if "vigil" in one).partition("name=")[2]
    with writing(nights.home, nights.shelf) as shelf, shelf.database.atomic():
        for table in ("summary", "answer", "minute", "night"):
            shelf.database.execute(f"DELETE FROM {table}")
    assert names(nights) == []
    asked = visitor.get(f"/data/copies/back?name={name}")
    assert "The copy is sound" in text_of(asked)
    assert names(nights) == []
    answer = visitor.post("/data/copies/back", {"name": name})
    said = text_of(visitor.get(answer.headers["location"]))
    assert "Every other browser was closed" in said
    assert len(names(nights)) == 3
    closed = phone.get("/tonight")
    assert closed.status_code == 401
    assert "taken back" in text_of(closed)


def test_a_damaged_copy_is_called_so(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    (copy,) = make_copy(nights.home, nights.shelf)
    data = bytearray(copy.read_bytes())
    data[8192:40960] = b"\xff" * 32768
    copy.write_bytes(data)
    assert "This copy is damaged" in text_of(visitor.get(f"/data/copies/back?name={copy.name}"))


@pytest.mark.parametrize("name", ["", "../vigil.db", "/etc/passwd", "vigil.db", "x" * 500, "%00"])
def test_only_copies_of_the_list_can_be_taken_back(nights: Rooms, name: str) -> None:
    visitor = Visitor.inside(nights)
    make_copy(nights.home, nights.shelf)
    assert visitor.get(str(httpx.URL("/data/copies/back", params={"name": name}))).status_code == 404
    assert visitor.post("/data/copies/back", {"name": name}).status_code == 404


# -- locked ----------------------------------------------------------------------------------------------------------


def test_locking_is_explained_and_done_at_the_terminal(nights: Rooms) -> None:
    answer = Visitor.inside(nights).get("/data/lock")
    said = text_of(answer)
    assert "are not locked" in said
    assert "no watch begins by itself" in said
    assert "<code>vigil encrypt</code>" in answer.text
    assert "<form" not in answer.text


# -- erasing ---------------------------------------------------------------------------------------------------------


def test_a_night_goes_only_after_it_was_said_what_would_go(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    write(nights, Written("", CANARY, night="2026-11-28"), Written("", "stays"))
    make_copy(nights.home, nights.shelf)
    assert visitor.get("/night/2").status_code == 200  # and remembered by the page
    asked = visitor.get("/data/erase/night?night=2")
    assert "This goes: 1 night, 0 answers, 1 journal entry" in text_of(asked)
    assert len(names(nights)) == 3
    unseen = visitor.post("/data/erase/night", {"night": "2"})
    assert "It has changed since you looked" in text_of(unseen)
    assert len(names(nights)) == 3
    answer = visitor.post("/data/erase/night", {"night": "2", "seen": value(asked, "seen")})
    assert "Erased. Nothing of it is left here." in text_of(visitor.get(answer.headers["location"]))
    assert names(nights) == ["2026-11-27", "2026-11-29"]
    assert files_hold(nights, CANARY) == []
    assert files_hold(nights, "stays") != []
    assert not NIGHTS._found
    for path in ("/night/2", "/night/2/picture.svg", "/data/erase/night?night=2"):
        back = visitor.get(path)
        assert back.status_code == 404
        assert back.headers["cache-control"] == "no-store"
    assert visitor.post("/data/erase/night", {"night": "2", "seen": "1-0-1"}).status_code == 404


def test_a_period_goes_with_its_entries(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    write(nights, Written("", CANARY, day="2026-11-29"), Written("", "stays", day="2026-11-20"))
    asked = visitor.get("/data/erase/period?from=2026-11-27&to=")
    said = text_of(asked)
    assert "This goes: 2 nights" in said
    assert "Saturday 28 November" in said
    form = {name: value(asked, name) for name in ("from", "to", "seen")}
    write(nights, Written("", f"{CANARY} too", day="2026-11-30"))  # written meanwhile: it was not shown
    again = visitor.post("/data/erase/period", form)
    assert "2 journal entries" in text_of(again)
    assert len(names(nights)) == 3
    visitor.post("/data/erase/period", {name: value(again, name) for name in ("from", "to", "seen")})
    assert names(nights) == ["2026-11-27"]
    assert files_hold(nights, CANARY) == []
    assert files_hold(nights, "stays") != []
    assert "nothing of that to erase" in text_of(visitor.get("/data/erase/period?from=1990-01-01&to=1990-01-02"))


@pytest.mark.parametrize("query", ["", "from=2026-11-30&to=2026-11-01", "from=x"])
def test_what_is_no_period_erases_nothing(nights: Rooms, query: str) -> None:
    visitor = Visitor.inside(nights)
    assert visitor.get(f"/data/erase/period?{query}").status_code == 409
    form = dict(part.split("=") for part in query.split("&") if part)
    assert visitor.post("/data/erase/period", form | {"seen": "3-0-0"}).status_code == 409
    assert len(names(nights)) == 3


@pytest.mark.parametrize("spoken", ["", "yes", "erase", "erase everything!"])
def test_everything_goes_only_by_its_words(nights: Rooms, spoken: str) -> None:
    visitor = Visitor.inside(nights)
    answer = visitor.post("/data/erase/all", {"spoken": spoken})
    assert "Nothing was erased" in text_of(answer)
    assert len(names(nights)) == 3


def test_everything_goes_and_every_session_with_it(nights: Rooms) -> None:
    visitor, phone = Visitor.inside(nights), Visitor.inside(nights)
    write(nights, Written("", CANARY))
    make_copy(nights.home, nights.shelf)
    settings = nights.home.settings_file
    settings.write_text("")
    asked = text_of(visitor.get("/data/erase/all"))
    assert "This goes: 3 nights" in asked
    assert str(nights.home.data) not in asked
    answer = visitor.post("/data/erase/all", {"spoken": " Erase  everything "})
    assert answer.status_code == 200
    assert "Everything is erased" in text_of(answer)
    assert 'class="pages"' not in answer.text
    for each in (visitor, phone):
        back = each.get("/journal/1")
        assert back.status_code == 401
        assert "erased" in text_of(back)
    assert names(nights) == []
    assert files_hold(nights, CANARY) == []
    assert not list(backup_folder(nights.home, nights.shelf).glob("*"))
    assert settings.exists()
    Visitor.inside(nights)  # and one can begin anew


def test_with_settings_they_go_too(nights: Rooms) -> None:
    nights.home.settings_file.write_text("")
    Visitor.inside(nights).post("/data/erase/all", {"spoken": "erase everything", "settings": "on"})
    assert not nights.home.settings_file.exists()


def test_an_invented_sleeper_takes_nothing_of_ones_own_along(nights: Rooms) -> None:
    write(nights, Written("", CANARY))
    demo = rooms_in(nights.home.data, shelf=Shelf.DEMO)
    write(demo, Written("", "invented words"))
    visitor = Visitor.inside(demo)
    page = visitor.get("/data/erase/all")
    assert "Nothing of your own is touched" in text_of(page)
    assert 'name="settings"' not in page.text
    erased = visitor.post("/data/erase/all", {"spoken": "erase everything", "settings": "on"})
    assert len(names(nights)) == 3
    assert files_hold(nights, CANARY) != []
    assert files_hold(nights, "invented words") == []
    closed = visitor.get("/tonight")
    assert closed.status_code == 401
    for page in (erased, closed):  # `vigil serve` would open one's own
        assert ("vigil serve" in page.text, "start it again" in text_of(page)) == (False, True)


def test_while_a_night_is_watched_nothing_is_erased_or_taken_back(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    write(nights, Written("", CANARY, night="2026-11-28"))
    nights_copy, words_copy = make_copy(nights.home, nights.shelf)
    seen = value(visitor.get("/data/erase/night?night=2"), "seen")
    span = {"from": "2026-11-01", "to": "2026-11-30"}
    seen_too = value(visitor.get("/data/erase/period?from=2026-11-01&to=2026-11-30"), "seen")
    with writing(nights.home, nights.shelf):
        for path, form in (
            ("/data/erase/night", {"night": "2", "seen": seen}),
            ("/data/erase/period", {**span, "seen": seen_too}),
            ("/data/erase/all", {"spoken": "erase everything"}),
            ("/data/copies/back", {"name": nights_copy.name}),
        ):
            answer = visitor.post(path, form)
            assert answer.status_code == 503, path
            assert "being watched just now" in text_of(answer)
        assert visitor.post("/data/copies").status_code == 303  # which disturbs nobody
        assert visitor.post("/data/copies/back", {"name": words_copy.name}).status_code == 303
    assert len(names(nights)) == 3
    assert files_hold(nights, CANARY) != []
    with Database.open(nights.home.database(nights.shelf)) as database:
        forget(database, 2)
