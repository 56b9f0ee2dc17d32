"""Writing in the journal: a new entry, a change, and what was begun and is not kept yet."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from vigil.app.journal_room import journal, journal_if_any, thread_named
from vigil.domain.errors import BusyError, InputError, NotFoundError, StoreError
from vigil.domain.journal import MOST_BODY, MOST_TITLE, Entry, Written, place_of
from vigil.store.journal import Journal
from vigil.web.asked import Asked
from vigil.web.drafts import ENTRY, let_go, typed
from vigil.web.journal_read import around_of, entry_of, key_of, number_of, there
from vigil.web.rows import get, post
from vigil.web.views.journal import (
    FIELDS,
    Around,
    fields_of,
    moment_words,
    new_fields,
    night_choices,
    typed_fields,
    written,
)
from vigil.web.views.sentences import sentence

MOST = 16 << 20
"""Bytes of a form. The longest text that is kept has a million letters, which a form writes as up to twelve bytes each;
what is longer and still fits is told on the page that it was written on, with the text in it."""

WRONG, BUSY = 409, 503

TOKEN_BYTES = 4
"""Of what tells two windows apart in which something new is written; nothing is kept safe by it."""

_TOKEN = re.compile("[0-9a-f]{8}")


def new(asked: Asked) -> Response:
    """The form for a new one, empty or as it was left."""
    token = asked.query.get("draft", "")
    left = typed(asked.rooms, _new_place(token)) if _TOKEN.fullmatch(token) else None
    with journal_if_any(asked.rooms.home, asked.rooms.shelf, read_only=True) as opened:
        around = around_of(asked, opened)
    empty = new_fields(around, asked.query.get("night", ""), asked.rooms.now().date())
    if left is None:
        return _new(asked, around, empty)
    said = asked.words("journal.restored", when=moment_words(left.kept_ms, asked.words))
    return _new(asked, around, empty | typed_fields(left), token=token, said=said, left=True)


def add(asked: Asked) -> Response:
    """Keep a new one."""
    around, token = around_of(asked, None), asked.form.get("draft", "")
    try:
        with journal(asked.rooms.home, asked.rooms.shelf) as opened:
            around = around_of(asked, opened)
            what = _threaded(opened, written(asked.form, around, None), asked.form)
            kept = opened.add(what, asked.rooms.wall_ms())
    except (InputError, StoreError) as error:
        return _new(asked, around, asked.form, token=token, said=sentence(error), status=_status(error))
    if _TOKEN.fullmatch(token):
        let_go(asked.rooms, _new_place(token))
    return asked.go(f"/journal/{kept.id}")


def edit(asked: Asked) -> Response:
    """The form for one that is kept, with what was being typed into it if anything was."""
    with there(asked) as opened:
        kept = entry_of(asked, opened)
        around = around_of(asked, opened)
    fields = fields_of(kept, around)
    left = None if "kept" in asked.query else typed(asked.rooms, place_of(kept.id))
    if left is None or typed_fields(left) == fields:
        return _edit(asked, around, fields, kept, kept.version)
    said = asked.words("journal.restored", when=moment_words(left.kept_ms, asked.words))
    return _edit(asked, around, typed_fields(left), kept, number_of(left.first("version")), said=said, left=True)


def change(asked: Asked) -> Response:
    """Keep what was changed; both, if it was changed somewhere else meanwhile."""
    number, version = key_of(asked), number_of(asked.form.get("version", ""))
    around = around_of(asked, None)
    before: Entry | None = None
    try:
        with journal(asked.rooms.home, asked.rooms.shelf) as opened:
            around = around_of(asked, opened)
            before = opened.entry(number)
            what = _threaded(opened, written(asked.form, around, before), asked.form)
            changed = opened.change(number, version, what, asked.rooms.wall_ms())
    except NotFoundError as error:  # erased meanwhile: what is typed can become a new one
        return _new(asked, around, asked.form, said=sentence(error), status=_status(error))
    except (InputError, StoreError) as error:
        return _edit(asked, around, asked.form, before, version, said=sentence(error), status=_status(error))
    let_go(asked.rooms, place_of(number))
    return asked.go(f"/journal/{changed.entry.id}{f'?beside={number}' if changed.twice else ''}")


def forget_draft(asked: Asked) -> Response:
    """Let go of what was begun."""
    place = asked.form.get("place", "")
    if place.startswith(ENTRY):
        let_go(asked.rooms, place)
    return asked.go("/journal")


def _new(asked: Asked, around: Around, fields: Mapping[str, str], *, token: str = "", **more: Any) -> Response:
    token = token if _TOKEN.fullmatch(token) else secrets.token_hex(TOKEN_BYTES)
    place = _new_place(token)
    return _form(asked, around, fields, None, place=place, draft=token, version=None, path="/journal/new", **more)


def _edit(
    asked: Asked, around: Around, fields: Mapping[str, str], before: Entry | None, version: int, **more: Any
) -> Response:
    number = key_of(asked)
    path, place = f"/journal/{number}/edit", place_of(number)
    return _form(asked, around, fields, before, place=place, draft=None, version=version, path=path, **more)


def _form(
    asked: Asked, around: Around, fields: Mapping[str, str], before: Entry | None, *, status: int = 200, **more: Any
) -> Response:
    """The form. said: what is to be said first; left: whether it was found as it had been left."""
    shown = {name: fields.get(name, "") for name in FIELDS}
    return asked.page(
        "journal/form.html",
        status,
        fields=shown,
        nights=night_choices(around, shown, before, asked.words),
        threads=[thread.name for thread in around.threads.values()],
        most_body=MOST_BODY,
        most_title=MOST_TITLE,
        **{"said": "", "left": False} | more,
    )


def _threaded(opened: Journal, what: Written, form: Mapping[str, str]) -> Written:
    """With the thread that the form names, begun if need be."""
    return replace(what, thread=thread_named(opened, form.get("thread", "")))


def _new_place(token: str) -> str:
    return f"{ENTRY}new-{token}"


def _status(error: Exception) -> int:
    return BUSY if isinstance(error, BusyError) else WRONG


ROWS = (
    get("/journal/new", new),
    post("/journal/new", add, most=MOST),
    get("/journal/{key:int}/edit", edit),
    post("/journal/{key:int}/edit", change, most=MOST),
    post("/journal/let-go", forget_draft),
)
