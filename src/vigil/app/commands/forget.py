"""vigil forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import StoreName, shelves, single
from vigil.app.erasing import (
    SPOKEN,
    Gone,
    Wish,
    count,
    erase,
    erase_all,
    erase_everything,
    has_anything,
    one_night,
    period,
)
from vigil.app.home import Home, Shelf
from vigil.night.in_words import counted
from vigil.store.erase import Erased
from vigil.store.journal_erase import WordsErased

app = single()


@app.command("forget", epilog="Example: vigil forget simulated-drawn-2 --yes")
def forget(  # noqa: PLR0913, PLR0917 — the options of a command
    night: Annotated[
        str | None, typer.Argument(metavar="NIGHT", help="Its name, or the beginning of it.", show_default=False)
    ] = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", metavar="DATE", formats=["%Y-%m-%d"], help="Every night from this evening on."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", metavar="DATE", formats=["%Y-%m-%d"], help="To this evening; otherwise to the last."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every night, the record of nudges, the journal and every backup.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="All that Vigil keeps, also what is locked and the passphrase lost.")
    ] = False,
    settings_too: Annotated[
        bool, typer.Option("--settings-too", help="With --everything: settings, setting up and pairing as well.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreName = None,
) -> None:
    """Erase a night for good: its rows, what the database kept of them, its backups, pictures and journal entries.

    That nudges were given stays in the record of limits, without the night's name; --all erases that too. A period
    takes the journal entries about its days along. Files are written over before they are removed; a solid-state disk
    may keep old blocks all the same.
    """
    ways = (night is not None, first is not None or last is not None, every, everything)
    if sum(ways) != 1 or (settings_too and not everything) or (everything and store is not None):
        message = "name one night, or say --from and --to, or --all, or --everything (of every store)"
        raise typer.BadParameter(message)
    home, console = Home.here(), terminal.console()
    if everything:
        _everything(home, console, settings=settings_too, yes=yes)
    elif every:
        _every(home, [each for each in shelves(store) if has_anything(home, each)], console, yes=yes)
    elif night is not None:
        wish = one_night(home, shelves(store), night)
        (target,) = wish.nights
        _ask(f"Erase night {target.name} ({target.shelf.value}) for good?", yes=yes)
        _tell(console, erase(home, wish), wish)
    else:
        wish = period(home, shelves(store), _day(first, date.min), _day(last, date.max))
        terminal.say(console, count(home, wish).words)
        _ask("Erase it for good?", yes=yes)
        _tell(console, erase(home, wish), wish)


def _day(said: datetime | None, otherwise: date) -> date:
    return otherwise if said is None else said.date()


def _every(home: Home, stores: Sequence[Shelf], console: Console, *, yes: bool) -> None:
    if not stores:
        console.print(Text("Nothing is kept, so there is nothing to erase."))
        return
    _ask(f"Erase every night and the journal ({', '.join(each.value for each in stores)}) for good?", yes=yes)
    _tell_all(console, erase_all(home, stores))


def _everything(home: Home, console: Console, *, settings: bool, yes: bool) -> None:
    terminal.say(console, f"This goes: all that Vigil keeps in {home.data}: nights, journal, backups, pictures.")
    terminal.say(console, f"In {home.config}: {'settings and pairing as well' if settings else 'settings stay'}.")
    if not yes and typer.prompt(f"To go on, type: {SPOKEN}", default="", show_default=False) != SPOKEN:
        typer.echo("Nothing was erased.")
        raise typer.Exit(1)
    done = erase_everything(home, settings=settings)
    _tell_all(console, done.gone)
    for line in (*done.remarks, f"Files written over and removed: {done.files}."):
        console.print(Text(line), soft_wrap=True)


def _ask(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question, default=False):
        typer.echo("Nothing was erased.")
        raise typer.Exit(1)


def _tell(console: Console, gone: Sequence[Gone], wish: Wish) -> None:
    for each in gone:
        _say_words(console, each.words)
        names = wish.names(each.shelf)
        if each.nights is not None:
            _say(console, f"Erased: {'night' if len(names) == 1 else 'nights'} {', '.join(names)}.", each.nights)


def _tell_all(console: Console, gone: Sequence[Gone]) -> None:
    for each in gone:
        _say_words(console, each.words, always=True)
        if each.nights is not None:
            _say(console, f"Erased in {each.shelf.value}: {counted(each.nights.nights, 'night')}.", each.nights)


def _say_words(console: Console, erased: WordsErased | None, *, always: bool = False) -> None:
    """What was erased in a journal; nothing where there was nothing of it."""
    if erased is not None and (always or erased.entries or erased.backups or erased.unreachable or erased.set_aside):
        entries = "1 entry" if erased.entries == 1 else f"{erased.entries} entries"
        _say(console, f"Erased in the journal: {entries}, with words of mornings and drafts.", erased)


def _say(console: Console, done: str, erased: Erased | WordsErased) -> None:
    backups = f" Backups replaced or removed: {erased.backups}." if erased.backups else ""
    console.print(Text(done + backups), soft_wrap=True)
    for folder in erased.unreachable:
        console.print(Text(f"Not reached: backups in {folder}; erase them there yourself."), soft_wrap=True)
    for path in erased.set_aside:
        words = f"Not erased: {path}, a damaged file that was set aside and may still hold it; --all erases that too."
        console.print(Text(words), soft_wrap=True)
