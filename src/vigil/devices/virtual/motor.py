"""The hard limits of the watch's app, once more and independently: what it refuses, whoever asks.

Source of every number: firmware/banglejs/README.md, "Limits" and "States". It is written from the words, not from the
app's code, so that a difference between both shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.domain.records import Mark
from vigil.domain.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_S

LEAST_MS, MOST_MS = 50, 1000
MOST_STRENGTH = 80
BURST_NS, BURST_MS = 10 * NS_PER_S, 6000
NIGHT_NS, NIGHT_MS = 18 * 60 * NS_PER_MINUTE, 60_000
QUIET_NS = 10 * NS_PER_S
AWAKE_NS = 15 * NS_PER_MINUTE
MOST_AHEAD = 127


@dataclass(frozen=True, slots=True)
class Buzz:
    """A pulse that was given: when it began (since the watch was started), how long and how strong."""

    at_ns: int
    duration_ms: int
    strength_percent: int


@dataclass(slots=True)
class Motor:
    """What was given, and what was refused and why, as (instant, word)."""

    given: list[Buzz] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    serial: int = 0
    stopped: bool = False
    awake_until_ns: int = 0
    until_ns: int = 0
    """when the pulse that goes on ends"""

    def press(self, mark: Mark, at_ns: int) -> None:
        """Any press ends a pulse; awake holds for a quarter of an hour, stop until the app is started again."""
        self.until_ns = min(self.until_ns, at_ns)
        self.stopped |= mark is Mark.STOP
        if mark is Mark.AWAKE:
            self.awake_until_ns = at_ns + AWAKE_NS

    def still(self, at_ns: int) -> None:
        """End a pulse that goes on."""
        self.until_ns = min(self.until_ns, at_ns)

    def ask(self, serial: int, duration_ms: int, strength_percent: int, at_ns: int) -> Buzz | None:
        """Give a pulse, or refuse it whole."""
        why = self._why_not(serial, duration_ms, strength_percent, at_ns)
        if 1 <= (serial - self.serial) % 256 <= MOST_AHEAD:
            self.serial = serial
        if why:
            self.refused.append((at_ns, why))
            return None
        buzz = Buzz(at_ns, duration_ms, strength_percent)
        self.given.append(buzz)
        self.until_ns = at_ns + duration_ms * NS_PER_MS
        return buzz

    def _why_not(self, serial: int, duration_ms: int, strength_percent: int, at_ns: int) -> str:
        rows = (
            ("done", not 1 <= (serial - self.serial) % 256 <= MOST_AHEAD),
            ("held", self.stopped or at_ns < self.awake_until_ns),
            ("length", not LEAST_MS <= duration_ms <= MOST_MS),
            ("strength", not 1 <= strength_percent <= MOST_STRENGTH),
            ("busy", at_ns < max(self.until_ns, QUIET_NS)),
            ("burst", self._within(BURST_NS, at_ns) + duration_ms > BURST_MS),
            ("night", self._within(NIGHT_NS, at_ns) + duration_ms > NIGHT_MS),
        )
        return next((why for why, refused in rows if refused), "")

    def _within(self, span_ns: int, at_ns: int) -> int:
        """How many milliseconds of vibration ended in the span before now."""
        return sum(b.duration_ms for b in self.given if b.at_ns + b.duration_ms * NS_PER_MS > at_ns - span_ns)

    def left_ms(self, at_ns: int) -> int:
        """What the night leaves."""
        return max(0, NIGHT_MS - self._within(NIGHT_NS, at_ns))
