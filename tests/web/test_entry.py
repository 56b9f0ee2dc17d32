"""The door: links that work once, sessions that can be ended, guesses that lead nowhere."""

from __future__ import annotations

from tests.web.visitor import Now, Visitor, text_of
from vigil.store.doors import IDLE_MS, LINK_MS, MOST_SESSIONS, WHOLE_MS
from vigil.web.rooms import Rooms


def test_a_link_lets_one_browser_in_once(rooms: Rooms) -> None:
    link = rooms.doors.make_link(rooms.wall_ms())
    visitor = Visitor.at(rooms)
    for _ in range(2):  # looking at the door uses nothing up
        assert "Open Vigil here" in text_of(visitor.get(f"/enter/{link}"))
    assert visitor.post("/enter", {"token": link}).headers["location"] == "/tonight"
    assert visitor.get("/tonight").status_code == 200
    second = Visitor.at(rooms)
    assert second.post("/enter", {"token": link}).status_code == 401
    assert second.get("/tonight").status_code == 401


def test_a_link_runs_out_and_one_from_the_future_is_none(rooms: Rooms, now: Now) -> None:
    link = rooms.doors.make_link(now.ms)
    now.ms += LINK_MS
    assert Visitor.at(rooms).post("/enter", {"token": link}).status_code == 401
    later = rooms.doors.make_link(now.ms)
    now.ms -= 1
    assert Visitor.at(rooms).post("/enter", {"token": later}).status_code == 401


def test_the_cookie_can_be_read_by_no_script_and_goes_to_no_other_site(rooms: Rooms) -> None:
    answer = Visitor.at(rooms).post("/enter", {"token": rooms.doors.make_link(rooms.wall_ms())})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


def test_leaving_ends_the_session_for_whoever_has_its_cookie(rooms: Rooms) -> None:
    sleeper = Visitor.inside(rooms)
    copied = Visitor.at(rooms)
    copied.cookies.update(sleeper.cookies)
    sleeper.post("/leave")
    assert copied.get("/tonight").status_code == 401


def test_a_session_lasts_while_it_is_used_but_not_for_ever(rooms: Rooms, now: Now) -> None:
    sleeper = Visitor.inside(rooms)
    began = now.ms
    while now.ms - began < WHOLE_MS - IDLE_MS:
        now.ms += IDLE_MS - 1
        assert sleeper.get("/tonight").status_code == 200
    now.ms = began + WHOLE_MS
    assert sleeper.get("/tonight").status_code == 401


def test_a_clock_set_far_back_keeps_no_session_alive(rooms: Rooms, now: Now) -> None:
    sleeper = Visitor.inside(rooms)
    now.ms -= 2 * 24 * 3_600_000
    assert sleeper.get("/tonight").status_code == 401


def test_wrong_links_are_few_a_minute_and_then_a_right_one_works(rooms: Rooms, now: Now) -> None:
    stranger = Visitor.at(rooms)
    said = [stranger.post("/enter", {"token": f"guess{n}"}).status_code for n in range(30)]
    assert said == [401] * 10 + [429] * 20
    now.ms += 60_000
    link = rooms.doors.make_link(now.ms)
    assert stranger.post("/enter", {"token": link}).status_code == 303


def test_the_table_of_sessions_has_an_end(rooms: Rooms, now: Now) -> None:
    first = Visitor.inside(rooms)
    for _ in range(MOST_SESSIONS):
        now.ms += 60_000
        Visitor.inside(rooms)
    assert len(rooms.doors.sessions()) == MOST_SESSIONS
    assert first.get("/tonight").status_code == 401


def test_tokens_are_not_kept(rooms: Rooms) -> None:
    """Who reads the file learns no link and no session."""
    link = rooms.doors.make_link(rooms.wall_ms())
    sleeper = Visitor.inside(rooms)
    folder = rooms.home.shelf(rooms.shelf)
    kept = b"".join(file.read_bytes() for file in folder.glob("page.db*"))
    assert link.encode() not in kept
    assert sleeper.cookies["vigil"].encode() not in kept
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.glob("page.db*"))
