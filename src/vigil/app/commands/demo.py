"""vigil demo."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from vigil.app import terminal
from vigil.app.clock_words import NightClock
from vigil.app.command_line import JsonTo, PictureFolder, single
from vigil.app.demo_home import demo_home, introduce, lived, missing, night_beside
from vigil.app.demo_night import SPEED
from vigil.app.home import Home, Shelf
from vigil.app.live_view import viewer
from vigil.app.pacing import PacedClock
from vigil.app.private import private_folder
from vigil.app.progress import under_a_bar
from vigil.app.said import command_name, tell, tell_truth, told
from vigil.app.simulated_night import HOURS, INVENTED_WALL_MS, Lived, Script, lights_out, live, make_room
from vigil.app.wiring import population_outfit, writing
from vigil.domain.errors import SettingsError
from vigil.domain.units import NS_PER_MS
from vigil.night.as_json import night_json, nights_json
from vigil.night.report import NightFigures, NightsReport
from vigil.recordings.synthetic.plans import NAMED
from vigil.recordings.synthetic.recording import FORMAT

app = single()

SEED = 2
"""A night with one nightmare that is met and two look-alikes that are left alone."""


@app.command("demo", epilog="Example: vigil demo --plan mixed --seed 3")
def demo(  # noqa: PLR0913, PLR0917 — the options of a command
    seed: Annotated[int, typer.Option(min=0, help="Which sleeper and which night.")] = SEED,
    nights: Annotated[int, typer.Option(min=1, max=1000, help="As many nights, with a table at the end.")] = 1,
    plan: Annotated[str | None, typer.Option(metavar="NAME", help=f"A night by name: {', '.join(NAMED)}.")] = None,
    hours: Annotated[float, typer.Option(min=0.5, max=14, help="Length of the night.")] = HOURS,
    speed: Annotated[
        float | None, typer.Option(min=1, metavar="X", help="Times faster than life: 60 is a minute a second.")
    ] = None,
    radio: Annotated[
        bool, typer.Option("--radio", help="Over a virtual radio: a strap and a watch that buzzes (extra: radio).")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No live view: only what came of it.")] = False,
    page: Annotated[
        bool, typer.Option("--page", help="On the page: ten earlier nights, and one to watch in three minutes.")
    ] = False,
    json_to: JsonTo = None,
    picture: PictureFolder = None,
) -> None:
    """A simulated sleeper through a whole night: real engine, control, guard and store, an invented body.

    The night is kept in a store of its own and never touches yours. The same seed is the same night.
    """
    home, console = Home.here(), terminal.words(json_to)
    if page:
        _on_the_page(demo_home(home), console, SPEED if speed is None else speed)
        return
    if radio and speed is not None:
        message = "a night over the virtual radio goes as fast as it can; leave out --speed"
        raise typer.BadParameter(message)
    scripts = [Script(seed + index, plan, hours, by_radio=radio) for index in range(nights)]
    if picture is not None:
        private_folder(picture)
    lived = _live_all(home, scripts, speed, console, quiet=quiet)
    pictures = _draw(home, lived, picture)
    if json_to is not None:
        terminal.write_json(_as_json(lived), json_to)
    if len(scripts) > 1:
        console.print(_table(lived))
    elif lived:
        _tell_one(console, lived[0], pictures)


def _on_the_page(home: Home, console: Console, speed: float) -> None:
    """Earlier nights, then the page with a night that passes while it is watched; until Ctrl-C."""
    from vigil.app.commands.serve import say_link, serve_in_order  # noqa: PLC0415 — a demonstration in the terminal
    from vigil.web.opening import OPEN_WORDS, link_to, open_page  # noqa: PLC0415 — needs no page, and starts sooner

    evenings = missing(home, time.time_ns() // NS_PER_MS)
    if evenings:
        terminal.say(console, "An invented sleeper lives through the nights before this one; everything is invented.")
    for _ in under_a_bar(lived(home, evenings), len(evenings), console, "nights"):
        pass
    introduce(home)
    page = open_page(home, Shelf.DEMO)
    say_link(console, OPEN_WORDS, link_to(page.rooms, page.url))
    with ExitStack() as held:
        held.callback(page.close)
        held.enter_context(night_beside(home, speed))
        terminal.say(console, f"A night passes there in {HOURS * 3600 / speed:.0f} seconds. Ctrl-C closes the page.")
        serve_in_order(page)


def _live_all(
    home: Home, scripts: Sequence[Script], speed: float | None, console: Console, *, quiet: bool
) -> list[Lived]:
    outfit = population_outfit()
    beginnings = [
        lights_out(script, outfit, wall_ms=INVENTED_WALL_MS, zone_min=0, name=script.name) for script in scripts
    ]
    lived: list[Lived] = []
    with writing(home, Shelf.DEMO) as shelf:
        make_room(shelf.database, [began.night for began in beginnings])
        for index, (script, began) in enumerate(zip(scripts, beginnings, strict=True)):
            title = f"simulated sleeper {script.seed}"
            if len(scripts) > 1:
                title += f", night {index + 1} of {len(scripts)}"
            view = viewer(console, title, script.hours * 3600, quiet=quiet)
            if script.by_radio:
                lived.append(_by_radio()(script, began, outfit, shelf.database, view))
            else:
                lived.append(live(script, began, outfit, shelf.database, PacedClock(speed), view))
            if not lived[-1].whole:
                break
    return lived


def _by_radio() -> Callable[..., Lived]:
    """How a night is lived over the virtual radio; raises SettingsError where that was not installed."""
    try:
        from vigil.app.radio_night import live_by_radio  # noqa: PLC0415 — an extra, and it takes a second to import
    except ImportError as error:
        message = "the virtual radio needs the extra `radio`: pip install 'vigil[radio]'; nothing was begun"
        raise SettingsError(message) from error
    return live_by_radio


def _draw(home: Home, lived: Sequence[Lived], folder: Path | None) -> list[Path]:
    """The picture of a single night always, of several only if a folder was named."""
    if folder is None and len(lived) != 1:
        return []
    from vigil.app import picture  # noqa: PLC0415 — matplotlib takes most of a second to import

    to = private_folder(folder or home.pictures(Shelf.DEMO))
    made: list[Path] = []
    for one in lived:
        paths = [to / f"{one.report.night}.svg", to / f"{one.report.night}.png"]
        picture.save(one.report, NightClock.of(one.began), paths, one.truth.known())
        made.extend(paths)
    return made


def _tell_one(console: Console, one: Lived, pictures: Sequence[Path]) -> None:
    clock = NightClock.of(one.began)
    lines = told(one.report, clock) + ([] if one.whole else ["Stopped before morning."])
    tell(console, one.report.night, lines, one.report.hypnogram.stages, clock)
    console.print()
    tell_truth(console, one.truth, clock)
    console.print()
    for path in pictures:
        console.print(Text(f"picture: {path}"), soft_wrap=True)
    console.print()
    terminal.head(console, "What to try next")
    name, vigil = one.report.night, command_name()
    moment = one.report.interventions[0].t_s if one.report.interventions else one.script.hours * 1800
    for line in (
        f"{vigil} explain {name} {clock.words(moment)}",
        f"{vigil} demo --seed {one.script.seed + 1}",
        f"{vigil} demo --plan terror",
        f"{vigil} replay YOUR-RECORDING.csv",
    ):
        console.print(Text(f"  {line}"), soft_wrap=True)


def _as_json(lived: Sequence[Lived]) -> dict[str, object]:
    nights = [
        night_json(one.report, source_format=FORMAT) | {"whole": one.whole, "truth": one.truth.as_json()}
        for one in lived
    ]
    return nights_json(nights, NightsReport.of(NightFigures.of(one.report) for one in lived))


def _table(lived: Sequence[Lived]) -> object:
    rows = [[one.report.night, *_counts([one])] for one in lived]
    rows.append(["together", *_counts(lived)])
    columns = ("night", "nightmares met", "missed", "look-alikes left alone", "nudged", "stray nudges", "no signal")
    return terminal.table("", columns, rows)


def _counts(lived: Sequence[Lived]) -> list[str]:
    met, missed, alone, nudged = (
        sum(one.truth.count(nightmare=nightmare, nudged=met) for one in lived)
        for nightmare, met in ((True, True), (True, False), (False, False), (False, True))
    )
    blind = sum(one.report.blind_min for one in lived) / max(1, len(lived))
    return [
        str(met),
        str(missed),
        str(alone),
        str(nudged),
        str(sum(one.truth.stray for one in lived)),
        f"{blind:.0f} min",
    ]
