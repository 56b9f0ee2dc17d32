"""What is said of a call that was asked for: no more than is known, and at its worst how to call somebody oneself."""

from __future__ import annotations

import pytest

from tests.web.followed import ALL, HOUR_MS, Follower, follow_rooms
from tests.web.visitor import Now, Visitor, text_of
from vigil.app import alerts
from vigil.app.alerts import Alerter
from vigil.app.setup_file import write_answers
from vigil.app.trusted import SENDING_MS, Told, wish_to
from vigil.domain.errors import DeviceError
from vigil.interview.interview import Interview
from vigil.store.follow import DAYS, Grants
from vigil.store.follow_settings import CALL, MOST_ALERTS
from vigil.web.follow_site import FollowRooms
from vigil.web.rooms import Rooms

ALERT = "https://ntfy.example/topic"
PAGE = "https://vigil.home:8458"


@pytest.fixture
def theirs(rooms: Rooms) -> FollowRooms:
    """Anna is invited, and has never opened her link."""
    found = follow_rooms(rooms)
    found.follows.invite("Anna", "", ALL, DAYS, rooms.wall_ms())
    found.store.put(alert=ALERT)
    return found


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "TRIES_S", (0.0, 0.0, 0.0))


def taken(_address: str) -> None:
    """A service that takes everything."""


def refused(_address: str) -> None:
    message = "the alert service was not reached"
    raise DeviceError(message)


def look(theirs: FollowRooms, send: alerts.Send) -> None:
    Alerter(theirs.home, theirs.shelf, theirs.wall_ms, send).look()


def asked(sleeper: Visitor) -> str:
    assert sleeper.post("/tonight/call").headers["location"].endswith("#here")
    return text_of(sleeper.get("/tonight"))


def untold(sleeper: Visitor) -> bool:
    """Whether the way to call somebody oneself is shown."""
    return 'aria-labelledby="untold-is" hidden' not in sleeper.get("/tonight").text


def test_a_link_never_opened_and_an_alert_that_failed_reached_nobody(
    theirs: FollowRooms, sleeper: Visitor, now: Now
) -> None:
    """At three in the morning it was said that Anna could see it."""
    contacts = {"contact": "Mo 0151 23456; Dr Beck"}
    write_answers(theirs.home.setup_file, Interview(contacts))
    assert "An alert to them is on its way." in asked(sleeper)
    assert not untold(sleeper)
    look(theirs, refused)
    said = text_of(sleeper.get("/tonight"))
    assert "but they could not be told." in said
    assert "did not arrive: the alert service was not reached." in said
    assert untold(sleeper)
    assert 'href="tel:015123456"' in sleeper.get("/tonight").text
    assert "Dr Beck" in said
    assert "can see" not in said


def test_an_alert_that_was_taken_is_said_and_no_more(theirs: FollowRooms, sleeper: Visitor, now: Now) -> None:
    asked(sleeper)
    now.ms += 4_000
    look(theirs, taken)
    assert "Whether they have read it, nobody can know." in text_of(sleeper.get("/tonight"))
    assert not untold(sleeper)


def test_a_page_that_was_open_after_it_showed_it(theirs: FollowRooms, sleeper: Visitor, now: Now) -> None:
    theirs.store.put(alert="", open=True, at=PAGE)
    follower = Follower.invited(theirs)
    now.ms += HOUR_MS
    assert "until then nothing tells them" in asked(sleeper)
    assert untold(sleeper)  # a closed page cannot ring
    now.ms += 60_000
    assert follower.get("/").status_code == 200
    assert "the page of Anna was open and showed that you would like a call." in text_of(sleeper.get("/tonight"))
    assert not untold(sleeper)


def test_the_third_call_of_a_night_is_not_said_to_be_on_its_way(
    theirs: FollowRooms, sleeper: Visitor, now: Now
) -> None:
    """Two alerts a night are all there are."""
    for _ in range(MOST_ALERTS):
        asked(sleeper)
        look(theirs, taken)
        now.ms += HOUR_MS
    assert "could not be told" in asked(sleeper)
    look(theirs, taken)
    assert untold(sleeper)


def test_an_alert_of_which_nobody_heard_again_is_not_on_its_way_for_ever(theirs: FollowRooms, now: Now) -> None:
    """The page ended while it was sent: it may have arrived, and nobody can rely on that."""
    folder, call_ms = theirs.home.shelf(theirs.shelf), now.ms
    assert theirs.store.may_alert(CALL, call_ms // 60_000, call_ms)
    assert wish_to(folder, call_ms, call_ms + SENDING_MS - 1).told is Told.SENDING
    assert wish_to(folder, call_ms, call_ms + SENDING_MS).told is Told.UNTOLD


def test_a_call_that_nobody_may_see_any_more_says_so_and_can_be_taken_back(
    theirs: FollowRooms, sleeper: Visitor
) -> None:
    asked(sleeper)
    theirs.follows.change("", Grants(asked_to_call=False))
    assert "there is nobody now whom Vigil could tell" in text_of(sleeper.get("/tonight"))
    assert untold(sleeper)
    sleeper.post("/tonight/call", {"no": "1"})
    assert "whom Vigil could tell" not in text_of(sleeper.get("/tonight"))
    assert not untold(sleeper)


def test_a_broken_file_of_doors_tells_nobody_and_says_so(theirs: FollowRooms, now: Now) -> None:
    folder = theirs.home.shelf(theirs.shelf)
    (folder / "page.db").write_bytes(b"no database" * 1000)
    assert wish_to(folder, now.ms, now.ms).told is Told.NOBODY


def test_no_more_is_not_offered_once_it_is_stopped(sleeper: Visitor) -> None:
    assert 'id="no-more" method="post" action="/tonight/stop">' in sleeper.get("/tonight").text
    sleeper.post("/tonight/stop")
    assert 'id="no-more" method="post" action="/tonight/stop" hidden>' in sleeper.get("/tonight").text
