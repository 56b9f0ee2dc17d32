"""All that the page of the one who follows can ever say, made in one place and of nothing else.

Yes or no, four times, each only if the sleeper ticked it, and since which minute. Where no night is watched there is
nothing but that: off, meant to be off, and *away* are the same to the last byte.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigil.app.how_it_stands import ForFollower, Since
from vigil.store.follow import Grants

MINUTE_MS = 60_000

NOT_SO = Since(so=False)


@dataclass(frozen=True, slots=True)
class FollowView:
    """Each: whether it is so; None where it was not ticked. The minutes: since when, in whole minutes since 1970, UTC.

    A minute stands only beside a yes.
    """

    watching: bool | None = None
    watching_min: int | None = None
    asked_to_call: bool | None = None
    asked_to_call_min: int | None = None
    signal_lost: bool | None = None
    signal_lost_min: int | None = None
    episode: bool | None = None
    episode_min: int | None = None


def follow_view(known: ForFollower, grants: Grants, *, away: bool) -> FollowView:
    """What leaves. A wish to be called is shown also while away: nobody but the sleeper makes it."""
    watched = known.watching.so and not away
    watching, call = _told(known.watching, grants.watching, watched), _told(known.asked_to_call, grants.asked_to_call)
    lost, episode = _told(known.signal_lost, grants.signal_lost, watched), _told(known.episode, grants.episode, watched)
    return FollowView(*watching, *call, *lost, *episode)


def _told(since: Since, ticked: bool, shown: bool = True) -> tuple[bool | None, int | None]:
    if not ticked:
        return None, None
    if not (shown and since.so):
        return False, None
    return True, None if since.wall_ms is None else since.wall_ms // MINUTE_MS
