"""A night as a night folder, version 1, from which every input comes back exactly, in the order it was pushed.

Layout: night.json; hr.csv, rr.csv and motion.csv for the samples they can hold; inputs.jsonl for every other input,
one `{"seq": n, "record": ...}` a line as `domain/plain.py` writes records; stage.csv and events.csv for labels. `t_s`
counts from lights-out, as an exact decimal; `seq` is the order in which inputs were pushed. Ticks are not written: a
replay makes its own.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from vigil.domain.errors import InputError
from vigil.domain.plain import to_plain
from vigil.domain.records import NightBegan, Tick
from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample, Milligrams, MotionSummary
from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S, NS_PER_MS, NS_PER_S
from vigil.recordings.recording import Item
from vigil.recordings.writers.decimals import decimal
from vigil.recordings.writers.whole import whole_folder

FORMAT = "night-folder/1"
STAGE_CODES = {
    AasmStage.WAKE: 0,
    AasmStage.N1: 1,
    AasmStage.N2: 2,
    AasmStage.N3: 3,
    AasmStage.REM: 5,
    AasmStage.UNSCORED: -1,
}
CODING = {"0": "wake", "1": "N1", "2": "N2", "3": "N3", "5": "REM", "-1": "unscored"}

HEADERS = {
    "hr": ("t_s", "bpm", "seq"),
    "rr": ("t_s", "rr_ms", "beat", "seq"),
    "motion": (
        *("t_s", "dur_s", "range_g", "x_g", "y_g", "z_g", "source"),
        *("low_x_mg", "low_y_mg", "low_z_mg", "high_x_mg", "high_y_mg", "high_z_mg", "steps", "seq"),
    ),
}
ABOUT: dict[str, dict[str, Any]] = {
    "hr": {"unit": "bpm"},
    "rr": {"unit": "ms", "note": "t_s is the beat that starts the interval; known one interval later"},
    "motion": {"unit": "g", "note": "range over [t_s, t_s+dur_s); known only at its end"},
    "inputs": {"note": "every other input, as it was pushed"},
    "stage": {"epoch_s": EPOCH_S, "coding": CODING},
    "events": {"note": "marks, for measuring only"},
}

# What a row of the plain files can hold; any other sample goes to inputs.jsonl, so that nothing is lost or altered.
SPAN_NS = 86_400 * NS_PER_S
LARGEST_X10, LARGEST_RR_MS = 10**9, 10**8
LONGEST_MS, WIDEST_MG, FARTHEST_MG, FARTHEST_END_MG, MOST_STEPS = 3_600_000, 56_000, 16_500, 32_767, 100_000

Row = tuple[object, ...]


def write_folder(
    path: Path,
    *,
    night: str,
    began: NightBegan,
    items: Iterable[Item | Tick],
    scoring: Sequence[AasmStage] | None = None,
    marks: Iterable[tuple[float, str]] = (),
    source: str = "",
) -> None:
    """Write one night as the folder `path`, whole or not at all.

    items: every input in the order it was pushed; where `began` is among them it keeps its place, else it is put
    first. scoring: stages of consecutive 30-s epochs from lights-out. marks: (onset_s, text). source: where the night
    comes from. Raises InputError if `path` exists or cannot be written, and for raw acceleration, which a night
    folder does not hold.
    """
    with whole_folder(path) as folder:
        with ExitStack() as opened:
            files = _Files(folder, began.at_ns, opened)
            _write_items(files, began, items)
            if scoring is not None:
                files.table("stage", ("t_s", "stage"), ((i * EPOCH_S, STAGE_CODES[s]) for i, s in enumerate(scoring)))
            rows = [(repr(float(onset_s)), " ".join(text.split())) for onset_s, text in marks]
            if rows:
                files.table("events", ("t_s", "event"), rows)
        body = {
            "format": FORMAT,
            "night": night,
            "origin_ns": began.at_ns,
            "streams": {name: {"file": file, **ABOUT[name]} for name, file in files.names.items()},
            "source": source or "Vigil",
        }
        text = json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / "night.json").write_text(text + "\n", encoding="utf-8")


@dataclass(slots=True)
class _Files:
    """The files of one folder, each opened when its first row comes."""

    folder: Path
    origin_ns: int
    opened: ExitStack
    names: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Callable[[Row], object]] = field(default_factory=dict)
    lines: TextIO | None = None

    def row(self, name: str, row: Row) -> None:
        """Add one row to a CSV file."""
        write = self.rows.get(name)
        if write is None:
            write = self.rows[name] = csv.writer(self._open(name, ".csv"), lineterminator="\n").writerow
            write(HEADERS[name])
        write(row)

    def table(self, name: str, header: Row, rows: Iterable[Row]) -> None:
        """Write a whole CSV file."""
        csv.writer(self._open(name, ".csv"), lineterminator="\n").writerows((header, *rows))

    def record(self, seq: int, record: object) -> None:
        """Add one input to inputs.jsonl."""
        if self.lines is None:
            self.lines = self._open("inputs", ".jsonl")
        body = {"seq": seq, "record": to_plain(record)}
        self.lines.write(json.dumps(body, separators=(",", ":"), allow_nan=False) + "\n")

    def _open(self, name: str, ending: str) -> TextIO:
        self.names[name] = name + ending
        return self.opened.enter_context((self.folder / (name + ending)).open("w", encoding="utf-8", newline=""))


def _write_items(files: _Files, began: NightBegan, items: Iterable[Item | Tick]) -> None:
    """Number the inputs and put each where it belongs. `began` is found among them only before any other NightBegan."""
    held: list[Item | Tick] = []
    stream = iter(items)
    # Lights-out may come after samples; it keeps its place if it is found before its own instant has passed.
    for item in stream:
        held.append(item)
        if isinstance(item, NightBegan) or item.at_ns > began.at_ns:
            break
    if not any(isinstance(item, NightBegan) for item in held):
        held.insert(0, began)
    seq = 0
    for source in (held, stream):
        for item in source:
            if not isinstance(item, Tick):
                _write_item(files, seq, item)
                seq += 1


def _write_item(files: _Files, seq: int, item: Item) -> None:
    if isinstance(item, AccelerationBlock):
        message = "raw acceleration is not held by a night folder; reduce it to one-second summaries first"
        raise InputError(message)
    describe = _ROWS.get(type(item))
    found = describe(item, files.origin_ns) if describe is not None else None
    if found is None:
        files.record(seq, item)
    else:
        name, row = found
        files.row(name, (*row, seq))


def _heart_row(item: HeartSample, origin_ns: int) -> tuple[str, Row] | None:
    known = item.at_ns - origin_ns
    if abs(known) > SPAN_NS or abs(item.bpm_x10) > LARGEST_X10:
        return None
    return "hr", (decimal(known, 9), decimal(item.bpm_x10, 1))


def _beat_row(item: BeatInterval, origin_ns: int) -> tuple[str, Row] | None:
    starts = item.at_ns - item.rr_ms * NS_PER_MS - origin_ns
    if abs(starts) > SPAN_NS or abs(item.rr_ms) > LARGEST_RR_MS:
        return None
    return "rr", (decimal(starts, 9), item.rr_ms, "N" if item.clean else "Q")


def _motion_row(item: MotionSummary, origin_ns: int) -> tuple[str, Row] | None:
    starts = item.at_ns - item.duration_ms * NS_PER_MS - origin_ns
    if abs(starts) > SPAN_NS or not _fits(item):
        return None
    reach = "" if item.range_mg is None else decimal(item.range_mg, 3)
    mean = ("", "", "") if item.mean_mg is None else tuple(decimal(value, 3) for value in item.mean_mg)
    ends = (*(item.low_mg or ("", "", "")), *(item.high_mg or ("", "", "")))
    steps = "" if item.steps is None else item.steps
    return "motion", (decimal(starts, 9), decimal(item.duration_ms, 3), reach, *mean, "accelerometer", *ends, steps)


def _fits(item: MotionSummary) -> bool:
    """Whether the row's columns can hold the summary as it is."""
    limits: tuple[tuple[Milligrams | None, int], ...] = (
        (item.low_mg, FARTHEST_END_MG),
        (item.high_mg, FARTHEST_END_MG),
        (item.mean_mg, FARTHEST_MG),
    )
    return (
        1 <= item.duration_ms <= LONGEST_MS
        and (item.range_mg is None or 0 <= item.range_mg <= WIDEST_MG)
        and (item.steps is None or 0 <= item.steps <= MOST_STEPS)
        and all(vector is None or all(abs(value) <= limit for value in vector) for vector, limit in limits)
    )


_ROWS: dict[type, Callable[[Any, int], tuple[str, Row] | None]] = {
    HeartSample: _heart_row,
    BeatInterval: _beat_row,
    MotionSummary: _motion_row,
}
