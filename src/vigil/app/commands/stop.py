"""vigil stop."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from vigil.app import terminal
from vigil.app.command_line import single
from vigil.app.home import Home
from vigil.app.real_outputs import outputs_off
from vigil.app.stopping import release as end_the_stop
from vigil.app.stopping import stop as stop_now
from vigil.domain.errors import StoreError
from vigil.domain.units import NS_PER_MS

app = single()

MOST_MINUTES = 24 * 60


@app.command("stop", epilog="Example: vigil stop --for 90")
def stop(
    minutes: Annotated[
        int | None,
        typer.Option("--for", min=1, max=MOST_MINUTES, metavar="MINUTES", help="So long; otherwise for the night."),
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="End a stop.")] = False,
    outputs_only: Annotated[
        bool, typer.Option("--outputs-only", help="Put out whatever sounds or shines, and change nothing else.")
    ] = False,
) -> None:
    """Stop now: whatever vibrates, sounds or shines ends, and nothing is nudged until evening.

    Vigil goes on watching and keeping the night. The stop outlives a restart. It works with the database, the detector
    or the page broken: it is one small file, looked at by whatever could act.
    """
    home, console = Home.here(), terminal.console()
    if outputs_only:
        _outputs_off(home, console)
        return
    if release:
        for words in end_the_stop(home):
            terminal.say(console, words)
        return
    stopped = stop_now(home, time.time_ns() // NS_PER_MS, minutes)
    for words in stopped.words:
        terminal.say(console, words)
    _outputs_off(home, console)
    if stopped.failed:
        raise typer.Exit(1)


def _outputs_off(home: Home, console: Console) -> None:
    """Whatever an earlier process left on; a night that runs does the same for itself."""
    try:
        left = outputs_off(home)
    except StoreError as error:
        left = (str(error),)
    for words in left:
        terminal.say(console, f"Note: {words}.")
