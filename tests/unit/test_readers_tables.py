"""Tables of any make: columns by name and unit, times of every kind, raw acceleration in blocks."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import FormatError, InputError
from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample, MotionSummary
from vigil.recordings.readers import acceleration
from vigil.recordings.readers.acceleration import Vectors, acceleration_blocks
from vigil.recordings.readers.columns import guess
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.readers.text import CHUNK_BYTES
from vigil.recordings.recording import ReadingNotes, Recording

S = 10**9


def table(path: Path, text: str, name: str = "night.csv") -> Path:
    (path / name).write_text(text)
    return path / name


def only(path: Path, options: ReadOptions | None = None) -> Recording:
    (recording,) = find_recordings(path, options)
    return recording


@pytest.mark.parametrize(
    ("name", "role", "unit"),
    [
        ("HR (bpm)", "hr", "bpm"),
        ("heart_rate", "hr", None),
        ("Heart Rate [1/min]", "hr", "1/min"),
        ("bpm", "hr", None),
        ("rr_ms", "rr", "ms"),
        ("IBI", "rr", None),
        ("acc_x (g)", "x", "g"),
        ("x_mg", "x", "mg"),
        ("accel z [m/s²]", "z", "m/s²"),
        ("t_s", "time", "s"),
        ("timestamp_ms", "time", "ms"),
        ("steps", "steps", None),
        ("spo2 (%)", None, "%"),
        ("stage", None, None),
    ],
)
def test_columns_are_known_by_name(name: str, role: str | None, unit: str | None) -> None:
    """The usual ways of naming a column and its unit are known."""
    assert guess(name) == (role, unit)


@pytest.mark.parametrize(
    ("header", "first", "second", "zero_ms", "zone"),
    [
        ("t_s", "10", "11.5", None, None),
        ("t_ms", "10000", "11500", None, None),
        ("time (us)", "10000000", "11500000", None, None),
        ("timestamp", "1560279825", "1560279826.5", 1_560_279_825_000, None),
        ("timestamp", "1560279825000", "1560279826500", 1_560_279_825_000, None),
        ("timestamp", "1560279825000000", "1560279826500000", 1_560_279_825_000, None),
        ("unix_ns", "1560279825000000000", "1560279826500000000", 1_560_279_825_000, None),
        ("datetime", "2019-06-11 19:03:45", "2019-06-11 19:03:46.5", 1_560_279_825_000, None),
        ("time", "2019-06-11T21:03:45+02:00", "2019-06-11T21:03:46.500+02:00", 1_560_279_825_000, 120),
    ],
)
def test_times_of_every_kind(
    tmp_path: Path, header: str, first: str, second: str, zero_ms: int | None, zone: int | None
) -> None:
    """Seconds, Unix time or dates: zero is the first row, to the nanosecond, and its wall time is kept."""
    recording = only(table(tmp_path, f"{header},hr\n{first},60\n{second},61\n"))
    assert [item.at_ns for item in recording.items()] == [0, 1_500_000_000]
    assert (recording.began.wall_ms, recording.began.zone_min) == (zero_ms, zone)


def test_heart_beats_and_steps_of_one_table(tmp_path: Path) -> None:
    """Each column is a stream of its own; an empty cell says that nothing was recorded, which is no fault."""
    text = "time;HR (bpm);rr (s);steps;mood\n0;60;;;ok\n1;;0.9;;ok\n60;61;0.8;3;ok\n"
    recording = only(table(tmp_path, text))
    assert list(recording.items()) == [
        HeartSample(0, 600),
        BeatInterval(S, 900),
        HeartSample(60 * S, 610),
        BeatInterval(60 * S, 800),
        MotionSummary(60 * S, 60_000, None, steps=3),
    ]
    assert recording.notes.left_out == []
    assert recording.began.heart_cadence_ms is None
    assert any("mood" in remark for remark in recording.notes.remarks)


def test_columns_and_units_may_be_named(tmp_path: Path) -> None:
    """What the person says of a column stands over what its name suggests."""
    path = table(tmp_path, "when,hr,true_pulse\n0,1,1.0\n5,2,1.1\n", "x.csv")
    options = ReadOptions(columns=(("time", "when"), ("hr", "true_pulse")), units=(("hr", "hz"),))
    assert list(only(path, options).items()) == [HeartSample(0, 600), HeartSample(5 * S, 660)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ReadOptions(columns=(("hr", "pulse"),)), "no column 'pulse'"),
        (ReadOptions(units=(("hr", "furlong"),)), "furlong"),
    ],
)
def test_a_column_or_unit_that_is_not_there_is_said(tmp_path: Path, options: ReadOptions, words: str) -> None:
    """A slip in an option is named, not guessed around."""
    with pytest.raises(InputError, match=words):
        only(table(tmp_path, "t,hr\n0,60\n"), options)


@pytest.mark.parametrize("pairs", [(("pulse", "x"),), (("hr", "a"), ("hr", "b"))])
def test_roles_are_checked_at_once(pairs: tuple[tuple[str, str], ...]) -> None:
    """An unknown role, or one given twice, is refused before anything is read."""
    with pytest.raises(InputError, match="column role"):
        ReadOptions(columns=pairs)


def test_two_columns_for_one_role_are_not_guessed_between(tmp_path: Path) -> None:
    """Which of two heart rates is meant must be said."""
    with pytest.raises(InputError, match="could all be hr"):
        only(table(tmp_path, "t,hr,pulse\n0,60,61\n"), ReadOptions(columns=(("time", "t"),)))


def test_a_night_is_named_by_its_dates_or_its_file(tmp_path: Path) -> None:
    """Dates are local and name the night; Unix time is not, so the file does."""
    assert only(table(tmp_path, "time,hr\n2019-06-11T23:03:45,60\n")).night == "2019-06-11"
    assert only(table(tmp_path, "time,hr\n1560279825,60\n", "my_night.csv")).night == "my_night"


def test_a_first_row_with_a_wrong_clock_does_not_move_zero(tmp_path: Path) -> None:
    """One wrong time at the start costs that row only."""
    recording = only(table(tmp_path, "t,hr\n5000,60\n100,61\n105,62\n"))
    assert list(recording.items()) == [HeartSample(0, 610), HeartSample(5 * S, 620)]


UNITS = [("g", 1.0), ("mg", 1_000.0), ("m/s2", 9.80665)]


def motion_text(unit: str, scale: float, count: int = 2_000, step_s: float = 0.02, start_s: float = 0.0) -> str:
    rng = random.Random(count)
    rows = [f"t_s,x ({unit}),y ({unit}),z ({unit})"]
    for i in range(count):
        x, y, z = (rng.gauss(mean, 0.02) * scale for mean in (0.1, -0.2, 0.95))
        rows.append(f"{start_s + i * step_s:.4f},{x:.6f},{y:.6f},{z:.6f}")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(("unit", "scale"), UNITS)
def test_raw_acceleration_becomes_blocks_in_milli_g(tmp_path: Path, unit: str, scale: float) -> None:
    """Whatever the unit, the same movement gives the same milli-g, in blocks of ten seconds at most."""
    blocks = list(only(table(tmp_path, motion_text(unit, scale))).items())
    assert all(isinstance(block, AccelerationBlock) for block in blocks)
    found = [block for block in blocks if isinstance(block, AccelerationBlock)]
    assert [block.at_ns for block in found] == [0, 10 * S, 20 * S, 30 * S]
    assert {block.period_ns for block in found} == {20_000_000}
    together = np.concatenate([block.mg for block in found])
    assert together.dtype == np.int16
    rng = random.Random(2_000)
    expected = [[rng.gauss(mean, 0.02) * 1_000 for mean in (0.1, -0.2, 0.95)] for _ in range(2_000)]
    assert np.abs(together - np.array(expected)).max() <= 0.51


def test_a_chunk_with_a_fault_gives_the_same_blocks_but_for_the_faulty_rows(tmp_path: Path) -> None:
    """The careful way and the fast way through a table give the same samples."""
    text = motion_text("g", 1.0, count=3 * CHUNK_BYTES // 40)
    clean = list(only(table(tmp_path, text, "a.csv")).items())
    recording = only(table(tmp_path, text.replace("\n", "\nx,0,0,1\n\n1,2\n,,,\n", 1), "b.csv"))
    damaged = list(recording.items())
    assert [(row.reason, row.count) for row in recording.notes.left_out] == [
        ("a field is not a number", 1),
        ("the row has not 4 fields", 1),
    ]
    assert [as_plain(block) for block in damaged] == [as_plain(block) for block in clean]


def as_plain(block: object) -> tuple[int, int, bytes]:
    assert isinstance(block, AccelerationBlock)
    return block.at_ns, block.period_ns, block.mg.tobytes()


def test_acceleration_with_dates_and_a_heart_rate_between(tmp_path: Path) -> None:
    """Rows of dates are read one by one; the heart rate in the same table is merged by time."""
    rows = ["time,hr,x,y,z"]
    for i in range(600):
        stamp = f"2019-06-11T23:00:{i // 50:02d}.{i % 50 * 20:03d}"
        rows.append(f"{stamp},{'60' if i % 250 == 0 else ''},0.01,0.02,1.0")
    items = list(only(table(tmp_path, "\n".join(rows))).items())
    assert [type(item).__name__ for item in items] == [
        "HeartSample",
        "AccelerationBlock",
        "HeartSample",
        "HeartSample",
        "AccelerationBlock",
    ]
    assert sum(len(item.mg) for item in items if isinstance(item, AccelerationBlock)) == 600


def test_a_gap_ends_a_block(tmp_path: Path) -> None:
    """No sample is placed within a gap."""
    text = motion_text("g", 1, 100) + motion_text("g", 1, 100, start_s=5).split("\n", 1)[1]
    blocks = [b for b in only(table(tmp_path, text)).items() if isinstance(b, AccelerationBlock)]
    assert [(b.at_ns, len(b.mg)) for b in blocks] == [(0, 100), (5 * S, 100)]


@given(
    times=st.lists(st.integers(0, 3 * 10**10), min_size=1, max_size=120), cuts=st.lists(st.integers(0, 120), max_size=5)
)
def test_blocks_hold_every_usable_row_once_however_it_was_cut(times: list[int], cuts: list[int]) -> None:
    """Rows that rise are all in the blocks, in order, at about their own times; the rest is counted."""
    at = np.array(times, np.int64)
    rows = Vectors(at, np.full((len(at), 3), 100.0), np.arange(1, len(at) + 1))
    edges = [0, *sorted(cut for cut in cuts if cut < len(at)), len(at)]
    mask = np.arange(len(at))
    chunks = [rows.only((mask >= a) & (mask < b)) for a, b in pairwise(edges)]
    whole_notes, cut_notes = ReadingNotes(), ReadingNotes()
    whole = list(acceleration_blocks([rows], "f", whole_notes))
    parts = list(acceleration_blocks(chunks, "f", cut_notes))
    kept = sum(len(block.mg) for block in whole)
    assert kept + sum(row.count for row in whole_notes.left_out) == len(times)
    assert [as_plain(block) for block in parts] == [as_plain(block) for block in whole]
    ends = [(b.at_ns, b.at_ns + (len(b.mg) - 1) * b.period_ns) for b in whole]
    assert all(start <= end < start + acceleration.BLOCK_NS for start, end in ends)
    assert all(first[1] < second[0] for first, second in pairwise(ends))


def test_impossible_acceleration_is_left_out() -> None:
    """NaN, infinity and more than a wrist sensor can measure never reach a block."""
    at = np.arange(5, dtype=np.int64) * 20_000_000
    mg = np.zeros((5, 3))
    mg[1, 0], mg[2, 1], mg[3, 2] = math.nan, -math.inf, 20_000.0
    notes = ReadingNotes()
    blocks = list(acceleration_blocks([Vectors(at, mg, np.arange(5))], "f", notes))
    assert sum(len(block.mg) for block in blocks) == 2
    assert sum(row.count for row in notes.left_out) == 3


def test_a_table_without_a_signal_says_which_columns_it_has(tmp_path: Path) -> None:
    """The message names the columns found and what to do."""
    for options in (None, ReadOptions(columns=(("time", "alpha"),))):
        with pytest.raises(FormatError, match=r"alpha, beta.*name them"):
            only(table(tmp_path, "alpha,beta\n1,2\n"), options)
