"""The night folder that Vigil writes: everything comes back exactly."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import InputError
from vigil.domain.plain import from_plain
from vigil.domain.records import (
    Event,
    Held,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    NightBegan,
    NightEnded,
    OutputAcknowledged,
    OutputProbed,
    Restarted,
    Sample,
    Tick,
)
from vigil.domain.requests import Output
from vigil.domain.samples import AccelerationBlock, Battery, BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.sleep import AasmStage
from vigil.recordings.readers.formats import find_recordings
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.recording import Item
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.sensor import CHEST_STRAP, WRIST_5S, Sensor
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.recordings.writers.decimals import decimal
from vigil.recordings.writers.folder import write_folder

BEGAN = NightBegan(at_ns=5_000_000_000, night="2026-03-01", boot_id="b", wall_ms=1_772_400_000_123, zone_min=60)


def write(path: Path, items: list[Any], began: NightBegan = BEGAN) -> Path:
    """Write a night called after its NightBegan."""
    write_folder(path, night=began.night, began=began, items=items)
    return path


def read(path: Path) -> tuple[NightBegan, list[Item]]:
    """Read a night back through Vigil's reader."""
    (night,) = find_recordings(path, ReadOptions())
    assert night.as_recorded
    return night.began, list(night.items())


@pytest.mark.parametrize("sensor", [WRIST_5S, CHEST_STRAP], ids=lambda sensor: sensor.name)
def test_a_simulated_night_comes_back_exactly(tmp_path: Path, sensor: Sensor) -> None:
    """Return: every sample and event of a whole night, to the nanosecond, in the order it was pushed."""
    one = SimulatedSleeper(3, plan=named_plan("mixed", 3, hours=2.0), sensor=sensor)
    items = one.until(one.ends_ns)
    began, found = read(write(tmp_path / "night", items, one.began()))
    assert began == one.began()
    assert found == items


instants = st.integers(-3600 * 10**9, 12 * 3600 * 10**9)
vectors = st.none() | st.tuples(*[st.integers(-16_000, 16_000)] * 3)
samples = st.one_of(
    st.builds(HeartSample, instants, st.integers(0, 3000)),
    st.builds(BeatInterval, instants, st.integers(1, 5000), st.booleans()),
    st.builds(
        MotionSummary,
        instants,
        st.integers(-5, 4_000_000),
        st.none() | st.integers(-1, 60_000),
        low_mg=vectors,
        high_mg=vectors,
        mean_mg=vectors,
        steps=st.none() | st.integers(-1, 500),
    ),
    st.builds(Contact, instants, st.booleans()),
    st.builds(Battery, instants, st.integers(0, 100)),
)
events = st.one_of(
    st.builds(LinkLost, instants),
    st.builds(LinkRegained, instants),
    st.builds(Restarted, instants, st.text(max_size=5)),
    st.builds(OutputProbed, instants, st.sampled_from(Output), st.booleans()),
    st.builds(OutputAcknowledged, instants, st.integers(1, 9), st.booleans()),
    st.builds(Held, instants, st.none() | instants),
    st.builds(Marked, instants, st.sampled_from(Mark)),
    st.builds(NightEnded, instants),
)


@given(items=st.lists(st.one_of(samples, events, st.builds(Tick, instants)), max_size=30))
def test_any_inputs_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, items: list[Sample | Event | Tick]
) -> None:
    """Whatever was pushed comes back, equal and in order, ties and oddities too; only ticks are left to the replay."""
    began, found = read(write(tmp_path_factory.mktemp("any") / "night", items))
    assert began == BEGAN
    assert found == [item for item in items if not isinstance(item, Tick)]


def test_lights_out_among_the_inputs_keeps_its_place(tmp_path: Path) -> None:
    """Samples that warm the estimators stay before NightBegan, even at its own instant."""
    items: list[Any] = [
        HeartSample(4_000_000_000, 600),
        HeartSample(5_000_000_000, 610),
        BEGAN,
        Contact(5_000_000_000, on=True),
    ]
    path = write(tmp_path / "night", items)
    began, found = read(path)
    assert began == BEGAN
    assert found == [item for item in items if item is not BEGAN]
    lines = [json.loads(line) for line in (path / "inputs.jsonl").read_text().splitlines()]
    assert [(line["seq"], type(from_plain(line["record"])).__name__) for line in lines] == [
        (2, "NightBegan"),
        (3, "Contact"),
    ]


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_layout_is_that_of_a_night_folder(tmp_path: Path) -> None:
    """Times count from lights-out; an interval stands at its first beat, a window at its start; g and bpm are exact."""
    items: list[Any] = [
        HeartSample(5_123_456_789, 587),
        BeatInterval(6_000_000_000, 1_010, clean=False),
        MotionSummary(7_000_000_000, 1_000, 1_234, (-1, 2, 900), (5, 6, 1_000), (0, -10, 950), 2),
        MotionSummary(8_000_000_000, 1_000, None),
    ]
    path = tmp_path / "night"
    write_folder(
        path,
        night="2026-03-01",
        began=BEGAN,
        items=items,
        scoring=[AasmStage.WAKE, AasmStage.N1, AasmStage.N2, AasmStage.N3, AasmStage.REM, AasmStage.UNSCORED],
        marks=[(12.5, "arousal,\nlong")],
        source="a test",
    )
    about = json.loads((path / "night.json").read_text())
    assert (about["format"], about["night"], about["origin_ns"], about["source"]) == (
        "night-folder/1",
        "2026-03-01",
        5_000_000_000,
        "a test",
    )
    assert {name: each["file"] for name, each in about["streams"].items()} == {
        "hr": "hr.csv",
        "rr": "rr.csv",
        "motion": "motion.csv",
        "inputs": "inputs.jsonl",
        "stage": "stage.csv",
        "events": "events.csv",
    }
    assert rows(path / "hr.csv") == [{"t_s": "0.123456789", "bpm": "58.7", "seq": "1"}]
    assert rows(path / "rr.csv") == [{"t_s": "-0.01", "rr_ms": "1010", "beat": "Q", "seq": "2"}]
    full, bare = rows(path / "motion.csv")
    assert (
        full["t_s"],
        full["dur_s"],
        full["range_g"],
        full["y_g"],
        full["low_x_mg"],
        full["high_z_mg"],
        full["steps"],
    ) == (*("1", "1", "1.234", "-0.01", "-1", "1000", "2"),)
    assert (bare["range_g"], bare["x_g"], bare["low_x_mg"], bare["steps"]) == ("", "", "", "")
    assert [row["stage"] for row in rows(path / "stage.csv")] == ["0", "1", "2", "3", "5", "-1"]
    assert [row["t_s"] for row in rows(path / "stage.csv")][:2] == ["0", "30"]
    assert rows(path / "events.csv") == [{"t_s": "12.5", "event": "arousal, long"}]


def test_a_folder_that_is_there_is_never_touched(tmp_path: Path) -> None:
    """An existing path is refused, whatever it is, and nothing is left beside it."""
    taken = tmp_path / "night"
    taken.mkdir()
    with pytest.raises(InputError, match="already there"):
        write(taken, [])
    assert list(tmp_path.iterdir()) == [taken]
    assert list(taken.iterdir()) == []


def test_a_night_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """A failure in the middle of the items leaves no half night behind."""

    def broken() -> Iterator[Sample]:
        yield HeartSample(6_000_000_000, 600)
        message = "the source failed"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="the source failed"):
        write_folder(tmp_path / "night", night="n", began=BEGAN, items=broken())
    assert list(tmp_path.iterdir()) == []


def test_raw_acceleration_is_refused_in_words(tmp_path: Path) -> None:
    """A night folder holds summaries; raw blocks are refused, and nothing is written."""
    block = AccelerationBlock(6_000_000_000, 20_000_000, np.zeros((50, 3), dtype=np.int16))
    with pytest.raises(InputError, match="one-second summaries"):
        write(tmp_path / "night", [block])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_does_not_exist_is_said(tmp_path: Path) -> None:
    """A missing parent folder is an error in words, with the path."""
    with pytest.raises(InputError, match="cannot be written") as caught:
        write(tmp_path / "absent" / "night", [])
    assert caught.value.path.endswith("night")


def test_only_the_owner_can_read_a_night(tmp_path: Path) -> None:
    """Intimate data: the folder is closed to other users of the computer."""
    path = write(tmp_path / "night", [HeartSample(6_000_000_000, 600)])
    assert path.stat().st_mode & 0o077 == 0


def test_a_second_lights_out_is_an_input_like_any_other(tmp_path: Path) -> None:
    """Only the first NightBegan is the night's own; a stray one later is kept as it was pushed."""
    stray = replace(BEGAN, at_ns=9_000_000_000)
    _, found = read(write(tmp_path / "night", [BEGAN, HeartSample(6_000_000_000, 600), stray]))
    assert found == [HeartSample(6_000_000_000, 600), stray]


@given(value=st.integers(-(10**18), 10**18), places=st.integers(0, 9))
def test_decimals_are_exact(value: int, places: int) -> None:
    """A whole number on a grid is written without a float in between."""
    whole, _, part = decimal(value, places).lstrip("-").partition(".")
    assert int(whole + part.ljust(places, "0")) == abs(value)
    assert len(part) <= places
    assert decimal(value, places).startswith("-") == (value < 0)
