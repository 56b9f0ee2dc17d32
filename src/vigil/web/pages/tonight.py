"""Tonight: how it stands, and what can be said to the night. Files only: it works with every database broken."""

from __future__ import annotations

import threading

from starlette.responses import Response

from vigil.app.beginning import Outcome
from vigil.app.beginning import begin as begin_night
from vigil.app.home import Home
from vigil.app.real_outputs import outputs_off
from vigil.app.stopping import release as end_the_stop
from vigil.app.stopping import stop as stop_now
from vigil.app.trusted import trusted_name
from vigil.app.wiring import LOCK_NAME
from vigil.domain.errors import StoreError
from vigil.store.asked import ASKED_NAME, Wish, ask
from vigil.store.calls import CALLS_NAME, ask_to_call, take_back
from vigil.store.lock import holder_of
from vigil.web.asked import Asked
from vigil.web.live_tonight import live
from vigil.web.pages.help_now import own_people
from vigil.web.pages.tonight_seen import seen
from vigil.web.rows import events, get, post
from vigil.web.told import Told
from vigil.web.views.tonight import Marked, local_time

HOUR_MIN = 60

OFF_S = 3.0
"""So long an answer waits for lamps to be out; it goes on behind it, and the night puts out its own. Our choice."""

LIGHTS = 4
"""Steps of the low light."""

SAID_MS = 15 * 60_000
"""So long a page may say again that something was noted: an address out of a browser's history must not say it at the
next waking, when nothing was. As long as a mark keeps nudges off (`AWAKE_MARK_NS`)."""

SAID, NOBODYS = Told(), 0
"""What was passed on, and when; of all browsers together."""

_NOTED = {
    Marked.AWAKE: "tonight.noted_awake",
    Marked.BAD_DREAM: "tonight.noted_bad_dream",
    Marked.NOBODY: "tonight.nothing_to_note",
    Marked.END: "tonight.ended",
    Marked.RELEASED: "tonight.released",
    Marked.LOCKED: "tonight.begin_locked",
    Marked.BUSY: "tonight.begin_busy",
    Marked.NOT_STARTED: "tonight.begin_not_started",
}

_NOT_BEGUN = {
    Outcome.LOCKED: Marked.LOCKED,
    Outcome.BUSY: Marked.BUSY,
    Outcome.NOT_STARTED: Marked.NOT_STARTED,
}


def tonight(asked: Asked) -> Response:
    """How it stands."""
    marked = _said_of(asked)
    said = () if marked not in _NOTED else (asked.words(_NOTED[marked]),)
    return _page(asked, said, marked=marked is not None and marked.is_awake)


def _go(asked: Asked, marked: Marked) -> Response:
    """On to the page that says what was just passed on. What that was stands in no address, which a browser keeps."""
    number = SAID.keep(NOBODYS, marked.value, str(asked.rooms.wall_ms()))
    return asked.go(f"/tonight?told={number}{'#here' if marked.is_awake else ''}")


def _said_of(asked: Asked) -> Marked | None:
    """What was just passed on, where an address says that something was; not long after it any more."""
    match SAID.of(NOBODYS, asked.query.get("told", "")):
        case (marked, at_ms) if 0 <= asked.rooms.wall_ms() - int(at_ms) < SAID_MS:
            return Marked(marked)
    return None


def _page(asked: Asked, said: tuple[str, ...] = (), *, marked: bool = False, status: int = 200) -> Response:
    made = local_time(asked.words, asked.rooms.wall_ms())
    unknown = not asked.rooms.invented and not asked.rooms.home.setup_file.exists()
    it = seen(asked, marked=marked)
    shown = {"it": it, "marked": marked, "said": said, "made": made, "unknown": unknown}
    return asked.page("tonight/tonight.html", status, own=own_people(asked.rooms.home), **shown)


def begin(asked: Asked) -> Response:
    """Begin the night, or go on with one that broke off. What came of it, `tonight` shows."""
    rooms = asked.rooms
    outcome = begin_night(rooms.home, rooms.shelf, rooms.wall_ms())
    return _go(asked, _NOT_BEGUN[outcome]) if outcome in _NOT_BEGUN else asked.go("/tonight")


def stop(asked: Asked) -> Response:
    """Stop, for the night or for an hour: as `vigil stop` does it, with its words."""
    rooms = asked.rooms
    stopped = stop_now(rooms.home, rooms.wall_ms(), HOUR_MIN if asked.form.get("for") == "hour" else None)
    left = _off(rooms.home)
    if stopped.failed or left:
        return _page(asked, (*stopped.words, *left), status=503 if stopped.failed else 200)
    return asked.go("/tonight")


def _off(home: Home) -> list[str]:
    """Put out what an earlier process left on; what could not be, in words."""
    left: list[str] = []

    def put_out() -> None:
        try:
            left.extend(outputs_off(home))
        except StoreError as error:
            left.append(str(error))

    thread = threading.Thread(target=put_out, daemon=True)
    thread.start()
    thread.join(OFF_S)
    return [f"Note: {words}." for words in left]


def release(asked: Asked) -> Response:
    """End the stop."""
    *notes, _over = end_the_stop(asked.rooms.home)
    return _page(asked, (*notes, _over)) if notes else _go(asked, Marked.RELEASED)


def awake(asked: Asked) -> Response:
    """I'm awake."""
    return _wish(asked, Wish.AWAKE, Marked.AWAKE)


def bad_dream(asked: Asked) -> Response:
    """Bad dream."""
    return _wish(asked, Wish.BAD_DREAM, Marked.BAD_DREAM)


def end(asked: Asked) -> Response:
    """Good morning: end the night."""
    return _wish(asked, Wish.END, Marked.END)


def _wish(asked: Asked, wish: Wish, marked: Marked) -> Response:
    """Pass it on to the night, if there is one: what is said to nobody is not meant for the next night."""
    rooms = asked.rooms
    folder = rooms.home.shelf(rooms.shelf)
    if not holder_of(folder / LOCK_NAME):
        return _go(asked, Marked.NOBODY)
    ask(folder / ASKED_NAME, wish, rooms.wall_ms())
    return _go(asked, marked)


def call(asked: Asked) -> Response:
    """Ask to be called, or take that back. Where nobody follows, on to whom to call: to invite is for the day."""
    rooms = asked.rooms
    path = rooms.home.shelf(rooms.shelf) / CALLS_NAME
    if asked.form.get("no") == "1":
        take_back(path)
    elif trusted_name(path.parent, rooms.wall_ms()):
        ask_to_call(path, rooms.wall_ms())
    else:
        return asked.go("/help")
    return _go(asked, Marked.CALL)


def light(asked: Asked) -> Response:
    """A page that is nothing but warm and dim, in a few steps."""
    asked_for = asked.query.get("step", "")
    step = min(LIGHTS, max(1, int(asked_for))) if asked_for.isdecimal() and len(asked_for) < 3 else 1
    return asked.page("tonight/light.html", step=step, most=LIGHTS)


ROWS = (
    get("/tonight", tonight),
    events("/tonight/live", live),
    post("/tonight/begin", begin),
    post("/tonight/stop", stop),
    post("/tonight/release", release),
    post("/tonight/awake", awake),
    post("/tonight/bad-dream", bad_dream),
    post("/tonight/end", end),
    post("/tonight/call", call),
    get("/tonight/light", light),
)
