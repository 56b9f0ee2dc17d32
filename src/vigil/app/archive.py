"""Nights, and the journal if that is wished, as one .zip that is sent while it is made.

A night is written beside the store, put into the archive, overwritten and removed before the next one: a year of them
needs no more room than one.
"""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from vigil.app.exporting import Form, write_night
from vigil.app.home import Home, Shelf
from vigil.app.journal_files import write_journal
from vigil.app.private import passing_folder, wipe_folder
from vigil.app.wiring import reading
from vigil.domain.errors import VigilError
from vigil.store.nights import NightRow, Nights

PIECE = 1 << 16
"""Bytes that are read at once."""

LONGEST = 60
"""Letters of a name in the archive."""

ABOUT = """\
What Vigil kept. Nothing in here is encrypted: keep it where only you can read it.

nights/NUMBER-NAME/folder      everything that came in; Vigil reads it back exactly
nights/NUMBER-NAME/night.edf   EDF+, for programs of sleep research
nights/NUMBER-NAME/night.json  the report of the night, and what was said in the morning
nights/NUMBER-NAME/night.csv   one row for every half minute
journal/                       what you wrote down, if you asked for it
left-out.txt                   only if something could not be read: what, and why
"""

_ENDING = {Form.FOLDER: "folder", Form.EDF: "night.edf", Form.JSON: "night.json", Form.CSV: "night.csv"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken along. keys: of nights, None for all. journal: with what was written, of these nights or all."""

    keys: tuple[int, ...] | None = None
    forms: tuple[Form, ...] = tuple(Form)
    journal: bool = False


def archive(home: Home, shelf: Shelf, wanted: Wanted) -> Generator[bytes]:
    """The archive, piece by piece. What cannot be read is left out and named in it. Raises OSError, StoreError."""
    sink = _Sink()
    left_out: list[str] = []
    with passing_folder(home.shelf(shelf)) as place, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[call-overload]  # it only writes to it
        made.writestr("about.txt", ABOUT)
        for row in _rows(home, shelf, wanted):
            folder = place / "night"
            folder.mkdir()
            left_out += _write_night(home, shelf, row, wanted, folder)
            yield from _packed(made, sink, folder, f"nights/{row.key:04d}-{safe_name(row.name)}")
            wipe_folder(folder)
        if wanted.journal and wanted.keys is None:
            left_out += _write_words(home, shelf, None, place / "journal")
            yield from _packed(made, sink, place / "journal", "journal")
        if left_out:
            made.writestr("left-out.txt", "\n".join(left_out) + "\n")
    yield sink.taken()


def safe_name(name: str) -> str:
    """A name that every system can give a file; several names may come out the same."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:LONGEST] or "night"


def _rows(home: Home, shelf: Shelf, wanted: Wanted) -> list[NightRow]:
    with reading(home, (shelf,)) as opened:
        rows = [row for each in opened for row in Nights(each.database).nights()]
    return [row for row in rows if wanted.keys is None or row.key in wanted.keys]


def _write_night(home: Home, shelf: Shelf, row: NightRow, wanted: Wanted, folder: Path) -> list[str]:
    """Write a night into a folder in every form; what could not be written, in words."""
    left_out = []
    with reading(home, (shelf,)) as opened:
        for each, form in itertools.product(opened, wanted.forms):
            try:
                write_night(form, each, row, folder / _ENDING[form])
            except VigilError as error:
                left_out.append(f"{row.name} as {form.value}: {error}".replace(str(folder), ""))
    if wanted.journal and wanted.keys is not None:
        left_out += _write_words(home, shelf, row.name, folder / "journal")
    return left_out


def _write_words(home: Home, shelf: Shelf, night: str | None, out: Path) -> list[str]:
    try:
        write_journal(home, shelf, out, night=night)
    except VigilError as error:
        return [f"the journal: {error}"]
    return []


def _packed(made: zipfile.ZipFile, sink: _Sink, folder: Path, name: str) -> Iterator[bytes]:
    """Put every file below a folder into the archive, and give what is ready of it."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        info = zipfile.ZipInfo.from_file(path, f"{name}/{path.relative_to(folder).as_posix()}", strict_timestamps=False)
        info.compress_type = zipfile.ZIP_DEFLATED
        with path.open("rb") as source, made.open(info, "w") as into:
            while piece := source.read(PIECE):
                into.write(piece)
                yield sink.taken()
    yield sink.taken()


class _Sink:
    """What an archive is written to: only forwards, and taken away as it comes."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """As of a file."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What was written since."""
        held = bytes(self._held)
        self._held.clear()
        return held
