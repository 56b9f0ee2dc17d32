"""Finding an old dream, writing with two windows and a connection that goes, and putting it on paper; in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.web.browser import Served, Visit, needs_a_browser, served, visiting
from tests.web.kept import with_nights
from tests.web.visitor import NOW_MS
from vigil.app.journal_room import journal
from vigil.domain.journal import MOST_BODY, Written
from vigil.store.journal import Only
from vigil.web.drafts import all_typed

pytestmark = needs_a_browser


@pytest.fixture
def where(browser: Browser, tmp_path: Path) -> Iterator[Served]:
    del browser  # comes first: nights cannot be lived while it runs
    with served(with_nights(tmp_path)) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, where: Served) -> Iterator[Visit]:
    with visiting(browser, where) as made:
        yield made


def bodies(where: Served) -> set[str]:
    with journal(where.rooms.home, where.rooms.shelf) as opened:
        return {entry.what.body for entry in opened.entries(Only())}


def kept_as_typed(page: Page, words: str = "What you type is kept as you go") -> None:
    page.locator("[data-draft-said]", has_text=words).wait_for()


def test_an_old_dream_is_found_from_the_first_page_by_one_word(where: Served, visit: Visit) -> None:
    with journal(where.rooms.home, where.rooms.shelf) as opened:
        opened.add(Written("The house by the sea", "and then wolves came up the stairs", day="2025-02-03"), NOW_MS)
        for number in range(80):
            opened.add(Written(f"Another dream {number}", "of something else", day="2026-03-04"), NOW_MS + number)
    page = visit.open("/tonight")
    page.get_by_role("link", name="Journal").click()
    page.get_by_label("Find a dream").fill("wolv")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 entry").wait_for()
    assert page.locator("mark").inner_text() == "wolves"
    page.get_by_role("link", name="The house by the sea").click()
    page.get_by_text("and then wolves came up the stairs").wait_for()
    page.go_back()
    assert page.get_by_label("Find a dream").input_value() == "wolv"


def test_written_with_a_thumb_and_linked_to_its_night(where: Served, visit: Visit) -> None:
    page = visit.open("/journal")
    page.get_by_role("link", name="Write something down").click()
    page.get_by_label("What was it?").fill("the stairs again 🐺")
    page.get_by_label("The night it is about").select_option("2")
    page.get_by_label("A thread").fill("The house")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("link", name="Thread: The house").wait_for()
    page.get_by_role("link", name="Night: Saturday 28 November").click()
    page.wait_for_url("**/night/2")
    assert all_typed(where.rooms, "") == ()


def test_two_windows_lose_nothing(where: Served, visit: Visit) -> None:
    with journal(where.rooms.home, where.rooms.shelf) as opened:
        opened.add(Written("The house", "as it was"), NOW_MS)
    one = visit.open("/journal/1/edit")
    two = visit.context.new_page()
    two.goto(f"{where.url}/journal/1/edit")
    one.get_by_label("What was it?").fill("from the phone")
    two.get_by_label("What was it?").fill("from the desk")
    one.get_by_role("button", name="Keep it").click()
    one.get_by_text("from the phone").wait_for()
    two.get_by_role("button", name="Keep it").click()
    two.get_by_text("Both are kept").wait_for()
    assert bodies(where) == {"from the phone", "from the desk"}
    two.get_by_role("link", name="The other one").click()
    two.get_by_text("from the phone").wait_for()


def test_what_is_typed_is_there_after_the_window_was_closed(where: Served, visit: Visit) -> None:
    page = visit.open("/journal/new")
    page.get_by_label("What was it?").fill("half a dre")
    page.close()  # no second has passed
    other = visit.context.new_page()
    other.goto(f"{where.url}/journal")
    other.get_by_role("link", name="half a dre").click()
    assert other.get_by_label("What was it?").input_value() == "half a dre"
    other.get_by_text("is not kept as an entry yet").wait_for()
    other.get_by_label("What was it?").fill("half a dream")
    other.get_by_role("button", name="Keep it").click()
    other.locator(".written", has_text="half a dream").wait_for()
    assert all_typed(where.rooms, "") == ()


def test_while_the_page_cannot_be_reached_the_text_stays_and_then_it_is_kept(where: Served, visit: Visit) -> None:
    page = visit.open("/journal/new")

    def lost(route: Route) -> None:
        route.abort("connectionrefused")

    page.route("**/draft", lost)
    page.get_by_label("What was it?").fill("typed on the way to the cellar")
    page.get_by_role("button", name="Keep it").click()
    kept_as_typed(page, "cannot be reached just now")
    assert page.get_by_label("What was it?").input_value() == "typed on the way to the cellar"
    page.unroute("**/draft", lost)
    page.get_by_role("button", name="Keep it").click()
    page.locator(".written", has_text="typed on the way").wait_for()
    visit.errors[:] = [said for said in visit.errors if "ERR_CONNECTION_REFUSED" not in said]
    assert bodies(where) == {"typed on the way to the cellar"}


def test_a_session_that_was_ended_elsewhere_keeps_the_text_in_its_field(where: Served, visit: Visit) -> None:
    page = visit.open("/journal/new")
    page.get_by_label("What was it?").fill("before the restore")
    where.rooms.doors.close_all()
    page.get_by_role("button", name="Keep it").click()
    kept_as_typed(page, "Vigil is closed in this browser")
    again = visit.context.new_page()
    again.goto(where.link())
    again.get_by_role("button", name="Open Vigil").click()
    again.wait_for_url("**/tonight")
    page.get_by_role("button", name="Keep it").click()
    page.locator(".written", has_text="before the restore").wait_for()
    visit.errors[:] = [said for said in visit.errors if "401" not in said]
    assert bodies(where) == {"before the restore"}


def test_five_megabytes_stay_in_the_field(where: Served, visit: Visit) -> None:
    page = visit.open("/journal/new")
    page.evaluate(
        """const body = document.getElementById('body');
        body.hidden = true;  // to lay out as much takes the browser half a minute
        body.value = 'a dream '.repeat(625000);"""
    )
    page.get_by_role("button", name="Keep it").click()
    kept_as_typed(page, "5,000,000 letters, and 1,000,000 fit")
    assert page.evaluate("document.getElementById('body').value.length") == 5 * MOST_BODY
    assert bodies(where) == set()


def test_without_scripts_it_is_written_all_the_same(browser: Browser, where: Served) -> None:
    with visiting(browser, where, java_script_enabled=False) as visit:
        page = visit.open("/journal/new")
        page.get_by_label("What was it?").fill("plain")
        page.get_by_role("button", name="Keep it").click()
        page.locator(".written", has_text="plain").wait_for()
        page.get_by_role("link", name="Print").click()
        assert page.get_by_role("button", name="Print").count() == 0
    assert bodies(where) == {"plain"}


def test_on_paper_there_is_the_entry_and_nothing_else(where: Served, visit: Visit) -> None:
    with journal(where.rooms.home, where.rooms.shelf) as opened:
        opened.add(Written("The house", "up the stairs"), NOW_MS)
    page = visit.open("/journal/1")
    page.get_by_role("link", name="Print").click()
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True
    page.emulate_media(media="print")
    assert page.get_by_text("up the stairs").is_visible()
    for hidden in (page.get_by_role("button", name="Print"), page.locator("nav.pages")):
        assert not hidden.is_visible()


def test_text_from_right_to_left_begins_at_the_right(where: Served, visit: Visit) -> None:
    page = visit.open("/journal/new")
    page.get_by_label("What was it?").fill("حلمت بالبيت")
    assert page.evaluate("getComputedStyle(document.getElementById('body')).direction") == "rtl"
    page.get_by_role("button", name="Keep it").click()
    page.locator(".written").wait_for()
    assert page.evaluate("getComputedStyle(document.querySelector('.written')).direction") == "rtl"
