"""vigil explain."""

from __future__ import annotations

from typing import Annotated

import typer

from vigil.app import terminal
from vigil.app.command_line import JsonTo, StoreName, shelves, single
from vigil.app.home import Home
from vigil.app.moment import decided, moment, moment_json, seen, weighed
from vigil.app.stored_night import find, read
from vigil.app.wiring import reading
from vigil.store.night_reader import NightReader

app = single()


@app.command("explain", epilog="Example: vigil explain simulated-drawn-2 03:12")
def explain(
    night: Annotated[str, typer.Argument(metavar="NIGHT", help="Its name, or the beginning of it.")],
    time: Annotated[
        str, typer.Argument(metavar="TIME", help="03:12 by the night's own clock, or +3:12 from lights-out.")
    ],
    store: StoreName = None,
    json_to: JsonTo = None,
) -> None:
    """What was seen, weighed and decided around one moment of a night, from the reasons kept with each decision."""
    console = terminal.words(json_to)
    with reading(Home.here(), shelves(store)) as open_shelves:
        shelf, row = find(open_shelves, night)
        stored = read(shelf, row)
        it = moment(stored, stored.clock.seconds(time), NightReader(shelf.database).inputs(row.key, gaps=True))
    if json_to is not None:
        terminal.write_json(moment_json(it), json_to)
    terminal.head(console, f"Night {row.name}, around {stored.clock.words(it.t_s)}")
    for title, lines in (("Seen", seen(it)), ("Weighed", weighed(it)), ("Decided", decided(it))):
        console.print()
        terminal.head(console, title)
        for line in lines:
            terminal.say(console, line)
