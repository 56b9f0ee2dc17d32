"""While the page is open: answers that waited for a night to end are put to it as soon as that can be done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vigil.app.home import Home, Shelf
from vigil.app.journal_room import settle_waiting
from vigil.domain.errors import VigilError

EVERY_S = 30.0
"""Our choice: nobody waits for it, and looking costs a few milliseconds."""

log = logging.getLogger("vigil.app.settling")


@contextmanager
def settling(home: Home, shelf: Shelf, every_s: float = EVERY_S) -> Iterator[None]:
    """Look at once, and again and again for the length of a block. What goes wrong is tried again."""
    over = threading.Event()

    def look() -> None:
        while True:
            _settle(home, shelf)
            if over.wait(every_s):
                return

    thread = threading.Thread(target=look, name="settling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _settle(home: Home, shelf: Shelf) -> None:
    try:
        settle_waiting(home, shelf)
    except (VigilError, OSError) as error:
        log.warning("answers wait on: %s", type(error).__name__)  # never what was in them
