"""vigil forget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import StoreName, shelves, single
from vigil.app.home import Home, Shelf
from vigil.app.stored_night import find
from vigil.app.wiring import reading, writing
from vigil.night.in_words import counted
from vigil.store.erase import Erased, forget_all
from vigil.store.erase import forget as forget_night
from vigil.store.nights import Nights

app = single()


@app.command("forget", epilog="Example: vigil forget simulated-drawn-2 --yes")
def forget(
    night: Annotated[
        str | None, typer.Argument(metavar="NIGHT", help="Its name, or the beginning of it.", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every night, the record of nudges and every backup.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreName = None,
) -> None:
    """Erase a night for good: its rows, what the database kept of them, its backups and its pictures.

    That nudges were given stays in the record of limits, without the night's name; --all erases that too.
    """
    if (night is None) is not every:
        message = "name one night, or say --all"
        raise typer.BadParameter(message)
    home, console = Home.here(), terminal.console()
    if night is None:
        _every(home, [each for each in shelves(store) if home.database(each).exists()], console, yes=yes)
        return
    with reading(home, shelves(store)) as open_shelves:
        found, row = find(open_shelves, night)
        shelf = found.shelf
    _ask(f"Erase night {row.name} ({shelf.value}) for good?", yes=yes)
    with writing(home, shelf) as opened:
        key = Nights(opened.database).find(row.name).key
        _say(console, f"Erased: night {row.name}.", forget_night(opened.database, key))
    _pictures(home, shelf, row.name)


def _every(home: Home, stores: Sequence[Shelf], console: Console, *, yes: bool) -> None:
    if not stores:
        console.print(Text("Nothing is kept, so there is nothing to erase."))
        return
    _ask(f"Erase every night ({', '.join(each.value for each in stores)}) for good?", yes=yes)
    for shelf in stores:
        with writing(home, shelf) as opened:
            erased = forget_all(opened.database)
        _say(console, f"Erased in {shelf.value}: {counted(erased.nights, 'night')}.", erased)
        _pictures(home, shelf, "*")


def _ask(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question, default=False):
        typer.echo("Nothing was erased.")
        raise typer.Exit(1)


def _say(console: Console, done: str, erased: Erased) -> None:
    backups = f" Backups replaced or removed: {erased.backups}." if erased.backups else ""
    console.print(Text(done + backups), soft_wrap=True)
    for folder in erased.unreachable:
        console.print(Text(f"Not reached: backups in {folder}; erase them there yourself."), soft_wrap=True)


def _pictures(home: Home, shelf: Shelf, name: str) -> None:
    """Pictures in Vigil's own folder; one that the person put elsewhere is theirs."""
    folder = home.pictures(shelf)
    for path in folder.iterdir() if folder.is_dir() else ():
        if name in ("*", path.stem):
            path.unlink(missing_ok=True)
