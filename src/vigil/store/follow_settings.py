"""How the page of the one who follows is reached, and which alerts went out: small things kept in `page.db`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from vigil.store.doors import Doors

MOST_ALERTS = 2
"""Alerts in one night (reliability H7)."""

MOST_LOST = 1
"""Of these, about a lost signal: a wearable that comes and goes must leave one for whoever asks to be called."""

MOST_TESTS = 6
"""Alerts sent to try them, in the same time: enough to find a mistake in an address. Our choice."""

NIGHT_MS = 12 * 3_600_000
"""Alerts are counted over so long, back from now: no night in which two are sent has room for a third."""

CALL, LOST, TEST = "call", "lost", "test"
"""What an alert is about."""

_MOST_OF_ONE = {CALL: MOST_ALERTS, LOST: MOST_LOST, TEST: MOST_TESTS}


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """open: the page of the one who follows is wanted. away: it shows the same as when Vigil is off.

    hosts: further names of this computer by which they reach it. alert: where an alert is sent, "" for nowhere.
    at: where the page is now, as an address begins; "" while it is not. trouble: why it is not, in words.
    alert_trouble: why the last alert did not arrive, in words.
    """

    open: bool = False
    away: bool = False
    hosts: tuple[str, ...] = ()
    alert: str = ""
    at: str = ""
    trouble: str = ""
    alert_trouble: str = ""


class FollowStore:
    """Settings and alerts in one page's database. Every method raises StoreError if the file cannot be used."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def settings(self) -> FollowSettings:
        """As they were put last."""
        with self._doors.opened() as database:
            found = dict(database.execute("SELECT name, value FROM follow_setting").fetchall())
        values = asdict(FollowSettings())
        known = {name: _read(found[name], type(values[name])) for name in values if name in found}
        return FollowSettings(**{name: value for name, value in known.items() if value is not None})

    def put(self, **changes: object) -> None:
        """Change some of them."""
        names = {field.name for field in fields(FollowSettings)}
        with self._doors.opened() as database:
            for name, value in changes.items():
                if name not in names:
                    raise KeyError(name)
                database.execute("INSERT OR REPLACE INTO follow_setting VALUES (?, ?)", (name, json.dumps(value)))

    def may_alert(self, kind: str, about_ms: int, now_ms: int) -> bool:
        """Whether an alert of a kind about an instant may go out now; if so it counts as sent, whatever comes of it.

        Each is sent once, and of all kinds but tests `MOST_ALERTS` in a night, over restarts and steps of the clock.
        Of one kind there are fewer where one would take all (`MOST_LOST`).
        """
        with self._doors.opened() as database:
            database.execute("UPDATE alert SET at_ms = ? WHERE at_ms > ?", (now_ms, now_ms))  # the clock was set back
            database.execute("DELETE FROM alert WHERE at_ms <= ?", (now_ms - 4 * NIGHT_MS,))
            counted = database.execute(
                "SELECT kind, COUNT(*) FROM alert WHERE at_ms > ? GROUP BY kind", (now_ms - NIGHT_MS,)
            )
            sent = dict(counted.fetchall())
            told = sum(number for each, number in sent.items() if each != TEST)
            if sent.get(kind, 0) >= _MOST_OF_ONE[kind] or (kind != TEST and told >= MOST_ALERTS):
                return False
            added = database.execute("INSERT OR IGNORE INTO alert VALUES (?, ?, ?)", (kind, about_ms, now_ms))
            return added.rowcount == 1


def _read(text: str, kind: type) -> Any:
    """A value as it was put; None for what is none of ours."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if kind is tuple:
        good = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return tuple(value) if good else None
    return value if type(value) is kind else None
