"""What else a night must know, looked at once a turn: a stop, a wish, the disk, the computer's battery, the local time.

Each notice is a function from an instant to inputs; it says a thing once when it begins and once when it is over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.domain.records import Event, Held, Mark, Marked, Released
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_S
from vigil.run.ports import boot_now_ns
from vigil.run.power import Power
from vigil.run.wall_time import SANE_FROM_MS, SANE_UNTIL_MS, zone_min
from vigil.store.asked import Wish, taken
from vigil.store.ballast import LEAST_MB
from vigil.store.hold import Hold, mark_of, read_hold, write_hold
from vigil.store.hold import Mark as FileMark

Notice = Callable[[int], Sequence[Event]]

EVERY_NS = NS_PER_MINUTE
"""How often disk, battery and zone are looked at: none of them changes faster than matters. Our choice."""

ENOUGH_MB = 2 * LEAST_MB
"""The disk counts as fit again only well above the mark, so that it does not go back and forth."""

EVENING_H = 18
LEAST_HOLD_H = 3
"""A stop "for the night" ends at the next six in the evening that is at least three hours away. Our choice."""


def next_evening_ms(wall_ms: int, zone_min: int) -> int:
    """When a stop for the night ends, UTC in ms since 1970; raises OverflowError for a clock beyond all calendars."""
    local = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=wall_ms, minutes=zone_min)
    evening = local.replace(hour=EVENING_H, minute=0, second=0, microsecond=0)
    while evening - local < timedelta(hours=LEAST_HOLD_H):
        evening += timedelta(days=1)
    return wall_ms + round((evening - local) / timedelta(milliseconds=1))


def for_the_night_ms(wall_ms: int) -> int | None:
    """When a stop for the night ends; None, until a person ends it, with a clock that cannot be believed."""
    return next_evening_ms(wall_ms, zone_min(wall_ms)) if _sane(wall_ms) else None


def _sane(wall_ms: int) -> bool:
    return SANE_FROM_MS <= wall_ms <= SANE_UNTIL_MS


class StopFile:
    """The stop that outlives everything (`store/hold.py`), as the night sees it.

    A stop with an end is over when both clocks say so: a wall clock that jumps ahead ends nothing. It lasts its whole
    length on the boot clock from where this process first saw it; what stood already when the process began lasts as
    long as the wall clock says, if that can be believed.
    """

    def __init__(self, path: Path, wall_ms: Callable[[], int], boot_ns: Callable[[], int] = boot_now_ns) -> None:
        self._path = path
        self._wall_ms = wall_ms
        self._boot_ns = boot_ns
        self._told = False
        self._writing = False
        self._here: tuple[FileMark | None] | None = None
        self.pressed = False
        """there is no place for a stop: one stands for as long as this process runs"""
        hold, now_ms = read_hold(path).hold, wall_ms()
        self._seen = self._lasting(hold, now_ms if _sane(now_ms) else None)

    def stands(self) -> bool:
        """Whether a stop stands now. Never raises; safe in any thread."""
        if self.pressed or self._writing or self._stands_here():
            return True
        state, (hold, until_ns) = read_hold(self._path), self._seen
        if state.hold != hold:
            hold, until_ns = self._seen = self._lasting(state.hold, None)
        now_ms = self._wall_ms()
        return state.lasts(now_ms if _sane(now_ms) else None) or (hold is not None and self._boot_ns() < until_ns)

    def _stands_here(self) -> bool:
        """Whether one was pressed that could not be written down, and nobody has written to the file since.

        Ending a stop is writing to the file; what it says then goes on to be looked at.
        """
        here = self._here
        if here is None:
            return False
        (before,) = here
        return before is None or mark_of(self._path) in (None, before)

    def _lasting(self, hold: Hold | None, now_ms: int | None) -> tuple[Hold | None, int]:
        """A stop and until when it lasts on the boot clock, if it has an end: its length, or what is left of it.

        One that was pressed by a clock that cannot have been right (a computer that lost its time) says nothing of
        when it ends, only of how long it lasts.
        """
        if hold is None or hold.until_wall_ms is None:
            return hold, 0
        since_ms = hold.since_wall_ms
        left_ms = hold.until_wall_ms - (now_ms if now_ms is not None and _sane(since_ms) else since_ms)
        return hold, self._boot_ns() + left_ms * NS_PER_MS

    def press(self, until_wall_ms: int | None) -> None:
        """Stop; raises StoreError if it could not be written down, and then it stands as after `press_here`."""
        self._writing = True
        try:
            write_hold(self._path, Hold(until_wall_ms, self._wall_ms()))
        except StoreError:
            self.press_here()
            raise
        finally:
            self._writing = False

    def press_here(self) -> None:
        """Stop, without writing it down: until somebody ends it, or this process. Never raises; safe in a signal."""
        self._here = (mark_of(self._path),)

    def press_for_the_night(self) -> None:
        """Stop until the next evening, as it is told when stop is pressed; raises StoreError as `press`."""
        self.press(for_the_night_ms(self._wall_ms()))

    def told(self, *, held: bool, proven: bool = True) -> None:
        """What a night that is gone on with was told last. proven: the wall clock says truly how long that is ago."""
        self._told = held
        if held and not proven:
            self._seen = self._lasting(self._seen[0], None)

    def notices(self, at_ns: int) -> list[Event]:
        """See `Notice`."""
        told, self._told = self._told, self.stands()
        if self._told is told:
            return []
        return [Held(at_ns)] if self._told else [Released(at_ns)]


MARKS = {Wish.AWAKE: Mark.AWAKE, Wish.BAD_DREAM: Mark.BAD_DREAM}
"""What the page can mark, as the wearable can."""

COARSE_NS = 3 * NS_PER_S
"""No file system that Vigil is kept on tells two changes of a folder apart worse than this (FAT: two seconds)."""


def end_in_order() -> None:
    """End the night that is being lived in this very task, as one Ctrl-C does: at its next wait."""
    task = asyncio.current_task()
    if task is not None:
        # Not at once: a task that has nothing left to wait for would be cancelled all the same, at its own end.
        asyncio.get_running_loop().call_soon(task.cancel)


def _wall_ns() -> int:
    return time.time_ns()


class Wishes:
    """What the sleeper asks of the night from the page (`store/asked.py`), as the night sees it. Never raises.

    end: called once, at the turn in which good morning was said. wall_ns: the clock that the file system goes by.
    """

    def __init__(
        self, folder: Path, end: Callable[[], None] = end_in_order, wall_ns: Callable[[], int] = _wall_ns
    ) -> None:
        self._folder, self._end, self._wall_ns = folder, end, wall_ns
        self._looked: int | None = None
        self._ended = False

    def forget(self) -> None:
        """What was asked before a night began is not meant for it."""
        taken(self._folder, self._wall_ns() // NS_PER_MS)

    def notices(self, at_ns: int) -> list[Event]:
        """See `Notice`."""
        if not self._changed():
            return []
        wishes = taken(self._folder, self._wall_ns() // NS_PER_MS)
        if Wish.END in wishes and not self._ended:
            self._ended = True
            self._end()
        return [Marked(at_ns, MARKS[wish]) for wish in wishes if wish in MARKS]

    def _changed(self) -> bool:
        """Whether the folder changed since the last look, or so lately that one more change might not show."""
        try:
            changed_ns = self._folder.stat().st_mtime_ns
        except OSError:
            return False
        if changed_ns == self._looked:
            return False
        self._looked = changed_ns if abs(self._wall_ns() - changed_ns) > COARSE_NS else None
        return True


@dataclass(slots=True)
class HouseWatch:
    """Disk, battery and local time. Each function may raise StoreError or say None where nothing is known."""

    free_mb: Callable[[], int]
    power: Callable[[], Power]
    zone_min: Callable[[], int]
    lasting: set[TroubleKind] = field(default_factory=set)
    zone: int | None = None
    next_ns: int | None = None

    def notices(self, at_ns: int) -> list[Event]:
        """See `Notice`."""
        if self.next_ns is not None and at_ns < self.next_ns:
            return []
        self.next_ns = at_ns + EVERY_NS
        return [*self._disk(at_ns), *self._battery(at_ns), *self._zone(at_ns)]

    def _disk(self, at_ns: int) -> list[Event]:
        with suppress(StoreError):  # a disk that does not answer shows at the next commit
            free = self.free_mb()
            bound = ENOUGH_MB if TroubleKind.DISK_LOW in self.lasting else LEAST_MB
            return self._say(at_ns, TroubleKind.DISK_LOW, free, lasts=free < bound)
        return []

    def _battery(self, at_ns: int) -> list[Event]:
        power = self.power()
        return self._say(at_ns, TroubleKind.COMPUTER_BATTERY, power.percent or 0, lasts=power.low)

    def _zone(self, at_ns: int) -> list[Event]:
        before, self.zone = self.zone, self.zone_min()
        if before is None or before == self.zone:
            return []
        return [Trouble(at_ns, TroubleKind.ZONE_CHANGED, self.zone - before)]

    def _say(self, at_ns: int, kind: TroubleKind, value: int, *, lasts: bool) -> list[Event]:
        if lasts is (kind in self.lasting):
            return []
        self.lasting ^= {kind}
        return [Trouble(at_ns, kind, value, over=not lasts)]


def together(*notices: Notice) -> Notice:
    """Several notices as one, in their order."""
    return lambda at_ns: [event for notice in notices for event in notice(at_ns)]
