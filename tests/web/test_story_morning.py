"""The morning after, on a phone: one tap, then words, the back button, two windows, a reload, a connection lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import PHONE, Visit, needs_a_browser, served, visiting
from tests.web.kept import with_nights
from vigil.app.journal_room import journal
from vigil.domain.answers import Answer, MorningWord
from vigil.store.answers import Answers
from vigil.store.nights import Nights
from vigil.web.drafts import all_typed

pytestmark = needs_a_browser

LONGEST_S = 15.0


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    with served(with_nights(tmp_path)) as where, visiting(browser, where, PHONE) as made:
        yield made


def answer(visit: Visit) -> Answer | None:
    with visit.served.rooms.reading() as shelf:
        assert shelf is not None
        return Answers(shelf.database).get(3)


def words(visit: Visit) -> str:
    rooms = visit.served.rooms
    with rooms.reading() as shelf:
        assert shelf is not None
        name = Nights(shelf.database).row(3).name
    with journal(rooms.home, rooms.shelf) as opened:
        note = opened.notes.morning(name)
    return "" if note is None else note.words


def more(page: Page) -> None:
    """Open what is only there if it is wanted."""
    if page.locator("details.more:not([open])").count():
        page.get_by_text("More, only if you like").click()


def type_words(page: Page, text: str) -> None:
    more(page)
    page.get_by_label("Words, yours alone").press_sequentially(text)


def kept(page: Page) -> None:
    """Until what was typed is kept as a draft."""
    expect(page.get_by_text("What you type is kept as you go")).to_be_visible(timeout=15_000)


def until_kept(visit: Visit, text: str) -> None:
    """Until the draft that was sent while the page was left has come in."""
    until = time.monotonic() + LONGEST_S
    while not any(text in one.first("words") for one in all_typed(visit.served.rooms, "morning/3/")):
        assert time.monotonic() < until


def field(page: Page) -> str:
    return page.get_by_label("Words, yours alone").input_value()


def test_one_tap_then_words_then_something_else(visit: Visit) -> None:
    page = visit.open("/morning")
    box = page.get_by_role("button", name="Bad dream").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]  # no scrolling before the one tap
    assert min(box["width"], box["height"]) >= 88  # 5.5 rem: a thumb that is half asleep
    page.get_by_role("button", name="Bad dream").click()
    page.wait_for_url("**/morning/3")
    assert answer(visit) == Answer(MorningWord.BAD_DREAM)
    expect(page.get_by_text("Your answer: bad dream.")).to_be_visible()
    type_words(page, "The old house again.")
    page.get_by_label("How distressing, 0 to 10").select_option("6")
    page.get_by_label("a worry taken to bed").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your answer: bad dream, distress 6 of 10.")).to_be_visible()
    assert words(visit) == "The old house again."
    assert answer(visit) == Answer(MorningWord.BAD_DREAM, distress=6)
    page.get_by_text("Say something else").click()
    page.get_by_role("button", name="A dream I'd keep").click()
    expect(page.get_by_text("Your answer: a dream I'd keep.")).to_be_visible()
    assert words(visit) == "The old house again."


def test_the_back_button_does_nothing_twice_and_shows_what_stands(visit: Visit) -> None:
    page = visit.open("/morning")
    page.get_by_role("button", name="Quiet").click()
    page.wait_for_url("**/morning/3")
    type_words(page, "Calm.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/morning/3?kept=1")
    expect(page.get_by_label("Words, yours alone")).to_have_value("Calm.")
    page.go_back()
    page.reload()
    assert field(page) == "Calm."
    assert "Kept from before" not in page.content()
    assert words(visit) == "Calm."


def test_leaving_and_coming_back_loses_nothing_that_was_typed(visit: Visit) -> None:
    page = visit.open("/morning")
    type_words(page, "Half a sen")
    page.get_by_role("link", name="Weeks").click()
    page.wait_for_url("**/weeks")
    until_kept(visit, "Half a sen")
    page = visit.open("/morning")
    expect(page.get_by_text("Kept from before")).to_be_visible()
    assert field(page) == "Half a sen"
    page.reload()
    assert field(page) == "Half a sen"
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/morning/3?kept=1")
    assert words(visit) == "Half a sen"
    assert "Kept from before" not in page.content()


def test_two_windows_at_once(visit: Visit) -> None:
    first, second = visit.page, visit.context.new_page()
    for page in (first, second):
        page.goto(f"{visit.served.url}/morning")
    type_words(first, "From the first.")
    type_words(second, "From the second.")
    for page in (first, second):
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/morning/3?kept=1")
    assert words(visit) == "From the first.\n\nFrom the second."
    assert field(second) == words(visit)


def test_a_connection_lost_while_typing_and_back(visit: Visit) -> None:
    page = visit.open("/morning")
    type_words(page, "Before. ")
    kept(page)
    visit.context.set_offline(True)
    type_words(page, "While it was gone.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("cannot be reached just now")).to_be_visible()
    assert field(page) == "Before. While it was gone."
    visit.context.set_offline(False)
    visit.errors[:] = [said for said in visit.errors if "ERR_INTERNET_DISCONNECTED" not in said]
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/morning/3?kept=1")
    assert words(visit) == "Before. While it was gone."


def test_without_javascript(browser: Browser, tmp_path: Path) -> None:
    with served(with_nights(tmp_path)) as where, visiting(browser, where, PHONE, java_script_enabled=False) as visit:
        page = visit.open("/morning")
        page.get_by_role("button", name="Don't remember").click()
        page.get_by_label("Words, yours alone").fill("Nothing left of it.")
        page.get_by_role("button", name="Save").click()
        assert field(page) == "Nothing left of it."
        assert words(visit) == "Nothing left of it."
        assert answer(visit) == Answer(MorningWord.NOT_REMEMBERED)
