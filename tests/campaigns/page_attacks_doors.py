"""Keys that are guessed, copied, tossed in, outlived: who has no good one stays outside."""

from __future__ import annotations

import random
import secrets
import sqlite3
from contextlib import closing

from starlette.types import ASGIApp

from tests.campaigns.page_attacks_asked import Outcome, ask, cookie_of, headers_of
from tests.web.visitor import ORIGIN, Now
from vigil.store.doors import IDLE_MS, LINK_MS, WHOLE_MS
from vigil.web.guesses import MOST, WITHIN_MS, Guesses
from vigil.web.rooms import Rooms

GUESSES = 1_000_000
INSIDE, OUTSIDE = 200, 401

DAY_MS = 24 * 3_600_000


def guesses(rooms: Rooms, now: Now, count: int = GUESSES, seed: int = 1) -> Outcome:
    """So many keys, a thousand a second, at a door behind which a link and a session wait.

    Ten of a minute are looked at; all others are turned away without a look. What is remembered of it stays small.
    """
    chance = random.Random(seed)
    doors, wrong = rooms.doors, Guesses()
    link = doors.make_link(now.ms)
    cookie_of(rooms)
    through: list[str] = []
    looked, began = 0, now.ms
    for number in range(count):
        now.ms = began + number
        if not wrong.may_try(now.ms):
            continue
        looked += 1
        guess = _guess(chance, link)
        if doors.enter(guess, "", now.ms) or doors.who(guess, now.ms):
            through.append(f"guess {number}")
        wrong.failed(now.ms)
    most = (count // WITHIN_MS + 1) * MOST
    if looked > most:
        through.append(f"{looked} guesses were looked at, {most} may be")
    if len(wrong.wrong) > MOST or len(doors.sessions()) != 1:
        through.append("what is remembered of guesses grows")
    return Outcome(count, tuple(through))


def _guess(chance: random.Random, link: str) -> str:
    """Random, or as near to the right one as can be without being it."""
    match chance.randrange(5):
        case 0:
            at = chance.randrange(len(link))
            return link[:at] + ("A" if link[at] != "A" else "B") + link[at + 1 :]
        case 1:
            return link[: chance.randrange(len(link))]
        case 2:
            return link + chance.choice(("", "\x00", " ", "=", "\n"))[:1] + "x"
        case 3:
            return chance.choice(("", "%", "_", "' OR 1=1 --", "*", "null", "undefined", link.swapcase(), "\ud800"))
        case _:
            return secrets.token_urlsafe(32)


async def cookies(app: ASGIApp, rooms: Rooms) -> Outcome:
    """A session that was chosen by somebody else, a cookie of the same name tossed in, and what is no cookie."""
    good = cookie_of(rooms)
    name, value = good.split("=", 1)
    fixed = f"{name}=chosen-by-somebody-else"
    tossed = [f"{name}=x; {good}; {name}=x", f"{name}=x; {name}=y", f'{name}="{value}', f"{name.upper()}={value}"]
    tossed += [f"{name}={value}x", f"{name}={value[:-1]}", f"{name} {value}", f"__Host-{name}={value}", f"x{good}"]
    tossed += [f"{name}=%{ord(value[0]):02x}{value[1:]}", f"{name}=\x00{value}", f"{name}={value}\x00", "", "=", ";;;"]
    through = [
        f"cookie {cookie.replace(value, 'GOOD')!r}"
        for cookie in (fixed, *tossed)
        if (await ask(app, "/tonight", headers_of(cookie))).status != OUTSIDE
    ]
    link = rooms.doors.make_link(rooms.wall_ms())
    headers = headers_of(fixed, origin=ORIGIN, content_type="application/x-www-form-urlencoded")
    entered = await ask(app, "/enter", headers, method="POST", body=f"token={link}".encode())
    if entered.status != 303 or "chosen-by" in entered.headers.get("set-cookie", ""):
        through.append("a session that somebody else chose is used")
    if (await ask(app, "/tonight", headers_of(fixed))).status != OUTSIDE:
        through.append("after entering, the chosen session is good")
    return Outcome(len(tossed) + 3, tuple(through))


def clock_steps(rooms: Rooms, now: Now, seed: int = 1, count: int = 300) -> Outcome:
    """A clock that leaps to and fro: no session outlives its limits by what the clock itself says, no link its own."""
    chance = random.Random(seed)
    through = []
    for number in range(count):
        began = now.ms
        link = rooms.doors.make_link(now.ms)
        session = rooms.doors.enter(link, "", now.ms) or ""
        waiting = rooms.doors.make_link(now.ms)
        now.ms = began + chance.choice((-WHOLE_MS, -2 * DAY_MS, IDLE_MS, WHOLE_MS, 10 * WHOLE_MS))
        if rooms.doors.who(session, now.ms) or rooms.doors.enter(waiting, "", now.ms):
            through.append(f"step {number}: {now.ms - began} ms")
        now.ms = began  # and what was ended by it does not come back
        if rooms.doors.who(session, now.ms) or rooms.doors.enter(waiting, "", now.ms + LINK_MS):
            through.append(f"step {number}: came back")
    return Outcome(count * 4, tuple(through))


def kept_keys(rooms: Rooms) -> Outcome:
    """Who reads the file of the doors learns nothing to enter with: what stands in it opens nothing."""
    cookie_of(rooms)
    rooms.doors.make_link(rooms.wall_ms())
    path = rooms.home.shelf(rooms.shelf) / "page.db"
    with closing(sqlite3.connect(path)) as database:
        kept = [str(row[0]) for table in ("link", "session") for row in database.execute(f"SELECT digest FROM {table}")]
    now_ms = rooms.wall_ms()
    through = [
        f"digest {one[:4]}" for one in kept if rooms.doors.who(one, now_ms) or rooms.doors.enter(one, "", now_ms)
    ]
    return Outcome(len(kept), tuple(through))
