"""Open doors: which browsers are let in, and ending any of them."""

from __future__ import annotations

from starlette.responses import Response

from vigil.app.encrypting import is_encrypted
from vigil.web.asked import Asked
from vigil.web.pages.phone import forget_links, phone_seen
from vigil.web.rows import get, post
from vigil.web.views.doors import door

PAGE = "/doors"

DIGITS = 12
"""Of the number of a session: more than anybody ever opens."""


def doors(asked: Asked) -> Response:
    """Each browser that has entered, this one first."""
    here = None if asked.session is None else asked.session.id
    shown = [door(one, asked.words, asked.rooms.now(), here=one.id == here) for one in asked.rooms.doors.sessions()]
    ordered = sorted(shown, key=lambda one: not one.here)
    return asked.page("doors/doors.html", doors=ordered, phone=phone_seen(asked), locked=_locked(asked))


def _locked(asked: Asked) -> bool | None:
    """Whether what is kept is encrypted; None where the disk does not say."""
    try:
        return is_encrypted(asked.rooms.home)
    except OSError:
        return None


def end(asked: Asked) -> Response:
    """End one, or all but this one, at once; nothing happens for one that is not there.

    Every link that waits ends too: whoever is shut out may have made one.
    """
    text = asked.form.get("door", "")[:DIGITS]
    if text == "others" and asked.session is not None:
        asked.rooms.doors.close_all(but=asked.session.id)
    elif text.isascii() and text.isdigit():
        asked.rooms.doors.close(int(text), links=True)
    forget_links()
    return asked.go(PAGE)


ROWS = (get(PAGE, doors), post(f"{PAGE}/end", end))
