"""Tonight in process: what each standing says, what each button leaves behind, and that no database is needed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.unit.test_store_live_state import PLAIN
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app import trusted
from vigil.app.arming import HOLD_NAME
from vigil.app.home import Shelf
from vigil.app.how_it_stands import NightStanding
from vigil.app.said_first import SAID_NAME, SaidFirst
from vigil.app.stayed_down import Down, keep_down
from vigil.app.wearables_file import Paired, Role, Wearables, write_wearables
from vigil.app.wiring import LOCK_NAME
from vigil.domain.errors import StoreError
from vigil.domain.records import Mark, Mode
from vigil.domain.requests import Output
from vigil.domain.samples import Quality
from vigil.domain.sleep import Stage
from vigil.domain.troubles import TroubleKind
from vigil.store.asked import ASKED_NAME, Wish, taken
from vigil.store.calls import CALLS_NAME, asked_to_call
from vigil.store.hold import Hold, read_hold, write_hold
from vigil.store.live_state import LIVE_NAME, Link, LiveState, write
from vigil.store.lock import StoreLock
from vigil.web import live_tonight
from vigil.web.asked import Asked
from vigil.web.pages import tonight as page
from vigil.web.pages import tonight_seen
from vigil.web.rooms import Rooms
from vigil.web.views.tonight import tonight_seen as tonight_seen_of
from vigil.web.words import Words

HOUR_MS = 3_600_000
BAND = Paired("heart-rate-strap", "A0:9E:1A:00:00:01", "a strap", frozenset({Role.SENSOR}))


@pytest.fixture
def folder(rooms: Rooms) -> Path:
    found = rooms.home.shelf(rooms.shelf)
    found.mkdir(parents=True, exist_ok=True)
    return found


def told(now: Now, **changes: object) -> LiveState:
    """A night that was told just now, an hour old."""
    state = replace(
        PLAIN,
        began_wall_ms=now.ms - HOUR_MS,
        now_wall_ms=now.ms,
        told_wall_ms=now.ms,
        link=Link.HEARD,
        link_since_wall_ms=now.ms - HOUR_MS,
        quality=Quality.GOOD,
        quality_since_wall_ms=now.ms - HOUR_MS,
        outputs=((Output.SOUND, True),),
    )
    return replace(state, **changes)  # type: ignore[arg-type]  # by name


@pytest.fixture
def watched(folder: Path, now: Now) -> Iterator[Path]:
    """A night is being watched, by this process."""
    with StoreLock.acquire(folder / LOCK_NAME, "22:41"):
        write(folder / LIVE_NAME, told(now))
        yield folder


def shown(sleeper: Visitor) -> str:
    return text_of(sleeper.get("/tonight"))


def test_nobody_watches(sleeper: Visitor) -> None:
    said = shown(sleeper)
    assert "No night is being watched." in said
    assert "Look again" in said
    assert "vigil watch" not in said  # there is a button for it


BUTTONS = ("begin", "pair", "ahead", "stop", "awake", "bad-dream", "hour", "release", "morning", "is-ready", "light")


def seen_buttons(sleeper: Visitor) -> set[str]:
    """Those that are not hidden."""
    page = sleeper.get("/tonight").text
    tags = {name: re.search(rf'<\w+ id="{name}"[^>]*>', page) for name in BUTTONS}
    return {name for name, tag in tags.items() if tag is not None and " hidden" not in tag[0]}


def test_what_can_be_said_while_nobody_watches_and_while_a_night_is_watched(
    folder: Path, sleeper: Visitor, rooms: Rooms, now: Now
) -> None:
    """A mark that nobody would note is not offered, and no second night beside one that is watched."""
    assert seen_buttons(sleeper) == {"pair", "ahead", "is-ready", "light"}
    write_wearables(rooms.home, Wearables(BAND))
    assert seen_buttons(sleeper) == {"begin", "ahead", "is-ready", "light"}
    sleeper.post("/tonight/stop")
    assert seen_buttons(sleeper) == {"begin", "release", "is-ready", "light"}
    sleeper.post("/tonight/release")
    with StoreLock.acquire(folder / LOCK_NAME, "22:41"):
        write(folder / LIVE_NAME, told(now))
        assert seen_buttons(sleeper) == {"stop", "awake", "bad-dream", "hour", "morning"}
        sleeper.post("/tonight/stop")
        assert seen_buttons(sleeper) == {"release", "awake", "bad-dream", "morning"}


@pytest.mark.parametrize(
    ("hour", "says"),
    [
        (2, "No nudges tonight Pressed, it holds until 18:00, also"),
        (8, "No nudges until evening Pressed, it holds until 18:00, also"),
        (14, "No nudges until evening Pressed, it holds until 18:00, also"),
        (15, "No nudges tonight Pressed, it holds until 18:00 tomorrow, also"),
        (22, "No nudges tonight Pressed, it holds until 18:00 tomorrow, also"),
    ],
)
def test_a_stop_ahead_says_no_more_than_it_does(sleeper: Visitor, now: Now, hour: int, says: str) -> None:
    """It is called one for the night only where it reaches into it."""
    now.ms = round(datetime(2026, 11, 30, hour, 30).astimezone().timestamp() * 1000)
    assert says in shown(sleeper)


@pytest.mark.parametrize(("hour", "says"), [(2, "Stopped until 18:00."), (22, "Stopped until 18:00 tomorrow.")])
def test_a_stop_that_ends_tomorrow_says_so(sleeper: Visitor, now: Now, hour: int, says: str) -> None:
    """At half past ten in the evening, "until 18:00" was read as a stop that is over."""
    now.ms = round(datetime(2026, 11, 30, hour, 30).astimezone().timestamp() * 1000)
    sleeper.post("/tonight/stop")
    assert says in shown(sleeper)


def test_a_stop_ahead_under_a_clock_that_cannot_be(folder: Path) -> None:
    """Then it stands until somebody ends it, which is said."""
    del folder
    seen = tonight_seen_of(NightStanding(0), Words.of("en"), now_ms=0, stops_until_ms=None)
    assert (seen.ahead, "until you end it" in seen.ahead_is) == ("No nudges tonight", True)


def test_one_thing_comes_first(folder: Path, sleeper: Visitor, rooms: Rooms, now: Now) -> None:
    """After a night its morning; once that is long past, the next night. Both are there."""
    write_wearables(rooms.home, Wearables(BAND))
    write(folder / LIVE_NAME, told(now, ended=True))
    morning, night = '<a class="button main big" href="/morning">', '<button class="button main big">Begin the night'
    page = sleeper.get("/tonight").text
    assert (morning in page, night in page, page.count("button main")) == (True, False, 1)
    now.ms += 7 * HOUR_MS
    page = sleeper.get("/tonight").text
    assert (morning in page, night in page, page.count("button main")) == (False, True, 1)
    assert '<p id="over"><a class="button big" href="/morning">' in page


def test_a_night_that_is_watched(watched: Path, sleeper: Visitor) -> None:
    said = shown(sleeper)
    assert "Watching since" in said
    assert "Your wearable is heard." in said
    assert "No nudge so far." in said


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"link": Link.LOST}, "has not been heard since"),
        ({"link": Link.NEVER}, "Nothing has come from your wearable yet."),
        ({"contact": False}, "does not seem to be worn"),
        ({"quality": Quality.STALE}, "no good signal since"),
        ({"battery_percent": 63}, "Battery of the wearable: 63 %."),
        ({"battery_percent": 12}, "may not last until morning"),
        ({"mode": Mode.WATCH_ONLY}, "Tonight Vigil only watches."),
        ({"outputs": ()}, "Nothing can nudge you tonight, because nothing that may be used is set up."),
        ({"outputs": ((Output.SOUND, False), (Output.LIGHT, False))}, "not be used: the loudspeaker, the lamp. Vigil"),
        ({"nudges": 1}, "1 nudge so far."),
        ({"nudges": 3}, "3 nudges so far."),
        ({"troubles": (TroubleKind.DISK_LOW,)}, "disk of the computer is almost full"),
        ({"troubles": (TroubleKind.DISK_FULL,)}, "disk of the computer is full"),
        ({"troubles": (TroubleKind.DISK_UNWRITABLE,)}, "cannot be written to"),
        ({"troubles": (TroubleKind.COMPUTER_BATTERY,)}, "runs on its battery"),
        ({"held": True}, "Stopped until you end it."),
    ],
    ids=str,
)
def test_what_it_says(watched: Path, sleeper: Visitor, now: Now, changes: dict[str, object], says: str) -> None:
    write(watched / LIVE_NAME, told(now, **changes))
    assert says in shown(sleeper)


@pytest.mark.parametrize(
    "changes",
    [
        {"outputs": ((Output.VIBRATION, False), (Output.LIGHT, True))},
        {"outputs": (), "mode": Mode.WATCH_ONLY},
        {"outputs": ((Output.LIGHT, False),), "held": True},
    ],
    ids=str,
)
def test_one_that_is_left_is_enough_and_a_night_that_only_watches_needs_none(
    watched: Path, sleeper: Visitor, now: Now, changes: dict[str, object]
) -> None:
    write(watched / LIVE_NAME, told(now, **changes))
    assert "Nothing can nudge you" not in shown(sleeper)


def test_where_nothing_can_nudge_there_is_a_way_to_bedtime(watched: Path, sleeper: Visitor, now: Now) -> None:
    assert "is-ready" not in seen_buttons(sleeper)
    write(watched / LIVE_NAME, told(now, outputs=((Output.LIGHT, False),)))
    assert "is-ready" in seen_buttons(sleeper)


def test_what_the_night_said_when_it_began_can_be_read(watched: Path, sleeper: Visitor, now: Now) -> None:
    """Its plan and what did not answer, of the process that tells the night; a command is called as its page is."""
    assert '<details id="first" hidden>' in sleeper.get("/tonight").text
    aloud: list[str] = []
    say = SaidFirst(watched, aloud.append, told(now).pid)
    say("Night 3 of at least 7 <b>: Vigil is only watching.")
    say("Light: the lamp did not answer. To end that: vigil stop --release")
    assert len(aloud) == 2
    said = shown(sleeper)
    assert "Night 3 of at least 7 <b>: Vigil is only watching." in said
    assert "Light: the lamp did not answer. To end that: Tonight" in said
    SaidFirst(watched, aloud.append, told(now).pid + 1)("Another night.")
    assert '<details id="first" hidden>' in sleeper.get("/tonight").text
    write(watched / LIVE_NAME, told(now, ended=True))
    assert "Another night" not in shown(sleeper)


def test_what_cannot_be_kept_is_said_all_the_same(tmp_path: Path) -> None:
    aloud: list[str] = []
    SaidFirst(tmp_path / "gone", aloud.append)("The plan.")
    assert aloud == ["The plan."]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pid": 7}', '{"pid": 7, "lines": [1]}', '{"pid": 7, "lines": "x"}'])
def test_what_is_no_word_of_a_night_is_not_shown(watched: Path, sleeper: Visitor, text: str) -> None:
    (watched / SAID_NAME).write_text(text)
    assert '<details id="first" hidden>' in sleeper.get("/tonight").text


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_and_every_link_has_its_words_and_the_clock_is_folded_away(
    watched: Path, sleeper: Visitor, now: Now, stage: Stage
) -> None:
    write(watched / LIVE_NAME, told(now, stage=stage, ends_wall_ms=now.ms + HOUR_MS))
    page = sleeper.get("/tonight").text
    folded = page[page.index('<details id="clock"') : page.index("</details>", page.index('<details id="clock"'))]
    assert "half minute" in folded
    assert '<details id="clock">' in folded
    assert "half minute" not in page.replace(folded, "")


def test_in_a_demonstration_the_clock_is_seen_to_run(tmp_path: Path, now: Now) -> None:
    """With the clock folded away a night that passed in minutes looked as if it stood still."""
    page = Visitor.inside(rooms_in(tmp_path, now, Shelf.DEMO)).get("/tonight")
    assert '<details id="clock" open' in page.text
    assert "a night passes in a few minutes" in text_of(page)


def test_a_night_that_is_over_one_that_broke_off_and_one_that_stayed_down(
    folder: Path, sleeper: Visitor, rooms: Rooms, now: Now
) -> None:
    write_wearables(rooms.home, Wearables(BAND))
    write(folder / LIVE_NAME, told(now, ended=True))
    assert "The last one was watched until" in shown(sleeper)
    assert '<p id="over"><a class="button main big" href="/morning">' in sleeper.get("/tonight").text
    write(folder / LIVE_NAME, told(now))
    assert '<p id="over" hidden>' in sleeper.get("/tonight").text
    said = shown(sleeper)
    assert "The night broke off at" in said
    assert "It can go on" in said
    assert "Go on with the night" in said
    keep_down(folder, Down(4, now.ms))
    assert "stopped 5 times within ten minutes" in shown(sleeper)
    (folder / "down.json").unlink()
    now.ms += 6 * HOUR_MS  # too late: what is begun now is another night
    said = shown(sleeper)
    assert ("broke off" in said, "It can go on" in said, "Begin the night" in said) == (True, False, True)
    now.ms += 19 * HOUR_MS
    assert "broke off" not in shown(sleeper)


def test_stop_for_the_night_for_an_hour_and_its_end(watched: Path, sleeper: Visitor, now: Now) -> None:
    assert sleeper.post("/tonight/stop").headers["location"] == "/tonight"
    hold = read_hold(watched / HOLD_NAME)
    assert hold.held
    assert "Nothing will nudge you." in shown(sleeper)
    over = sleeper.post("/tonight/release").headers["location"]
    assert not read_hold(watched / HOLD_NAME).held
    assert "The stop is over." in text_of(sleeper.get(over))
    sleeper.post("/tonight/stop", {"for": "hour"})
    kept = read_hold(watched / HOLD_NAME).hold
    assert kept is not None
    assert kept.until_wall_ms == now.ms + HOUR_MS


def test_a_stop_that_did_not_arrive_is_never_said_to_have(
    watched: Path, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_path: Path, _hold: Hold) -> None:
        message = "the stop could not be written down (no space)"
        raise StoreError(message)

    monkeypatch.setattr("vigil.app.stopping.write_hold", fails)
    monkeypatch.setattr("vigil.app.stopping._tell", lambda _holder: False)
    answer = sleeper.post("/tonight/stop")
    assert (answer.status_code, "did not reach the Vigil that runs" in text_of(answer)) == (503, True)


def test_a_lamp_that_stays_lit_is_said(sleeper: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "outputs_off", lambda _home: ("the lamp did not confirm that it is off",))
    assert "the lamp did not confirm" in text_of(sleeper.post("/tonight/stop"))

    def refuse(_home: object) -> tuple[str, ...]:
        message = "the folder is gone"
        raise StoreError(message)

    monkeypatch.setattr(page, "outputs_off", refuse)
    assert "the folder is gone" in text_of(sleeper.post("/tonight/stop"))


def test_a_stop_that_cannot_be_read_stands_and_its_end_says_why(folder: Path, sleeper: Visitor) -> None:
    (folder / HOLD_NAME).write_text("garbage")
    assert "cannot be relied on" in shown(sleeper)
    assert "cannot be relied on" in text_of(sleeper.post("/tonight/release"))
    assert "cannot be relied on" not in shown(sleeper)


@pytest.mark.parametrize(
    ("path", "wish", "says"),
    [
        ("awake", Wish.AWAKE, "Noted: awake."),
        ("bad-dream", Wish.BAD_DREAM, "Noted: a bad dream."),
        ("end", Wish.END, "Good morning."),
    ],
)
def test_a_wish_is_left_for_the_night_once(
    watched: Path, sleeper: Visitor, now: Now, path: str, wish: Wish, says: str
) -> None:
    answer = sleeper.post(f"/tonight/{path}")
    for _ in range(2):  # going back or looking again says nothing twice
        said = sleeper.get(answer.headers["location"])
        assert says in text_of(said)
    assert taken(watched / ASKED_NAME, now.ms) == [wish]
    assert ('class="panel here" aria-labelledby="here-is" data-marked="0" hidden' in said.text) == (wish is Wish.END)


def test_what_is_said_to_nobody_waits_for_no_night(folder: Path, sleeper: Visitor) -> None:
    answer = sleeper.get(sleeper.post("/tonight/awake").headers["location"])
    assert "You're awake. I'm still here." in text_of(answer)
    assert "nothing to note it in" in text_of(answer)
    assert not (folder / ASKED_NAME).exists()


@pytest.mark.parametrize(
    "changes", [{"stage": Stage.WAKE}, {"mark": Mark.AWAKE, "mark_wall_ms": 1}], ids=["waking", "mark"]
)
def test_after_a_waking_somebody_is_still_here(
    watched: Path, sleeper: Visitor, now: Now, changes: dict[str, object]
) -> None:
    if "mark_wall_ms" in changes:
        changes = changes | {"mark_wall_ms": now.ms - 1_000}
    assert 'aria-labelledby="here-is" data-marked="0" hidden' in sleeper.get("/tonight").text
    write(watched / LIVE_NAME, told(now, **changes))
    assert 'aria-labelledby="here-is" data-marked="0" hidden' not in sleeper.get("/tonight").text


def test_falling_asleep_is_no_waking(watched: Path, sleeper: Visitor, now: Now) -> None:
    write(watched / LIVE_NAME, told(now, stage=Stage.WAKE, began_wall_ms=now.ms - 20 * 60_000))
    assert 'data-marked="0" hidden' in sleeper.get("/tonight").text


def test_asking_for_a_call(watched: Path, sleeper: Visitor, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody follows: on to whom to call, no long form at night. Somebody does: by name, noted, and taken back."""
    assert sleeper.post("/tonight/call").headers["location"] == "/help"
    assert asked_to_call(watched / CALLS_NAME) is None
    for module in (page, tonight_seen):
        monkeypatch.setattr(module, "trusted_name", lambda *_: "An<b>na")
    assert "Ask An<b>na to call" in text_of(sleeper.get("/tonight"))
    assert "<b>" not in sleeper.get("/tonight").text
    assert sleeper.post("/tonight/call").headers["location"].endswith("#here")
    assert asked_to_call(watched / CALLS_NAME) == now.ms
    assert "No call is needed any more" in shown(sleeper)
    sleeper.post("/tonight/call", {"no": "1"})
    assert asked_to_call(watched / CALLS_NAME) is None
    assert trusted.trusted_name(watched) == ""


def test_with_the_database_broken_the_buttons_work(watched: Path, sleeper: Visitor, now: Now, rooms: Rooms) -> None:
    rooms.home.database(rooms.shelf).write_bytes(b"not a database" * 1000)
    (watched / "journal.db").write_bytes(b"nor this" * 1000)
    assert "Watching since" in shown(sleeper)
    sleeper.post("/tonight/stop")
    sleeper.post("/tonight/bad-dream")
    assert read_hold(watched / HOLD_NAME).held
    assert taken(watched / ASKED_NAME, now.ms) == [Wish.BAD_DREAM]


@pytest.mark.parametrize("step", ["", "1", "4", "9", "0", "-1", "x", "99999999999"])
def test_the_low_light_has_a_few_steps_and_no_others(sleeper: Visitor, step: str) -> None:
    page = sleeper.get(f"/tonight/light?step={step}").text
    assert any(f"low-light light-{n}" in page for n in (1, 2, 3, 4))
    assert "A low light, for as long as you like." in page


@pytest.mark.parametrize("query", ["marked=bad_dream", "told=<script>", "told=0", "told=99999", "told=-1"])
def test_a_mark_that_nobody_made_is_not_said(sleeper: Visitor, query: str) -> None:
    assert "Noted" not in text_of(sleeper.get(f"/tonight?{query}"))


def test_an_address_out_of_a_browsers_history_says_nothing_of_a_night(
    watched: Path, sleeper: Visitor, now: Now
) -> None:
    """Neither what was marked, nor, opened at the next waking, that something was noted which was not."""
    del watched
    addresses = [sleeper.post(f"/tonight/{path}").headers["location"] for path in ("bad-dream", "awake", "release")]
    for address in addresses:
        assert re.fullmatch(r"/tonight\?told=\d+(#here)?", address)
    now.ms += 15 * 60_000
    later = "".join(text_of(sleeper.get(address)) for address in addresses)
    assert "Noted" not in later
    assert "The stop is over" not in later


# -- the stream ----------------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_tonight, "LOOK_S", 0.0)


def asking(rooms: Rooms) -> Asked:
    """As a session asks."""
    Visitor.inside(rooms)
    return Asked(rooms, Words.of("en-GB"), "/tonight/live", session=rooms.doors.sessions()[0])


async def following(stream: AsyncIterator[dict[str, str]], event: str) -> dict[str, str]:
    """The next one of that name."""
    async for one in stream:
        if one["event"] == event:
            return one
    message = f"no {event}"
    raise AssertionError(message)


def test_what_changes_is_told_and_what_does_not_is_not(watched: Path, rooms: Rooms, now: Now, quick: None) -> None:
    async def look() -> None:
        stream = live_tonight.live(asking_one)
        first = json.loads((await following(stream, "now"))["data"])
        assert first["watching"]
        events = [await anext(stream) for _ in range(5)]
        assert {one["event"] for one in events} == {"beat"}
        write_hold(watched / HOLD_NAME, Hold(None, now.ms))
        assert json.loads((await following(stream, "now"))["data"])["stopped"]
        now.ms += 60_000  # nothing is written any more: the night fell silent
        assert not json.loads((await following(stream, "now"))["data"])["watching"]
        await stream.aclose()  # type: ignore[attr-defined]  # it is a generator

    asking_one = asking(rooms)
    asyncio.run(look())
    assert not live_tonight._OPEN


def test_a_session_that_was_ended_hears_no_more(watched: Path, rooms: Rooms, quick: None) -> None:
    async def look() -> None:
        stream = live_tonight.live(asking_one)
        await following(stream, "now")
        rooms.doors.close_all()
        await following(stream, "closed")
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    asking_one = asking(rooms)
    asyncio.run(look())


def test_doors_that_cannot_be_read_for_a_moment_end_nothing(
    rooms: Rooms, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_doors: object) -> list[object]:
        message = "busy"
        raise StoreError(message)

    async def look() -> None:
        stream = live_tonight.live(asking_one)
        await following(stream, "now")
        await following(stream, "beat")
        await stream.aclose()  # type: ignore[attr-defined]  # it is a generator

    asking_one = asking(rooms)
    monkeypatch.setattr("vigil.store.doors.Doors.sessions", fails)
    asyncio.run(look())


def test_five_streams_of_one_session_and_no_more(rooms: Rooms, quick: None) -> None:
    async def look() -> None:
        streams = [live_tonight.live(asking_one) for _ in range(live_tonight.MOST)]
        for stream in streams:
            await following(stream, "now")
        assert (await anext(live_tonight.live(asking_one)))["event"] == "full"
        await streams[0].aclose()  # type: ignore[attr-defined]  # it is a generator
        again = live_tonight.live(asking_one)
        await following(again, "now")
        for stream in (*streams, again):
            await stream.aclose()  # type: ignore[attr-defined]  # it is a generator

    asking_one = asking(rooms)
    asyncio.run(look())
    assert not live_tonight._OPEN
