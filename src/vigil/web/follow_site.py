"""The page of the one who follows: its own addresses, its own cookie, its own listener. One page and what it loads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from vigil.app.follow_view import FollowView, follow_view
from vigil.app.how_it_stands import for_follower, how_it_stands
from vigil.domain.errors import StoreError
from vigil.store.doors import WHOLE_MS, Session
from vigil.store.follow import Follows, Invited
from vigil.store.follow_settings import FollowStore
from vigil.web.asked import Asked
from vigil.web.pages.entry import static
from vigil.web.rooms import Rooms
from vigil.web.rows import Role, events, get, post
from vigil.web.views.follower import follower_lines
from vigil.web.views.tonight import local_time

LOOK_S = 0.5
"""How often it is looked at whether they may still look: revoking works within a second."""

BEAT_TURNS = 20
"""Looks between two signs of life: ten seconds. A page that hears none for 45 says so (`static/follow.js`)."""

NOTED_TURNS = 120
"""Looks between two notes that the page is still open: a minute."""

MOST = 4
"""Streams at once: a page that was reloaded twice before its old streams are gone. Our choice."""

_OPEN: Counter[Path] = Counter()


@dataclass(frozen=True, slots=True)
class FollowRooms(Rooms):
    """The same person's Vigil for the one who follows: another cookie, another door, no other pages."""

    follows: Follows = field(init=False)
    store: FollowStore = field(init=False)
    first: ClassVar[str] = "/"
    own: ClassVar[bool] = False
    closed: ClassVar[str] = "follow/closed.html"
    nav: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Invitation and settings are behind the doors."""
        Rooms.__post_init__(self)
        object.__setattr__(self, "follows", Follows(self.doors))
        object.__setattr__(self, "store", FollowStore(self.doors))

    @property
    def cookie(self) -> str:
        """Not the sleeper's: cookies are sent to every port of a computer (RFC 6265, 8.5)."""
        return "__Host-vigil-follow" if self.secure else "vigil-follow"

    def who(self, cookies: Mapping[str, str]) -> Session | None:
        """Whose cookie it is; raises StoreError."""
        token = cookies.get(self.cookie, "")
        found = self.follows.who(token, self.wall_ms()) if token else None
        return None if found is None else Session(found.number, "", found.made_ms, found.made_ms)


def rooms_of(asked: Asked) -> FollowRooms:
    """The rooms of a request to this site."""
    rooms = asked.rooms
    if not isinstance(rooms, FollowRooms):
        message = "these addresses are for the one who follows only"
        raise TypeError(message)
    return rooms


def view_of(rooms: Rooms, invited: Invited) -> FollowView:
    """What they may see now; raises StoreError."""
    now_ms = rooms.wall_ms()
    known = for_follower(how_it_stands(rooms.home, rooms.shelf, now_ms))
    return follow_view(known, invited.grants, away=FollowStore(rooms.doors).settings().away)


def page(asked: Asked) -> Response:
    """How it stands, and that they looked."""
    rooms = rooms_of(asked)
    invited = _still(asked)
    if invited is None:
        return asked.page(rooms.closed, 401)
    rooms.follows.looked(invited.id, rooms.wall_ms())
    lines = follower_lines(view_of(rooms, invited), asked.words)
    made = local_time(asked.words, rooms.wall_ms())
    return asked.page("follow/view.html", lines=lines, sleeper=invited.sleeper, made=made)


def _still(asked: Asked) -> Invited | None:
    """Who asked, if they may still look; raises StoreError."""
    rooms, session = rooms_of(asked), asked.session
    invited = rooms.follows.invited(rooms.wall_ms())
    return invited if invited is not None and session is not None and invited.number == session.id else None


def door(asked: Asked) -> Response:
    """A link was followed: nothing is used up yet, or a program that looks ahead would use it up."""
    return asked.page("follow/door.html", token=asked.params["token"])


def enter(asked: Asked) -> Response:
    """Use the link up."""
    rooms = rooms_of(asked)
    now_ms = rooms.wall_ms()
    if not rooms.guesses.may_try(now_ms):
        return asked.page("said.html", 429, title=asked.words("said.wrong"), said=asked.words("said.status_429"))
    session = rooms.follows.enter(asked.form.get("token", ""), now_ms)
    if session is None:
        rooms.guesses.failed(now_ms)
        return asked.page(rooms.closed, 401)
    answer = asked.go("/")
    answer.set_cookie(
        rooms.cookie,
        session,
        max_age=WHOLE_MS // 1000,
        path="/",
        httponly=True,
        samesite="strict",
        secure=rooms.secure,
    )
    return answer


async def live(asked: Asked) -> AsyncIterator[dict[str, str]]:
    """`now`: the lines as they are. `beat`: still here. `closed`: not let in any more. `full`: too many listen."""
    key = asked.rooms.home.shelf(asked.rooms.shelf)
    if _OPEN[key] >= MOST:
        yield {"event": "full", "data": ""}
        return
    _OPEN[key] += 1
    try:
        async for event in _told(asked):
            yield event
    finally:
        _OPEN[key] -= 1


async def _told(asked: Asked) -> AsyncIterator[dict[str, str]]:
    told, turn = "", 0
    while True:
        try:
            what = await run_in_threadpool(_now, asked, noted=turn % NOTED_TURNS == 0)
        except StoreError:  # it cannot be told who may look: nobody, then, and the page asks again by itself
            return
        if what is None:
            yield {"event": "closed", "data": ""}
            return
        if what != told:
            told = what
            yield {"event": "now", "data": what}
        if turn % BEAT_TURNS == 0:
            yield {"event": "beat", "data": ""}
        turn += 1
        await anyio.sleep(LOOK_S)


def _now(asked: Asked, *, noted: bool) -> str | None:
    """The lines as JSON; None for who may not look any more. noted: note that they look. Raises StoreError."""
    rooms, invited = rooms_of(asked), _still(asked)
    if invited is None:
        return None
    if noted:
        rooms.follows.looked(invited.id, rooms.wall_ms())
    return json.dumps({"lines": follower_lines(view_of(rooms, invited), asked.words)})


FOLLOW_ROWS = (
    get("/", page),
    events("/live", live),
    get("/enter/{token}", door, Role.ANYONE),
    post("/enter", enter, Role.ANYONE),
    get("/static/{mark}/{name}", static, Role.ANYONE),
)
