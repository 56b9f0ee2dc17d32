"""vigil backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import StoreName, shelves, single
from vigil.app.home import Home
from vigil.app.journal_room import back_up_journal, journal_path
from vigil.app.wiring import backup_folder
from vigil.domain.errors import NotFoundError
from vigil.store.backup import KEPT
from vigil.store.backup import backup as make_backup
from vigil.store.database import Database

app = single()


@app.command("backup", epilog="Example: vigil backup --to /media/stick/vigil")
def backup(
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to; otherwise beside the database.", show_default=False)
    ] = None,
    store: StoreName = None,
) -> None:
    """Copy what Vigil keeps, the journal too, prove the copy, and keep the last few of them.

    A running watch is not disturbed.
    """
    home, console = Home.here(), terminal.console()
    there = [each for each in shelves(store) if home.database(each).exists() or journal_path(home, each).exists()]
    if not there:
        message = "nothing is kept yet, so there is nothing to copy; to see a night: vigil demo"
        raise NotFoundError(message)
    for shelf in there:
        folder = backup_folder(home, shelf) if to is None else to / shelf.value
        made = [back_up_journal(home, shelf, folder)]
        if home.database(shelf).exists():
            with Database.open(home.database(shelf), create=False) as database:
                made.insert(0, make_backup(database, folder))
        for path in filter(None, made):
            console.print(Text(f"{shelf.value}: {path} (verified; the last {KEPT} are kept)"), soft_wrap=True)
