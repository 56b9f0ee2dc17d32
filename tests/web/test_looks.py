"""Every page in a real browser: nothing for axe to find, by day and by night, and nothing too wide at 320 px."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize

from tests.web.browser import SMALL, Visit, needs_a_browser, served, visiting
from tests.web.kept import with_nights
from tests.web.visitor import NOW_MS
from vigil.app.data_room import make_copy
from vigil.app.journal_room import journal
from vigil.domain.journal import Written
from vigil.web.pages import tonight
from vigil.web.told import Told

pytestmark = needs_a_browser

PAGES = (
    "/tonight",
    "/tonight?told=1",
    "/tonight/light",
    "/help",
    "/bedtime",
    "/morning",
    "/morning/1",
    "/weeks",
    "/more",
    "/nowhere",
    "/nights",
    "/night/2",
    "/night/2/why?t=8000",
    "/night/what-if",
    "/journal",
    "/journal?q=stairs",
    "/journal?tag=sea",
    "/journal/1",
    "/journal/1/edit",
    "/journal/1/erase",
    "/journal/new",
    "/journal/print",
    "/journal/threads",
    "/journal/threads/1",
    "/journal/threads/1/erase",
    "/data",
    "/data/export",
    "/data/report",
    "/data/copies",
    "/data/lock",
    "/data/erase",
    "/data/erase/night?night=2",
    "/data/erase/period",
    "/data/erase/all",
    "/evening",
    "/evening/wearable",
    "/evening/watched",
    "/evening/country",
    "/evening/contact",
    "/evening/bed_time",
    "/evening/end",
    "/devices",
    "/devices/pair",
    "/devices/nudge",
    "/devices/sound",
    "/devices/lamp",
    "/devices/lamp/home_assistant",
    "/devices/lamp/hue",
    "/settings",
    "/doors",
    "/follow",
)
"""Every page a sleeper can see; a new one is added here."""


CUT = """() => {
  const found = [], pen = document.createElement("canvas").getContext("2d");
  for (const legend of document.querySelectorAll("legend"))
    if (legend.getBoundingClientRect().top < legend.parentElement.getBoundingClientRect().top)
      found.push(legend.textContent);
  for (const select of document.querySelectorAll("select")) {
    const style = getComputedStyle(select), arrow = 20;
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrow;
    for (const option of select.clientWidth ? select.options : [])
      if (pen.measureText(option.text).width > room) found.push(option.text);
  }
  return found;
}"""
"""What a page cuts without growing wider: names of groups that lie across their edge, and choices of a list."""

WHOLE: ViewportSize = {"width": SMALL["width"], "height": 8_000}


@pytest.fixture(scope="module")
def visit(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with served(with_nights(tmp_path_factory.mktemp("looks"))) as where, visiting(browser, where, SMALL) as made:
        with journal(where.rooms.home, where.rooms.shelf) as opened:
            thread = opened.put_thread("The house", "Comes in winter").id
            what = Written("The stairs", "up the stairs\nحلم 🐺", ("sea",), "2026-11-28", "2026-11-28", thread)
            opened.add(what, NOW_MS)
        make_copy(where.rooms.home, where.rooms.shelf)
        tonight.SAID = Told()
        assert tonight.SAID.keep(tonight.NOBODYS, "awake", str(where.rooms.wall_ms())) == 1
        yield made


def set_light(visit: Visit, theme: str) -> None:
    visit.context.add_cookies([{"name": "light", "value": theme, "url": visit.served.url}])


@pytest.mark.parametrize("theme", ["day", "night"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(visit: Visit, path: str, theme: str) -> None:
    """Looked at whole, since axe takes what happens to lie beneath the bar of pages as too small to be touched."""
    set_light(visit, theme)
    page = visit.open(path)
    page.set_viewport_size(WHOLE)
    visit.errors[:] = [said for said in visit.errors if "404" not in said and "409" not in said]
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_small_phone(visit: Visit, path: str) -> None:
    page = visit.open(path)
    page.set_viewport_size(SMALL)
    visit.errors[:] = [said for said in visit.errors if "404" not in said and "409" not in said]
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    assert page.evaluate(CUT) == []


def test_the_way_in_is_by_keyboard_alone(visit: Visit) -> None:
    """The first key reaches the link that leads past everything to the page itself; the pages follow."""
    page = visit.open("/more")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
