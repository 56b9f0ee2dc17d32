"""What every page is handed: where this person's Vigil lives, what time it is, and by which names it is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from vigil.app.home import Home, Shelf
from vigil.app.wiring import OpenShelf, reading
from vigil.store.doors import DOORS_NAME, Doors, Session
from vigil.web.guesses import Guesses
from vigil.web.render import NAV


@dataclass(frozen=True, slots=True)
class Rooms:
    """One person's Vigil, as the page sees it.

    shelf: whose nights are shown: the person's own, or an invented sleeper's. wall_ms: now, UTC in ms since 1970.
    hosts: the names and ports by which the page may be asked for, as a Host header has them. secure: over TLS.
    url: how an address of it begins. sha256: fingerprint of its certificate, in hex; "" without TLS.
    guesses: the wrong keys that were tried at its door.
    """

    home: Home
    shelf: Shelf
    wall_ms: Callable[[], int]
    hosts: frozenset[str]
    secure: bool = False
    url: str = ""
    sha256: str = ""
    doors: Doors = field(init=False)
    guesses: Guesses = field(init=False, default_factory=Guesses, repr=False, compare=False)
    first: ClassVar[str] = "/tonight"
    """The page that one comes back to."""
    own: ClassVar[bool] = True
    """Whether who has entered is the person whose Vigil it is."""
    closed: ClassVar[str] = "entry/closed.html"
    """What is shown to who has not entered."""
    nav: ClassVar[tuple[str, ...]] = NAV

    def __post_init__(self) -> None:
        """The doors stand beside the store."""
        object.__setattr__(self, "doors", Doors(self.home.shelf(self.shelf) / DOORS_NAME))

    @property
    def invented(self) -> bool:
        """Whether the sleeper is invented: every page says so."""
        return self.shelf is Shelf.DEMO

    @property
    def scheme(self) -> str:
        """Of an address of this page."""
        return "https" if self.secure else "http"

    @property
    def cookie(self) -> str:
        """What the session's cookie is called. With TLS nobody but this page can set it (RFC 6265bis, 4.1.3)."""
        return "__Host-vigil" if self.secure else "vigil"

    def who(self, cookies: Mapping[str, str]) -> Session | None:
        """Who asks, by the cookies of a request; raises StoreError."""
        token = cookies.get(self.cookie, "")
        return self.doors.who(token, self.wall_ms()) if token else None

    def now(self) -> datetime:
        """Now, in local time."""
        return datetime.fromtimestamp(self.wall_ms() / 1000).astimezone()

    @contextmanager
    def reading(self) -> Iterator[OpenShelf | None]:
        """The store, for reading only; None where no night is kept yet. Raises StoreError."""
        with reading(self.home, (self.shelf,)) as opened:
            yield opened[0] if opened else None
