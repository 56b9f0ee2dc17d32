"""A night that Vigil wrote comes back input for input, in the order in which it was pushed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import InputError
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.plain import to_plain
from vigil.domain.records import (
    ClockStepped,
    Held,
    Input,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    Mode,
    NightBegan,
    NightEnded,
    OutputAcknowledged,
    OutputProbed,
    Restarted,
    Tick,
)
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.sleep import AasmStage
from vigil.recordings.readers.formats import find_recordings
from vigil.recordings.readers.wellformed import fault_in
from vigil.recordings.recording import Item, Recording
from vigil.recordings.writers.folder import write_folder

S = 10**9
ORIGIN = 7_123_456_789_012
ROW = LedgerRow("2026-01-01", 1, "boot", 5, 9, Purpose.NUDGE, 1, Output.VIBRATION, 1, 800)
BEGAN = NightBegan(
    ORIGIN, Mode.ON, "2026-01-02", "boot", 1_767_391_200_000, 60, wall_sane=True, ledger=Ledger((ROW,), readable=True)
)

ANYTIME = st.integers(ORIGIN - 3_600 * S, ORIGIN + 10 * 3_600 * S)
SMALL = st.tuples(st.integers(-16_000, 16_000), st.integers(-16_000, 16_000), st.integers(-16_000, 16_000))
SAMPLES: st.SearchStrategy[Item] = st.one_of(
    st.builds(HeartSample, ANYTIME, st.integers(-10, 70_000)),
    st.builds(BeatInterval, ANYTIME, st.integers(-5, 100_000), st.booleans()),
    st.builds(
        MotionSummary,
        ANYTIME,
        st.integers(1, 3_600_000),
        st.none() | st.integers(0, 56_000),
        st.none() | SMALL,
        st.none() | SMALL,
        st.none() | SMALL,
        st.none() | st.integers(0, 99_999),
    ),
    st.builds(Contact, ANYTIME, st.booleans()),
    st.builds(Battery, ANYTIME, st.integers(0, 100)),
    st.builds(OutputAcknowledged, ANYTIME, st.integers(1, 9), st.booleans()),
    st.builds(Held, ANYTIME, st.none() | ANYTIME),
    st.builds(Marked, ANYTIME, st.sampled_from(Mark)),
)


def only(path: Path) -> Recording:
    (recording,) = find_recordings(path)
    return recording


@given(pushed=st.lists(SAMPLES, max_size=40), seed=st.integers(0, 10**9))
def test_every_input_comes_back_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, pushed: list[Item], seed: int
) -> None:
    """Doubled, late, impossible: what was pushed is pushed again, exactly, in the same order."""
    path = tmp_path_factory.mktemp("exact") / f"night{seed}"
    write_folder(path, night=BEGAN.night, began=BEGAN, items=[BEGAN, *pushed, NightEnded(ORIGIN + 1)])
    recording = only(path)
    assert recording.as_recorded
    assert recording.began == BEGAN
    assert recording.night == "2026-01-02"
    assert list(recording.items()) == [*pushed, NightEnded(ORIGIN + 1)]


def test_events_and_ticks(tmp_path: Path) -> None:
    """Every other input comes back too; ticks do not, since a replay makes its own."""
    pushed: list[Item | Tick] = [
        HeartSample(ORIGIN - S, 600),
        BEGAN,
        Tick(ORIGIN + 5 * S),
        OutputProbed(ORIGIN + 6 * S, Output.VIBRATION, ok=True),
        LinkLost(ORIGIN + 7 * S),
        LinkRegained(ORIGIN + 8 * S),
        Restarted(ORIGIN + 9 * S, "boot2", None, wall_sane=False, ledger=Ledger((ROW,), readable=False)),
        ClockStepped(ORIGIN + 10 * S, -3_600_000),
    ]
    write_folder(tmp_path / "n", night="n", began=BEGAN, items=pushed, scoring=[AasmStage.WAKE, AasmStage.REM])
    recording = only(tmp_path / "n")
    expected = [item for item in pushed if not isinstance(item, Tick | NightBegan)]
    assert list(recording.items()) == expected
    assert recording.scoring == (AasmStage.WAKE, AasmStage.REM)


def _written(tmp_path: Path) -> Path:
    path = tmp_path / "n"
    items: list[Input] = [
        BEGAN,
        HeartSample(ORIGIN + S, 600),
        LinkLost(ORIGIN + 2 * S),
        HeartSample(ORIGIN + 3 * S, 610),
    ]
    write_folder(path, night="n", began=BEGAN, items=items)
    return path


def _line(seq: object, record: object) -> str:
    return json.dumps({"seq": seq, "record": to_plain(record)}) + "\n"


BEGAN_LINE = _line(0, BEGAN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}\n",
        "nonsense\n",
        '{"seq":0}\n',
        '{"seq":0,"record":{"$record":["NoSuchClass",{}]}}\n',
        _line(0, LinkLost(1)),
        BEGAN_LINE + _line(0, LinkLost(1)),
        BEGAN_LINE + _line(True, LinkLost(1)),
        BEGAN_LINE + _line("2", LinkLost(1)),
        BEGAN_LINE + _line(2, AasmStage.REM),
        BEGAN_LINE + '{"seq":2,"record":{"$record":["LinkLost",{"at_ns":"soon"}]}}\n',
        BEGAN_LINE + '{"seq":2,"record":{"$record":["LinkLost",{"at_ns":true}]}}\n',
        BEGAN_LINE + '{"seq":2,"record":{"$record":["LinkLost",{"at_ns":' + "9" * 40 + "}]}}\n",
        BEGAN_LINE + '{"seq":2,"record":' + '{"$tuple":[' * 5_000 + "]}" * 5_000 + "}\n",
        BEGAN_LINE[: len(BEGAN_LINE) // 2],
    ],
)
def test_a_damaged_list_of_inputs_is_an_error(tmp_path: Path, text: str) -> None:
    """A night that promises to be exact is not replayed with a hole in it."""
    path = _written(tmp_path)
    (path / "inputs.jsonl").write_text(text)
    with pytest.raises(InputError):
        list(only(path).items())


@pytest.mark.parametrize(
    "hr",
    [
        "t_s,bpm\n1,60\n",
        "t_s,bpm,seq\n1.000000000,60.0,1\n3.000000000,61.0,1\n",
        "t_s,bpm,seq\n1.000000000,60.0,1\n3.000000000,61.0\n",
        "t_s,bpm,seq\n1.000000000,nan,1\n",
        "t_s,bpm,seq\n1.000000000,60.0,x\n",
    ],
)
def test_damaged_samples_are_an_error_too(tmp_path: Path, hr: str) -> None:
    """No row of an exact night is left out."""
    path = _written(tmp_path)
    (path / "hr.csv").write_text(hr)
    with pytest.raises(InputError):
        list(only(path).items())


def test_a_record_is_checked_to_its_leaves() -> None:
    """A wrong type deep inside a record is found, and a sound record has no fault."""
    assert fault_in(BEGAN) is None
    assert fault_in(replace(BEGAN, ledger=Ledger(("x",), readable=True))) is not None  # type: ignore[arg-type]
    assert fault_in(replace(BEGAN, mode="on")) is not None  # type: ignore[arg-type]
    assert fault_in(MotionSummary(1, 1, 1, (1, 2))) is not None  # type: ignore[arg-type]
    assert fault_in(MotionSummary(1, 1, 1, [1, 2, 3])) is not None  # type: ignore[arg-type]
    assert fault_in(HeartSample(1, 2.0)) is not None  # type: ignore[arg-type]
