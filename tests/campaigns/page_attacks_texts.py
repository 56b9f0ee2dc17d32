"""Hostile texts on every page, in process: what was planted is shown as text and never becomes a part of the page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from starlette.types import ASGIApp

from tests.campaigns.page_attacks_asked import Answered, Outcome, address, ask, headers_of
from tests.campaigns.page_attacks_paths import FORM, LEAVING, NAMES
from tests.campaigns.page_attacks_payloads import PAYLOADS
from tests.campaigns.page_attacks_planted import LIVED, plant_around
from tests.campaigns.page_attacks_seen import looked_through
from tests.web.visitor import ORIGIN
from vigil.web.rooms import Rooms
from vigil.web.routes import ROWS
from vigil.web.rows import Row

NUMBERED = 12
"""Of the nights, entries and threads that have a page of their own, every so-and-so-many-th is opened."""

SHOWN = 30
"""Letters of a name that at least one page shows."""

AROUND = ("/tonight", "/bedtime", "/help", "/more", "/devices", "/settings", "/doors", "/follow", "/evening", "/data")
"""Pages that show what there is only one of."""


def own_pages(rows: Sequence[Row] = ROWS, last: int = len(PAYLOADS), each: int = NUMBERED) -> Iterator[str]:
    """Every address that shows something, with numbers and words in its places that lead somewhere."""
    for row in rows:
        if row.method != "GET" or row.stream is not None or row.path.startswith(("/static", "/enter")):
            continue
        if ":int}" in row.path:
            yield from (address(row, str(number)) for number in (1, LIVED, *range(LIVED + 1, last, each)))
        elif "{question}" in row.path:
            yield from (address(row, word=word) for word in ("contact", "country", "watched"))
        else:
            yield address(row, word="x")


def wrong_with(path: str, answer: Answered) -> list[str]:
    """What is wrong with an answer, each with where it was."""
    kind = answer.headers.get("content-type", "")
    wrong = [f"{answer.status}"] if answer.broke else []
    if "vx" in answer.headers.get("set-cookie", ""):
        wrong.append("a header was written by a text")
    if kind.startswith(("text/html", "image/svg")):
        wrong += looked_through(answer.body.decode("utf-8", "replace"))[0]
    elif kind.startswith("application/json"):
        json.loads(answer.body)
    elif answer.status == 200 and b"canary" in answer.body and not answer.headers.get("content-disposition"):
        wrong.append(f"{kind or 'nothing said'} may be taken for a page")
    if answer.headers.get("x-content-type-options") != "nosniff":
        wrong.append("its kind may be guessed")
    return [f"{path[:80]}: {one}" for one in wrong]


async def planted(app: ASGIApp, cookie: str, payloads: Sequence[str] = PAYLOADS, each: int = NUMBERED) -> Outcome:
    """Every page of a planted Vigil; and every payload must be found as text on one of them."""
    through: list[str] = []
    texts: list[str] = []
    pages = [
        *own_pages(last=len(payloads), each=each),
        "/journal/print",
        *(f"/nights?before={n}" for n in _tens(payloads)),
    ]
    for path in pages:
        bare, _, query = path.partition("?")
        answer = await ask(app, bare, headers_of(cookie), query=query.encode())
        through += wrong_with(path, answer)
        texts.append(looked_through(answer.body.decode("utf-8", "replace"))[1])
    whole = _squeezed("\n".join(texts))
    through += [f"not shown: {one!r}" for one in payloads if _squeezed(one) not in whole]
    return Outcome(len(pages), tuple(dict.fromkeys(through)))


def _tens(payloads: Sequence[str]) -> range:
    return range(10, len(payloads) + 10, 30)


def _squeezed(text: str) -> str:
    """Letters that a page may not show as they are left out: blanks, controls, halves."""
    return "".join(one for one in text if one.isprintable() and not one.isspace() and one != "\ufffd")


async def around(app: ASGIApp, rooms: Rooms, payloads: Sequence[str] = PAYLOADS) -> Outcome:
    """Each payload as device, trusted person, session, settings and night: the pages that show them."""
    through: list[str] = []
    known = {row.path for row in ROWS}
    pages = [path for path in AROUND if path in known]
    for number, one in enumerate(payloads):
        cookie = plant_around(rooms.home, number, payloads)
        texts = []
        for path in pages:
            answer = await ask(app, path, headers_of(cookie))
            through += wrong_with(path, answer)
            texts.append(looked_through(answer.body.decode("utf-8", "replace"))[1])
        if _squeezed(one)[:SHOWN] not in _squeezed("".join(texts)):
            through.append(f"not shown: {one!r}")
    return Outcome(len(payloads) * len(pages), tuple(dict.fromkeys(through)))


async def sent_back(app: ASGIApp, cookie: str, payloads: Sequence[str] = PAYLOADS) -> Outcome:
    """Each payload in every query, form, path and header: what comes back at once."""
    through: list[str] = []
    tried = 0
    for one in payloads:
        coded = quote(one.encode("utf-8", "replace"), safe="")
        short = quote(one[:40].encode("utf-8", "replace"), safe="")
        pairs = "&".join(f"{name}={coded}" for name in NAMES).encode()
        few = "&".join(f"{name}={short}" for name in NAMES[:18]).encode()[:1800]
        for row in ROWS:
            if row.path in LEAVING or row.stream is not None:
                continue
            tried += 1
            if row.method == "GET":
                where = address(row, word=coded[:900])
                headers = headers_of(cookie, accept_language=one[:200].replace("\n", " "), user_agent=one[:200])
                answer = await ask(app, where, headers, query=few)
            else:
                headers = headers_of(cookie, origin=ORIGIN, content_type=FORM, content_length=str(len(pairs)))
                answer = await ask(app, address(row, word="contact"), headers, method="POST", body=pairs)
            through += wrong_with(row.path, answer)
    return Outcome(tried, tuple(dict.fromkeys(through)))
