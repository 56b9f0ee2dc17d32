"""Opening the page: one of each store at a time. The lock says where it is, so that whoever comes second finds it."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass

from vigil.app.home import Home, Shelf
from vigil.app.home_network import HomeNetwork, fingerprint_kept, sealed
from vigil.app.private import private_folder
from vigil.app.wiring import PAGE_LOCK
from vigil.domain.errors import BusyError
from vigil.domain.units import NS_PER_MS
from vigil.store.lock import StoreLock, holder_of
from vigil.web.rooms import Rooms
from vigil.web.serving import LOOPBACK, Tls, listening, names_of

OPEN_WORDS = "The page is open. This link lets one browser in, once, within fifteen minutes:"
THERE_WORDS = "The page is open already. This link lets one more browser in, once, within fifteen minutes:"

_WHERE = re.compile(r"at (https?://[\w.:\[\]-]+)\s*$")


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page that can be served: its rooms, its socket, its address, and the lock that it holds meanwhile.

    network: how it is reached in the home network; None for this computer only.
    """

    rooms: Rooms
    socket: socket.socket
    url: str
    lock: StoreLock
    network: HomeNetwork | None = None

    @property
    def tls(self) -> Tls | None:
        """The certificate it is served with."""
        if self.network is None:
            return None
        file = str(self.network.certificate.file)
        return Tls(file, file)

    def close(self) -> None:
        """Let go of the port and of the lock."""
        self.socket.close()
        self.lock.release()


def open_page(home: Home, shelf: Shelf, port: int | None = None, network: HomeNetwork | None = None) -> OpenPage:
    """Take a port, of this computer only or of its home network, and the lock.

    Raises BusyError where a page of this store is open already, DeviceError where no port can be had, StoreError where
    nothing can be kept.
    """
    private_folder(home.data)
    _refuse_second(home, shelf)
    host = LOOPBACK if network is None else network.address
    one = listening(host, port)
    number = one.getsockname()[1]
    names = () if network is None else (*network.names, network.address)
    url = f"http://{LOOPBACK}:{number}" if network is None else f"https://{names[0]}:{number}"
    try:
        lock = StoreLock.acquire(home.shelf(shelf) / PAGE_LOCK, f"{time.strftime('%H:%M')} at {url}")
    except BaseException:
        one.close()
        raise
    sha256 = "" if network is None else network.certificate.sha256
    rooms = Rooms(home, shelf, wall_ms, names_of(number, *names), network is not None, url, sha256)
    return OpenPage(rooms, one, url, lock, network)


def where_open(home: Home, shelf: Shelf) -> str:
    """The address of a page of this store that is open now; "" where there is none."""
    found = _WHERE.search(holder_of(home.shelf(shelf) / PAGE_LOCK))
    return found[1] if found else ""


def link_to(rooms: Rooms, url: str) -> str:
    """A one-time link to a page that is open at that address, with the fingerprint of its certificate."""
    return sealed(f"{url}/enter/{rooms.doors.make_link(rooms.wall_ms())}", rooms.sha256)


def link_to_open(home: Home, shelf: Shelf) -> str:
    """A one-time link to the page that is open already; "" where there is none."""
    url = where_open(home, shelf)
    if not url:
        return ""
    secure = url.startswith("https")
    sha256 = fingerprint_kept(home) if secure else ""
    return link_to(Rooms(home, shelf, wall_ms, frozenset(), secure, url, sha256), url)


def wall_ms() -> int:
    """Now, UTC in ms since 1970."""
    return time.time_ns() // NS_PER_MS


def _refuse_second(home: Home, shelf: Shelf) -> None:
    url = where_open(home, shelf)
    if url:
        message = f"the page is open already, at {url}; a second one was not opened; vigil serve makes a link to it"
        raise BusyError(message)
