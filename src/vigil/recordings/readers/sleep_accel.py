"""PhysioNet sleep-accel 1.0.0 (Walch et al., SLEEP 42(12), 2019) as published: one text file a person and signal.

motion/<id>_acceleration.txt   t x y z   blanks, seconds and g, about 50 Hz
heart_rate/<id>_heartrate.txt  t,bpm     commas, about every 5 s
labels/<id>_labeled_sleep.txt  t stage   blanks, 30-s epochs, 0 1 2 3 4 5 -1
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.samples import AccelerationBlock, HeartSample
from vigil.domain.units import EPOCH_NS, NS_PER_S
from vigil.recordings.readers.acceleration import (
    Vectors,
    acceleration_blocks,
    refuse_wrong_acceleration,
    vectors_from_s,
)
from vigil.recordings.readers.begin import night_began, safe_name
from vigil.recordings.readers.numbers import HEART, LONGEST_S, Bounds, instant_ns, number
from vigil.recordings.readers.numeric import NumericTable
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.stage_rows import read_stages
from vigil.recordings.readers.streams import (
    HEART_MEDIAN,
    NO_HEART,
    Opened,
    Stream,
    cadence_ms,
    each_night,
    refuse_wrong_time,
    refuse_wrong_unit,
    survey,
)
from vigil.recordings.readers.text import Table, lines
from vigil.recordings.recording import ReadingNotes, Recording

NAME = "sleep-accel text files"
_MOTION = ("motion", "_acceleration.txt")
_HEART = ("heart_rate", "_heartrate.txt")
_LABELS = ("labels", "_labeled_sleep.txt")
WARM_UP_S = 3_600
"""Samples from more than an hour before zero are skipped: the files start days before some nights."""

EARLIER_ROWS = 8 * 86_400
"""Rows in which the night must begin: one a second of the longest time the files start before it."""

_ANY_DAY = Bounds("time", "s", -1e8, LONGEST_S)


def recognise(path: Path) -> bool:
    """Whether a path is a folder with heart rates or accelerations laid out so."""
    try:
        return bool(_ids(path))
    except OSError:
        return False


def _ids(path: Path) -> list[str]:
    found: set[str] = set()
    for folder, ending in (_MOTION, _HEART):
        if (path / folder).is_dir():
            found.update(file.name.removesuffix(ending) for file in (path / folder).glob(f"*{ending}"))
    return sorted(found)


def open_sleep_accel(path: Path, options: ReadOptions) -> Iterator[Recording]:
    """One recording for each person, in the order of their ids; persons that cannot be read come last, as one error.

    `heart_cadence_ms` is the median of the first 50 intervals after the skipped part.
    """
    people = _ids(path)
    return each_night(people, lambda person: [open_person(path, person, options)], path)


def open_person(path: Path, person: str, options: ReadOptions) -> Recording:
    """The night of one person; raises InputError if neither file can be used or one has another unit."""
    opened = Opened(path, NAME, safe_name(person, "night"), [], ReadingNotes())
    heart, motion, labels = (path / folder / f"{person}{ending}" for folder, ending in (_HEART, _MOTION, _LABELS))
    remarks, cadence = opened.notes.remarks, None
    if heart.exists():
        cadence = _open_heart(opened, heart, options)
    if cadence is None:
        remarks.append(NO_HEART)
    if motion.exists():
        opened.sources.append(_Motion(NumericTable(motion, None, 4, (0, 1, 2, 3), 0, options.max_bytes)))
        opened.sources[-1](ReadingNotes())  # says at once what is wrong with its unit
    if not opened.sources:
        refuse(f"nothing of {opened.night} can be used", path)
    if labels.exists():
        rows = ((line, text.split()) for line, text in lines(labels, options.max_bytes))
        opened.scoring = read_stages(rows, (0, 1), labels.name, opened.notes)
        opened.ends_ns = len(opened.scoring or ()) * EPOCH_NS or None
    remarks.append(f"samples from more than {WARM_UP_S} s before zero were skipped")
    return opened.recording(night_began(opened.night, None, cadence))


def _open_heart(opened: Opened, path: Path, options: ReadOptions) -> int | None:
    """Add the heart rates; their cadence, or None if there is none after the skipped part."""
    table = Table(path, ",", ("t_s", "bpm"), 0, options.max_bytes)
    refuse_wrong_unit(table, 1, 1.0, HEART_MEDIAN)
    stream = Stream(table, _heart_sample)
    samples = survey(stream, EARLIER_ROWS)
    if not samples:
        if fault := stream.first_fault():
            raise fault
        return None
    refuse_wrong_time(samples, "heart rate", path)
    opened.sources.append(stream.samples)
    return cadence_ms(samples)


def _heart_sample(cells: list[str]) -> HeartSample | None:
    at_ns = instant_ns(cells[0], _ANY_DAY)
    return None if at_ns < -WARM_UP_S * NS_PER_S else HeartSample(at_ns, round(number(cells[1], HEART) * 10))


@dataclass(frozen=True, slots=True)
class _Motion:
    """The acceleration of one file as blocks."""

    table: NumericTable

    def __call__(self, notes: ReadingNotes) -> Iterator[AccelerationBlock]:
        """Look at the unit now, read later; raises InputError if the first chunk is not in g."""
        first = next(self._vectors(ReadingNotes()), None)
        if first is not None:
            refuse_wrong_acceleration(first, self.table.path)
        night = (chunk.since(-WARM_UP_S * NS_PER_S) for chunk in self._vectors(notes))
        return acceleration_blocks(night, self.table.path.name, notes)

    def _vectors(self, notes: ReadingNotes) -> Iterator[Vectors]:
        for line, values in self.table.chunks(notes):
            yield vectors_from_s(line, values, _ANY_DAY, notes, self.table.path.name)
