"""A running night tells whoever looks on how it stands (`store/live_state.py`), at once when something changes.

To tell is never a reason to watch worse: what cannot be written is let be, and tried again at the next turn.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

from vigil.app.night_so_far import NightSoFar
from vigil.domain.nudges import EpisodeKind
from vigil.domain.records import Held, Input, Marked, NightBegan, NightEnded, NightOutput, Released, Restarted
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.run.boot_id import boot_id
from vigil.run.ports import Source
from vigil.store.live_state import LIVE_NAME, Link, LiveState, read, write

EVERY_NS = 5 * NS_PER_S
"""Told so often when nothing changes, so that a reader knows that it is still so. A third of `FRESH_MS`."""

LEAST_NS = NS_PER_S // 5
"""Not told more often than this by itself: a night at a hundred times the speed of life changes all the time."""

_AT_ONCE = (NightBegan, Restarted, NightEnded, Marked, Held, Released)


def _wall_ms() -> int:
    return time.time_ns() // NS_PER_MS


@dataclass(frozen=True, slots=True)
class Times:
    """The real clocks, whatever speed the night has. mono_ns never steps; wall_ms is UTC."""

    mono_ns: Callable[[], int] = time.monotonic_ns
    wall_ms: Callable[[], int] = _wall_ms


@dataclass(frozen=True, slots=True)
class About:
    """What is told beside what passes by. outputs: which the night has. ends_ns: from lights-out, where it is known."""

    pid: int
    boot_id: str
    outputs: tuple[Output, ...] = ()
    ends_ns: int | None = None


class Telling:
    """A listener that tells how the night stands. `turn` is called after each turn; nothing it does raises."""

    def __init__(
        self, folder: Path, source: Source, outputs: Iterable[Output] = (), times: Times | None = None
    ) -> None:
        self._path = folder / LIVE_NAME
        self._source, self._outputs = source, tuple(outputs)
        self._times = Times() if times is None else times
        self._here = boot_id()
        before = read(self._path)
        self._number = 0 if before is None else before.number
        self._night = NightSoFar()
        self._told: tuple[LiveState, int] | None = None

    def note(self, record: Input | NightOutput) -> None:
        """Know of one input or output, without telling: of a time that was before."""
        self._night.note(record)

    def __call__(self, record: Input | NightOutput) -> None:
        """See one input or output go by."""
        self._night.note(record)
        if isinstance(record, _AT_ONCE):
            with suppress(Exception):  # a view must never end a night, whatever is wrong with it
                self._tell(self._state())

    def turn(self) -> None:
        """A turn is over: tell, if something is to be told."""
        with suppress(Exception):  # see `__call__`
            since_ns = None if self._told is None else self._times.mono_ns() - self._told[1]
            if since_ns is not None and since_ns < LEAST_NS:
                return
            state = self._state()
            if since_ns is None or since_ns >= EVERY_NS or self._told is None or _differs(state, self._told[0]):
                self._tell(state)

    def _state(self) -> LiveState:
        about = About(os.getpid(), self._here, self._outputs, self._source.ends_ns)
        return live_state(self._night, about, self._times.wall_ms(), self._number + 1)

    def _tell(self, state: LiveState) -> None:
        write(self._path, state)
        self._number = state.number
        self._told = state, self._times.mono_ns()


def _differs(state: LiveState, told: LiveState) -> bool:
    """Whether anything but time and the heart's next value is new."""
    return bool(_LASTING(state) != _LASTING(told))


_PASSING = {"now_wall_ms", "told_wall_ms", "number", "heart_bpm_x10", "heart_ago_ms"}
_LASTING = attrgetter(*(field.name for field in fields(LiveState) if field.name not in _PASSING))


def live_state(night: NightSoFar, about: About, told_wall_ms: int, number: int) -> LiveState:
    """The night as it stands, as it is told. See `LiveState`; a night without a clock is taken to be now.

    At its end the heart rate is left out: what was watched is with the night, and nothing of it lies about.
    """
    began_ms = night.began.wall_ms
    if began_ms is None:
        began_ms = max(0, told_wall_ms - (night.now_ns - night.began_ns) // NS_PER_MS)

    def wall(at_ns: int) -> int:
        return max(0, began_ms + (at_ns - night.began_ns) // NS_PER_MS)

    heart = None if night.heart_bpm is None or night.ended else round(night.heart_bpm * 10)
    return LiveState(
        pid=about.pid,
        boot_id=about.boot_id,
        night=night.began.night,
        began_wall_ms=began_ms,
        now_wall_ms=wall(night.now_ns),
        told_wall_ms=told_wall_ms,
        number=number,
        mode=night.began.mode,
        state=night.state,
        link=_link(night),
        link_since_wall_ms=wall(night.linked_ns),
        quality=night.quality,
        quality_since_wall_ms=wall(night.quality_ns),
        heart_bpm_x10=heart,
        heart_ago_ms=None if heart is None else max(0, night.now_ns - night.heart_ns) // NS_PER_MS,
        contact=night.contact,
        battery_percent=night.battery,
        outputs=tuple((one, one not in night.unusable) for one in about.outputs),
        held=night.held,
        mark=None if night.mark is None else night.mark.mark,
        mark_wall_ms=None if night.mark is None else wall(night.mark.at_ns),
        nudges=night.nudges,
        nudge_wall_ms=None if night.nudge is None else wall(night.nudge.at_ns),
        episode=night.kind is EpisodeKind.NIGHTMARE_LIKE and not night.ended,
        episode_wall_ms=None if night.episode_ns is None else wall(night.episode_ns),
        stage=night.stage,
        troubles=tuple(night.troubles),
        ends_wall_ms=None if about.ends_ns is None else wall(night.began_ns + about.ends_ns),
        ended=night.ended,
    )


def _link(night: NightSoFar) -> Link:
    if night.heard_ns is None:
        return Link.NEVER
    return Link.HEARD if night.lost_ns is None else Link.LOST


def after_turn(*doings: Callable[[], None]) -> Callable[[], None]:
    """Several things that are done after each turn, in their order."""

    def do() -> None:
        for doing in doings:
            doing()

    return do
