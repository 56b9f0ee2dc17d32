"""Erasing a night, a period, everything: what would go is said first, and nothing goes without a second word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from starlette.responses import Response

from vigil.app.erasing import (
    SPOKEN,
    Everything,
    Wish,
    WouldGo,
    count,
    erase,
    erase_all,
    erase_everything,
    every_night,
    one_night,
    period,
)
from vigil.app.home import Shelf
from vigil.domain.errors import InputError, NotFoundError
from vigil.store.nights import Nights
from vigil.web.asked import Asked
from vigil.web.journal_read import number_of
from vigil.web.lamp_searches import SEARCHES
from vigil.web.pages.data import need_no_watch
from vigil.web.pages.journal import FOUND
from vigil.web.pages.night import NIGHTS
from vigil.web.pages.report import day_of
from vigil.web.pages.what_if import RUNS
from vigil.web.rows import get, post
from vigil.web.told import TOLD, say
from vigil.web.views.data import gone_lines, night_choices
from vigil.web.views.night_titles import titles
from vigil.web.views.sentences import sentence

WRONG = 409

SHOWN = 31
"""Nights that are named before they go; of more, how many. Our choice: a month."""


def choose(asked: Asked) -> Response:
    """What shall go?"""
    return _choose(asked)


def ask_night(asked: Asked) -> Response:
    """What would go with one night."""
    return _ask(asked, _night(asked, asked.query.get("night", "")), {"night": asked.query.get("night", "")}, "night")


def ask_period(asked: Asked) -> Response:
    """What would go with a stretch of nights."""
    try:
        first, last = _days(asked)
    except InputError as error:
        return _choose(asked, sentence(error), WRONG)
    wish = period(asked.rooms.home, (asked.rooms.shelf,), first, last)
    return _ask(asked, wish, {"from": first.isoformat(), "to": last.isoformat()}, "period")


def erase_night(asked: Asked) -> Response:
    """Erase it."""
    key = asked.form.get("night", "")
    return _erase(asked, _night(asked, key), {"night": key}, "night")


def erase_period(asked: Asked) -> Response:
    """Erase it."""
    first, last = _days(asked)
    wish = period(asked.rooms.home, (asked.rooms.shelf,), first, last)
    return _erase(asked, wish, {"from": first.isoformat(), "to": last.isoformat()}, "period")


def ask_all(asked: Asked) -> Response:
    """What would go with everything."""
    return _ask_all(asked)


def erase_all_of_it(asked: Asked) -> Response:
    """Erase everything, once the words for it were typed. Every session goes too, this one first of all."""
    if " ".join(asked.form.get("spoken", "").split()).casefold() != SPOKEN:
        return _ask_all(asked, asked.words("data.erase_not_spoken", spoken=SPOKEN), WRONG)
    need_no_watch(asked, *((asked.rooms.shelf,) if asked.rooms.invented else Shelf))
    _forget_seen()
    TOLD.forget()
    SEARCHES.forget()
    FOUND.forget()
    done = _everything(asked)
    asked.rooms.doors.close_all()
    lines = [*gone_lines(done.gone, asked.words), *done.remarks]
    answer = replace(asked, session=None).page("data/erased.html", lines=lines)
    answer.delete_cookie(asked.rooms.cookie, path="/", secure=asked.rooms.secure, httponly=True, samesite="strict")
    return answer


def _everything(asked: Asked) -> Everything:
    """An invented sleeper's nights go alone: nothing of the person's own is touched by them."""
    if asked.rooms.invented:
        return Everything(erase_all(asked.rooms.home, (asked.rooms.shelf,)), 0)
    return erase_everything(asked.rooms.home, settings="settings" in asked.form)


def _choose(asked: Asked, said: str = "", status: int = 200) -> Response:
    with asked.rooms.reading() as shelf:
        rows = [] if shelf is None else Nights(shelf.database).nights()
    chosen = number_of(asked.query.get("night", ""))
    first, last = asked.query.get("from", ""), asked.query.get("to", "")
    choices = night_choices(rows, asked.words)
    return asked.page("data/erase.html", status, nights=choices, chosen=chosen, said=said, first=first, last=last)


def _ask(asked: Asked, wish: Wish, hidden: dict[str, str], way: str, said: str = "", status: int = 200) -> Response:
    would = count(asked.rooms.home, wish)
    with asked.rooms.reading() as shelf:
        rows = [] if shelf is None else Nights(shelf.database).nights()
    names = wish.names(asked.rooms.shelf)
    called = titles(rows, asked.words)
    going = [called[row.key] for row in rows if row.name in names]
    return asked.page(
        "data/ask.html",
        status,
        would=would,
        titles=going[:SHOWN],
        more=len(going) - SHOWN,
        hidden=hidden | {"seen": _seen(would)},
        way=way,
        said=said,
        anything=bool(wish.nights or would.entries),
    )


def _erase(asked: Asked, wish: Wish, hidden: dict[str, str], way: str) -> Response:
    """Erase it, if it is still what was shown; else show it again."""
    if asked.form.get("seen", "") != _seen(count(asked.rooms.home, wish)):
        return _ask(asked, wish, hidden, way, asked.words("data.erase_other"), WRONG)
    if wish.nights:
        need_no_watch(asked, asked.rooms.shelf)
    _forget_seen()
    gone = erase(asked.rooms.home, wish)
    return say(asked, "/data", *gone_lines(gone, asked.words))


def _ask_all(asked: Asked, said: str = "", status: int = 200) -> Response:
    would = count(asked.rooms.home, every_night(asked.rooms.home, (asked.rooms.shelf,)))
    return asked.page("data/ask_all.html", status, would=would, spoken=SPOKEN, said=said)


def _seen(would: WouldGo) -> str:
    """What was shown, so that nothing else goes by the same word."""
    return f"{would.nights}-{would.answers}-{would.entries}"


def _night(asked: Asked, key: str) -> Wish:
    with asked.rooms.reading() as shelf:
        rows = [] if shelf is None else Nights(shelf.database).nights()
    name = next((row.name for row in rows if row.key == number_of(key)), None)
    if name is None:
        raise NotFoundError(asked.words("data.no_such_night"))
    return one_night(asked.rooms.home, (asked.rooms.shelf,), name)


def _days(asked: Asked) -> tuple[date, date]:
    """The period, both days included; an open end reaches as far as there is anything. Raises InputError."""
    first, last = day_of(asked, "from") or date.min, day_of(asked, "to") or date.max
    if (first, last) == (date.min, date.max) or first > last:
        raise InputError(asked.words("data.no_period"))
    return first, last


def _forget_seen() -> None:
    """What the page itself still remembers of nights."""
    NIGHTS.forget()
    RUNS.forget()


ROWS = (
    get("/data/erase", choose),
    get("/data/erase/night", ask_night),
    post("/data/erase/night", erase_night),
    get("/data/erase/period", ask_period),
    post("/data/erase/period", erase_period),
    get("/data/erase/all", ask_all),
    post("/data/erase/all", erase_all_of_it),
)
