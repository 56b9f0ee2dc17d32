"""What changes tonight, told to a page that is open, for as long as somebody looks at it and is let in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
from starlette.concurrency import run_in_threadpool

from vigil.app.arming import HOLD_NAME
from vigil.app.stayed_down import DOWN_NAME
from vigil.app.wiring import BEGUN_NAME
from vigil.domain.errors import StoreError
from vigil.store.calls import CALLS_NAME
from vigil.store.doors import goes_on
from vigil.store.live_state import LIVE_NAME
from vigil.web.asked import Asked
from vigil.web.pages.tonight_seen import seen

LOOK_S = 0.5
"""How often the files are looked at: a mark shows before a thumb is lifted. Our choice."""

SESSION_TURNS = 2
"""Looks between two at the session: it is over within a second."""

BEAT_TURNS = 8
"""Looks between two signs of life: four seconds, so that a page knows after ten that it has lost its connection.

At each the standing is worked out anew as well, since a night that falls silent changes no file."""

MOST = 5
"""Streams of one session: more than a person has pages open. Our choice."""

_FILES = (LIVE_NAME, HOLD_NAME, CALLS_NAME, DOWN_NAME, BEGUN_NAME)

_OPEN: Counter[tuple[Path, int]] = Counter()
"""How many streams each session has, by the place of its store and its number."""


async def live(asked: Asked) -> AsyncIterator[dict[str, str]]:
    """`now`: the page as it is. `beat`: still here. `closed`: not let in any more. `full`: too many listen."""
    session, folder = asked.session, asked.rooms.home.shelf(asked.rooms.shelf)
    key = folder, 0 if session is None else session.id
    if _OPEN[key] >= MOST:
        yield {"event": "full", "data": ""}
        return
    _OPEN[key] += 1
    try:
        async for event in _told(asked, folder):
            yield event
    finally:
        _OPEN[key] -= 1
        if not _OPEN[key]:
            del _OPEN[key]


async def _told(asked: Asked, folder: Path) -> AsyncIterator[dict[str, str]]:
    marks: object = None
    told, turn = "", 0
    while True:
        if turn % SESSION_TURNS == 0 and not await run_in_threadpool(_is_in, asked):
            yield {"event": "closed", "data": ""}
            return
        now = _marks(folder)
        if now != marks or turn % BEAT_TURNS == 0:
            marks = now
            what = json.dumps((await run_in_threadpool(seen, asked)).as_plain())
            if what != told:
                told = what
                yield {"event": "now", "data": what}
        if turn % BEAT_TURNS == 0:
            yield {"event": "beat", "data": ""}
        turn += 1
        await anyio.sleep(LOOK_S)


def _is_in(asked: Asked) -> bool:
    """Whether the session goes on. A file of doors that cannot be read for a moment ends nothing."""
    rooms, session = asked.rooms, asked.session
    if session is None:
        return False
    try:
        return any(one.id == session.id and goes_on(one, rooms.wall_ms()) for one in rooms.doors.sessions())
    except StoreError:
        return True


def _marks(folder: Path) -> list[tuple[int, int] | None]:
    """What any writing to one of the files changes."""
    return [_mark(folder / name) for name in _FILES]


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
