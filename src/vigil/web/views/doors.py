"""A browser that has entered, as a person tells it from the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from vigil.app.printable import printable
from vigil.store.doors import IDLE_MS, WHOLE_MS, Session
from vigil.web.words import Words

LONGEST = 60
"""Letters of a name that nobody knows. Our choice."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""What a browser calls itself, and what people call it; the first that is found, since most name others as well."""

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Door:
    """One session. name: what the browser said of itself, made short where it is known. here: this very browser."""

    id: int
    name: str
    since: str
    used: str
    ends: str
    here: bool


def door(session: Session, t: Words, now: datetime, *, here: bool) -> Door:
    """How it is shown. now: in local time."""

    def when(wall_ms: int) -> str:
        moment = datetime.fromtimestamp(wall_ms / 1000, now.tzinfo)
        return t.time(moment) if moment.date() == now.date() else f"{t.short_day(moment.date())}, {t.time(moment)}"

    last_ms = min(session.seen_ms + IDLE_MS, session.made_ms + WHOLE_MS)
    ends = t.short_day(datetime.fromtimestamp(last_ms / 1000, now.tzinfo).date())
    return Door(session.id, name_of(session.name, t), when(session.made_ms), when(session.seen_ms), ends, here)


def name_of(agent: str, t: Words) -> str:
    """What to call a browser: by its own words where nobody knows them; they are a stranger's."""
    words = {word for word in re.split(r"[^A-Za-z]+", agent) if word}
    browser = next((name for mark, name in BROWSERS if mark in words), "")
    system = next((name for mark, name in SYSTEMS if mark in words), "")
    if browser and system:
        return t("doors.named", browser=browser, system=system)
    return browser or system or " ".join(printable(agent).split())[:LONGEST] or t("doors.nameless")
