"""When a night began and what it is called: ISO times, wall clocks, names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from vigil.domain.records import NightBegan
from vigil.domain.units import NS_PER_MS, NS_PER_S

_ISO = re.compile(
    r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?"
).fullmatch
_NAME = re.compile(r"[\w.][\w. \-]{0,63}").fullmatch
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years in which a wearable may have recorded; others come from a broken clock."""


@dataclass(frozen=True, slots=True)
class WallTime:
    """An instant on the wall: nanoseconds since 1970, and the offset from UTC in minutes where the text says it.

    Without an offset the local time is read as if it were UTC, and `zone_min` None says so.
    """

    ns: int
    zone_min: int | None

    @property
    def date(self) -> str:
        """The local date."""
        local_s = self.ns // NS_PER_S + 60 * (self.zone_min or 0)
        return datetime.fromtimestamp(local_s, UTC).date().isoformat()


def looks_like_iso(text: str) -> bool:
    """Whether a text has the form of an ISO date and time, sensible or not."""
    return _ISO(text.strip()) is not None


def wall_time(text: str) -> WallTime | None:
    """An ISO date and time ("2016-04-13T22:13:00+02:00", also with blanks or slashes), or None.

    None too for a day that does not exist or a year outside FIRST_YEAR to LAST_YEAR. Nine decimals are kept.
    """
    text = text.strip()
    if _ISO(text) is None:
        return None
    body, zone = re.fullmatch(r"(.{16}(?::[0-9]{2})?)(.*)", text).groups()  # type: ignore[union-attr]  # _ISO fits
    fraction = re.match(r"[.,]([0-9]+)", zone)
    digits = fraction.group(1) if fraction else ""
    zone = zone[fraction.end() :].strip() if fraction else zone.strip()
    try:
        moment = datetime.fromisoformat(body.replace("/", "-") + (zone or "+00:00").replace("Z", "+00:00"))
    except ValueError:
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    whole_ns = (since.days * 86_400 + since.seconds) * NS_PER_S + int(digits.ljust(9, "0"))
    offset = moment.utcoffset()
    return WallTime(whole_ns, round(offset.total_seconds() / 60) if zone and offset is not None else None)


def night_began(night: str, wall: WallTime | None, heart_cadence_ms: int | None) -> NightBegan:
    """Lights-out at the recording's zero."""
    return NightBegan(
        at_ns=0,
        night=night,
        wall_ms=None if wall is None else wall.ns // NS_PER_MS,
        zone_min=None if wall is None else wall.zone_min,
        heart_cadence_ms=heart_cadence_ms,
    )


def safe_name(name: object, otherwise: str) -> str:
    """A night's name as it may be shown and kept: letters, digits, dot, blank, hyphen, underscore, at most 64."""
    for candidate in (name, otherwise):
        if isinstance(candidate, str) and _NAME(candidate) and candidate.isprintable():
            return candidate
    return "night"
