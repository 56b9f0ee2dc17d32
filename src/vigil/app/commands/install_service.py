"""vigil install-service."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import single
from vigil.app.evening_start import evening
from vigil.app.home import Home, Shelf
from vigil.app.printable import printable
from vigil.app.service_home import PAGE, PAGE_UNATTENDED, Command, ServiceHome
from vigil.app.standing import standing
from vigil.app.unlocking import UNATTENDED, is_unattended
from vigil.app.watch_order import WEARABLE
from vigil.app.wearable_bed import paired_sensor

app = single()

PATIENCE_S = 60
"""How long the service manager may take over one command; our choice, longer than the stop of a watch."""


@app.command("install-service", epilog="Example: vigil install-service --at 22:15")
def install_service(
    source: Annotated[
        str, typer.Option(metavar="NAME", help="Where heart rate and movement come from, as for vigil watch.")
    ] = WEARABLE,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="HH:MM",
            help="When each night begins; otherwise 15 minutes before your bed time, else 22:00.",
        ),
    ] = None,
    page: Annotated[bool, typer.Option("--page", help="Also let the page open by itself at each login.")] = False,
    now: Annotated[bool, typer.Option("--now", help="Also say the next commands to the service manager.")] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Remove the service, and the page's.")] = False,
    only_print: Annotated[bool, typer.Option("--print", help="Show the files, and change nothing.")] = False,
) -> None:
    """Let this computer begin the watch every evening, start it again if it fails, and go on after a power cut.

    Writes a few files for the service manager of your account (systemd or launchd), never over one that is not
    Vigil's, and says what to type next. A login at noon begins nothing. Everything works without it too: vigil watch.
    With --page there is a page as well, whenever you are logged in; vigil serve makes a link to it.
    """
    home, console = ServiceHome.here(os.environ, sys.platform, Path.home()), terminal.console()
    if uninstall and not only_print:
        _remove(home, console, now=now)
        return
    if source == WEARABLE:
        paired_sensor(Home.here())
    begins = evening(at, standing(Home.here()))
    if only_print:
        _print(home.files(source, begins.at_min, page=page))
        terminal.say(terminal.console(stderr=True), begins.sentences)
        return
    for path in home.write(source, begins.at_min, page=page):
        terminal.say(console, f"wrote {path}")
    locked = is_unattended(Home.here().database(Shelf.OWN))
    beside = (PAGE, PAGE_UNATTENDED if locked else "") if page else ()
    for words in (begins.sentences, UNATTENDED if locked else "", *beside):
        if words:
            terminal.say(console, words)
    _tell(home.after_writing(page=page), console, now=now)
    terminal.say(console, home.remark)
    _tell(home.if_wanted, console, now=False)


def _print(files: Mapping[Path, bytes]) -> None:
    """The files on stdout; where there are several, each below its name, as a comment."""
    for path, text in files.items():
        sys.stdout.write(f"# {path}\n" if len(files) > 1 else "")
        sys.stdout.write(text.decode() + "\n" if len(files) > 1 else text.decode())


def _remove(home: ServiceHome, console: Console, *, now: bool) -> None:
    home.refuse_foreign("removed")
    page = home.page.exists()
    ended = now and all(_run(command) for command in home.before_removing(page=page))
    removed = home.remove()
    for path in removed:
        terminal.say(console, f"removed {path}")
    if not removed:
        terminal.say(console, f"there is no {home.path}; nothing was removed")
    elif not ended:
        _tell(home.after_removing(page=page), console, now=False)


def _tell(commands: Sequence[Command], console: Console, *, now: bool) -> None:
    """Say the commands to the manager, or to the person those that are left."""
    left = list(commands)
    while now and left and _run(left[0]):
        left.pop(0)
    if now and left:
        terminal.say(console, f"{' '.join(left[0])} did not work; the file stays")
    for command in left:
        console.print(Text(printable(f"  next, type: {' '.join(command)}")), soft_wrap=True)


def _run(command: Command) -> bool:
    try:
        return subprocess.run(command, check=False, timeout=PATIENCE_S).returncode == 0  # noqa: S603 — our own words
    except (OSError, subprocess.TimeoutExpired):
        return False
