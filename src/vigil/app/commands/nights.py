"""vigil nights."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from vigil.app import terminal
from vigil.app.clock_words import NightClock
from vigil.app.command_line import JsonTo, StoreName, shelves, single
from vigil.app.home import Home, Shelf
from vigil.app.stored_night import began_of
from vigil.app.wiring import reading
from vigil.night.in_words import duration
from vigil.store.nights import NightRow, Nights

app = single()

FORMAT = "vigil-stored-nights"
VERSION = 1


@app.command("nights", epilog="Example: vigil nights --store replay")
def nights(store: StoreName = None, json_to: JsonTo = None) -> None:
    """List the nights that are kept: your own first, then replayed and simulated ones."""
    home, console = Home.here(), terminal.words(json_to)
    with reading(home, shelves(store)) as open_shelves:
        found = [(each.shelf, row) for each in open_shelves for row in Nights(each.database).nights()]
    if json_to is not None:
        rows = [_plain(shelf, row) for shelf, row in found]
        terminal.write_json({"format": FORMAT, "version": VERSION, "nights": rows}, json_to)
    if not found:
        console.print(Text("No night is kept yet. To see one: vigil demo"))
        return
    columns = ("night", "store", "lights-out", "length", "format", "path")
    console.print(terminal.table("", columns, [_cells(shelf, row) for shelf, row in found]))


def _cells(shelf: Shelf, row: NightRow) -> list[str]:
    clock = NightClock.of(began_of(row))
    out = "" if clock.lights_out is None else f"{clock.lights_out:%Y-%m-%d %H:%M}"
    length = "" if row.duration_s is None else duration(row.duration_s / 60)
    return [row.name if row.intact else f"{row.name} (damaged)", shelf.value, out, length, row.format, row.path]


def _plain(shelf: Shelf, row: NightRow) -> dict[str, Any]:
    return {
        "night": row.name,
        "store": shelf.value,
        "lights_out_wall_ms": row.wall_ms,
        "zone_min": row.zone_min,
        "duration_s": row.duration_s,
        "kind": row.kind,
        "mode": row.mode,
        "format": row.format,
        "path": row.path,
        "intact": row.intact,
        "digests": {"inputs": row.inputs_digest, "outputs": row.outputs_digest},
    }
