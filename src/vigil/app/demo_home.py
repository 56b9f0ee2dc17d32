"""The home of an invented sleeper, for looking at the page: ten earlier evenings, their mornings, a few dreams.

It stands in a folder of its own and is the invented sleeper's alone. Nights that are there are left as they are: on
another day only the evenings that are missing are lived. Words and nights come from `data/invented.toml`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vigil.app.demo_night import PLAN, SEED, night_words
from vigil.app.evening_file import evening_of
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal
from vigil.app.live_view import NoView
from vigil.app.private import private_folder
from vigil.app.settings_writer import write_settings
from vigil.app.setup_file import write_answers
from vigil.app.simulated_night import Script, lights_out, live
from vigil.app.wiring import population_outfit, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import NotFoundError
from vigil.domain.journal import MorningNote, Written
from vigil.interview.consequences import consequences
from vigil.interview.interview import Interview
from vigil.interview.question import Answers as Told
from vigil.run.ports import VirtualClock
from vigil.run.wall_time import zone_min
from vigil.store.answers import Answers
from vigil.store.journal import Journal
from vigil.store.nights import Nights
from vigil.store.restore import restore

FOLDER = "invented"
"""Beside the stores; nothing of a person's is in it."""

MOST_JOBS = 4
"""Nights lived at the same time: more than four processes take longer to start than they save. Our choice."""

LIGHTS_OUT = time(23, 5)
MORNING = time(7, 30)

SAID: Told = {
    "wearable": "buzzes",
    "way": "nudge",
    "watched": ("none",),
    "blunted": ("none",),
    "bed_time": "23:00",
    "wake_time": "07:00",
    "room": "alone",
    "outputs": ("vibration",),
    "signal_lost": "morning",
}
"""What the invented sleeper said on the first evening: it fits the nights, which are nudged by a buzz.

No country and nobody to call: whoever looks for help in a demonstration needs real numbers, and their own."""

END_S = 15.0
"""A night that is asked to end makes its report first: a few seconds."""

_DETAILS = ("dreams", "distress", "woken")


@dataclass(frozen=True, slots=True)
class Evening:
    """One evening to be lived: its date, its night's name, and its row of the file."""

    day: date
    name: str
    row: dict[str, Any]


def demo_home(home: Home) -> Home:
    """Where the invented sleeper lives."""
    folder = home.data / FOLDER
    return Home(folder, folder)


def introduce(home: Home) -> None:
    """The invented sleeper's first evening; one that a visitor has changed stays. Raises SettingsError, OSError."""
    if not home.setup_file.exists():
        private_folder(home.setup_file.parent)
        said = Interview(SAID)
        write_answers(home.setup_file, said)
        write_settings(home.settings_file, dict(consequences(said.answers).settings))


def sleeper() -> str:
    """Whose nights these are, as the watch that follows names them: they are one sleeper's."""
    return Script(SEED, PLAN).name


def rows() -> list[dict[str, Any]]:
    """The file, evening by evening."""
    text = files("vigil.data").joinpath("invented.toml").read_text(encoding="utf-8")
    evenings: list[dict[str, Any]] = tomllib.loads(text)["evening"]
    return evenings


def missing(home: Home, now_ms: int) -> list[Evening]:
    """The evenings of the last ten days that were not lived yet, the oldest first. Raises StoreError."""
    private_folder(home.data)
    with writing(home, Shelf.DEMO) as shelf:
        there = {row.name for row in Nights(shelf.database).nights()}
    tonight, every = evening_of(now_ms), rows()
    days = [tonight - timedelta(days=ago) for ago in range(len(every), 0, -1)]
    wanted = [Evening(day, f"{sleeper()}-{day:%Y%m%d}", every[day.toordinal() % len(every)]) for day in days]
    return [one for one in wanted if one.name not in there]


def lived(home: Home, evenings: Sequence[Evening]) -> Iterator[Evening]:
    """Live them, several at a time, and keep them in their order, each with its morning; yields each when it is kept.

    Raises StoreError.
    """
    if not evenings:
        return
    jobs = min(MOST_JOBS, os.cpu_count() or 1, len(evenings))
    with (
        TemporaryDirectory(dir=private_folder(home.data)) as scratch,
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as workers,
    ):
        places = [Path(scratch) / one.name for one in evenings]
        for one, place in zip(evenings, workers.map(live_one, evenings, places), strict=True):
            _keep(home, one, place)
            yield one


def live_one(evening: Evening, folder: Path) -> Path:
    """Live one night in a store of its own; the path of that store's database."""
    home, outfit = Home(folder, folder), population_outfit()
    wall_ms = _wall_ms(evening.day, LIGHTS_OUT)
    script = Script(evening.row["seed"], evening.row["plan"], evening.row["hours"])
    began = lights_out(script, outfit, wall_ms=wall_ms, zone_min=zone_min(wall_ms), name=evening.name)
    with writing(home, Shelf.DEMO) as shelf:
        live(script, began, outfit, shelf.database, VirtualClock(wall_ms=wall_ms), NoView(), alone=True)
    return home.database(Shelf.DEMO)


@contextmanager
def night_beside(home: Home, speed: float) -> Iterator[subprocess.Popen[bytes]]:
    """A night of the invented sleeper, watched by a process of its own for the length of a block at most."""
    process = subprocess.Popen(  # noqa: S603 — our own interpreter, our own words
        [sys.executable, "-m", "vigil.app.cli", *night_words(speed), "--alone"],
        env={**os.environ, "VIGIL_HOME": str(home.data)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the page shows it
        start_new_session=True,  # Ctrl-C ends the page, and the page ends it
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _keep(home: Home, evening: Evening, database: Path) -> None:
    row = evening.row
    details = {name: row[name] for name in _DETAILS if name in row}
    with writing(home, Shelf.DEMO) as shelf:
        restore(shelf.database, database)
        night = Nights(shelf.database).find(evening.name)
        Answers(shelf.database).put(night.key, Answer(MorningWord(row["word"]), **details))
    with journal(home, Shelf.DEMO) as opened:
        _write(opened, evening)


def _write(opened: Journal, evening: Evening) -> None:
    row, morning_ms = evening.row, _wall_ms(evening.day + timedelta(days=1), MORNING)
    opened.notes.put_morning(
        MorningNote(evening.name, row["dread"], row.get("words", ""), tuple(row["marks"])), morning_ms
    )
    if "body" not in row:
        return
    opened.add(
        Written(
            row["title"],
            row["body"].strip(),
            tuple(row["tags"]),
            evening.name,
            (evening.day + timedelta(days=1)).isoformat(),
            _thread(opened, row.get("thread")),
        ),
        morning_ms,
    )


def _thread(opened: Journal, name: str | None) -> int | None:
    if name is None:
        return None
    try:
        return opened.thread(name).id
    except NotFoundError:
        return opened.put_thread(name).id


def _wall_ms(day: date, at: time) -> int:
    """An instant of local time, UTC in ms since 1970."""
    return round(datetime.combine(day, at).astimezone().timestamp() * 1000)
