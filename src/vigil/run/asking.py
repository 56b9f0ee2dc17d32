"""A question to a program of the system, or to one of its files: a short answer, or none, and never an exception."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

ANSWER_S = 5.0
"""How long an answer is waited for. Our choice: such programs answer within milliseconds or hang on a lost bus."""

MOST_ANSWER = 65_536
"""Characters of an answer that are looked at. Our choice."""


def asked(command: Sequence[str], wait_s: float = ANSWER_S) -> str | None:
    """What a program says on stdout; None if it is not there, fails, or says nothing within `wait_s`."""
    try:
        done = subprocess.run(  # noqa: S603 — constant words of our own, and no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=wait_s,
            check=False,
            text=True,
            errors="replace",
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout[:MOST_ANSWER] if done.returncode == 0 else None


def written(path: Path) -> str | None:
    """What stands in a small file of the system, without the white space around it; None if it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(MOST_ANSWER).strip()
    except OSError:
        return None
