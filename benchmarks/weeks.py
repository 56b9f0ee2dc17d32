"""One command: how long the weeks of a year take, as figures and as pages, and what a night costs with other settings.

    python -m benchmarks.weeks [--json FILE] [--nights N]

A simulated night of eight hours is kept once and its rows are laid under every night of the year, so that the database
is as large as a real one. Goal: 300 ms for 365 nights, opening, reading, counting and comparing together, and for their
page from request to answer. The page of the morning after such a year stands beside it, once it has read its night.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.web.visitor import Now, Visitor, rooms_in
from vigil.app.diary_nights import diary_nights
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal
from vigil.app.live_view import viewer
from vigil.app.pacing import PacedClock
from vigil.app.simulated_night import INVENTED_WALL_MS, Script, lights_out, live
from vigil.app.terminal import console
from vigil.app.what_if import Change, WhatIf
from vigil.app.wiring import OpenShelf, population_outfit, reading, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.journal import MorningNote
from vigil.domain.records import NightBegan
from vigil.recovery.comparisons import comparisons
from vigil.recovery.weeks import Weeks
from vigil.store.answers import Answers
from vigil.store.checksums import place_of
from vigil.store.nights import Nights

HOURS = 8.0
DAY_MS = 24 * 3600 * 1000
LOOKS = 9
OK = 200


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--nights", type=int, default=365)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), Path(folder))
        with writing(home, Shelf.OWN) as shelf:
            _first_night(shelf)
        what_if_s = _what_if(home)
        with writing(home, Shelf.OWN) as shelf:
            _others(shelf, given.nights)
        figures = {
            "nights": given.nights,
            "database_mb": round(home.database(Shelf.OWN).stat().st_size / 1e6, 1),
            "weeks_ms": round(1000 * median(_weeks(home) for _ in range(LOOKS)), 1),
            "page_ms": _page_ms(home, "/weeks?nights=365"),
            "morning_ms": _page_ms(home, "/morning"),
            "what_if_cpu_s_per_night": round(what_if_s, 2),
        }
    print(json.dumps(figures, indent=1))
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


def _first_night(shelf: OpenShelf) -> None:
    script, outfit = Script(2, plan="strong", hours=HOURS), population_outfit()
    began = lights_out(script, outfit, wall_ms=INVENTED_WALL_MS, zone_min=60, name="n0")
    view = viewer(console(), "", HOURS * 3600, quiet=True)
    live(script, began, outfit, shelf.database, PacedClock(None), view, kind="live")


def _others(shelf: OpenShelf, count: int) -> None:
    nights, database = Nights(shelf.database), shelf.database
    (row,) = nights.nights()
    facts = nights.summary(row.key) or ""
    with database.atomic():
        for number in range(1, count):
            began = NightBegan(0, night=f"n{number}", wall_ms=INVENTED_WALL_MS + number * DAY_MS, zone_min=60)
            key = nights.begin(began, path="", format="a benchmark", kind="live", note="")
            nights.set_digests(key, "a", "b")
            nights.add_summary(key, facts)
            Answers(database).put(key, Answer(MorningWord.BAD_DREAM if number % 5 == 0 else MorningWord.QUIET))
            database.execute(
                "INSERT INTO minute SELECT place - ?1 + ?2, ?3, from_s, to_s, count, crc, seal, samples, records "
                "FROM minute WHERE night = ?4",
                (place_of(row.key, 0), place_of(key, 0), key, row.key),
            )


def _weeks(home: Home) -> float:
    began = time.perf_counter()
    with reading(home, (Shelf.OWN,)) as (shelf,):
        diary = diary_nights(shelf, {f"n{number}": (number % 11, ("drink",)) for number in range(0, 400, 3)})
    weeks = Weeks.of(diary.nights)
    comparisons(weeks.nights)
    return time.perf_counter() - began


def _page_ms(home: Home, path: str) -> float:
    """A page from request to answer, in process; the journal has a morning for every third night."""
    rooms = rooms_in(home.data, Now(INVENTED_WALL_MS + 365 * DAY_MS))
    with journal(home, Shelf.OWN) as opened:
        for number in range(0, 365, 3):
            opened.notes.put_morning(MorningNote(f"n{number}", dread=number % 11, marks=("drink",)), INVENTED_WALL_MS)
    visitor, found = Visitor.inside(rooms), []
    for _ in range(LOOKS):
        began = time.perf_counter()
        assert visitor.get(path).status_code == OK
        found.append(time.perf_counter() - began)
    return round(1000 * median(found), 1)


def _what_if(home: Home) -> float:
    """Seconds of computing for one night, starting the child included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with WhatIf(home, Shelf.OWN, Change.typed(["top_level=1"])) as run:
        assert list(run)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
