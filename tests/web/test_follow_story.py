"""One person is invited, looks, hears a page grow old by itself, and is shown out: in a real browser, over sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.loopback import closed_port
from tests.web.browser import PHONE, SMALL, Served, needs_a_browser, served, visiting
from tests.web.followed import night
from tests.web.visitor import Now
from vigil.store.follow import Follows
from vigil.store.follow_settings import FollowStore
from vigil.web.follow_serving import FollowDoor, Where, following

pytestmark = needs_a_browser

WITHIN_S = 20.0


def until(so: Callable[[], bool]) -> None:
    """Wait on a condition."""
    ends = time.monotonic() + WITHIN_S
    pause = threading.Event()
    while not so():
        assert time.monotonic() < ends
        pause.wait(0.02)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def where(browser: Browser, tmp_path: Path, now: Now) -> Iterator[Served]:
    with served(tmp_path, now) as found:
        yield found


@contextmanager
def guest(browser: Browser) -> Iterator[Page]:
    """The phone of the one who follows; whatever its browser complains of fails the test."""
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    try:
        yield page
        assert errors == []
    finally:
        context.close()


def invited(sleeper: Page, where: Served) -> str:
    """The sleeper opens the page for them and invites Anna; the link."""
    sleeper.goto(f"{where.url}/follow")
    sleeper.get_by_role("button", name="Open their page").click()
    until(lambda: FollowStore(where.rooms.doors).settings().at != "")
    sleeper.get_by_label("Their name").fill("Anna")
    sleeper.get_by_label("That something looked like a nightmare").check()
    sleeper.get_by_role("button", name="Invite").click()
    until(lambda: bool(sleeper.locator("img.qr").evaluate("one => one.naturalWidth > 0")))
    return sleeper.locator("code", has_text="/enter/").inner_text()


def test_invited_by_a_link_looking_and_shown_out_within_a_second(browser: Browser, where: Served, now: Now) -> None:
    with (
        following(where.rooms, Where(port=0), 0.05),
        night(where.rooms, now, watched=True),
        visiting(browser, where) as sleeper,
        guest(browser) as theirs,
    ):
        theirs.goto(invited(sleeper.page, where))
        theirs.get_by_role("button", name="Open").click()
        expect(theirs.get_by_text("Vigil is watching, since")).to_be_visible()
        FollowStore(where.rooms.doors).put(away=True)
        expect(theirs.get_by_text("Vigil is not on.")).to_be_visible()
        sleeper.open("/follow")
        expect(sleeper.page.get_by_text("They have opened their link.")).to_be_visible()
        assert sleeper.page.locator("ul.list li").count() == 1
        began = time.monotonic()
        sleeper.page.get_by_role("button", name="End it now").click()
        expect(theirs.get_by_text("The invitation is over")).to_be_visible()
        assert time.monotonic() - began < 2.0  # a second, and the browsers' own
        assert theirs.locator("#lines p").count() == 0
        theirs.reload()
        expect(theirs.get_by_role("heading", name="This page is closed")).to_be_visible()


def test_it_greys_by_itself_when_the_server_is_gone_and_comes_back(browser: Browser, where: Served, now: Now) -> None:
    """45 seconds of the browser's own clock, which the test moves on; no server helps. Then it is there again."""
    door = FollowDoor(where.rooms, Where(port=closed_port()))
    with night(where.rooms, now, watched=True), visiting(browser, where) as sleeper, guest(browser) as theirs:
        store = FollowStore(where.rooms.doors)
        store.put(open=True)
        door.look()
        link = invited_already_open(sleeper.page, where)
        theirs.clock.install()
        theirs.goto(link)
        theirs.get_by_role("button", name="Open").click()
        expect(theirs.get_by_text("Vigil is watching, since")).to_be_visible()
        theirs.clock.run_for(30_000)
        assert theirs.locator("#lost").is_hidden()
        door.close()
        theirs.clock.run_for(47_000)
        expect(theirs.get_by_text("Not heard from Vigil since")).to_be_visible()
        assert theirs.locator("#standing.stale").count() == 1
        door.look()
        theirs.clock.run_for(25_000)
        expect(theirs.locator("#lost")).to_be_hidden()
        assert theirs.locator("#standing.stale").count() == 0
        door.close()


def invited_already_open(sleeper: Page, where: Served) -> str:
    sleeper.goto(f"{where.url}/follow")
    sleeper.get_by_label("Their name").fill("Anna")
    sleeper.get_by_role("button", name="Invite").click()
    return sleeper.locator("code", has_text="/enter/").inner_text()


def test_without_scripts_it_reads_itself_anew(browser: Browser, where: Served, now: Now) -> None:
    with (
        following(where.rooms, Where(port=0), 0.05),
        night(where.rooms, now, watched=True),
        visiting(browser, where) as sleeper,
    ):
        context = browser.new_context(java_script_enabled=False, viewport=PHONE)
        theirs = context.new_page()
        theirs.goto(invited(sleeper.page, where))
        theirs.get_by_role("button", name="Open").click()
        expect(theirs.get_by_text("Vigil is watching, since")).to_be_visible()
        expect(theirs.get_by_text("As it was at")).to_be_visible()
        assert theirs.locator('meta[http-equiv="refresh"]').get_attribute("content") == "60"
        context.close()


@pytest.mark.parametrize("theme", ["day", "night"])
def test_axe_finds_nothing_on_their_pages(browser: Browser, where: Served, now: Now, theme: str) -> None:
    """The door, how it stands, how it stands when it is old, and the end; nothing wider than a small phone."""

    def look(page: Page) -> None:
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]

    with (
        following(where.rooms, Where(port=0), 0.05),
        night(where.rooms, now, watched=True, call=True, lost=True, episode=True),
        visiting(browser, where) as sleeper,
        guest(browser) as theirs,
    ):
        link = invited(sleeper.page, where)
        theirs.set_viewport_size(SMALL)
        theirs.context.add_cookies([{"name": "light", "value": theme, "url": link}])
        theirs.goto(link)
        look(theirs)
        theirs.get_by_role("button", name="Open").click()
        expect(theirs.get_by_text("Something looked like a nightmare")).to_be_visible()
        look(theirs)
        theirs.evaluate("document.getElementById('standing').classList.add('stale')")
        theirs.evaluate("document.getElementById('lost').hidden = false")
        look(theirs)
        Follows(where.rooms.doors).revoke()
        theirs.reload()
        expect(theirs.get_by_role("heading", name="This page is closed")).to_be_visible()
        look(theirs)


def test_a_page_that_is_switched_off_listens_no_more(browser: Browser, where: Served, now: Now) -> None:
    with following(where.rooms, Where(port=0), 0.05), visiting(browser, where) as sleeper, guest(browser) as theirs:
        theirs.goto(invited(sleeper.page, where))
        at = FollowStore(where.rooms.doors).settings().at
        sleeper.open("/follow").get_by_role("button", name="Close their page").click()
        until(lambda: FollowStore(where.rooms.doors).settings().at == "")
        with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
            theirs.goto(at)
