"""What every reader must survive: each kind of bad input, one test each, and seeded mutations of good files."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import shutil
import socket
import tracemalloc
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import edfio
import numpy as np
import pytest

from vigil.domain.errors import FormatError, InputError, VigilError
from vigil.domain.records import LinkLost, NightBegan
from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample, MotionSummary
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.recording import Item, Recording
from vigil.recordings.writers.folder import write_folder

S = 10**9
ROWS = "".join(f"{5 * i},{60 + i % 7}\n" for i in range(20))


def night(path: Path, hr: str | bytes | None = None, **files: str) -> Path:
    """A night folder with the given files."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "night.json").write_text('{"format":"night-folder/1"}')
    if hr is not None:
        (path / "hr.csv").write_bytes(hr if isinstance(hr, bytes) else hr.encode())
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text)
    return path


def only(path: Path, options: ReadOptions | None = None) -> Recording:
    (recording,) = find_recordings(path, options)
    return recording


def read(path: Path) -> tuple[Recording, list[Item]]:
    recording = only(path)
    return recording, list(recording.items())


def left_out(recording: Recording) -> list[tuple[str, int, int | None]]:
    return [(row.reason, row.count, row.first_line) for row in recording.notes.left_out]


def refused(path: Path, words: str, kind: type[InputError] = InputError) -> InputError:
    with pytest.raises(kind, match=words) as caught:
        read(path)
    return caught.value


# Files


def test_missing(tmp_path: Path) -> None:
    """A path that is not there is said to be not there; so is a stream that the manifest names."""
    assert str(tmp_path / "x.csv") in str(refused(tmp_path / "x.csv", "no such file"))
    path = night(tmp_path / "n", steps="t_s,dur_s,steps\n0,60,1\n")
    (path / "night.json").write_text('{"format":"night-folder/1","streams":{"hr":{"file":"hr.csv"}}}')
    assert "hr.csv" in refused(path, "no such file").path


def test_empty(tmp_path: Path) -> None:
    """A file of no bytes, of blanks only, and a header without rows are three things, each with its words."""
    refused(night(tmp_path / "a", ""), "the file is empty")
    refused(night(tmp_path / "b", "\n  \n"), "no line but blanks")
    recording, items = read(night(tmp_path / "c", "t_s,bpm\n"))
    assert items == []
    assert any("watched blind" in remark for remark in recording.notes.remarks)
    (tmp_path / "x.csv").write_text("")
    refused(tmp_path / "x.csv", "the file is empty")
    (tmp_path / "x.edf").write_text("")
    refused(tmp_path / "x.edf", "the file is empty")


def test_nothing_at_all(tmp_path: Path) -> None:
    """A folder of nothing that can be used is an error, not an empty night."""
    refused(night(tmp_path / "a"), "no hr, rr, motion or steps")
    refused(night(tmp_path / "b", motion="t_s,dur_s,range_g\n0,30,x\n"), "nothing in it can be used")


def test_truncated(tmp_path: Path) -> None:
    """A last row cut in two is left out and counted with its line; the rows before it are used."""
    recording, items = read(night(tmp_path, "t_s,bpm\n0,60\n5,61\n10"))
    assert items == [HeartSample(0, 600), HeartSample(5 * S, 610)]
    assert left_out(recording) == [("the row has not 2 fields", 1, 4)]


@pytest.mark.parametrize("name", ["hr.csv", "x.csv", "x.edf"])
def test_binary(tmp_path: Path, name: str) -> None:
    """Bytes that are no text, or no EDF, are refused in words."""
    path = night(tmp_path / "n")
    (path / name).write_bytes(bytes(range(256)) * 40)
    refused(path if name == "hr.csv" else path / name, "NUL byte|not UTF-8|does not begin as an EDF")


def test_a_nul_byte_in_text(tmp_path: Path) -> None:
    """A NUL within text ends the trust in it, with the line."""
    rows = ROWS.encode()
    assert refused(night(tmp_path, b"t_s,bpm\n" + rows + b"1\x0000,60\n"), "NUL byte").line == 22


def test_not_utf8(tmp_path: Path) -> None:
    """Latin-1 and UTF-16 are said, with what to do."""
    refused(night(tmp_path / "a", "t_s,bpm\n0,60\n#é\n".encode("latin-1")), "UTF-8")
    refused(night(tmp_path / "b", "t_s,bpm\n0,60\n".encode("utf-16")), "UTF-16.*UTF-8")


@pytest.mark.parametrize("name", ["night.csv.gz", "night.csv", "night.zip", "night.edf"])
def test_archives_are_refused_by_name_and_not_unpacked(tmp_path: Path, name: str) -> None:
    """A bomb of 300 MB in 300 kB costs nothing: archives are not opened, whatever they are called."""
    bomb = bytes(300_000_000)
    packed = io.BytesIO()
    if name == "night.zip":
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("hr.csv", bomb)
    else:
        packed.write(gzip.compress(bomb, 1))
    del bomb
    (tmp_path / name).write_bytes(packed.getvalue())
    tracemalloc.start()
    refused(tmp_path / name, "(gzip|zip) archive.*unpack it|does not begin as an EDF", FormatError)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_things_that_are_no_files(tmp_path: Path) -> None:
    """A pipe or a socket is not waited on."""
    os.mkfifo(tmp_path / "pipe.csv")
    refused(tmp_path / "pipe.csv", "not an ordinary file|no format")
    path = night(tmp_path / "n")
    os.mkfifo(path / "hr.csv")
    (path / "night.json").write_text('{"format":"night-folder/1","streams":{"hr":{"file":"hr.csv"}}}')
    refused(path, "not an ordinary file")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(tmp_path)
        listening.bind("s.csv")
        refused(tmp_path / "s.csv", "not an ordinary file|no format")


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """What some spreadsheets put first is not part of the first column's name."""
    assert len(read(night(tmp_path, b"\xef\xbb\xbft_s,bpm\n0,60\n"))[1]) == 1


def test_mixed_line_ends(tmp_path: Path) -> None:
    """LF, CRLF and CR in one file are each a line end."""
    assert len(read(night(tmp_path, b"t_s,bpm\r\n0,60\n5,61\r10,62\r\n15,63"))[1]) == 4


def test_other_separators(tmp_path: Path) -> None:
    """A separator is read from the header; rows with another are left out, and all rows of another is an error."""
    assert len(read(night(tmp_path / "a", "t_s;bpm\n0;60\n"))[1]) == 1
    recording, items = read(night(tmp_path / "b", "t_s,bpm\n0,60\n5;61\n10,62\n"))
    assert (len(items), left_out(recording)) == (2, [("the row has not 2 fields", 1, 3)])
    assert refused(night(tmp_path / "c", "t_s,bpm\n0;60\n5;61\n"), "1 fields, not 2").line == 2


def test_a_missing_column(tmp_path: Path) -> None:
    """The columns there are, are named."""
    refused(night(tmp_path, "time,pulse\n0,60\n"), r"no column 't_s' \(it has: time, pulse\)")


@pytest.mark.parametrize("text", ["t_s,bpm\n" + "9" * 70_000 + ",60\n", "t_s,bpm," * 9_000 + "\n", "," * 600 + "t_s\n"])
def test_endless_lines_and_columns(tmp_path: Path, text: str) -> None:
    """A line of more than 64 kB, or hundreds of columns, is not read."""
    refused(night(tmp_path, text), "longer than|columns")


def test_more_bytes_than_allowed(tmp_path: Path) -> None:
    """The bound on size is kept."""
    path = night(tmp_path, "t_s,bpm\n" + ROWS)
    with pytest.raises(InputError, match="more than the 50 allowed"):
        only(path, ReadOptions(max_bytes=50))


# Times


@pytest.mark.parametrize(
    ("times", "kept", "reasons"),
    [
        ([0, 5, 10, 7, 15], [0, 5, 7, 15], {"time jumps ahead and comes back": 1}),
        ([0, 5, 10, 2, 15], [0, 5, 10, 15], {"time goes back": 1}),
        ([0, 5, 5, 10], [0, 5, 10], {"the same instant as the row before": 1}),
        ([0, 5, 90_000, 10], [0, 5, 10], {"time jumps ahead and comes back": 1}),
    ],
)
def test_times_that_do_not_rise(tmp_path: Path, times: list[int], kept: list[int], reasons: dict[str, int]) -> None:
    """A row out of order or doubled is left out and counted; the others are used."""
    recording, items = read(night(tmp_path, "t_s,bpm\n" + "".join(f"{t},60\n" for t in times)))
    assert [item.at_ns // S for item in items] == kept
    assert {reason: count for reason, count, _ in left_out(recording)} == reasons


@pytest.mark.parametrize("time", ["nan", "inf", "-inf", "1e400", "99999999", "-99999999", "", "1_0", "٣", "0x5", "5 s"])
def test_times_that_are_none(tmp_path: Path, time: str) -> None:
    """NaN, infinity, days off, other scripts: the row is left out, the rest is used."""
    recording, items = read(night(tmp_path, f"t_s,bpm\n0,60\n{time},61\n10,62\n"))
    assert [item.at_ns // S for item in items] == [0, 10]
    assert [(count, line) for _, count, line in left_out(recording)] == [(1, 3)]


def test_times_before_lights_out(tmp_path: Path) -> None:
    """Negative times are samples before the night, and come first."""
    assert [item.at_ns // S for item in read(night(tmp_path, "t_s,bpm\n-60,60\n0,61\n"))[1]] == [-60, 0]


def test_the_year_9999(tmp_path: Path) -> None:
    """A date no wearable can have known costs its row, first or not."""
    path = tmp_path / "x.csv"
    path.write_text("time,hr\n9999-12-31T23:59:59,60\n2019-06-11T23:00:00,61\n2019-06-11T23:00:05,62\n")
    recording, items = read(path)
    assert [item.at_ns // S for item in items] == [0, 5]
    assert recording.night == "2019-06-11"
    path.write_text("time,hr\n9999-12-31T23:59:59,60\n")
    refused(path, "not one of its first rows has a time")


def test_newest_first(tmp_path: Path) -> None:
    """A table that runs backwards is said to, instead of losing all rows but one."""
    rows = "".join(f"{t},60\n" for t in range(500, 0, -5))
    refused(night(tmp_path, "t_s,bpm\n" + rows), "sort it oldest first")


# Values


@pytest.mark.parametrize("value", ["nan", "inf", "-60", "0", "900", "1e99", "6_0", "sixty", "", "٦٠", "60 bpm"])
def test_heart_rates_that_are_none(tmp_path: Path, value: str) -> None:
    """An impossible value is left out and counted; good rows beside it are used."""
    recording, items = read(night(tmp_path, f"t_s,bpm\n0,60\n5,{value}\n10,62\n"))
    assert items == [HeartSample(0, 600), HeartSample(10 * S, 620)]
    assert [(count, line) for _, count, line in left_out(recording)] == [(1, 3)]


def test_nothing_but_impossible_values(tmp_path: Path) -> None:
    """If no row can be used the first is quoted with its line."""
    caught = refused(night(tmp_path, "t_s,bpm\n0,-900\n5,-900\n"), "heart rate -900 is impossible")
    assert caught.line == 2
    assert "hr.csv, line 2:" in str(caught)


def test_movement_that_cannot_be(tmp_path: Path) -> None:
    """Rows of movement with a broken number are left out one by one."""
    rows = ["0,30,0.1,0,0,1,a", "30,0,0.1,0,0,1,a", "60,30,nan,0,0,1,a", "90,30,0.1,0,,1,a", "120,30,99,0,0,1,a"]
    text = "t_s,dur_s,range_g,x_g,y_g,z_g,source\n" + "\n".join(rows)
    recording, items = read(night(tmp_path, "t_s,bpm\n0,60\n", motion=text))
    assert sum(isinstance(item, MotionSummary) for item in items) == 1
    assert sum(count for _, count, _ in left_out(recording)) == 4


@pytest.mark.parametrize(
    ("stream", "text", "words"),
    [
        ("hr", "t_s,bpm\n0,1.0\n5,1.1\n", "median 1.05: looks like Hz, not bpm; nothing was used"),
        ("rr", "t_s,rr_ms\n0,0.9\n1,0.8\n", "looks like seconds, not ms; nothing was used"),
        ("rr", "t_s,rr_ms\n0,60\n1,61\n", "looks like another unit, not ms"),
        ("hr", "t_s,bpm\n0,900\n5,900\n", "looks like another unit, not bpm"),
    ],
)
def test_wrong_units(tmp_path: Path, stream: str, text: str, words: str) -> None:
    """A unit is suspected, said and refused; it is never corrected in silence."""
    refused(night(tmp_path, **{stream: text}), words)


@pytest.mark.parametrize(("scale", "words"), [(9.81, "m/s2"), (64, "raw count"), (1_000, "mg")])
def test_acceleration_in_a_wrong_unit(tmp_path: Path, scale: float, words: str) -> None:
    """Acceleration without a unit is g, and refused if gravity is not 1."""
    path = tmp_path / "x.csv"
    path.write_text("t,x,y,z\n" + "".join(f"{i / 50},0,0,{scale}\n" for i in range(100)))
    refused(path, words)
    path.write_text("t,x (mg),y (g),z (g)\n0,0,0,1\n")
    refused(path, "different units")


def test_the_same_stream_twice(tmp_path: Path) -> None:
    """A file appended to itself is read once; the second copy is counted."""
    recording, items = read(night(tmp_path, "t_s,bpm\n" + ROWS + ROWS))
    assert len(items) == 20
    assert sum(count for _, count, _ in left_out(recording)) == 20


def test_overlapping_streams(tmp_path: Path) -> None:
    """Beats and heart rates of the same hours are both kept, in order: the engine judges."""
    items = read(night(tmp_path, "t_s,bpm\n" + ROWS, rr="t_s,rr_ms\n0,1000\n1,1000\n4,1000\n"))[1]
    assert [item.at_ns for item in items] == sorted(item.at_ns for item in items)
    assert sum(isinstance(item, BeatInterval) for item in items) == 3


# EDF


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
        (244, "0", 8, "no duration|cannot be read"),
        (244, "x", 8, "cannot be read"),
        (244, "nan", 8, "cannot be read|no duration"),
        (256 + 216 * 5, "0", 8, "nothing was read|cannot be"),
        (256 + 216 * 5, "99999999", 8, "cannot be"),
        (256 + 216 * 5, "-4", 8, "cannot be"),
    ],
)
def test_edf_with_wrong_counts_in_its_header(tmp_path: Path, at: int, text: str, width: int, words: str) -> None:
    """Counts that contradict each other or the file are said; nothing is read by them."""
    path = tmp_path / "x.edf"
    path.write_bytes(patched(edf_bytes(), at, text, width))
    try:
        recording, items = read(path)
    except InputError as error:
        assert words.split("|", maxsplit=1)[0] in str(error) or any(word in str(error) for word in words.split("|"))
    else:
        assert not any(isinstance(item, HeartSample) for item in items), recording.notes


def test_edf_with_another_number_of_records(tmp_path: Path) -> None:
    """Too many or too few records in the header: those that are there are used, and the difference is said."""
    path = tmp_path / "x.edf"
    for claimed in ("99", "7", "-1"):
        path.write_bytes(patched(edf_bytes(), 236, claimed, 8))
        recording, items = read(path)
        assert sum(isinstance(item, HeartSample) for item in items) == 60
        assert any("records" in remark for remark in recording.notes.remarks)


def test_edf_cut_short(tmp_path: Path) -> None:
    """Cut in its header it is refused; cut in its data, the whole records are used and the rest is said."""
    path, raw = tmp_path / "x.edf", edf_bytes()
    for end in (9, 200, 300, 1_500):
        path.write_bytes(raw[:end])
        refused(path, "cut short|no data record")
    path.write_bytes(raw[:-50])
    recording, items = read(path)
    assert sum(isinstance(item, HeartSample) for item in items) == 59
    assert any("truncated" in remark for remark in recording.notes.remarks)


def test_edf_with_unreadable_annotations(tmp_path: Path) -> None:
    """Annotations that are no text are a remark; the signals are used."""
    path, raw = tmp_path / "x.edf", edf_bytes()
    path.write_bytes(raw.replace(b"Sleep stage W", b"\xff\xfe\xfd\xfc stage W"))
    recording, items = read(path)
    assert recording.scoring is None
    assert any(isinstance(item, HeartSample) for item in items)
    assert any("annotations cannot be read" in remark for remark in recording.notes.remarks)


def test_bdf_is_not_edf(tmp_path: Path) -> None:
    """The 24-bit cousin is told apart by name."""
    (tmp_path / "x.bdf").write_bytes(b"\xffBIOSEMI" + b" " * 300)
    refused(tmp_path / "x.bdf", "is BDF", FormatError)


# Size


def peak_of(path: Path) -> tuple[int, int]:
    """(items, peak bytes) of reading a path to its end."""
    tracemalloc.start()
    count = sum(1 for recording in find_recordings(path) for _ in recording.items())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return count, peak


def test_memory_is_flat_over_100_mb_of_text(tmp_path: Path) -> None:
    """A table of 100 MB is read in a few megabytes."""
    path, note = tmp_path / "x.csv", "n" * 4_000
    with path.open("w") as file:
        file.write("t,hr,note\n")
        file.writelines(f"{5 * i},60,{note}\n" for i in range(25_000))
    assert path.stat().st_size > 100_000_000
    count, peak = peak_of(path)
    assert count == 25_000
    assert peak < 6_000_000


def test_memory_is_flat_over_raw_acceleration(tmp_path: Path) -> None:
    """Four times the acceleration takes no more memory."""
    peaks = []
    for rows in (60_000, 240_000):
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as file:
            file.write("t_s,x,y,z\n")
            file.writelines(f"{i / 50:.2f},0.0123,-0.4567,0.9876\n" for i in range(rows))
        count, peak = peak_of(path)
        assert count == rows // 500
        peaks.append(peak)
    assert peaks[1] < 1.2 * peaks[0] < 40_000_000


def test_memory_is_flat_over_a_large_edf(tmp_path: Path) -> None:
    """An EDF of 60 MB, most of it other channels, is read in a few megabytes."""
    rng = np.random.default_rng(1)
    seconds = 60
    heart = edfio.EdfSignal(np.full(seconds, 61.0), 1, label="HR", physical_dimension="bpm", physical_range=(0, 300))
    brain = edfio.EdfSignal(rng.normal(0, 1, seconds * 1_000), 1_000, label="EEG", physical_dimension="uV")
    out = io.BytesIO()
    edfio.Edf([heart, brain], data_record_duration=1).write(out)
    raw = out.getvalue()
    header, data = raw[: 256 * 3], raw[256 * 3 :]
    path = tmp_path / "x.edf"
    with path.open("wb") as file:
        file.write(patched(header, 236, str(seconds * 500), 8))
        for _ in range(500):
            file.write(data)
    assert path.stat().st_size > 60_000_000
    count, peak = peak_of(path)
    assert count == seconds * 500
    assert peak < 12_000_000


# Mutations

TOKENS = (
    b"\x00",
    b"\xff",
    b"\n",
    b"\r",
    b",",
    b";",
    b'"',
    b"-",
    b"e9",
    b"nan",
    b"1e309",
    b"9" * 30,
    b"\xef\xbb\xbf",
    b"{",
    b"[",
)


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """A few seeded damages: flips, insertions, deletions, doublings, a cut."""
    body = bytearray(raw)
    for _ in range(rng.randint(1, 6)):
        at, span = rng.randrange(len(body) + 1), rng.randint(1, 40)
        kind = rng.randrange(6)
        if kind == 0 and at < len(body):
            body[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            body[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            del body[at : at + span]
        elif kind == 3:
            body[at:at] = body[at : at + span]
        elif kind == 4 and at < len(body):
            body[at] = rng.randrange(256)
        elif rng.random() < 0.2:
            del body[at:]
    return bytes(body)


def folder_sample(path: Path) -> Path:
    rr = "t_s,rr_ms,beat\n" + "".join(f"{i}.5,9{i % 10}0,N\n" for i in range(20))
    motion = "t_s,dur_s,range_g,x_g,y_g,z_g,source\n0,30,0.1,0,0,1,accelerometer\n30,30,,,,,none\n60,30,0.2,,,,counts\n"
    night(path, "t_s,bpm\n" + ROWS, rr=rr, motion=motion, stage="t_s,stage\n0,0\n30,2\n", events="t_s,event\n0,A\n")
    about = {"format": "night-folder/1", "night": "n", "hours": 0.1, "start_local": "2016-04-13T22:13:00"}
    (path / "night.json").write_text(json.dumps(about | {"streams": {"hr": {"file": "hr.csv"}}}))
    return path


def own_sample(path: Path) -> Path:
    items: list[Item] = [NightBegan(7)]
    items += [HeartSample(i * S, 600) for i in range(5)]
    items += [
        LinkLost(6 * S),
        BeatInterval(7 * S, 900),
        MotionSummary(8 * S, 1_000, 12, (1, 2, 3), (4, 5, 6), (2, 3, 4)),
    ]
    write_folder(path, night="n", began=NightBegan(7), items=items)
    return path


def csv_sample(path: Path) -> Path:
    path.mkdir()
    rows = "".join(f"2019-06-11T23:00:{i % 60:02d},{60 + i % 9},{900 + i},0.1,0.2,0.9\n" for i in range(60))
    (path / "x.csv").write_text("time,hr,rr,x,y,z\n" + rows)
    (path / "y.csv").write_text("t_s x y z\n" + "".join(f"{i / 20:.2f} 0.1 -0.2 0.95\n" for i in range(300)))
    return path


def edf_sample(path: Path) -> Path:
    path.mkdir()
    (path / "x.edf").write_bytes(edf_bytes())
    return path


def accel_sample(path: Path) -> Path:
    for folder, name, text in (
        ("heart_rate", "7_heartrate.txt", ROWS),
        ("motion", "7_acceleration.txt", "".join(f"{i / 50:.3f} 0.1 -2e-3 0.95\n" for i in range(300))),
        ("labels", "7_labeled_sleep.txt", "0 0\n30 2\n60 5\n"),
    ):
        (path / folder).mkdir(parents=True)
        (path / folder / name).write_text(text)
    return path


SAMPLES: dict[str, Callable[[Path], Path]] = {
    "folder": folder_sample,
    "own": own_sample,
    "csv": csv_sample,
    "edf": edf_sample,
    "accel": accel_sample,
}


def survive(path: Path) -> None:
    """Read everything at a path: only Vigil's own errors, and what is given is sound."""
    try:
        for recording in find_recordings(path):
            items = list(recording.items())
            if not recording.as_recorded:
                assert all(a.at_ns <= b.at_ns for a, b in pairwise(items))
            for item in items:
                assert type(item.at_ns) is int
                if isinstance(item, AccelerationBlock):
                    assert item.mg.dtype == np.int16
                    assert item.period_ns > 0
    except VigilError as error:
        assert len(str(error)) < 3_000


def campaign(tmp_path: Path, kind: str, count: int) -> None:
    good = SAMPLES[kind](tmp_path / "good")
    files = sorted(file.relative_to(good) for file in good.rglob("*") if file.is_file())
    rng = random.Random(f"{kind}{count}")
    bad = tmp_path / "bad"
    shutil.copytree(good, bad)
    for _ in range(count):
        for name in rng.sample(files, k=min(len(files), rng.randint(1, 2))):
            (bad / name).write_bytes(mutated((good / name).read_bytes(), rng))
        survive(bad)
        for name in files:
            (bad / name).write_bytes((good / name).read_bytes())


@pytest.mark.parametrize("kind", SAMPLES)
def test_mutated_files_never_crash(tmp_path: Path, kind: str) -> None:
    """Seeded damage to good files gives Vigil's own errors or sound samples, and never anything else."""
    campaign(tmp_path, kind, 250)


@pytest.mark.nightly
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("kind", SAMPLES)
def test_mutated_files_never_crash_at_length(tmp_path: Path, kind: str) -> None:
    """The same, ten thousand times."""
    campaign(tmp_path, kind, 10_000)


def test_good_samples_of_the_mutations_are_good(tmp_path: Path) -> None:
    """The files that are damaged above are read in full when they are whole."""
    for kind, build in SAMPLES.items():
        found = [list(recording.items()) for recording in find_recordings(build(tmp_path / kind))]
        assert found, kind
        assert all(len(items) >= 2 for items in found), kind
