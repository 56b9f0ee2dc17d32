"""What the one who follows reads: sentences made of `FollowView` and of nothing else about the sleeper."""

from __future__ import annotations

from collections.abc import Iterator

from vigil.app.follow_view import MINUTE_MS, FollowView
from vigil.web.views.tonight import local_time
from vigil.web.words import Words


def follower_lines(view: FollowView, words: Words) -> tuple[str, ...]:
    """The most important first. Where it is said that Vigil is not on, nothing that went on is said beside it."""
    found = tuple(_lines(view, words))
    return found or (words("follower.nothing"),)


def _lines(view: FollowView, words: Words) -> Iterator[str]:
    if view.asked_to_call:
        yield _said("call", view.asked_to_call_min, words)
    if view.watching is not None:
        yield _said("watching", view.watching_min, words) if view.watching else words("follower.not_on")
    if view.signal_lost:
        yield _said("lost", view.signal_lost_min, words)
    if view.episode:
        yield _said("episode", view.episode_min, words)
    elif view.episode is not None and view.watching is not False:
        yield words("follower.no_episode")
    if view.asked_to_call is False:
        yield words("follower.no_call")


def _said(key: str, minute: int | None, words: Words) -> str:
    if minute is None:
        return words(f"follower.{key}")
    return words(f"follower.{key}_since", time=local_time(words, minute * MINUTE_MS))
