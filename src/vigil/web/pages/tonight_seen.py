"""How it stands in the rooms of a page, looked up."""

from __future__ import annotations

from dataclasses import replace

from vigil.app.beginning import beginning, nothing_to_watch
from vigil.app.how_it_stands import how_it_stands
from vigil.app.said_first import said_first
from vigil.app.trusted import Calling, trusted_name, wish_to
from vigil.domain.errors import InputError
from vigil.run.noticing import for_the_night_ms
from vigil.web.asked import Asked
from vigil.web.views.tonight import TonightSeen, said_words, tonight_seen


def seen(asked: Asked, *, marked: bool = False) -> TonightSeen:
    """Tonight, for whoever asks. It needs no database, and never raises."""
    rooms, now_ms = asked.rooms, asked.rooms.wall_ms()
    folder = rooms.home.shelf(rooms.shelf)
    standing = how_it_stands(rooms.home, rooms.shelf, now_ms)
    call_ms = standing.call_wall_ms
    seen = tonight_seen(
        standing,
        asked.words,
        Calling(trusted_name(folder, now_ms), None if call_ms is None else wish_to(folder, call_ms, now_ms)),
        marked=marked,
        begun=beginning(folder, now_ms),
        stops_until_ms=for_the_night_ms(now_ms),
        now_ms=now_ms,
    )
    live = standing.live
    if live is not None:
        return replace(seen, first=said_words(said_first(folder, live.pid), asked.words))
    return replace(seen, begin="", pair=True) if seen.begin and _unpaired(asked) else seen


def _unpaired(asked: Asked) -> bool:
    """Whether a wearable has to be paired first. Of a file that cannot be read, the button says what is wrong."""
    try:
        return nothing_to_watch(asked.rooms.home, asked.rooms.shelf)
    except InputError:
        return False
