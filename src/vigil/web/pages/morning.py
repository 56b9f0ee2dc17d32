"""This morning: one tap, and more only if it is wanted; earlier mornings the same."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from vigil.app.evening_file import evening_of, read_taps
from vigil.app.how_it_stands import how_it_stands
from vigil.app.journal_room import journal, journal_if_any
from vigil.app.morning_room import Morning, keep, look, merged
from vigil.app.stored_night import StoredNight
from vigil.app.wiring import OpenShelf
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import InputError, StoreError, VigilError
from vigil.domain.journal import MOST_BODY, MorningNote
from vigil.engine.nights_known import NightKnown
from vigil.store.nights import NightRow, Nights
from vigil.web import drafts
from vigil.web.asked import Asked
from vigil.web.pages.draft import MOST
from vigil.web.pages.night import LONGEST_KEY, NIGHTS
from vigil.web.rows import get, post
from vigil.web.views.morning import (
    CHOICES,
    EVENING_FIELD,
    WORDS_FIELD,
    MorningPage,
    Sent,
    more_form,
    morning_page,
    sent,
)
from vigil.web.views.night_titles import from_to

WRONG = 409

YOUNG_MS = 3 * 3_600_000
"""Whoever opens the page so soon after lights-out means the morning before. Our choice."""


def morning(asked: Asked) -> Response:
    """The latest night, or the one that was asked for."""
    return _page(asked, _meant(asked))


def tap(asked: Asked) -> Response:
    """One tap: kept at once. Nothing at all can be said again, too."""
    it, night = _night(asked)
    words = {word.value: word for word in (*CHOICES, MorningWord.LEFT)}
    said = words.get(asked.form.get("word", ""))
    if said is None:
        message = "that is none of the four answers; nothing was kept; go back and choose one"
        raise InputError(message)
    keep(asked.rooms.home, it, night, merged(it, night, said, {}, change=True), asked.rooms.wall_ms())
    return asked.go(f"/morning/{night.number}")


def resume(asked: Asked) -> Response:
    """Take nudging up again after a pause."""
    it, night = _night(asked)
    answer = merged(it, night, None, {"resumed": True}, change=False)
    keep(asked.rooms.home, it, night, answer, asked.rooms.wall_ms())
    return asked.go(f"/morning/{night.number}")


def more(asked: Asked) -> Response:
    """Keep what else is told. What cannot be kept is shown again, to be copied."""
    what = sent(asked.form, asked.many)
    try:
        it, night = _night(asked)
        answer = _answered(night.answer, what)
        _keep_note(asked, night, what)
        if answer != night.answer:
            keep(asked.rooms.home, it, night, answer, asked.rooms.wall_ms())
        for place in (asked.form.get("place", ""), *asked.many.get("from", ())):
            if place.startswith(_places(night.number)):
                drafts.let_go(asked.rooms, place)
    except VigilError as error:
        text = "\n\n".join(filter(None, (asked.form.get(name, "") for name in (EVENING_FIELD, WORDS_FIELD))))
        return asked.page(
            "morning/not_kept.html", WRONG, said=str(error), text=text, back=asked.path.rpartition("/")[0]
        )
    return asked.go(f"/morning/{night.number}?kept=1")


def _answered(before: Answer, what: Sent) -> Answer:
    """Raises InputError for what is out of bounds."""
    given: dict[str, Any] = {name: value for name, value in what.given.items() if name != "dread"}
    return replace(before, **given)


def _keep_note(asked: Asked, night: NightKnown, what: Sent) -> None:
    with journal(asked.rooms.home, asked.rooms.shelf) as opened:
        before = opened.notes.morning(night.name) or MorningNote(night.name)
        note = replace(
            before,
            dread=what.given.get("dread", before.dread),
            marks=before.marks if what.marks is None else what.marks,
            words=what.words,
            evening=before.evening if what.evening is None else what.evening,
            version=what.version,
        )
        if replace(note, version=before.version) != before:
            opened.notes.put_morning(note, asked.rooms.wall_ms())


# Looking.


def _meant(asked: Asked) -> Morning:
    """The night that is asked for; without one the latest, or the one before it if that has only just begun."""
    if "key" in asked.params:
        return _look(asked, _key(asked))
    it = _look(asked, None)
    if it.night is None or len(it.kept.nights) < 2:
        return it
    live = how_it_stands(asked.rooms.home, asked.rooms.shelf, asked.rooms.wall_ms()).live
    began_ms = it.kept.rows[-1].wall_ms
    young = began_ms is not None and asked.rooms.wall_ms() - began_ms < YOUNG_MS
    if live is not None and live.night == it.night.name and young:
        return _look(asked, it.kept.nights[-2].number)
    return it


def _look(asked: Asked, key: int | None) -> Morning:
    return look(asked.rooms.home, asked.rooms.shelf, key, _reader(asked))


def _reader(asked: Asked) -> Callable[[OpenShelf, NightRow], StoredNight]:
    """Nights as the page of a night reads them: once."""
    return lambda _shelf, row: NIGHTS.of(asked.rooms, row.key).stored


def _night(asked: Asked) -> tuple[Morning, NightKnown]:
    it = _look(asked, _key(asked))
    assert it.night is not None  # noqa: S101 — a night that is asked for by its key is there, or was not found
    return it, it.night


def _key(asked: Asked) -> int:
    return min(int(asked.params["key"]), LONGEST_KEY)


def _page(asked: Asked, it: Morning) -> Response:
    t, notes = asked.words, []
    if it.night is None:
        return asked.page("morning/morning.html", it=morning_page(it, t("morning.title"), None, going_on=False, t=t))
    row = next(row for row in it.kept.rows if row.key == it.night.number)
    live = how_it_stands(asked.rooms.home, asked.rooms.shelf, asked.rooms.wall_ms()).live
    try:
        form = _form(asked, it.night, row)
    except StoreError as error:
        form, notes = None, [str(error)]
    shown: MorningPage = morning_page(
        it, _title(asked, row), form, going_on=live is not None and live.night == row.name, t=t
    )
    return asked.page(
        "morning/morning.html",
        it=replace(shown, notes=(*shown.notes, *notes)),
        most=MOST_BODY,
        nothing=MorningWord.LEFT.value,
        kept=asked.query.get("kept") == "1",
    )


def _title(asked: Asked, row: NightRow) -> str:
    with asked.rooms.reading() as shelf:
        rows = [row] if shelf is None else Nights(shelf.database).nights()
    return from_to(rows, asked.words).get(row.key, "")  # erased this very moment: then it has no title


def _form(asked: Asked, night: NightKnown, row: NightRow) -> Any:
    with journal_if_any(asked.rooms.home, asked.rooms.shelf, read_only=True) as opened:
        kept = None if opened is None else opened.notes.morning(night.name)
    left = drafts.all_typed(asked.rooms, _places(night.number))
    place = _places(night.number) + secrets.token_hex(4)  # a window of its own: two never write over each other
    return more_form(night, kept or MorningNote(night.name), left, place, asked.words, _taps(asked, row))


def _taps(asked: Asked, row: NightRow) -> tuple[str, ...]:
    """What was said in the evening of this night, if that is still known."""
    if row.wall_ms is None:
        return ()
    with suppress(InputError):
        return tuple(tap.value for tap in read_taps(asked.rooms.home.evening_file, evening_of(row.wall_ms)))
    return ()


def _places(key: int) -> str:
    """How the places of the drafts of a morning begin."""
    return f"morning/{key}/"


ROWS = (
    get("/morning", morning),
    get("/morning/{key:int}", morning),
    post("/morning/{key:int}/word", tap),
    post("/morning/{key:int}/more", more, most=MOST),
    post("/morning/{key:int}/resume", resume),
)
