"""The one who follows, in process: a person's Vigil, their page, and a night that can be told to be any way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.unit.test_store_live_state import PLAIN
from tests.web.visitor import HOST, PORT, Now, Visitor
from vigil.app.wiring import LOCK_NAME
from vigil.domain.samples import Quality
from vigil.store.calls import CALLS_NAME, ask_to_call
from vigil.store.follow import DAYS, Grants
from vigil.store.live_state import LIVE_NAME, Link, write
from vigil.store.lock import StoreLock
from vigil.web.follow_site import FOLLOW_ROWS, FollowRooms
from vigil.web.rooms import Rooms
from vigil.web.site import site

HOUR_MS = 3_600_000
ALL = Grants(watching=True, asked_to_call=True, signal_lost=True, episode=True)


def follow_rooms(rooms: Rooms) -> FollowRooms:
    """Their side of the same Vigil, at the same address as a visitor asks."""
    return FollowRooms(rooms.home, rooms.shelf, rooms.wall_ms, frozenset({HOST, f"localhost:{PORT}"}))


@dataclass
class Follower(Visitor):
    """The one who follows."""

    @classmethod
    def outside(cls, rooms: FollowRooms) -> Follower:
        return cls(site(rooms, FOLLOW_ROWS))

    @classmethod
    def invited(cls, rooms: FollowRooms, grants: Grants = ALL, sleeper: str = "") -> Follower:
        """Invited and let in."""
        link = rooms.follows.invite("Anna", sleeper, grants, DAYS, rooms.wall_ms())
        found = cls.outside(rooms)
        assert found.post("/enter", {"token": link}).status_code == 303
        return found


def tell_night(folder: Path, now: Now, *, lost: bool = False, episode: bool = False) -> None:
    """A night that is an hour old."""
    state = replace(
        PLAIN,
        began_wall_ms=now.ms - HOUR_MS,
        now_wall_ms=now.ms,
        told_wall_ms=now.ms,
        link=Link.LOST if lost else Link.HEARD,
        link_since_wall_ms=now.ms - HOUR_MS,
        quality=Quality.STALE if lost else Quality.GOOD,
        quality_since_wall_ms=now.ms - HOUR_MS // 2,
        episode=episode,
        episode_wall_ms=now.ms - HOUR_MS // 3 if episode else None,
    )
    write(folder / LIVE_NAME, state)


@contextmanager
def night(
    rooms: Rooms, now: Now, *, watched: bool, call: bool = False, lost: bool = False, episode: bool = False
) -> Iterator[None]:
    """How it stands, for the length of a block."""
    folder = rooms.home.shelf(rooms.shelf)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (LIVE_NAME, CALLS_NAME):
        (folder / name).unlink(missing_ok=True)
    if call:
        ask_to_call(folder / CALLS_NAME, now.ms)
    if not watched:
        if episode:  # of a night that is over
            tell_night(folder, now, episode=True)
        yield
        return
    with StoreLock.acquire(folder / LOCK_NAME, "22:41"):
        tell_night(folder, now, lost=lost, episode=episode)
        yield
