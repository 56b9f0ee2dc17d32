"""The light that was chosen holds for what goes wrong as well: a bright page at night hurts, whatever it says."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import Response

from tests.web.visitor import ORIGIN, Visitor
from vigil.web.asked import Asked
from vigil.web.rooms import Rooms
from vigil.web.rows import Role, get
from vigil.web.site import site


def broken(_asked: Asked) -> Response:
    message = "secret words"
    raise RuntimeError(message)


def fetched(rooms: Rooms, path: str, method: str = "GET", **cookies: str) -> httpx.Response:
    """As a browser without a session asks; one address is broken."""

    async def ask() -> httpx.Response:
        app = httpx.ASGITransport(site(rooms, (get("/broken", broken, Role.ANYONE), get("/more", broken))))
        async with httpx.AsyncClient(transport=app, base_url=ORIGIN, cookies=cookies) as client:
            return await client.request(method, path, headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"})

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/broken", 500), ("GET", "/nowhere", 404), ("POST", "/more", 405), ("GET", "/more", 401)],
)
def test_what_goes_wrong_has_the_light_that_was_chosen(rooms: Rooms, method: str, path: str, status: int) -> None:
    """It is the small hours in these tests: nobody who chose the day's light is given the night's."""
    for chosen, theme in (("day", "day"), ("night", "night"), ("auto", "night"), ("<b>", "night")):
        answer = fetched(rooms, path, method, light=chosen)
        assert (answer.status_code, f'data-theme="{theme}"' in answer.text) == (status, True)
    assert 'data-theme="night"' in fetched(rooms, path, method).text  # where nothing was chosen, by the hour
    assert "secret" not in fetched(rooms, path, method).text


@pytest.mark.parametrize(
    ("headers", "status"), [({"host": "evil.example"}, 421), ({"sec-fetch-site": "cross-site"}, 403)]
)
def test_what_the_gate_says_is_dark_without_a_stylesheet(
    stranger: Visitor, headers: dict[str, str], status: int
) -> None:
    answer = stranger.get("/tonight", {**headers, "sec-fetch-dest": "image"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert '<meta name="color-scheme" content="dark">' in answer.text
