"""Open doors: which browsers are in, told apart, and closed at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web.visitor import Now, Visitor, text_of
from vigil.app.home import Home, Shelf
from vigil.domain.errors import StoreError
from vigil.store.doors import DOORS_NAME, Session
from vigil.web.asked import Asked
from vigil.web.pages import doors, phone
from vigil.web.rooms import Rooms
from vigil.web.views.doors import name_of
from vigil.web.words import Words

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36"
)


def entered(rooms: Rooms, agent: str) -> Visitor:
    visitor = Visitor.at(rooms)
    link = rooms.doors.make_link(rooms.wall_ms())
    visitor.post("/enter", {"token": link}, {"user-agent": agent})
    return visitor


def others(rooms: Rooms, visitor: Visitor) -> list[Session]:
    mine = rooms.doors.who(visitor.cookies["vigil"], rooms.wall_ms())
    return [one for one in rooms.doors.sessions() if mine is None or one.id != mine.id]


def test_each_browser_is_named_with_since_when_and_this_one_marked(rooms: Rooms, sleeper: Visitor, now: Now) -> None:
    entered(rooms, IPHONE)
    now.ms += 3 * 3_600_000
    told = text_of(sleeper.get("/doors"))
    assert "Safari on iPhone" in told
    assert told.count("This one") == 1
    assert told.index("This one") < told.index("Safari on iPhone")
    assert told.count("Let in:") == 2
    assert "Close all other doors" in told


def test_whether_a_passphrase_locks_what_is_kept_is_said(sleeper: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is not locked by a passphrase" in text_of(sleeper.get("/doors"))
    monkeypatch.setattr("vigil.web.pages.doors.is_encrypted", lambda _home: True)
    assert "is locked: whoever takes the computer cannot read it" in text_of(sleeper.get("/doors"))


def test_one_door_is_closed_at_once(rooms: Rooms, sleeper: Visitor) -> None:
    phone, other = entered(rooms, IPHONE), entered(rooms, PIXEL)
    number = next(one.id for one in rooms.doors.sessions() if one.name == IPHONE)
    assert sleeper.post("/doors/end", {"door": str(number)}).headers["location"] == "/doors"
    assert phone.get("/tonight").status_code == 401
    assert other.get("/tonight").status_code == 200
    assert sleeper.get("/tonight").status_code == 200


def test_all_other_doors_and_links_that_wait_are_closed(rooms: Rooms, sleeper: Visitor) -> None:
    phone = entered(rooms, IPHONE)
    waiting = rooms.doors.make_link(rooms.wall_ms())
    sleeper.post("/doors/end", {"door": "others"})
    assert phone.get("/tonight").status_code == 401
    assert Visitor.at(rooms).post("/enter", {"token": waiting}).status_code == 401
    assert sleeper.get("/doors").status_code == 200
    assert others(rooms, sleeper) == []
    assert "Close all other doors" not in text_of(sleeper.get("/doors"))


def test_who_is_shut_out_has_made_no_link_to_come_back_by(rooms: Rooms, sleeper: Visitor) -> None:
    entered(rooms, IPHONE)
    number = next(one.id for one in rooms.doors.sessions() if one.name == IPHONE)
    waiting = rooms.doors.make_link(rooms.wall_ms())
    sleeper.post("/doors/end", {"door": str(number)})
    assert Visitor.at(rooms).post("/enter", {"token": waiting}).status_code == 401


def test_a_link_that_is_no_good_any_more_is_not_shown(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    rooms = Rooms(home, Shelf.OWN, Now(), frozenset(), secure=True, url="https://vigil.home:8437", sha256="ab" * 32)
    session = Session(1, "", 0, 0)
    phone.make(Asked(rooms, Words.of("en"), "/doors/link", session=session))
    asked = Asked(rooms, Words.of("en"), "/doors/end", form={"door": "others"}, session=session)
    assert phone.phone_seen(asked).link
    another = replace(rooms, home=Home(tmp_path / "another", tmp_path / "another"))
    assert phone.phone_seen(Asked(another, Words.of("en"), "/doors", session=session)).link == ""  # once it was
    doors.end(asked)
    assert phone.phone_seen(asked).link == ""


SECOND = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
"""


def test_looking_lets_go_of_nobodys_lock(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page asks in many threads while `vigil follow` writes: two writers at once would damage the file."""
    path = rooms.home.shelf(rooms.shelf) / DOORS_NAME
    rooms.doors.sessions()

    def fails(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError

    with rooms.doors.opened():
        monkeypatch.setattr("vigil.store.doors.sqlite3.connect", fails)
        with pytest.raises(StoreError):
            rooms.doors.sessions()
        elsewhere = subprocess.run([sys.executable, "-c", SECOND, path], capture_output=True, text=True, check=False)
    assert "database is locked" in elsewhere.stderr


@pytest.mark.parametrize("door", ["", "-1", "0", "9" * 400, "1 OR 1=1", "\u0663", "<script>"])
def test_what_is_no_door_closes_nothing(door: str, rooms: Rooms, sleeper: Visitor) -> None:
    entered(rooms, PIXEL)
    before = rooms.doors.sessions()
    assert sleeper.post("/doors/end", {"door": door}).status_code == 303
    assert rooms.doors.sessions() == before


def test_a_browser_that_ends_itself_is_out(rooms: Rooms, sleeper: Visitor) -> None:
    number = rooms.doors.sessions()[0].id
    sleeper.post("/doors/end", {"door": str(number)})
    assert sleeper.get("/doors").status_code == 401


def test_a_hostile_name_is_text(rooms: Rooms, sleeper: Visitor, now: Now) -> None:
    rooms.doors.enter(rooms.doors.make_link(now.ms), "<img src=x onerror=alert(1)>\u202e", now.ms)
    page = sleeper.get("/doors").text
    assert "<img src=x" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (IPHONE, "Safari on iPhone"),
        (PIXEL, "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge on Windows",
        ),
        ("A browser of the tests", "A browser of the tests"),
        ("", "A browser that did not say its name"),
    ],
)
def test_browsers_are_called_what_people_call_them(agent: str, name: str) -> None:
    assert name_of(agent, Words.of("en-GB")) == name
