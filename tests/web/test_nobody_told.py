"""What "Tell my person" needs is given on a page: where nobody could be told, every page near it says so."""

from __future__ import annotations

import pytest

from tests.web.visitor import Visitor, text_of
from vigil.app.setup_file import write_answers
from vigil.interview.interview import Interview
from vigil.store.follow import DAYS, Follows, Grants
from vigil.store.follow_settings import FollowStore
from vigil.web.rooms import Rooms

PAGES = ("/settings", "/bedtime")
LAMP = '[light]\nkind = "home_assistant"\nurl = "http://ha.local:8123"\ntoken = "t"\nentity = "light.bed"\n'
SAID = "no address is known at which your person could be told"


def chosen(rooms: Rooms, what: str) -> None:
    rooms.home.settings_file.write_text(f'on_signal_lost = "{what}"\n')
    write_answers(rooms.home.setup_file, Interview({"signal_lost": what}))


@pytest.mark.parametrize("path", PAGES)
def test_an_address_that_is_missing_is_said_with_where_it_goes(rooms: Rooms, sleeper: Visitor, path: str) -> None:
    assert SAID not in text_of(sleeper.get(path))
    chosen(rooms, "person")
    page = sleeper.get(path)
    assert SAID in text_of(page)
    assert 'href="/follow">A trusted person</a>' in page.text.partition(SAID)[2]
    Follows(rooms.doors).invite("Anna", "", Grants(), DAYS, rooms.wall_ms())
    FollowStore(rooms.doors).put(alert="https://ntfy.example/topic")
    assert "left to the morning:" not in text_of(sleeper.get(path))


def test_the_first_evening_ends_with_where_the_address_goes(rooms: Rooms, sleeper: Visitor) -> None:
    """It named a table of a file that no page writes."""
    chosen(rooms, "person")
    page = sleeper.get("/evening/end")
    assert 'It needs an address, under <a href="/follow">A trusted person</a>.' in page.text
    assert "settings.toml" not in page.text


def test_what_a_choice_needs_is_said_beside_it_before_it_is_chosen(rooms: Rooms, sleeper: Visitor) -> None:
    """A lamp and a person were offered where there was neither."""
    told = text_of(sleeper.get("/evening/signal_lost"))
    assert "Needs a lamp; you can choose one later." in told.partition("Let a lamp")[2]
    assert "Needs a trusted person and an address" in told.partition("Tell my person")[2].partition("lamp")[0]
    Follows(rooms.doors).invite("Anna", "", Grants(), DAYS, rooms.wall_ms())
    FollowStore(rooms.doors).put(alert="https://ntfy.example/topic")
    rooms.home.settings_file.write_text(LAMP)
    assert "Needs a" not in text_of(sleeper.get("/evening/signal_lost"))


@pytest.mark.parametrize("path", PAGES)
def test_a_lamp_that_is_missing_is_said_as_well(rooms: Rooms, sleeper: Visitor, path: str) -> None:
    chosen(rooms, "lamp")
    assert "no lamp was chosen" in text_of(sleeper.get(path))
    assert "settings.toml" not in text_of(sleeper.get(path)).partition("no lamp was chosen")[2]


def test_away_is_said_at_bedtime_as_what_was_chosen_and_nowhere_as_a_fault(rooms: Rooms, sleeper: Visitor) -> None:
    chosen(rooms, "person")
    Follows(rooms.doors).invite("Anna", "", Grants(), DAYS, rooms.wall_ms())
    FollowStore(rooms.doors).put(alert="https://ntfy.example/topic", away=True)
    assert "is shown nothing for now, as you chose" in text_of(sleeper.get("/bedtime"))
    assert "left to the morning:" not in text_of(sleeper.get("/settings"))
