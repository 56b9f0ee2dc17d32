"""What another setting would have done, lived through beside the page: one at a time, with how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vigil.app.home import Home, Shelf
from vigil.app.what_if import Answer, Change, WhatIf
from vigil.domain.errors import BusyError, VigilError
from vigil.web.views.what_if import Trying

BUSY = "another setting is being tried just now; nothing was begun; wait for it, or stop it"


class WhatIfRuns:
    """Keeps the latest question and its answer, in memory alone. May be asked by several threads."""

    def __init__(self, make: Callable[[Home, Shelf, Change, int], WhatIf] = WhatIf) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._run: WhatIf | None = None
        self._thread: threading.Thread | None = None
        self._now: Trying | None = None
        self._place: Path | None = None

    def begin(self, home: Home, shelf: Shelf, change: Change, nights: int) -> None:
        """Begin in the background; raises BusyError while another one runs, StoreError where nothing can be read."""
        with self._lock:
            if self._now is not None and not self._now.over:
                raise BusyError(BUSY)
            run = self._make(home, shelf, change, nights)
            self._run, self._now, self._place = run, Trying(change, run.total), home.database(shelf)
            self._thread = threading.Thread(target=self._go, args=(run,), name="what-if", daemon=True)
            self._thread.start()

    def standing(self, home: Home, shelf: Shelf) -> Trying | None:
        """The latest question about this store."""
        with self._lock:
            return self._now if self._place == home.database(shelf) else None

    def stop(self) -> None:
        """End what runs; what came so far is its answer. Without one, nothing."""
        with self._lock:
            run = self._run
        if run is not None:
            run.stop()

    def forget(self) -> None:
        """End what runs and keep nothing of it."""
        self.stop()
        self.wait()
        with self._lock:
            self._now = None

    def wait(self, seconds: float = 60.0) -> None:
        """Until what runs is over, at most so long."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _go(self, run: WhatIf) -> None:
        try:
            with run:
                for _ in run:
                    self._change(add=1)
                self._change(answer=run.answer())
        except VigilError as error:
            self._change(failed=str(error))
        except Exception as error:  # whatever it is, the next question must be possible
            self._change(failed=f"something in Vigil broke ({type(error).__name__}); nothing was changed by it")

    def _change(self, *, add: int = 0, answer: Answer | None = None, failed: str = "") -> None:
        with self._lock:
            if self._now is not None:
                self._now = replace(self._now, done=self._now.done + add, answer=answer, failed=failed)
            if answer is not None or failed:
                self._run = None
