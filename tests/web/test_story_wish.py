"""A call that is asked for at night, in a real browser: what is said of it follows what became of it, by itself."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.web.browser import PATIENCE_MS, needs_a_browser, served, visiting
from tests.web.followed import ALL, tell_night
from tests.web.visitor import Now
from vigil.app.setup_file import write_answers
from vigil.app.wiring import LOCK_NAME
from vigil.interview.interview import Interview
from vigil.store.calls import CALLS_NAME, take_back
from vigil.store.follow import DAYS, Follows
from vigil.store.follow_settings import CALL, FollowStore
from vigil.store.lock import StoreLock

pytestmark = needs_a_browser

ALERT = "https://ntfy.example/topic"


def test_a_page_that_is_open_says_by_itself_that_nobody_could_be_told(browser: Browser, tmp_path: Path) -> None:
    """First that an alert is on its way; then the number, without a reload; and the button follows another device."""
    now = Now()
    with served(tmp_path, now) as where:
        rooms, store = where.rooms, FollowStore(where.rooms.doors)
        folder = rooms.home.shelf(rooms.shelf)
        write_answers(rooms.home.setup_file, Interview({"contact": "Mo 0151 23456"}))
        Follows(rooms.doors).invite("Anna", "", ALL, DAYS, now.ms)
        store.put(alert=ALERT)
        with StoreLock.acquire(folder / LOCK_NAME, "22:41"), visiting(browser, where) as visit:
            tell_night(folder, now)
            page = visit.open("/tonight")
            page.locator("#bad-dream button").click()
            page.get_by_role("button", name="Ask Anna to call").click()
            expect(page.locator("#wish")).to_contain_text("on its way", timeout=PATIENCE_MS)
            expect(page.locator("#wish")).to_be_in_viewport()
            expect(page.locator("#untold")).to_be_hidden()
            assert store.may_alert(CALL, now.ms // 60_000, now.ms)
            store.alerted(CALL, now.ms // 60_000, "the alert service was not reached (x); check its address")
            expect(page.locator("#untold")).to_be_visible(timeout=PATIENCE_MS)
            expect(page.locator("#wish")).to_contain_text("could not be told")
            expect(page.get_by_role("link", name="Call Mo")).to_be_visible()
            take_back(folder / CALLS_NAME)
            expect(page.get_by_role("button", name="Ask Anna to call")).to_be_visible(timeout=PATIENCE_MS)
            expect(page.locator("#wish")).to_be_hidden()
            page.get_by_role("button", name="Ask Anna to call").click()
            expect(page.get_by_role("button", name="No call is needed any more")).to_be_visible(timeout=PATIENCE_MS)
