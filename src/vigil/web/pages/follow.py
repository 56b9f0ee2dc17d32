"""A trusted person: who may look in, what they see, when they looked, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.responses import Response

from vigil.app.alerts import check_address, try_alert
from vigil.app.follow_view import follow_view
from vigil.app.home_network import names_of_home, pairs, sealed
from vigil.app.how_it_stands import for_follower, how_it_stands
from vigil.domain.errors import NotFoundError
from vigil.store.follow import DAYS, GRANTS, Follows, Grants, Invited
from vigil.store.follow_settings import FollowSettings, FollowStore
from vigil.web.asked import Asked
from vigil.web.qr import qr_svg
from vigil.web.rooms import Rooms
from vigil.web.rows import get, post
from vigil.web.told import say, told_lines
from vigil.web.views.follow import follow_seen
from vigil.web.views.follower import follower_lines

DAYS_OFFERED = (7, 30, 90, 365)

_LINKS: dict[Path, str] = {}
"""The link that was made last, by the place of the store: it is kept nowhere else, and shown until it is used."""


def follow(asked: Asked) -> Response:
    """Everything about the one who follows."""
    follows, store = _of(asked)
    now_ms = asked.rooms.wall_ms()
    invited, settings = follows.invited(now_ms), store.settings()
    lines = () if invited is None else _lines(asked, invited, settings)
    seen = follow_seen(invited, settings, follows.looks(now_ms), lines, asked.words)
    return asked.page(
        "follow/follow.html",
        it=seen,
        link=_link(asked.rooms, invited, settings),
        said=told_lines(asked),
        pairs=pairs(asked.rooms.sha256),
        days=DAYS,
        offered=DAYS_OFFERED,
    )


def _of(asked: Asked) -> tuple[Follows, FollowStore]:
    return Follows(asked.rooms.doors), FollowStore(asked.rooms.doors)


def _place(rooms: Rooms) -> Path:
    return rooms.home.shelf(rooms.shelf)


def _lines(asked: Asked, invited: Invited, settings: FollowSettings) -> tuple[str, ...]:
    rooms = asked.rooms
    known = for_follower(how_it_stands(rooms.home, rooms.shelf, rooms.wall_ms()))
    return follower_lines(follow_view(known, invited.grants, away=settings.away), asked.words)


def _link(rooms: Rooms, invited: Invited | None, settings: FollowSettings) -> str:
    """The link to hand over, while it waits and there is a page to which it leads."""
    token = _LINKS.get(_place(rooms), "")
    if invited is None or not invited.link_waits:
        _LINKS.pop(_place(rooms), None)
        return ""
    if not (token and settings.open and settings.at):
        return ""
    return sealed(f"{settings.at}/enter/{token}", rooms.sha256)


def qr(asked: Asked) -> Response:
    """The link as a square for a camera."""
    follows, store = _of(asked)
    link = _link(asked.rooms, follows.invited(asked.rooms.wall_ms()), store.settings())
    if not link:
        message = "there is no link to show; make a new one"
        raise NotFoundError(message)
    return qr_svg(link)


def _grants(form: Mapping[str, str]) -> Grants:
    return Grants(**{name: form.get(name) == "1" for name in GRANTS})


def invite(asked: Asked) -> Response:
    """Invite somebody."""
    follows, _ = _of(asked)
    days = asked.form.get("days", "")
    lasts = int(days) if days.isdecimal() and len(days) < 4 else 0
    name, sleeper = asked.form.get("name", ""), asked.form.get("sleeper", "")
    _LINKS[_place(asked.rooms)] = follows.invite(name, sleeper, _grants(asked.form), lasts, asked.rooms.wall_ms())
    return say(asked, "/follow", asked.words("follow.invited"))


def link(asked: Asked) -> Response:
    """Another link for the same person."""
    follows, _ = _of(asked)
    token = follows.new_link(asked.rooms.wall_ms())
    if token is None:
        return say(asked, "/follow", asked.words("follow.nobody"))
    _LINKS[_place(asked.rooms)] = token
    return say(asked, "/follow", asked.words("follow.new_link_made"))


def change(asked: Asked) -> Response:
    """Tick anew."""
    follows, _ = _of(asked)
    follows.change(asked.form.get("sleeper", ""), _grants(asked.form))
    return say(asked, "/follow", asked.words("follow.changed"))


def revoke(asked: Asked) -> Response:
    """Nobody may look any more."""
    follows, _ = _of(asked)
    follows.revoke()
    _LINKS.pop(_place(asked.rooms), None)
    return say(asked, "/follow", asked.words("follow.revoked"))


def away(asked: Asked) -> Response:
    """Look as if Vigil were off, or show again how it stands."""
    on = asked.form.get("away") == "1"
    _of(asked)[1].put(away=on)
    return say(asked, "/follow", asked.words("follow.away_now" if on else "follow.back_now"))


def opened(asked: Asked) -> Response:
    """Open or close their page."""
    on = asked.form.get("open") == "1"
    _of(asked)[1].put(open=on)
    return say(asked, "/follow", asked.words("follow.open_now" if on else "follow.closed_now"))


def hosts(asked: Asked) -> Response:
    """Further names of this computer."""
    _of(asked)[1].put(hosts=names_of_home(asked.form.get("hosts", "").replace(",", " ").split()))
    return say(asked, "/follow", asked.words("follow.hosts_kept"))


def alert(asked: Asked) -> Response:
    """Where alerts go; nothing typed ends them."""
    typed = asked.form.get("address", "").strip()
    _of(asked)[1].put(alert=check_address(typed) if typed else "", alert_trouble="")
    return say(asked, "/follow", asked.words("follow.alert_kept" if typed else "follow.alert_gone"))


def try_it(asked: Asked) -> Response:
    """Send an alert to see whether it arrives."""
    try_alert(_of(asked)[1], asked.rooms.wall_ms())
    return say(asked, "/follow", asked.words("follow.alert_sent"))


ROWS = (
    get("/follow", follow),
    get("/follow/qr.svg", qr),
    post("/follow/invite", invite),
    post("/follow/link", link),
    post("/follow/change", change),
    post("/follow/revoke", revoke),
    post("/follow/away", away),
    post("/follow/open", opened),
    post("/follow/hosts", hosts),
    post("/follow/alert", alert),
    post("/follow/try", try_it),
)
