"""Whom a night tells of a lost signal where the settings say so: the trusted person, by the address of their alerts.

A table `[person]` of the settings file, from before there was a page for it, is an address as well, where no alert has
one. Whoever it is, *Show nothing for a while* holds for them, and so do the end of an invitation and the two alerts of
a night: Vigil that is off, was meant to be off, and is told to show nothing look the same from outside.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from vigil.app.alerts import TRIES_S, deliver, is_web
from vigil.app.follow_view import MINUTE_MS
from vigil.app.home import Home, Shelf
from vigil.app.night_outputs import Beside
from vigil.app.outputs import read_choices
from vigil.devices.messenger import tell
from vigil.domain.errors import DeviceError, SettingsError, VigilError
from vigil.domain.units import NS_PER_MS
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import Follows
from vigil.store.follow_settings import LOST, FollowSettings, FollowStore

NO_ADDRESS = "no address is known at which your person could be told; it is given where they are invited, under Alerts"
NOT_INVITED = "nobody is invited as your trusted person"
AWAY = "your trusted person is shown nothing for now, as you chose"
NO_PACKAGE = "at the address of your person nobody can be told without one more package: pip install 'vigil[notify]'"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom, and how. send: the word, once. why_not: in a clause why nobody is told now, "" if they are."""

    send: Beside | None = None
    why_not: str = ""


def wall_now_ms() -> int:
    """Now by the computer, UTC in ms since 1970."""
    return time.time_ns() // NS_PER_MS


def person_of(home: Home, now_ms: int) -> Person:
    """Whom the night would tell at this instant; raises StoreError where that cannot be known."""
    path, by_hand = home.shelf(Shelf.OWN) / DOORS_NAME, read_choices(home.settings_file).person
    settings, invited, ever = FollowSettings(), False, False
    if path.exists():
        follows, settings = Follows(Doors(path)), FollowStore(Doors(path)).settings()
        invited, ever = follows.invited(now_ms) is not None, follows.anybody_ever()
    alert = settings.alert if invited or by_hand is None else ""
    known = bool(alert) or by_hand is not None
    apprise = not is_web(alert) if alert else by_hand is not None
    reasons = (
        (not known, NO_ADDRESS),
        (not invited and (ever or by_hand is None), NOT_INVITED),
        (settings.away, AWAY),
        (apprise and find_spec("apprise") is None, NO_PACKAGE),
    )
    why = next((why for so, why in reasons if so), "")
    if why:
        return Person(why_not=why)
    return Person(partial(deliver, alert) if alert or by_hand is None else partial(tell, by_hand))


async def tell_person(home: Home, now_ms: Callable[[], int] = wall_now_ms) -> None:
    """Tell them, if they may be told, and if the night has an alert left for a lost signal.

    Raises DeviceError or SettingsError if nobody took it, StoreError where it cannot be known whether they may be told.
    """
    at_ms = now_ms()
    person = await asyncio.to_thread(person_of, home, at_ms)
    if person.why_not == NO_PACKAGE:
        raise SettingsError(NO_PACKAGE)
    if person.send is None:
        return
    store, about = FollowStore(Doors(home.shelf(Shelf.OWN) / DOORS_NAME)), at_ms // MINUTE_MS
    if not await asyncio.to_thread(store.may_alert, LOST, about, at_ms):
        return
    why = await _sent(home, person.send, now_ms)
    await asyncio.to_thread(store.alerted, LOST, about, why)
    if why:
        raise DeviceError(why)


async def _sent(home: Home, send: Beside | None, now_ms: Callable[[], int]) -> str:
    """Send it, with a few tries, for as long as they may be told; why it was not taken, "" if it was."""
    why = ""
    for number, pause_s in enumerate(TRIES_S):
        await asyncio.sleep(pause_s)
        if number:  # an invitation may have ended while it was waited
            send = (await asyncio.to_thread(person_of, home, now_ms())).send
        if send is None:
            break
        try:
            await send()
        except VigilError as error:
            why = str(error)
        else:
            return ""
    return why
