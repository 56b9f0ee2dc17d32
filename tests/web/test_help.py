"""Whom to call: where each number is from, and what the person does where one is wrong."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.web.visitor import Visitor, text_of
from vigil.app import help_file
from vigil.app.help_file import MOST, hide, read_hidden
from vigil.app.home import Home
from vigil.app.setup_file import write_answers
from vigil.interview.crisis import entry, help_for
from vigil.interview.crisis_rows import COUNTRIES, ELSEWHERE
from vigil.interview.interview import Interview
from vigil.web.rooms import Rooms
from vigil.web.views.help import Reach, own

KIRKENS, MENTAL = "Kirkens SOS: 22 40 00 40", "Mental Helse: 116 123"
HIDE, SHOW = "Hide Kirkens SOS", "Show Kirkens SOS again"


@pytest.fixture
def norwegian(sleeper: Visitor, rooms: Rooms) -> Visitor:
    write_answers(rooms.home.setup_file, Interview({"country": "no", "contact": "Anna 0123 456"}))
    return sleeper


def test_every_number_that_is_shown_says_where_it_is_from(norwegian: Visitor) -> None:
    """The source of each, of this country and of every other one, with the date of the page where it says one."""
    page = text_of(norwegian.get("/help"))
    assert "Where these numbers are from" in page
    for country in COUNTRIES:
        for source, day in ((country.source, country.page), *((one.source, one.page) for one in country.services)):
            assert (f"From {source}, a page of {day}." if day else f"From {source}, a page without a date.") in page


def test_who_has_not_entered_sees_sources_and_cannot_hide(rooms: Rooms) -> None:
    stranger = Visitor.at(rooms)
    page = text_of(stranger.get("/help"))
    assert COUNTRIES[0].source in page
    assert "A number here is wrong" not in page
    assert stranger.post("/help/hide", {"which": KIRKENS}).status_code == 401


def test_a_number_that_is_wrong_is_hidden_and_can_be_shown_again(norwegian: Visitor) -> None:
    assert 'href="tel:22400040"' in norwegian.get("/help").text
    assert norwegian.post("/help/hide", {"which": KIRKENS}).headers["location"] == "/help"
    page = norwegian.get("/help")
    assert 'href="tel:22400040"' not in page.text
    assert 'href="tel:116123"' in page.text
    assert 'href="tel:113"' in page.text
    assert SHOW in text_of(page)
    assert HIDE not in text_of(page)
    norwegian.post("/help/show", {"which": KIRKENS})
    assert 'href="tel:22400040"' in norwegian.get("/help").text


def test_before_a_country_is_named_112_is_not_said_to_be_everybodys(sleeper: Visitor) -> None:
    """A big "Call 112" leads nowhere in much of the world."""
    page = sleeper.get("/help")
    assert 'href="tel:112">Call 112 in the EU</a>' in page.text
    assert "112 in the EU; elsewhere the emergency number of your country" in text_of(page)


def test_own_people_stand_before_what_is_left(norwegian: Visitor) -> None:
    """A number that is put in the place of a wrong one is one's own, and comes first."""
    norwegian.post("/help/hide", {"which": KIRKENS})
    page = norwegian.get("/help").text
    assert page.index('href="tel:113"') < page.index('href="tel:0123456"') < page.index('href="tel:116123"')
    assert 'href="/evening/contact"' in page


@pytest.mark.parametrize(
    ("line", "tel"),
    [
        ("Max 0123 456", (("Max", "0123456"),)),
        ("Dr. Anna (sister): +47 22 40 00 40, not at night", (("Dr. Anna (sister)", "+4722400040"),)),
        ("Max (0123)", (("Max", "0123"),)),
        ("0123 456", (("0123 456", "0123456"),)),
        ("Max 0123, 0456", (("0123", "0123"), ("0456", "0456"))),
        ("Max", ()),
        ("Max, door 12", ()),
        ("Door 12, Max 0123", (("Door 12, Max", "0123"),)),
    ],
)
def test_own_people_are_called_by_their_name(line: str, tel: tuple[tuple[str, str], ...]) -> None:
    """With the line as it was written below; two numbers of one name are told apart."""
    assert own(line) == Reach("", line, tel)


def test_nobody_is_left_with_nothing(norwegian: Visitor) -> None:
    """All are hidden: then it is said where others are found, and the emergency number stands."""
    for which in (KIRKENS, MENTAL):
        norwegian.post("/help/hide", {"which": which})
    page = norwegian.get("/help")
    assert ELSEWHERE[0].reach in page.text
    assert 'href="tel:113"' in page.text
    assert f"Hide {ELSEWHERE[0].name}" not in text_of(page)


@pytest.mark.parametrize(
    "which", ["", "113 (for an ambulance)", "Nobody: 1", "Helplines by country: findahelpline.com"]
)
def test_nothing_else_can_be_hidden(norwegian: Visitor, rooms: Rooms, which: str) -> None:
    assert norwegian.post("/help/hide", {"which": which}).status_code == 303
    assert not rooms.home.help_file.exists()


def test_a_number_that_changed_in_a_later_vigil_is_shown(norwegian: Visitor, rooms: Rooms) -> None:
    """What was hidden is the old number, not the service."""
    hide(rooms.home, "Kirkens SOS: 00 00 00 00")
    assert 'href="tel:22400040"' in norwegian.get("/help").text


@pytest.mark.parametrize("broken", ["{", "[]", '{"format": "vigil-help", "version": 2, "hidden": []}'])
def test_a_file_that_cannot_be_used_hides_nothing_and_is_kept(norwegian: Visitor, rooms: Rooms, broken: str) -> None:
    rooms.home.help_file.write_text(broken)
    assert 'href="tel:22400040"' in norwegian.get("/help").text
    norwegian.post("/help/hide", {"which": KIRKENS})
    assert read_hidden(rooms.home) == {KIRKENS}
    assert rooms.home.help_file.with_name("help.aside-1.json").read_text() == broken


def test_a_disk_that_is_full_is_said(norwegian: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, document: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(help_file, "write_json_file", full)
    answer = norwegian.post("/help/hide", {"which": KIRKENS})
    assert answer.status_code == 409
    assert "could not be kept (No space left on device)" in text_of(answer)
    assert 'href="tel:22400040"' in answer.text


def test_it_does_not_grow_without_end(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    for number in range(MOST + 5):
        hide(home, str(number))
    assert len(read_hidden(home)) == MOST


def test_an_entry_is_named_once() -> None:
    """Otherwise one would be hidden with another."""
    for country in COUNTRIES:
        names = [entry(one) for one in country.services]
        assert len(set(names)) == len(names)
        assert help_for(country.code, hidden=names).services == ELSEWHERE
