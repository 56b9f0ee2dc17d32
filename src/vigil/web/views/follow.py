"""The sleeper's page about the one who follows, as it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from vigil.store.follow import GRANTS, Grants, Invited, Look
from vigil.store.follow_settings import FollowSettings
from vigil.web.views.sentences import sentence
from vigil.web.views.tonight import local_time
from vigil.web.words import Words

MINUTE_MS = 60_000

MOST_LOOKS = 60
"""Lines of the list: the rest is counted."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that can be ticked. name: of its field."""

    name: str
    label: str
    is_: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class FollowSeen:
    """The page. name: who is invited, "" for nobody. until: the day it ends. looks: when they looked, in words."""

    name: str
    sleeper: str
    until: str
    state: str
    ticks: tuple[Tick, ...]
    now: tuple[str, ...]
    away: bool
    open: bool
    at: str
    trouble: str
    near: bool
    hosts: str
    alert: str
    alert_trouble: str
    looks: tuple[str, ...]
    more_looks: int


def follow_seen(
    invited: Invited | None, settings: FollowSettings, looks: list[Look], now: tuple[str, ...], words: Words
) -> FollowSeen:
    """What is shown. now: the lines that they see at this moment."""
    grants = Grants() if invited is None else invited.grants
    return FollowSeen(
        name="" if invited is None else invited.name,
        sleeper="" if invited is None else invited.sleeper,
        until="" if invited is None else words.day(_local(invited.until_ms).date()),
        state="" if invited is None else words(_state(invited)),
        ticks=tuple(_tick(name, grants, words) for name in GRANTS),
        now=now,
        away=settings.away,
        open=settings.open,
        at=settings.at if settings.open else "",
        trouble=sentence(settings.trouble) if settings.trouble else "",
        near="//127.0.0.1:" in settings.at,
        hosts=" ".join(settings.hosts),
        alert=settings.alert,
        alert_trouble=sentence(settings.alert_trouble) if settings.alert_trouble else "",
        looks=tuple(_look(one, words) for one in looks[:MOST_LOOKS]),
        more_looks=max(0, len(looks) - MOST_LOOKS),
    )


def _state(invited: Invited) -> str:
    if invited.entered:
        return "follow.entered"
    return "follow.link_waits" if invited.link_waits else "follow.link_over"


def _tick(name: str, grants: Grants, words: Words) -> Tick:
    return Tick(name, words(f"follow.see_{name}"), words(f"follow.see_{name}_is"), bool(getattr(grants, name)))


def _look(one: Look, words: Words) -> str:
    day = words.day(_local(one.began_ms).date())
    began, until = local_time(words, one.began_ms), local_time(words, one.until_ms)
    if one.until_ms - one.began_ms < MINUTE_MS:
        return words("follow.looked_at", day=day, time=began)
    return words("follow.looked_from", day=day, began=began, until=until)


def _local(wall_ms: int) -> datetime:
    return datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone()
