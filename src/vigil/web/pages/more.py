"""Everything that is not needed every night: a list of pages, and how bright they are."""

from __future__ import annotations

from starlette.responses import Response

from vigil.web.asked import Asked
from vigil.web.night_light import THEMES
from vigil.web.rows import get

PAGES = ("nights", "evening", "bedtime", "devices", "settings", "data", "follow", "doors", "help")
"""Addresses under *more*, in this order; each has "more.NAME" and "more.NAME_is" in the catalogue."""


def more(asked: Asked) -> Response:
    """The list."""
    return asked.page("more/more.html", pages=PAGES, themes=THEMES, theme=asked.theme)


ROWS = (get("/more", more),)
