"""A night as files of the person's own, in each form there is; for the command and the page alike."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path

from vigil.app.stored_night import StoredNight, began_of, outputs, read
from vigil.app.wiring import OpenShelf
from vigil.domain.records import NightBegan
from vigil.night.as_json import account_json, night_json, nights_json
from vigil.night.report import NightFigures, NightsReport
from vigil.recordings.writers.folder import write_folder
from vigil.recordings.writers.table import write_csv
from vigil.recordings.writers.whole import whole_file
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow


class Form(Enum):
    """What a night can be written as."""

    FOLDER = "folder"
    EDF = "edf"
    JSON = "json"
    CSV = "csv"


def write_night(form: Form, shelf: OpenShelf, row: NightRow, out: Path) -> None:
    """Write a night, whole or not at all. Raises InputError if something is there already, StoreError."""
    _WRITE[form](shelf, row, out)


def as_json(stored: StoredNight) -> dict[str, object]:
    """The documented object, with this one night."""
    night = night_json(
        stored.report,
        path=stored.row.path,
        source_format=stored.row.format,
        left_out=list(stored.facts.get("left_out", ())),
    )
    more: dict[str, object] = {"account": account_json(stored.account, stored.clock.words)}
    more |= {"store": stored.shelf.value, "remarks": stored.facts.get("remarks", []), "damaged": list(stored.damaged)}
    if stored.answer is not None:
        more["answer"] = stored.answer.as_plain()
    return nights_json([night | more], NightsReport.of([NightFigures.of(stored.report, stored.row.path)]))


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
