"""A night watched live at speed, in a real browser beside a real night process: three in the morning, and after."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.begun import Processes
from tests.web.browser import PHONE, Served, Visit, needs_a_browser, served, visiting
from vigil.app.arming import HOLD_NAME
from vigil.app.home import Home, Shelf
from vigil.app.wiring import reading
from vigil.domain.records import Mark, Marked
from vigil.store.hold import read_hold
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights

pytestmark = [needs_a_browser, pytest.mark.timeout(240)]

SRC = Path(__file__).resolve().parents[2] / "src"
PATIENCE_MS = 60_000

BEGINS = re.compile("Vigil is getting ready|Watching since")
"""What a page says once its night was asked for; on a quick computer the first is over before it is read."""


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def night_in(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A simulated sleeper's night: a minute of it in a second."""
    words = ["watch", "--source", "synthetic", "--speed", "60", "--hours", "8", "--alone", "--quiet"]
    process = subprocess.Popen(
        [sys.executable, "-m", "vigil.app.cli", *words],
        env={**os.environ, "PYTHONPATH": str(SRC), "VIGIL_HOME": str(folder), "TERM": "dumb"},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(60)


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, wall_ms, Shelf.DEMO) as found:  # type: ignore[arg-type]  # the real clock in place of a still one
        yield found


@pytest.fixture
def visit(browser: Browser, where: Served) -> Iterator[Visit]:
    with visiting(browser, where, PHONE, has_touch=True, is_mobile=True) as made:
        yield made


def held(folder: Path) -> bool:
    return read_hold(folder / "demo" / HOLD_NAME).held


def until(come_true: Callable[[], object]) -> None:
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE_MS / 1000
    while not come_true():
        assert time.monotonic() < deadline, "it did not come true"
        pause.wait(0.05)


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).tap()


def test_a_night(visit: Visit, where: Served, tmp_path: Path) -> None:
    page = visit.open("/tonight")
    expect(page.get_by_text("No night is being watched.")).to_be_visible()
    with night_in(tmp_path) as process:
        # The page notices by itself that the night has begun, and that the wearable is heard.
        expect(page.get_by_text("Watching since")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("Your wearable is heard.")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("Look again")).to_be_hidden()
        # An invented night's clock stands open; folded away and wanted again, it goes on.
        clock = page.locator("#clock-lines p").first
        expect(clock).to_be_visible()
        page.get_by_text("Clock and sleep").tap()
        expect(clock).to_be_hidden()
        page.get_by_text("Clock and sleep").tap()
        expect(clock).to_be_visible()
        first = clock.inner_text()
        expect(clock).not_to_have_text(first, timeout=PATIENCE_MS)
        # Three in the morning.
        tap(page, "I'm awake")
        expect(page.get_by_role("heading", name="You're awake. I'm still here.")).to_be_visible()
        expect(page.get_by_text("Noted: awake.")).to_be_visible()
        page.get_by_role("link", name="A low light").tap()
        page.get_by_role("link", name="Brighter").tap()
        page.get_by_role("link", name="Back").tap()
        # Stop, from this page; the other page that is open sees it without being touched.
        other = visit.context.new_page()
        other.goto(where.url + "/tonight")
        expect(other.locator("#stop")).to_be_visible()
        page.locator("#stop button").tap()
        expect(page.get_by_text("Nothing will nudge you.")).to_be_visible()
        assert held(tmp_path)
        expect(other.locator("#release")).to_be_visible(timeout=PATIENCE_MS)
        expect(other.locator("#stop")).to_be_hidden()
        tap(page, "End the stop")
        expect(page.get_by_text("The stop is over.")).to_be_visible()
        assert not held(tmp_path)
        expect(other.locator("#stop")).to_be_visible(timeout=PATIENCE_MS)
        other.close()
        # Morning.
        page.get_by_text("Good morning", exact=True).tap()
        tap(page, "End the night")
        assert process.wait(60) == 0
        expect(page.get_by_text("The last one was watched until")).to_be_visible(timeout=PATIENCE_MS)
    with reading(Home(tmp_path, tmp_path), (Shelf.DEMO,)) as (shelf,):
        (row,) = Nights(shelf.database).nights()
        marks = [one.mark for one in NightReader(shelf.database).inputs(row.key) if isinstance(one, Marked)]
    assert marks == [Mark.AWAKE]
    assert row.outputs_digest  # it ended in order


def test_a_page_that_lost_its_connection_says_so_and_finds_back(visit: Visit) -> None:
    page = visit.open("/tonight")
    page.clock.install()
    page.reload()
    expect(page.locator("#made")).to_be_hidden()
    visit.context.set_offline(True)
    page.route("**/tonight/live", lambda route: route.abort())
    page.evaluate("document.title")  # the page still works
    page.clock.run_for(30_000)
    expect(page.get_by_text("has lost its connection to Vigil; the night goes on without it.")).to_be_visible()
    expect(page.get_by_text("Look again")).to_be_visible()
    visit.context.set_offline(False)
    page.unroute("**/tonight/live")
    page.clock.run_for(30_000)
    expect(page.get_by_text("has lost its connection")).to_be_hidden(timeout=PATIENCE_MS)
    visit.errors[:] = [said for said in visit.errors if "Failed to load" not in said and "ERR_" not in said]


def test_a_session_that_is_ended_hears_no_more(visit: Visit, where: Served) -> None:
    page = visit.open("/tonight")
    expect(page.locator("#made")).to_be_hidden()
    where.rooms.doors.close_all()
    expect(page.get_by_text("This browser is not let in any more.")).to_be_visible(timeout=PATIENCE_MS)


def test_a_night_begun_from_the_page(visit: Visit, begun: Processes) -> None:
    """One press; the page says by itself that it gets ready and then watches, and the large buttons come."""
    page = visit.open("/tonight")
    expect(page.get_by_role("button", name="Bad dream")).to_be_hidden()
    tap(page, "Begin the night")
    expect(page.get_by_text(BEGINS)).to_be_visible()
    expect(page.locator("#begin")).to_be_hidden()
    page.evaluate("window.stayed = true")
    expect(page.get_by_text("Watching since")).to_be_visible(timeout=PATIENCE_MS)
    for name in ("Stop", "I'm awake", "Bad dream"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(page.locator("#ahead")).to_be_hidden()
    assert page.evaluate("window.stayed")  # nothing was loaded anew
    page.get_by_text("Good morning", exact=True).tap()
    tap(page, "End the night")
    expect(page.get_by_text("The last one was watched until")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("link", name="How was the night?")).to_be_visible()
    assert begun[0].wait(60) == 0


def test_without_scripts_a_night_is_begun_and_it_says_when_it_was_made(
    browser: Browser, where: Served, begun: Processes
) -> None:
    with visiting(browser, where, PHONE, java_script_enabled=False) as visit:
        page = visit.open("/tonight")
        expect(page.get_by_text("This page was made at")).to_be_visible()
        page.get_by_role("button", name="Begin the night").click()
        expect(page.get_by_text(BEGINS)).to_be_visible()
        until(lambda: _looks_again(page))
        page.get_by_role("button", name="Bad dream").click()
        expect(page.get_by_text("You're awake. I'm still here.")).to_be_visible()
        assert len(begun) == 1


def _looks_again(page: Page) -> bool:
    page.get_by_role("link", name="Look again").click()
    return page.get_by_text("Watching since").is_visible()
