"""What would another setting have done? Asked, followed, answered, stopped."""

from __future__ import annotations

from starlette.responses import Response

from vigil.domain.errors import SettingsError
from vigil.store.nights import Nights
from vigil.web.asked import Asked
from vigil.web.rows import get, post
from vigil.web.views.night_titles import titles
from vigil.web.views.what_if import FIELDS, NIGHTS, nights_of, shown, wanted
from vigil.web.what_if_runs import WhatIfRuns

PAGE = "/night/what-if"
WRONG = 409

RUNS = WhatIfRuns()


def what_if(asked: Asked) -> Response:
    """The form, and the latest question."""
    return _page(asked)


def begin(asked: Asked) -> Response:
    """Live through the nights once more, in the background."""
    try:
        change = wanted(asked.form)
    except SettingsError as error:
        return _page(asked, str(error), WRONG)
    if change is None:
        return _page(asked, asked.words("what_if.nothing"), WRONG)
    RUNS.begin(asked.rooms.home, asked.rooms.shelf, change, nights_of(asked.form))
    return asked.go(PAGE)


def stop(asked: Asked) -> Response:
    """Enough."""
    RUNS.stop()
    RUNS.wait()
    return asked.go(PAGE)


def far(asked: Asked) -> Response:
    """How far it is, for the script that waits for it."""
    trying = RUNS.standing(asked.rooms.home, asked.rooms.shelf)
    if trying is None:
        return asked.data({"done": 0, "total": 0, "over": True, "words": ""})
    words = asked.words("what_if.far", done=trying.done, total=trying.total)
    return asked.data({"done": trying.done, "total": trying.total, "over": trying.over, "words": words})


def _page(asked: Asked, said: str = "", status: int = 200) -> Response:
    trying = RUNS.standing(asked.rooms.home, asked.rooms.shelf)
    return asked.page(
        "night/what_if.html",
        status,
        fields=FIELDS,
        typed=asked.form,
        nights=nights_of(asked.form) if asked.form else NIGHTS,
        said=said,
        it=None if trying is None else shown(trying, _called(asked), asked.words),
    )


def _called(asked: Asked) -> dict[str, str]:
    """What nights are called, by name."""
    with asked.rooms.reading() as shelf:
        rows = [] if shelf is None else Nights(shelf.database).nights()
    called = titles(rows, asked.words)
    return {row.name: called[row.key] for row in rows}


ROWS = (
    get(PAGE, what_if),
    post(PAGE, begin),
    post(f"{PAGE}/stop", stop),
    get(f"{PAGE}/far", far),
)
