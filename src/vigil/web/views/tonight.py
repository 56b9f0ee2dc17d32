"""Tonight in words: how it stands, as the person in bed reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum

from vigil.app.bedside import LOW_PERCENT
from vigil.app.how_it_stands import NightStanding
from vigil.domain.records import Mode
from vigil.domain.troubles import FORBIDDING
from vigil.store.live_state import Link, LiveState
from vigil.web.words import Words

NIGHT_MS = 24 * 3_600_000
"""A night that broke off longer ago is a thing of the mornings, not of tonight."""


FALLING_ASLEEP_MS = 45 * 60_000
"""Whoever was awake since lights-out did not wake. Longer than most take to fall asleep. Our choice."""


class Marked(Enum):
    """What this very page has just passed on."""

    AWAKE = "awake"
    BAD_DREAM = "bad_dream"
    NOBODY = "nobody"
    """nothing: no night is being watched"""
    END = "end"
    RELEASED = "released"
    CALL = "call"

    @property
    def is_awake(self) -> bool:
        """Whether whoever did this is awake and may want company."""
        return self not in {Marked.END, Marked.RELEASED}


@dataclass(frozen=True, slots=True)
class TonightSeen:
    """The page. lines: of one sentence or two each, the most important first. clock: hidden unless it is wanted.

    stopped: nothing may be done, and the button ends that. awake: whether it is said that somebody is still here.
    call: who may be asked to call, "" for nobody; called: it was asked. over: a night came to its end not long ago.
    """

    watching: bool
    over: bool
    lines: tuple[str, ...]
    clock: tuple[str, ...]
    stopped: bool
    awake: bool
    call: str
    called: bool

    def as_plain(self) -> dict[str, object]:
        """For the script that keeps the page up to date."""
        return asdict(self)


def tonight_seen(standing: NightStanding, words: Words, trusted: str = "", *, marked: bool = False) -> TonightSeen:
    """What is shown. trusted: who may be asked to call, "" for nobody. marked: on this page, just now."""
    live = standing.live
    return TonightSeen(
        watching=live is not None,
        over=_lately(standing) and not standing.broke_off and standing.down is None,
        lines=tuple(_lines(standing, words, trusted)),
        clock=() if live is None else tuple(_clock(standing, live, words)),
        stopped=standing.stopped,
        awake=marked or (standing.awake and live is not None and _has_slept(standing, live)),
        call=trusted,
        called=standing.call_wall_ms is not None,
    )


def _has_slept(standing: NightStanding, live: LiveState) -> bool:
    """Whether being awake is a waking, or was said by hand."""
    return live.mark is not None or standing.now_wall_ms - live.began_wall_ms >= FALLING_ASLEEP_MS


def local_time(words: Words, wall_ms: int) -> str:
    """Hours and minutes of an instant (UTC in ms since 1970), by this computer's zone."""
    return words.time(datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone())


def _lines(standing: NightStanding, words: Words, trusted: str) -> Iterator[str]:
    live = standing.live
    if live is None:
        yield from _unwatched(standing, words)
    else:
        yield words("tonight.since", time=local_time(words, live.began_wall_ms))
    yield from _stop(standing, words)
    if live is not None:
        yield from _watched(standing, live, words)
    if standing.call_wall_ms is not None and trusted:
        yield words("tonight.call_wished", time=local_time(words, standing.call_wall_ms), name=trusted)


def _unwatched(standing: NightStanding, words: Words) -> Iterator[str]:
    until_ms, lately = standing.watched_until_wall_ms, _lately(standing)
    yield words("tonight.not_watching")
    if standing.down is not None:
        yield f"{standing.down.words}."
    elif lately and until_ms is not None:
        key = "tonight.broke_off" if standing.broke_off else "tonight.last_until"
        yield words(key, time=local_time(words, until_ms))
    if not (lately and standing.broke_off):
        yield words("tonight.to_begin")


def _lately(standing: NightStanding) -> bool:
    """Whether none is watched, and one was not long ago."""
    until_ms = standing.watched_until_wall_ms
    return until_ms is not None and 0 <= standing.now_wall_ms - until_ms < NIGHT_MS


def _stop(standing: NightStanding, words: Words) -> Iterator[str]:
    if not standing.stopped:
        return
    if standing.stop_why:
        yield f"{standing.stop_why[:1].upper()}{standing.stop_why[1:]}."
    elif standing.stopped_until_wall_ms is None:
        yield words("tonight.stopped")
    else:
        yield words("tonight.stopped_until", time=local_time(words, standing.stopped_until_wall_ms))


def _watched(standing: NightStanding, live: LiveState, words: Words) -> Iterator[str]:
    if live.mode is Mode.WATCH_ONLY and not standing.stopped:
        yield words("tonight.only_watches")
    yield _link(live, words)
    if live.link is Link.HEARD and live.contact is False:
        yield words("tonight.off_wrist")
    elif live.link is Link.HEARD and standing.signal_lost_wall_ms is not None:
        yield words("tonight.signal_lost", time=local_time(words, standing.signal_lost_wall_ms))
    if live.battery_percent is not None:
        key = "tonight.battery_low" if live.battery_percent < LOW_PERCENT else "tonight.battery"
        yield words(key, percent=live.battery_percent)
    for kind in live.troubles:
        if kind in FORBIDDING:
            yield words(f"tonight.trouble_{kind.value}")
    if live.mode is Mode.ON:
        yield words("tonight.nudges", n=live.nudges) if live.nudges else words("tonight.no_nudges")


def _link(live: LiveState, words: Words) -> str:
    return words(f"tonight.{live.link.value}", time=local_time(words, live.link_since_wall_ms))


def _clock(standing: NightStanding, live: LiveState, words: Words) -> Iterator[str]:
    yield words("tonight.clock_is", time=local_time(words, standing.now_wall_ms))
    yield words(f"tonight.stage_{live.stage.value}")
    if live.ends_wall_ms is not None:
        yield words("tonight.ends_by", time=local_time(words, live.ends_wall_ms))
