"""What a night says when it begins, kept for the page: tonight's plan, what is not well, what does not answer.

A night begun from the page has nobody at its terminal, and one that a service begins has none at all. It is a view, as
`live.json` is: replaced whole, not synced, and believed only of the process that tells the night.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from vigil.store.private_files import read_small, replace_small

SAID_NAME = "said.json"
"""Beside the store."""

MOST_LINES = 20
"""Several times what a night says at its beginning; what comes after that is not kept."""

MOST_CHARACTERS = 600
"""Of each; a longer one is cut."""

_MOST_BYTES = 1 << 17


class SaidFirst:
    """Says what it is given, and keeps it. Not to be able to keep it is no reason to watch worse."""

    def __init__(self, folder: Path, say: Callable[[str], None], pid: int | None = None) -> None:
        self._path, self._say, self._lines = folder / SAID_NAME, say, list[str]()
        self._pid = os.getpid() if pid is None else pid

    def __call__(self, text: str) -> None:
        """Say it, and keep it beside what was said before."""
        self._say(text)
        if text and len(self._lines) < MOST_LINES:
            self._lines.append(text[:MOST_CHARACTERS])
            with suppress(OSError):
                replace_small(self._path, json.dumps({"pid": self._pid, "lines": self._lines}).encode("ascii"))


def said_first(folder: Path, pid: int) -> tuple[str, ...]:
    """What the night of this process said when it began; nothing where that cannot be read. Never raises."""
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        raw = read_small(folder / SAID_NAME, _MOST_BYTES)
        found = json.loads(raw)
        lines = found["lines"] if found["pid"] == pid else []
        if isinstance(lines, list) and len(lines) <= MOST_LINES and all(isinstance(one, str) for one in lines):
            return tuple(one[:MOST_CHARACTERS] for one in lines)
    return ()
