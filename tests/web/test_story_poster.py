"""A night looked into, in a real browser: by keys, wheel, finger and buttons; what was tapped says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import DESK, PHONE, Served, Visit, needs_a_browser, served, visiting
from tests.web.kept import HOURS, with_nights
from vigil.web.words import Words

pytestmark = needs_a_browser

WHOLE = (0, round(HOURS * 3600))
MOST_BYTES = 250_000
"""Of a page with everything it loads."""


@pytest.fixture(scope="module")
def where(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    del browser  # comes first: nights cannot be lived while it runs
    with served(with_nights(tmp_path_factory.mktemp("poster"))) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, where: Served) -> Iterator[Visit]:
    with visiting(browser, where, DESK) as made:
        yield made


def opened(visit: Visit) -> Page:
    page = visit.open("/night/2")
    page.wait_for_selector("#live[data-ready]")
    return page


def span(page: Page) -> tuple[int, int]:
    found = page.evaluate("(({from, to}) => [Number(from), Number(to)])(document.getElementById('canvas').dataset)")
    return found[0], found[1]


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_by_keys_alone(visit: Visit) -> None:
    page = opened(visit)
    page.locator("#canvas").focus()
    assert span(page) == WHOLE
    page.keyboard.press("+")
    closer = span(page)
    assert closer[1] - closer[0] == WHOLE[1] / 2
    page.keyboard.press("ArrowLeft")
    earlier = span(page)
    assert earlier[0] < closer[0]
    page.keyboard.press("ArrowRight")
    assert span(page) == closer
    page.keyboard.press("-")
    assert span(page) == WHOLE
    for _ in range(30):
        page.keyboard.press("+")
    assert span(page)[1] - span(page)[0] == 120
    page.keyboard.press("Home")
    assert span(page) == WHOLE


def test_events_by_keys_and_why(visit: Visit) -> None:
    page = opened(visit)
    page.locator("#canvas").focus()
    page.keyboard.press("n")
    assert span(page) != WHOLE
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.get_by_text("All that was seen").wait_for()
    assert page.evaluate("document.activeElement.id") == "why"
    page.get_by_role("button", name="Put away").click()
    assert page.locator("#why").is_hidden()
    assert page.evaluate("document.activeElement.id") == "canvas"


def test_by_wheel_and_by_dragging(visit: Visit) -> None:
    page = opened(visit)
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -200)
    page.wait_for_function("Number(document.getElementById('canvas').dataset.from) > 0")
    closer = span(page)
    page.mouse.down()
    page.mouse.move(x + 150, y, steps=5)
    page.mouse.up()
    assert span(page)[0] < closer[0]
    assert page.locator("#why").is_hidden()  # a drag is no tap


def test_a_tap_on_a_nudge_reads_why(visit: Visit) -> None:
    page = opened(visit)
    at = page.evaluate(
        """async () => {
            const {nudges, end_s} = await (await fetch('/night/2/data')).json();
            const over = document.querySelector('#canvas .u-over').getBoundingClientRect();
            return [over.x + over.width * nudges[0] / end_s, over.y + 40];
        }"""
    )
    page.mouse.click(*at)
    page.get_by_text("A nudge was given").first.wait_for()
    assert "The smallest step was given first" in page.locator("#why").inner_text()


def test_a_time_in_the_list_opens_the_same_panel_and_buttons_move(visit: Visit) -> None:
    page = opened(visit)
    page.locator("#events a").first.click()
    page.get_by_text("All that was seen").wait_for()
    assert page.url.endswith("/night/2")
    page.get_by_role("button", name="Closer").click()
    assert span(page) != WHOLE
    page.get_by_role("button", name="Whole night").click()
    assert span(page) == WHOLE


def pinch(page: Page, send: Any, apart: tuple[int, ...]) -> None:
    """Two fingers around the middle, so far from it each."""
    x, y = middle(page)

    def points(half: int) -> list[dict[str, float]]:
        return [{"x": x - half, "y": y, "id": 0}, {"x": x + half, "y": y, "id": 1}]

    send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points(apart[0])})
    for half in apart[1:]:
        send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points(half)})
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_by_finger_on_a_phone(browser: Browser, where: Served) -> None:
    with visiting(browser, where, PHONE, has_touch=True, is_mobile=True) as visit:
        page = opened(visit)
        page.locator("#canvas").scroll_into_view_if_needed()
        send = visit.context.new_cdp_session(page).send
        pinch(page, send, (30, 50, 80, 120))
        page.wait_for_function(f"Number(document.getElementById('canvas').dataset.to) < {WHOLE[1]}")
        from_s, to_s = span(page)
        assert to_s - from_s < WHOLE[1] / 2
        assert page.locator("#why").is_hidden()
        page.touchscreen.tap(*middle(page))
        page.get_by_text("All that was seen").wait_for()


DRAWN = """(name) => {
    const canvas = document.querySelector('#canvas canvas');
    const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let i = 0; i < data.length; i += 4) found += want.every((v, k) => Math.abs(data[i + k] - v) < 12);
    return found;
}"""
"""Pixels of the canvas that have the colour of a token."""


@pytest.mark.parametrize("theme", ["day", "night"])
def test_colours_are_those_of_the_light_and_stay_so_when_moved(visit: Visit, theme: str) -> None:
    visit.context.add_cookies([{"name": "light", "value": theme, "url": visit.served.url}])
    page = opened(visit)
    assert all(page.evaluate(DRAWN, name) > 50 for name in ("--deep", "--light"))
    first = page.evaluate(DRAWN, "--heart")
    assert first > 1000
    page.locator("#canvas").focus()
    page.keyboard.press("+")
    page.keyboard.press("-")
    assert page.evaluate(DRAWN, "--heart") > 0.9 * first  # a context left in another colour would draw it so


@pytest.mark.parametrize("language", ["en-GB", "en-US"])
def test_times_are_the_nights_own_wherever_the_browser_is(browser: Browser, where: Served, language: str) -> None:
    """In the night's zone, and written as the reader writes times."""
    with visiting(browser, where, DESK, timezone_id="Pacific/Auckland") as visit:
        visit.context.set_extra_http_headers({"Accept-Language": language})
        page = opened(visit)
        drawn = page.evaluate(
            """async () => {
                const words = [];
                const draw = CanvasRenderingContext2D.prototype.fillText;
                CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
                    words.push(text);
                    draw.call(this, text, ...at);
                };
                document.querySelector('[data-move=whole]').click();
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                return words;
            }"""
        )
        out = page.evaluate("fetch('/night/2/data').then((answer) => answer.json())")["lights_out_s"]
        t = Words.of(language)
        assert {t.time(time((out // 3600 + n) % 24)) for n in (1, 2)} <= set(drawn)


def test_without_scripts_the_picture_and_the_words_say_the_same(browser: Browser, where: Served) -> None:
    with visiting(browser, where, DESK, java_script_enabled=False) as visit:
        page = visit.open("/night/2")
        assert page.locator("#still img").is_visible()
        assert page.locator("#live").is_hidden()
        page.locator("#events a").first.click()
        page.wait_for_url("**/why?t=*")
        page.get_by_role("link", name="Back to the night").click()


def test_on_paper_stands_the_light_picture(visit: Visit, tmp_path: Path) -> None:
    page = opened(visit)
    page.emulate_media(media="print")
    assert page.locator(".on-paper").is_visible()
    assert page.locator("#live").is_hidden()
    assert page.locator("nav.pages").is_hidden()


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_page_with_everything_it_loads_is_light(browser: Browser, where: Served, size: Any) -> None:
    with visiting(browser, where, size) as visit:
        page = opened(visit)
        page.wait_for_load_state("networkidle")
        weight = page.evaluate(
            """['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
                .reduce((sum, one) => sum + one.decodedBodySize, 0)"""
        )
        assert 30_000 < weight <= MOST_BYTES


def test_where_the_page_does_not_answer_a_sentence_stands_there(visit: Visit) -> None:
    page = opened(visit)
    visit.served.rooms.doors.close_all()
    page.locator("#events a").first.click()
    page.get_by_text("Vigil's page did not answer").wait_for()
    visit.errors.clear()  # the browser tells of the 401


def test_another_setting_is_tried_and_the_answer_comes_by_itself(visit: Visit) -> None:
    page = visit.open("/night/what-if")
    page.get_by_label("Nudges for one bad dream").select_option("1")
    page.get_by_label("How many of the last nights").fill("2")
    page.get_by_role("button", name="Live through them").click()
    page.get_by_role("heading", name="What would have come of it").wait_for(timeout=100_000)
    assert "What this cannot know" in page.locator("main").inner_text()
    page.get_by_role("link", name="All nights").click()
    page.get_by_role("heading", name="Nights").wait_for()
