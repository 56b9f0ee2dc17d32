"""A link for a phone in the home network, in letters and as a square for its camera."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from vigil.app.home_network import pairs
from vigil.domain.errors import NotFoundError
from vigil.store.doors import LINK_MS, Session
from vigil.web.asked import Asked
from vigil.web.opening import link_to
from vigil.web.qr import qr_svg
from vigil.web.rows import get, post

MOST = 5
"""Links that are remembered. Our choice: more than devices that are let in at one time."""

_LINKS: dict[tuple[Path, int], tuple[str, int]] = {}
"""The link that a session of a page made last, and until when it is shown: it is kept nowhere else."""


@dataclass(frozen=True, slots=True)
class PhoneSeen:
    """sealed: the page is reached over TLS, so that a phone can come. link: "" for none. pairs: the fingerprint."""

    sealed: bool
    link: str
    pairs: str


def phone_seen(asked: Asked) -> PhoneSeen:
    """What the page of open doors says about a phone."""
    return PhoneSeen(asked.rooms.secure, _link(asked), pairs(asked.rooms.sha256))


def _link(asked: Asked) -> str:
    """The link that this very browser has made, while it is good."""
    found = None if asked.session is None else _LINKS.get(_who(asked, asked.session))
    return found[0] if found is not None and 0 <= found[1] - asked.rooms.wall_ms() <= LINK_MS else ""


def _who(asked: Asked, session: Session) -> tuple[Path, int]:
    return asked.rooms.home.shelf(asked.rooms.shelf), session.id


def forget_links() -> None:
    """None of them is good any more."""
    _LINKS.clear()


def make(asked: Asked) -> Response:
    """Make a link."""
    rooms = asked.rooms
    if asked.session is not None and rooms.secure:
        _LINKS.pop(_who(asked, asked.session), None)
        _LINKS[_who(asked, asked.session)] = link_to(rooms, rooms.url), rooms.wall_ms() + LINK_MS
        while len(_LINKS) > MOST:
            _LINKS.pop(next(iter(_LINKS)))
    return asked.go("/doors#phone")


def qr(asked: Asked) -> Response:
    """The link as a square."""
    link = _link(asked)
    if not link:
        message = "there is no link to show; make a new one"
        raise NotFoundError(message)
    return qr_svg(link)


ROWS = (post("/doors/link", make), get("/doors/qr.svg", qr))
