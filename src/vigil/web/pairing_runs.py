"""Pairing beside the page: one look around or one try at a time, in a thread with a loop of its own.

What was found and chosen is kept in memory alone, and goes with the next look around.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from vigil.app.home import Home, Shelf
from vigil.app.pairing import TRY_S, Near, OtherFamilyError, Radio, Trial, sorted_out
from vigil.app.pairing_room import NO_SENSOR, ROLES, Use, no_night, uses_of
from vigil.app.wearables_file import Paired, read_wearables, shown_name, with_pair, write_wearables
from vigil.domain.errors import BusyError, DeviceError, InputError, VigilError
from vigil.web.views.pairing import Pairing, Stage, Tried

LOOK_S = 10
"""So long is listened around, as in `vigil pair`."""

TOUCH_S = 1.0
"""One that is not to sense is connected only so long: that it can be reached is all there is to know."""

BUSY = "Vigil is looking for wearables already; nothing was begun; wait until it has looked"
GONE = "That wearable is not among those that were heard last; nothing was changed; look around again"


class Pairings:
    """One round of pairing. May be asked by several threads."""

    def __init__(self, radio: Callable[[], Radio]) -> None:
        self._radio = radio
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._now = Pairing()

    @property
    def standing(self) -> Pairing:
        """How it stands."""
        with self._lock:
            return self._now

    def look(self, home: Home, shelf: Shelf) -> None:
        """Begin to listen around; what was there is forgotten. Raises BusyError."""
        no_night(home, shelf)
        self._begin(Pairing(Stage.LOOKING), self._looked)

    def choose(self, address: str) -> None:
        """One of those that were heard; raises InputError for another."""
        with self._lock:
            near = next((one for one in self._now.near if one.address == address), None)
            if near is None or self._now.busy:
                raise InputError(GONE)
            self._now = replace(self._now, stage=Stage.CHOSEN, chosen=near, other="", tried=None)

    def listen(self, home: Home, shelf: Shelf, use: str, name: str) -> None:
        """Begin to try the chosen one. Raises BusyError, InputError."""
        no_night(home, shelf)
        near = self._chosen()
        wanted = next((one for one in uses_of(near) if one.value == use), uses_of(near)[0])
        paired = Paired(near.family.key, near.address, shown_name(name.strip() or near.name), ROLES[wanted])
        if with_pair(read_wearables(home), paired).sensor is None:
            raise InputError(NO_SENSOR)
        begun = replace(self.standing, stage=Stage.TRYING, paired=paired, tried=None, other="")
        self._begin(begun, lambda: self._listened(near, paired, needs_heart=wanted is not Use.VIBRATION))

    def keep(self, home: Home, shelf: Shelf, *, untested: bool) -> Paired:
        """Remember the one that was tried; raises BusyError, InputError."""
        no_night(home, shelf)
        now = self.standing
        if now.busy or now.paired is None or now.tried is None or not (now.tried.worked or untested):
            raise InputError(GONE)
        write_wearables(home, with_pair(read_wearables(home), now.paired))
        self.forget()
        return now.paired

    def forget(self) -> None:
        """Begin anew; what still runs ends by itself, and is not listened to."""
        with self._lock:
            self._now, self._thread = Pairing(), None

    def wait(self, seconds: float = 60.0) -> None:
        """Until what runs is over, at most so long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _chosen(self) -> Near:
        near = self.standing.chosen
        if near is None:
            raise InputError(GONE)
        return near

    def _begin(self, begun: Pairing, work: Callable[[], None]) -> None:
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise BusyError(BUSY)
            self._now = begun
            self._thread = threading.Thread(target=self._go, args=(work,), name="pairing", daemon=True)
            self._thread.start()

    def _go(self, work: Callable[[], None]) -> None:
        try:
            work()
        except VigilError as error:
            self._failed(str(error))
        except Exception as error:  # whatever it is, the next look must be possible
            self._failed(f"something in Vigil broke ({type(error).__name__})")

    def _failed(self, why: str) -> None:
        now = self.standing
        if now.stage is Stage.TRYING:
            self._set(replace(now, stage=Stage.TRIED, tried=Tried(worked=False, why=why)))
        else:
            self._set(Pairing(failed=why))

    def _looked(self) -> None:
        near, others = sorted_out(self._radio().scan(LOOK_S))
        self._set(Pairing(Stage.FOUND, near, others))

    def _listened(self, near: Near, paired: Paired, *, needs_heart: bool) -> None:
        trial = Trial(lambda _bpm: self._set(replace(self.standing, rates=tuple(trial.rates))))
        try:
            self._radio().listen(near, TRY_S if needs_heart else TOUCH_S, trial.hear)
        except OtherFamilyError as error:
            other = replace(near, family=error.family)
            self._set(replace(self.standing, stage=Stage.CHOSEN, chosen=other, other=str(error)))
            return
        except DeviceError as error:
            self._set(replace(self.standing, stage=Stage.TRIED, tried=Tried(worked=False, why=str(error))))
            return
        worked = trial.heart_came or not needs_heart
        tried = Tried(worked, "", tuple(trial.rates), trial.worn, trial.battery_percent)
        self._set(replace(self.standing, stage=Stage.TRIED, paired=paired, tried=tried))

    def _set(self, now: Pairing) -> None:
        """Only the thread that runs last has a say: one that was forgotten is not listened to."""
        with self._lock:
            if threading.current_thread() is self._thread:
                self._now = now
