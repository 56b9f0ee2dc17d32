"""When the signal is lost for long, somebody is told whom the person chose; the sleeper never is."""

from __future__ import annotations

from collections.abc import Callable

from vigil.domain.records import Input, NightBegan, NightEnded, NightOutput, QualityNote, Tick
from vigil.domain.samples import Quality
from vigil.domain.units import NS_PER_MINUTE

LOST_NS = 10 * NS_PER_MINUTE
"""A loss that lasts so long is told (reliability F2)."""

MOST_TOLD = 2
"""Times in one night (reliability H7). A person hears of fewer: alerts are counted over processes (`app/person.py`)."""


class SignalLost:
    """A listener that calls `tell` once for a loss that lasts, at most twice in a night."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._since_ns: int | None = None
        self._told = 0

    def __call__(self, record: Input | NightOutput) -> None:
        """Take whatever passes by."""
        match record:
            case NightBegan():
                self._since_ns = record.at_ns
            case QualityNote(quality=Quality.GOOD) | NightEnded():
                self._since_ns = None
            case QualityNote(before=Quality.GOOD):
                self._since_ns = record.at_ns
            case Tick() if self._since_ns is not None and record.at_ns - self._since_ns >= LOST_NS:
                self._since_ns = None
                if self._told < MOST_TOLD:
                    self._told += 1
                    self._tell()
            case _:
                pass
