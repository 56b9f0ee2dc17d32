"""What attacks on the page are made with: requests to the letter, in process, and what is counted of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from tests.web.followed import ALL, follow_rooms
from tests.web.visitor import HOST
from vigil.web.follow_site import FOLLOW_ROWS
from vigil.web.rooms import Rooms
from vigil.web.rows import Row
from vigil.web.site import site

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one kind of attack. tried: how many. got_through: each that did, in words; none is hoped for."""

    tried: int
    got_through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer. 599 stands for an exception that reached the server: no page may let one through."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def broke(self) -> bool:
        """Whether the site failed in place of answering."""
        return self.status >= 500 and self.status != 503


def headers_of(
    cookie: str = "", host: str = HOST, origin: str = "", site: str = "same-origin", **more: str
) -> list[tuple[bytes, bytes]]:
    """As a browser of this very site sends them; `content_type` becomes content-type."""
    found = {"host": host, "cookie": cookie, "origin": origin, "sec-fetch-site": site}
    found |= {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    found |= {name.replace("_", "-"): value for name, value in more.items()}
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in found.items() if value]


async def ask(
    app: ASGIApp, path: str, headers: Headers, *, method: str = "GET", query: bytes = b"", body: bytes = b""
) -> Answered:
    """Ask as uvicorn does. path: as it stands in the request line, with its percent signs."""
    raw = path.encode("utf-8", "surrogateescape")
    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method}
    scope |= {"scheme": "http", "path": unquote(raw.decode("latin-1")), "raw_path": raw, "query_string": query}
    scope |= {"root_path": "", "headers": list(headers), "server": ("127.0.0.1", 8437), "client": ("127.0.0.1", 50000)}
    given = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except Exception as error:
        return Answered(599, {}, type(error).__name__.encode())
    first: Any = next((one for one in sent if one["type"] == "http.response.start"), {"status": 599, "headers": []})
    text = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    return Answered(first["status"], {n.decode().lower(): v.decode("latin-1") for n, v in first["headers"]}, text)


def cookie_of(rooms: Rooms) -> str:
    """The Cookie header of somebody who has just entered."""
    doors, now_ms = rooms.doors, rooms.wall_ms()
    return f"{rooms.cookie}={doors.enter(doors.make_link(now_ms), 'A browser of the tests', now_ms)}"


def follower_of(rooms: Rooms) -> tuple[ASGIApp, str]:
    """The site of the one who follows, and the Cookie header of somebody who was invited and has entered."""
    theirs = follow_rooms(rooms)
    link = theirs.follows.invite("Anna", "", ALL, 30, rooms.wall_ms())
    return site(theirs, FOLLOW_ROWS), f"{theirs.cookie}={theirs.follows.enter(link, rooms.wall_ms())}"


def address(row: Row, number: str = "1", word: str = "x") -> str:
    """The row's path with something in its places."""
    return re.sub(r"\{\w+(:int)?\}", lambda place: number if place[1] else word, row.path)
