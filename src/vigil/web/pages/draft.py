"""Keeping what is being typed, for `static/draft.js`: nothing typed is lost when a page is left or a phone is empty."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from vigil.domain.errors import BusyError, InputError, NotFoundError, StoreError
from vigil.web.asked import Asked
from vigil.web.drafts import keep
from vigil.web.rows import post

MOST = 8 << 20
"""Bytes: a million letters (`MOST_BODY`), of four bytes or escaped as six, and room. Our choice."""

LARGEST_KEY = 2**62

TOO_MUCH, GONE, BUSY, WRONG = 413, 404, 503, 409

STATUS = ((NotFoundError, GONE), (InputError, TOO_MUCH), (BusyError, BUSY), (StoreError, WRONG))


def draft(asked: Asked) -> Response:
    """Keep it. What is sent: {"place": text, "night": key or null, "fields": {name: [text, ...]}}."""
    try:
        place, night, fields = _sent(asked.body)
        keep(asked.rooms, place, fields, night)
    except (InputError, StoreError) as error:
        status = next(number for kind, number in STATUS if isinstance(error, kind))
        return JSONResponse({"said": str(error)}, status)
    return asked.data({"kept": True})


def _sent(body: bytes) -> tuple[str, int | None, Mapping[str, list[str]]]:
    """Raises InputError for anything but the above."""
    try:
        sent = json.loads(body)
        place, night, fields = sent["place"], sent.get("night"), sent["fields"]
        texts = [place, *fields, *(value for values in fields.values() for value in values)]
        fits = all(isinstance(text, str) for text in texts) and all(isinstance(each, list) for each in fields.values())
        if fits and (night is None or (type(night) is int and 0 <= night < LARGEST_KEY)):
            return place, night, fields
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    message = "this is no form of Vigil's; nothing was kept"
    raise InputError(message)


ROWS = (post("/draft", draft, most=MOST),)
