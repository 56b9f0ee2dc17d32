"""Who may open the page: one-time links and sessions, in a small database of their own (`page.db`).

A token is 256 random bits, shown once; what is kept is its SHA-256, so that nobody who reads the file can enter with it
(ASVS 5.0, 7.2.3 and 7.2.4). Losing this file costs nothing but entering again.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.store.private_files import make_file, make_folder
from vigil.store.sqlite_errors import plain_words

DOORS_NAME = "page.db"
"""Beside the store."""

TOKEN_BYTES = 32

LINK_MS = 15 * 60_000
"""How long a one-time link can be used: time to find the phone. Our choice."""

IDLE_MS = 30 * 24 * 3_600_000
"""A session that was not used for so long is over. Our choice: a month of evenings."""

WHOLE_MS = 365 * 24 * 3_600_000
"""However much it is used, a session is over after a year, and the person enters anew. Our choice."""

SEEN_EVERY_MS = 60_000
"""That a session was used is written down at most this often."""

MOST_SESSIONS = 20
"""More devices than one person has: the one that was not used for longest goes."""

NAME_CHARACTERS = 60

AGENT_CHARACTERS = 300
"""Of what a browser says it is: what people call it stands near the end. Our choice."""

STEPS = (
    """
    CREATE TABLE link (digest TEXT PRIMARY KEY, made_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT;
    CREATE TABLE session (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        made_ms INTEGER NOT NULL,
        seen_ms INTEGER NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE follower (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        sleeper TEXT NOT NULL,
        watching INTEGER NOT NULL,
        asked_to_call INTEGER NOT NULL,
        signal_lost INTEGER NOT NULL,
        episode INTEGER NOT NULL,
        made_ms INTEGER NOT NULL,
        until_ms INTEGER NOT NULL,
        latest_ms INTEGER NOT NULL,
        link TEXT UNIQUE,
        link_until_ms INTEGER NOT NULL,
        session TEXT UNIQUE,
        number INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE look (follower INTEGER NOT NULL, began_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT;
    CREATE TABLE follow_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE alert (
        kind TEXT NOT NULL,
        about_ms INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        PRIMARY KEY (kind, about_ms)
    ) STRICT;
    """,
    """
    ALTER TABLE alert ADD COLUMN trouble TEXT;
    """,
)
"""Numbered forward steps; the number reached is `PRAGMA user_version`."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has entered. name: what the browser said it is, for telling one's own devices apart."""

    id: int
    name: str
    made_ms: int
    seen_ms: int


def digest_of(token: str) -> str:
    """What is kept of a token. A random token needs no salt and no slow hash: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Doors:
    """The doors of one page. Every method raises StoreError if the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The database, brought to the present step, inside one transaction."""
        if not _is_there(self._path):  # whoever closes a file lets go of its process's locks on it (`peeking.py`)
            make_folder(self._path.parent)
            make_file(self._path)
        with plain_words(), closing(sqlite3.connect(self._path, timeout=2.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                _bring_forward(connection)
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def make_link(self, now_ms: int) -> str:
        """A token that opens the door once, within `LINK_MS`."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self.opened() as database:
            database.execute("DELETE FROM link WHERE until_ms <= ?", (now_ms,))
            database.execute("INSERT INTO link VALUES (?, ?, ?)", (digest_of(token), now_ms, now_ms + LINK_MS))
        return token

    def enter(self, link: str, name: str, now_ms: int) -> str | None:
        """Use a link up and return the token of a new session; None for a link that is unknown, used or too old.

        A link from the future, after the clock was set back, is no good either.
        """
        with self.opened() as database:
            used = database.execute(
                "DELETE FROM link WHERE digest = ? RETURNING made_ms, until_ms", (digest_of(link),)
            ).fetchone()
            if used is None or not used[0] <= now_ms < used[1]:
                return None
            return _new_session(database, name, now_ms)

    def who(self, token: str, now_ms: int) -> Session | None:
        """The session of a token, if it goes on; noting now and then that it was used."""
        with self.opened() as database:
            row = database.execute(
                "SELECT id, name, made_ms, seen_ms FROM session WHERE digest = ?", (digest_of(token),)
            ).fetchone()
            if row is None:
                return None
            session = Session(*row)
            if not goes_on(session, now_ms):
                database.execute("DELETE FROM session WHERE id = ?", (session.id,))
                return None
            if now_ms - session.seen_ms >= SEEN_EVERY_MS:
                database.execute("UPDATE session SET seen_ms = ? WHERE id = ?", (now_ms, session.id))
            return session

    def sessions(self) -> list[Session]:
        """Everybody who has entered, the latest used first."""
        with self.opened() as database:
            rows = database.execute("SELECT id, name, made_ms, seen_ms FROM session ORDER BY seen_ms DESC, id DESC")
            return [Session(*row) for row in rows]

    def close(self, session: int, *, links: bool = False) -> None:
        """End a session, and with `links` every link that waits; nothing happens where there is none."""
        with self.opened() as database:
            database.execute("DELETE FROM session WHERE id = ?", (session,))
            if links:
                database.execute("DELETE FROM link")

    def close_all(self, but: int | None = None) -> None:
        """End every session, `but` one, and every link that waits."""
        with self.opened() as database:
            database.execute("DELETE FROM session WHERE id IS NOT ?", (but,))
            database.execute("DELETE FROM link")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # making it says why
        return False


def goes_on(session: Session, now_ms: int) -> bool:
    """Whether a session can still be used. A clock that went back by more than a day ends it: it may never run out."""
    day_ms = 24 * 3_600_000
    return session.seen_ms - day_ms <= now_ms < session.seen_ms + IDLE_MS and now_ms < session.made_ms + WHOLE_MS


def _new_session(database: sqlite3.Connection, name: str, now_ms: int) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    kept = name.encode("utf-8", "replace").decode().replace("\x00", "")[:AGENT_CHARACTERS]
    database.execute(
        "INSERT INTO session (digest, name, made_ms, seen_ms) VALUES (?, ?, ?, ?)",
        (digest_of(token), kept, now_ms, now_ms),
    )
    database.execute(
        "DELETE FROM session WHERE id NOT IN (SELECT id FROM session ORDER BY seen_ms DESC, id DESC LIMIT ?)",
        (MOST_SESSIONS,),
    )
    return token


def _bring_forward(database: sqlite3.Connection) -> None:
    (reached,) = database.execute("PRAGMA user_version").fetchone()
    if reached > len(STEPS):
        message = "page.db was written by a newer Vigil; it was not touched; install the newer Vigil again"
        raise StoreError(message)
    for number, step in enumerate(STEPS[reached:], start=reached + 1):
        for statement in step.split(";"):
            if statement.strip():
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {number:d}")
