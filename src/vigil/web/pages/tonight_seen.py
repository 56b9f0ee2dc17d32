"""How it stands in the rooms of a page, looked up."""

from __future__ import annotations

from vigil.app.how_it_stands import how_it_stands
from vigil.app.trusted import trusted_name
from vigil.web.asked import Asked
from vigil.web.views.tonight import TonightSeen, tonight_seen


def seen(asked: Asked, *, marked: bool = False) -> TonightSeen:
    """Tonight, for whoever asks. It needs no database, and never raises."""
    rooms = asked.rooms
    standing = how_it_stands(rooms.home, rooms.shelf, rooms.wall_ms())
    return tonight_seen(
        standing, asked.words, trusted_name(rooms.home.shelf(rooms.shelf), rooms.wall_ms()), marked=marked
    )
