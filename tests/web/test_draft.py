"""What is being typed: kept as it comes, put back, let go, and never kept of what was erased."""

from __future__ import annotations

import json

import pytest

from tests.web.visitor import NOW_MS, Visitor
from vigil.app.journal_room import journal
from vigil.domain.journal import MOST_BODY, Written, place_of
from vigil.store.journal_erase import erase_entry
from vigil.web.drafts import all_typed, let_go, typed
from vigil.web.rooms import Rooms

PLACE = "entry/new-1"


def sent(place: str = PLACE, night: int | None = None, **fields: list[str]) -> dict[str, object]:
    return {"place": place, "night": night, "fields": fields}


def test_what_is_typed_is_kept_as_it_stands_and_let_go(rooms: Rooms, sleeper: Visitor) -> None:
    assert sleeper.send("/draft", sent(body=["half a dr"])).json() == {"kept": True}
    assert sleeper.send("/draft", sent(body=["half a dream\r\n\u202ebidi 🐺"], mark=["one", "two"])).status_code == 200
    found = typed(rooms, PLACE)
    assert found is not None
    assert (found.first("body"), found.fields["mark"]) == ("half a dream\r\n\u202ebidi 🐺", ["one", "two"])
    assert (found.first("nothing", "as it was"), found.kept_ms) == ("as it was", NOW_MS)
    assert [one.place for one in all_typed(rooms, "entry/")] == [PLACE]
    sleeper.send("/draft", sent())
    assert typed(rooms, PLACE) is None
    sleeper.send("/draft", sent(body=["again"]))
    let_go(rooms, PLACE)
    assert all_typed(rooms, "entry/") == ()


def test_nothing_is_made_by_looking(rooms: Rooms) -> None:
    assert typed(rooms, PLACE) is None
    assert all_typed(rooms, "") == ()
    let_go(rooms, PLACE)
    assert not list(rooms.home.data.glob("*/journal.db"))


def test_of_an_erased_entry_nothing_comes_back_by_a_forgotten_window(rooms: Rooms, sleeper: Visitor) -> None:
    with journal(rooms.home, rooms.shelf) as opened:
        number = opened.add(Written("", "a dream"), NOW_MS).id
    place = place_of(number)
    assert sleeper.send("/draft", sent(place, body=["more"])).status_code == 200
    with journal(rooms.home, rooms.shelf) as opened:
        erase_entry(opened, number)
    answer = sleeper.send("/draft", sent(place, body=["more of it"]))
    assert answer.status_code == 404
    assert "still where you wrote it" in answer.json()["said"]
    assert typed(rooms, place) is None


def test_a_draft_of_a_night_goes_with_the_night(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    assert visitor.send("/draft", sent("morning/2", 2, words=["wolves"])).status_code == 200
    with journal(nights.home, nights.shelf) as opened:
        draft = opened.notes.draft("morning/2")
    assert draft is not None
    assert draft.night == "2026-11-28"
    assert visitor.send("/draft", sent("morning/9", 9, words=["wolves"])).status_code == 404


def test_where_no_night_is_kept_none_can_be_meant(sleeper: Visitor) -> None:
    assert sleeper.send("/draft", sent("morning/2", 2, words=["wolves"])).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[]",
        "7",
        "[" * 100_000,
        json.dumps({"place": "x"}),
        json.dumps({"place": 7, "fields": {}}),
        json.dumps({"place": "x", "fields": []}),
        json.dumps({"place": "x", "fields": {"body": "text"}}),
        json.dumps({"place": "x", "fields": {"body": [7]}}),
        json.dumps({"place": "x", "fields": {"body": ["a"]}, "night": "2"}),
        json.dumps({"place": "x", "fields": {"body": ["a"]}, "night": True}),
        json.dumps({"place": " ", "fields": {"body": ["a"]}}),
        json.dumps({"place": "x" * 500, "fields": {"body": ["a"]}}),
        json.dumps({"place": "x", "fields": {str(n): ["a"] for n in range(200)}}),
        json.dumps({"place": "x", "fields": {"body": ["a" * (MOST_BODY + 1)]}}),
    ],
    ids=range(16),
)
def test_what_is_no_form_is_not_kept(sleeper: Visitor, rooms: Rooms, body: str) -> None:
    answer = sleeper.send("/draft", body)
    assert answer.status_code == 413
    assert "nothing was kept" in answer.json()["said"]
    assert all_typed(rooms, "") == ()


def test_a_form_sent_by_a_browser_without_the_script_is_no_draft(sleeper: Visitor) -> None:
    assert sleeper.post("/draft", {"place": "x"}).status_code == 413


def test_a_draft_that_no_form_made_is_passed_over(rooms: Rooms, sleeper: Visitor) -> None:
    sleeper.send("/draft", sent(body=["mine"]))
    with journal(rooms.home, rooms.shelf) as opened, opened.file.atomic():
        for place, text in {"entry/new-2": "plain text", "entry/new-3": "[1]", "entry/new-4": '{"a": 7}'}.items():
            values = (place, None, text, NOW_MS)
            opened.file.execute("INSERT INTO draft (place, night, text, kept_ms) VALUES (?, ?, ?, ?)", values)
    assert [one.place for one in all_typed(rooms, "entry/")] == [PLACE]
    assert typed(rooms, "entry/new-2") is None
