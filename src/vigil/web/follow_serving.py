"""Opens and closes the listener of the one who follows, as the sleeper's switch says, beside the page's own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import uvicorn

from vigil.domain.errors import DeviceError, StoreError
from vigil.store.follow_settings import FollowSettings, FollowStore
from vigil.web.follow_site import FOLLOW_ROWS, FollowRooms
from vigil.web.rooms import Rooms
from vigil.web.serving import LOOPBACK, Tls, listening, names_of, serve
from vigil.web.site import site

log = logging.getLogger("vigil.web.follow")

PORT = 8458
"""The first above those that the page itself may take, so that a link that was handed over stays good. Our choice."""

EVERY_S = 0.5
"""How often the switch is looked at."""

AGAIN_TURNS = 60
"""Looks until it is tried again to open what could not be opened."""

CLOSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Where:
    """Where a listener is opened. host: an address of this computer. names: by which it is reached there."""

    host: str = LOOPBACK
    names: tuple[str, ...] = ()
    tls: Tls | None = None
    port: int | None = None


@dataclass(slots=True)
class _Listener:
    """A listener that is open."""

    hosts: tuple[str, ...]
    thread: threading.Thread
    servers: list[uvicorn.Server] = field(default_factory=list)

    def close(self) -> None:
        for server in self.servers:
            server.should_exit = True
        self.thread.join(CLOSE_S)


class FollowDoor:
    """The listener and its switch. rooms: of the sleeper's page, whose store it is."""

    def __init__(self, rooms: Rooms, where: Where) -> None:
        self._rooms, self._where = rooms, where
        self._store = FollowStore(rooms.doors)
        self._open: _Listener | None = None
        self._wait = 0

    def look(self) -> None:
        """Open or close it, as the switch says now. Raises StoreError, and then it stays as it is."""
        settings = self._store.settings()
        if self._open is not None and (not settings.open or settings.hosts != self._open.hosts):
            self.close()
        if self._open is None and settings.open:
            self._wait -= 1
            if self._wait < 0:
                self._start(settings)

    def _start(self, settings: FollowSettings) -> None:
        where = self._where
        try:
            one = listening(where.host, where.port, PORT)
        except DeviceError as error:
            self._wait = AGAIN_TURNS
            self._store.put(at="", trouble=str(error))
            return
        number = one.getsockname()[1]
        hosts = names_of(number, where.host, *where.names, *settings.hosts)
        rooms = FollowRooms(self._rooms.home, self._rooms.shelf, self._rooms.wall_ms, hosts, where.tls is not None)
        servers: list[uvicorn.Server] = []
        started = threading.Event()

        def known(server: uvicorn.Server) -> None:
            servers.append(server)
            started.set()

        def run() -> None:
            serve(site(rooms, FOLLOW_ROWS), one, where.tls, known)
            one.close()

        thread = threading.Thread(target=run, name="follow", daemon=True)
        thread.start()
        started.wait(CLOSE_S)
        self._open = _Listener(settings.hosts, thread, servers)
        name = (*settings.hosts, *where.names, where.host)[0]
        self._store.put(at=f"{rooms.scheme}://{name}:{number}", trouble="")

    def close(self) -> None:
        """Close it, if it is open."""
        if self._open is not None:
            self._open.close()
            self._open = None
        with suppress(StoreError):
            self._store.put(at="")


@contextmanager
def following(rooms: Rooms, where: Where, every_s: float = EVERY_S) -> Iterator[None]:
    """Heed the switch for the length of a block; closed after it."""
    door, over = FollowDoor(rooms, where), threading.Event()

    def looking() -> None:
        while True:
            try:
                door.look()
            except (StoreError, OSError) as error:
                log.warning("the page of the one who follows waits on: %s", type(error).__name__)
            if over.wait(every_s):
                return

    thread = threading.Thread(target=looking, name="following", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(CLOSE_S)
        door.close()
