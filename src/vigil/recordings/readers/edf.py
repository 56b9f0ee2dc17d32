"""EDF and EDF+ nights: heart rate, beat intervals, acceleration; stages and marks from annotations."""

from __future__ import annotations

import re
from pathlib import Path

from vigil.domain.samples import BeatInterval
from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S, ns_from_s
from vigil.recordings.labels import LONGEST_HYPNOGRAM, hypnogram, stage_of_text
from vigil.recordings.readers.acceleration import refuse_wrong_acceleration
from vigil.recordings.readers.begin import night_began, safe_name
from vigil.recordings.readers.columns import guess, unit_factor
from vigil.recordings.readers.edf_channels import HELD, MARKED, RATE, Beats, Motion, Sampled
from vigil.recordings.readers.edf_file import BDF_MAGIC, EDF_MAGIC, Channel, EdfFile, read_edf_file
from vigil.recordings.readers.numbers import BEAT, LONGEST_S, shown
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.stage_rows import MOST_MARKS
from vigil.recordings.readers.streams import NO_HEART, Opened, cadence_ms
from vigil.recordings.recording import ReadingNotes, Recording

NAME = "EDF or EDF+"
_LEAST_MOTION_HZ = 10
_RR_TEXT = re.compile(r"(?:rr|ibi)[ =:]?([0-9]{1,6}(?:\.[0-9]{1,6})?)(?: ?ms)?", re.IGNORECASE).fullmatch


def recognise(path: Path) -> bool:
    """Whether a file begins as EDF or BDF does, or is called .edf."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            first = file.read(8)
    except OSError:
        return False
    return first in {EDF_MAGIC, BDF_MAGIC} or path.suffix.lower() == ".edf"


def open_edf(path: Path, options: ReadOptions) -> list[Recording]:
    """The one night of a file; zero is its start, whose local time is kept in `began` without a zone.

    Channels are known by label and unit: HR, heart rate or pulse in bpm; RR or IBI in ms or s; ACC X, Y, Z in g, mg or
    m/s2 at 10 Hz or more. A heart rate of 0 is "none known"; one above 4 Hz is read once a second. An RR channel with
    zeros marks each beat at its second beat's sample; one without is a held tachogram and is read as heart rate once
    a second. Annotations "rr <ms>" mark second beats too; "Sleep stage ..." are the hypnogram; others are marks.
    Raises InputError or FormatError where nothing can be replayed, or a unit is suspected to be another than said.
    """
    file = read_edf_file(path, options.max_bytes)
    name = file.wall.date if file.wall is not None else safe_name(path.stem, "night")
    opened = Opened(path, NAME, name, [], ReadingNotes(remarks=list(file.remarks)))
    opened.ends_ns = file.records * file.record_ns or None
    beats = _read_annotations(opened, file)
    channels = _by_role(file, opened.notes.remarks)
    cadence = _open_heart(opened, file, channels, beats)
    _open_motion(opened, file, channels)
    if not opened.sources:
        labels = ", ".join(shown(channel.label) for channel in file.channels)[:200]
        what = "a hypnogram, not a night to replay" if opened.scoring else "no heart rate, beats or acceleration"
        refuse(f"{what} (channels: {labels or 'none'}); nothing was read", path)
    return [opened.recording(night_began(name, file.wall, cadence))]


def _by_role(file: EdfFile, remarks: list[str]) -> dict[str, tuple[Channel, float]]:
    """The first usable channel of each role, with the factor from its unit to bpm, ms or milli-g."""
    found: dict[str, tuple[Channel, float]] = {}
    for channel in file.channels:
        role = guess(channel.label)[0]
        if role not in {"hr", "rr", "x", "y", "z"}:
            remarks.append(f"channel {shown(channel.label)!r} was not used: not a signal Vigil reads")
            continue
        factor = unit_factor(role, channel.unit)
        if factor is None or channel.gain == 0 or channel.per_record < 1:
            remarks.append(
                f"channel {shown(channel.label)!r} in {shown(channel.unit)!r} cannot be read; it was not used"
            )
        elif role in found:
            remarks.append(f"channel {shown(channel.label)!r} was not used: another came first")
        else:
            found[role] = channel, factor
    return found


def _open_heart(
    opened: Opened, file: EdfFile, channels: dict[str, tuple[Channel, float]], beats: tuple[BeatInterval, ...]
) -> int | None:
    """Add beats and heart rate; the heart's cadence, None where there are beats or no heart at all."""
    cadence, has_beats = None, bool(beats)
    if beats:
        opened.sources.append(Beats(beats, file.path.name))
    if "rr" in channels and not has_beats:
        marked = Sampled(file, *channels["rr"], HELD)
        has_beats = marked.rests()
        marked = Sampled(file, *channels["rr"], MARKED) if has_beats else marked
        if first := marked.first():
            opened.sources.append(marked.samples)
            cadence = cadence_ms(first)
            if not has_beats:
                opened.notes.remarks.append("the RR channel is held between beats; it was read as heart rate")
    if "hr" in channels:
        heart = Sampled(file, *channels["hr"], RATE)
        if first := heart.first():
            opened.sources.append(heart.samples)
            cadence = cadence_ms(first)
    if not opened.sources:
        opened.notes.remarks.append(NO_HEART)
    return None if has_beats else cadence


def _open_motion(opened: Opened, file: EdfFile, channels: dict[str, tuple[Channel, float]]) -> None:
    """Add the acceleration, if there are three axes of one rate, fast enough to see a movement in."""
    axes = [channels[axis] for axis in "xyz" if axis in channels]
    if not axes:
        return
    same = len(axes) == 3 and len({(channel.per_record, factor) for channel, factor in axes}) == 1
    if not same or file.rate_hz(axes[0][0]) < _LEAST_MOTION_HZ:
        opened.notes.remarks.append("acceleration needs three axes of one unit and one rate of 10 Hz or more; not used")
        return
    motion = Motion(file, tuple(channel for channel, _ in axes), axes[0][1])
    refuse_wrong_acceleration(next(motion.vectors()), file.path)
    opened.sources.append(motion)


def _read_annotations(opened: Opened, file: EdfFile) -> tuple[BeatInterval, ...]:
    """Add the hypnogram and the marks; the beats."""
    name, notes, beats, marks = file.path.name, opened.notes, list[BeatInterval](), list[tuple[float, str]]()
    epochs: list[tuple[int, AasmStage]] = []
    for onset_s, duration_s, text in file.annotations:
        stage, beat = stage_of_text(text), _RR_TEXT(text.strip())
        if not abs(onset_s) <= LONGEST_S:
            notes.leave_out(name, "annotation: time is impossible")
        elif stage is not None:
            _add_epochs(epochs, onset_s, duration_s, stage, notes, name)
        elif beat is not None:
            rr_ms = float(beat.group(1))
            if BEAT.low <= rr_ms <= BEAT.high:
                beats.append(BeatInterval(ns_from_s(onset_s), round(rr_ms)))
            else:
                notes.leave_out(name, f"annotation: {BEAT.outside}")
        elif text and text.isprintable() and len(marks) < MOST_MARKS:
            marks.append((onset_s, text[:80]))
    opened.scoring, opened.marks = hypnogram(epochs), tuple(marks)
    return tuple(beats)


def _add_epochs(
    epochs: list[tuple[int, AasmStage]],
    onset_s: float,
    duration_s: float | None,
    stage: AasmStage,
    notes: ReadingNotes,
    name: str,
) -> None:
    first, count = round(onset_s / EPOCH_S), round((duration_s or EPOCH_S) / EPOCH_S)
    whole = abs(first * EPOCH_S - onset_s) < 0.5 and first >= 0 and 1 <= count <= LONGEST_HYPNOGRAM - first
    if not whole:
        notes.leave_out(name, "annotation: a stage does not cover whole 30-s epochs from zero")
        return
    epochs.extend((index, stage) for index in range(first, first + count))
