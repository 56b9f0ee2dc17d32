"""The one person who may look in from outside: the invitation, what was ticked for them, and when they looked.

It is kept in `page.db` beside the doors. There is never more than one invitation: a new one ends the one before. A link
and a session are 256 random bits each, of which only the SHA-256 is kept (`doors.py`).
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass, fields
from typing import Any

from vigil.domain.errors import SettingsError
from vigil.store.doors import NAME_CHARACTERS, TOKEN_BYTES, Doors, digest_of

DAY_MS = 24 * 3_600_000

DAYS = 30
"""How long an invitation lasts unless the person says otherwise: long enough to try, short enough to think again."""

MOST_DAYS = 365

LINK_MS = 2 * DAY_MS
"""How long the link of an invitation can be used, once: time to hand it over. Our choice."""

KEPT_MS = 30 * DAY_MS
"""How long it is kept when they looked."""

ONE_LOOK_MS = 2 * 60_000
"""Pauses shorter than this are one look: a page that is open says once a minute that it is."""

MOST_LOOKS = 2_000
"""More than somebody looks in thirty days; the oldest go."""


@dataclass(frozen=True, slots=True)
class Grants:
    """What the sleeper ticked. There is nothing else that could be."""

    watching: bool = True
    asked_to_call: bool = True
    signal_lost: bool = False
    episode: bool = False


GRANTS = tuple(field.name for field in fields(Grants))


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited. name: as the sleeper typed it. sleeper: what they see as the sleeper's name, "" for none.

    number: of their session; each entering makes another, and ends the one before. entered: a link was used.
    link_waits: one can still be. Times in ms since 1970, UTC.
    """

    id: int
    name: str
    sleeper: str
    grants: Grants
    made_ms: int
    until_ms: int
    number: int
    entered: bool
    link_waits: bool


@dataclass(frozen=True, slots=True)
class Look:
    """They looked, from when to when."""

    began_ms: int
    until_ms: int


_ROW = (
    "id",
    "name",
    "sleeper",
    *GRANTS,
    "made_ms",
    "until_ms",
    "latest_ms",
    "link",
    "link_until_ms",
    "session",
    "number",
)


class Follows:
    """Invitation and looks in one page's database. Every method raises StoreError if the file cannot be used."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def invite(self, name: str, sleeper: str, grants: Grants, days: int, now_ms: int) -> str:
        """Invite somebody in place of whoever was; the token of their link. Raises SettingsError for no name."""
        kept = _line(name)
        if not kept or not 1 <= days <= MOST_DAYS:
            message = f"an invitation needs a name, and between 1 and {MOST_DAYS} days; nothing was changed"
            raise SettingsError(message)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = {
            "name": kept,
            "sleeper": _line(sleeper),
            **_ticks(grants),
            "made_ms": now_ms,
            "until_ms": now_ms + days * DAY_MS,
            "latest_ms": now_ms,
            "link": digest_of(token),
            "link_until_ms": now_ms + LINK_MS,
            "number": 0,
        }
        with self._doors.opened() as database:
            _forget(database)
            database.execute("DELETE FROM look")
            places = ", ".join("?" * len(row))
            database.execute(f"INSERT INTO follower ({', '.join(row)}) VALUES ({places})", tuple(row.values()))
        return token

    def new_link(self, now_ms: int) -> str | None:
        """Another link for the same person, say for a new phone; it ends the earlier one. None if nobody is invited."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._doors.opened() as database:
            if _current(database, now_ms) is None:
                return None
            database.execute("UPDATE follower SET link = ?, link_until_ms = ?", (digest_of(token), now_ms + LINK_MS))
        return token

    def change(self, sleeper: str, grants: Grants) -> None:
        """Tick anew; whatever page is open follows at once."""
        values = {"sleeper": _line(sleeper), **_ticks(grants)}
        with self._doors.opened() as database:
            sets = ", ".join(f"{name} = ?" for name in values)
            database.execute(f"UPDATE follower SET {sets}", tuple(values.values()))

    def revoke(self) -> None:
        """Nobody may look any more. That they looked is still kept for a while."""
        with self._doors.opened() as database:
            _forget(database)

    def invited(self, now_ms: int) -> Invited | None:
        """Who may look; None if nobody may, or not any more."""
        with self._doors.opened() as database:
            return _invited(_current(database, now_ms), now_ms)

    def anybody_ever(self) -> bool:
        """Whether anybody was ever invited, also if that has ended."""
        with self._doors.opened() as database:
            return database.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'follower'").fetchone() is not None

    def enter(self, link: str, now_ms: int) -> str | None:
        """Use the link up; the token of a session, which ends any earlier one. None for a link that is no good."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._doors.opened() as database:
            row = _current(database, now_ms)
            if row is None or row["link"] != digest_of(link):
                return None
            good = row["link_until_ms"] - LINK_MS <= now_ms and _latest(row, now_ms) < row["link_until_ms"]
            session = (digest_of(token), secrets.randbits(62)) if good else (row["session"], row["number"])
            database.execute("UPDATE follower SET link = NULL, session = ?, number = ?", session)
            return token if good else None

    def who(self, session: str, now_ms: int) -> Invited | None:
        """Whose session this is, if it goes on."""
        with self._doors.opened() as database:
            row = _current(database, now_ms)
            if row is None or row["session"] is None or row["session"] != digest_of(session):
                return None
            return _invited(row, now_ms)

    def looked(self, follower: int, now_ms: int) -> None:
        """Note that they look now."""
        with self._doors.opened() as database:
            _prune(database, now_ms)
            last = database.execute(
                "SELECT rowid, until_ms FROM look WHERE follower = ? ORDER BY rowid DESC LIMIT 1", (follower,)
            ).fetchone()
            if last is not None and 0 <= now_ms - last[1] < ONE_LOOK_MS:
                database.execute("UPDATE look SET until_ms = ? WHERE rowid = ?", (now_ms, last[0]))
            else:
                database.execute("INSERT INTO look VALUES (?, ?, ?)", (follower, now_ms, now_ms))

    def looks(self, now_ms: int) -> list[Look]:
        """When they looked, the latest first; never older than `KEPT_MS`."""
        with self._doors.opened() as database:
            _prune(database, now_ms)
            rows = database.execute("SELECT began_ms, until_ms FROM look ORDER BY rowid DESC")
            return [Look(*row) for row in rows]


def _ticks(grants: Grants) -> dict[str, int]:
    return {name: int(getattr(grants, name)) for name in GRANTS}


def _line(text: str) -> str:
    """A name on one line, without what nobody can see."""
    spaced = " ".join(text.encode("utf-8", "replace").decode().split())
    return "".join(letter for letter in spaced if letter.isprintable())[:NAME_CHARACTERS].strip()


def _forget(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM follower")


def _latest(row: dict[str, Any], now_ms: int) -> int:
    """The latest instant that was ever seen: a clock that is set back gives no time back."""
    return max(now_ms, int(row["latest_ms"]))


def _current(database: sqlite3.Connection, now_ms: int) -> dict[str, Any] | None:
    """The row of who may look. One whose time has come is erased: no clock brings it back."""
    found = database.execute(f"SELECT {', '.join(_ROW)} FROM follower").fetchone()
    if found is None:
        return None
    row = dict(zip(_ROW, found, strict=True))
    if _latest(row, now_ms) >= row["until_ms"]:
        _forget(database)
        return None
    if now_ms - row["latest_ms"] >= 60_000:
        database.execute("UPDATE follower SET latest_ms = ?", (now_ms,))
    return row


def _invited(row: dict[str, Any] | None, now_ms: int) -> Invited | None:
    if row is None:
        return None
    return Invited(
        id=row["id"],
        name=row["name"],
        sleeper=row["sleeper"],
        grants=Grants(**{name: bool(row[name]) for name in GRANTS}),
        made_ms=row["made_ms"],
        until_ms=row["until_ms"],
        number=row["number"],
        entered=row["session"] is not None,
        link_waits=row["link"] is not None and _latest(row, now_ms) < row["link_until_ms"],
    )


def _prune(database: sqlite3.Connection, now_ms: int) -> None:
    database.execute("DELETE FROM look WHERE until_ms <= ?", (now_ms - KEPT_MS,))
    database.execute(
        "DELETE FROM look WHERE rowid NOT IN (SELECT rowid FROM look ORDER BY rowid DESC LIMIT ?)", (MOST_LOOKS,)
    )
