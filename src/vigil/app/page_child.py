"""The page beside a night: a process of its own, opened before the night and left open for the morning after it.

Whatever becomes of it is nothing to the night: one that cannot be opened says why, and the night begins.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from vigil.app.home import Shelf
from vigil.app.night_signals import ends_quietly
from vigil.app.unlocking import handed_on

READY_S = 20.0
"""A page that has not said its link by then is not waited for: the night comes first. Our choice."""

END_S = 5.0
"""An orderly end takes two seconds at most (`web/serving.py`)."""

MORNING_S = 3 * 3600.0
"""How long the page stays open after a night, for the morning's answer. Our choice."""

LOOK_S = 5.0
"""How often a page looks whether its watch is still there. Our choice."""

STAYS = "The page stays open for the morning, three hours at most; Ctrl-C closes it."


class PageBeside:
    """`vigil serve` in a process of its own. secret: the passphrase of the store, which it reads from a pipe."""

    def __init__(self, shelf: Shelf, secret: str | None = None) -> None:
        """Open it, and wait until it has said its link, has found one that is open already, or has failed."""
        ready, tell = os.pipe()
        lent = [tell] if secret is None else [tell, handed_on(secret)]
        unlock = [] if secret is None else ["--passphrase-fd", str(lent[1])]
        store = ["--demo"] if shelf is Shelf.DEMO else []
        try:
            self._process = subprocess.Popen(  # noqa: S603 — our own interpreter, our own words
                [sys.executable, "-m", "vigil.app.cli", *unlock, "serve", *store, "--ready-fd", str(tell)],
                pass_fds=lent,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C reaches it through the watch
            )
        except OSError:
            os.close(ready)
            raise
        finally:
            for each in lent:
                os.close(each)
        try:
            select.select([ready], [], [], READY_S)
        except BaseException:  # Ctrl-C while it opens
            self.close()
            raise
        finally:
            os.close(ready)

    @property
    def is_open(self) -> bool:
        """Whether it is there."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> None:
        """Until it ends, so long at most."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def close(self) -> None:
        """End it, in order if it can."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        self.wait(END_S)
        if self.is_open:
            self._process.kill()
            self.wait(END_S)


@contextmanager
def not_for_ever(most_s: float = MORNING_S, look_s: float = LOOK_S) -> Iterator[None]:
    """In the page's own process: end it, that long after the watch that opened it is gone and could not close it.

    For the length of a block. It may hold the passphrase of the store, and nobody would know that it is still open.
    """
    watch, over = os.getppid(), threading.Event()

    def looking() -> None:
        while not over.wait(look_s):
            if os.getppid() != watch:
                if not over.wait(most_s):
                    os.kill(os.getpid(), signal.SIGTERM)
                return

    threading.Thread(target=looking, name="watch", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def page_beside(shelf: Shelf, secret: str | None, say: Callable[[str], None]) -> PageBeside | None:
    """The page, if it can be opened; None where not, which is said, by itself or here."""
    try:
        page = PageBeside(shelf, secret)
    except OSError as error:
        say(f"The page could not be opened ({error.strerror}). The night goes on without it; try vigil serve later.")
        return None
    return page if page.is_open else None


def until_the_morning_is_said(page: PageBeside, say: Callable[[str], None], most_s: float = MORNING_S) -> None:
    """Leave it open for a while after the night, until somebody closes it; then close it."""
    if page.is_open:
        say(STAYS)
    with ends_quietly():
        page.wait(most_s)
    page.close()
