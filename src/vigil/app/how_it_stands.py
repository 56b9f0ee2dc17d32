"""How it stands tonight, for the sleeper's page and for the one who follows: read from files, with nothing asked.

It needs no database: what the night process told last, whether somebody has the store, the stop, the wish to be
called, and the word of a Vigil that stayed down. `standing_of` is the pure part; `for_follower` is all that may leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vigil.app.arming import HOLD_NAME
from vigil.app.home import Home, Shelf
from vigil.app.stayed_down import Down, read_down
from vigil.app.wiring import LOCK_NAME
from vigil.control.guard import AWAKE_MARK_NS
from vigil.domain.records import Mark
from vigil.domain.samples import Quality
from vigil.domain.units import NS_PER_MS
from vigil.run.lost_signal import LOST_NS
from vigil.run.wall_time import zone_min
from vigil.store.calls import CALLS_NAME, asked_to_call
from vigil.store.hold import NOT_HELD, HoldState, read_hold
from vigil.store.live_state import LIVE_NAME, LiveState, alive, read
from vigil.store.lock import holder_of

NOON_H = 12

AWAKE_MARKS = frozenset({Mark.AWAKE, Mark.BAD_DREAM})
"""Whoever pressed one of these was awake; *stop* is also pressed before going to bed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the files say, as read. call_wall_ms: when a call was wished last, UTC in ms since 1970."""

    live: LiveState | None = None
    lock_holder: str = ""
    stop: HoldState = NOT_HELD
    down: Down | None = None
    call_wall_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NightStanding:
    """How it stands at an instant. Instants are UTC ms since 1970; those of the night on its own clock (`LiveState`).

    now_wall_ms: this instant on the night's clock. live: what is told of the night, only while it is watched.
    watched_until_wall_ms: when a night was last watched, where none is now and that is known. stopped: nothing may be
    done; stopped_until_wall_ms: None while a person must end it; stop_why: in words, where the stop cannot be read and
    therefore stands. awake: the sleeper marked it not long ago, or the last epoch was scored so. signal_lost_wall_ms:
    since when no good signal came, where that is so for ten minutes. call_wall_ms, episode_wall_ms: when a call was
    wished, and when what looked like a nightmare last began, each until the noon after it. broke_off: the last night is
    not watched any more, and did not come to an end.
    """

    now_wall_ms: int
    live: LiveState | None = None
    watched_until_wall_ms: int | None = None
    stopped: bool = False
    stopped_until_wall_ms: int | None = None
    stop_why: str = ""
    awake: bool = False
    signal_lost_wall_ms: int | None = None
    call_wall_ms: int | None = None
    episode_wall_ms: int | None = None
    down: Down | None = None
    broke_off: bool = False

    @property
    def watching(self) -> bool:
        """Whether a night is being watched."""
        return self.live is not None


@dataclass(frozen=True, slots=True)
class Since:
    """Whether something is so, and since when, UTC in ms since 1970; no time where it is not."""

    so: bool
    wall_ms: int | None = None

    @classmethod
    def when(cls, wall_ms: int | None) -> Since:
        """So since then, or not so."""
        return cls(wall_ms is not None, wall_ms)


@dataclass(frozen=True, slots=True)
class ForFollower:
    """All that can ever leave, and nothing else has a place in it.

    A Vigil that is off, was meant to be off, or is out of reach is the same here: not watching, without a time.
    """

    watching: Since
    asked_to_call: Since
    signal_lost: Since
    episode: Since


def how_it_stands(home: Home, shelf: Shelf, now_wall_ms: int) -> NightStanding:
    """How it stands in one store now (UTC in ms since 1970, as the computer believes). Never raises."""
    folder = home.shelf(shelf)
    found = Found(
        read(folder / LIVE_NAME),
        holder_of(folder / LOCK_NAME),
        read_hold(folder / HOLD_NAME),
        read_down(folder),
        asked_to_call(folder / CALLS_NAME),
    )
    return standing_of(found, now_wall_ms, zone_min(now_wall_ms))


def standing_of(found: Found, now_wall_ms: int, zone_min: int) -> NightStanding:
    """What follows from what was found. zone_min: minutes by which local time is ahead of UTC."""
    told = found.live
    live = told if alive(told, now_wall_ms, found.lock_holder) else None
    now_ms = now_wall_ms if told is None else told.now_wall_ms + now_wall_ms - told.told_wall_ms
    hold = found.stop.hold
    lasts = found.stop.lasts(now_wall_ms)
    episode_ms = None if told is None else told.episode_wall_ms
    return NightStanding(
        now_wall_ms=now_ms,
        live=live,
        watched_until_wall_ms=None if live is not None or told is None else told.now_wall_ms,
        stopped=lasts or (live is not None and live.held),
        stopped_until_wall_ms=hold.until_wall_ms if lasts and hold is not None else None,
        stop_why=found.stop.why,
        awake=live is not None and _awake(live, now_ms),
        signal_lost_wall_ms=None if live is None else _lost_since(live, now_ms),
        call_wall_ms=_until_noon(found.call_wall_ms, now_wall_ms, zone_min),
        episode_wall_ms=_until_noon(episode_ms, now_ms, zone_min),
        down=None if live is not None else found.down,
        broke_off=live is None and told is not None and not told.ended,
    )


def for_follower(standing: NightStanding) -> ForFollower:
    """What may leave, whatever was chosen of it."""
    return ForFollower(
        watching=Since.when(None if standing.live is None else standing.live.began_wall_ms),
        asked_to_call=Since.when(standing.call_wall_ms),
        signal_lost=Since.when(standing.signal_lost_wall_ms),
        episode=Since.when(standing.episode_wall_ms),
    )


def _awake(live: LiveState, now_ms: int) -> bool:
    """For as long after a mark as the guard lets nobody be nudged."""
    marked = live.mark in AWAKE_MARKS and live.mark_wall_ms is not None
    return live.awake or (marked and now_ms - (live.mark_wall_ms or 0) < AWAKE_MARK_NS // NS_PER_MS)


def _lost_since(live: LiveState, now_ms: int) -> int | None:
    """Since when there is no good signal, once whoever was chosen would be told of it (`run/lost_signal.py`)."""
    since_ms = live.quality_since_wall_ms
    lost = live.quality is not Quality.GOOD and now_ms - since_ms >= LOST_NS // NS_PER_MS
    return since_ms if lost else None


def _until_noon(wall_ms: int | None, now_ms: int, zone_min: int) -> int | None:
    """The instant, unless a local noon has come since; one still ahead (the clock was set back) counts as now."""
    if wall_ms is None:
        return None
    try:
        local = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=wall_ms, minutes=zone_min)
        noon = local.replace(hour=NOON_H, minute=0, second=0, microsecond=0)
        noon += timedelta(days=noon <= local)
    except OverflowError:  # a clock beyond all calendars
        return None
    return wall_ms if now_ms < wall_ms + (noon - local) / timedelta(milliseconds=1) else None
