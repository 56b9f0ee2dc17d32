"""A lamp found by its name on pages: against stand-ins of a Hue bridge and a Home Assistant on the loopback."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.lamp_hosts import DIMMABLE, LIGHT, Bridge, Home
from tests.loopback import BRIDGE_SHA256, CANARY, bridge_tls, closed_port, standing
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app import lamps_found
from vigil.app.home import Shelf
from vigil.devices.nudgers import hue_setup
from vigil.devices.nudgers.lamp import FoundLamp
from vigil.web.lamp_searches import KEPT_MS, SEARCHES
from vigil.web.rooms import Rooms

HUE, HOME = "/devices/lamp/hue", "/devices/lamp/home_assistant"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    SEARCHES.forget()
    yield
    SEARCHES.forget()


@dataclass
class Up:
    """A stand-in and where it stands."""

    host: Any
    url: str


@pytest.fixture
def bridge() -> Iterator[Up]:
    host = Bridge()
    with standing(host.handle, bridge_tls()) as port:
        yield Up(host, f"https://127.0.0.1:{port}")


@pytest.fixture
def home() -> Iterator[Up]:
    host = Home()
    with standing(host.handle) as port:
        yield Up(host, f"http://127.0.0.1:{port}")


def lamp_kept(rooms: Rooms) -> dict[str, Any] | None:
    file = rooms.home.settings_file
    found: dict[str, Any] | None = tomllib.loads(file.read_text()).get("light") if file.exists() else None
    return found


def looked(visitor: Visitor, path: str, form: dict[str, str]) -> str:
    """What the page after looking shows."""
    answer = visitor.post(f"{path}/look", form)
    assert answer.status_code == 303, text_of(answer)
    assert answer.headers["location"] == f"{path}/found"
    return text_of(visitor.get(f"{path}/found"))


# -- Hue ---------------------------------------------------------------------------------------------------------------


def test_a_lamp_of_hue_is_chosen_by_its_name_after_the_button_was_pressed(
    bridge: Up, rooms: Rooms, sleeper: Visitor
) -> None:
    """The address without its scheme, the button, the list: no key and no id is typed."""
    told = looked(sleeper, HUE, {"url": bridge.url.removeprefix("https://")})
    assert "Press the round button on the bridge." in told
    early = sleeper.post(f"{HUE}/ask")
    assert early.status_code == 409
    assert "its button was not pressed just now. Nothing was changed." in text_of(early)
    assert lamp_kept(rooms) is None
    bridge.host.pressed = True
    assert sleeper.post(f"{HUE}/ask").headers["location"] == f"{HUE}/found"
    page = sleeper.get(f"{HUE}/found")
    assert "Bedside" in text_of(page)
    assert "Press the round button" not in text_of(page)
    assert lamp_kept(rooms) is None, "nothing is kept before a lamp is chosen"
    answer = sleeper.post(f"{HUE}/choose", {"lamp": LIGHT})
    assert answer.status_code == 303
    assert "Kept, from the next night on: Bedside." in text_of(sleeper.get(answer.headers["location"]))
    assert lamp_kept(rooms) == {
        "kind": "hue", "url": bridge.url, "key": CANARY, "light": LIGHT, "certificate": BRIDGE_SHA256
    }  # fmt: skip
    assert bridge.host.keys_given == 1
    assert bridge.host.puts == [], "nothing but the key is changed at the bridge"
    assert sleeper.get(f"{HUE}/found").headers["location"] == HUE, "what was found is let go"


def test_another_lamp_of_a_bridge_that_is_known_needs_no_button(bridge: Up, rooms: Rooms, sleeper: Visitor) -> None:
    other = {**bridge.host.light, "id": LIGHT.replace("6e1b", "7f2c"), "metadata": {"name": "Desk"}}
    bridge.host.others = [other]
    bridge.host.pressed = True
    looked(sleeper, HUE, {"url": bridge.url})
    sleeper.post(f"{HUE}/ask")
    sleeper.post(f"{HUE}/choose", {"lamp": LIGHT})
    assert bridge.url in sleeper.get(HUE).text
    looked(sleeper, HUE, {"url": bridge.url})
    assert f'value="{LIGHT}" checked' in sleeper.get(f"{HUE}/found").text
    sleeper.post(f"{HUE}/choose", {"lamp": other["id"]})
    kept = lamp_kept(rooms)
    assert kept is not None
    assert (kept["light"], kept["key"]) == (other["id"], CANARY)
    assert bridge.host.keys_given == 1


def test_a_bridge_that_knows_its_key_no_more_is_asked_for_a_new_one(bridge: Up, rooms: Rooms, sleeper: Visitor) -> None:
    """It was reset; and the certificate that is kept stays the only one that is believed."""
    rooms.home.settings_file.write_text(
        f'[light]\nkind = "hue"\nurl = "{bridge.url}"\nkey = "old"\n'
        f'light = "{LIGHT}"\ncertificate = "{BRIDGE_SHA256}"\n'
    )
    assert "Press the round button" in looked(sleeper, HUE, {"url": bridge.url})
    bridge.host.pressed = True
    sleeper.post(f"{HUE}/ask")
    sleeper.post(f"{HUE}/choose", {"lamp": LIGHT})
    kept = lamp_kept(rooms)
    assert kept is not None
    assert (kept["key"], kept["certificate"]) == (CANARY, BRIDGE_SHA256)


def test_the_certificate_of_the_first_step_is_the_only_one_that_is_believed_later(
    rooms: Rooms, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is refused for another one is held by `test_devices_lamp_setup.py`."""
    believed: list[str] = []

    async def new_key(url: str, certificate: str) -> str:
        believed.append(certificate)
        return CANARY

    async def lamps_of(url: str, key: str, certificate: str) -> tuple[FoundLamp, ...]:
        believed.append(certificate)
        return (FoundLamp(LIGHT, "Bedside"),)

    monkeypatch.setattr(hue_setup, "new_key", new_key)
    monkeypatch.setattr(hue_setup, "lamps_of", lamps_of)
    shown = iter(["ab" * 32])
    monkeypatch.setattr(lamps_found.way_to, "__defaults__", (lambda _: next(shown),))
    looked(sleeper, HUE, {"url": "https://192.168.1.20"})
    sleeper.post(f"{HUE}/ask")
    sleeper.post(f"{HUE}/choose", {"lamp": LIGHT})
    kept = lamp_kept(rooms)
    assert kept is not None
    assert [*believed, kept["certificate"]] == ["ab" * 32] * 3


def test_a_key_that_was_given_is_not_lost_where_the_list_fails(bridge: Up, sleeper: Visitor) -> None:
    looked(sleeper, HUE, {"url": bridge.url})
    bridge.host.pressed = True
    bridge.host.status = 503
    answer = sleeper.post(f"{HUE}/ask")
    assert answer.status_code == 409
    assert "The lamps could not be listed, and no lamp was changed." in text_of(answer)
    assert "Press the round button" not in text_of(answer)
    bridge.host.status, bridge.host.pressed = 0, False
    sleeper.post(f"{HUE}/ask")
    assert "Bedside" in text_of(sleeper.get(f"{HUE}/found"))
    assert bridge.host.keys_given == 1


# -- Home Assistant ----------------------------------------------------------------------------------------------------


def light(which: str, name: object, **more: object) -> dict[str, object]:
    return {"entity_id": which, "state": "off", "attributes": {"friendly_name": name, **DIMMABLE, **more}}


def test_a_lamp_of_home_assistant_is_chosen_by_its_name(home: Up, rooms: Rooms, sleeper: Visitor) -> None:
    """Only lamps, only those that can glow, by name; two of one name are told apart."""
    home.host.others = [
        light("light.zz", "Attic\u202e\nlamp"),
        light("light.hall", "Hall <b>"),
        light("light.hall_2", "Hall <b>"),
        light("light.no_name", None),
        light("light.plug", "A plug", supported_color_modes=["onoff"]),
        light("switch.fan", "A fan"),
        light("light.Bad Id", "A bad id"),
        "broken",
        {"entity_id": "light.bare"},
    ]
    told = looked(sleeper, HOME, {"url": home.url, "token": CANARY})
    names = ["Attic? lamp", "Bedside", "Hall <b> light.hall", "Hall <b> light.hall_2", "no name"]
    places = [told.index(name) for name in names]
    assert places == sorted(places)
    for absent in ("A plug", "A fan", "A bad id", "broken"):
        assert absent not in told
    assert "2 more cannot be dimmed or cannot come up slowly, and are not offered." in told
    answer = sleeper.post(f"{HOME}/choose", {"lamp": "light.hall_2"})
    assert "Kept, from the next night on: Hall <b>." in text_of(sleeper.get(answer.headers["location"]))
    assert lamp_kept(rooms) == {"kind": "home_assistant", "url": home.url, "token": CANARY, "entity": "light.hall_2"}
    assert home.host.calls == []


def test_the_token_that_is_kept_lists_lamps_of_its_own_address_only(home: Up, rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text(
        f'[light]\nkind = "home_assistant"\nurl = "{home.url}"\ntoken = "{CANARY}"\nentity = "light.bed"\n'
    )
    assert "Bedside" in looked(sleeper, HOME, {"url": home.url, "token": ""})
    answer = sleeper.post(f"{HOME}/look", {"url": f"http://localhost:{closed_port()}", "token": ""})
    assert answer.status_code == 409
    assert "the token of Home Assistant is empty" in text_of(answer).replace("The token", "the token")


def test_a_home_without_a_lamp_that_can_glow_is_said(home: Up, sleeper: Visitor) -> None:
    home.host.attributes = {}
    told = looked(sleeper, HOME, {"url": home.url, "token": CANARY})
    assert "No lamp was found there that can be dimmed and comes up slowly." in told
    assert "Use this lamp" not in told
    home.host.attributes = dict(DIMMABLE)
    sleeper.post(f"{HOME}/ask")
    assert "Use this lamp" in text_of(sleeper.get(f"{HOME}/found"))


def test_a_list_of_lamps_is_bounded(home: Up, sleeper: Visitor) -> None:
    """In number, and each name in length."""
    home.host.others = [light(f"light.n{number}", f"{number:04} " + "x" * 5_000) for number in range(600)]
    page = sleeper.post(f"{HOME}/look", {"url": home.url, "token": CANARY})
    assert page.status_code == 303
    page = sleeper.get(f"{HOME}/found")
    assert page.text.count('type="radio"') == lamps_found.MOST
    assert "401 of them are not shown" in text_of(page)
    assert "x" * 61 not in page.text


# -- what cannot be ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        (HUE, {"url": ""}, "must look like https://HOST"),
        (HUE, {"url": "http://192.168.1.20"}, "must look like https://HOST"),
        (HUE, {"url": "me:pw@home"}, "without name, password"),
        (HOME, {"url": "javascript:alert(1)", "token": CANARY}, "must look like http://HOST"),
        (HOME, {"url": "http://home/?x=1", "token": CANARY}, "must look like http://HOST"),
        (HOME, {"url": "http://home", "token": ""}, "the token of Home Assistant is empty"),
        (HOME, {"url": "http://home", "token": "two words"}, "please copy it once more"),
    ],
)
def test_what_cannot_be_an_address_or_a_token_is_said_and_nobody_is_asked(
    path: str, form: dict[str, str], said: str, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lamps_found, "lamps_by", lambda _: pytest.fail("somebody was asked"))
    monkeypatch.setattr(lamps_found.way_to, "__defaults__", (lambda _: pytest.fail("a bridge was asked"),))
    answer = sleeper.post(f"{path}/look", form)
    assert answer.status_code == 409
    assert said.casefold() in text_of(answer).casefold()
    assert CANARY not in answer.text
    assert "two words" not in answer.text


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(sleeper: Visitor) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=302, headers={"location": "/elsewhere"})

    with standing(elsewhere) as port:
        answer = sleeper.post(f"{HOME}/look", {"url": f"http://127.0.0.1:{port}", "token": CANARY})
    assert answer.status_code == 409
    assert "pointed elsewhere, which is not followed" in text_of(answer)
    assert asked == ["/api/states"]


@pytest.mark.parametrize("form", [{}, {"lamp": ""}, {"lamp": "light.made_up"}, {"lamp": "../x"}])
def test_only_a_lamp_that_was_shown_is_chosen(form: dict[str, str], home: Up, rooms: Rooms, sleeper: Visitor) -> None:
    looked(sleeper, HOME, {"url": home.url, "token": CANARY})
    answer = sleeper.post(f"{HOME}/choose", form)
    assert answer.status_code == 409
    assert "Choose one of these lamps first. Nothing was changed." in text_of(answer)
    assert lamp_kept(rooms) is None


def test_what_was_found_is_let_go_after_some_minutes_and_is_nobody_elses(
    home: Up, rooms: Rooms, sleeper: Visitor, now: Now
) -> None:
    """Another session, another kind, a clock that went on or back: the form again, and that it is over."""
    looked(sleeper, HOME, {"url": home.url, "token": CANARY})
    other = Visitor.inside(rooms)
    assert other.get(f"{HOME}/found").status_code == 303
    assert sleeper.get(f"{HUE}/found").status_code == 303
    now.ms += KEPT_MS - 1
    assert "Bedside" in text_of(sleeper.get(f"{HOME}/found"))
    now.ms += 1
    for path in (f"{HOME}/ask", f"{HOME}/choose"):
        answer = sleeper.post(path, {"lamp": "light.bed"})
        assert answer.status_code == 409
        assert "is gone. Nothing was changed. Please begin again." in text_of(answer)
    assert lamp_kept(rooms) is None
    assert SEARCHES._kept is None


def test_one_question_at_a_time(home: Up, sleeper: Visitor) -> None:
    with SEARCHES.asking():
        answer = sleeper.post(f"{HOME}/look", {"url": home.url, "token": CANARY})
    assert answer.status_code == 503
    assert "asking for lamps already" in text_of(answer)
    assert "Bedside" in looked(sleeper, HOME, {"url": home.url, "token": CANARY})


def test_no_secret_is_seen_while_lamps_are_looked_for(
    bridge: Up, home: Up, sleeper: Visitor, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """On no page, in no address, in no log, and in no file before a lamp is chosen."""
    caplog.set_level(logging.DEBUG)
    bridge.host.pressed = True
    answers = [
        sleeper.post(f"{HUE}/look", {"url": bridge.url}),
        sleeper.post(f"{HUE}/ask"),
        sleeper.get(f"{HUE}/found"),
        sleeper.post(f"{HUE}/choose", {"lamp": ""}),
        sleeper.post(f"{HOME}/look", {"url": home.url, "token": CANARY}),
        sleeper.get(f"{HOME}/found"),
        sleeper.post(f"{HOME}/ask"),
        sleeper.post(f"{HOME}/look", {"url": f"http://127.0.0.1:{closed_port()}", "token": CANARY}),
        sleeper.get(HOME),
    ]
    for answer in answers:
        assert CANARY not in answer.text + answer.headers.get("location", "")
    assert CANARY not in caplog.text
    assert CANARY not in repr(SEARCHES._kept)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()] == []


def test_everything_erased_is_a_search_forgotten(home: Up, sleeper: Visitor) -> None:
    looked(sleeper, HOME, {"url": home.url, "token": CANARY})
    assert SEARCHES._kept is not None
    assert sleeper.post("/data/erase/all", {"spoken": "erase everything"}).status_code == 200
    assert SEARCHES._kept is None


def test_for_an_invented_sleeper_nobody_in_this_house_is_asked(home: Up, tmp_path: Path, now: Now) -> None:
    visitor = Visitor.inside(rooms_in(tmp_path, now, Shelf.DEMO))
    for step in ("look", "ask", "choose"):
        answer = visitor.post(f"{HOME}/{step}", {"url": home.url, "token": CANARY})
        assert answer.status_code == 409
        assert "This sleeper is invented" in text_of(answer)
    assert visitor.get(f"{HOME}/found").headers["location"] == HOME
