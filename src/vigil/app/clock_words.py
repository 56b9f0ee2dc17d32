"""The time of night, said and understood: local where the night has a clock, else counted from lights-out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from vigil.domain.errors import NotFoundError
from vigil.domain.records import NightBegan

_LOCAL = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_RELATIVE = re.compile(r"\+(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")

DAY_S = 24 * 3600


def _plainly(moment: datetime, exact: bool) -> str:
    return f"{moment:%H:%M:%S}" if exact else f"{moment:%H:%M}"


@dataclass(frozen=True, slots=True)
class NightClock:
    """Turns seconds since lights-out into words and back.

    lights_out: local time of lights-out, or None for a night without a clock. The offset from UTC is that of
    lights-out for the whole night, so times never jump within a picture. write: how a local time is written, with
    seconds or without; the page writes it as its reader's locale does.
    """

    lights_out: datetime | None = None
    write: Callable[[datetime, bool], str] = field(default=_plainly, repr=False, compare=False)

    @classmethod
    def of(cls, began: NightBegan) -> NightClock:
        """The clock of a night; a recording that knows its hour but not its zone is taken at its word."""
        if began.wall_ms is None:
            return cls()
        zone = timedelta(minutes=began.zone_min or 0)
        try:
            return cls(datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=began.wall_ms) + zone)
        except OverflowError:
            return cls()

    def words(self, seconds: float) -> str:
        """Local time, HH:MM unless it is written otherwise, or +h:mm from lights-out without a clock."""
        if self.lights_out is None:
            sign, minutes = ("-" if seconds < 0 else "+"), int(abs(seconds) // 60)
            return f"{sign}{minutes // 60}:{minutes % 60:02d}"
        return self.write(self.lights_out + timedelta(seconds=seconds), False)

    def exact(self, seconds: float) -> str:
        """The same with seconds."""
        if self.lights_out is None:
            return f"{self.words(seconds)}:{int(abs(seconds)) % 60:02d}"
        return self.write(self.lights_out + timedelta(seconds=seconds), True)

    def seconds(self, text: str) -> float:
        """Seconds since lights-out of what a person typed: 03:12, or +3:12; raises NotFoundError in plain words."""
        relative = _RELATIVE.fullmatch(text.strip())
        if relative:
            return _seconds(relative)
        local = _LOCAL.fullmatch(text.strip())
        if local is None:
            message = f"{text!r} is not a time of night: write 03:12 (local), or +3:12 from lights-out"
            raise NotFoundError(message)
        if self.lights_out is None:
            message = f"this night has no clock, so {text} cannot be placed: write +3:12, counted from lights-out"
            raise NotFoundError(message)
        begins = self.lights_out.hour * 3600 + self.lights_out.minute * 60 + self.lights_out.second
        return (_seconds(local) - begins) % DAY_S


def _seconds(found: re.Match[str]) -> float:
    hours, minutes, seconds = found.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)
