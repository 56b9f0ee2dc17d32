"""What every reader must survive: each kind of bad input, one test each. EDF, size and mutations: test_readers_*.py."""

from __future__ import annotations

import gzip
import io
import os
import socket
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from vigil.domain.errors import FormatError, InputError
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.recording import Item, Recording

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


def test_things_that_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe or a socket is not waited on."""
    os.mkfifo(tmp_path / "pipe.csv")
    refused(tmp_path / "pipe.csv", "not an ordinary file|no format")
    path = night(tmp_path / "n")
    os.mkfifo(path / "hr.csv")
    (path / "night.json").write_text('{"format":"night-folder/1","streams":{"hr":{"file":"hr.csv"}}}')
    refused(path, "not an ordinary file")
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(tmp_path)  # a socket's path has a length limit
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
    refused(night(tmp_path, "time,pulse\n0,60\n"), r"no column 'bpm' \(it has: time, pulse\)")


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
    assert refused(path, "time .9999-12-31T23:59:59. is not seconds").line == 2


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("t_s;bpm\n0,0;55,5\n5,0;56,5\n", "time '0,0' is not seconds", 2),
        ("time,bpm\n22:00:00,60\n", "time '22:00:00' is not seconds", 2),
        ("t_s;bpm\n0,60\n", "the row has 1 fields, not 2", 2),
        ("\n0,60\n5,61\n", "its first line holds values", 2),
        ("2019-10-16T12:08:58.041+02:00;STEPS;299.0\n", "its first line holds values", 1),
        ("t_s,hr,pulse\n0,60,60\n", "--column hr=NAME", 1),
        ("t_s,bpm,bpm\n0,60,60\n", "two columns are called 'bpm'", 1),
    ],
)
def test_a_table_that_cannot_be_begun_is_said_with_its_line(tmp_path: Path, text: str, words: str, line: int) -> None:
    """The cell that cannot be read is quoted with its line: without it nobody can mend a file of a million rows."""
    path = tmp_path / "x.csv"
    path.write_text(text)
    assert refused(path, words).line == line


def test_a_header_without_rows(tmp_path: Path) -> None:
    """A header alone is told apart from times that cannot be read."""
    path = tmp_path / "x.csv"
    path.write_text("t_s,bpm\n")
    refused(path, "a header and no row below it")


def test_times_in_ms_read_as_s(tmp_path: Path) -> None:
    """A heart rate every 83 minutes is times in another unit: said and refused, until the unit is given."""
    rows = "".join(f"{i * 5000},{60 + i % 5}\n" for i in range(30))
    refused(night(tmp_path / "folder", "t_s,bpm\n" + rows), "its times look like ms, not s")
    path = tmp_path / "x.csv"
    path.write_text("t_s,bpm\n" + rows)
    refused(path, "'bpm' has a value every 5000 s: its times look like ms, not s")
    recording = only(path, ReadOptions(units=(("time", "ms"),)))
    assert [item.at_ns for item in recording.items()] == [5 * S * i for i in range(30)]


def test_a_slow_tracker_with_dates_is_read(tmp_path: Path) -> None:
    """Dates leave no doubt about the unit: a value every 20 minutes is a night that is mostly blind, not an error."""
    path = tmp_path / "x.csv"
    path.write_text("time,bpm\n" + "".join(f"2024-03-01 2{i // 3}:{i % 3 * 2}0:00,6{i}\n" for i in range(9)))
    assert len(read(path)[1]) == 9


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
