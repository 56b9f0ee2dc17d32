"""Every page in a real browser: nothing for axe to find, by day and by night, and nothing too wide at 320 px.

Which pages there are follows from the table of addresses and the questions of the first evening: a new one is looked at
without being named here, or it is refused until it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tests.web.browser import SMALL, Visit, needs_a_browser, served, visiting
from tests.web.followed import night
from tests.web.kept import with_nights
from tests.web.visitor import NOW_MS, Now
from vigil.app.choosing import ASKED
from vigil.app.data_room import copies, make_copy
from vigil.app.help_file import hide
from vigil.app.journal_room import journal
from vigil.app.setup_file import write_answers
from vigil.app.stopping import release as release_stop
from vigil.app.stopping import stop
from vigil.domain.journal import Written
from vigil.interview.interview import Interview
from vigil.interview.question import Value
from vigil.interview.questions import BY_ID
from vigil.web.pages import tonight
from vigil.web.routes import ROWS
from vigil.web.told import Told

pytestmark = needs_a_browser

ANSWERS: dict[str, Value] = {
    "wearable": "buzzes",
    "way": "nudge",
    "watched": ("none",),
    "blunted": ("none",),
    "country": "no",
    "contact": "Anna 0123; Ben 0456",
    "room": "shared",
    "agrees": "yes",
}
"""Of somebody of whom every question is asked."""

HIDDEN = "Kirkens SOS: 22 40 00 40"

NO_PAGES = {
    "/": "leads on to tonight",
    "/static/{mark}/{name}": "files that pages are made with",
    "/tonight/live": "what changes, for a script",
    "/data/report.pdf": "a file to keep",
    "/follow/qr.svg": "a square that stands in the page of the trusted person",
    "/doors/qr.svg": "a square that stands in the page of open doors",
    "/devices/pair/far": "how far it is, for a script",
    "/devices/nudge/far": "how far it is, for a script",
    "/devices/lamp/{kind}/found": "what a search found; leads back to the form where there was none",
    "/night/{key:int}/picture.svg": "a picture that stands in the page of its night",
    "/night/{key:int}/data": "what a script draws",
    "/night/{key:int}/why/data": "what a script shows beside the picture",
    "/night/what-if/far": "how far it is, for a script",
}
"""Addresses of GET that are no page, each with its reason."""

PLACES: dict[str, Sequence[object]] = {
    "/enter/{token}": ["a-link"],
    "/evening/{question}": list(BY_ID),
    "/morning/{key:int}": [1],
    "/journal/{key:int}": [1],
    "/journal/{key:int}/edit": [1],
    "/journal/{key:int}/erase": [1],
    "/journal/threads/{key:int}": [1],
    "/journal/threads/{key:int}/erase": [1],
    "/devices/lamp/{kind}": list(ASKED),
    "/night/{key:int}": [2],
    "/night/{key:int}/why": ["2/why?t=8000"],
    "/data/copies/back": ["back?name=COPY"],
    "/data/erase/night": ["night?night=2"],
    "/data/erase/period": ["period?from=2026-11-01"],
}
"""What stands in the places of an address, and what is asked of it."""

MORE = (
    "/tonight?told=1",
    "/journal?q=stairs",
    "/journal?tag=sea",
    "/data/erase/period",
    "/nowhere",
    "/evening/unknown",
)
"""What is seen of the same pages at other times, and what is said where there is no page."""


def addresses(path: str) -> list[str]:
    """Every address of a row that is looked at."""
    if path not in PLACES:
        return [path]
    head, _, rest = path.partition("{") if "{" in path else (f"{path.rpartition('/')[0]}/", "", "")
    tail = rest.partition("}")[2]
    return [f"{head}{one}" if "?" in str(one) else f"{head}{one}{tail}" for one in PLACES[path]]


ROUTES = [row.path for row in ROWS if row.method == "GET" and row.stream is None and row.path not in NO_PAGES]

PAGES = (*(one for path in ROUTES for one in addresses(path)), *MORE)


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
        home, shelf = where.rooms.home, where.rooms.shelf
        with journal(home, shelf) as opened:
            thread = opened.put_thread("The house", "Comes in winter").id
            what = Written("The stairs", "up the stairs\nحلم 🐺", ("sea",), "2026-11-28", "2026-11-28", thread)
            opened.add(what, NOW_MS)
        make_copy(home, shelf)
        write_answers(home.setup_file, Interview(ANSWERS))
        hide(home, HIDDEN)
        home.settings_file.write_text('[sound]\ndevice = "pactl:a-loudspeaker"\n')
        tonight.SAID = Told()
        assert tonight.SAID.keep(tonight.NOBODYS, "awake", str(where.rooms.wall_ms())) == 1
        yield made


def set_light(visit: Visit, theme: str) -> None:
    visit.context.add_cookies([{"name": "light", "value": theme, "url": visit.served.url}])


def looked_at(page: Page) -> None:
    """As it is on a small phone; and whole, since axe takes what lies beneath the bar of pages as too small."""
    page.set_viewport_size(SMALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    assert page.evaluate(CUT) == []
    page.set_viewport_size(WHOLE)
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.violations_count == 0, found.generate_report()


def forgive(visit: Visit) -> None:
    """A browser complains of every answer that is no 200."""
    visit.errors[:] = [said for said in visit.errors if not any(code in said for code in ("401", "404", "409"))]


def test_every_address_is_looked_at_or_is_no_page_for_a_reason() -> None:
    """A new address with a place in it fails here until it is said what stands there; an old one is taken out."""
    gets = {row.path for row in ROWS if row.method == "GET"}
    assert not [one for one in PAGES if "{" in one]
    assert set(PLACES) <= gets
    assert {row.path for row in ROWS if row.stream is not None} <= set(NO_PAGES)


@pytest.mark.parametrize("theme", ["day", "night"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_and_fits(visit: Visit, path: str, theme: str) -> None:
    rooms = visit.served.rooms
    path = path.replace("COPY", copies(rooms.home, rooms.shelf)[-1].path.name)
    set_light(visit, theme)
    page = visit.open(path)
    forgive(visit)
    assert urlsplit(page.url).path == urlsplit(path).path, "it led elsewhere: that page was not looked at"
    looked_at(page)


@contextmanager
def stopped(visit: Visit) -> Iterator[None]:
    rooms = visit.served.rooms
    stop(rooms.home, rooms.wall_ms())
    yield
    release_stop(rooms.home)


STATES: dict[str, Callable[[Visit], AbstractContextManager[None]]] = {
    "watched": lambda visit: night(visit.served.rooms, Now(), watched=True),
    "signal lost": lambda visit: night(visit.served.rooms, Now(), watched=True, lost=True),
    "call asked for": lambda visit: night(visit.served.rooms, Now(), watched=True, call=True),
    "stopped": stopped,
}


@pytest.mark.parametrize("theme", ["day", "night"])
@pytest.mark.parametrize("state", STATES)
def test_tonight_can_be_used_and_fits_however_it_stands(visit: Visit, state: str, theme: str) -> None:
    set_light(visit, theme)
    with STATES[state](visit):
        looked_at(visit.open("/tonight"))


@pytest.mark.parametrize("theme", ["day", "night"])
def test_what_is_refused_can_be_used_and_fits(visit: Visit, theme: str) -> None:
    """The field is shown again with why."""
    set_light(visit, theme)
    page = visit.open("/data/erase/all")
    page.get_by_role("textbox").fill("something else")
    page.get_by_role("button", name="Erase everything").click()
    page.locator(".note, [role=alert], [role=status]").first.wait_for()
    forgive(visit)
    looked_at(page)


@pytest.mark.parametrize("theme", ["day", "night"])
def test_who_is_not_let_in_can_use_what_they_see(visit: Visit, theme: str) -> None:
    """The door, a link that is used up, help, and what is said where one has to enter."""
    browser = visit.context.browser
    assert browser is not None
    context = browser.new_context(viewport=SMALL, locale="en-GB")
    context.add_cookies([{"name": "light", "value": theme, "url": visit.served.url}])
    page = context.new_page()
    for path in ("/help", "/tonight", "/enter/used-up"):
        page.goto(visit.served.url + path)
        looked_at(page)
    page.get_by_role("button", name="Open Vigil").click()
    page.wait_for_url("**/enter")
    looked_at(page)
    context.close()


def test_the_way_in_is_by_keyboard_alone(visit: Visit) -> None:
    """The first key reaches the link that leads past everything to the page itself; the pages follow."""
    page = visit.open("/more")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
