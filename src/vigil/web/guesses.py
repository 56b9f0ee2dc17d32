"""How often a door may be tried: who has the right key tries few wrong ones, so all wrong ones count together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

MOST = 10
WITHIN_MS = 60_000
"""Ten wrong keys in a minute, from whomever: 2^256 keys outlast that by far. Our choice."""


@dataclass(slots=True)
class Guesses:
    """The latest wrong keys; never more than `MOST` are held."""

    wrong: deque[int] = field(default_factory=lambda: deque(maxlen=MOST))
    lock: Lock = field(default_factory=Lock)

    def may_try(self, now_ms: int) -> bool:
        """Whether another key may be tried now; a clock that was set back forgets what is ahead of it."""
        with self.lock:
            return sum(1 for at_ms in self.wrong if 0 <= now_ms - at_ms < WITHIN_MS) < MOST

    def failed(self, now_ms: int) -> None:
        """Note a wrong key."""
        with self.lock:
            self.wrong.append(now_ms)
