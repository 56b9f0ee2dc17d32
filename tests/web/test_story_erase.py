"""Erasing a night and then everything, in a browser: said first, gone at once, and not there by the back button."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.web.browser import Served, Visit, needs_a_browser, served, visiting
from tests.web.kept import with_nights
from tests.web.visitor import NOW_MS
from vigil.app.journal_room import journal
from vigil.domain.journal import Written

pytestmark = needs_a_browser

NIGHT = "Saturday 28 November"


@pytest.fixture
def where(browser: Browser, tmp_path: Path) -> Iterator[Served]:
    del browser  # comes first: nights cannot be lived while it runs
    with served(with_nights(tmp_path)) as found:
        with journal(found.rooms.home, found.rooms.shelf) as opened:
            opened.add(Written("", "wolves on the stairs", night="2026-11-28", day="2026-11-28"), NOW_MS)
        yield found


@pytest.fixture
def visit(browser: Browser, where: Served) -> Iterator[Visit]:
    with visiting(browser, where) as made:
        yield made


def without(visit: Visit, *codes: str) -> None:
    """Complaints of the browser about answers that are meant to be so."""
    visit.errors[:] = [said for said in visit.errors if not any(code in said for code in codes)]


def test_a_night_is_erased_and_does_not_come_back_by_the_back_button(where: Served, visit: Visit) -> None:
    page = visit.open("/night/2")
    page.get_by_role("heading", name=NIGHT).wait_for()
    visit.open("/journal/1").get_by_text("wolves on the stairs").wait_for()
    page.get_by_role("link", name="More").click()
    page.get_by_role("link", name="Your data").click()
    page.get_by_role("link", name="Erase").click()
    page.get_by_label("Which night").select_option("2")
    page.get_by_role("button", name="See what would go").first.click()
    page.get_by_text("This goes: 1 night, 0 answers, 1 journal entry").wait_for()
    page.get_by_role("button", name="Erase it for good").click()
    page.get_by_text("Erased. Nothing of it is left here.").wait_for()
    page.evaluate("history.go(-5)")
    page.get_by_text("It may have been erased").wait_for()
    assert page.get_by_text("wolves").count() == 0
    page.goto(f"{where.url}/night/2")
    page.get_by_role("heading", name="Not here").wait_for()
    assert page.get_by_role("heading", name=NIGHT).count() == 0
    without(visit, "404")


def test_everything_is_erased_by_its_words_and_every_window_is_closed(where: Served, visit: Visit) -> None:
    other = visit.context.new_page()
    other.goto(f"{where.url}/journal/1")
    page = visit.open("/data/erase/all")
    page.get_by_label("To go on, type").fill("yes")
    page.get_by_role("button", name="Erase everything for good").click()
    page.get_by_text("Nothing was erased.").wait_for()
    visit.open("/data/erase/all")
    page.get_by_label("To go on, type").fill("Erase everything")
    page.get_by_role("button", name="Erase everything for good").click()
    page.get_by_role("heading", name="Everything is erased").wait_for()
    assert page.locator("nav.pages").count() == 0
    other.reload()
    other.get_by_role("heading", name="Vigil is closed here").wait_for()
    other.get_by_text("everything is erased").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Vigil is closed here").wait_for()
    assert page.get_by_text("wolves").count() == 0
    without(visit, "409", "401")
    page.goto(where.link())
    page.get_by_role("button", name="Open Vigil").click()
    page.wait_for_url("**/tonight")
    page.get_by_role("link", name="Journal").click()
    page.get_by_text("Nothing is written down yet").wait_for()


def test_before_it_goes_it_can_be_taken_away(where: Served, visit: Visit, tmp_path: Path) -> None:
    page = visit.open("/data")
    page.get_by_role("link", name="Take it away").click()
    page.get_by_label("With the journal").check()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Take everything away").click()
    path = tmp_path / "away.zip"
    begun.value.save_as(path)
    assert begun.value.suggested_filename == "vigil-2026-11-30.zip"
    with zipfile.ZipFile(path) as found:
        assert found.testzip() is None
        assert "wolves on the stairs" in found.read("journal/journal.md").decode()
        assert sum(name.endswith("night.edf") for name in found.namelist()) == 3


def test_the_report_prints_on_two_pages(visit: Visit) -> None:
    page = visit.open("/data/report")
    page.get_by_role("heading", name="What this is").wait_for()
    printed = page.pdf(format="A4", margin={"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"})
    assert printed.count(b"/Type /Page\n") == 2
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Show these nights").is_visible()
    with page.expect_download() as begun:
        page.emulate_media(media="screen")
        page.get_by_role("link", name="As PDF").click()
    assert begun.value.suggested_filename.startswith("vigil-report-2026-")
