"""A lamp being looked for from the page: one at a time, with what it takes to reach it, for a few minutes.

Only in memory: a secret that was typed or given stands in no page, address, draft or file until a lamp is chosen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vigil.app.lamps_found import Search
from vigil.domain.errors import BusyError

KEPT_MS = 10 * 60_000
"""A search that nobody went on with for so long is over. Our choice: a bridge may stand two floors below."""

BUSY = "Vigil is asking for lamps already; nothing was begun; wait until it has been answered"


@dataclass(frozen=True, slots=True)
class _Kept:
    session: int
    at_ms: int
    search: Search


class LampSearches:
    """One search, and whose it is. May be asked by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._kept: _Kept | None = None

    def keep(self, session: int, now_ms: int, search: Search) -> None:
        """How far this session's search is; one that was there is over."""
        with self._lock:
            self._kept = _Kept(session, now_ms, search)

    def of(self, session: int, now_ms: int, kind: str) -> Search | None:
        """This session's search for a lamp of that kind, unless it is over."""
        with self._lock:
            kept = self._kept
            if kept is not None and not 0 <= now_ms - kept.at_ms < KEPT_MS:
                kept = self._kept = None
        return None if kept is None or (kept.session, kept.search.way.kind) != (session, kind) else kept.search

    def forget(self) -> None:
        """Keep nothing of it."""
        with self._lock:
            self._kept = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While somebody in the home is asked; raises BusyError while another is."""
        if not self._asking.acquire(blocking=False):
            raise BusyError(BUSY)
        try:
            yield
        finally:
            self._asking.release()


SEARCHES = LampSearches()
