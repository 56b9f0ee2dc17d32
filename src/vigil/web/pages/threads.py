"""Threads of the journal: what comes back, by the person's own names for it."""

from __future__ import annotations

from starlette.responses import Response

from vigil.app.journal_room import journal, journal_if_any
from vigil.domain.errors import InputError, NotFoundError
from vigil.domain.journal import MOST_NAME, Thread
from vigil.store.journal import PAGE, Journal, Only
from vigil.store.journal_erase import erase_thread
from vigil.web.asked import Asked
from vigil.web.journal_read import around_of, beyond_reach, key_of, there
from vigil.web.rows import get, post
from vigil.web.told import say, told_lines
from vigil.web.views.journal import by_day
from vigil.web.views.sentences import sentence

WRONG = 409

MOST = 4 << 20
"""Bytes of a form: a note is a text, too. Our choice."""


def threads(asked: Asked) -> Response:
    """The list, and a form for one more."""
    return _list(asked)


def begin(asked: Asked) -> Response:
    """Name one."""
    try:
        with journal(asked.rooms.home, asked.rooms.shelf) as opened:
            made = opened.put_thread(asked.form.get("name", ""), asked.form.get("note", ""))
    except InputError as error:
        return _list(asked, sentence(error), WRONG)
    return asked.go(f"/journal/threads/{made.id}")


def thread(asked: Asked) -> Response:
    """One, with its entries."""
    return _one(asked)


def change(asked: Asked) -> Response:
    """Give it another name or note."""
    try:
        with there(asked) as opened:
            found = _thread(asked, opened)
            opened.put_thread(asked.form.get("name", ""), asked.form.get("note", ""), found.id)
    except InputError as error:
        return _one(asked, sentence(error), WRONG)
    return asked.go(f"/journal/threads/{found.id}")


def ask_erase(asked: Asked) -> Response:
    """Ask once."""
    with there(asked) as opened:
        return asked.page("journal/erase_thread.html", it=_thread(asked, opened))


def erase(asked: Asked) -> Response:
    """Erase its name and note; its entries stay."""
    with there(asked) as opened:
        done = erase_thread(opened, _thread(asked, opened).id)
    return say(asked, "/journal/threads", asked.words("journal.thread_erased"), *beyond_reach(asked, done))


def _list(asked: Asked, said: str = "", status: int = 200) -> Response:
    with journal_if_any(asked.rooms.home, asked.rooms.shelf, read_only=True) as opened:
        found = () if opened is None else opened.threads()
    return asked.page(
        "journal/threads.html",
        status,
        threads=found,
        told=told_lines(asked),
        said=said,
        name=asked.form.get("name", ""),
        note=asked.form.get("note", ""),
        most_name=MOST_NAME,
    )


def _one(asked: Asked, said: str = "", status: int = 200) -> Response:
    with there(asked) as opened:
        found = _thread(asked, opened)
        around = around_of(asked, opened)
        rows = opened.entries(Only(thread=found.id), PAGE)
    return asked.page(
        "journal/thread.html",
        status,
        it=found,
        days=by_day(rows, around, asked.words),
        more=found.entries > PAGE,
        said=said,
        name=asked.form.get("name", found.name),
        note=asked.form.get("note", found.note),
        most_name=MOST_NAME,
    )


def _thread(asked: Asked, opened: Journal) -> Thread:
    for found in opened.threads():
        if found.id == key_of(asked):
            return found
    raise NotFoundError(asked.words("journal.thread_gone"))


ROWS = (
    get("/journal/threads", threads),
    post("/journal/threads", begin, most=MOST),
    get("/journal/threads/{key:int}", thread),
    post("/journal/threads/{key:int}", change, most=MOST),
    get("/journal/threads/{key:int}/erase", ask_erase),
    post("/journal/threads/{key:int}/erase", erase),
)
