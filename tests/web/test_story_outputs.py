"""A loudspeaker and a lamp chosen in a real browser on a small phone: by touch, from the first evening to *Try it*."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.interviews import CALM
from tests.lamp_hosts import LIGHT, Bridge
from tests.loopback import bridge_tls, standing
from tests.web.browser import SMALL, Visit, needs_a_browser, served, visiting
from vigil.app.choosing import Found
from vigil.app.setup_file import write_answers
from vigil.interview.interview import Interview
from vigil.web.pages import outputs

pytestmark = needs_a_browser

TOKEN = "ey-very-secret"
SPEAKER = Found("pactl:usb.bed/out", "Built-in Audio Analog Stereo", 40, muted=False, unseen="A knob is not seen.")


@pytest.fixture
def phone(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    monkeypatch.setattr(outputs, "speaker_found", lambda: SPEAKER)
    (tmp_path / "settings.toml").write_text('# mine\n[sound]\ndevice = "pactl:old"\nvoice = "/home/me/hush.wav"\n')
    with served(tmp_path) as where, visiting(browser, where, SMALL, has_touch=True, is_mobile=True) as made:
        answers = {name: tuple(value) if isinstance(value, list) else str(value) for name, value in CALM.items()}
        write_answers(where.rooms.home.setup_file, Interview(answers))
        yield made


def looked_at(visit: Visit) -> None:
    """Nothing for axe to find, and nothing wider than the phone; a refusal is no error of the browser's."""
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    page.set_viewport_size({"width": SMALL["width"], "height": 4_000})
    visit.errors[:] = [said for said in visit.errors if "409" not in said]
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size(SMALL)


def kept(visit: Visit) -> dict[str, object]:
    return tomllib.loads(visit.served.rooms.home.settings_file.read_text())


def said(page: Page) -> str:
    return page.get_by_role("status").first.inner_text()


def test_what_the_first_evening_asks_for_is_chosen_and_done_without(phone: Visit) -> None:
    """The note of the evening leads here; what is wrong is said at the form, and the token is typed once more."""
    page = phone.open("/evening/end?after=outputs")
    page.get_by_role("link", name="Choose a loudspeaker").first.tap()
    assert page.get_by_label("Your recording, hush.wav").is_checked()
    assert "It is another one than you chose" in page.locator("main").inner_text()
    page.get_by_label("Soft tones").tap()
    page.get_by_label("How far it may be turned up").fill("0")
    page.get_by_role("button", name="Use this loudspeaker").tap()
    assert "choose 1 to 100" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Soft tones").is_checked()
    looked_at(phone)
    page.get_by_label("How far it may be turned up").fill("45")
    page.get_by_role("button", name="Use this loudspeaker").tap()
    page.wait_for_url("**/devices?told=*")
    assert "Kept, from the next night on." in said(page)
    assert kept(phone) == {"sound": {"device": SPEAKER.device, "ceiling_percent": 45}}
    page.get_by_role("link", name="Choose a lamp").tap()
    page.wait_for_url("**/devices/lamp")
    looked_at(phone)
    page.get_by_role("link", name="Home Assistant").tap()
    page.get_by_text("Type the lamp's entity instead").tap()
    typed = page.get_by_role("group").filter(has=page.get_by_role("button", name="Use this lamp"))
    typed.get_by_label("Address of Home Assistant").fill("homeassistant.local")
    typed.get_by_label("Token").fill(TOKEN)
    typed.get_by_label("The lamp's entity").fill("light.bed")
    typed.get_by_role("button", name="Use this lamp").tap()
    assert "must look like http://HOST" in page.get_by_role("alert").inner_text()
    assert typed.get_by_label("Address of Home Assistant").input_value() == "homeassistant.local"
    assert typed.get_by_label("Token").input_value() == ""
    looked_at(phone)
    typed.get_by_label("Address of Home Assistant").fill("http://homeassistant.local:8123")
    typed.get_by_label("Token").fill(TOKEN)
    typed.get_by_role("button", name="Use this lamp").tap()
    page.wait_for_url("**/devices?told=*")
    looked_at(phone)
    assert TOKEN not in page.content()
    lamp = page.get_by_role("region", name="A lamp that slowly lights")
    assert "By Home Assistant: light.bed." in lamp.inner_text()
    lamp.get_by_text("Not any more").tap()
    lamp.get_by_role("button", name="Yes, do without it").tap()
    page.get_by_role("link", name="Choose a lamp").wait_for()
    assert set(kept(phone)) == {"sound"}
    page.get_by_role("link", name="Try it").tap()
    page.get_by_role("button", name="Begin with the softest").wait_for()
    assert phone.served.rooms.home.settings_file.read_text().startswith("# mine\n[sound]\n")


def test_a_lamp_of_a_bridge_is_chosen_by_its_button_and_its_name(phone: Visit) -> None:
    """The address, the round button, a name: no key and no id is typed or seen."""
    bridge = Bridge()
    bridge.others = [{**bridge.light, "id": LIGHT.replace("6e", "7f"), "metadata": {"name": "W" * 60}}]
    with standing(bridge.handle, bridge_tls()) as port:
        page = phone.open("/devices/lamp/hue")
        page.get_by_label("Address of the bridge").first.fill(f"127.0.0.1:{port}")
        page.get_by_role("button", name="Look for lamps").tap()
        page.get_by_role("button", name="I pressed it").tap()
        assert "was not pressed just now" in page.get_by_role("alert").inner_text()
        looked_at(phone)
        bridge.pressed = True
        page.get_by_role("button", name="I pressed it").tap()
        page.get_by_role("button", name="Use this lamp").tap()
        assert "Choose one of these lamps first." in page.get_by_role("alert").inner_text()
        looked_at(phone)
        page.get_by_label("Bedside").tap()
        page.get_by_role("button", name="Use this lamp").tap()
        page.wait_for_url("**/devices?told=*")
    assert "Kept, from the next night on: Bedside." in said(page)
    light = kept(phone)["light"]
    assert isinstance(light, dict)
    assert light["light"] == LIGHT
    assert light["key"] not in page.content()
