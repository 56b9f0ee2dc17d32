"""A visitor of the page, in process: no socket, no browser, every header as a browser would send it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from vigil.app.home import Home, Shelf
from vigil.web.rooms import Rooms
from vigil.web.site import site

PORT = 8437
HOST = f"127.0.0.1:{PORT}"
ORIGIN = f"http://{HOST}"
NOW_MS = 1_796_000_000_000
"""30 November 2026, in the small hours UTC."""

AS_A_BROWSER = {"accept-language": "en-GB,en;q=0.8", "user-agent": "A browser of the tests"}
OPENED = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@dataclass
class Now:
    """A wall clock that stands until it is told."""

    ms: int = NOW_MS

    def __call__(self) -> int:
        return self.ms


def rooms_in(folder: Path, now: Now | None = None, shelf: Shelf = Shelf.OWN) -> Rooms:
    """A person's Vigil in an empty folder."""
    return Rooms(Home(folder, folder), shelf, now or Now(), frozenset({HOST, f"localhost:{PORT}"}))


@dataclass
class Visitor:
    """Asks as one browser does, cookies kept. A page that fails (500) is never an answer a test may overlook."""

    app: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, rooms: Rooms) -> Visitor:
        """Somebody at the door."""
        return cls(site(rooms))

    @classmethod
    def inside(cls, rooms: Rooms) -> Visitor:
        """Somebody who has entered."""
        visitor = cls.at(rooms)
        link = rooms.doors.make_link(rooms.wall_ms())
        answer = visitor.post("/enter", {"token": link})
        assert answer.status_code == 303
        return visitor

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.ask("GET", path, headers={**OPENED, **(headers or {})})

    def post(
        self, path: str, form: Mapping[str, str | list[str]] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return self.ask("POST", path, form or {}, {**OPENED, "origin": ORIGIN, **(headers or {})})

    def send(self, path: str, value: object) -> httpx.Response:
        """As a script of the page sends JSON."""
        text = value if isinstance(value, str) else json.dumps(value)
        fetched = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
        return self.ask("POST", path, text, {**fetched, "origin": ORIGIN, "content-type": "application/json"})

    def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str | list[str]] | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request with a form, or with a text as it stands; headers whose value is "" are left out."""
        sent = {name: value for name, value in {**AS_A_BROWSER, **(headers or {})}.items() if value}
        answer = asyncio.run(self._ask(method, path, form, sent))
        assert answer.status_code != 500, f"{method} {path} broke"
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        return answer

    async def _ask(
        self, method: str, path: str, form: Mapping[str, str | list[str]] | str | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=self.cookies) as client:
            if isinstance(form, str):
                return await client.request(method, path, content=form.encode(), headers=headers)
            return await client.request(method, path, data=None if form is None else dict(form), headers=headers)


def text_of(answer: httpx.Response) -> str:
    """What a reader sees: the page without its tags, spaces made one."""
    body = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", answer.text)
    for name, char in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", '"')):
        body = body.replace(name, char)
    return " ".join(body.split())
