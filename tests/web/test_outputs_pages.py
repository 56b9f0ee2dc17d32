"""A loudspeaker and a lamp chosen on pages: held to what a file is held to, and no secret shown again."""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path

import pytest

from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app import choosing
from vigil.app.choosing import Found
from vigil.app.home import Shelf
from vigil.app.outputs import read_choices
from vigil.domain.errors import DeviceError
from vigil.web.pages import outputs
from vigil.web.rooms import Rooms

UNSEEN = "A knob on the loudspeaker or headset itself is not seen."
BEDSIDE = Found("pactl:usb.bed/out", "The <b>bedside</b>", 40, muted=False, unseen=UNSEEN)
CURTAIN = Found("pactl:usb.bed/headset", "A headset", None, muted=True, unseen=UNSEEN)

TOKEN = "ey-very-secret"
KEY = "hue-very-secret"
LIGHT_ID = "3f1b2c4d-0000-4a5b-8c6d-1234567890ab"
FINGERPRINT = "ab" * 32

HOME_ASSISTANT = {"url": "http://homeassistant.local:8123/", "token": TOKEN, "entity": "light.bed"}
HUE = {"url": "https://192.168.1.20", "key": KEY, "light": LIGHT_ID}

COMMENTED = """# mine
nudging = true   # as agreed with Dr B.

# by the bed
[light]
kind = "hue"
url = "https://192.168.1.9"   # the old bridge
key = "an-old-key"
light = "00000000-0000-4000-8000-000000000000"
any_certificate = true

# few
[caps]
per_hour = 2
"""


@pytest.fixture
def speakers(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """The loudspeaker that this computer plays on: the last of them."""
    found = [BEDSIDE]

    def speaker() -> Found:
        if not found:
            message = "No loudspeaker was found that Vigil can check."
            raise DeviceError(message)
        return found[-1]

    monkeypatch.setattr(outputs, "speaker_found", speaker)
    return found


@pytest.fixture(autouse=True)
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where a certificate was asked for."""
    urls: list[str] = []

    def shown(url: str) -> str:
        urls.append(url)
        return FINGERPRINT

    monkeypatch.setattr(choosing.choose_lamp, "__defaults__", (shown,))
    return urls


def file_of(rooms: Rooms) -> str:
    return rooms.home.settings_file.read_text() if rooms.home.settings_file.exists() else ""


def told_after(visitor: Visitor, path: str, form: dict[str, str] | None = None) -> str:
    """What the next page says after something was done."""
    answer = visitor.post(path, form or {})
    assert answer.status_code == 303, text_of(answer)
    return text_of(visitor.get(answer.headers["location"]))


# -- a loudspeaker -----------------------------------------------------------------------------------------------------


def test_the_loudspeaker_that_was_found_is_shown_and_chosen(
    speakers: list[Found], rooms: Rooms, sleeper: Visitor
) -> None:
    assert 'href="/devices/sound"' in sleeper.get("/devices").text
    page = sleeper.get("/devices/sound")
    told = text_of(page)
    assert "The <b>bedside</b>" in told
    assert "<b>bedside" not in page.text
    assert "turned up to 40 % now" in told
    assert UNSEEN in told
    assert "only if nobody else is woken" in told
    told = told_after(sleeper, "/devices/sound", {"device": BEDSIDE.device, "ceiling": "45"})
    assert "Try it now, by day and awake." in told
    assert "at most at 45 % of its volume" in told
    assert tomllib.loads(file_of(rooms)) == {"sound": {"device": BEDSIDE.device, "ceiling_percent": 45}}
    assert rooms.home.settings_file.stat().st_mode & 0o777 == 0o600


def test_the_loudspeaker_is_done_without(speakers: list[Found], rooms: Rooms, sleeper: Visitor) -> None:
    sleeper.post("/devices/sound", {"device": BEDSIDE.device, "ceiling": "45"})
    assert "It is not used any more" in told_after(sleeper, "/devices/sound/forget")
    assert read_choices(rooms.home.settings_file).sound is None
    assert told_after(sleeper, "/devices/sound/forget").count("It is not used any more, from") == 0


@pytest.mark.parametrize("typed", ["0", "101", "", "loud", "-5", "5.5", "\u0663", "1" * 40, "<b>"])
def test_a_ceiling_out_of_bounds_is_said_and_stays_in_its_field(
    typed: str, speakers: list[Found], rooms: Rooms, sleeper: Visitor
) -> None:
    answer = sleeper.post("/devices/sound", {"device": BEDSIDE.device, "ceiling": typed})
    assert answer.status_code == 409
    assert "choose 1 to 100. Nothing was changed." in text_of(answer)
    assert f'name="ceiling" value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text
    assert file_of(rooms) == ""


def test_another_loudspeaker_than_was_looked_at_is_not_chosen(
    speakers: list[Found], rooms: Rooms, sleeper: Visitor
) -> None:
    """A headset was put in meanwhile; what somebody makes up is no loudspeaker either."""
    speakers.append(CURTAIN)
    for device in (BEDSIDE.device, "pactl:made.up", ""):
        answer = sleeper.post("/devices/sound", {"device": device, "ceiling": "60"})
        assert answer.status_code == 409
        assert "plays on another loudspeaker by now" in text_of(answer)
        assert "A headset" in text_of(answer)
    assert file_of(rooms) == ""


def test_the_one_that_sounds_now_is_compared_with_the_one_that_was_chosen(
    speakers: list[Found], sleeper: Visitor
) -> None:
    sleeper.post("/devices/sound", {"device": BEDSIDE.device, "ceiling": "60"})
    assert "another one than you chose" not in text_of(sleeper.get("/devices/sound"))
    speakers.append(CURTAIN)
    told = text_of(sleeper.get("/devices/sound"))
    assert "another one than you chose" in told
    assert "It is muted now." in told


def test_where_no_loudspeaker_can_be_checked_that_is_said(
    speakers: list[Found], rooms: Rooms, sleeper: Visitor
) -> None:
    speakers.clear()
    told = text_of(sleeper.get("/devices/sound"))
    assert "No loudspeaker was found that Vigil can check." in told
    assert "Use this loudspeaker" not in told
    sleeper.post("/devices/sound", {"device": BEDSIDE.device, "ceiling": "60"})
    assert file_of(rooms) == ""


def test_a_recording_in_the_settings_is_kept_or_left_as_chosen(
    speakers: list[Found], rooms: Rooms, sleeper: Visitor
) -> None:
    rooms.home.settings_file.write_text('[sound]\ndevice = "pactl:old"\nvoice = "/home/me/voices/hush.wav"\n')
    page = sleeper.get("/devices/sound")
    assert "Your recording, hush.wav" in text_of(page)
    assert "/home/me" not in page.text
    form = {"device": BEDSIDE.device, "ceiling": "60"}
    sleeper.post("/devices/sound", form | {"what": "voice"})
    assert tomllib.loads(file_of(rooms))["sound"]["voice"] == "/home/me/voices/hush.wav"
    sleeper.post("/devices/sound", form | {"what": "tones"})
    assert "voice" not in tomllib.loads(file_of(rooms))["sound"]


# -- a lamp ------------------------------------------------------------------------------------------------------------


def test_a_lamp_of_home_assistant_is_chosen_and_tried_next(rooms: Rooms, sleeper: Visitor) -> None:
    assert 'href="/devices/lamp/home_assistant"' in sleeper.get("/devices/lamp").text
    told = told_after(sleeper, "/devices/lamp/home_assistant", HOME_ASSISTANT)
    assert "By Home Assistant: light.bed." in told
    assert "It is not among the ways you chose" in told
    assert 'href="/devices/nudge">Try it' in sleeper.get("/devices").text
    assert "Begin with the softest" in text_of(sleeper.get("/devices/nudge"))
    assert tomllib.loads(file_of(rooms))["light"] == {"kind": "home_assistant", **HOME_ASSISTANT}


def test_a_bridge_of_hue_is_believed_by_the_certificate_it_showed(
    asked_for: list[str], rooms: Rooms, sleeper: Visitor
) -> None:
    told_after(sleeper, "/devices/lamp/hue", HUE)
    assert asked_for == [HUE["url"]]
    assert tomllib.loads(file_of(rooms))["light"] == {"kind": "hue", **HUE, "certificate": FINGERPRINT}
    told_after(sleeper, "/devices/lamp/hue", HUE | {"key": ""})
    assert asked_for == [HUE["url"]], "the same bridge is not asked again: another certificate would be believed"


def test_a_bridge_that_does_not_answer_is_said(rooms: Rooms, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(url: str) -> str:
        message = f"nothing answered at {url}; no certificate was read"
        raise DeviceError(message)

    monkeypatch.setattr(choosing.choose_lamp, "__defaults__", (silent,))
    answer = sleeper.post("/devices/lamp/hue", HUE)
    assert answer.status_code == 409
    assert "Nothing answered at https://192.168.1.20; no certificate was read. Nothing was changed." in text_of(answer)
    assert f'name="light" value="{LIGHT_ID}"' in answer.text
    assert KEY not in answer.text
    assert file_of(rooms) == ""


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("home_assistant", {"url": "homeassistant.local"}, "must look like http://HOST or https://HOST"),
        ("home_assistant", {"url": f"http://me:{TOKEN}@home"}, "without name, password"),
        ("home_assistant", {"url": "javascript:alert(1)"}, "must look like"),
        ("home_assistant", {"token": ""}, "the token of Home Assistant is empty"),
        ("home_assistant", {"token": "two words"}, "please copy it once more"),
        ("home_assistant", {"entity": "switch.bed"}, "must be named like light.bed"),
        ("hue", {"url": "http://192.168.1.20"}, "must look like https://HOST"),
        ("hue", {"key": ""}, "the key of the Hue bridge is empty"),
        ("hue", {"light": "3"}, "must be named by its id"),
    ],
)
def test_what_cannot_be_is_said_in_plain_words_at_the_form(
    kind: str, wrong: dict[str, str], said: str, asked_for: list[str], rooms: Rooms, sleeper: Visitor
) -> None:
    """The fields keep what was typed, but for the secret; no bridge is asked before the rest can be right."""
    right = HOME_ASSISTANT if kind == "home_assistant" else HUE
    answer = sleeper.post(f"/devices/lamp/{kind}", right | wrong)
    assert answer.status_code == 409
    told = text_of(answer)
    assert said.casefold() in told.casefold()
    assert "Nothing was changed." in told
    assert "[light]" not in told
    assert "nothing was started" not in told
    for name, value in (right | wrong).items():
        if name not in {"token", "key"}:
            assert f'name="{name}" value="{value}"' in answer.text
    assert answer.text.count("secret") <= wrong.get("url", "").count("secret"), "only what stands in the address again"
    assert asked_for == []
    assert file_of(rooms) == ""


def test_a_secret_is_never_seen_again(
    rooms: Rooms, sleeper: Visitor, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """On no page, in no address, in no log, and in no file but the settings, which only their owner can read."""
    caplog.set_level(logging.DEBUG)
    answer = sleeper.post("/devices/lamp/home_assistant", HOME_ASSISTANT)
    pages = ["/devices", "/devices/lamp", "/devices/lamp/home_assistant", "/devices/lamp/hue", "/devices/nudge"]
    for path in (*pages, "/settings", answer.headers["location"]):
        assert TOKEN not in sleeper.get(path).text
    assert TOKEN not in answer.headers["location"]
    assert TOKEN not in caplog.text
    holding = [path.name for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert holding == ["settings.toml"]
    assert rooms.home.settings_file.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_is_kept_need_not_be_typed_again_but_goes_to_no_other_address(
    rooms: Rooms, sleeper: Visitor
) -> None:
    """Whoever sits at an open page cannot send the token elsewhere."""
    sleeper.post("/devices/lamp/home_assistant", HOME_ASSISTANT)
    assert "One is kept for this address." in text_of(sleeper.get("/devices/lamp/home_assistant"))
    told_after(sleeper, "/devices/lamp/home_assistant", HOME_ASSISTANT | {"token": "", "entity": "light.desk"})
    light = tomllib.loads(file_of(rooms))["light"]
    assert (light["token"], light["entity"]) == (TOKEN, "light.desk")
    before = file_of(rooms)
    answer = sleeper.post("/devices/lamp/home_assistant", HOME_ASSISTANT | {"token": "", "url": "https://evil.example"})
    assert answer.status_code == 409
    assert "the token of Home Assistant is empty" in text_of(answer).replace("The token", "the token")
    assert file_of(rooms) == before


def test_what_a_hand_wrote_for_the_same_bridge_stays(asked_for: list[str], rooms: Rooms, sleeper: Visitor) -> None:
    """A certificate that was allowed by hand goes with its address, and with no other."""
    rooms.home.settings_file.write_text(COMMENTED)
    told_after(sleeper, "/devices/lamp/hue", {"url": "https://192.168.1.9", "key": "", "light": LIGHT_ID})
    light = tomllib.loads(file_of(rooms))["light"]
    assert (light["any_certificate"], light["light"], light["key"]) == (True, LIGHT_ID, "an-old-key")
    assert 'url = "https://192.168.1.9"   # the old bridge' in file_of(rooms)
    told_after(sleeper, "/devices/lamp/hue", HUE)
    light = tomllib.loads(file_of(rooms))["light"]
    assert "any_certificate" not in light
    assert asked_for == [HUE["url"]]


@pytest.mark.parametrize("path", ["/devices/lamp/forget", "/devices/lamp/home_assistant"])
def test_the_rest_of_the_file_stays_as_it_is(path: str, rooms: Rooms, sleeper: Visitor) -> None:
    """Comments, other keys, what was agreed: another kind of lamp, or none, touches the lamp alone."""
    rooms.home.settings_file.write_text(COMMENTED)
    told_after(sleeper, path, HOME_ASSISTANT)
    text = file_of(rooms)
    assert text.startswith("# mine\nnudging = true   # as agreed with Dr B.\n\n# by the bed\n")
    assert text.endswith("\n# few\n[caps]\nper_hour = 2\n")
    for gone in ("an-old-key", "192.168.1.9", "any_certificate"):
        assert gone not in text
    assert ("light" in tomllib.loads(text)) == path.endswith("assistant")


def test_a_lamp_over_mqtt_is_shown_and_done_without(rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text(
        '[light]\nkind = "mqtt"\nhost = "h"\nlamp = "desk"\nusername = "u"\npassword = "pw-1"\n'
    )
    page = sleeper.get("/devices/lamp")
    assert "By MQTT: desk." in text_of(page)
    assert "pw-1" not in page.text
    assert sleeper.get("/devices/lamp/mqtt").status_code == 404
    assert sleeper.post("/devices/lamp/mqtt", HUE).status_code == 404
    told_after(sleeper, "/devices/lamp/forget")
    assert file_of(rooms) == ""


@pytest.mark.parametrize("text", ["nudging = [", "light = 3\n"])
def test_a_file_that_cannot_be_used_is_said_and_left(text: str, rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text(text)
    answer = sleeper.post("/devices/lamp/home_assistant", HOME_ASSISTANT)
    assert answer.status_code == 409
    assert "cannot be changed as settings" in text_of(answer)
    assert file_of(rooms) == text


def test_a_disk_that_refuses_is_said_with_what_was_typed(
    speakers: list[Found], rooms: Rooms, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms.home.settings_file.write_text(COMMENTED)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vigil.app.settings_writer.write_private", full)
    lamp = sleeper.post("/devices/lamp/home_assistant", HOME_ASSISTANT)
    sound = sleeper.post("/devices/sound", {"device": BEDSIDE.device, "ceiling": "33"})
    none = sleeper.post("/devices/lamp/forget")
    for answer in (lamp, sound, none):
        assert answer.status_code == 409
        assert "No space left on device. Nothing was changed." in text_of(answer)
    assert 'value="light.bed"' in lamp.text
    assert 'value="33"' in sound.text
    assert file_of(rooms) == COMMENTED


# -- nothing of this house for an invented sleeper ---------------------------------------------------------------------


def test_for_an_invented_sleeper_nothing_of_this_house_is_looked_for_or_kept(
    speakers: list[Found], tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked() -> Found:
        pytest.fail("a loudspeaker of this house was looked for")

    monkeypatch.setattr(outputs, "speaker_found", looked)
    visitor = Visitor.inside(rooms_in(tmp_path, now, Shelf.DEMO))
    forms = {
        "/devices/sound": {"device": BEDSIDE.device, "ceiling": "60"},
        "/devices/sound/forget": {},
        "/devices/lamp/home_assistant": HOME_ASSISTANT,
        "/devices/lamp/hue": HUE,
        "/devices/lamp/forget": {},
    }
    for path, form in forms.items():
        answer = visitor.post(path, form)
        assert answer.status_code == 409
        assert "This sleeper is invented" in text_of(answer)
    for path in ("/devices/sound", "/devices/lamp", "/devices/lamp/hue"):
        page = visitor.get(path)
        assert "This sleeper is invented" in text_of(page)
        assert "<form" not in page.text.partition("<main")[2].partition("</main")[0]
    assert not (tmp_path / "settings.toml").exists()
