"""A night that Vigil itself wrote: every input as it was pushed, in the order in which it was pushed.

Sample CSVs are those of a night folder with nine decimals of `t_s` from `origin_ns` and a column `seq`;
`inputs.jsonl` holds every other input as {"seq": n, "record": ...}. Merged by `seq`, so that the night gives the
digest that live wrote (DESIGN 4.8). Hence nothing is judged, sorted or left out: a row that cannot be read is an error.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NoReturn, get_args

from vigil.domain.errors import InputError, SnapshotError
from vigil.domain.plain import from_plain
from vigil.domain.records import Event, NightBegan, Sample, Tick
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.recordings.readers.begin import safe_name
from vigil.recordings.readers.manifest import Manifest
from vigil.recordings.readers.night_streams import beat_stream, heart_stream, motion_stream, required
from vigil.recordings.readers.numbers import Bounds, RowFaultError, number, unusable
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.stage_rows import read_stages
from vigil.recordings.readers.streams import Stream
from vigil.recordings.readers.text import Table, lines, read_table
from vigil.recordings.readers.wellformed import fault_in
from vigil.recordings.recording import Item, ReadingNotes, Recording

NAME = "Vigil's own export (night folder 1)"
INPUTS = "inputs"
LONGEST_RECORD = 1 << 20
_AS_SENT = 1e9
_ANY_HEART = Bounds("heart rate", "bpm", -_AS_SENT, _AS_SENT)
_ANY_BEAT = Bounds("beat interval", "ms", -_AS_SENT, _AS_SENT)
_SEQ = Bounds("seq", "", 0, 2**53)
_INPUTS: tuple[type, ...] = (*get_args(Sample), *get_args(Event), Tick)

Numbered = tuple[int, Item]


@dataclass(frozen=True, slots=True)
class OwnExport:
    """The files of one exported night; calling it gives the inputs as they were pushed, `NightBegan` and ticks apart.

    The first NightBegan is the recording's `began`; ticks say that time passed, which a replay says by itself.
    """

    files: tuple[tuple[str, Path], ...]
    origin_ns: int
    max_bytes: int

    def __call__(self) -> Iterator[Item]:
        """Raises InputError, while it is read, for anything that is not whole."""
        streams = [self._stream(name, path) for name, path in self.files]
        began = False
        for _, item in heapq.merge(*streams, key=itemgetter(0)):
            if isinstance(item, NightBegan) and not began:
                began = True
            elif not isinstance(item, Tick):
                yield item

    def began(self) -> NightBegan:
        """The first NightBegan; raises InputError if there is none."""
        path = dict(self.files)[INPUTS]
        for _, item in _inputs(path, self.max_bytes):
            if isinstance(item, NightBegan):
                return item
        message = "holds no NightBegan; nothing was read"
        raise InputError(message, path=str(path))

    def _stream(self, name: str, path: Path) -> Iterator[Numbered]:
        if name == INPUTS:
            return _inputs(path, self.max_bytes)
        return _numbered(_SAMPLES[name](read_table(path, self.max_bytes), self.origin_ns))


_SAMPLES: dict[str, Callable[[Table, int], Stream[HeartSample | BeatInterval | MotionSummary]]] = {
    "hr": lambda table, origin: heart_stream(table, origin, _ANY_HEART),
    "rr": lambda table, origin: beat_stream(table, origin, _ANY_BEAT),
    "motion": lambda table, origin: motion_stream(table, keep_counts=True, as_recorded=True, origin_ns=origin),
}


def open_own_export(path: Path, manifest: Manifest, files: dict[str, Path], options: ReadOptions) -> Recording:
    """The night of a folder with inputs.jsonl; raises InputError where it is not whole."""
    used = tuple((name, file) for name, file in files.items() if name in _SAMPLES or name == INPUTS)
    export = OwnExport(used, manifest.origin_ns, options.max_bytes)
    began = export.began()
    notes, scoring = ReadingNotes(), None
    if "stage" in files:
        table = read_table(files["stage"], options.max_bytes)
        columns = required(table, "t_s"), required(table, "stage")
        scoring = read_stages(table.rows(), columns, table.file, notes)
    return Recording(
        night=began.night or safe_name(manifest.night, path.resolve().name),
        path=path,
        format=NAME,
        began=began,
        items=export,
        notes=notes,
        scoring=scoring,
        as_recorded=True,
    )


def _numbered(stream: Stream[HeartSample | BeatInterval | MotionSummary]) -> Iterator[Numbered]:
    """Yield (seq, sample); raises InputError for a row that cannot be read or a `seq` that does not rise."""
    path, width, place = stream.table.path, len(stream.table.header), required(stream.table, "seq")
    last = -1
    for line, cells in stream.table.rows():
        try:
            if len(cells) != width:
                unusable(f"the row has {len(cells)} fields, not {width}")
            seq, sample = round(number(cells[place], _SEQ)), stream.make(cells)
        except RowFaultError as fault:
            _damaged(fault.detail, path, line)
        if seq <= last or sample is None:
            _damaged(f"seq {seq} does not follow {last}", path, line)
        last = seq
        yield seq, sample


def _inputs(path: Path, max_bytes: int) -> Iterator[Numbered]:
    """Yield (seq, input) of inputs.jsonl; raises InputError for a line that is not one."""
    last = -1
    for line, text in lines(path, max_bytes, LONGEST_RECORD):
        try:
            body = json.loads(text)
            seq, record = body["seq"], from_plain(body["record"])
        except (ValueError, KeyError, TypeError, RecursionError, SnapshotError) as error:
            _damaged(f"is not an input ({str(error)[:80]})", path, line)
        fault = None if isinstance(record, _INPUTS) else f"{type(record).__name__} is not an input"
        fault = fault or fault_in(record)
        if isinstance(seq, bool) or not isinstance(seq, int) or seq <= last:
            fault = f"seq {str(seq)[:20]} does not follow {last}"
        if fault is not None:
            _damaged(fault, path, line)
        last = seq
        yield seq, record


def _damaged(reason: str, path: Path, line: int) -> NoReturn:
    refuse(f"{reason}: the export is damaged and was not replayed further", path, line)
