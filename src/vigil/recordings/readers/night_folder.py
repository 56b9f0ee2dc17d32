"""Night folder, version 1: night.json beside plain CSV files, one a stream. Vigil's own export is one too."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from vigil.domain.errors import InputError
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import EPOCH_NS, EPOCH_S
from vigil.recordings.readers.begin import night_began, safe_name
from vigil.recordings.readers.manifest import MANIFEST, Manifest, read_manifest
from vigil.recordings.readers.night_streams import beat_stream, heart_stream, motion_stream, required, step_stream
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.readers.own_export import INPUTS, open_own_export
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.stage_rows import read_marks, read_stages
from vigil.recordings.readers.streams import (
    BEAT_MEDIAN,
    HEART_MEDIAN,
    NO_HEART,
    ExpectedMedian,
    Opened,
    Source,
    Stream,
    Timed,
    cadence_ms,
    refuse_wrong_time,
    refuse_wrong_unit,
    survey,
)
from vigil.recordings.readers.text import Table, read_table
from vigil.recordings.recording import ReadingNotes, Recording

NAME = "night folder 1"
SIGNALS = ("hr", "rr", "motion", "steps")
_KNOWN = (*SIGNALS, "stage", "events", "device_stage", INPUTS)
_COLUMNS = {
    "hr": {"t_s", "bpm"},
    "rr": {"t_s", "rr_ms", "beat"},
    "motion": {"t_s", "dur_s", "range_g", "x_g", "y_g", "z_g", "source", "steps", "seq"}
    | {f"{end}_{axis}_mg" for end in ("low", "high") for axis in "xyz"},
    "steps": {"t_s", "dur_s", "steps", "intensity"},
}
_EXPECTED: dict[str, tuple[str, ExpectedMedian]] = {"hr": ("bpm", HEART_MEDIAN), "rr": ("rr_ms", BEAT_MEDIAN)}


def recognise(path: Path) -> bool:
    """Whether a path is a folder with a night.json, or with a stream of a night folder in it."""
    try:
        if (path / MANIFEST).is_file():
            return True
        for stream in (*SIGNALS, "stage"):
            file = path / f"{stream}.csv"
            if file.is_file():
                with file.open("rb") as opened:
                    if opened.read(8).removeprefix(b"\xef\xbb\xbf").startswith(b"t_s"):
                        return True
    except OSError:
        return False
    return False


def open_night_folder(path: Path, options: ReadOptions) -> list[Recording]:
    """The one night of a folder.

    Raises InputError where there is nothing to replay. A stream that cannot be used is an error if it was the only
    one with a heart in it, else a remark. `heart_cadence_ms` is the median of the first 50 intervals of hr.csv
    (a look ahead bounded to its first 51 usable rows), None where there are beats. The night is named by the date
    of `start_local`, else by night.json, else by the folder.
    It ends where `hours` of night.json says.
    """
    manifest = read_manifest(path)
    files = {stream: path / (manifest.file(stream) or f"{stream}.csv") for stream in _KNOWN}
    named = {stream for stream, _ in manifest.files}
    present = {stream for stream in _KNOWN if stream in named or files[stream].is_file()}
    if INPUTS in present:
        return [open_own_export(path, manifest, {s: files[s] for s in present}, options)]
    signals = [stream for stream in SIGNALS if stream in present]
    if not signals:
        what = "a hypnogram, not a night to replay" if "stage" in present else "no hr, rr, motion or steps file"
        refuse(f"{what}; nothing was read", path)
    opened = Opened(path, NAME, _name(manifest, path), [], ReadingNotes())
    cadence = _open_signals(opened, signals, files, options)
    _read_labels(opened, present, files, options)
    opened.ends_ns = _ends_ns(manifest, opened)
    if "device_stage" in present:
        opened.notes.remarks.append("device_stage.csv is a device's guess; it was not used")
    opened.notes.remarks.extend(f"stream {s!r} is not known; it was not used" for s in sorted(named - set(_KNOWN)))
    return [opened.recording(night_began(opened.night, manifest.start, cadence))]


def _name(manifest: Manifest, path: Path) -> str:
    return manifest.start.date if manifest.start else safe_name(manifest.night, path.resolve().name)


def _ends_ns(manifest: Manifest, opened: Opened) -> int | None:
    """The end of the epoch that holds the end of `hours`, or of the hypnogram if that is later; None if unsaid.

    Samples of some sets run on after the night was over; `hours` is rounded to a hundredth.
    """
    if manifest.hours is None:
        return None
    epochs = math.ceil(manifest.hours * 3_600 / EPOCH_S)
    return max(epochs, len(opened.scoring or ())) * EPOCH_NS


def _open_signals(opened: Opened, signals: list[str], files: dict[str, Path], options: ReadOptions) -> int | None:
    """Add every usable stream to `opened`; the heart's cadence, None where there are beats."""
    notes, hearts, first_error, cadence = opened.notes, set[str](), None, None
    for stream in signals:
        try:
            table = read_table(files[stream], options.max_bytes)
            samples, source = _open_stream(stream, table, options)
        except InputError as error:
            if stream in _EXPECTED and first_error is None:
                first_error = error
            notes.remarks.append(f"{error.reason} ({files[stream].name})")
            continue
        unused = sorted(set(table.header) - _COLUMNS[stream])
        if unused:
            notes.remarks.append(f"columns not used in {table.file}: {', '.join(unused)[:200]}")
        opened.sources.append(source)
        if stream in _EXPECTED and samples:
            hearts.add(stream)
            cadence = cadence_ms(samples) if stream == "hr" else None
    if not hearts and first_error is not None:
        raise first_error
    if not opened.sources:
        refuse(f"nothing in it can be used: {'; '.join(notes.remarks)[:300]}", opened.path)
    if not hearts:
        notes.remarks.append(NO_HEART)
    return cadence


def _open_stream(stream: str, table: Table, options: ReadOptions) -> tuple[list[Timed], Source]:
    """The first samples of a stream, and the stream; raises InputError if none of its rows can be used."""
    if stream in _EXPECTED:
        column, expected = _EXPECTED[stream]
        refuse_wrong_unit(table, required(table, column), 1.0, expected)
    opened = _STREAMS[stream](table, options)
    samples = survey(opened)
    if not samples and (fault := opened.first_fault()):
        raise fault
    if stream in _EXPECTED:
        refuse_wrong_time(samples, repr(column), table.path)
    return list(samples), opened.samples


def _motion(table: Table, options: ReadOptions) -> Stream[MotionSummary]:
    return motion_stream(table, keep_counts=options.keep_counts_rows, as_recorded=False)


_STREAMS: dict[str, Callable[[Table, ReadOptions], Stream[HeartSample | BeatInterval | MotionSummary]]] = {
    "hr": lambda table, _: heart_stream(table),
    "rr": lambda table, _: beat_stream(table),
    "motion": _motion,
    "steps": lambda table, _: step_stream(table),
}


def _read_labels(opened: Opened, present: set[str], files: dict[str, Path], options: ReadOptions) -> None:
    """Add the hypnogram and the marks; labels that cannot be read are a remark, since the night can be watched."""
    notes = opened.notes
    try:
        if "stage" in present:
            table = read_table(files["stage"], options.max_bytes)
            columns = required(table, "t_s"), required(table, "stage")
            opened.scoring = read_stages(table.rows(), columns, table.file, notes)
        if "events" in present:
            table = read_table(files["events"], options.max_bytes)
            columns = required(table, "t_s"), required(table, "event")
            opened.marks = read_marks(table.rows(), columns, table.file, notes)
    except InputError as error:
        notes.remarks.append(f"labels were not read: {error.reason} ({Path(error.path).name})")
