"""The time column of a table: seconds from zero, Unix time in s, ms, us or ns, or ISO dates; always to exact ns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, pairwise

from vigil.domain.units import NS_PER_S
from vigil.recordings.readers.begin import FIRST_YEAR, LAST_YEAR, WallTime, looks_like_iso, wall_time
from vigil.recordings.readers.columns import Column
from vigil.recordings.readers.numbers import TIME, RowFaultError, is_number, shown, unusable
from vigil.recordings.readers.streams import SURVEY_ROWS, SURVEY_SAMPLES

_YEAR_S = 31_556_952
_EARLIEST_NS = (FIRST_YEAR - 1970) * _YEAR_S * NS_PER_S
_LATEST_NS = (LAST_YEAR - 1970) * _YEAR_S * NS_PER_S
_BY_SIZE = ((1e8, None), (1e11, 1e9), (1e14, 1e6), (1e17, 1e3), (1e20, 1.0))
"""A number without a unit: below the bound it is seconds from zero, or Unix s, ms, us, ns. 1e8 s is March 1973."""


@dataclass(frozen=True, slots=True)
class TableTime:
    """How to read a cell of the time column.

    factor: ns in one unit; None for ISO dates. absolute: whether the numbers are since 1970.
    zero: the instant of the table's first row, subtracted from all.
    """

    index: int
    factor: float | None
    absolute: bool
    zero_ns: int = 0
    zone_min: int | None = None

    def at_ns(self, cell: str) -> int:
        """Nanoseconds from the table's zero; raises RowFaultError."""
        at_ns = self.since_origin_ns(cell) - self.zero_ns
        if not TIME.low * NS_PER_S <= at_ns <= TIME.high * NS_PER_S:
            unusable("time is more than eight days after the first row, or a day before", f"time {shown(cell)}")
        return at_ns

    def since_origin_ns(self, cell: str) -> int:
        """Nanoseconds since 1970, or since whatever the table counts from; raises RowFaultError."""
        if self.factor is None:
            wall = wall_time(cell)
            if wall is None:
                unusable("time is not a date between 1990 and 2100", f"time {shown(cell)!r} is not a usable date")
            return wall.ns
        if not is_number(cell):
            unusable("time is not a number", f"time {shown(cell)!r} is not a number")
        value = int((Decimal(cell.strip()) * Decimal(self.factor)).to_integral_value())
        if self.absolute and not _EARLIEST_NS <= value <= _LATEST_NS:
            unusable("time is not between 1990 and 2100", f"time {shown(cell)} is not between 1990 and 2100")
        return value

    @property
    def wall(self) -> WallTime | None:
        """The wall clock at zero, if the table says it."""
        return WallTime(self.zero_ns, self.zone_min) if self.absolute else None

    @property
    def local_date_known(self) -> bool:
        """Whether dates are local: ISO dates are, Unix time is not."""
        return self.factor is None


def find_time(column: Column, rows: Iterable[tuple[int, list[str]]]) -> TableTime | None:
    """How a table's time is to be read, by its first rows; None if none of the first SURVEY_ROWS has a time.

    Zero is the first row whose time is not left behind by the next, so that one wrong first time is harmless.
    """
    cells = (row[column.index] for _, row in islice(rows, SURVEY_ROWS) if column.index < len(row))
    first = list(islice((cell for cell in cells if looks_like_iso(cell) or is_number(cell)), SURVEY_SAMPLES))
    if not first:
        return None
    isos = sum(map(looks_like_iso, first))
    if isos * 2 > len(first):
        kind = TableTime(column.index, None, absolute=True)
    else:
        kind = _numeric(column, sorted(abs(float(cell)) for cell in first if is_number(cell)))
    known = [(since, cell) for cell in first if (since := _since(kind, cell)) is not None]
    if not known:
        return None
    zero, cell = next((a for a, b in pairwise(known) if a[0] <= b[0]), known[-1])
    wall = wall_time(cell)
    return replace(kind, zero_ns=zero, zone_min=None if wall is None else wall.zone_min)


def _numeric(column: Column, sizes: list[float]) -> TableTime:
    middle = sizes[len(sizes) // 2]
    if column.unit is not None:
        absolute = middle * column.factor >= 1e8 * NS_PER_S
        return TableTime(column.index, column.factor, absolute)
    factor = next((factor for bound, factor in _BY_SIZE if middle < bound), 1.0)
    return TableTime(column.index, factor or float(NS_PER_S), factor is not None)


def _since(kind: TableTime, cell: str) -> int | None:
    try:
        return kind.since_origin_ns(cell)
    except RowFaultError:
        return None
