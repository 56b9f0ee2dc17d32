"""Who may be asked to call, the one person who follows; and what became of that wish, as far as anybody can know."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from vigil.app.follow_view import MINUTE_MS
from vigil.domain.errors import StoreError
from vigil.domain.units import NS_PER_MS
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import Follows, Invited
from vigil.store.follow_settings import CALL, FollowSettings, FollowStore

SENDING_MS = 2 * MINUTE_MS
"""An alert is taken within this, or it was not: three tries of 20 s, with their pauses (`alerts.py`)."""


class Told(Enum):
    """What became of a wish to be called, the best that is known first."""

    SHOWN = "shown"
    """their page was open after it and showed it"""
    SENT = "sent"
    """an alert was taken by its service"""
    SENDING = "sending"
    """an alert is on its way"""
    WAITS = "waits"
    """their page would show it, if they opened it; nothing rings"""
    UNTOLD = "untold"
    """nothing that was set up reached them"""
    NOBODY = "nobody"
    """there is nobody any more who could be told"""


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish to be called. wall_ms: when it became so, UTC in ms since 1970. name: as the sleeper typed it, or "".

    why: why an alert did not arrive, "" where none was tried.
    """

    told: Told
    wall_ms: int
    name: str = ""
    why: str = ""

    @property
    def rings(self) -> bool:
        """Whether there is reason to wait for a call rather than to call oneself."""
        return self.told in {Told.SHOWN, Told.SENT, Told.SENDING}


@dataclass(frozen=True, slots=True)
class Calling:
    """Who may be asked to call, "" for nobody; and what became of a wish that was made, None where none was."""

    name: str = ""
    wish: Wish | None = None


def trusted_name(folder: Path, now_wall_ms: int | None = None) -> str:
    """Their name, "" where asking for a call would reach nobody: no page of theirs and no alert. Never raises.

    folder: of the store. now_wall_ms: UTC in ms since 1970; None for the computer's own.
    """
    path = folder / DOORS_NAME
    now_ms = time.time_ns() // NS_PER_MS if now_wall_ms is None else now_wall_ms
    try:
        if not path.exists():
            return ""
        doors = Doors(path)
        invited, settings = _invited(doors, now_ms), FollowStore(doors).settings()
    except (StoreError, OSError):
        return ""
    if invited is None:
        return ""
    return invited.name if settings.alert or _has_page(invited, settings) else ""


def wish_to(folder: Path, call_ms: int, now_ms: int) -> Wish:
    """What became of a wish to be called at `call_ms`, in the store of this folder, by `now_ms`. Never raises."""
    path, about = folder / DOORS_NAME, call_ms // MINUTE_MS
    try:
        doors = Doors(path)
        invited = _invited(doors, now_ms) if path.exists() else None
        if invited is None:
            return Wish(Told.NOBODY, call_ms)
        store = FollowStore(doors)
        looked_ms = max((look.until_ms for look in Follows(doors).looks(now_ms)[:1]), default=0)
        if looked_ms >= call_ms:
            return Wish(Told.SHOWN, looked_ms, invited.name)
        alert, settings = store.alert_about(CALL, about), store.settings()
        comes = bool(settings.alert) and alert is None and store.is_left(CALL, now_ms)
    except (StoreError, OSError):
        return Wish(Told.NOBODY, call_ms)
    if alert is not None and alert.trouble == "":
        return Wish(Told.SENT, alert.at_ms, invited.name)
    since_ms = alert.at_ms if alert is not None and alert.trouble is None else call_ms if comes else None
    if since_ms is not None and now_ms - since_ms < SENDING_MS:
        return Wish(Told.SENDING, call_ms, invited.name)
    told = Told.WAITS if _has_page(invited, settings) else Told.UNTOLD
    return Wish(told, call_ms, invited.name, (alert and alert.trouble) or "")


def _invited(doors: Doors, now_ms: int) -> Invited | None:
    """Who may see that a call is wished."""
    invited = Follows(doors).invited(now_ms)
    return invited if invited is not None and invited.grants.asked_to_call else None


def _has_page(invited: Invited, settings: FollowSettings) -> bool:
    """Whether their page is there and they were let in; a link that waits shows nobody anything."""
    return settings.open and bool(settings.at) and invited.entered
