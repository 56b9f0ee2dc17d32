"""Any table with a time column and a column or three that Vigil knows: CSV, TSV, blanks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

import numpy as np

from vigil.domain.errors import FormatError, InputError
from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_S
from vigil.recordings.readers.acceleration import (
    Vectors,
    acceleration_blocks,
    refuse_wrong_acceleration,
    vectors_from_s,
)
from vigil.recordings.readers.begin import FIRST_YEAR, LAST_YEAR, looks_like_iso, night_began, safe_name
from vigil.recordings.readers.columns import Column, find_columns
from vigil.recordings.readers.numbers import BEAT, HEART, STEPS, TIME, Bounds, is_number, number, shown
from vigil.recordings.readers.numeric import NumericTable
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.streams import (
    BEAT_MEDIAN,
    HEART_MEDIAN,
    NO_HEART,
    ExpectedMedian,
    Opened,
    Stream,
    cadence_ms,
    refuse_wrong_time,
    refuse_wrong_unit,
    survey,
)
from vigil.recordings.readers.table_time import TableTime, find_time
from vigil.recordings.readers.text import Table, read_table
from vigil.recordings.recording import ReadingNotes, Recording

NAME = "CSV table"
_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_SIGNALS = ("hr", "rr", "steps", "x")
STEP_WINDOW_MS = 60_000
"""Steps of a table are taken as those of the minute before: the usual export, and it says no other."""

_CHUNK_ROWS = 4_096
_NAME_THEM = "--column time=NAME --column hr=NAME"
_FEW_BYTES = 1 << 40
_ANY = Bounds("acceleration", "mg", -1e9, 1e9)  # acceleration_blocks judges


def may_be_table(path: Path) -> bool:
    """Whether a path is a file named as a table is."""
    try:
        return path.suffix.lower() in _SUFFIXES and path.is_file()
    except OSError:
        return False


def recognise(path: Path) -> bool:
    """Whether a path is a text file whose header names a time and a signal."""
    if not may_be_table(path):
        return False
    try:
        columns = find_columns(read_table(path, _FEW_BYTES), ReadOptions())
    except InputError:
        return False
    return "time" in columns and any(signal in columns for signal in _SIGNALS)


def open_csv(path: Path, options: ReadOptions) -> list[Recording]:
    """The one night of a table; zero is its first row, whose wall time, if known, is kept in `began`.

    Raises InputError where no row can be used, or a unit is suspected to be another than said (streams.
    refuse_wrong_unit); FormatError where no column is known. Units not said are s, bpm, ms and g.
    A beat interval is known at its row's time. Steps are those of the minute before their row.
    The night is named by its local date if its times are dates, else by the file. `heart_cadence_ms` is the median
    of the first 50 intervals between heart rates, None where there are beats.
    """
    table = read_table(path, options.max_bytes)
    columns = find_columns(table, options)
    signals = [signal for signal in _SIGNALS if signal in columns]
    if "time" not in columns or not signals:
        _refuse_header(table)
    time = find_time(columns["time"], table.rows()) or _refuse_times(table, columns["time"])
    name = time.wall.date if time.wall is not None and time.local_date_known else safe_name(path.stem, "night")
    opened = Opened(path, NAME, name, [], ReadingNotes())
    used = {column.name for column in columns.values()}
    unused = [column for column in table.header if column not in used]
    if unused:
        opened.notes.remarks.append(f"columns not used: {', '.join(unused)[:200]}")
    cadence = _open_signals(opened, table, columns, time)
    return [opened.recording(night_began(name, time.wall, cadence))]


def _refuse_header(table: Table) -> NoReturn:
    """Say what is wrong with a header that names no time or no signal."""
    if any(is_number(cell) or looks_like_iso(cell) for cell in table.header):
        message = "its first line holds values; Vigil needs the names of the columns there, such as t_s,bpm"
    else:
        have = ", ".join(table.header)[:200]
        message = f"a table without a time or a signal Vigil knows (columns: {have}); name them: {_NAME_THEM}"
    raise FormatError(f"{message}; nothing was read", path=str(table.path), line=table.header_line)


def _refuse_times(table: Table, column: Column) -> NoReturn:
    """Say what stands where the first time should."""
    line, cells = next(table.rows(), (None, list[str]()))
    if line is None:
        refuse("holds a header and no row below it; nothing was read", table.path)
    if len(cells) != len(table.header):
        refuse(f"the row has {len(cells)} fields, not {len(table.header)}; nothing was read", table.path, line)
    refuse(
        f"time {shown(cells[column.index])!r} is not seconds, Unix time or a date from {FIRST_YEAR} to {LAST_YEAR} "
        "written as 2024-03-01 22:30:00, nor are those below it; nothing was read",
        table.path,
        line,
    )


def _open_signals(opened: Opened, table: Table, columns: dict[str, Column], time: TableTime) -> int | None:
    """Add every usable signal to `opened`; the heart's cadence, None where there are beats."""
    notes, cadence, first_error = opened.notes, None, None
    for role, (expected, maker) in _ROW_SIGNALS.items():
        column = columns.get(role)
        if column is None:
            continue
        if expected is not None:
            refuse_wrong_unit(table, column.index, column.factor, expected)
        stream: Stream[HeartSample | BeatInterval | MotionSummary] = Stream(table, maker(column, time), column.name)
        samples = survey(stream)
        if not samples:
            first_error = first_error or stream.first_fault()
            notes.remarks.append(f"column {column.name!r} holds nothing that can be used")
            continue
        if role != "steps" and not time.absolute:
            refuse_wrong_time(samples, repr(column.name), table.path)
        opened.sources.append(stream.samples)
        cadence = cadence_ms(samples) if role == "hr" else None if role == "rr" else cadence
    hearts = len(opened.sources) - ("steps" in columns)
    if {"x", "y", "z"} <= set(columns):
        opened.sources.append(Acceleration.of(table, columns, time))
    if not opened.sources:
        raise first_error or InputError("holds no sample", path=str(table.path))
    if hearts <= 0:
        notes.remarks.append(NO_HEART)
    return cadence


Make = Callable[[list[str]], HeartSample | BeatInterval | MotionSummary | None]


def _heart(column: Column, time: TableTime) -> Make:
    def make(cells: list[str]) -> HeartSample | None:
        cell = cells[column.index]
        if not cell.strip():
            return None
        return HeartSample(time.at_ns(cells[time.index]), round(number(cell, HEART, column.factor) * 10))

    return make


def _beat(column: Column, time: TableTime) -> Make:
    def make(cells: list[str]) -> BeatInterval | None:
        cell = cells[column.index]
        if not cell.strip():
            return None
        return BeatInterval(time.at_ns(cells[time.index]), round(number(cell, BEAT, column.factor)))

    return make


def _steps(column: Column, time: TableTime) -> Make:
    def make(cells: list[str]) -> MotionSummary | None:
        cell = cells[column.index]
        if not cell.strip():
            return None
        at_ns, steps = time.at_ns(cells[time.index]), round(number(cell, STEPS))
        return MotionSummary(at_ns, STEP_WINDOW_MS, range_mg=None, steps=steps)

    return make


_ROW_SIGNALS: dict[str, tuple[ExpectedMedian | None, Callable[[Column, TableTime], Make]]] = {
    "hr": (HEART_MEDIAN, _heart),
    "rr": (BEAT_MEDIAN, _beat),
    "steps": (None, _steps),
}


@dataclass(frozen=True, slots=True)
class Acceleration:
    """The three axes of a table as blocks; numbers are parsed a chunk at a time, dates row by row."""

    table: Table
    axes: tuple[Column, Column, Column]
    time: TableTime

    @classmethod
    def of(cls, table: Table, columns: dict[str, Column], time: TableTime) -> Acceleration:
        """Look at the unit now, read later; raises InputError if the first rows do not fit it."""
        axes = columns["x"], columns["y"], columns["z"]
        if len({column.factor for column in axes}) > 1:
            refuse("its three axes are in different units; nothing was read", table.path, table.header_line)
        made = cls(table, axes, time)
        first = next((chunk for chunk in made.vectors(ReadingNotes()) if len(chunk.at_ns)), None)
        if first is None:
            refuse("holds no acceleration that can be used; nothing was read", table.path)
        refuse_wrong_acceleration(first, table.path)
        return made

    def __call__(self, notes: ReadingNotes) -> Iterator[AccelerationBlock]:
        """Blocks of at most ten seconds."""
        return acceleration_blocks(self.vectors(notes), f"{self.table.file} (acceleration)", notes)

    def vectors(self, notes: ReadingNotes) -> Iterator[Vectors]:
        """Yield chunks of rows, unusable ones counted."""
        return self._from_rows(notes) if self.time.factor is None else self._from_chunks(self.time.factor, notes)

    def _from_chunks(self, time_factor: float, notes: ReadingNotes) -> Iterator[Vectors]:
        table, factor = self.table, self.axes[0].factor / 1_000
        needed = (self.time.index, *(column.index for column in self.axes))
        numeric = NumericTable(
            table.path, table.separator, len(table.header), needed, table.header_line, table.max_bytes
        )
        for line, values in numeric.chunks(notes):
            with np.errstate(over="ignore"):  # an infinity is left out as impossible later
                values[:, 0] = (values[:, 0] * time_factor - self.time.zero_ns) / NS_PER_S
                values[:, 1:] *= factor
            yield vectors_from_s(line, values, TIME, notes, table.file)

    def _from_rows(self, notes: ReadingNotes) -> Iterator[Vectors]:
        stream = Stream(self.table, self._vector, "acceleration")
        rows = stream.numbered(notes)
        while chunk := list(islice(rows, _CHUNK_ROWS)):
            at_ns = np.array([vector.at_ns for _, vector in chunk], np.int64)
            mg = np.array([vector.mg for _, vector in chunk], np.float64)
            yield Vectors(at_ns, mg, np.array([line for line, _ in chunk], np.int64))

    def _vector(self, cells: list[str]) -> _Vector | None:
        if not any(cells[column.index].strip() for column in self.axes):
            return None
        x, y, z = (number(cells[column.index], _ANY, column.factor) for column in self.axes)
        return _Vector(self.time.at_ns(cells[self.time.index]), (x, y, z))


@dataclass(frozen=True, slots=True)
class _Vector:
    at_ns: int
    mg: tuple[float, float, float]
