"""Your data: what is kept and where, taking it away, copies, and whether it is locked."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from vigil.app.archive import Wanted, archive, safe_name
from vigil.app.data_room import copies, copy_named, faults, make_copy, sizes, take_back
from vigil.app.encrypting import STAYS_PLAIN
from vigil.app.erasing import has_anything
from vigil.app.exporting import Form, write_night
from vigil.app.home import Shelf
from vigil.app.journal_room import journal_path
from vigil.app.private import passing_folder
from vigil.app.unlocking import FORGOTTEN, UNATTENDED, is_unattended
from vigil.app.wiring import LOCK_NAME, OpenShelf, backup_folder
from vigil.domain.errors import BusyError, NotFoundError
from vigil.store.lock import holder_of
from vigil.store.nights import NightRow, Nights
from vigil.store.quarantine import DAMAGED_FOLDER
from vigil.web.asked import Asked
from vigil.web.journal_read import number_of
from vigil.web.rows import get, post
from vigil.web.sending import Sending
from vigil.web.told import say, told_lines
from vigil.web.views.data import copy_line, copy_lines, file_day, night_choices, rooms_of, size_words

PARTS = ("export", "report", "copies", "lock", "erase")
"""Pages of their own: `/data/NAME`."""

TYPES = {Form.EDF: "application/octet-stream", Form.JSON: "application/json", Form.CSV: "text/csv; charset=utf-8"}


def data(asked: Asked) -> Response:
    """What is kept, how large, and where; and what can be done with it."""
    home, shelf = asked.rooms.home, asked.rooms.shelf
    found = sizes(home, shelf)
    kept = (home.database(shelf), journal_path(home, shelf), backup_folder(home, shelf), home.pictures(shelf))
    places = [str(path) for path in (*kept, home.shelf(shelf) / DAMAGED_FOLDER)]
    return asked.page(
        "data/data.html",
        told=told_lines(asked),
        rooms=rooms_of(found, places, asked.words),
        total=size_words(found.total, asked.words),
        settings=str(home.config),
        parts=PARTS,
    )


# Taking it away.


def export(asked: Asked) -> Response:
    """What can be taken away, and how."""
    rows = _nights(asked)
    if not rows and not has_anything(asked.rooms.home, asked.rooms.shelf):
        return asked.page("data/export.html", nights=(), forms=(), anything=False)
    return asked.page("data/export.html", nights=night_choices(rows, asked.words), forms=tuple(Form), anything=True)


def export_all(asked: Asked) -> Response:
    """Everything as one archive, sent while it is made."""
    rows = _nights(asked)  # said before anything is sent, if it cannot be read
    journal = "journal" in asked.form
    if not rows and not (journal and has_anything(asked.rooms.home, asked.rooms.shelf)):
        raise NotFoundError(asked.words("data.nothing"))
    return _archive(asked, Wanted(journal=journal), f"vigil-{file_day(asked.rooms.now())}.zip")


def export_night(asked: Asked) -> Response:
    """One night, in one form; an archive where that is more than one file."""
    key = number_of(asked.form.get("night", ""))
    row = next((row for row in _nights(asked) if row.key == key), None)
    if row is None:
        raise NotFoundError(asked.words("data.no_such_night"))
    form = next((form for form in Form if form.value == asked.form.get("form", "")), Form.FOLDER)
    name = f"vigil-{safe_name(row.name)}"
    if form is Form.FOLDER or "journal" in asked.form:
        return _archive(asked, Wanted((key,), (form,), "journal" in asked.form), f"{name}.zip")
    with asked.rooms.reading() as shelf, passing_folder(asked.rooms.home.shelf(asked.rooms.shelf)) as place:
        content = b"" if shelf is None else _written(shelf, row, form, place / "night")
    return download(content, f"{name}.{form.value}", TYPES[form])


def _written(shelf: OpenShelf, row: NightRow, form: Form, path: Path) -> bytes:
    write_night(form, shelf, row, path)
    return path.read_bytes()


def _archive(asked: Asked, wanted: Wanted, name: str) -> Response:
    return Sending(archive(asked.rooms.home, asked.rooms.shelf, wanted), "application/zip", _as_file(name))


def download(content: bytes, name: str, media_type: str) -> Response:
    """A file to keep. name: letters, digits, and marks that every system takes."""
    return Response(content, media_type=media_type, headers=_as_file(name))


def _as_file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


def _nights(asked: Asked) -> list[NightRow]:
    with asked.rooms.reading() as shelf:
        return [] if shelf is None else Nights(shelf.database).nights()


# Copies.


def copies_kept(asked: Asked) -> Response:
    """The list."""
    lines = copy_lines(copies(asked.rooms.home, asked.rooms.shelf), asked.words)
    where = str(backup_folder(asked.rooms.home, asked.rooms.shelf))
    return asked.page("data/copies.html", told=told_lines(asked), copies=lines, where=where)


def copy_now(asked: Asked) -> Response:
    """Make one now, and prove it."""
    make_copy(asked.rooms.home, asked.rooms.shelf)
    return say(asked, "/data/copies", asked.words("data.copied"))


def ask_back(asked: Asked) -> Response:
    """Whether the copy is sound, and whether to go on."""
    copy = copy_named(asked.rooms.home, asked.rooms.shelf, asked.query.get("name", ""))
    line = copy_line(copy, asked.words)
    return asked.page("data/back.html", it=line, faults=faults(copy))


def back(asked: Asked) -> Response:
    """Take back what is not here. Every other browser has to be let in anew: what it shows may be of before."""
    copy = copy_named(asked.rooms.home, asked.rooms.shelf, asked.form.get("name", ""))
    if not copy.words:
        need_no_watch(asked, asked.rooms.shelf)
    lines = take_back(asked.rooms.home, asked.rooms.shelf, copy.path)
    asked.rooms.doors.close_all(but=None if asked.session is None else asked.session.id)
    return say(asked, "/data/copies", *lines, asked.words("data.back_doors"))


def need_no_watch(asked: Asked, *shelves: Shelf) -> None:
    """Say so before anything is touched, if a night is being watched. Raises BusyError."""
    if any(holder_of(asked.rooms.home.shelf(shelf) / LOCK_NAME) for shelf in shelves):
        raise BusyError(asked.words("data.watching"))


# Locked or not.


def lock(asked: Asked) -> Response:
    """Whether a passphrase is needed, what that means, and how it is done."""
    locked = is_unattended(asked.rooms.home.database(asked.rooms.shelf))
    state = "invented" if asked.rooms.invented else "on" if locked else "off"
    commands = () if asked.rooms.invented else ("passphrase", "decrypt") if locked else ("encrypt",)
    t = asked.words
    means = (UNATTENDED if locked else t("data.lock_unattended"), FORGOTTEN, STAYS_PLAIN, t("data.lock_ssd"))
    return asked.page("data/lock.html", said=asked.words(f"data.lock_{state}"), commands=commands, means=means)


ROWS = (
    get("/data", data),
    get("/data/export", export),
    post("/data/export/all", export_all),
    post("/data/export/night", export_night),
    get("/data/copies", copies_kept),
    post("/data/copies", copy_now),
    get("/data/copies/back", ask_back),
    post("/data/copies/back", back),
    get("/data/lock", lock),
)
