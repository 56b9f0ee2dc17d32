"""A word to the one who follows, that there is something to look at. It says nothing of what.

Sent by the page's process: when the sleeper asked to be called, and, where that was ticked, when the signal is lost for
long. It goes to one address that the sleeper gave: ntfy's or any webhook by HTTP, else a service that Apprise knows.
The service learns when it was sent. A night that was told to tell of a lost signal does so by the same address, with or
without a page (`person.py`); one count holds for both, so nobody hears of a loss twice.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from vigil.app.follow_view import FollowView, follow_view
from vigil.app.home import Home, Shelf
from vigil.app.how_it_stands import for_follower, how_it_stands
from vigil.devices.messenger import PersonChoice, tell
from vigil.domain.errors import DeviceError, SettingsError, StoreError, VigilError
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import Follows
from vigil.store.follow_settings import CALL, LOST, TEST, FollowStore

log = logging.getLogger("vigil.app.alerts")

TEXT = "Please look at Vigil's page."

SEND_S = 20.0
"""How long a service may take to accept it, as in `devices/messenger.py`."""

TRIES_S = (0.0, 5.0, 30.0)
"""Pauses before each try: a network that is just coming back, and one that needs a moment. Our choice."""

EVERY_S = 2.0
"""How often it is looked whether there is something to tell: somebody may be waiting for a call. Our choice."""

END_S = 5.0
"""So long an alert on its way is waited for when the page is closed. Our choice: somebody sits at the terminal."""

MOST_ADDRESS = 500

Send = Callable[[str], None]


def check_address(address: str) -> str:
    """The address as it will be used. Raises SettingsError for one over an open network without TLS, or for none."""
    scheme, found, rest = address.strip().partition("://")
    if not found or not rest or len(address) > MOST_ADDRESS or any(letter <= " " for letter in address.strip()):
        message = "the address must be one like https://ntfy.example.org/topic; nothing was changed"
        raise SettingsError(message)
    if scheme.lower() not in {"http", "https"}:
        PersonChoice(address.strip())
    elif not _is_private(address.strip()):
        message = "the address must begin with https, or name a place in your home by its number; nothing was changed"
        raise SettingsError(message)
    return address.strip()


def _is_private(address: str) -> bool:
    """Whether it is a web address to which the word can go unread by others. It may name no user."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 — raises ValueError for what is no port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or _at_home(parts.hostname)


def _at_home(host: str) -> bool:
    """This computer, or an address that no router passes on to the internet."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return (found.is_private or found.is_loopback) and not found.is_unspecified


def send(address: str) -> None:
    """Send the word once. Raises DeviceError if it was not taken, SettingsError for an address that is none."""
    asyncio.run(deliver(address))


async def deliver(address: str) -> None:
    """As `send`, in a loop that runs already."""
    address = check_address(address)
    await (_post(address) if is_web(address) else tell(PersonChoice(address)))


def is_web(address: str) -> bool:
    """Whether it is reached by HTTP alone; any other needs Apprise."""
    return address.lower().startswith(("http://", "https://"))


async def _post(address: str) -> None:
    import aiohttp  # noqa: PLC0415 — slow to import, and most have no alerts

    timeout = aiohttp.ClientTimeout(total=SEND_S)
    headers = {"content-type": "text/plain; charset=utf-8", "user-agent": "Vigil"}
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(address, data=TEXT.encode(), headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        message = f"the alert service was not reached ({type(error).__name__}); they may not know; check its address"
        raise DeviceError(message) from error
    if not 200 <= status < 300:
        message = f"the alert service did not take it (it said {status}); they may not know; check its address"
        raise DeviceError(message)


def due(view: FollowView) -> list[tuple[str, int]]:
    """What an alert may be about now, with the minute since 1970 it began; only what they may see."""
    found = ((CALL, view.asked_to_call, view.asked_to_call_min), (LOST, view.signal_lost, view.signal_lost_min))
    return [(kind, minute) for kind, so, minute in found if so and minute is not None]


class Alerter:
    """Looks whether there is something to tell, and tells it."""

    def __init__(self, home: Home, shelf: Shelf, wall_ms: Callable[[], int], send: Send = send) -> None:
        self._home, self._shelf, self._wall_ms, self._send = home, shelf, wall_ms, send
        self._path = home.shelf(shelf) / DOORS_NAME
        self._store = FollowStore(Doors(self._path))
        self._follows = Follows(Doors(self._path))
        self.over = threading.Event()

    def look(self) -> None:
        """One look. Raises StoreError if the file of doors cannot be used."""
        if not self._path.exists():
            return
        now_ms = self._wall_ms()
        address, found = self._due(now_ms)
        for kind, minute in found:
            if self._store.may_alert(kind, minute, now_ms):
                self._store.alerted(kind, minute, self._sent(address, (kind, minute)))

    def _due(self, now_ms: int) -> tuple[str, list[tuple[str, int]]]:
        """Where an alert would be sent at this instant, and what about."""
        settings = self._store.settings()
        invited = self._follows.invited(now_ms) if settings.alert else None
        if invited is None:
            return "", []
        known = for_follower(how_it_stands(self._home, self._shelf, now_ms))
        return settings.alert, due(follow_view(known, invited.grants, away=settings.away))

    def _sent(self, address: str, about: tuple[str, int]) -> str:
        """Send it, with a few tries, for as long as there is something to tell; why it did not arrive, "" if it did."""
        why = ""
        for number, pause_s in enumerate(TRIES_S):
            if self.over.wait(pause_s):
                break
            if number:  # an invitation may have ended while it was waited, or a wish have been taken back
                address, found = self._due(self._wall_ms())
                if about not in found:
                    break
            try:
                self._send(address)
            except VigilError as error:
                why = str(error)
                log.warning("an alert was not taken: %s", type(error).__name__)  # never to whom
            else:
                return ""
        return why


def try_alert(store: FollowStore, now_ms: int, send: Send = send) -> None:
    """Send one to see whether it arrives. Raises SettingsError without an address or after too many, DeviceError."""
    address = store.settings().alert
    if not address:
        message = "no address for alerts is set; nothing was sent"
        raise SettingsError(message)
    if not store.may_alert(TEST, now_ms, now_ms):
        message = "several were sent to try them already; nothing was sent; wait until tomorrow"
        raise SettingsError(message)
    try:
        send(address)
    except VigilError as error:
        store.put(alert_trouble=str(error))
        raise
    store.put(alert_trouble="")


@contextmanager
def alerting(home: Home, shelf: Shelf, wall_ms: Callable[[], int], every_s: float = EVERY_S) -> Iterator[None]:
    """Look again and again for the length of a block. What goes wrong is tried again at the next look."""
    alerter = Alerter(home, shelf, wall_ms)

    def looking() -> None:
        while not alerter.over.wait(every_s):
            try:
                alerter.look()
            except (StoreError, OSError) as error:
                log.warning("alerts wait on: %s", type(error).__name__)

    thread = threading.Thread(target=looking, name="alerting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        alerter.over.set()
        thread.join(END_S)
