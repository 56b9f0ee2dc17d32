"""Rows of (time, stage code) and (time, mark): what a scorer left beside the signals. Never fed to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S
from vigil.recordings.labels import LONGEST_HYPNOGRAM, STAGE_OF_NUMBER, hypnogram
from vigil.recordings.readers.numbers import TIME, Bounds, RowFaultError, number, unusable
from vigil.recordings.recording import ReadingNotes

_CODE = Bounds("stage", "", -1, 5)
_LONGEST_MARK = 80
MOST_MARKS = 100_000


def read_stages(
    rows: Iterable[tuple[int, list[str]]], columns: tuple[int, int], file: str, notes: ReadingNotes
) -> tuple[AasmStage, ...] | None:
    """The hypnogram of rows whose time and stage stand at `columns`; rows that fit no epoch are counted."""

    def epochs() -> Iterator[tuple[int, AasmStage]]:
        seen: set[int] = set()
        for line, cells in rows:
            try:
                index, stage = _epoch(cells, columns)
                if index in seen:
                    unusable("the epoch is scored twice")
            except RowFaultError as fault:
                notes.leave_out(file, fault.reason, line)
                continue
            seen.add(index)
            yield index, stage

    return hypnogram(epochs())


def _epoch(cells: list[str], columns: tuple[int, int]) -> tuple[int, AasmStage]:
    if len(cells) <= max(columns):
        unusable("the row is cut short")
    seconds, code = number(cells[columns[0]], TIME), number(cells[columns[1]], _CODE)
    index = round(seconds / EPOCH_S)
    stage = STAGE_OF_NUMBER.get(round(code)) if code == round(code) else None
    if stage is None:
        unusable("the stage code is not known")
    if index * EPOCH_S != seconds or not 0 <= index < LONGEST_HYPNOGRAM:
        unusable("the epoch does not start at a multiple of 30 s from zero")
    return index, stage


def read_marks(
    rows: Iterable[tuple[int, list[str]]], columns: tuple[int, int], file: str, notes: ReadingNotes
) -> tuple[tuple[float, str], ...]:
    """Marks as (onset_s, text), at most `MOST_MARKS`; rows without a time or a short printable text are counted."""
    marks: list[tuple[float, str]] = []
    for line, cells in rows:
        try:
            if len(cells) <= max(columns):
                unusable("the row is cut short")
            onset_s, text = number(cells[columns[0]], TIME), cells[columns[1]].strip()
            if not text or not text.isprintable() or len(text) > _LONGEST_MARK or len(marks) >= MOST_MARKS:
                unusable("the mark is not a short text")
        except RowFaultError as fault:
            notes.leave_out(file, fault.reason, line)
            continue
        marks.append((onset_s, text))
    return tuple(marks)
