"""Rows become samples: unusable rows are counted, times rise, units are suspected, streams are merged."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from operator import attrgetter
from pathlib import Path
from statistics import median
from typing import Generic, Protocol, TypeVar

from vigil.domain.errors import InputError
from vigil.domain.records import NightBegan
from vigil.domain.sleep import AasmStage
from vigil.domain.units import NS_PER_MS
from vigil.recordings.readers.numbers import RowFaultError, is_number
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.text import Table
from vigil.recordings.recording import Item, LeftOut, ReadingNotes, Recording

SURVEY_SAMPLES = 51
"""Samples looked at before a night is begun: fifty intervals between heart rates."""

SURVEY_ROWS = 20_000
"""Rows in which those must be found; a stream without one usable row so far is not used."""

MOST_QUOTED = 10
"""Nights of one folder whose errors are quoted in one."""

NO_HEART = "a night without heart rate: it is watched blind"


class Timed(Protocol):
    """Anything with an instant."""

    @property
    def at_ns(self) -> int:
        """When it was known."""


P = TypeVar("P")
S = TypeVar("S", bound=Timed)
S_co = TypeVar("S_co", bound=Timed, covariant=True)


@dataclass(frozen=True, slots=True)
class Stream(Generic[S_co]):
    """One table's rows as samples: `make` gives the sample of a row, None for "nothing recorded", or RowFaultError.

    `label` tells the streams of one table apart in the notes.
    """

    table: Table
    make: Callable[[list[str]], S_co | None]
    label: str = ""

    @property
    def file(self) -> str:
        """How the notes call it."""
        return f"{self.table.file} ({self.label})" if self.label else self.table.file

    def numbered(self, notes: ReadingNotes, most_rows: int | None = None) -> Iterator[tuple[int, S_co]]:
        """Yield (line, sample) in file order; what cannot be used is counted in `notes`."""
        file, width, make = self.file, len(self.table.header), self.make
        for line, cells in islice(self.table.rows(), most_rows):
            if len(cells) != width:
                notes.leave_out(file, f"the row has not {width} fields", line)
                continue
            try:
                sample = make(cells)
            except RowFaultError as fault:
                notes.leave_out(file, fault.reason, line)
                continue
            if sample is not None:
                yield line, sample

    def samples(self, notes: ReadingNotes) -> Iterator[S_co]:
        """Yield samples in rising order of time."""
        return rising(self.numbered(notes), self.file, notes)

    def first_fault(self) -> InputError | None:
        """What is wrong with the first faulty row, quoting it: for a stream of which nothing can be used."""
        path, width = str(self.table.path), len(self.table.header)
        for line, cells in islice(self.table.rows(), SURVEY_ROWS):
            if len(cells) != width:
                return InputError(f"the row has {len(cells)} fields, not {width}", path=path, line=line)
            try:
                self.make(cells)
            except RowFaultError as fault:
                return InputError(f"{fault.detail}; nothing of this file was used", path=path, line=line)
        return None


def rising(rows: Iterable[tuple[int, S]], file: str, notes: ReadingNotes) -> Iterator[S]:
    """Yield what rises in time, looking one row ahead.

    Of two rows out of order the first is left out if the second fits after what came before (one wrong jump ahead
    must not cost the rest of the night), else the second. A second row at one instant is left out.
    """
    last: int | None = None
    held: tuple[int, S] | None = None
    for line, sample in rows:
        if held is None:
            held = line, sample
            continue
        before = held[1].at_ns
        if sample.at_ns > before:
            yield held[1]
            last, held = before, (line, sample)
        elif sample.at_ns == before:
            notes.leave_out(file, "the same instant as the row before", line)
        elif last is None or sample.at_ns > last:
            notes.leave_out(file, "time jumps ahead and comes back", held[0])
            held = line, sample
        else:
            notes.leave_out(file, "time goes back", line)
    if held is not None:
        yield held[1]


def survey(stream: Stream[S], rows: int = SURVEY_ROWS) -> list[S]:
    """The first usable samples in rising order, at most `SURVEY_SAMPLES`, found in the first `rows` rows.

    Raises InputError for a table written newest first.
    """
    notes = ReadingNotes()
    raw = [sample for _, sample in islice(stream.numbered(notes, rows), SURVEY_SAMPLES)]
    falling = sum(b.at_ns < a.at_ns for a, b in pairwise(raw))
    if len(raw) > 2 and falling * 2 > len(raw):
        refuse("its times fall: sort it oldest first; nothing was read", stream.table.path)
    return list(rising(enumerate(raw), stream.file, notes))


def cadence_ms(samples: Sequence[Timed]) -> int | None:
    """Median milliseconds between consecutive samples; None for fewer than two. Bounded: the samples of a survey."""
    gaps = [b.at_ns - a.at_ns for a, b in pairwise(samples)]
    return max(1, round(median(gaps) / NS_PER_MS)) if gaps else None


FARTHEST_MS = 900_000
"""Heart rates further apart than this follow no night. Trackers that store one by themselves do so every 10 min."""


def refuse_wrong_time(samples: Sequence[Timed], what: str, path: Path) -> None:
    """Raise InputError when the first samples are so far apart that their times must be in a smaller unit than s."""
    apart_ms = cadence_ms(samples) or 0
    if apart_ms > FARTHEST_MS:
        message = f"{what} has a value every {apart_ms / 1_000:g} s: its times look like ms, not s; nothing was used"
        refuse(f"{message}; say or correct the unit", path)


@dataclass(frozen=True, slots=True)
class ExpectedMedian:
    """Between which values the median of a column lies in its unit, and what it looks like otherwise.

    looks_like: (below this median, the unit it suggests), rising; the first that fits is named.
    """

    low: float
    high: float
    unit: str
    looks_like: tuple[tuple[float, str], ...]


HEART_MEDIAN = ExpectedMedian(25, 250, "bpm", ((5, "Hz"),))
BEAT_MEDIAN = ExpectedMedian(250, 2_500, "ms", ((5, "seconds"), (250, "another unit"), (1e5, "tenths of a ms")))


def refuse_wrong_unit(table: Table, index: int, factor: float, expected: ExpectedMedian) -> None:
    """Raise InputError when the median of a column's first positive numbers does not fit its unit.

    The one rule for units: a wrong one is suspected, said and refused, never corrected, because a night read in a
    guessed unit looks as good as a true one.
    """
    cells = (row[index] for _, row in islice(table.rows(), SURVEY_ROWS) if index < len(row))
    values = (float(cell) * factor for cell in cells if is_number(cell))
    found = list(islice((value for value in values if 0 < value < math.inf), SURVEY_SAMPLES))
    refuse_wrong_median(found, repr(table.header[index]), expected, table.path)


def refuse_wrong_median(values: Sequence[float], what: str, expected: ExpectedMedian, path: Path) -> None:
    """Raise InputError when the median of finite `values` is outside what is expected; no values, no suspicion."""
    middle = median(values) if values else expected.low
    if not expected.low <= middle <= expected.high:
        guess = next((unit for bound, unit in expected.looks_like if middle < bound), "another unit")
        message = f"{what} has median {middle:.4g}: looks like {guess}, not {expected.unit}; nothing was used; "
        message += "say or correct the unit"
        refuse(message, path)


def merged(streams: Sequence[Iterator[Item]]) -> Iterator[Item]:
    """One iterator in non-decreasing order of `at_ns`; ties go to the earlier stream."""
    return streams[0] if len(streams) == 1 else heapq.merge(*streams, key=attrgetter("at_ns"))


Source = Callable[[ReadingNotes], Iterator[Item]]
"""A stream that can be read again and again, telling the given notes what it left out."""


@dataclass(frozen=True, slots=True)
class Items:
    """`Recording.items`: each call starts the notes anew, from what was noticed at opening, and reads again."""

    sources: tuple[Source, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]
    notes: ReadingNotes

    def __call__(self) -> Iterator[Item]:
        """A fresh iterator."""
        self.notes.left_out[:] = self.left_out
        self.notes.remarks[:] = self.remarks
        return merged([source(self.notes) for source in self.sources])


@dataclass(slots=True)
class Opened:
    """What opening a recording gathers; `recording()` closes it."""

    path: Path
    format: str
    night: str
    sources: list[Source]
    notes: ReadingNotes
    scoring: tuple[AasmStage, ...] | None = None
    marks: tuple[tuple[float, str], ...] = ()
    ends_ns: int | None = None

    def recording(self, began: NightBegan) -> Recording:
        """The recording, reading nothing yet."""
        items = Items(tuple(self.sources), tuple(self.notes.left_out), tuple(self.notes.remarks), self.notes)
        return Recording(
            night=self.night,
            path=self.path,
            format=self.format,
            began=began,
            items=items,
            notes=self.notes,
            scoring=self.scoring,
            marks=self.marks,
            ends_ns=self.ends_ns,
        )


def each_night(places: Sequence[P], opener: Callable[[P], Iterable[Recording]], path: Path) -> Iterator[Recording]:
    """Yield what opens of several nights at `path`; then, if some did not, one InputError that quotes theirs."""
    failed: list[InputError] = []
    for place in places:
        try:
            yield from opener(place)
        except InputError as error:
            failed.append(error)
    if len(failed) == 1 == len(places):
        raise failed[0]
    if failed:
        more = f" | and {len(failed) - MOST_QUOTED} more" if len(failed) > MOST_QUOTED else ""
        why = " | ".join(str(error) for error in failed[:MOST_QUOTED])
        refuse(f"{len(failed)} of {len(places)} nights could not be read: {why}{more}", path)
