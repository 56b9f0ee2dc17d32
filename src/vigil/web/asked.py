"""One request as a page sees it, and what a page can answer with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from vigil.store.doors import Session
from vigil.web.night_light import light
from vigil.web.render import render
from vigil.web.rooms import Rooms
from vigil.web.words import Words

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has passed the gate and whose role was checked.

    path: as asked. params: parts of the path by name. query, form: the first value of each name, as text.
    many: every value of each name of the form. session: who asks; None for those who have not entered.
    theme: what the person chose, or "auto". body: as it came, for JSON.
    """

    rooms: Rooms
    words: Words
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, list[str]] = field(default_factory=dict)
    session: Session | None = None
    agent: str = ""
    theme: str = "auto"
    body: bytes = b""

    def page(self, template: str, status: int = 200, **context: object) -> Response:
        """The page of a template, with what every page has."""
        every = {
            "t": self.words,
            "words": self.words,
            "path": self.path,
            "nav": self.rooms.nav if self.session is not None else (),
            "first": self.rooms.first,
            "invented": self.rooms.invented,
            "light": light(self.theme, self.rooms.now()),
        }
        return HTMLResponse(render(template, **every | context), status)

    def go(self, path: str) -> Response:
        """On to another page after something was done, so that going back or reloading does it only once."""
        return RedirectResponse(path, SEE_OTHER)

    def data(self, value: object) -> Response:
        """The same for scripts and machines."""
        return JSONResponse(value)
