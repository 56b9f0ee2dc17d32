"""vigil show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigil.app import terminal
from vigil.app.command_line import JsonTo, StoreName, shelves, single
from vigil.app.exporting import as_json
from vigil.app.home import Home
from vigil.app.known import Known
from vigil.app.said import noted, tell, told
from vigil.app.stored_night import StoredNight, find, read
from vigil.app.wiring import reading

app = single()

PICTURES = (".svg", ".png")


@app.command("show", epilog="Example: vigil show simulated-drawn-2 --picture night.svg")
def show(
    night: Annotated[str, typer.Argument(metavar="NIGHT", help="Its name, or the beginning of it.")],
    store: StoreName = None,
    picture: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it into this file, .svg or .png.")] = None,
    json_to: JsonTo = None,
) -> None:
    """The report of a night in plain words, its hypnogram, and its picture if you ask for one."""
    if picture is not None and picture.suffix.lower() not in PICTURES:
        message = f"--picture {picture}: the file must end in {' or '.join(PICTURES)}"
        raise typer.BadParameter(message)
    console = terminal.words(json_to)
    with reading(Home.here(), shelves(store)) as open_shelves:
        stored = read(*find(open_shelves, night))
    if json_to is not None:
        terminal.write_json(as_json(stored), json_to)
    lines = [
        *told(stored.report, stored.clock, stored.account),
        *noted(stored.left_out, stored.facts.get("remarks", ())),
    ]
    lines += [f"Damaged and left out: {one}." for one in stored.damaged]
    tell(console, stored.row.name, lines, stored.report.hypnogram.stages, stored.clock)
    if picture is not None:
        _draw(stored, picture)
        console.print()
        terminal.say(console, f"picture: {picture}")


def _draw(stored: StoredNight, path: Path) -> None:
    from vigil.app import picture  # noqa: PLC0415 — matplotlib takes most of a second to import

    picture.save(stored.report, stored.clock, [path], [Known(**row) for row in stored.facts.get("known", ())])
