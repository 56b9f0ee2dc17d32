"""What every request passes before any page is looked for, and what every answer carries.

Only known names reach the page, so that no foreign one can be made to point here (DNS rebinding). What changes
something must come from this very site; what other sites ask for is not even read (Fetch Metadata, W3C).
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CHANGES_NOTHING = frozenset({"GET", "HEAD"})
METHODS = CHANGES_NOTHING | {"POST"}

LONGEST_ADDRESS = 2_000
MOST_HEADERS = 60

LONGEST_HEADERS = 16 * 1024
"""Bytes of all of them: four times the cookies that a browser keeps for one name. A parser may let more through, when
they come all at once."""

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), interest-cohort=()"),
)
"""On every answer (ASVS 5.0, 3.4). `same-origin` and not `no-referrer`: the latter makes a form's Origin "null" (Fetch,
"serializing a request origin"), and a form of our own could not be told from a stranger's."""

FRESH = (b"cache-control", b"no-store")
"""On every answer that does not say otherwise: no page of a night is left behind in a browser."""

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="dark">
<title>Vigil</title><p>{}</p>"""
"""Dark without a stylesheet, which would be refused as well: a white page at night hurts."""


class Gate:
    """Wraps the site. hosts: what a Host header may say. origin: of this site, as browsers write it, by host."""

    def __init__(self, site: ASGIApp, hosts: frozenset[str], scheme: str) -> None:
        self._site = site
        self._hosts = hosts
        self._scheme = scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer in plain words why not."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._site(scope, receive, send)
            return  # a websocket is closed unanswered: there is none here
        sending = _Sending(send)
        refused = self._refused(scope)
        if refused is not None:
            status, words = refused
            await HTMLResponse(PAGE.format(words), status)(scope, receive, sending)
            return
        await self._site(scope, receive, sending)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request goes no further; None if it may."""
        headers = scope["headers"]
        if _is_long(scope):
            return 431, "This request is longer than any that Vigil's own pages make. Nothing was done."
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1 or hosts[0].decode("latin-1").lower() not in self._hosts:
            return 421, "Vigil's page is not known by this name. Open it by the address that Vigil itself has shown."
        if scope["method"] not in METHODS:
            return 405, "Vigil's pages are only shown and sent. Nothing was done."
        if not _from_here(scope, f"{self._scheme}://{hosts[0].decode('latin-1').lower()}"):
            return 403, "This did not come from Vigil's own page. Nothing was done. Open Vigil and do it there."
        return None


def _is_long(scope: Scope) -> bool:
    headers = scope["headers"]
    size = sum(len(name) + len(value) for name, value in headers)
    address = len(scope["path"]) + len(scope["query_string"])
    return len(headers) > MOST_HEADERS or size > LONGEST_HEADERS or address > LONGEST_ADDRESS


def _from_here(scope: Scope, origin: str) -> bool:
    """Whether a request is of this very site, or at least a person following an address to it."""
    found: MutableMapping[bytes, bytes] = dict(scope["headers"])
    site = found.get(b"sec-fetch-site", b"").decode("latin-1")
    if scope["method"] in CHANGES_NOTHING:
        opened = found.get(b"sec-fetch-mode") == b"navigate" and found.get(b"sec-fetch-dest") == b"document"
        return site in {"", "same-origin", "none"} or opened
    came_from = found.get(b"origin")
    if came_from is None:
        return site == "same-origin"
    return came_from.decode("latin-1").lower() == origin and site in {"", "same-origin"}


class _Sending:
    """Passes an answer on with the headers that every one carries."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = _with_headers(message)
        await self._send(message)


def _with_headers(message: Message) -> dict[str, Any]:
    own = list(message.get("headers", ()))
    names = {name.lower() for name, _ in own}
    fresh = () if b"cache-control" in names else (FRESH,)
    return {**message, "headers": [*own, *HEADERS, *fresh]}
