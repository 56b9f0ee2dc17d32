"""EDF and EDF+ files through edfio: the header checked first, the data read five minutes of records at a time.

edfio maps the file and copies only the slice that is asked for, so memory stays flat; annotations are the
exception: edfio gives them all at once, so their size is bounded here.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vigil.domain.errors import FormatError
from vigil.domain.units import NS_PER_S
from vigil.recordings.readers.begin import FIRST_YEAR, WallTime
from vigil.recordings.readers.refusals import refuse, refuse_format
from vigil.recordings.readers.text import opening_bytes

if TYPE_CHECKING:
    from edfio import Edf, EdfSignal

EDF_MAGIC = b"0       "
BDF_MAGIC = b"\xffBIOSEMI"
_FIXED = 256
_MOST_SIGNALS = 512
_MOST_RECORD_BYTES = 1 << 26
_MOST_ANNOTATION_BYTES = 1 << 26
_CHUNK_S = 300
_BROKEN = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, NameError, OSError)
"""What edfio raises on a header that lies. NameError: an unset local for a record of no duration."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One ordinary signal. physical = (digital + offset) * gain; gain 0: the header gives none."""

    index: int
    label: str
    unit: str
    gain: float
    offset: float
    per_record: int


@dataclass(frozen=True, slots=True)
class EdfFile:
    """What the header says, and how to read on.

    record_ns: duration of a data record; 0 in a file of annotations alone. records: those that are really there.
    annotations: (onset_s, duration_s or None, text), rising. remarks: what was odd.
    """

    path: Path
    wall: WallTime | None
    records: int
    record_ns: int
    channels: tuple[Channel, ...]
    annotations: tuple[tuple[float, float | None, str], ...]
    remarks: tuple[str, ...]

    def rate_hz(self, channel: Channel) -> float:
        """Samples a second."""
        return channel.per_record * NS_PER_S / self.record_ns

    def values(self, channels: tuple[Channel, ...]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Yield (at_ns (n,), physical values (n, channels)) of channels with one rate, about five minutes at a time."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they became remarks when the file was first opened
            edf = _open(self.path)
        step, per_record = max(1, _CHUNK_S * NS_PER_S // self.record_ns), channels[0].per_record
        within = np.arange(per_record, dtype=np.int64) * self.record_ns // per_record
        for first in range(0, self.records, step):
            last = min(self.records, first + step)
            starts = np.arange(first, last, dtype=np.int64) * self.record_ns
            columns = [self._slice(edf, channel, first, last) for channel in channels]
            yield (starts[:, None] + within[None, :]).ravel(), np.stack(columns, axis=1)

    def _slice(self, edf: Edf, channel: Channel, first: int, last: int) -> NDArray[np.float64]:
        span_s = self.record_ns / NS_PER_S
        try:
            digital = edf.signals[channel.index].get_digital_slice(first * span_s, last * span_s)
        except _BROKEN as error:
            message = f"channel {channel.label!r} could not be read on ({error})"
            raise FormatError(message, path=str(self.path)) from error
        return (digital.astype(np.float64) + channel.offset) * channel.gain


@dataclass(frozen=True, slots=True)
class _Header:
    """What the header counts, in bytes and data records; `claimed` records are -1 where it does not say."""

    bytes: int
    record_bytes: int
    annotation_bytes: int
    claimed: int


def read_edf_file(path: Path, max_bytes: int) -> EdfFile:
    """Check and read the header and the annotations; raises FormatError or InputError in plain words."""
    header = _check_header(path, max_bytes)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        edf = _open(path)
        try:
            channels = tuple(_channel(index, signal) for index, signal in enumerate(edf.signals))
            records, record_ns, kind = edf.num_data_records, round(edf.data_record_duration * NS_PER_S), edf.reserved
            gapless = not kind.startswith("EDF+D") or edf.is_continuous
        except _BROKEN as error:
            message = f"its header cannot be read ({str(error)[:120]}); nothing was read"
            raise FormatError(message, path=str(path)) from error
    if not gapless:
        refuse("is interrupted (EDF+D with gaps); Vigil reads continuous files: export it as one", path)
    if records < 1:
        refuse("holds no data record; nothing was read", path)
    if record_ns <= 0 and channels:
        refuse_format("has data records of no usable duration; nothing was read", path)
    remarks = _about_records(path, header, records)
    remarks += [words for one in caught if "data record" not in (words := str(one.message)).lower()]
    annotations: tuple[tuple[float, float | None, str], ...] = ()
    if header.annotation_bytes * records > _MOST_ANNOTATION_BYTES:
        remarks.append("its annotations are larger than 64 MB and were not read")
    else:
        annotations = _annotations(edf, remarks)
    return EdfFile(path, _wall(edf), records, record_ns, channels, annotations, tuple(remarks))


def _open(path: Path) -> Edf:
    from edfio import read_edf  # noqa: PLC0415 — a quarter of a second that only EDF files should cost

    try:
        return read_edf(path, lazy_load_data=True)
    except _BROKEN as error:
        message = f"its header cannot be read ({str(error)[:120]}); nothing was read"
        raise FormatError(message, path=str(path)) from error


def _about_records(path: Path, header: _Header, records: int) -> list[str]:
    """What is odd about the number of data records: the header says another, or the last is cut short."""
    remarks = []
    if header.claimed < 0:
        remarks.append(f"its header does not say how many data records there are; the {records} found were used")
    elif header.claimed != records:
        remarks.append(f"its header counts {header.claimed} data records, but there are {records}; those were used")
    if (path.stat().st_size - header.bytes) % header.record_bytes:
        remarks.append("its last data record is cut short and was not used")
    return remarks


def _check_header(path: Path, max_bytes: int) -> _Header:
    """What the header counts; raises where its counts contradict each other or the file."""
    fixed = opening_bytes(path, max_bytes, _FIXED)
    if fixed.startswith(BDF_MAGIC):
        refuse_format("is BDF (24 bit); Vigil reads EDF: convert it", path)
    if not fixed.startswith(EDF_MAGIC):
        refuse_format("does not begin as an EDF file does", path)
    if len(fixed) < _FIXED:
        refuse("is cut short within its header; nothing was read", path)
    signals, header_bytes = _count(fixed[252:256]), _count(fixed[184:192])
    if not 1 <= signals <= _MOST_SIGNALS or header_bytes != _FIXED * (signals + 1):
        refuse(f"its header counts {signals} signals in {header_bytes} bytes, which cannot be; nothing was read", path)
    header = opening_bytes(path, max_bytes, header_bytes)
    if len(header) < header_bytes:
        refuse("is cut short within its header; nothing was read", path)
    sizes = [_count(header[at : at + 8]) for at in range(_FIXED + 216 * signals, _FIXED + 224 * signals, 8)]
    if min(sizes) < 1 or not 0 < 2 * sum(sizes) <= _MOST_RECORD_BYTES:
        refuse(f"its header counts {2 * sum(sizes)} bytes in a data record, which cannot be; nothing was read", path)
    labels = [header[at : at + 16] for at in range(_FIXED, _FIXED + 16 * signals, 16)]
    notes = sum(size for size, label in zip(sizes, labels, strict=True) if label.rstrip() == b"EDF Annotations")
    if notes < sum(sizes) and _is_zero(fixed[244:252]):
        refuse_format("has data records of no duration; nothing was read", path)
    return _Header(header_bytes, 2 * sum(sizes), 2 * notes, _count(fixed[236:244]))


def _is_zero(field: bytes) -> bool:
    try:
        return float(field) == 0
    except ValueError:
        return False  # edfio says what is wrong with it


def _count(field: bytes) -> int:
    text = field.strip()
    return int(text) if text.isdigit() else -1  # bytes.isdigit is ASCII only


def _channel(index: int, signal: EdfSignal) -> Channel:
    low, high = signal.physical_min, signal.physical_max
    span = signal.digital_max - signal.digital_min
    gain = (high - low) / span if span else 0.0
    usable = gain != 0 and isfinite(gain) and isfinite(low)
    offset = low / gain - signal.digital_min if usable else 0.0
    unit = signal.physical_dimension.strip()
    return Channel(index, signal.label.strip(), unit, gain if usable else 0.0, offset, signal.samples_per_data_record)


def _annotations(edf: Edf, remarks: list[str]) -> tuple[tuple[float, float | None, str], ...]:
    try:
        found = tuple((float(a.onset), a.duration, a.text) for a in edf.annotations)
    except _BROKEN:
        remarks.append("its annotations cannot be read; none was used")
        return ()
    return tuple(one for one in found if isfinite(one[0]) and (one[1] is None or isfinite(one[1])))


def _wall(edf: Edf) -> WallTime | None:
    """The start as the header says; None for the stand-in date of files that hide it, or one that is none."""
    try:
        start = edf.startdatetime.replace(tzinfo=UTC)
    except _BROKEN:
        return None
    if start.year < FIRST_YEAR:
        return None
    since = start - datetime(1970, 1, 1, tzinfo=UTC)
    return WallTime((since.days * 86_400 + since.seconds) * NS_PER_S, None)
