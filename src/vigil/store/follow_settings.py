"""How the page of the one who follows is reached, and which alerts went out: small things kept in `page.db`."""

from __future__ import annotations

import json
import sqlite3
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


@dataclass(frozen=True, slots=True)
class Alert:
    """One that was counted. at_ms: when, UTC in ms since 1970. trouble: why it was not taken, "" if it was.

    trouble is None while it is on its way, and stays so if whoever sent it ended before it knew.
    """

    at_ms: int
    trouble: str | None


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

    def may_alert(self, kind: str, about: int, now_ms: int) -> bool:
        """Whether an alert of a kind about a minute may go out now; if so it counts as sent, whatever comes of it.

        Each is sent once, and of all kinds but tests `MOST_ALERTS` in a night, over restarts and steps of the clock,
        whichever process sends them. Of one kind there are fewer where one would take all (`MOST_LOST`).
        """
        with self._doors.opened() as database:
            database.execute("UPDATE alert SET at_ms = ? WHERE at_ms > ?", (now_ms, now_ms))  # the clock was set back
            database.execute("DELETE FROM alert WHERE at_ms <= ?", (now_ms - 4 * NIGHT_MS,))
            if not _left(database, kind, now_ms):
                return False
            row = (kind, about, now_ms)
            added = database.execute("INSERT OR IGNORE INTO alert (kind, about_ms, at_ms) VALUES (?, ?, ?)", row)
            return added.rowcount == 1

    def is_left(self, kind: str, now_ms: int) -> bool:
        """Whether one more of a kind may go out this night."""
        with self._doors.opened() as database:
            return _left(database, kind, now_ms)

    def alerted(self, kind: str, about: int, trouble: str) -> None:
        """Note what came of an alert: why it was not taken, "" if it was."""
        with self._doors.opened() as database:
            database.execute("UPDATE alert SET trouble = ? WHERE kind = ? AND about_ms = ?", (trouble, kind, about))
        self.put(alert_trouble=trouble)

    def alert_about(self, kind: str, about: int) -> Alert | None:
        """The alert of a kind about a minute; None if none went out."""
        with self._doors.opened() as database:
            row = database.execute("SELECT at_ms, trouble FROM alert WHERE kind = ? AND about_ms = ?", (kind, about))
            found = row.fetchone()
        return None if found is None else Alert(*found)


def _left(database: sqlite3.Connection, kind: str, now_ms: int) -> bool:
    counted = database.execute("SELECT kind, COUNT(*) FROM alert WHERE at_ms > ? GROUP BY kind", (now_ms - NIGHT_MS,))
    sent = dict(counted.fetchall())
    told = sum(number for each, number in sent.items() if each != TEST)
    return sent.get(kind, 0) < _MOST_OF_ONE[kind] and (kind == TEST or told < MOST_ALERTS)


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
