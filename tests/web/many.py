"""Many nights at once: rows, figures and mornings as a year of watching leaves them, without living any of it."""

from __future__ import annotations

import json
import random
from pathlib import Path

from tests.web.visitor import NOW_MS
from vigil.app.diary_figures import VERSION
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal
from vigil.app.wiring import writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.journal import MorningNote
from vigil.domain.records import NightBegan
from vigil.store.answers import Answers
from vigil.store.nights import Nights

DAY_MS = 24 * 3_600_000
LIGHTS_OUT_MS = NOW_MS - NOW_MS % DAY_MS - 2 * 3_600_000
"""22:00 UTC of the last evening."""

KIND = {Shelf.OWN: "live", Shelf.DEMO: "demo"}

SAID = (
    *[MorningWord.QUIET] * 12,
    *[MorningWord.BAD_DREAM] * 4,
    MorningWord.KEPT_DREAM,
    *[MorningWord.NOT_REMEMBERED] * 2,
    *[None] * 4,
)


def figures(chance: random.Random, *, bad: bool) -> dict[str, object]:
    """Of one night, as they are kept beside it."""
    came = chance.choice(["settled", "settled", "unchanged", "woke"]) if bad and chance.random() < 0.5 else ""
    counts = {name: int(name == came) for name in ("settled", "unchanged", "woke")}
    return {
        "version": VERSION,
        "asleep_min": round(chance.gauss(390 if bad else 430, 45), 1),
        "waso_min": round(abs(chance.gauss(35, 15)), 1),
        "awakenings": chance.randint(1, 6) if bad else chance.randint(0, 3),
        "watched_min": 460.0,
        "blind_min": 12.0,
        "noticed": int(bool(came)),
        "nudges": int(bool(came)),
        "episodes": int(bool(came)),
        **counts,
    }


def with_many(folder: Path, count: int = 60, where: Shelf = Shelf.OWN) -> Path:
    """So many nights up to last night, a seventh of the evenings without one. Returns the folder."""
    chance, home, notes = random.Random(3), Home(folder, folder), []
    with writing(home, where) as shelf:
        nights, answers = Nights(shelf.database), Answers(shelf.database)
        with shelf.database.atomic():
            for back in reversed(range(count)):
                if chance.random() < 1 / 7:
                    continue
                name, word = f"n{back:03}", chance.choice(SAID)
                began = NightBegan(0, night=name, wall_ms=LIGHTS_OUT_MS - back * DAY_MS, zone_min=0)
                key = nights.begin(began, path="", format="a test", kind=KIND[where], note="")
                nights.set_digests(key, "a", "b")
                bad = word is MorningWord.BAD_DREAM
                nights.add_summary(key, json.dumps({"diary": figures(chance, bad=bad)}))
                if word is not None:
                    answers.put(key, Answer(word, distress=chance.randint(3, 9) if bad else None))
                drink = chance.random() < (0.6 if bad else 0.2)
                marks = (*(["drink"] if drink else []), *(["quarrel"] if chance.random() < 0.04 else []))
                if word is not None:
                    notes.append(MorningNote(name, dread=chance.randint(0, 8), marks=marks))
    with journal(home, where) as opened:
        for note in notes:
            opened.notes.put_morning(note, NOW_MS)
    return folder
