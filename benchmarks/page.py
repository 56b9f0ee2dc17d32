"""One command: how soon a page can be read on a slow phone, what it weighs, and how long a night takes to draw.

    python -m benchmarks.page [--json FILE] [--looks N]

A night of eight hours with a heart rate each second is kept, and served to Chromium as a phone with a processor four
times slower than here and the *Slow 4G* of Lighthouse (1.6 Mbit/s down, 150 ms there and back). Goals: first paint
within 1 s, 250 kB with everything that is loaded, 28,800 points drawn within 150 ms.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from tests.web.browser import PHONE, Served, a_browser, served, visiting
from vigil.app.home import Home, Shelf
from vigil.app.live_view import NoView
from vigil.app.simulated_night import INVENTED_WALL_MS, Script, lights_out, live
from vigil.app.wiring import OpenShelf, population_outfit, writing
from vigil.domain.records import EpochScored, NightBegan
from vigil.domain.samples import HeartSample, MotionSummary
from vigil.domain.units import NS_PER_S
from vigil.run.ports import VirtualClock
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter

HOURS = 8.0
SLOWER = 4
SLOW_4G = {"offline": False, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 675_000 / 8, "latency": 150}
"""Lighthouse's `mobileSlow4G` (lighthouse/core/config/constants.js)."""

PAGES = ("/tonight", "/nights", "/night/2")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--looks", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with writing(Home(Path(folder), Path(folder)), Shelf.OWN) as shelf:
            _lived(shelf)
            _each_second(shelf)
        with served(Path(folder)) as where, a_browser() as browser:
            figures = {path: _looked_at(browser, where, path, given.looks) for path in PAGES}
    print(json.dumps(figures, indent=1))
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


def _lived(shelf: OpenShelf) -> None:
    script, outfit = Script(2, plan="strong", hours=HOURS), population_outfit()
    began = lights_out(script, outfit, wall_ms=INVENTED_WALL_MS, zone_min=60, name="")
    live(script, began, outfit, shelf.database, VirtualClock(wall_ms=INVENTED_WALL_MS), NoView(), kind="live")


def _each_second(shelf: OpenShelf) -> None:
    """The same night once more, with a heart rate each second."""
    chance, bpm_x10 = random.Random(1), 580
    kept: list[Any] = [
        record for record in NightReader(shelf.database).records(1) if isinstance(record, EpochScored | MotionSummary)
    ]
    for second in range(round(HOURS * 3600)):
        bpm_x10 = min(900, max(450, bpm_x10 + chance.randint(-12, 12)))
        kept.append(HeartSample(second * NS_PER_S + 1, bpm_x10))
    writer = NightWriter(shelf.database)
    began = NightBegan(0, wall_ms=INVENTED_WALL_MS, zone_min=60)
    writer.begin(began)
    for record in sorted([began, *(one for one in kept if one.at_ns > 0)], key=lambda one: one.at_ns):
        writer.add(record)
    writer.commit()


def _looked_at(browser: Browser, where: Served, path: str, looks: int) -> dict[str, float]:
    found = [_look(browser, where, path) for _ in range(looks)]
    return {name: round(median(one[name] for one in found), 1) for name in found[0]}


def _look(browser: Browser, where: Served, path: str) -> dict[str, float]:
    """One look with nothing kept from another."""
    with visiting(browser, where, PHONE, is_mobile=True, has_touch=True, device_scale_factor=3) as visit:
        send = visit.context.new_cdp_session(visit.page).send
        send("Network.enable")
        send("Network.clearBrowserCache")
        send("Network.emulateNetworkConditions", SLOW_4G)
        send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        visit.open(path)
        visit.page.wait_for_load_state("networkidle")
        if "/night/" in path:
            visit.page.wait_for_selector("#live[data-ready]")
            visit.page.wait_for_function("performance.getEntriesByName('night-drawn').length > 0")
        found: dict[str, float] = visit.page.evaluate(_TIMES)
        return found


_TIMES = """() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const drawn = performance.getEntriesByName('night-drawn')[0];
    const answer = performance.getEntriesByType('navigation')[0];
    const loaded = [answer, ...performance.getEntriesByType('resource')];
    return {
        weight_kb: loaded.reduce((sum, one) => sum + one.decodedBodySize, 0) / 1000,
        first_paint_ms: paint.startTime,
        first_byte_ms: answer.responseStart,
        ...(drawn ? {drawn_ms: drawn.duration} : {}),
    };
}"""


if __name__ == "__main__":
    main()
