"""Whether the wall clock can be believed: positive proof, or no.

It is for names and display; after a reboot it also says how long ago a nudge was given, and there a wrong one could
forgive a budget that was spent.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.run.asking import asked, written

MS_PER_S = NS_PER_S // NS_PER_MS

SANE_FROM_MS = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * MS_PER_S
"""Vigil did not exist before: a computer that says so has no clock battery and no network yet."""

SANE_UNTIL_MS = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * MS_PER_S
"""Our choice; a clock beyond it is broken, not late."""

TIMESYNC = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd once it has set the clock in this boot (systemd-timesyncd.service(8))."""

TIMEDATECTL = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
"""The kernel's own word, whichever program sets the clock (org.freedesktop.timedate1(5))."""


def wall_sane(wall_ms: int, newest_known_ms: int | None, synchronised: bool | None) -> bool:
    """Whether the wall clock can be believed: a year that can be, not before anything that is known, and set.

    wall_ms: UTC milliseconds since 1970. newest_known_ms: the newest wall time that the store knows, None if it holds
    nothing. synchronised: as `synchronised()`. In doubt False.
    """
    if type(wall_ms) is not int or not SANE_FROM_MS <= wall_ms < SANE_UNTIL_MS:
        return False
    if newest_known_ms is not None and (type(newest_known_ms) is not int or not newest_known_ms <= wall_ms):
        return False
    return synchronised is True


def synchronised(
    made: Path = TIMESYNC, command: Sequence[str] = TIMEDATECTL, platform: str = sys.platform
) -> bool | None:
    """Whether the computer says that its clock has been set from outside in this boot; None if it does not say."""
    if not platform.startswith("linux"):
        return None
    if written(made) is not None:
        return True
    return {"yes": True, "no": False}.get((asked(command) or "").strip())


def zone_min(wall_ms: int) -> int:
    """Minutes by which local time is ahead of UTC at an instant, the zone of the computer being looked up anew.

    0 for an instant that no calendar knows. A zone changed during the night is met at the next call.
    """
    time.tzset()
    try:
        offset = datetime.fromtimestamp(wall_ms / MS_PER_S, UTC).astimezone().utcoffset()
    except (OverflowError, ValueError, OSError):
        return 0
    return 0 if offset is None else round(offset.total_seconds() / 60)
