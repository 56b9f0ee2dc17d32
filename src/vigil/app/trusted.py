"""Who may be asked to call: the one person who follows."""

from __future__ import annotations

import time
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.domain.units import NS_PER_MS
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import Follows
from vigil.store.follow_settings import FollowStore


def trusted_name(folder: Path, now_wall_ms: int | None = None) -> str:
    """Their name as the sleeper typed it, "" where nobody would see that a call is wished. Never raises.

    folder: of the store. now_wall_ms: UTC in ms since 1970; None for the computer's own.
    """
    path = folder / DOORS_NAME
    now_ms = time.time_ns() // NS_PER_MS if now_wall_ms is None else now_wall_ms
    try:
        if not path.exists():
            return ""
        doors = Doors(path)
        invited, settings = Follows(doors).invited(now_ms), FollowStore(doors).settings()
    except (StoreError, OSError):
        return ""
    if invited is None or not invited.grants.asked_to_call:
        return ""
    looks = settings.open and invited.entered  # a link that waits shows nobody anything
    return invited.name if looks or settings.alert else ""
