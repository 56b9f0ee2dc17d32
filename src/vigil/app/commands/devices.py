"""vigil devices."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.commands.pair import paired_json
from vigil.app.device_words import NOBODY, STILL, paired_lines
from vigil.app.home import Home
from vigil.app.wearables_file import Wearables, read_wearables
from vigil.devices.catalogue import Buzz, Family, Sense, family_of, known

app = single()

FORMAT = "vigil-devices"
VERSION = 1


@app.command("devices", epilog="Example: vigil devices --known")
def devices(
    everything: Annotated[bool, typer.Option("--known", help="Also every wearable that Vigil knows.")] = False,
    json_to: JsonTo = None,
) -> None:
    """Which wearables are yours, what each is for, and with --known which ones Vigil can use.

    No radio is used. docs/devices.md tells more of each, and what cannot be used.
    """
    console, paired, catalogue = terminal.words(json_to), read_wearables(Home.here()), known()
    if json_to is not None:
        terminal.write_json(_plain(paired), json_to)
    for line in _lines(paired):
        terminal.say(console, line)
    for words in catalogue.refused:
        terminal.say(console, f"Note: {words}")
    if everything:
        columns = ("key", "wearable", "senses", "nudges", "tried on")
        console.print(terminal.table("Known", columns, [_cells(family) for family in catalogue.families]))


def _lines(paired: Wearables) -> list[str]:
    if not paired.all:
        return [NOBODY]
    lines = [line for one in paired.all for line in paired_lines(one)]
    return lines if paired.vibration is not None else [*lines, STILL]


def senses_words(family: Family) -> str:
    """What a family senses, in the catalogue's order."""
    return ", ".join(sense.value for sense in Sense if sense in family.senses)


def _cells(family: Family) -> list[str]:
    nudges = "no" if family.buzz is Buzz.NONE else family.buzz.value
    return [family.key, family.name, senses_words(family), nudges, family.tried.value]


def _plain(paired: Wearables) -> dict[str, Any]:
    catalogue = known()
    return {
        "format": FORMAT,
        "version": VERSION,
        "paired": [paired_json(one) | {"usable": family_of(one.key) is not None} for one in paired.all],
        "known": [
            {
                "family": row.key,
                "name": row.name,
                "senses": [sense.value for sense in Sense if sense in row.senses],
                "heart_cadence_ms": row.heart_cadence_ms,
                "vibration": row.buzz.name.lower(),
                "tried_on": row.tried.name.lower(),
                "caution": row.caution,
            }
            for row in catalogue.families
        ],
        "refused": list(catalogue.refused),
    }
