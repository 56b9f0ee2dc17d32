"""A store with a few invented nights, lived once a worker and copied for each test."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.web.visitor import NOW_MS
from vigil.app.home import Home, Shelf
from vigil.app.live_view import NoView
from vigil.app.simulated_night import Script, lights_out, live
from vigil.app.wiring import population_outfit, writing
from vigil.run.ports import VirtualClock

HOURS = 3.0
DAY_MS = 24 * 3_600_000
PLANS = ("quiet", "strong", "mixed")
"""The night before yesterday was quiet, yesterday's had a nightmare that was met, last night's something of all."""

EVENINGS = tuple(NOW_MS - (len(PLANS) - index) * DAY_MS for index in range(len(PLANS)))


@cache
def lived() -> Path:
    """The folder they are in."""
    folder = Path(mkdtemp(prefix="vigil-nights-"))
    outfit = population_outfit()
    with writing(Home(folder, folder), Shelf.OWN) as shelf:
        for plan, wall_ms in zip(PLANS, EVENINGS, strict=True):
            script = Script(1, plan, HOURS)
            began = lights_out(script, outfit, wall_ms=wall_ms, zone_min=0, name="")
            live(script, began, outfit, shelf.database, VirtualClock(wall_ms=wall_ms), NoView(), kind="live")
    return folder


def with_nights(folder: Path) -> Path:
    """Put the nights into a person's folder, as their own. Returns the folder."""
    shutil.copytree(lived(), folder, dirs_exist_ok=True)
    return folder
