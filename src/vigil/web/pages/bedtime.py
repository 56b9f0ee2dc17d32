"""Bedtime: is everything ready, what is planned, and what makes this evening different."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from vigil.app.arming import safe_settings
from vigil.app.bedside import looked
from vigil.app.bedside_tried import tried
from vigil.app.bedtime import lost_finding
from vigil.app.evening_file import evening_of, read_taps, replace_taps
from vigil.app.finding import Finding
from vigil.app.how_it_stands import how_it_stands
from vigil.app.standing import as_said
from vigil.app.tonight import Tonight, kept_nights, latest_sleeper
from vigil.app.trusted import trusted_name
from vigil.app.wiring import packaged_parameters
from vigil.domain.errors import InputError, StoreError
from vigil.interview.evening import Tap
from vigil.web.asked import Asked
from vigil.web.rows import get, post
from vigil.web.views.bedtime import line_of, sentence

TAPS = {tap.value: tap for tap in Tap}


def bedtime(asked: Asked) -> Response:
    """As it is now."""
    return _page(asked, said=(asked.words("bedtime.kept"),) if asked.query.get("kept") == "1" else ())


def try_again(asked: Asked) -> Response:
    """Ask what only answers when it is asked: wearables, outputs, and the computer to stay awake; and look again."""
    rooms = asked.rooms
    stands = how_it_stands(rooms.home, rooms.shelf, rooms.wall_ms())
    found = list(tried(rooms.home, rooms.shelf, stands))
    return _page(asked, found, said=(asked.words("bedtime.nothing_tried"),) if stands.watching else ())


def evening(asked: Asked) -> Response:
    """What makes this evening different, in place of what was said of it before."""
    rooms = asked.rooms
    taps = tuple(TAPS[name] for name in asked.many.get("tap", ()) if name in TAPS)
    try:
        aside = replace_taps(rooms.home.evening_file, evening_of(rooms.wall_ms()), taps)
    except OSError as error:
        message = f"this could not be kept ({error.strerror}); nothing was changed; look at the disk"
        raise StoreError(message) from error
    return _page(asked, said=(asked.words("bedtime.aside", name=aside),)) if aside else asked.go("/bedtime?kept=1")


def _page(asked: Asked, found: Sequence[Finding] = (), said: tuple[str, ...] = ()) -> Response:
    """found: what was tried just now; what is known by that is not said again as it looks untried."""
    rooms = asked.rooms
    stands = how_it_stands(rooms.home, rooms.shelf, rooms.wall_ms())
    trusted = trusted_name(rooms.home.shelf(rooms.shelf), rooms.wall_ms())
    try:
        taps = read_taps(rooms.home.evening_file, evening_of(rooms.wall_ms()))
    except InputError:
        taps = ()  # the plan says that what was said cannot be read
    there, known = looked(rooms.home, rooms.shelf, stands, trusted, _now(asked)), {one.name for one in found}
    there += lost_finding(rooms.home, rooms.shelf, rooms.wall_ms())
    return asked.page(
        "bedtime/bedtime.html",
        lines=[line_of(one, asked.words) for one in there if one.name not in known],
        tried=[line_of(one, asked.words) for one in found],
        plan=_plan(asked),
        taps=[(name, tap in taps) for name, tap in TAPS.items()],
        said=said,
    )


def _now(asked: Asked) -> str:
    """Day and time as the reader writes them, to be held against another clock."""
    now = asked.rooms.now()
    return asked.words("bedtime.now", day=asked.words.day(now.date()), time=asked.words.time(now))


def _plan(asked: Asked) -> list[str]:
    """What tonight will be, a sentence each."""
    rooms = asked.rooms
    chosen, unreadable = safe_settings(rooms.home.settings_file)
    parameters = packaged_parameters()
    try:
        with rooms.reading() as shelf:
            nights = () if shelf is None else kept_nights(shelf, parameters, latest_sleeper(shelf)).nights
    except StoreError as error:
        return [asked.words("bedtime.plan_broken", why=error)]
    tonight = as_said(rooms.home, Tonight.of(nights, parameters, chosen), rooms.wall_ms())
    return [sentence(one) for one in (*unreadable, *tonight.sentences)]


ROWS = (get("/bedtime", bedtime), post("/bedtime/try", try_again), post("/bedtime/evening", evening))
