"""vigil test-nudge."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from vigil.app import terminal
from vigil.app.arming import safe_settings
from vigil.app.command_line import single
from vigil.app.home import Home, Shelf
from vigil.app.try_sitting import NOT_YET, TrySitting, outputs_there, trying
from vigil.domain.errors import DeviceError
from vigil.domain.explain import OUTPUT_WORDS
from vigil.domain.requests import Output

app = single()


@app.command("test-nudge", epilog="Example: vigil test-nudge --output sound")
def try_outputs(
    output: Annotated[
        Output | None, typer.Option("--output", help="Only this one; otherwise all that are set up.")
    ] = None,
    find: Annotated[bool, typer.Option("--find", help="Say which loudspeaker would sound, for the settings.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before each step.")] = False,
) -> None:
    """Try the outputs by day, awake: each step of the ladder, lowest first, as it would come at night.

    Every step goes through the guard and is written down before it is given; what is tried by day takes nothing from
    the night's limits. A paired wearable that vibrates is connected for as long as it takes. It ends at once with
    Ctrl-C, or with vigil stop from another terminal.
    """
    home, console = Home.here(), terminal.console()
    if find:
        _find(console)
        return
    settings, words = safe_settings(home.settings_file)
    for line in words:
        terminal.say(console, line)
    wanted = [one for one in Output if output in (None, one)]
    there = outputs_there(home, wanted)
    for one in wanted:
        if one not in there:
            terminal.say(console, NOT_YET[one])
    if not there:
        raise typer.Exit(1)
    with trying(home, Shelf.OWN, there, settings, partial(terminal.say, console)) as sitting:
        given = _try_all(sitting, console, yes=yes)
    if not given:
        raise typer.Exit(1)


def _find(console: Console) -> None:
    from vigil.devices.nudgers.sound import NEEDS, speaker_here  # noqa: PLC0415 — only this option needs it

    try:
        speaker = asyncio.run(speaker_here())
    except DeviceError as error:
        terminal.say(console, f"{error} {NEEDS}")
        raise typer.Exit(1) from error
    terminal.say(console, f"This computer would sound from {speaker.key}. To choose it, in the settings file:")
    console.print(f'\n[sound]\ndevice = "{speaker.key}"\n', markup=False)


def _try_all(sitting: TrySitting, console: Console, *, yes: bool) -> int:
    """Every step of every output; returns how many were really given."""
    given = 0
    for output, name in sitting.names.items():
        terminal.say(console, f"{name[:1].upper()}{name[1:]}:")
        if output in sitting.wrong:
            terminal.say(console, f"Not now: {sitting.wrong[output]}.")
            continue
        for step in sitting.steps(output):
            if not yes and not _wanted(output, step.level):
                break
            tried = sitting.give(output, step)
            given += tried.begun
            terminal.say(console, f"Step {step.level}: {'given' if tried.begun else 'not given'}. {tried.words}")
            if not tried.begun:
                break
    return given


def _wanted(output: Output, level: int) -> bool:
    """Ask before a step; no answer, or anything but Enter or y, ends the output's ladder."""
    typer.echo(f"  {OUTPUT_WORDS[output]}, step {level}: Enter to feel it, n to stop here: ", nl=False)
    answer = sys.stdin.readline()
    return answer.strip().lower() in ("", "y", "yes") and answer != ""
