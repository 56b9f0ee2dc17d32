"""The first evening in a real browser: from an empty home by touch, by keyboard alone, and a strap paired."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.interviews import CALM
from tests.web.browser import DESK, PHONE, Served, Visit, needs_a_browser, served, visiting
from vigil.app.pairing import Near
from vigil.app.pairing import listen as listened
from vigil.app.wearables_file import read_wearables
from vigil.devices.ble_link import Backends, Seen, scan
from vigil.devices.packets.contract import Heard
from vigil.devices.virtual.air import Air
from vigil.devices.virtual.model import Identity
from vigil.devices.virtual.strap import StrapModel
from vigil.run.virtual_loop import run_virtual
from vigil.web.pages import devices
from vigil.web.pairing_runs import Pairings

pytestmark = needs_a_browser

STRAP = "F0:00:00:00:00:01"


class VirtualRadio:
    """A strap on the virtual air, heard through bleak's own classes; seconds pass at the speed of the processor."""

    def scan(self, seconds: float) -> list[Seen]:
        async def run() -> list[Seen]:
            air = await _air()
            try:
                return await scan(seconds, air.scanner)
            finally:
                await air.close()

        return run_virtual(run())

    def listen(self, near: Near, seconds: float, hear: Callable[[Heard], bool]) -> None:
        async def run() -> None:
            air = await _air()
            try:
                await listened(near, seconds, hear, Backends(air.scanner, air.client))
            finally:
                await asyncio.sleep(10.0)  # an air that is closed while a link breaks would never be
                await air.close()

        run_virtual(run())


async def _air() -> Air:
    air = Air()
    await air.add(StrapModel(Identity(STRAP, b"Polar H10 <b>1")))
    return air


@pytest.fixture
def where(browser: Browser, tmp_path: Path) -> Iterator[Served]:
    del browser  # comes first, as in every module with one
    with served(tmp_path) as found:
        yield found


@pytest.fixture
def phone(browser: Browser, where: Served) -> Iterator[Visit]:
    with visiting(browser, where, PHONE, has_touch=True, is_mobile=True) as made:
        yield made


@pytest.fixture
def desk(browser: Browser, where: Served) -> Iterator[Visit]:
    with visiting(browser, where, DESK) as made:
        yield made


def answers_in(where: Served) -> object:
    return json.loads(where.rooms.home.setup_file.read_text())["answers"]


def test_from_an_empty_home_by_touch(phone: Visit) -> None:
    """Told at tonight, asked one by one, kept as it goes; a way back, and whom to call from in between."""
    page = phone.page
    page.get_by_role("link", name="The first evening").tap()
    page.get_by_role("link", name="Begin").tap()
    page.get_by_role("button", name="a Bangle.js or PineTime watch").tap()
    assert "it can buzz" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Back").tap()
    assert "what you said before" in page.get_by_role("button", name="a Bangle.js").inner_text()
    page.get_by_role("link", name="Leave it as it is").tap()
    page.get_by_role("button", name="nudge me, as gently as works").tap()
    for _ in range(2):
        page.get_by_label("none of these").tap()
        page.get_by_role("button", name="Keep this").tap()
    page.get_by_label("Choose from the list").select_option("Germany")
    page.get_by_role("button", name="Keep this").tap()
    page.get_by_role("link", name="Help, now").tap()
    page.get_by_role("heading", name="Help, now").wait_for()
    page.go_back()
    page.get_by_label("One on each line").fill("Ana 0123\nBen")
    page.get_by_role("button", name="Keep this").tap()
    page.get_by_role("button", name="Yes", exact=True).tap()
    page.get_by_role("heading", name="Please talk to someone now:").wait_for()
    assert page.locator('a[href="tel:112"]').first.is_visible()
    page.get_by_role("link", name="No, leave it as it is").tap()
    page.wait_for_url("**/evening/bed_time")
    page.go_back()
    assert page.locator('a[href="tel:112"]').first.is_visible()
    page.get_by_role("link", name="No, leave it as it is").tap()
    for time in ("23:00", "07:00"):
        page.get_by_label("A time, such as 23:15").fill(time)
        page.get_by_role("button", name="Keep this").tap()
    page.get_by_role("button", name="nobody").tap()
    page.get_by_role("button", name="a buzz on the wrist").tap()
    page.get_by_role("button", name="a soft sound").tap()
    page.get_by_role("button", name="That is all").tap()
    page.get_by_role("button", name="tell me in the morning").tap()
    page.get_by_role("heading", name="That is all for now").wait_for()
    assert answers_in(phone.served) == CALM
    page.locator("main").get_by_role("link", name="Tonight").tap()
    page.wait_for_url("**/tonight")
    assert "does not know you yet" not in page.locator("main").inner_text()


def by_key(page: Page, name: str, most: int = 60) -> None:
    """Tab until what has this name is reached."""
    for _ in range(most):
        page.keyboard.press("Tab")
        words = page.evaluate(
            "(e => (e.labels && e.labels.length ? e.labels[0].innerText : e.innerText).trim())(document.activeElement)"
        )
        if words.startswith(name):
            return
    pytest.fail(f"{name} cannot be reached by keys")


def pressed(page: Page, name: str, key: str = "Enter") -> None:
    by_key(page, name)
    with page.expect_navigation():
        page.keyboard.press(key)


def test_by_keyboard_alone(desk: Visit) -> None:
    """Every kind of question answered with keys, nothing with a finger or a mouse."""
    page = desk.page
    pressed(page, "The first evening")
    pressed(page, "Begin")
    for name in ("A Bangle.js", "Nudge me"):
        pressed(page, name)
    for _ in range(2):
        by_key(page, "None of these")
        page.keyboard.press("Space")
        pressed(page, "Keep this")
    by_key(page, "Choose from the list")
    page.keyboard.type("Germany")
    pressed(page, "Keep this")
    by_key(page, "One on each line")
    page.keyboard.type("Ana 0123")
    page.keyboard.press("Enter")
    page.keyboard.type("Ben")
    pressed(page, "Keep this")
    pressed(page, "No")
    for time, halves in (("23:00", "1100PM"), ("07:00", "0700AM")):
        by_key(page, "A time, such as")
        page.keyboard.type(halves)
        if page.get_by_label("A time, such as").input_value() != time:  # a browser that counts 24 hours
            for _ in range(3):
                page.keyboard.press("ArrowLeft")
            page.keyboard.type(time.replace(":", ""))
        pressed(page, "Keep this")
    pressed(page, "Nobody")
    pressed(page, "A buzz on the wrist")
    pressed(page, "A soft sound")
    pressed(page, "That is all")
    pressed(page, "Tell me in the morning")
    page.get_by_role("heading", name="That is all for now").wait_for()
    assert answers_in(desk.served) == CALM


def test_a_strap_is_paired_over_the_virtual_air(phone: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listened for, chosen, named, tried, remembered; the pages follow by themselves."""
    monkeypatch.setattr(devices, "PAIRINGS", Pairings(VirtualRadio))
    page = phone.open("/devices")
    page.get_by_role("link", name="Pair a wearable").first.tap()
    page.get_by_role("button", name="Listen around").tap()
    page.get_by_role("button", name="This one is mine").tap()
    assert page.get_by_label("What you call it").input_value() == "Polar H10 <b>1"
    page.get_by_label("What you call it").fill("The strap")
    page.get_by_role("button", name="Connect and listen").tap()
    page.get_by_role("button", name="Remember it").wait_for()
    assert "Heart rate:" in page.locator("main").inner_text()
    page.get_by_role("button", name="Remember it").tap()
    page.get_by_role("heading", name="The strap").wait_for()
    sensor = read_wearables(phone.served.rooms.home).sensor
    assert sensor is not None
    assert (sensor.key, sensor.address, sensor.name) == ("polar-h10", STRAP, "The strap")
