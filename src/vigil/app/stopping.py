"""Stop, and the end of a stop, for terminal and page alike: one small file in every store, and the same words.

It works with the database, the detector or the page broken: whatever could act looks at the file.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vigil.app.arming import HOLD_NAME
from vigil.app.home import Home, Shelf
from vigil.app.private import private_folder
from vigil.app.wiring import LOCK_NAME
from vigil.domain.errors import StoreError
from vigil.run.noticing import for_the_night_ms
from vigil.store.hold import Hold, clear_hold, read_hold, write_hold
from vigil.store.lock import holder_of

WATCHED = (Shelf.OWN, Shelf.DEMO)
"""The stores in which a night may be watched, also one that has not begun yet."""

_PID = re.compile(r"pid (\d+)")


@dataclass(frozen=True, slots=True)
class Stopped:
    """What came of a stop. words: the worst first. failed: a night, now or later, knows nothing of it."""

    words: tuple[str, ...]
    failed: bool


def stop(home: Home, wall_ms: int, minutes: int | None = None) -> Stopped:
    """Stop at this instant (UTC in ms since 1970), for so many minutes, else for the night. Never raises StoreError."""
    until_ms = for_the_night_ms(wall_ms) if minutes is None else wall_ms + minutes * 60_000
    with suppress(OSError):  # whether a folder can be made shows where the stop is written
        private_folder(home.data)
    reached = [_reach(home.shelf(shelf), Hold(until_ms, wall_ms)) for shelf in WATCHED]
    return Stopped(tuple(_words(reached, _ends(until_ms, wall_ms))), any(one.failed for one in reached))


def release(home: Home) -> tuple[str, ...]:
    """End the stop in every store, as far as that can be; raises StoreError for the first where it cannot."""
    runs, words, errors = False, list[str](), list[StoreError]()
    for shelf in WATCHED:
        folder = home.shelf(shelf)
        runs = runs or bool(holder_of(folder / LOCK_NAME))
        why = read_hold(folder / HOLD_NAME).why
        words += [f"Note: {why}."] if why else []
        try:
            clear_hold(folder / HOLD_NAME)
        except StoreError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    after = "After five minutes of good signal Vigil may nudge again." if runs else "No night is being watched now."
    return (*words, f"The stop is over. {after}")


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far a stop came in one store. runs: something has the store. unkept: why it could not be written down."""

    runs: bool
    unkept: str = ""
    told: bool = False

    @property
    def failed(self) -> bool:
        """Whether a night in this store, now or later, knows nothing of it."""
        return bool(self.unkept) and not self.told


def _reach(folder: Path, hold: Hold) -> _Reached:
    """Write the stop down; where that fails, tell the night process itself."""
    try:
        write_hold(folder / HOLD_NAME, hold)
    except StoreError as error:
        holder = holder_of(folder / LOCK_NAME)
        return _Reached(bool(holder), str(error), told=_tell(holder))
    return _Reached(bool(holder_of(folder / LOCK_NAME)))


def _tell(holder: str) -> bool:
    pid = _PID.search(holder)
    if pid is None:
        return False
    try:
        os.kill(int(pid[1]), signal.SIGUSR1)
    except (OSError, OverflowError):
        return False
    return True


def _words(reached: Sequence[_Reached], ends: str) -> list[str]:
    """What came of it, the worst first; never that nothing will nudge where something may."""
    why = [f"Note: {words}." for words in dict.fromkeys(one.unkept for one in reached if one.unkept)]
    runs = any(one.runs for one in reached)
    if any(one.failed and one.runs for one in reached):
        return [
            "The stop did not reach the Vigil that runs, and it may still nudge you. Take the watch off, or end Vigil "
            "with Ctrl-C where it runs.",
            *why,
        ]
    if any(one.told for one in reached):
        return ["Stopped. The Vigil that runs was told, and nudges nobody until it ends or you end the stop.", *why]
    if why:
        now = "Vigil keeps watching" if runs else "No night is being watched now"
        return [f"The stop could not be kept for every night. {now}; one that begins later may nudge you.", *why]
    if not runs:
        return [f"Stopped {ends}. Nothing will nudge you. No night is being watched now; the next one knows of it."]
    return [f"Stopped {ends}. Nothing will nudge you; Vigil keeps watching."]


def _ends(until_ms: int | None, wall_ms: int) -> str:
    return "until you end it with vigil stop --release" if until_ms is None else f"until {_clock(until_ms, wall_ms)}"


def _clock(until_ms: int, wall_ms: int) -> str:
    local, now = (datetime.fromtimestamp(ms / 1000, UTC).astimezone() for ms in (until_ms, wall_ms))
    day = "" if local.date() == now.date() else " tomorrow"
    return f"{local:%H:%M}{day}"
