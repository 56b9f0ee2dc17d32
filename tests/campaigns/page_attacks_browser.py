"""Hostile texts in a real Chromium: every page of a planted Vigil is opened; none of them runs or becomes a part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.campaigns.page_attacks_asked import Outcome
from tests.campaigns.page_attacks_payloads import PAYLOADS
from tests.campaigns.page_attacks_planted import plant, plant_around
from tests.campaigns.page_attacks_texts import AROUND, own_pages
from tests.web.browser import CHROMIUM, FLAGS, PATIENCE_MS, Served, served
from tests.web.followed import ALL
from vigil.store.follow import Follows
from vigil.store.follow_settings import FollowStore
from vigil.web.follow_serving import FollowDoor, Where
from vigil.web.routes import ROWS

TRAP = """
window.canary = (what) => { console.error("RAN " + what); };
window.alert = window.confirm = window.prompt = window.canary;
document.addEventListener("securitypolicyviolation", (one) => console.error("POLICY " + one.violatedDirective));
"""

FOREIGN = """() => [...document.querySelectorAll("*")].flatMap((one) => {
  const names = one.getAttributeNames();
  const bad = names.filter((name) => name === "vx" || name.startsWith("on"));
  const links = ["href", "src", "action"].map((name) => one.getAttribute(name) || "")
    .filter((to) => /^[\\x00-\\x20]*(javascript|data|vbscript):/i.test(to));
  const script = one.localName === "script" && !one.src.includes("/static/");
  return bad.length || links.length || script ? [one.localName + " " + [...bad, ...links].join(" ").slice(0, 60)] : [];
})"""

FOLLOWERS = 12
"""Who are invited in turn."""

EXPECTED = ("Failed to load resource",)
"""What the console says of a page that is not there."""


def browsed(
    folder: Path, payloads: Sequence[str] = PAYLOADS, each: int = 40, around: int = 16, only: Sequence[str] = ()
) -> Outcome:
    """Every page with everything planted, each so-and-so-many-th night and entry; what there is one of, in turns.

    only: addresses in place of all.
    """
    home = plant(folder, payloads)
    through: list[str] = []
    pages = [*own_pages(last=len(payloads), each=each), *(f"/nights?before={n}" for n in range(10, len(payloads), 60))]
    pages = [path for path in pages if not path.startswith(("/data/report.pdf", "/data/export/"))]
    pages = list(only) or pages
    with served(folder) as where, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            context = browser.new_context()
            context.set_default_timeout(PATIENCE_MS)
            context.add_init_script(TRAP)
            _let_in(context, where, plant_around(home, 0, payloads))
            tried = _opened(context, where.url, pages, through)
            known = {row.path for row in ROWS}
            for number in range(0, len(payloads), max(1, len(payloads) // around)):
                _let_in(context, where, plant_around(home, number, payloads))
                tried += _opened(context, where.url, [path for path in AROUND if path in known], through)
            tried += _followed(context, where, payloads, through)
        finally:
            browser.close()
    return Outcome(tried, tuple(dict.fromkeys(through)))


def _let_in(context: BrowserContext, where: Served, cookie: str) -> None:
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": where.url, "httpOnly": True, "sameSite": "Strict"}])


def _opened(context: BrowserContext, url: str, paths: Iterable[str], through: list[str]) -> int:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: said.append(f"ERROR {error}"))
    tried = 0
    for path in paths:
        tried += 1
        answer = page.goto(url + path, wait_until="load")
        if answer is not None and (answer.status == 401 or answer.status >= 500):
            through.append(f"{path}: {answer.status}, so nothing was looked at")
        through += [f"{path}: {one}" for one in _wrong(page)]
        through += [f"{path}: {one[:100]}" for one in said if not one.startswith(EXPECTED)]
        said.clear()
    page.close()
    return tried


def _wrong(page: Page) -> list[str]:
    found: list[str] = page.evaluate(FOREIGN)
    return found


def _followed(context: BrowserContext, where: Served, payloads: Sequence[str], through: list[str]) -> int:
    """The page of the one who follows, under hostile names for both."""
    follows, store = Follows(where.rooms.doors), FollowStore(where.rooms.doors)
    door = FollowDoor(where.rooms, Where(port=0))
    store.put(open=True)
    door.look()
    at, tried = store.settings().at, 0
    try:
        for one in payloads[:: max(1, len(payloads) // FOLLOWERS)]:
            link = follows.invite(f"x{one}", f"x{one}", ALL, 30, where.rooms.wall_ms())
            tried += _opened(context, at, (f"/enter/{link}",), through)
            page = context.new_page()
            page.goto(f"{at}/enter/{link}")
            page.get_by_role("button").first.click()
            page.wait_for_url(f"{at}/")
            page.close()
            tried += _opened(context, at, ("/",), through)
    finally:
        door.close()
    return tried
