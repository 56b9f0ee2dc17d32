"""Trying nudges from the page: one sitting at a time, in a thread, let go by itself when nobody goes on.

While it is held, no night can begin; so it is not held for longer than it takes to make up one's mind.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import replace
from typing import Any

from vigil.app.arming import safe_settings
from vigil.app.home import Home, Shelf
from vigil.app.pairing_room import no_night
from vigil.app.try_sitting import TrySitting, outputs_there, trying
from vigil.domain.errors import BusyError, InputError, VigilError
from vigil.domain.requests import Output
from vigil.web.views.nudge import Given, Trying

IDLE_S = 90.0
"""A sitting in which nothing is tried for so long is over: somebody has put the phone away. Our choice."""

BUSY = "a nudge is being tried already; nothing was begun; go on there, or end it first"
NOBODY = "nothing is being tried just now; nothing was given; begin again"


class NudgeTries:
    """One sitting and how it stands. May be asked by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._asked: queue.SimpleQueue[tuple[Output, int] | None] = queue.SimpleQueue()
        self._now = Trying()

    @property
    def standing(self) -> Trying:
        """How it stands."""
        with self._lock:
            return self._now

    def begin(self, home: Home, shelf: Shelf) -> None:
        """Begin to hold what is set up. Raises BusyError."""
        no_night(home, shelf)
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise BusyError(BUSY)
            self._asked = queue.SimpleQueue()
            self._now = Trying(open=True, busy=True)
            self._thread = threading.Thread(target=self._go, args=(home, shelf), name="nudges", daemon=True)
            self._thread.start()

    def give(self, output: str, level: str) -> None:
        """Ask for a step that the sitting offers; raises InputError for another, or where none is open."""
        with self._lock:
            now = self._now
            wanted = next((one for one in now.offers if (one.output.value, str(one.level)) == (output, level)), None)
            if wanted is None or not now.open or now.busy:
                raise InputError(NOBODY)
            self._now = replace(now, busy=True)
            self._asked.put((wanted.output, wanted.level))

    def end(self) -> None:
        """Let everything go; nothing happens where nothing is held."""
        self._asked.put(None)
        self.wait()

    def wait(self, seconds: float = 60.0) -> None:
        """Until the sitting is over, at most so long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def forget(self) -> None:
        """End it, and keep nothing of it."""
        self.end()
        with self._lock:
            self._now = Trying()

    def _go(self, home: Home, shelf: Shelf) -> None:
        try:
            settings, words = safe_settings(home.settings_file)
            for line in words:
                self._say(line)
            there = outputs_there(home, tuple(Output))
            if there:
                with trying(home, shelf, there, settings, self._say) as sitting:
                    self._sit(sitting)
        except VigilError as error:
            self._change(failed=str(error))
        except Exception as error:  # whatever it is, the next try must be possible
            self._change(failed=f"something in Vigil broke ({type(error).__name__}); no more was given")
        finally:
            self._change(open=False, busy=False, offers=())

    def _sit(self, sitting: TrySitting) -> None:
        reached: dict[Output, int] = {}
        while True:
            self._change(busy=False, offers=_offers(sitting, reached))
            try:
                asked = self._asked.get(timeout=IDLE_S)
            except queue.Empty:
                return
            if asked is None:
                return
            output, level = asked
            tried = sitting.give(output, sitting.steps(output)[level - 1])
            if tried.begun:
                reached = {output: level}
            given = Given(output, level, len(sitting.steps(output)), tried.begun, tried.words)
            self._change(given=given)

    def _say(self, words: str) -> None:
        self._change(said=(*self.standing.said, words))

    def _change(self, **changes: Any) -> None:
        with self._lock:
            self._now = replace(self._now, **changes)


def _offers(sitting: TrySitting, reached: dict[Output, int]) -> tuple[Given, ...]:
    """A step of each output: the lowest, and of the one that was given last the next, while there is one."""
    found = []
    for output in sitting.names:
        most, last, why = len(sitting.steps(output)), reached.get(output, 0), sitting.wrong.get(output, "")
        found.append(Given(output, last + 1 if last < most else 1, most, begun=not why, words=why))
    return tuple(found)
