"""vigil watch."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from vigil.app import terminal
from vigil.app.clock_words import NightClock
from vigil.app.command_line import JsonTo, single
from vigil.app.config import read_settings
from vigil.app.home import Home, Shelf
from vigil.app.live_view import viewer
from vigil.app.morning_json import plan_json
from vigil.app.said import tell, tell_truth, told
from vigil.app.simulated_night import HOURS, Script, lights_out, live
from vigil.app.tonight import Tonight, kept_nights
from vigil.app.wiring import packaged_parameters, writing
from vigil.domain.records import NightBegan
from vigil.domain.units import NS_PER_MS
from vigil.night.as_json import night_json, nights_json
from vigil.night.report import NightFigures, NightsReport
from vigil.recordings.synthetic.recording import FORMAT
from vigil.run.ports import WallClock
from vigil.store.nights import Nights

app = single()

SYNTHETIC = "synthetic"


@app.command("watch", epilog="Example: vigil watch --source synthetic --speed 60")
def watch(
    source: Annotated[str, typer.Option(help=f"Where heart rate and movement come from. So far: {SYNTHETIC}.")],
    speed: Annotated[float, typer.Option(min=1, metavar="X", help="Times faster than life.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Which simulated sleeper.")] = 2,
    hours: Annotated[float, typer.Option(min=0.05, max=14, help="Length of the night.")] = HOURS,
    quiet: Annotated[bool, typer.Option("--quiet", help="No live view: only what came of it.")] = False,
    json_to: JsonTo = None,
) -> None:
    """Watch a night as it happens, with your settings. Ctrl-C ends it, with its report.

    The first nights are only watched, and the next ones nudged at strong signs only; what is planned is said first.
    A simulated night goes to the store of demonstrations, so that it never counts against your own limits; each
    simulated sleeper is got to know from its own nights.
    """
    if source != SYNTHETIC:
        message = f"there is no source {source!r} yet; so far: {SYNTHETIC}"
        raise typer.BadParameter(message)
    home, console = Home.here(), terminal.words(json_to)
    chosen, script = read_settings(home.settings_file), Script(seed, hours=hours)
    with writing(home, Shelf.DEMO) as shelf:
        kept = kept_nights(shelf, packaged_parameters(), script.name)
        tonight = Tonight.of(kept.nights, packaged_parameters(), chosen)
        terminal.say(console, tonight.words)
        outfit = tonight.outfit
        name = Nights(shelf.database).free_name(NightBegan(0, night=script.name))
        wall_ms, mode = time.time_ns() // NS_PER_MS, tonight.plan.mode
        began = lights_out(script, outfit, wall_ms=wall_ms, zone_min=_zone_min(), name=name, mode=mode)
        view = viewer(console, f"simulated sleeper {seed}, live", hours * 3600, quiet=quiet)
        lived = live(script, began, outfit, shelf.database, WallClock(speed), view)
    clock = NightClock.of(began)
    if json_to is not None:
        night = night_json(lived.report, source_format=FORMAT) | {"whole": lived.whole, "truth": lived.truth.as_json()}
        night |= {"plan": plan_json(tonight)}
        terminal.write_json(nights_json([night], NightsReport.of([NightFigures.of(lived.report)])), json_to)
    lines = told(lived.report, clock) + ([] if lived.whole else ["Stopped before morning."])
    tell(console, name, lines, lived.report.hypnogram.stages, clock)
    console.print()
    tell_truth(console, lived.truth, clock)


def _zone_min() -> int:
    """The offset of local time from UTC, now, in minutes."""
    offset = datetime.now(UTC).astimezone().utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)
