"""A night that is begun from the page: `vigil watch` as a process of its own, which outlives the page.

Its words are fixed; nothing of a request is among them. What goes wrong is said on stderr, which is kept in a small
file beside the store, so that the page can say why a night did not begin. What is said of the night itself, its report,
goes nowhere: it stands in the store, which may be locked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from vigil.app.demo_night import night_words
from vigil.app.home import Home, Shelf
from vigil.app.how_it_stands import how_it_stands
from vigil.app.printable import printable
from vigil.app.unlocking import handed_on
from vigil.app.wearables_file import read_wearables
from vigil.app.wiring import BEGUN_LOCK, BEGUN_NAME, LOCK_NAME, OUTPUTS_NAME
from vigil.domain.errors import BusyError, LockedError
from vigil.store import cipher
from vigil.store.live_state import LIVE_NAME
from vigil.store.live_state import read as read_live
from vigil.store.lock import StoreLock, holder_of
from vigil.store.private_files import open_file, read_small

LONG_MS = 3 * 60_000
"""Getting ready takes a minute for the wearable, and what the store needs to be checked. Our choice."""

OLD_MS = 12 * 3_600_000
"""A night that was asked for so long ago is a thing of the past, whatever became of it. Our choice."""

MOST_WORDS = 300
"""So much of the last words of a night is shown: the last of them say what it was. Our choice."""

WORDS = {Shelf.OWN: ("watch", "--source", "wearable", "--quiet", "--no-page"), Shelf.DEMO: tuple(night_words())}
"""The command of the night; a page of any other store than these has none.

Sources as `watch_order.py` names them, which would bring the whole radio into the page."""

_ONE_AT_A_TIME = threading.Lock()
"""Of two presses the second waits until the first has left word that a night gets ready, and says so as well."""

_MOST_BYTES = 1 << 20
_MOST_MS = 4_102_444_800_000
"""The year 2100, as in `hold.py`."""


class Outcome(Enum):
    """What came of asking for a night."""

    BEGUN = "begun"
    """it is getting ready, or is watched, by this or by an earlier asking"""
    NO_WEARABLE = "no_wearable"
    LOCKED = "locked"
    """nobody here knows the passphrase"""
    BUSY = "busy"
    """another program has the nights, or the outputs, just now"""
    NOT_STARTED = "not_started"
    """the computer would not start a process"""


class Phase(Enum):
    """How a night that was asked for stands before it is watched."""

    NONE = "none"
    """none was asked for, or it has been watched since"""
    READY = "ready"
    """it is getting ready"""
    LONG = "long"
    """it is still getting ready, after too long"""
    OVER = "over"
    """its process ended before any night was told of"""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A night that was asked for from the page. wall_ms: when, UTC in ms since 1970. words: the last of its process."""

    phase: Phase = Phase.NONE
    wall_ms: int = 0
    words: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether it may still begin."""
        return self.phase in {Phase.READY, Phase.LONG}


def begin(home: Home, shelf: Shelf, wall_ms: int) -> Outcome:
    """Begin a night of this store, unless one is watched or getting ready: asked twice, there is one.

    The person's own by their wearable, the invented sleeper's as the demonstration begins it, at its speed. Answers at
    once: what came of it is for `beginning` to say. Raises StoreError where nothing can be kept, InputError for a file
    of wearables that cannot be read.
    """
    if how_it_stands(home, shelf, wall_ms).watching:
        return Outcome.BEGUN
    if nothing_to_watch(home, shelf):
        return Outcome.NO_WEARABLE
    try:
        secret = _secret(home.database(shelf))
    except LockedError:
        return Outcome.LOCKED
    with _ONE_AT_A_TIME:
        return _begun(home, shelf, secret, wall_ms)


def nothing_to_watch(home: Home, shelf: Shelf) -> bool:
    """Whether a night of this store lacks a wearable; raises InputError for a file of them that cannot be read."""
    return shelf is Shelf.OWN and read_wearables(home).sensor is None


def beginning(folder: Path, wall_ms: int) -> Beginning:
    """How the night stands that was asked for last, in the store of this folder at this instant. Never raises."""
    asked_ms, words = _kept(folder / BEGUN_NAME)
    told = read_live(folder / LIVE_NAME)
    if asked_ms is None or not 0 <= wall_ms - asked_ms < OLD_MS or (told and told.told_wall_ms >= asked_ms):
        return Beginning()
    if holder_of(folder / BEGUN_LOCK):
        return Beginning(Phase.READY if wall_ms - asked_ms < LONG_MS else Phase.LONG, asked_ms)
    return Beginning(Phase.OVER, asked_ms, words)


def _secret(database: Path) -> str | None:
    """The passphrase of a store, None where it has none; raises LockedError where nobody here knows it."""
    with suppress(OSError):  # the night says itself what is wrong with its store
        return None if cipher.key_for(database) is None else cipher.known()
    return None


def _others(home: Home, shelf: Shelf) -> bool:
    """Whether another program has what a night needs: it would only be refused."""
    locks = [home.shelf(shelf) / LOCK_NAME]
    locks += [home.shelf(shelf) / OUTPUTS_NAME / LOCK_NAME] if shelf is Shelf.OWN else []
    return any(holder_of(lock) for lock in locks)


def _begun(home: Home, shelf: Shelf, secret: str | None, wall_ms: int) -> Outcome:
    folder = home.shelf(shelf)
    try:
        lock = StoreLock.acquire(folder / BEGUN_LOCK, str(wall_ms))
    except BusyError:  # the last one that was begun so is still there: it gets ready, or is being put away
        return Outcome.BEGUN if beginning(folder, wall_ms).goes_on else Outcome.BUSY
    with lock:
        if _others(home, shelf):
            return Outcome.BUSY
        return _started(home, shelf, secret, lock, wall_ms)


def _started(home: Home, shelf: Shelf, secret: str | None, lock: StoreLock, wall_ms: int) -> Outcome:
    """Start the process. It holds the lock for as long as it lives, so that nobody starts a second one."""
    path = home.shelf(shelf) / BEGUN_NAME
    log = _log(path, wall_ms)
    try:
        process = _process(home, shelf, secret, lock.descriptor, subprocess.DEVNULL if log is None else log)
    except OSError:
        path.unlink(missing_ok=True)
        return Outcome.NOT_STARTED
    finally:
        if log is not None:
            os.close(log)
    threading.Thread(target=process.wait, name="begun", daemon=True).start()  # else it would stay behind as a zombie
    return Outcome.BEGUN


def _process(home: Home, shelf: Shelf, secret: str | None, lock: int, log: int) -> subprocess.Popen[bytes]:
    """`vigil watch`, away from the terminal, the port and the end of the page. Raises OSError."""
    lent = [] if secret is None else [handed_on(secret)]
    unlock = [f"--passphrase-fd={each}" for each in lent]
    try:
        return subprocess.Popen(  # noqa: S603 — our own interpreter, our own words
            [sys.executable, "-P", "-m", "vigil.app.cli", *unlock, *WORDS[shelf]],
            pass_fds=(*lent, lock),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "VIGIL_HOME": str(home.data)} if home.data == home.config else None,
        )
    finally:
        for each in lent:
            os.close(each)


def _log(path: Path, wall_ms: int) -> int | None:
    """The file for its words, begun anew; None where the disk takes none, for that is no reason not to watch."""
    with suppress(OSError):
        descriptor = open_file(path)
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{wall_ms} vigil watch\n".encode())
        except OSError:
            os.close(descriptor)
            raise
        return descriptor
    return None


def _kept(path: Path) -> tuple[int | None, str]:
    """When a night was asked for, and the last of what its process said; None where that cannot be read."""
    try:
        first, _, rest = read_small(path, _MOST_BYTES).decode("utf-8", "replace").partition("\n")
    except OSError:
        return None, ""
    number = first.partition(" ")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 15 and int(number) < _MOST_MS):
        return None, ""
    words = " ".join(word for line in printable(rest).splitlines() for word in line.removeprefix("vigil: ").split())
    return int(number), words if len(words) <= MOST_WORDS else f"… {words[-MOST_WORDS:].partition(' ')[2]}"
