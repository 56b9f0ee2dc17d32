"""What a page has to say after something was done, for the page that comes next: by number, and only to who did it.

Only in memory: after a restart there is nothing to say any more.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from starlette.responses import Response

from vigil.web.asked import Asked

MOST = 50
"""Tellings that are remembered. Our choice: more than a person does in an hour."""


class Told:
    """What was told. May be asked by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: OrderedDict[tuple[int, int], tuple[str, ...]] = OrderedDict()
        self._last = 0

    def keep(self, session: int, *lines: str) -> int:
        """Remember lines for a session; the number to ask for them by."""
        with self._lock:
            self._last += 1
            self._said[session, self._last] = lines
            while len(self._said) > MOST:
                self._said.popitem(last=False)
            return self._last

    def of(self, session: int, number: str) -> tuple[str, ...]:
        """The lines of that number, as it stands in an address; nothing for any other text."""
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            return ()
        with self._lock:
            return self._said.get((session, int(number)), ())

    def forget(self) -> None:
        """Remember nothing; numbers go on, so that no old address says what is told next."""
        with self._lock:
            self._said.clear()


TOLD = Told()


def say(asked: Asked, path: str, *lines: str) -> Response:
    """On to a page that says what was done."""
    return asked.go(f"{path}?told={TOLD.keep(_session(asked), *lines)}")


def told_lines(asked: Asked) -> tuple[str, ...]:
    """What this page was asked to say."""
    return TOLD.of(_session(asked), asked.query.get("told", ""))


def _session(asked: Asked) -> int:
    return 0 if asked.session is None else asked.session.id
