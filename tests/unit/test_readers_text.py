"""Text becomes rows, numbers and rising samples by strict rules."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import InputError
from vigil.domain.samples import HeartSample
from vigil.recordings.readers.begin import WallTime, safe_name, wall_time
from vigil.recordings.readers.numbers import HEART, RowFaultError, instant_ns, is_number, number
from vigil.recordings.readers.streams import rising
from vigil.recordings.readers.text import CHUNK_BYTES, lines, read_table
from vigil.recordings.recording import ReadingNotes

BOUND = 1 << 30


@pytest.mark.parametrize(
    "cell", ["1_0", "٤٢", "nan", "inf", "-Infinity", "0x10", "", " ", "1e", "1e1000", "--1", "1 2", "5,5"]
)
def test_what_python_takes_for_a_number_and_vigil_does_not(cell: str) -> None:
    """Only plain ASCII decimals are numbers."""
    assert not is_number(cell)
    with pytest.raises(RowFaultError):
        number(cell, HEART)


@given(st.floats(20, 300))
def test_a_decimal_is_read_as_python_reads_it(value: float) -> None:
    """The grammar lets every finite decimal through unchanged."""
    assert number(repr(value), HEART) == value


@given(st.integers(-86_400 * 10**9, 8 * 86_400 * 10**9))
def test_nine_decimals_come_back_exactly(at_ns: int) -> None:
    """An instant written with nine decimals is the same instant again."""
    sign, rest = ("-" if at_ns < 0 else ""), abs(at_ns)
    assert instant_ns(f"{sign}{rest // 10**9}.{rest % 10**9:09d}") == at_ns


@given(raw=st.text("ab,;1. \r\n", max_size=200))
def test_line_ends_may_be_mixed(tmp_path_factory: pytest.TempPathFactory, raw: str) -> None:
    """LF, CRLF and CR end a line alike, line numbers count them all, and blank lines are passed over."""
    path = tmp_path_factory.getbasetemp() / "mixed.txt"
    path.write_bytes((raw + "x").encode())
    plain = (raw + "x").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert list(lines(path, BOUND)) == [(i, text) for i, text in enumerate(plain, 1) if text and not text.isspace()]


@pytest.mark.parametrize("shift", range(4))
def test_a_line_end_may_fall_between_two_chunks(tmp_path: Path, shift: int) -> None:
    """CR at the end of one chunk and LF at the start of the next are one line end."""
    path = tmp_path / "long.txt"
    first = "a" * (CHUNK_BYTES // 8 - 2)
    count = 8
    path.write_bytes(("b" * shift + "\r\n" + (first + "\r\n") * count).encode())
    assert [line for line, _ in lines(path, BOUND)] == [*([1] if shift else []), *range(2, 2 + count)]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("t_s,bpm", ["t_s", "bpm"]),
        ("t_s;bpm", ["t_s", "bpm"]),
        ("t_s\tbpm", ["t_s", "bpm"]),
        ("t_s   bpm", ["t_s", "bpm"]),
        ('"t, s";"bpm"', ["t, s", "bpm"]),
        ("# a comment\n\nt_s,bpm", ["t_s", "bpm"]),
    ],
)
def test_the_separator_is_found_in_the_header(tmp_path: Path, header: str, cells: list[str]) -> None:
    """Comma, semicolon, tab or blanks: whichever the header uses."""
    path = tmp_path / "table.csv"
    path.write_text(f"\ufeff{header}\n", encoding="utf-8")
    assert list(read_table(path, BOUND).header) == cells


@given(st.lists(st.integers(0, 60), max_size=60))
def test_what_is_yielded_rises_and_the_rest_is_counted(times: list[int]) -> None:
    """Whatever the order of the rows, samples rise strictly and none disappears uncounted."""
    notes = ReadingNotes()
    found = list(rising(((i, HeartSample(t, 600)) for i, t in enumerate(times)), "f", notes))
    assert all(a.at_ns < b.at_ns for a, b in pairwise(found))
    assert len(found) + sum(row.count for row in notes.left_out) == len(times)


@given(st.lists(st.integers(0, 1_000), min_size=3, max_size=40, unique=True), st.data())
def test_one_wrong_jump_costs_one_row(times: list[int], data: st.DataObject) -> None:
    """A single time far ahead is left out alone; the rows after it are used."""
    good = sorted(times)
    place = data.draw(st.integers(0, len(good) - 2))
    rows = [*good[: place + 1], 10**6, *good[place + 1 :]]
    notes = ReadingNotes()
    found = list(rising(((i, HeartSample(t, 600)) for i, t in enumerate(rows)), "f", notes))
    assert [sample.at_ns for sample in found] == good
    assert [row.count for row in notes.left_out] == [1]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2016-04-13T22:13:00", None),
        ("2016/04/13 22:13:00", None),
        ("2016-04-13T22:13", None),
        ("2016-04-13T22:13:00.000Z", 0),
        ("2016-04-14T00:13:00+02:00", 120),
        ("2016-04-13T17:43:00-0430", -270),
    ],
)
def test_iso_times_keep_their_offset(text: str, zone: int | None) -> None:
    """The instant is UTC and the offset is kept beside it; without one, local time is read as UTC and said to be."""
    expected = round(datetime(2016, 4, 13, 22, 13, tzinfo=UTC).timestamp()) * 10**9
    assert wall_time(text) == WallTime(expected, zone)


def test_nine_decimals_of_a_second_are_kept() -> None:
    """A time stamp in nanoseconds loses nothing."""
    wall = wall_time("2016-04-13T22:13:00.123456789")
    assert wall is not None
    assert wall.ns % 10**9 == 123_456_789


def test_the_date_of_a_night_is_local() -> None:
    """Lights-out at half past midnight in Berlin is that day's date, though it is the day before in UTC."""
    wall = wall_time("2020-10-12T00:30:00+02:00")
    assert wall is not None
    assert wall.date == "2020-10-12"


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59", "2016-02-30T10:00:00", "1970-01-01T00:00:00", "13.04.2016", "x"]
)
def test_dates_that_cannot_be_are_none(text: str) -> None:
    """A day that does not exist, or a year no wearable knew, is no time."""
    assert wall_time(text) is None


@pytest.mark.parametrize("name", ["../up", "a/b", "a\u202eb", "x" * 65, "", None, 7, "-x\n"])
def test_a_hostile_name_is_not_used(name: object) -> None:
    """A night's name cannot hold a path, a line end or text that shows as another."""
    assert safe_name(name, "folder") == "folder"
    assert safe_name(name, "al\x00so bad") == "night"


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    """Which of two columns is meant is not guessed."""
    path = tmp_path / "twice.csv"
    path.write_text("t_s,bpm,bpm\n0,60,61\n")
    with pytest.raises(InputError, match="two columns"):
        read_table(path, BOUND).index("bpm")
