"""vigil what-if."""

from __future__ import annotations

from typing import Annotated

import typer

from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.home import Home, Shelf
from vigil.app.progress import under_a_bar
from vigil.app.what_if import MOST_NIGHTS, Change, WhatIf, answer_json, night_words, words

app = single()


@app.command("what-if", epilog="Example: vigil what-if --setting top_level=1 --setting threshold_factor=1.5")
def what_if(
    setting: Annotated[
        list[str], typer.Option("--setting", metavar="KEY=VALUE", help="As in the file of settings; can be repeated.")
    ],
    nights: Annotated[int, typer.Option(min=1, max=MOST_NIGHTS, help="The last so many nights.")] = 30,
    store: Annotated[
        Shelf, typer.Option("--store", help="Whose nights: your own, or a simulated sleeper's.")
    ] = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """What other settings would have done in your last nights, beside what was really done.

    Each night is lived through once more as it was kept. Nothing is changed and nothing is given. It cannot tell how
    you would have answered a nudge that was not given. To change a setting for real, edit the file of settings.
    """
    change, console = Change.typed(setting), terminal.words(json_to)
    with WhatIf(Home.here(), store, change, nights) as run:
        for one in under_a_bar(run, run.total, console, "living through"):
            del one
        answer = run.answer()
    if json_to is not None:
        terminal.write_json(answer_json(answer), json_to)
    for line in words(answer):
        terminal.say(console, line)
    for line in filter(None, map(night_words, answer.nights)):
        terminal.say(console, line)
    for left in answer.left_out:
        terminal.say(console, f"Not tried: {left.night}: {left.why}.")
