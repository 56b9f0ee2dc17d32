"""When a service begins a night: of an evening, at its time or late, and never because somebody logged in at noon.

A service manager starts the watch at the time of evening, after a failure, and whenever the account logs in or the
computer has started. It cannot know whether a night is due or was interrupted; so the watch itself decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vigil.domain.errors import SettingsError
from vigil.interview.consequences import Standing
from vigil.interview.typed import minutes_of
from vigil.run.wall_time import MS_PER_S, SANE_FROM_MS, SANE_UNTIL_MS
from vigil.store.nights import NightRow

USUAL_MIN = 22 * 60
BEFORE_BED_MIN = 15
"""Minutes since midnight, and minutes before the bed time that was given: time to put the wearable on. Our choice."""

DAY_MIN = 24 * 60

LATEST_S = 6 * 3600
"""A night whose time was missed is begun at most so much later: whoever starts the computer then has been up. Our
choice, as for going on (`kept_so_far.GOES_ON_S`)."""

EARLY_S = 300
"""A clock that was put right just after the timer ran may be so much before the time of evening. Our choice."""

NOT_NOW = "No night was interrupted, and this is not the time to begin one; nothing was begun."


@dataclass(frozen=True, slots=True)
class Evening:
    """The time at which every evening begins. at_min: minutes since local midnight. why: where it comes from."""

    at_min: int
    why: str

    @property
    def sentences(self) -> str:
        """The time, where it comes from, and until when a start that was missed is made up for."""
        last = hours_and_minutes(self.at_min + LATEST_S // 60)
        return (
            f"The watch begins every evening at {hours_and_minutes(self.at_min)}, {self.why}. If this computer is off "
            f"or asleep then, it begins as soon as it can, until {last}; after a login or a start at any other time it "
            "only goes on with a night that was interrupted."
        )


def evening(typed: str | None, standing: Standing) -> Evening:
    """The time that was typed, else a little before the bed time of the first evening, else the usual one.

    Raises SettingsError for what is no time.
    """
    if typed is not None:
        return Evening(minutes(typed), "as you said")
    if standing.bed_time_min is None:
        why = "for I do not know your bed time (vigil setup asks for it; or choose with --at)"
        return Evening(USUAL_MIN, why)
    bed = hours_and_minutes(standing.bed_time_min)
    why = f"{BEFORE_BED_MIN} minutes before your bed time, {bed} (if that changes, type this again)"
    return Evening((standing.bed_time_min - BEFORE_BED_MIN) % DAY_MIN, why)


def minutes(typed: str) -> int:
    """HH:MM as minutes since midnight; raises SettingsError."""
    found = minutes_of(typed)
    if found is None:
        message = f"{typed!r} is not a time of day; nothing was done; write it as 21:45"
        raise SettingsError(message)
    return found


def hours_and_minutes(at_min: int) -> str:
    """Minutes since midnight, of this day or the next, as HH:MM."""
    return f"{at_min % DAY_MIN // 60:02d}:{at_min % 60:02d}"


def begins_now(at_min: int, wall_ms: int, rows: Iterable[NightRow], night_s: float, *, lost: bool) -> bool:
    """Whether a service that was started at this instant is to begin a night; one that was interrupted is gone on with.

    rows: this sleeper's nights. night_s: how long a night is. lost: the store was damaged and set aside just now.
    An evening has one night; but one that ended in good order before its time, at a reboot say, is followed by another
    for as long as it would have lasted, and so is one that may have been lost with its store. A wall clock that cannot
    be right begins nothing: the timer comes again when it is put right.
    """
    if not SANE_FROM_MS <= wall_ms < SANE_UNTIL_MS:
        return False
    start_ms = _last_time_ms(at_min, wall_ms)
    lasted = [_lasted_s(row) for row in rows if _since(start_ms, row, wall_ms)]
    if any(each >= night_s for each in lasted):
        return False
    most_s = max(LATEST_S, night_s) if lost or lasted else LATEST_S
    return wall_ms - start_ms <= most_s * MS_PER_S


def _since(start_ms: int, row: NightRow, wall_ms: int) -> bool:
    """Whether it is a night of this evening. One lived faster than life would end in the future, and is none."""
    if row.wall_ms is None or not row.intact:
        return False
    return start_ms <= row.wall_ms and row.wall_ms + _lasted_s(row) * MS_PER_S <= wall_ms + EARLY_S * MS_PER_S


def _lasted_s(row: NightRow) -> int:
    return row.duration_s or 0


def _last_time_ms(at_min: int, wall_ms: int) -> int:
    """The last instant at which local clocks showed this time, or one that is due within `EARLY_S`."""
    soon = datetime.fromtimestamp(wall_ms / MS_PER_S + EARLY_S, UTC).astimezone().replace(tzinfo=None)
    then = soon.replace(hour=at_min // 60, minute=at_min % 60, second=0, microsecond=0)
    if then > soon:
        then -= timedelta(days=1)
    return round(then.astimezone().timestamp() * MS_PER_S)
