"""Pictures of every page: `python -m tests.campaigns.pictures` writes docs/pictures/page/ and the list in docs/page.md.

An invented sleeper's thirty-six nights, of which the last ten were lived and have pages; a clock that stands;
a phone and a desk, by day and by night.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from tests.unit.test_store_live_state import PLAIN
from tests.web.browser import DESK, PHONE, Served, a_browser, served, visiting
from tests.web.many import DAY_MS, SAID, figures
from tests.web.visitor import NOW_MS, Now
from vigil.app.demo_home import lived, missing, sleeper
from vigil.app.evening_file import evening_of
from vigil.app.home import Home, Shelf
from vigil.app.setup_file import write_answers
from vigil.app.stored_night import facts_of
from vigil.app.wiring import LOCK_NAME, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.nudges import WatchState
from vigil.domain.records import NightBegan
from vigil.domain.samples import Quality
from vigil.interview.interview import Interview
from vigil.interview.question import Value
from vigil.store.answers import Answers
from vigil.store.calls import CALLS_NAME, ask_to_call
from vigil.store.follow import Follows, Grants
from vigil.store.live_state import LIVE_NAME, Link, write
from vigil.store.lock import StoreLock
from vigil.store.nights import Nights
from vigil.web.follow_site import FOLLOW_ROWS, FollowRooms
from vigil.web.nights_read import NightsRead
from vigil.web.pages.tonight import NOBODYS
from vigil.web.pages.tonight import SAID as PASSED_ON
from vigil.web.rooms import Rooms
from vigil.web.serving import listening, names_of, serve
from vigil.web.site import site
from vigil.web.views.tonight import Marked

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures" / "page"
INDEX = ROOT / "docs" / "page.md"

HOME = Path(gettempdir()) / "vigil-pictures"
"""Some pages show where things are kept."""

MOST_BYTES = 4_000_000
TALLEST = 1_700
COLOURS = 64

HOUR_MS = 3_600_000
MORNING_MS = NOW_MS - NOW_MS % DAY_MS + 31 * HOUR_MS // 4
"""07:45."""

TONIGHT_MS = MORNING_MS + 19 * HOUR_MS
"""02:45 of the night after."""

EVENING_MS = MORNING_MS + 12 * HOUR_MS
"""The last evening that was lived is the one before this."""

SHORT = 0.6
"""The demo's nights are short; those that are rows are told as short."""

EARLIER = 26
"""Nights before those that are lived."""


ANSWERS: dict[str, Value] = {"wearable": "buzzes", "way": "watch", "country": "gb", "contact": "Anna 020 7946 0123"}
"""What the sleeper said on the first evening; the number is one of those kept free for stories."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page: the name of its picture, its address, a sentence about it. night: while a night is watched.

    desk: also as wide as a desk. press: a button of it that leads to what is pictured. theirs: of the trusted person.
    call: they were asked to call. Of a page that is long, what is pictured is its beginning.
    """

    name: str
    path: str
    about: str
    night: bool = False
    desk: bool = False
    press: str = ""
    theirs: bool = False
    call: bool = False


PAGES = (
    Shown(
        "tonight",
        "/tonight",
        "A night is being watched: how it stands, and what can be said to it.",
        night=True,
        desk=True,
    ),
    Shown("tonight-awake", "/tonight?told={awake}", "After *I'm awake*.", night=True),
    Shown("tonight-off", "/tonight", "Nobody is watching."),
    Shown("low-light", "/tonight/light", "A page that is nothing but warm and dim.", night=True),
    Shown("help", "/help", "Whom to call now; it opens without having entered."),
    Shown("morning", "/morning", "This morning: one tap, and more only if wanted.", desk=True),
    Shown("night", "/night/{nightmare}", "A night with a nightmare that was met.", desk=True),
    Shown("night-quiet", "/night/{quiet}", "A quiet night."),
    Shown("why", "/night/{nightmare}/why?t={second}", "Why something was done at a moment."),
    Shown("nights", "/nights", "Every night."),
    Shown("what-if", "/night/what-if", "What another setting would have done."),
    Shown("weeks", "/weeks", "The weeks: what was said, and what goes with bad nights.", desk=True),
    Shown("journal", "/journal", "The journal by day.", desk=True),
    Shown("journal-found", "/journal?q=window", "Found by a word."),
    Shown("journal-entry", "/journal/1", "One entry."),
    Shown("journal-write", "/journal/new", "Writing one."),
    Shown("journal-print", "/journal/print", "On its way to paper."),
    Shown("threads", "/journal/threads", "What comes back, by the person's own names."),
    Shown("more", "/more", "Everything else.", desk=True),
    Shown("evening", "/evening", "The first evening."),
    Shown("evening-question", "/evening/contact", "One question of it."),
    Shown("evening-end", "/evening/end", "The end of it: what stands, and what comes next."),
    Shown("talk", "/evening/safe_now", "After a hard *yes*: please talk to someone, and whom to call.", press="Yes"),
    Shown("bedtime", "/bedtime", "Before bed: what is well, and what to do where it is not.", desk=True),
    Shown("devices", "/devices", "Devices."),
    Shown("pair", "/devices/pair", "Pairing one."),
    Shown("sound", "/devices/sound", "Choosing a loudspeaker."),
    Shown("lamp", "/devices/lamp/home_assistant", "Choosing a lamp."),
    Shown("nudge", "/devices/nudge", "Trying a nudge by day."),
    Shown("settings", "/settings", "How much Vigil may do.", desk=True),
    Shown("data", "/data", "The person's own data.", desk=True),
    Shown("export", "/data/export", "Taking nights along as files."),
    Shown("copies", "/data/copies", "Copies, and going back to one."),
    Shown("report", "/data/report", "A report for a clinician."),
    Shown("lock", "/data/lock", "How the data is locked."),
    Shown("erase", "/data/erase", "Erasing."),
    Shown("erase-all", "/data/erase/all", "Before everything goes."),
    Shown("follow", "/follow", "A trusted person: what they see, and when they looked.", desk=True),
    Shown("doors", "/doors", "Which browsers are let in, and how a phone is."),
    Shown("followed", "/", "What the trusted person sees while somebody watches.", night=True, theirs=True),
    Shown("followed-off", "/", "What they see while nobody does.", theirs=True),
    Shown("followed-call", "/", "What they see when they are asked to call.", night=True, theirs=True, call=True),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make them all, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument(
        "--home", type=Path, default=HOME, help="where the invented sleeper lives; made if there is none"
    )
    parser.add_argument("names", nargs="*", help="only these")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in PAGES if not given.names or one.name in given.names]
    home = Home(given.home, given.home)
    if not home.database(Shelf.DEMO).exists():
        an_invented_life(home)
    pictured(home, wanted, given.out)
    if not given.names:
        _write_list(INDEX)
    size = sum(one.stat().st_size for one in given.out.glob("*.png"))
    if size > MOST_BYTES:
        message = f"{size} bytes of pictures are more than {MOST_BYTES}"
        raise SystemExit(message)
    return 0


def an_invented_life(home: Home) -> None:
    """Nights as rows with their mornings first, then the demo's, lived; the rows take their figures from those."""
    chance, evenings = random.Random(4), missing(home, EVENING_MS)
    back = len(evenings) + EARLIER
    first = evening_of(EVENING_MS) - timedelta(days=back)
    said: dict[int, MorningWord | None] = {}
    with writing(home, Shelf.DEMO) as shelf:
        nights, answers = Nights(shelf.database), Answers(shelf.database)
        for number in range(EARLIER):
            wall_ms = MORNING_MS - (back - number - 1) * DAY_MS - 9 * HOUR_MS
            name = f"{sleeper()}-{first + timedelta(days=number):%Y%m%d}"
            began = NightBegan(0, night=name, wall_ms=wall_ms, zone_min=0)
            key = nights.begin(began, path="", format="invented", kind="demo", note="")
            nights.set_digests(key, "a", "b")
            said[key] = chance.choice(SAID)
            if said[key] is not None:
                distress = chance.randint(4, 8) if said[key] is MorningWord.BAD_DREAM else None
                answers.put(key, Answer(said[key] or MorningWord.LEFT, distress=distress))
    for _ in lived(home, evenings):
        pass
    with writing(home, Shelf.DEMO) as shelf:
        _lend_figures(Nights(shelf.database), said, chance)


def _lend_figures(nights: Nights, said: Mapping[int, MorningWord | None], chance: random.Random) -> None:
    facts = [facts_of(nights.summary(row.key)) for row in nights.nights() if row.key not in said]
    figured = [one["figures"] for one in facts if "figures" in one]
    still = [one for one in figured if not one["interventions"]]
    for key, word in said.items():
        bad = word is MorningWord.BAD_DREAM
        lent = chance.choice(figured if bad else still)
        told = figures(chance, bad=bad)
        told["asleep_min"] = round(SHORT * float(str(told["asleep_min"])), 1)
        nights.add_summary(key, json.dumps({"figures": lent, "diary": told}))


def pictured(home: Home, pages: Sequence[Shown], out: Path) -> None:
    """Each page into its files."""
    now = Now(MORNING_MS)
    write_answers(home.setup_file, Interview(ANSWERS))
    with served(home.data, now, Shelf.DEMO) as where, a_browser() as browser:
        places = _places(where.rooms)
        link = Follows(where.rooms.doors).invite("Anna", "", Grants(watching=True, asked_to_call=True), 30, now.ms)
        own, theirs = [one for one in pages if not one.theirs], [one for one in pages if one.theirs]
        _followed(browser, where, theirs, out, (link, now))
        for size, name in ((PHONE, "phone"), (DESK, "desk")):
            for theme in ("day", "night"):
                shown = [one for one in own if name == "phone" or one.desk]
                _one_size(browser, where, size, shown, out, (name, theme, places, now))


def _places(rooms: Rooms) -> dict[str, str]:
    """A night with a nightmare that was met, its moment, a quiet one, and what was said by *I'm awake*."""
    with rooms.reading() as shelf:
        assert shelf is not None
        kept = Answers(shelf.database).all().by_night
        keys = [row.key for row in Nights(shelf.database).nights() if row.minutes]
    reports = {key: NightsRead().of(rooms, key).stored.report for key in keys}
    met = [key for key in keys if reports[key].nudges and kept[key].word is MorningWord.BAD_DREAM][-1]
    quiet = [key for key in keys if not reports[key].nudges and kept[key].word is MorningWord.QUIET][-1]
    second = str(round(reports[met].nudges[0].t_s))
    awake = PASSED_ON.keep(NOBODYS, Marked.AWAKE.value, str(TONIGHT_MS))  # as the button does
    return {"nightmare": str(met), "quiet": str(quiet), "second": second, "awake": str(awake)}


def _one_size(
    browser: Browser,
    where: Served,
    size: ViewportSize,
    pages: Sequence[Shown],
    out: Path,
    how: tuple[str, str, dict[str, str], Now],
) -> None:
    name, theme, places, now = how
    with visiting(browser, where, size, timezone_id="UTC", reduced_motion="reduce") as visit:
        visit.context.add_cookies([{"name": "light", "value": theme, "url": where.url}])
        for one in pages:
            with _when(where, now, night=one.night):
                page = visit.open(one.path.format(**places))
                if one.press:
                    page.get_by_role("button", name=one.press).click()
                _take(page, out / f"{one.name}-{name}-{theme}.png")
        visit.errors.clear()


def _followed(browser: Browser, where: Served, pages: Sequence[Shown], out: Path, how: tuple[str, Now]) -> None:
    """The trusted person's own pages, on a listener of their own, as they see them on a phone."""
    link, now = how
    one = listening(port=0)
    number = one.getsockname()[1]
    rooms = FollowRooms(where.rooms.home, where.rooms.shelf, now, names_of(number))
    servers: list[uvicorn.Server] = []
    thread = threading.Thread(target=serve, args=(site(rooms, FOLLOW_ROWS), one, None, servers.append), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{number}"
    context = browser.new_context(viewport=PHONE, locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{url}/enter/{link}")
    page.get_by_role("button", name="Open").click()
    page.wait_for_url(f"{url}/")
    calls = where.rooms.home.shelf(where.rooms.shelf) / CALLS_NAME
    for theme in ("day", "night"):
        context.add_cookies([{"name": "light", "value": theme, "url": url}])
        for shown in pages:
            with _when(where, now, night=shown.night):
                calls.unlink(missing_ok=True)
                if shown.call:
                    ask_to_call(calls, now.ms)
                page.goto(url + shown.path)
                _take(page, out / f"{shown.name}-phone-{theme}.png")
    calls.unlink(missing_ok=True)
    context.close()
    servers[0].should_exit = True
    thread.join()


def _take(page: Page, file: Path) -> None:
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)  # a picture that is drawn by a script
    size = page.viewport_size or PHONE
    tall = min(TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": size["width"], "height": max(tall, size["height"])})
    taken = page.screenshot()
    page.set_viewport_size(size)
    with Image.open(io.BytesIO(taken)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


@contextmanager
def _when(where: Served, now: Now, *, night: bool) -> Iterator[None]:
    """In the morning, or in a night that is watched."""
    if not night:
        now.ms = MORNING_MS
        yield
        return
    now.ms = TONIGHT_MS
    folder = where.rooms.home.shelf(where.rooms.shelf)
    began = now.ms - 4 * HOUR_MS
    state = replace(
        PLAIN,
        night=f"{sleeper()}-now",
        began_wall_ms=began,
        now_wall_ms=now.ms,
        told_wall_ms=now.ms,
        state=WatchState.WATCHING,
        link=Link.HEARD,
        link_since_wall_ms=began,
        quality=Quality.GOOD,
        quality_since_wall_ms=began,
        battery_percent=81,
        heart_bpm_x10=543,
        heart_ago_ms=800,
    )
    with StoreLock.acquire(folder / LOCK_NAME, "22:45"):
        write(folder / LIVE_NAME, state)
        yield
    (folder / LIVE_NAME).unlink()


def _write_list(index: Path) -> None:
    """The list at the end of the page about the page, after its mark."""
    mark = "<!-- pictures -->\n"
    head = index.read_text("utf-8").partition(mark)[0] if index.exists() else "# The page\n\n"
    rows = [
        f"### {one.name}\n\n{one.about}\n\n"
        + " ".join(
            f"[{name}, {theme}](pictures/page/{one.name}-{name}-{theme}.png)"
            for name in ("phone", "desk")
            if name == "phone" or one.desk
            for theme in ("day", "night")
        )
        for one in PAGES
    ]
    index.write_text(f"{head}{mark}\n" + "\n\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
