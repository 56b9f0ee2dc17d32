"""Alerts: one sentence and nothing else, to one address, twice a night at most; what goes wrong is said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.loopback import closed_port
from tests.web.followed import ALL, HOUR_MS, follow_rooms, night
from tests.web.visitor import Now, Visitor, text_of
from vigil.app import alerts, person
from vigil.app.alerts import TEXT, Alerter, alerting, check_address, send
from vigil.app.follow_view import FollowView
from vigil.devices import messenger
from vigil.domain.errors import DeviceError, SettingsError
from vigil.store import doors
from vigil.store.calls import CALLS_NAME, take_back
from vigil.store.follow import DAYS, Grants
from vigil.store.follow_settings import MOST_ALERTS, MOST_TESTS, Alert
from vigil.web.follow_site import FollowRooms
from vigil.web.rooms import Rooms

DAY_MS = 24 * HOUR_MS


@pytest.fixture
def theirs(rooms: Rooms) -> FollowRooms:
    found = follow_rooms(rooms)
    found.follows.invite("Anna", "", ALL, DAYS, rooms.wall_ms())
    found.store.put(alert="https://ntfy.example/topic")
    return found


@dataclass
class Sent:
    """A service of the tests. fails: so often it does not take what is sent."""

    fails: int = 0
    to: list[str] = field(default_factory=list)

    def __call__(self, address: str) -> None:
        self.to.append(address)
        if self.fails:
            self.fails -= 1
            message = "the alert service did not take it"
            raise DeviceError(message)


def alerter(theirs: FollowRooms, sent: Sent) -> Alerter:
    return Alerter(theirs.home, theirs.shelf, theirs.wall_ms, sent)


# -- when ----------------------------------------------------------------------------------------------------------


def test_a_call_that_is_asked_for_is_told_once(theirs: FollowRooms, now: Now) -> None:
    sent = Sent()
    one = alerter(theirs, sent)
    with night(theirs, now, watched=True):
        one.look()
    assert sent.to == []
    with night(theirs, now, watched=True, call=True):
        for _ in range(5):
            one.look()
            now.ms += 2_000
        alerter(theirs, sent).look()  # a restart of the page
    assert sent.to == ["https://ntfy.example/topic"]


def test_two_a_night_over_restarts_and_clocks(theirs: FollowRooms, now: Now) -> None:
    """Every five minutes for ten hours, each time by a page that was started anew; then the clock jumps about."""
    sent = Sent()
    for _ in range(120):
        with night(theirs, now, watched=True, call=True):
            alerter(theirs, sent).look()
        now.ms += 300_000
    assert len(sent.to) == MOST_ALERTS
    for step in (-3 * HOUR_MS, HOUR_MS, -DAY_MS, HOUR_MS):
        now.ms += step
        with night(theirs, now, watched=True, call=True):
            alerter(theirs, sent).look()
    assert len(sent.to) == MOST_ALERTS
    now.ms += 2 * DAY_MS
    with night(theirs, now, watched=True, call=True):
        alerter(theirs, sent).look()
    assert len(sent.to) == MOST_ALERTS + 1


@pytest.mark.parametrize(
    ("grants", "away", "told"), [(ALL, False, 1), (ALL, True, 0), (Grants(signal_lost=False), False, 0)]
)
def test_a_lost_signal_is_told_only_if_ticked_and_not_while_away(
    theirs: FollowRooms, now: Now, grants: Grants, away: bool, told: int
) -> None:
    sent = Sent()
    theirs.follows.change("", grants)
    theirs.store.put(away=away)
    with night(theirs, now, watched=True, lost=True):
        for _ in range(3):
            alerter(theirs, sent).look()
    assert len(sent.to) == told


def test_a_wearable_that_comes_and_goes_leaves_an_alert_for_a_call(theirs: FollowRooms, now: Now) -> None:
    """Lost every hour since midnight; at five somebody is asked to call, and has to hear of it."""
    sent = Sent()
    for _ in range(5):
        with night(theirs, now, watched=True, lost=True):
            alerter(theirs, sent).look()
        now.ms += HOUR_MS
    assert len(sent.to) == 1
    with night(theirs, now, watched=True, lost=True, call=True):
        alerter(theirs, sent).look()
    assert len(sent.to) == MOST_ALERTS


def test_a_file_from_before_outcomes_were_kept_is_brought_forward(
    theirs: FollowRooms, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent by the Vigil of before still counts, and nothing is known of what came of it."""
    (theirs.home.shelf(theirs.shelf) / "page.db").unlink()
    with monkeypatch.context() as before:
        before.setattr(doors, "STEPS", doors.STEPS[:2])
        with theirs.doors.opened() as database:
            database.execute("INSERT INTO alert VALUES ('call', 7, ?)", (now.ms,))
    assert theirs.store.alert_about("call", 7) == Alert(now.ms, None)
    assert not theirs.store.may_alert("call", 7, now.ms)


@pytest.mark.parametrize("page_first", [True, False])
def test_what_the_night_process_tells_is_not_told_twice(
    theirs: FollowRooms, now: Now, monkeypatch: pytest.MonkeyPatch, page_first: bool
) -> None:
    """Two processes would tell of the same loss; one count, in one file, lets one of them. A call has its own left."""
    sent = Sent()

    async def deliver(address: str) -> None:
        await asyncio.sleep(0)
        sent(address)

    monkeypatch.setattr(person, "deliver", deliver)
    monkeypatch.setattr(alerts, "TRIES_S", (0.0,))
    looks: list[Callable[[], None]] = [
        alerter(theirs, sent).look,
        lambda: asyncio.run(person.tell_person(theirs.home, theirs.wall_ms)),
    ]
    with night(theirs, now, watched=True, lost=True):
        for look in looks if page_first else reversed(looks):
            look()
    assert len(sent.to) == 1
    with night(theirs, now, watched=True, lost=True, call=True):
        for look in looks:
            look()
    assert len(sent.to) == MOST_ALERTS


def test_nobody_invited_no_address_no_file_no_alert(theirs: FollowRooms, rooms: Rooms, now: Now) -> None:
    sent = Sent()
    with night(theirs, now, watched=True, call=True):
        theirs.store.put(alert="")
        alerter(theirs, sent).look()
        theirs.store.put(alert="https://ntfy.example/topic")
        theirs.follows.revoke()
        alerter(theirs, sent).look()
        (theirs.home.shelf(theirs.shelf) / "page.db").unlink()
        alerter(theirs, sent).look()
    assert sent.to == []
    assert not (theirs.home.shelf(theirs.shelf) / "page.db").exists()


def test_nothing_but_a_call_and_a_lost_signal_is_a_reason() -> None:
    everything = FollowView(True, 1, False, None, False, None, True, 4)
    assert alerts.due(everything) == []


def test_what_does_not_arrive_is_tried_again_and_then_said(
    theirs: FollowRooms, now: Now, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "TRIES_S", (0.0, 0.0, 0.0))
    sent = Sent(fails=2)
    with night(theirs, now, watched=True, call=True):
        alerter(theirs, sent).look()
    assert len(sent.to) == 3
    assert theirs.store.settings().alert_trouble == ""
    sent.fails = 9
    now.ms += HOUR_MS
    with night(theirs, now, watched=True, call=True):
        alerter(theirs, sent).look()
    assert "The last alert did not arrive. The alert service did not take it." in text_of(sleeper.get("/follow"))


@pytest.mark.parametrize("end", ["revoked", "taken back"])
def test_what_need_not_be_told_any_more_is_not_tried_again(
    theirs: FollowRooms, now: Now, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Half a minute lies between two tries: whoever was sent away then was told all the same."""
    monkeypatch.setattr(alerts, "TRIES_S", (0.0, 0.0, 0.0))
    tries: list[str] = []

    def refused(address: str) -> None:
        tries.append(address)
        if end == "revoked":
            theirs.follows.revoke()
        else:
            take_back(theirs.home.shelf(theirs.shelf) / CALLS_NAME)
        message = "the alert service did not take it"
        raise DeviceError(message)

    with night(theirs, now, watched=True, call=True):
        Alerter(theirs.home, theirs.shelf, theirs.wall_ms, refused).look()
    assert len(tries) == 1


def test_the_page_that_is_open_looks_by_itself_and_ends(
    theirs: FollowRooms, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = threading.Event()

    def sent(*_: object) -> str:
        arrived.set()
        return ""

    monkeypatch.setattr(alerts.Alerter, "_sent", sent)
    with night(theirs, now, watched=True, call=True), alerting(theirs.home, theirs.shelf, theirs.wall_ms, 0.001):
        assert arrived.wait(10)


# -- what ----------------------------------------------------------------------------------------------------------


@dataclass
class Service:
    """An HTTP service on the loopback that keeps all bytes it gets."""

    status: int = 200
    location: str = ""
    got: list[str] = field(default_factory=list)
    port: int = 0


@contextmanager
def service(status: int = 200, location: str = "") -> Iterator[Service]:
    kept = Service(status, location)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            kept.got.append(f"{self.requestline}\n{self.headers}\n{body}")
            self.send_response(kept.status)
            if kept.location:
                self.send_header("location", kept.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_one_sentence_and_nothing_of_the_night_goes_out() -> None:
    with service() as kept:
        send(f"http://127.0.0.1:{kept.port}/topic")
    (got,) = kept.got
    head, _, body = got.partition("\n\n")
    assert body.strip() == TEXT == "Please look at Vigil's page."
    names = {line.partition(":")[0].lower() for line in head.splitlines()[1:]}
    assert names <= {"host", "accept", "accept-encoding", "user-agent", "content-type", "content-length"}
    assert "POST /topic HTTP/1.1" in head


def test_no_redirect_is_followed_and_a_no_is_said() -> None:
    with (
        service() as other,
        service(302, f"http://127.0.0.1:{other.port}/") as kept,
        pytest.raises(DeviceError, match="it said 302"),
    ):
        send(f"http://127.0.0.1:{kept.port}/topic")
    assert other.got == []
    with service(500) as kept, pytest.raises(DeviceError, match="it said 500"):
        send(f"http://127.0.0.1:{kept.port}/topic")


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(DeviceError, match="was not reached"):
        send(f"http://127.0.0.1:{closed_port()}/topic")


GOOD = (
    "https://ntfy.example.org/topic",
    "HTTPS://ntfy.example.org/topic",
    "http://192.168.1.5:8080/hook",
    "http://localhost/hook",
    "http://[::1]:80/x",
    "ntfy://topic",
)
BAD = (
    "http://ntfy.example.org/topic",
    "http://8.8.8.8/x",
    "http://0.0.0.0/x",
    "https://user:secret@ntfy.example.org/x",
    "https:///x",
    "https://a:99999999/x",
    "ntfy.example.net",
    "://x",
    "https://a b/x",
    "https://a/\nx",
    "https://" + "a" * 600,
)


@pytest.mark.parametrize("address", GOOD)
def test_an_address_that_nobody_reads_along_is_taken(address: str) -> None:
    assert check_address(f" {address} ") == address


@pytest.mark.parametrize("address", BAD)
def test_any_other_is_refused_and_not_repeated(address: str, sleeper: Visitor) -> None:
    with pytest.raises(SettingsError) as error:
        check_address(address)
    assert address not in str(error.value)
    assert sleeper.post("/follow/alert", {"address": address}).status_code == 409


def test_other_services_go_through_apprise(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    async def tell(choice: messenger.PersonChoice) -> None:
        await asyncio.sleep(0)
        told.append(choice.address)

    monkeypatch.setattr(alerts, "tell", tell)
    send("ntfy://topic")
    assert told == ["ntfy://topic"]


def test_trying_it_has_an_end_and_spends_none_of_the_two(theirs: FollowRooms, now: Now, sleeper: Visitor) -> None:
    with service() as kept:
        sleeper.post("/follow/alert", {"address": f"http://127.0.0.1:{kept.port}/topic"})
        statuses = []
        for _ in range(MOST_TESTS + 2):
            now.ms += 1_000
            statuses.append(sleeper.post("/follow/try").status_code)
    assert statuses == [303] * MOST_TESTS + [409] * 2
    assert len(kept.got) == MOST_TESTS
    sent = Sent()
    with night(theirs, now, watched=True, call=True):
        alerter(theirs, sent).look()
    assert len(sent.to) == 1


def test_a_try_that_fails_is_said(theirs: FollowRooms, sleeper: Visitor) -> None:
    theirs.store.put(alert=f"http://127.0.0.1:{closed_port()}/topic")
    assert "was not reached" in text_of(sleeper.post("/follow/try"))
    assert "The last alert did not arrive." in text_of(sleeper.get("/follow"))
    sleeper.post("/follow/alert", {"address": ""})
    assert "no address for alerts is set" in text_of(sleeper.post("/follow/try")).lower()
