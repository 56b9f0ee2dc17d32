"""Reading a night back, exactly as it was written, or saying which minute cannot be believed.

Each minute is proven (checksum and seal) before it is unpacked. With `gaps=True` damaged minutes are left out
instead of raising; `damaged_minutes` names them, so that a gap is shown as a gap and never as quiet.
Rows are fetched one by one and no read transaction stays open, so a reader never holds up the writer's log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vigil.domain.errors import StoreError
from vigil.domain.records import EpochScored, Input, NightClosed, QualityNote, SuspicionCleared, SuspicionRaised
from vigil.store.checksums import NUMBER_BITS, MinuteRow, place_of
from vigil.store.database import Database
from vigil.store.integrity import DamagedMinute
from vigil.store.minutes import proven, read, unpacked, whole_s
from vigil.store.nights import NightRow, Nights, require_intact
from vigil.store.packing import unpack_minute, unpack_others
from vigil.store.stored import Stored, StoredDecision


class NightReader:
    """Reads nights by their key. Every method raises NotFoundError for a night that is not there, and StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def records(self, night: int, *, gaps: bool = False) -> Iterator[Stored]:
        """Every input and output, in the order in which they were added."""
        return self._read(self._row(night), lambda row: unpack_minute(row.samples, row.records), gaps=gaps)

    def inputs(self, night: int, *, gaps: bool = False) -> Iterator[Input]:
        """Every input but ticks, in the order in which they were added."""
        night_row = self._row(night)
        return self._read(night_row, lambda row: unpack_minute(row.samples, row.records, outputs=False), gaps=gaps)

    def epochs(self, night: int, *, gaps: bool = False) -> Iterator[EpochScored]:
        """Every scored epoch."""
        return self._others(self._row(night), EpochScored, gaps=gaps)

    def suspicions(self, night: int, *, gaps: bool = False) -> Iterator[SuspicionRaised | SuspicionCleared]:
        """Every suspicion raised or cleared."""
        return self._others(self._row(night), SuspicionRaised, SuspicionCleared, gaps=gaps)

    def decisions(
        self, night: int, from_ns: int | None = None, to_ns: int | None = None, *, gaps: bool = False
    ) -> Iterator[StoredDecision]:
        """Every decision at `from_ns` or later and before `to_ns`; only the minutes that touch that span are read."""
        row = self._row(night)
        span_s = tuple(None if at is None else whole_s(at - row.began_ns) for at in (from_ns, to_ns))
        found: Iterator[StoredDecision] = self._others(row, StoredDecision, span_s=span_s, gaps=gaps)
        return (
            decision
            for decision in found
            if (from_ns is None or decision.at_ns >= from_ns) and (to_ns is None or decision.at_ns < to_ns)
        )

    def quality_notes(self, night: int, *, gaps: bool = False) -> Iterator[QualityNote]:
        """Every change of the signal's quality."""
        return self._others(self._row(night), QualityNote, gaps=gaps)

    def closed(self, night: int, *, gaps: bool = False) -> NightClosed | None:
        """The night's account, or None if it never came to its end."""
        last = None
        for last in self._others(self._row(night), NightClosed, gaps=gaps):  # noqa: B007 — the last one is wanted
            pass
        return last

    def damaged_minutes(self, night: int) -> tuple[DamagedMinute, ...]:
        """The gaps of the night, in order: minutes that are damaged or gone."""
        row = self._row(night)
        found = []
        for number, gap in self._minutes(row):
            minute = None if gap else read(self._database, night, number)
            damage = gap if minute is None else proven(self._database, night, minute)
            if damage is not None:
                found.append(damage)
        return tuple(found)

    def _row(self, night: int) -> NightRow:
        row = Nights(self._database).row(night)
        require_intact(row)
        return row

    def _minutes(
        self, row: NightRow, span_s: tuple[int | None, ...] = (None, None)
    ) -> Iterator[tuple[int, DamagedMinute | None]]:
        """The numbers of the minutes that touch the span, both ends included, and where some are gone."""
        first_s, last_s = span_s
        found = self._database.rows(
            "SELECT place - ?1, from_s, to_s FROM minute WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
            (place_of(row.key, 0), place_of(row.key, (1 << NUMBER_BITS) - 1)),
        )
        expected = 0
        for number, from_s, to_s in found:
            if number != expected:
                yield expected, DamagedMinute(expected, f"{number - expected} minutes are missing from here")
            expected = number + 1
            touches = type(from_s) is not int or type(to_s) is not int  # damaged: it is proven, and named, when read
            if touches or ((first_s is None or to_s >= first_s) and (last_s is None or from_s <= last_s)):
                yield number, None
        if expected != row.minutes:
            yield (
                expected,
                DamagedMinute(expected, f"the night was stored with {row.minutes} minutes and has {expected}"),
            )

    def _read(
        self,
        night: NightRow,
        unpack: Callable[[MinuteRow], Iterator[Any]],
        span_s: tuple[int | None, ...] = (None, None),
        *,
        gaps: bool,
    ) -> Iterator[Any]:
        for number, gap in self._minutes(night, span_s):
            row = None if gap else read(self._database, night.key, number)
            damage = gap if row is None else proven(self._database, night.key, row)
            if damage is None and row is not None:
                yield from unpacked(row, unpack)
            elif not gaps:
                message = (
                    f"night {night.name} is damaged at {damage}; reading stopped there; "
                    "go back to a backup, or read it with gaps"
                )
                raise StoreError(message)

    def _others(
        self, night: NightRow, *classes: type, span_s: tuple[int | None, ...] = (None, None), gaps: bool
    ) -> Iterator[Any]:
        wanted = frozenset(cls.__name__ for cls in classes)
        return self._read(night, lambda row: unpack_others(row.records, wanted), span_s, gaps=gaps)
