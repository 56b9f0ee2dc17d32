"""Columns of numbers as arrays, for tables too long for a loop over rows: checked and parsed a chunk at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigil.recordings.readers.numbers import NUMBER_PATTERN, is_number
from vigil.recordings.readers.text import split, text_chunks
from vigil.recordings.recording import ReadingNotes


@dataclass(frozen=True, slots=True)
class NumericTable:
    """A text table of `width` fields a row, after `header_line` (0: no header), of which `needed` are numbers."""

    path: Path
    separator: str | None
    width: int
    needed: tuple[int, ...]
    header_line: int
    max_bytes: int

    def chunks(self, notes: ReadingNotes) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Yield (line numbers (n,), values (n, len(needed))); rows without their numbers are counted.

        Where every line of a chunk is nothing but numbers the chunk is parsed by NumPy at once; else line by line.
        A row in which every needed field but the first is blank says that nothing was recorded.
        """
        for first, text in text_chunks(self.path, self.max_bytes):
            skipped = min(max(0, self.header_line + 1 - first), text.count("\n") + 1)
            body = "\n".join(text.split("\n")[skipped:]) if skipped else text
            body = body.rstrip("\n")
            if not body:
                continue
            if _clean(self.separator, self.width).fullmatch(body):
                flat = body if self.separator is None else body.replace(self.separator, " ")
                values = np.fromstring(flat, dtype=np.float64, sep=" ").reshape(-1, self.width)
                yield np.arange(first + skipped, first + skipped + len(values)), values[:, self.needed]
            else:
                yield self._slow(first + skipped, body, notes)

    def _slow(self, first: int, text: str, notes: ReadingNotes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        numbers: list[int] = []
        rows: list[list[float]] = []
        for number, line in enumerate(text.split("\n"), first):
            cells = split(line, self.separator)
            if len(cells) != self.width:
                if line and not line.isspace():
                    notes.leave_out(self.path.name, f"the row has not {self.width} fields", number)
                continue
            needed = [cells[index] for index in self.needed]
            if all(map(is_number, needed)):
                numbers.append(number)
                rows.append([float(cell) for cell in needed])
            elif any(cell.strip() for cell in needed[1:]):
                notes.leave_out(self.path.name, "a field is not a number", number)
        return np.array(numbers, np.int64), np.array(rows, np.float64).reshape(-1, len(self.needed))


@cache
def _clean(separator: str | None, width: int) -> re.Pattern[str]:
    between = "[ \t]+" if separator is None else re.escape(separator)
    row = between.join([NUMBER_PATTERN] * width)
    return re.compile(rf"(?:{row}\n)*{row}")
