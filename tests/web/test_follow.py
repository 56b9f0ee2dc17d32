"""The one who follows, in process: what leaves and what never does, who is let in, and how it ends."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from tests.web.followed import ALL, HOUR_MS, Follower, follow_rooms, night
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app.follow_view import FollowView, follow_view
from vigil.app.how_it_stands import ForFollower, Since
from vigil.app.journal_room import journal
from vigil.app.trusted import trusted_name
from vigil.domain.errors import BusyError, NotFoundError, SettingsError, StoreError
from vigil.domain.journal import MorningNote, Written
from vigil.store.doors import Doors
from vigil.store.follow import DAY_MS, DAYS, KEPT_MS, LINK_MS, MOST_LOOKS, Follows, Grants
from vigil.web import follow_site
from vigil.web.asked import Asked
from vigil.web.follow_site import FOLLOW_ROWS, FollowRooms
from vigil.web.pages import follow as follow_page
from vigil.web.rooms import Rooms
from vigil.web.rows import Role
from vigil.web.views.follower import follower_lines
from vigil.web.words import Words

CANARY = "zxqv-canary"

EVERY_GRANT = [Grants(*ticked) for ticked in itertools.product((False, True), repeat=4)]


@pytest.fixture(autouse=True)
def _no_links() -> None:
    follow_page._LINKS.clear()


@pytest.fixture
def theirs(rooms: Rooms) -> FollowRooms:
    return follow_rooms(rooms)


# -- what leaves ---------------------------------------------------------------------------------------------------


def test_what_can_leave_is_four_answers_and_their_minutes_by_type() -> None:
    """No text, no list, no number but a minute: there is no place for anything else in it."""
    hints = get_type_hints(FollowView)
    four = ("watching", "asked_to_call", "signal_lost", "episode")
    assert {name: hint for name, hint in hints.items() if not name.endswith("_min")} == dict.fromkeys(four, bool | None)
    assert {name for name in hints if name.endswith("_min")} == {f"{name}_min" for name in four}
    assert {hint for name, hint in hints.items() if name.endswith("_min")} == {int | None}
    assert tuple(field.name for field in fields(Grants)) == four
    assert {field.name for field in fields(ForFollower)} == set(four)


@pytest.mark.parametrize("known", list(itertools.product((False, True), repeat=4)))
def test_nothing_is_told_that_was_not_ticked_and_no_minute_beside_a_no(known: tuple[bool, ...]) -> None:
    """Each of the 16 standings under each of the 16 ticks, away or not."""
    since = ForFollower(*(Since(so, 1_000_000_059_999 if so else None) for so in known))
    names = [field.name for field in fields(Grants)]
    for grants, away in itertools.product(EVERY_GRANT, (False, True)):
        view = follow_view(since, grants, away=away)
        for name in names:
            so, minute = getattr(view, name), getattr(view, f"{name}_min")
            assert (so is None) == (not getattr(grants, name))
            assert (minute is None) == (not so)
            assert so in {None, False, getattr(since, name).so}
            assert minute in {None, 16_666_667}
        if away or not since.watching.so:
            assert not view.watching
            assert not view.signal_lost
            assert not view.episode


def test_off_planned_off_and_away_are_the_same_to_the_byte(theirs: FollowRooms, now: Now) -> None:
    """Also just after a night that had an episode, and also with a wish to be called."""
    follower = Follower.invited(theirs)
    for call in (False, True):
        with night(theirs, now, watched=False, call=call):
            off = follower.get("/").text
        with night(theirs, now, watched=False, call=call, episode=True):
            over = follower.get("/").text
        theirs.store.put(away=True)
        with night(theirs, now, watched=True, call=call, lost=True, episode=True):
            away = follower.get("/").text
        theirs.store.put(away=False)
        assert off == over == away
        assert "Vigil is not on." in off
        assert ("They ask you to call" in off) == call


SAID = {
    "watching": "Vigil is watching, since",
    "asked_to_call": "They ask you to call, since",
    "signal_lost": "Vigil has heard nothing good",
    "episode": "Something looked like a nightmare at",
}


@pytest.mark.parametrize("grants", EVERY_GRANT, ids=lambda grants: "".join("-x"[t] for t in _ticks(grants)))
def test_the_page_says_what_was_ticked_and_nothing_else(grants: Grants, theirs: FollowRooms, now: Now) -> None:
    follower = Follower.invited(theirs, grants)
    with night(theirs, now, watched=True, call=True, lost=True, episode=True):
        said = text_of(follower.get("/"))
    assert {name for name, words in SAID.items() if words in said} == {n for n in SAID if getattr(grants, n)}
    if not any(_ticks(grants)):
        assert "Nothing is shown at the moment." in said


def _ticks(grants: Grants) -> list[bool]:
    return [getattr(grants, field.name) for field in fields(Grants)]


def test_a_no_is_said_where_it_comforts_and_only_while_it_is_known(theirs: FollowRooms, now: Now) -> None:
    words = Words.of("en-GB")
    assert follower_lines(FollowView(watching=True, episode=False), words)[-1].startswith("Nothing that looks like")
    assert follower_lines(FollowView(watching=False, episode=False), words) == ("Vigil is not on.",)


def plant(rooms: Rooms) -> None:
    """Canaries in the journal and a morning, in the night's name, its heart, the follower's name, and the settings."""
    folder = rooms.home.shelf(rooms.shelf)
    live = json.loads((folder / "live.json").read_text())
    (folder / "live.json").write_text(json.dumps(live | {"night": CANARY, "heart_bpm_x10": 2137, "heart_ago_ms": 1}))
    with journal(rooms.home, rooms.shelf) as opened:
        opened.add(Written(CANARY), rooms.wall_ms())
        opened.notes.put_morning(MorningNote(CANARY, 7, CANARY, (CANARY,), CANARY), rooms.wall_ms())


def test_nothing_intimate_is_in_any_byte_of_any_answer_or_log(
    theirs: FollowRooms, now: Now, caplog: pytest.LogCaptureFixture
) -> None:
    """Every address of theirs, let in and not, every header: none of the canaries, and not the heart rate."""
    caplog.set_level(logging.DEBUG)
    link = theirs.follows.invite(f"{CANARY} Anna", "", ALL, DAYS, now.ms)
    follower = Follower.outside(theirs)
    assert follower.post("/enter", {"token": link}).status_code == 303
    theirs.store.put(alert=f"https://{CANARY}.example/x", hosts=(f"{CANARY}.home",))
    with night(theirs, now, watched=True, call=True, lost=True, episode=True):
        plant(theirs)
        answers = []
        for visitor in (follower, Follower.outside(theirs)):
            paths = [
                "/",
                "/nowhere",
                "/tonight",
                "/journal",
                "/enter/x",
                *re.findall(r'(?:href|src)="(/[^"]+)"', follower.get("/").text),
            ]
            answers += [visitor.get(path) for path in paths]
            answers += [visitor.post(path, {"token": "x"}) for path in ("/", "/enter", "/live")]
        streamed = first_of_stream(theirs)
    sent = "".join(
        f"{a.headers.get('location')} {a.headers.get('set-cookie')} {a.text}"
        for a in answers
        if "text/css" not in a.headers["content-type"]
    )
    for secret in (CANARY, "213.7", "2137", "Anna"):
        assert secret not in streamed
        assert secret not in re.sub(r"\b[0-9a-f]{12}\b", "", sent)
        assert secret not in caplog.text


def asking(theirs: FollowRooms) -> Asked:
    invited = theirs.follows.invited(theirs.wall_ms())
    assert invited is not None
    cookie = {theirs.cookie: enter_anew(theirs)}
    return Asked(theirs, Words.of("en-GB"), "/live", session=theirs.who(cookie))


def enter_anew(theirs: FollowRooms) -> str:
    link = theirs.follows.new_link(theirs.wall_ms())
    session = theirs.follows.enter(link or "", theirs.wall_ms())
    assert session is not None
    return session


def first_of_stream(theirs: FollowRooms) -> str:
    async def look() -> str:
        stream = follow_site.live(asking(theirs))
        events = [await anext(stream), await anext(stream)]
        await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
        return json.dumps(events)

    return asyncio.run(look())


def test_the_sleepers_name_is_shown_only_as_typed_for_it_and_as_text(theirs: FollowRooms) -> None:
    follower = Follower.invited(theirs, sleeper="<script>alert(1)</script>")
    page = follower.get("/").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    theirs.follows.change("", ALL)
    assert "script&gt;" not in follower.get("/").text


# -- who is let in -------------------------------------------------------------------------------------------------


def test_every_address_of_theirs_and_nothing_of_the_sleepers(
    rooms: Rooms, theirs: FollowRooms, sleeper: Visitor
) -> None:
    """Own token, own cookie: neither opens the other's page, and no address of one is an address of the other."""
    assert {(row.method, row.path) for row in FOLLOW_ROWS if row.role is Role.ANYONE} == {
        ("GET", "/enter/{token}"),
        ("POST", "/enter"),
        ("GET", "/static/{mark}/{name}"),
    }
    follower = Follower.invited(theirs)
    assert follower.get("/").status_code == 200
    for path in ("/tonight", "/journal", "/nights", "/follow", "/doors", "/more"):
        assert follower.get(path).status_code == 404
    outside = Follower.outside(theirs)
    outside.cookies.update(sleeper.cookies)
    outside.cookies[theirs.cookie] = sleeper.cookies["vigil"]
    assert outside.get("/").status_code == 401
    assert outside.get("/live").status_code == 401
    inside = Visitor.at(rooms)
    inside.cookies["vigil"] = follower.cookies[theirs.cookie]
    assert inside.get("/tonight").status_code == 401
    sleepers_link = rooms.doors.make_link(rooms.wall_ms())
    assert outside.post("/enter", {"token": sleepers_link}).status_code == 401


def test_a_link_works_once_and_not_for_ever(theirs: FollowRooms, now: Now) -> None:
    link = theirs.follows.invite("Anna", "", ALL, DAYS, now.ms)
    for _ in range(2):  # looking at the door uses nothing up
        assert "You are invited to look" in text_of(Follower.outside(theirs).get(f"/enter/{link}"))
    assert Follower.outside(theirs).post("/enter", {"token": link}).status_code == 303
    assert Follower.outside(theirs).post("/enter", {"token": link}).status_code == 401
    later = theirs.follows.new_link(now.ms)
    now.ms += LINK_MS
    assert Follower.outside(theirs).post("/enter", {"token": later or ""}).status_code == 401


def test_a_new_link_lets_the_old_device_in_until_it_is_used(theirs: FollowRooms, now: Now) -> None:
    old = Follower.invited(theirs)
    link = theirs.follows.new_link(now.ms)
    assert old.get("/").status_code == 200
    new = Follower.outside(theirs)
    assert new.post("/enter", {"token": link or ""}).status_code == 303
    assert old.get("/").status_code == 401
    assert new.get("/").status_code == 200


def test_one_person_only_a_new_invitation_ends_the_old_one(theirs: FollowRooms) -> None:
    first = Follower.invited(theirs)
    second = Follower.invited(theirs)
    assert first.get("/").status_code == 401
    assert second.get("/").status_code == 200


def test_an_invitation_runs_out_and_no_clock_brings_it_back(theirs: FollowRooms, now: Now) -> None:
    """The clock goes on, back and on again: the latest instant that was ever seen counts."""
    follower = Follower.invited(theirs)
    began = now.ms
    now.ms = began + (DAYS - 1) * DAY_MS
    assert follower.get("/").status_code == 200
    now.ms = began - 300 * DAY_MS
    assert follower.get("/").status_code == 200
    now.ms = began + DAYS * DAY_MS
    assert follower.get("/").status_code == 401
    now.ms = began
    assert follower.get("/").status_code == 401
    assert theirs.follows.invited(now.ms) is None


def test_a_clock_set_back_makes_no_link_good_again(theirs: FollowRooms, now: Now) -> None:
    link = theirs.follows.invite("Anna", "", ALL, DAYS, now.ms)
    now.ms += LINK_MS
    theirs.follows.invited(now.ms)
    now.ms -= LINK_MS // 2
    assert theirs.follows.enter(link, now.ms) is None


def test_revoking_ends_it_for_whoever_has_the_cookie_or_the_link(theirs: FollowRooms, now: Now) -> None:
    follower = Follower.invited(theirs)
    link = theirs.follows.new_link(now.ms)
    theirs.follows.revoke()
    assert follower.get("/").status_code == 401
    assert follower.get("/live").status_code == 401
    assert Follower.outside(theirs).post("/enter", {"token": link or ""}).status_code == 401


def test_wrong_links_are_few_a_minute_and_leave_the_right_one_good(theirs: FollowRooms, now: Now) -> None:
    link = theirs.follows.invite("Anna", "", ALL, DAYS, now.ms)
    stranger = Follower.outside(theirs)
    assert [stranger.post("/enter", {"token": f"guess{n}"}).status_code for n in range(15)] == [401] * 10 + [429] * 5
    now.ms += 60_000
    assert stranger.post("/enter", {"token": link}).status_code == 303


def test_wrong_links_at_one_door_shut_no_other(theirs: FollowRooms, tmp_path: Path, now: Now) -> None:
    """It was once counted for all doors of a process together."""
    stranger, other = Follower.outside(theirs), follow_rooms(rooms_in(tmp_path / "another", now))
    for number in range(15):
        stranger.post("/enter", {"token": f"guess{number}"})
    assert Follower.invited(other).get("/").status_code == 200


def test_tokens_are_not_kept(theirs: FollowRooms, now: Now) -> None:
    follower = Follower.invited(theirs)
    link = theirs.follows.new_link(now.ms) or ""
    folder = theirs.home.shelf(theirs.shelf)
    kept = b"".join(file.read_bytes() for file in folder.glob("page.db*"))
    assert link.encode() not in kept
    assert follower.cookies[theirs.cookie].encode() not in kept


def test_their_page_answers_to_its_names_only_and_does_nothing_by_looking(theirs: FollowRooms) -> None:
    follower = Follower.invited(theirs)
    assert follower.get("/", {"host": "evil.example"}).status_code == 421
    assert follower.post("/").status_code in {404, 405}
    cross = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert follower.post("/enter", {"token": "x"}, cross).status_code == 403


# -- the open stream -----------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(follow_site, "LOOK_S", 0.0)
    yield
    assert not +follow_site._OPEN


def test_an_open_page_hears_what_changes_and_the_end_of_it(theirs: FollowRooms, now: Now, quick: None) -> None:
    """Ticks, away and revoking reach a page that is open at its next look, twice a second."""

    async def look() -> None:
        stream = follow_site.live(asking(theirs))
        assert "watching, since" in (await anext(stream))["data"]
        assert (await anext(stream))["event"] == "beat"
        theirs.store.put(away=True)
        assert "not on" in (await anext(stream))["data"]
        theirs.follows.change("", Grants(watching=False, asked_to_call=True))
        assert json.loads((await anext(stream))["data"]) == {"lines": ["No call is asked for."]}
        theirs.follows.revoke()
        assert await anext(stream) == {"event": "closed", "data": ""}
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    theirs.follows.invite("Anna", "", ALL, DAYS, now.ms)
    with night(theirs, now, watched=True):
        asyncio.run(look())


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("how", ["entered elsewhere", "invited anew", "run out"])
def test_an_open_page_ends_with_its_session(theirs: FollowRooms, now: Now, how: str) -> None:
    async def look() -> None:
        stream = follow_site.live(asking(theirs))
        await anext(stream)
        if how == "entered elsewhere":
            enter_anew(theirs)
        elif how == "invited anew":
            theirs.follows.invite("Bea", "", ALL, DAYS, now.ms)
        else:
            now.ms += DAYS * DAY_MS
        while (event := await anext(stream))["event"] == "beat":
            pass
        assert event["event"] == "closed"

    theirs.follows.invite("Anna", "", ALL, DAYS, now.ms)
    asyncio.run(look())


@pytest.mark.parametrize("kind", [StoreError, BusyError, NotFoundError])
def test_what_goes_wrong_here_names_no_folder_to_others(
    theirs: FollowRooms, rooms: Rooms, monkeypatch: pytest.MonkeyPatch, kind: type[StoreError]
) -> None:
    """Neither to who follows, nor to a stranger at either door: it would tell them the sleeper's name."""
    inside, sleeper = Follower.invited(theirs), Visitor.inside(rooms)

    def fails(*_: object) -> None:
        raise kind("/home/canary/page.db could not be made (No space left on device)")

    for place, name in ((Follows, "looked"), (Follows, "enter"), (Doors, "enter")):
        monkeypatch.setattr(place, name, fails)
    outside = Follower.outside(theirs)
    said = [inside.get("/"), *(one.post("/enter", {"token": "x"}) for one in (outside, Visitor.at(rooms)))]
    assert all(answer.status_code >= 400 and "canary" not in answer.text for answer in said)
    monkeypatch.setattr(Follows, "revoke", fails)
    assert "canary" in sleeper.post("/follow/revoke").text


@pytest.mark.usefixtures("quick")
def test_doors_that_cannot_be_read_show_nobody_anything(theirs: FollowRooms, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        message = "busy"
        raise StoreError(message)

    async def look() -> None:
        stream = follow_site.live(asking(theirs))
        await anext(stream)
        await anext(stream)
        monkeypatch.setattr(Follows, "invited", fails)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    theirs.follows.invite("Anna", "", ALL, DAYS, theirs.wall_ms())
    asyncio.run(look())


@pytest.mark.usefixtures("quick")
def test_a_few_streams_and_no_more(theirs: FollowRooms) -> None:
    async def look() -> None:
        asked = asking(theirs)
        streams = [follow_site.live(asked) for _ in range(follow_site.MOST)]
        for stream in streams:
            await anext(stream)
        assert (await anext(follow_site.live(asked)))["event"] == "full"
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]  # it is a generator

    theirs.follows.invite("Anna", "", ALL, DAYS, theirs.wall_ms())
    asyncio.run(look())


# -- when they looked ----------------------------------------------------------------------------------------------


def test_the_sleeper_sees_when_they_looked_for_thirty_days(theirs: FollowRooms, now: Now, sleeper: Visitor) -> None:
    follower = Follower.invited(theirs)
    assert "Not in the last thirty days." in text_of(sleeper.get("/follow"))
    began = now.ms
    for _ in range(4):  # one look, from its beginning to its end
        follower.get("/")
        now.ms += 60_000
    now.ms += HOUR_MS
    follower.get("/")
    looks = theirs.follows.looks(now.ms)
    assert [(look.began_ms, look.until_ms) for look in looks] == [(now.ms, now.ms), (began, began + 180_000)]
    assert text_of(sleeper.get("/follow")).count("November") >= 2
    theirs.follows.revoke()
    assert len(theirs.follows.looks(now.ms)) == 2
    now.ms += KEPT_MS
    assert theirs.follows.looks(now.ms) == []


def test_the_list_of_looks_has_an_end(theirs: FollowRooms, now: Now) -> None:
    with theirs.doors.opened() as database:
        rows = [(1, now.ms + n, now.ms + n) for n in range(MOST_LOOKS + 50)]
        database.executemany("INSERT INTO look VALUES (?, ?, ?)", rows)
    assert len(theirs.follows.looks(now.ms)) == MOST_LOOKS


# -- the sleeper's page --------------------------------------------------------------------------------------------


def test_inviting_ticking_and_ending_it(rooms: Rooms, theirs: FollowRooms, sleeper: Visitor, now: Now) -> None:
    form = {"name": "An<b>na</b> \u202e\x00", "watching": "1", "asked_to_call": "1", "days": "7"}
    sleeper.post("/follow/invite", form)
    invited = theirs.follows.invited(now.ms)
    assert invited is not None
    assert invited.grants == Grants(watching=True, asked_to_call=True)
    assert invited.until_ms == now.ms + 7 * DAY_MS
    page = sleeper.get("/follow")
    assert "An<b>na</b> may look, until" in text_of(page) or "An&lt;b&gt;na" in page.text
    assert "<b>na" not in page.text
    assert "The link stands here as soon as their page is open." in text_of(page)
    theirs.store.put(open=True, at="https://vigil.home:8458")
    page = sleeper.get("/follow")
    link = re.search(r"https://vigil\.home:8458/enter/([\w-]{43})", page.text)
    assert link is not None
    assert sleeper.get("/follow/qr.svg").headers["content-type"] == "image/svg+xml"
    follower = Follower.outside(theirs)
    assert follower.post("/enter", {"token": link[1]}).status_code == 303
    page = sleeper.get("/follow")
    assert link[1] not in page.text
    assert "They have opened their link." in text_of(page)
    assert sleeper.get("/follow/qr.svg").status_code == 404
    sleeper.post("/follow/change", {"episode": "1", "sleeper": "Mo"})
    assert "How it stands with Mo" in text_of(follower.get("/"))
    sleeper.post("/follow/revoke")
    assert follower.get("/").status_code == 401
    assert "Nobody may look any more." in text_of(sleeper.get(sleeper.post("/follow/revoke").headers["location"]))


@pytest.mark.parametrize(
    "form", [{"name": " "}, {"name": "\u200b"}, {"name": "A", "days": "0"}, {"name": "A", "days": "9999"}]
)
def test_no_name_or_no_such_time_invites_nobody(theirs: FollowRooms, sleeper: Visitor, form: dict[str, str]) -> None:
    answer = sleeper.post("/follow/invite", {"days": "30", **form})
    assert answer.status_code == 409
    assert "nothing was changed" in text_of(answer)
    assert theirs.follows.invited(theirs.wall_ms()) is None


def test_an_episode_is_off_unless_ticked(sleeper: Visitor) -> None:
    page = sleeper.get("/follow").text
    ticked = re.findall(r'name="(\w+)" value="1" aria-describedby="\w+-is"( checked)?', page)
    assert dict(ticked) == {"watching": " checked", "asked_to_call": " checked", "signal_lost": "", "episode": ""}


def test_what_must_be_known_is_said_on_the_page(sleeper: Visitor) -> None:
    said = text_of(sleeper.get("/follow"))
    for words in ("A closed page cannot ring", "private network (VPN) of your own choice", "The service learns when"):
        assert words in said


def test_the_switches_are_kept_and_followed(theirs: FollowRooms, sleeper: Visitor) -> None:
    theirs.follows.invite("Anna", "", ALL, DAYS, theirs.wall_ms())
    sleeper.post("/follow/open", {"open": "1"})
    sleeper.post("/follow/away", {"away": "1"})
    sleeper.post("/follow/hosts", {"hosts": "Vigil.Home, 10.8.0.1"})
    settings = theirs.store.settings()
    assert (settings.open, settings.away, settings.hosts) == (True, True, ("vigil.home", "10.8.0.1"))
    assert "Their page says that Vigil is not on, whatever goes on." in text_of(sleeper.get("/follow"))
    for wrong in ("evil.example:80", "a b/c", "x" * 300, "<b>", "a_b"):
        assert sleeper.post("/follow/hosts", {"hosts": wrong}).status_code == 409
    assert theirs.store.settings().hosts == ("vigil.home", "10.8.0.1")
    sleeper.post("/follow/open", {"open": "0"})
    assert not theirs.store.settings().open


def test_a_call_is_asked_of_whom_it_can_reach(theirs: FollowRooms, now: Now, sleeper: Visitor) -> None:
    """Invited, ticked, and let in to a page that is open, or an alert set: only then is a name on the button."""
    folder = theirs.home.shelf(theirs.shelf)
    assert trusted_name(folder, now.ms) == ""
    link = theirs.follows.invite("Anna", "", ALL, DAYS, now.ms)
    assert trusted_name(folder, now.ms) == ""
    theirs.store.put(open=True, at="https://vigil.home:8458")
    assert trusted_name(folder, now.ms) == ""  # she never opened her link, so nobody would see it
    theirs.store.put(alert="https://ntfy.example/topic")
    assert trusted_name(folder, now.ms) == "Anna"  # an alert goes out; what is said of it is another thing
    theirs.store.put(alert="")
    assert theirs.follows.enter(link, now.ms)
    assert trusted_name(folder, now.ms) == "Anna"
    theirs.store.put(at="")
    assert trusted_name(folder, now.ms) == ""  # her page was wanted, and is not there
    theirs.store.put(at="https://vigil.home:8458")
    theirs.follows.change("", Grants(asked_to_call=False))
    assert trusted_name(folder, now.ms) == ""
    theirs.follows.change("", ALL)
    assert sleeper.post("/tonight/call").headers["location"].endswith("#here")
    assert trusted_name(folder, now.ms + DAYS * DAY_MS) == ""


def test_a_broken_file_of_doors_names_nobody_and_stops_nothing(theirs: FollowRooms, now: Now) -> None:
    folder = theirs.home.shelf(theirs.shelf)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.db").write_bytes(b"no database" * 1000)
    assert trusted_name(folder, now.ms) == ""


def test_settings_that_are_none_of_ours_are_left_out(theirs: FollowRooms) -> None:
    with theirs.doors.opened() as database:
        for name, value in (("open", '"yes"'), ("hosts", "[1]"), ("alert", "{"), ("other", "1")):
            database.execute("INSERT INTO follow_setting VALUES (?, ?)", (name, value))
    settings = theirs.store.settings()
    assert (settings.open, settings.hosts, settings.alert) == (False, (), "")
    with pytest.raises(KeyError):
        theirs.store.put(other=1)


def test_an_invitation_lasts_a_year_at_most(theirs: FollowRooms, now: Now) -> None:
    with pytest.raises(SettingsError, match="between 1 and 365 days"):
        theirs.follows.invite("Anna", "", ALL, 366, now.ms)
