"""What the evening looks at before a night: settings, stop, disk, battery, and that the computer stays awake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vigil.app.config import read_settings
from vigil.domain.errors import SettingsError, StoreError
from vigil.domain.settings import Settings
from vigil.run.noticing import HouseWatch, StopFile
from vigil.run.ports import boot_now_ns
from vigil.run.power import LOW_COMPUTER_PERCENT, power
from vigil.run.wall_time import zone_min
from vigil.store.ballast import LEAST_MB, WARN_MB, Ballast, free_mb
from vigil.store.hold import prepare_hold, read_hold

HOLD_NAME = "hold"
BALLAST_NAME = "ballast"

SAFE = Settings(nudging=False, top_level=1)
"""What a night runs with while its settings cannot be relied on: it watches, and does nothing (reliability F20)."""


@dataclass(frozen=True, slots=True)
class Armed:
    """What stands ready in the evening. words: what is to be said at bedtime, nothing if all is well."""

    stop: StopFile
    ballast: Ballast
    house: HouseWatch
    words: tuple[str, ...]


def safe_settings(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """The settings of a file; where they cannot be relied on, `SAFE`, and what to say. The file is never changed."""
    try:
        return read_settings(path), ()
    except SettingsError as error:
        words = str(error).replace("; nothing was started", "")
        return SAFE, (f"{words}. Until that is mended Vigil only watches; the file was left as it is.",)


def arm(folder: Path, wall_ms: Callable[[], int], boot_ns: Callable[[], int] = boot_now_ns) -> Armed:
    """Get ready beside the store in `folder`. What cannot be made ready is said, and the night tells it again."""
    stop = StopFile(folder / HOLD_NAME, wall_ms, boot_ns)
    ballast = Ballast(folder / BALLAST_NAME)
    words: list[str] = []
    try:
        prepare_hold(folder / HOLD_NAME)
    except StoreError as error:
        stop.pressed = True
        words.append(f"{_sentence(error)} So tonight Vigil only watches.")
    try:
        ballast.make()
        words.extend(_disk_words(free_mb(folder)))
    except StoreError as error:
        words.append(_sentence(error))
    if not stop.pressed and stop.stands():
        why = read_hold(folder / HOLD_NAME).why or "Vigil is stopped: it watches and nudges nobody"
        words.append(f"{_sentence(why)} To end that: vigil stop --release")
    if power().low:
        words.append(
            f"This computer runs on its battery, below {LOW_COMPUTER_PERCENT} %: while that lasts Vigil only watches. "
            "Plug it in."
        )
    house = HouseWatch(lambda: free_mb(folder), power, lambda: zone_min(wall_ms()))
    return Armed(stop, ballast, house, tuple(words))


def _disk_words(free: int) -> list[str]:
    if free < LEAST_MB:
        return [f"The disk is almost full ({free} MB): Vigil only watches until there are {LEAST_MB}. Free some space."]
    if free < WARN_MB:
        return [f"The disk has {free} MB left; below {LEAST_MB} Vigil would only watch. Free some space."]
    return []


def _sentence(error: object) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
