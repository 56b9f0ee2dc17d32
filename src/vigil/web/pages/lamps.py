"""A lamp found by its name: the bridge's button, then a list; nothing is kept in the settings before one is chosen."""

from __future__ import annotations

from starlette.responses import Response

from vigil.app.lamps_found import LampsFound, Search, begin, choose_found, lamps_by, with_key
from vigil.app.outputs import read_choices
from vigil.domain.errors import DeviceError
from vigil.web.asked import Asked
from vigil.web.lamp_searches import SEARCHES
from vigil.web.pages.devices import PAGE, real
from vigil.web.pages.outputs import LAMP, REFUSED, WRONG, kind_of, lamp_page, why_not
from vigil.web.rows import get, post
from vigil.web.told import say
from vigil.web.views.outputs import lamps_seen
from vigil.web.views.sentences import sentence

OF = f"{LAMP}/{{kind}}"


def look(asked: Asked) -> Response:
    """Go to the address that was typed, and see what is needed there."""
    real(asked)
    kind = kind_of(asked)
    try:
        with SEARCHES.asking():
            _keep(asked, begin(asked.rooms.home.settings_file, kind, asked.form))
    except REFUSED as error:
        return lamp_page(asked, kind, why_not(asked, error))
    return asked.go(f"{LAMP}/{kind}/found")


def found(asked: Asked) -> Response:
    """However far it is: the button of a bridge, or the lamps."""
    kind = kind_of(asked)
    search = _search(asked, kind)
    return asked.go(f"{LAMP}/{kind}") if search is None else _found(asked, search)


def ask(asked: Asked) -> Response:
    """Ask for what is not known yet: the key of a bridge, and the lamps."""
    real(asked)
    kind = kind_of(asked)
    search = _search(asked, kind)
    if search is None:
        return _over(asked, kind)
    try:
        with SEARCHES.asking():
            return _asked_for(asked, search)
    except DeviceError as error:
        return _found(asked, search, asked.words("outputs.not_kept", why=sentence(error)))


def choose(asked: Asked) -> Response:
    """Take one of the lamps that were shown."""
    real(asked)
    kind = kind_of(asked)
    search = _search(asked, kind)
    if search is None:
        return _over(asked, kind)
    lamps = (search.found or LampsFound()).lamps
    lamp = next((one for one in lamps if one.which == asked.form.get("lamp")), None)
    if lamp is None:
        return _found(asked, search, asked.words("outputs.choose_one"))
    try:
        choose_found(asked.rooms.home.settings_file, search.way, lamp)
    except REFUSED as error:
        return _found(asked, search, why_not(asked, error))
    SEARCHES.forget()
    return say(asked, PAGE, asked.words("outputs.chosen_lamp", name=lamp.name or asked.words("outputs.nameless")))


def _asked_for(asked: Asked, search: Search) -> Response:
    way = search.way
    if not way.secret:
        given = with_key(way)
        if given is None:
            return _found(asked, search, asked.words("outputs.not_pressed"))
        way = given
        _keep(asked, Search(way))  # at once: a key that was given is not lost with the list
    try:
        _keep(asked, Search(way, lamps_by(way)))
    except DeviceError as error:
        return _found(asked, Search(way, search.found), asked.words("outputs.not_listed", why=sentence(error)))
    return asked.go(f"{LAMP}/{way.kind}/found")


def _found(asked: Asked, search: Search, refused: str = "") -> Response:
    return asked.page(
        "devices/lamp_found.html",
        WRONG if refused else 200,
        kind=search.way.kind,
        press=not search.way.secret,
        found=search.found,
        lamps=lamps_seen(search, read_choices(asked.rooms.home.settings_file).lamp, asked.words),
        refused=refused,
    )


def _over(asked: Asked, kind: str) -> Response:
    return lamp_page(asked, kind, asked.words("outputs.search_over"))


def _search(asked: Asked, kind: str) -> Search | None:
    return SEARCHES.of(_session(asked), asked.rooms.wall_ms(), kind)


def _keep(asked: Asked, search: Search) -> None:
    SEARCHES.keep(_session(asked), asked.rooms.wall_ms(), search)


def _session(asked: Asked) -> int:
    return 0 if asked.session is None else asked.session.id


ROWS = (
    post(f"{OF}/look", look),
    get(f"{OF}/found", found),
    post(f"{OF}/ask", ask),
    post(f"{OF}/choose", choose),
)
