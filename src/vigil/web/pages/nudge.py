"""A nudge tried by day, awake: one step of the ladder, from the lowest up, through the same guard as at night."""

from __future__ import annotations

from starlette.responses import Response

from vigil.app.try_sitting import outputs_there
from vigil.domain.errors import InputError
from vigil.domain.requests import Output
from vigil.web.asked import Asked
from vigil.web.nudge_tries import NudgeTries
from vigil.web.pages.devices import PAIR, real
from vigil.web.rows import get, post
from vigil.web.views.devices import CHOOSE

PAGE = "/devices/nudge"

TRIES = NudgeTries()


def nudge(asked: Asked) -> Response:
    """What can be tried, and what came of it."""
    now = TRIES.standing
    try:
        there, trouble = outputs_there(asked.rooms.home, tuple(Output)), ""
    except InputError as error:
        there, trouble = (), str(error)
    missing = [(one.value, CHOOSE.get(one, PAIR)) for one in Output if one not in there]
    return asked.page("devices/nudge.html", now=now, there=bool(there), missing=missing, trouble=trouble)


def begin(asked: Asked) -> Response:
    """Find what is set up, and hold it."""
    real(asked)
    TRIES.begin(asked.rooms.home, asked.rooms.shelf)
    return asked.go(PAGE)


def step(asked: Asked) -> Response:
    """Give one step, now."""
    real(asked)
    TRIES.give(asked.form.get("output", ""), asked.form.get("level", ""))
    return asked.go(PAGE)


def end(asked: Asked) -> Response:
    """Enough."""
    TRIES.end()
    return asked.go(PAGE)


def far(asked: Asked) -> Response:
    """Whether it is over, for the script that waits for it."""
    return asked.data({"over": not TRIES.standing.busy})


ROWS = (
    get(PAGE, nudge),
    post(f"{PAGE}/begin", begin),
    post(f"{PAGE}/step", step),
    post(f"{PAGE}/end", end),
    get(f"{PAGE}/far", far),
)
