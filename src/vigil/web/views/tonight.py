"""Tonight in words: how it stands, as the person in bed reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum

from vigil.app.beginning import Beginning, Phase
from vigil.app.how_it_stands import NightStanding
from vigil.app.kept_so_far import GOES_ON_S
from vigil.app.trusted import Calling, Told, Wish
from vigil.domain.records import Mode
from vigil.domain.troubles import FORBIDDING
from vigil.night.account_events import LOW_PERCENT
from vigil.store.live_state import Link, LiveState
from vigil.web.views.said_links import linked
from vigil.web.words import Words

NIGHT_MS = 24 * 3_600_000
"""A night that broke off longer ago is a thing of the mornings, not of tonight."""


FALLING_ASLEEP_MS = 45 * 60_000
"""Whoever was awake since lights-out did not wake. Longer than most take to fall asleep. Our choice."""

MORNING_MS = 6 * 3_600_000
"""So long after a night its morning comes before the next one. Our choice."""

DAWN_H = 6
"""A stop that ends the same evening is one for the night only if it is still night. Our choice."""

NONE_BEGUN, NO_CALL = Beginning(), Calling()

_ASIDE = re.compile(r" \(|;")

_WISHES = {
    Told.SHOWN: "tonight.call_shown",
    Told.SENT: "tonight.call_sent",
    Told.SENDING: "tonight.call_sending",
    Told.WAITS: "tonight.call_waits",
    Told.UNTOLD: "tonight.call_untold",
    Told.NOBODY: "tonight.call_nobody",
}


class Marked(Enum):
    """What this very page has just passed on."""

    AWAKE = "awake"
    BAD_DREAM = "bad_dream"
    NOBODY = "nobody"
    """nothing: no night is being watched"""
    END = "end"
    RELEASED = "released"
    CALL = "call"
    LOCKED = "locked"
    BUSY = "busy"
    NOT_STARTED = "not_started"

    @property
    def is_awake(self) -> bool:
        """Whether whoever did this is awake and may want company."""
        return self in {Marked.AWAKE, Marked.BAD_DREAM, Marked.NOBODY, Marked.CALL}


@dataclass(frozen=True, slots=True)
class TonightSeen:
    """The page. lines: of one sentence or two each, the most important first. clock: hidden unless it is wanted.

    stopped: nothing may be done, and the button ends that. awake: whether it is said that somebody is still here.
    ask: the button of a call, or of somebody who could be asked; called: it was asked, and the button takes that back;
    wish: what became of it, in words; untold: there is no reason to wait for a call. over: a night came to its end not
    long ago; morning: so lately that this comes first. begin: what the button says that begins a night, "" where there
    is none. ahead, ahead_is: the stop of a night that nobody watches yet, and what it means. is_ready: whether there is
    a way to bedtime. first: what the night that is watched said when it began. pair: a wearable has to be paired before
    a night can begin.
    """

    watching: bool
    over: bool
    lines: tuple[str, ...]
    clock: tuple[str, ...]
    stopped: bool
    awake: bool
    ask: str
    called: bool
    wish: str
    untold: bool
    morning: bool
    begin: str
    ahead: str
    ahead_is: str
    is_ready: bool
    first: tuple[str, ...] = ()
    pair: bool = False

    def as_plain(self) -> dict[str, object]:
        """For the script that keeps the page up to date."""
        return asdict(self)


def tonight_seen(
    standing: NightStanding,
    words: Words,
    calling: Calling = NO_CALL,
    *,
    now_ms: int,
    marked: bool = False,
    begun: Beginning = NONE_BEGUN,
    stops_until_ms: int | None = None,
) -> TonightSeen:
    """What is shown. calling: who may be asked, and what became of it. marked: on this page, just now.

    now_ms: this instant by the computer, UTC in ms since 1970. begun: the night that was asked for last.
    stops_until_ms: when a stop for the night would end, None for when a person ends it.
    """
    live, wish = standing.live, calling.wish
    over = _lately(standing) and not standing.broke_off and standing.down is None
    begin = "" if live is not None or begun.goes_on else words(f"tonight.{'go_on' if _goes_on(standing) else 'begin'}")
    ahead, ahead_is = _ahead(words, now_ms, stops_until_ms)
    return TonightSeen(
        watching=live is not None,
        over=over,
        lines=tuple(_lines(standing, words, begun, now_ms)),
        clock=() if live is None else tuple(_clock(standing, live, words)),
        stopped=standing.stopped,
        awake=marked or (standing.awake and live is not None and _has_slept(standing, live)),
        ask=_ask(words, calling.name, called=wish is not None),
        called=wish is not None,
        wish="" if wish is None else _wish(words, wish),
        untold=wish is not None and not wish.rings,
        morning=over and _since(standing, MORNING_MS),
        begin=begin,
        ahead=ahead,
        ahead_is=ahead_is,
        is_ready=live is None or _deprived(live),
    )


def said_words(lines: Iterable[str], words: Words) -> tuple[str, ...]:
    """What a night says to a terminal, for whoever reads it on a page: a command is called as the page that does it."""
    return tuple("".join(words(part.key) if part.href else part.text for part in linked(line)) for line in lines)


def _ahead(words: Words, now_ms: int, until_ms: int | None) -> tuple[str, str]:
    """The button of a stop before a night, and what it means: never more than it does."""
    if until_ms is None:
        return words("tonight.ahead"), words("tonight.ahead_open")
    key, time = _day(now_ms, until_ms), local_time(words, until_ms)
    tonight = key == "tomorrow" or local(now_ms).hour < DAWN_H
    return words("tonight.ahead" if tonight else "tonight.ahead_evening"), words(f"tonight.ahead_{key}", time=time)


def _day(now_ms: int, until_ms: int) -> str:
    """Whether a stop ends today or not before tomorrow: its time alone, read in the evening, would be past."""
    return "same" if local(until_ms).date() == local(now_ms).date() else "tomorrow"


def _ask(words: Words, trusted: str, *, called: bool) -> str:
    if called:
        return words("tonight.take_back")
    return words("tonight.ask_call", name=trusted) if trusted else words("tonight.ask_somebody")


def _wish(words: Words, wish: Wish) -> str:
    """No more than is known: a sentence for each thing that can have become of it."""
    said = words(_WISHES[wish.told], time=local_time(words, wish.wall_ms), name=wish.name)
    why = _ASIDE.split(wish.why)[0]  # what is to be mended stands whole where it is mended, for the day
    return f"{said} {words('tonight.call_why', why=why)}" if why else said


def _has_slept(standing: NightStanding, live: LiveState) -> bool:
    """Whether being awake is a waking, or was said by hand."""
    return live.mark is not None or standing.now_wall_ms - live.began_wall_ms >= FALLING_ASLEEP_MS


def local_time(words: Words, wall_ms: int) -> str:
    """Hours and minutes of an instant (UTC in ms since 1970), by this computer's zone."""
    return words.time(local(wall_ms))


def local(wall_ms: int) -> datetime:
    """An instant (UTC in ms since 1970) by this computer's zone."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone()


def _lines(standing: NightStanding, words: Words, begun: Beginning, now_ms: int) -> Iterator[str]:
    live = standing.live
    if live is None and begun.goes_on:
        yield words(f"tonight.{begun.phase.value}", time=local_time(words, begun.wall_ms))
    elif live is None:
        yield from _unwatched(standing, words, begun)
    else:
        yield words("tonight.since", time=local_time(words, live.began_wall_ms))
    yield from _stop(standing, words, now_ms)
    if live is not None:
        yield from _watched(standing, live, words)


def _unwatched(standing: NightStanding, words: Words, begun: Beginning) -> Iterator[str]:
    until_ms = standing.watched_until_wall_ms
    yield words("tonight.not_watching")
    if begun.phase is Phase.OVER:
        key = "tonight.not_begun" if begun.words else "tonight.not_begun_silent"
        yield words(key, time=local_time(words, begun.wall_ms), words=begun.words)
        yield words("tonight.look_and_try")
    if standing.down is not None:
        yield f"{standing.down.words}."
    elif until_ms is not None and _lately(standing):
        key = "tonight.broke_off" if standing.broke_off else "tonight.last_until"
        yield words(key, time=local_time(words, until_ms))
        if _goes_on(standing):
            yield words("tonight.goes_on")


def _goes_on(standing: NightStanding) -> bool:
    """Whether a night that is begun now is the one that broke off."""
    return standing.broke_off and _since(standing, GOES_ON_S * 1000)


def _lately(standing: NightStanding) -> bool:
    """Whether none is watched, and one was not long ago."""
    return _since(standing, NIGHT_MS)


def _since(standing: NightStanding, most_ms: int) -> bool:
    """Whether none is watched, and one was less than so long ago."""
    until_ms = standing.watched_until_wall_ms
    return until_ms is not None and 0 <= standing.now_wall_ms - until_ms < most_ms


def _stop(standing: NightStanding, words: Words, now_ms: int) -> Iterator[str]:
    if not standing.stopped:
        return
    if standing.stop_why:
        yield f"{standing.stop_why[:1].upper()}{standing.stop_why[1:]}."
    elif standing.stopped_until_wall_ms is None:
        yield words("tonight.stopped")
    else:
        until_ms = standing.stopped_until_wall_ms  # by the computer's clock, as the stop itself
        yield words(f"tonight.stopped_{_day(now_ms, until_ms)}", time=local_time(words, until_ms))


def _watched(standing: NightStanding, live: LiveState, words: Words) -> Iterator[str]:
    if live.mode is Mode.WATCH_ONLY and not standing.stopped:
        yield words("tonight.only_watches")
    if _deprived(live) and not standing.stopped:
        yield _no_output(live, words)
    yield _link(live, words)
    if live.link is Link.HEARD and live.contact is False:
        yield words("tonight.off_wrist")
    elif live.link is Link.HEARD and standing.signal_lost_wall_ms is not None:
        yield words("tonight.signal_lost", time=local_time(words, standing.signal_lost_wall_ms))
    if live.battery_percent is not None:
        key = "tonight.battery_low" if live.battery_percent <= LOW_PERCENT else "tonight.battery"
        yield words(key, percent=live.battery_percent)
    for kind in live.troubles:
        if kind in FORBIDDING:
            yield words(f"tonight.trouble_{kind.value}")
    if live.mode is Mode.ON:
        yield words("tonight.nudges", n=live.nudges) if live.nudges else words("tonight.no_nudges")


def _deprived(live: LiveState) -> bool:
    """Whether a night that may nudge has nothing to do it with (reliability F10)."""
    return live.mode is Mode.ON and not any(usable for _, usable in live.outputs)


def _no_output(live: LiveState, words: Words) -> str:
    if not live.outputs:
        return words("tonight.none_set_up")
    return words("tonight.no_output", what=", ".join(words(f"tonight.output_{one.value}") for one, _ in live.outputs))


def _link(live: LiveState, words: Words) -> str:
    return words(f"tonight.{live.link.value}", time=local_time(words, live.link_since_wall_ms))


def _clock(standing: NightStanding, live: LiveState, words: Words) -> Iterator[str]:
    yield words("tonight.clock_is", time=local_time(words, standing.now_wall_ms))
    yield words(f"tonight.stage_{live.stage.value}")
    if live.ends_wall_ms is not None:
        yield words("tonight.ends_by", time=local_time(words, live.ends_wall_ms))
