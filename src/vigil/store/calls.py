"""That the sleeper asked to be called: the last time only, in a small file beside the store, for the one who follows.

It says when and nothing else. It is over at the next noon (`app/how_it_stands.py`), or when it is taken back.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from threading import Lock

from vigil.domain.errors import StoreError
from vigil.store.private_files import make_folder, read_small, replace_small

CALLS_NAME = "calls.json"
"""Beside the store."""

MOST_BYTES = 200

_FORMAT = 1
_ONE_AT_A_TIME = Lock()
"""Two taps come in two threads, and the file has one writer at a time (`replace_small`)."""
_MOST_MS = 4_102_444_800_000
"""The year 2100, as in `hold.py`."""


def ask_to_call(path: Path, wall_ms: int) -> None:
    """Note that a call is wished, now (UTC in ms since 1970), in place of an earlier wish; raises StoreError."""
    try:
        make_folder(path.parent)
        with _ONE_AT_A_TIME:
            replace_small(path, json.dumps({"format": _FORMAT, "wall_ms": wall_ms}).encode("ascii"))
    except OSError as error:
        message = (
            f"the wish to be called could not be noted ({error.strerror}); nobody sees it; please call them yourself"
        )
        raise StoreError(message) from error


def take_back(path: Path) -> None:
    """No call is wished any more; raises StoreError if the wish is still there."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        message = f"the wish to be called could not be taken back ({error.strerror}); it still shows; look at the disk"
        raise StoreError(message) from error


def asked_to_call(path: Path) -> int | None:
    """When a call was wished last, UTC in ms since 1970; None if it was not, or that cannot be read. Never raises."""
    with suppress(OSError, ValueError, TypeError, RecursionError):
        found = json.loads(read_small(path, MOST_BYTES))
        if type(found) is dict and found.get("format") == _FORMAT:
            wall_ms = found.get("wall_ms")
            return wall_ms if type(wall_ms) is int and 0 <= wall_ms <= _MOST_MS else None
    return None
