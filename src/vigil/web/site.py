"""The site: the table of addresses behind the gate, with who may ask, how much, and what is said when it is no."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from vigil.domain.errors import BusyError, NotFoundError, StoreError, VigilError
from vigil.store.doors import Session
from vigil.web.asked import Asked
from vigil.web.gate import Gate
from vigil.web.night_light import THEMES
from vigil.web.rooms import Rooms
from vigil.web.routes import ROWS
from vigil.web.rows import Role, Row
from vigil.web.views.sentences import sentence
from vigil.web.words import Words

log = logging.getLogger("vigil.web")

BODY_S = 20.0
"""A form that takes longer to arrive is not waited for."""

MOST_FIELDS = 200

ENTER_NO, NOT_FOUND, TOO_LARGE, TOO_SLOW, NO_FORM, BUSY, WRONG, BROKEN = 401, 404, 413, 408, 415, 503, 409, 500

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Endpoint = Callable[[Request], Awaitable[Response]]


def site(rooms: Rooms, rows: Sequence[Row] = ROWS) -> ASGIApp:
    """The whole page as an ASGI application."""
    handlers: dict[Any, Any] = {HTTPException: _not_there(rooms)}
    routes = [Route(row.path, _endpoint(rooms, row), methods=[row.method]) for row in rows]
    return Gate(Starlette(routes=routes, exception_handlers=handlers), rooms.hosts, rooms.scheme)


def _endpoint(rooms: Rooms, row: Row) -> Endpoint:
    """One row as Starlette calls it."""

    async def answer(request: Request) -> Response:
        try:
            return await within(request)
        except Exception as error:  # whatever it is, the person gets a sentence
            log.warning("%s %s failed: %s", row.method, row.path, type(error).__name__)  # never what was in it
            return _said(_stranger(rooms, request), BROKEN)

    async def within(request: Request) -> Response:
        asked = await run_in_threadpool(_asked, rooms, request, anyone=row.role is Role.ANYONE)
        if row.role is Role.SLEEPER and asked.session is None:
            return asked.page(rooms.closed, ENTER_NO)
        if row.stream is not None:
            return EventSourceResponse(row.stream(asked), ping=15)
        if row.method == "POST":
            body = await _body(request, row.most)
            if isinstance(body, int):
                return _said(asked, body)
            filled = _filled(asked, request.headers.get("content-type", ""), body)
            if filled is None:
                return _said(asked, NO_FORM)
            asked = filled
        return await run_in_threadpool(_answered, row, asked)

    return answer


def _answered(row: Row, asked: Asked) -> Response:
    """What a page answers; Vigil's own errors become their sentence, on a page."""
    assert row.answer is not None  # noqa: S101 — a row has an answer or a stream; `test_web_roles` holds it
    try:
        return row.answer(asked)
    except VigilError as error:
        return _refused(asked, error)


_REFUSED: tuple[tuple[type[VigilError], int, str], ...] = (
    (NotFoundError, NOT_FOUND, "said.not_found"),
    (BusyError, BUSY, "said.busy"),
    (VigilError, WRONG, "said.wrong"),
)


def _refused(asked: Asked, error: VigilError) -> Response:
    """An error as a page. Its own sentence is for the person alone: it may name a folder of theirs."""
    status, title = next((status, title) for kind, status, title in _REFUSED if isinstance(error, kind))
    whose = asked.session is not None and asked.rooms.own
    otherwise = asked.words(f"said.status_{NOT_FOUND if status == NOT_FOUND else BROKEN}")
    return asked.page("said.html", status, title=asked.words(title), said=sentence(error) if whose else otherwise)


def _asked(rooms: Rooms, request: Request, *, anyone: bool = False) -> Asked:
    """The request; anyone: it is answered also where nobody can tell who asks, since the doors are broken."""
    return replace(
        _stranger(rooms, request),
        params=request.path_params,
        query=dict(request.query_params),
        session=_session(rooms, request.cookies, anyone=anyone),
        agent=request.headers.get("user-agent", "")[:300],
    )


def _stranger(rooms: Rooms, request: Request) -> Asked:
    """As much of a request as can be told whatever is broken: its language, and the light that was chosen."""
    theme = request.cookies.get("light", "auto")
    words = Words.of(request.headers.get("accept-language", ""))
    return Asked(rooms, words, request.url.path, theme=theme if theme in THEMES else "auto")


def _session(rooms: Rooms, cookies: Mapping[str, str], *, anyone: bool) -> Session | None:
    try:
        return rooms.who(cookies)
    except StoreError:
        if not anyone:
            raise
    return None


async def _body(request: Request, most: int) -> bytes | int:
    """The whole of what is sent, or why it is not taken."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:12]) > most:
        return TOO_LARGE
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    return TOO_LARGE
    except (TimeoutError, ClientDisconnect):
        return TOO_SLOW
    return bytes(body)


def _filled(asked: Asked, media_type: str, body: bytes) -> Asked | None:
    """The request with its form; None for what is no form."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind == JSON:
        return replace(asked, body=body)
    if kind != FORM:
        return None if body else asked
    try:
        many = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return replace(asked, form={name: values[0] for name, values in many.items()}, many=many, body=body)


def _said(asked: Asked, status: int) -> Response:
    """A page that says what was wrong with a request, by its status."""
    return asked.page("said.html", status, title=asked.words("said.wrong"), said=asked.words(f"said.status_{status}"))


def _not_there(rooms: Rooms) -> Callable[[Request, HTTPException], Awaitable[Response]]:
    async def answer(request: Request, error: HTTPException) -> Response:
        asked = await run_in_threadpool(_asked, rooms, request, anyone=True)
        known = error.status_code if error.status_code in {NOT_FOUND, 405} else NOT_FOUND
        return _said(asked, known)

    return answer
