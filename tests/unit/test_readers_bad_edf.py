"""EDF files that lie about themselves, are cut short, or are something else."""

from __future__ import annotations

import io
from pathlib import Path

import edfio
import numpy as np
import pytest

from vigil.domain.errors import FormatError, InputError
from vigil.domain.samples import HeartSample
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.recording import Item, Recording

S = 10**9


def only(path: Path, options: ReadOptions | None = None) -> Recording:
    (recording,) = find_recordings(path, options)
    return recording


def read(path: Path) -> tuple[Recording, list[Item]]:
    recording = only(path)
    return recording, list(recording.items())


def refused(path: Path, words: str, kind: type[InputError] = InputError) -> InputError:
    with pytest.raises(kind, match=words) as caught:
        read(path)
    return caught.value


def edf_bytes(seconds: int = 60) -> bytes:
    """A small EDF+ night: heart rate, three axes, stages."""
    rng = np.random.default_rng(2)
    signals = [
        edfio.EdfSignal(np.full(seconds, 61.0), 1, label="HR", physical_dimension="bpm", physical_range=(0, 300))
    ]
    for axis in "XYZ":
        values = rng.normal(0.5, 0.1, seconds * 20)
        signals.append(edfio.EdfSignal(values, 20, label=f"ACC {axis}", physical_dimension="g", physical_range=(-8, 8)))
    notes = [edfio.EdfAnnotation(0, 30, "Sleep stage W"), edfio.EdfAnnotation(5, None, "a mark")]
    out = io.BytesIO()
    edfio.Edf(signals, annotations=notes, data_record_duration=1).write(out)
    return out.getvalue()


def patched(raw: bytes, at: int, text: str, width: int) -> bytes:
    return raw[:at] + text.encode().ljust(width) + raw[at + width :]


@pytest.mark.parametrize(
    ("at", "text", "width", "words"),
    [
        (252, "900", 4, "cannot be"),
        (252, "-1", 4, "cannot be"),
        (252, "x", 4, "cannot be"),
        (184, "99", 8, "cannot be"),
        (244, "0", 8, "has data records of no duration; nothing was read"),
        (244, "x", 8, "cannot be read"),
        (244, "nan", 8, "cannot be read|no duration"),
        (256 + 216 * 5, "0", 8, "cannot be"),
        (256 + 216 * 5, "99999999", 8, "cannot be"),
        (256 + 216 * 5, "-4", 8, "cannot be"),
    ],
)
def test_edf_with_wrong_counts_in_its_header(tmp_path: Path, at: int, text: str, width: int, words: str) -> None:
    """Counts that contradict each other or the file are said; nothing is read by them."""
    path = tmp_path / "x.edf"
    path.write_bytes(patched(edf_bytes(), at, text, width))
    refused(path, words)


def test_edf_with_another_number_of_records(tmp_path: Path) -> None:
    """Too many or too few records in the header: those that are there are used, and the difference is said."""
    path = tmp_path / "x.edf"
    for claimed, words in (
        ("99", "its header counts 99 data records, but there are 60; those were used"),
        ("7", "its header counts 7 data records, but there are 60; those were used"),
        ("-1", "its header does not say how many data records there are; the 60 found were used"),
    ):
        path.write_bytes(patched(edf_bytes(), 236, claimed, 8))
        recording, items = read(path)
        assert sum(isinstance(item, HeartSample) for item in items) == 60
        assert recording.notes.remarks == [words]


def test_edf_cut_short(tmp_path: Path) -> None:
    """Cut in its header it is refused; cut in its data, the whole records are used and the rest is said."""
    path, raw = tmp_path / "x.edf", edf_bytes()
    for end in (9, 200, 300, 1_500):
        path.write_bytes(raw[:end])
        refused(path, "cut short|no data record")
    path.write_bytes(raw[:-50])
    recording, items = read(path)
    assert sum(isinstance(item, HeartSample) for item in items) == 59
    assert recording.notes.remarks == [
        "its header counts 60 data records, but there are 59; those were used",
        "its last data record is cut short and was not used",
    ]


def test_edf_with_unreadable_annotations(tmp_path: Path) -> None:
    """Annotations that are no text are a remark; the signals are used."""
    path, raw = tmp_path / "x.edf", edf_bytes()
    path.write_bytes(raw.replace(b"Sleep stage W", b"\xff\xfe\xfd\xfc\xfb stage W"))
    recording, items = read(path)
    assert recording.scoring is None
    assert any(isinstance(item, HeartSample) for item in items)
    assert any("annotations cannot be read" in remark for remark in recording.notes.remarks)


def test_bdf_is_not_edf(tmp_path: Path) -> None:
    """The 24-bit cousin is told apart by name."""
    (tmp_path / "x.bdf").write_bytes(b"\xffBIOSEMI" + b" " * 300)
    refused(tmp_path / "x.bdf", "is BDF", FormatError)
