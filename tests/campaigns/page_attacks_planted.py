"""A person's Vigil in which every text that can be somebody else's is hostile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.campaigns.page_attacks_payloads import PAYLOADS, SHORT
from tests.unit.test_store_live_state import PLAIN
from tests.web.kept import DAY_MS, with_nights
from tests.web.visitor import NOW_MS
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal
from vigil.app.live_view import NoView
from vigil.app.setup_file import write_answers
from vigil.app.simulated_night import Script, lights_out, live
from vigil.app.wiring import population_outfit, writing
from vigil.domain.errors import InputError
from vigil.domain.journal import MOST_TITLE, Draft, MorningNote, Written
from vigil.domain.records import NightBegan
from vigil.interview.interview import Interview
from vigil.run.ports import VirtualClock
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import Follows, Grants
from vigil.store.live_state import LIVE_NAME, write
from vigil.store.nights import Nights
from vigil.web.drafts import ENTRY

LIVED = 4
"""The key of the night that was lived under a hostile name; those of `kept.py` come before it."""

HOUR_MS = 3_600_000

SETTINGS = ("nudges = {}\n", "{0} = {0}\n", "[{0}\n", "# {0}\n", "[{0}]\nx = 1\n", "nudges = true # {0}\n\x00")
"""Files of settings that say it as a value, a name, a section, a remark, and where they are damaged."""

WEARABLES = '[[wearable]]\nkey = "heart-rate-strap"\naddress = "A0:9E:1A:00:00:01"\nname = {}\nroles = ["sensor"]\n'


def plant(folder: Path, payloads: Sequence[str] = PAYLOADS) -> Home:
    """Nights, mornings, journal, drafts, threads and tags: each payload at least once in each kind of text."""
    home = Home(with_nights(folder), folder)
    _plant_nights(home, payloads)
    with journal(home, Shelf.OWN) as opened:
        for number, one in enumerate(payloads):
            title = one[:MOST_TITLE]
            try:
                thread = opened.put_thread(title, one).id
            except InputError:  # two whose names are the same but for what cannot be text
                thread = None
            tags = tuple(dict.fromkeys((one[:40], SHORT[number % len(SHORT)])))
            opened.add(Written(title, f"{one}\n{one}", tags, day="2026-11-20", thread=thread), NOW_MS)
        for key, night in enumerate(("2026-11-27", "2026-11-28", "2026-11-29"), start=1):
            opened.notes.put_morning(MorningNote(night, 3, "\n".join(payloads), (payloads[key][:40],)), NOW_MS)
        for number, one in enumerate(payloads[:50]):
            fields = {name: [one] for name in ("title", "body", "tags", "thread", "words")}
            text = json.dumps(fields, ensure_ascii=False)
            opened.notes.put_draft(Draft(f"{ENTRY}new-{number:08x}", text), NOW_MS)
            opened.notes.put_draft(Draft(f"morning/{1 + number % LIVED}/{number:08x}", text), NOW_MS)
    return home


def _plant_nights(home: Home, payloads: Sequence[str]) -> None:
    """One that was lived, and one row for each payload, which is its name, its file, its format and its note."""
    outfit = population_outfit()
    with writing(home, Shelf.OWN) as shelf:
        script = Script(2, "strong", 0.5)
        began = lights_out(script, outfit, wall_ms=NOW_MS - DAY_MS // 3, zone_min=0, name=payloads[0])
        live(script, began, outfit, shelf.database, VirtualClock(wall_ms=NOW_MS - DAY_MS // 3), NoView(), kind="live")
        nights = Nights(shelf.database)
        with shelf.database.atomic():
            for number, one in enumerate(payloads):
                row = NightBegan(0, night=one + " ", wall_ms=NOW_MS - (9 + number) * DAY_MS, zone_min=0)
                key = nights.begin(row, path=one, format=one, kind="live", note=one)
                nights.set_digests(key, "a", "b")
                facts = {"remarks": [one, *payloads[:3]], "left_out": [{"where": one, "why": one}], "known": {one: one}}
                nights.add_summary(key, json.dumps(facts))


def plant_around(home: Home, number: int, payloads: Sequence[str] = PAYLOADS) -> str:
    """What there is only one of takes the payload of that number: device, trusted person, sessions, settings, night.

    Returns the cookie of a session whose browser calls itself so.
    """
    one = payloads[number % len(payloads)]
    folder = home.shelf(Shelf.OWN)
    doors = Doors(folder / DOORS_NAME)
    doors.close_all()
    cookie = f"vigil={doors.enter(doors.make_link(NOW_MS), one, NOW_MS)}"
    Follows(doors).invite(one.replace("\x00", "") + "x", one, Grants(), 30, NOW_MS)
    name = json.dumps(one[:60]).replace("\x7f", "")
    (home.config / "wearables.toml").write_text(WEARABLES.format(name), "utf-8", "replace")
    (home.config / "settings.toml").write_text(SETTINGS[number % len(SETTINGS)].format(name), "utf-8", "replace")
    (home.config / "evening.json").write_text(json.dumps({"evening": one, "taps": [one]}), "utf-8", "replace")
    write_answers(home.setup_file, Interview({"country": "other", "contact": one[:60]}))
    told = {
        "night": one,
        "boot_id": one,
        "now_wall_ms": NOW_MS,
        "told_wall_ms": NOW_MS,
        "began_wall_ms": NOW_MS - HOUR_MS,
    }
    write(folder / LIVE_NAME, replace(PLAIN, **told))  # type: ignore[arg-type]  # by name
    return cookie
