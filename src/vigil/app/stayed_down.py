"""What a supervisor that gave up has left for the morning: since when Vigil stays down, and after how many restarts."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vigil.run.wall_time import SANE_FROM_MS, SANE_UNTIL_MS

DOWN_NAME = "down.json"
"""Beside the store."""

_MOST_BYTES = 1000
_MOST_RESTARTS = 1000


@dataclass(frozen=True, slots=True)
class Down:
    """How many restarts there had been, 0 where that cannot be told, and when, UTC in ms since 1970."""

    restarts: int = 0
    wall_ms: int | None = None

    @property
    def words(self) -> str:
        """What happened, what Vigil did, what to do."""
        often = f"{self.restarts + 1} times" if self.restarts else "too often"
        when = "" if self.wall_ms is None else f", and stayed down from {_local(self.wall_ms)}"
        return (
            f"Vigil stopped {often} within ten minutes{when}. Nothing was watched and nothing nudged after that; what "
            "was kept before is still there. To look for the cause: vigil doctor"
        )


def keep_down(folder: Path, down: Down) -> None:
    """Leave word that Vigil stayed down; a disk that takes no word is no reason to fail."""
    with suppress(OSError):
        text = json.dumps({"restarts": down.restarts, "wall_ms": down.wall_ms})
        (folder / DOWN_NAME).write_text(text, encoding="utf-8")


def read_down(folder: Path) -> Down | None:
    """The word that was left; None if there is none. One that cannot be read says that there was one."""
    try:
        with (folder / DOWN_NAME).open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return Down()
    if not isinstance(found, dict):
        return Down()
    restarts, wall_ms = found.get("restarts"), found.get("wall_ms")
    return Down(_within(restarts, 1, _MOST_RESTARTS) or 0, _within(wall_ms, SANE_FROM_MS, SANE_UNTIL_MS))


def clear_down(folder: Path) -> None:
    """It was said. Where it cannot be removed it is said once more, which does no harm."""
    with suppress(OSError):
        (folder / DOWN_NAME).unlink(missing_ok=True)


def _within(value: object, low: int, high: int) -> int | None:
    return value if type(value) is int and low <= value <= high else None


def _local(wall_ms: int) -> str:
    local = datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone()
    return f"{local:%H:%M} on {local:%Y-%m-%d}"
