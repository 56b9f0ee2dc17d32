"""vigil export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import StoreName, shelves, single
from vigil.app.exporting import Form, write_night
from vigil.app.home import Home
from vigil.app.journal_files import write_journal
from vigil.app.stored_night import find
from vigil.app.wiring import reading

app = single()


@app.command("export", epilog="Example: vigil export simulated-drawn-2 --format edf --out night.edf")
def export(
    night: Annotated[str, typer.Argument(metavar="NIGHT", help="Its name, or the beginning of it.")],
    form: Annotated[Form, typer.Option("--format", help="folder returns exactly; the others are for other programs.")],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="A path where nothing is yet.")],
    journal: Annotated[
        bool, typer.Option("--journal", help="With a folder: also what you wrote of that night, which else stays here.")
    ] = False,
    store: StoreName = None,
) -> None:
    """Write a night to a file or folder of your own.

    folder: everything that came in, from which a replay gives the same night to the bit. edf: for other programs of
    sleep research, with stages, suspicions and nudges as annotations. json: the report. csv: one row an epoch.
    """
    if journal and form is not Form.FOLDER:
        message = "words of the journal go into a folder; the others are for other programs"
        raise typer.BadParameter(message)
    home = Home.here()
    with reading(home, shelves(store)) as open_shelves:
        shelf, row = find(open_shelves, night)
        write_night(form, shelf, row, out)
    if journal:
        write_journal(home, shelf.shelf, out / "journal", night=row.name)
    terminal.console().print(Text(f"written: {out}"), soft_wrap=True)
