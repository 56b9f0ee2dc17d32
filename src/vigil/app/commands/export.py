"""vigil export."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import StoreName, shelves, single
from vigil.app.commands.show import as_json
from vigil.app.home import Home
from vigil.app.stored_night import began_of, find, outputs, read
from vigil.app.wiring import OpenShelf, reading
from vigil.domain.records import NightBegan
from vigil.recordings.writers.folder import write_folder
from vigil.recordings.writers.table import write_csv
from vigil.recordings.writers.whole import whole_file
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow

app = single()


class Form(Enum):
    """What a night can be written as."""

    FOLDER = "folder"
    EDF = "edf"
    JSON = "json"
    CSV = "csv"


@app.command("export", epilog="Example: vigil export simulated-drawn-2 --format edf --out night.edf")
def export(
    night: Annotated[str, typer.Argument(metavar="NIGHT", help="Its name, or the beginning of it.")],
    form: Annotated[Form, typer.Option("--format", help="folder returns exactly; the others are for other programs.")],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="A path where nothing is yet.")],
    store: StoreName = None,
) -> None:
    """Write a night to a file or folder of your own.

    folder: everything that came in, from which a replay gives the same night to the bit. edf: for other programs of
    sleep research, with stages, suspicions and nudges as annotations. json: the report. csv: one row an epoch.
    """
    with reading(Home.here(), shelves(store)) as open_shelves:
        _WRITE[form](*find(open_shelves, night), out)
    terminal.console().print(Text(f"written: {out}"), soft_wrap=True)


def _folder(shelf: OpenShelf, row: NightRow, out: Path) -> None:
    items = NightReader(shelf.database).inputs(row.key)
    write_folder(out, night=row.name, began=_began(shelf, row), items=items, source=f"exported by Vigil; {row.format}")


def _edf(shelf: OpenShelf, row: NightRow, out: Path) -> None:
    from vigil.recordings.writers.edf import write_edf  # noqa: PLC0415 — edfio is only for this

    items = NightReader(shelf.database).inputs(row.key)
    write_edf(out, began=_began(shelf, row), items=items, outputs=outputs(shelf, row), beats=True)  # type: ignore[arg-type]  # the store keeps no ticks


def _json(shelf: OpenShelf, row: NightRow, out: Path) -> None:
    text = json.dumps(as_json(read(shelf, row)), ensure_ascii=False, allow_nan=False, indent=1)
    with whole_file(out) as unfinished:
        unfinished.write_text(f"{text}\n", encoding="utf-8")


def _csv(shelf: OpenShelf, row: NightRow, out: Path) -> None:
    write_csv(out, outputs(shelf, row), began_ns=row.began_ns, night=row.name)


_WRITE = {Form.FOLDER: _folder, Form.EDF: _edf, Form.JSON: _json, Form.CSV: _csv}


def _began(shelf: OpenShelf, row: NightRow) -> NightBegan:
    """The lights-out that was pushed, or what the night's row knows of it."""
    inputs = NightReader(shelf.database).inputs(row.key, gaps=True)
    return next((record for record in inputs if isinstance(record, NightBegan)), began_of(row))
