"""The table of epochs for a spreadsheet."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import InputError
from vigil.domain.nudges import Action, Decision, Reason, ReasonCode, Unit, WatchState
from vigil.domain.records import EpochScored, NightOutput, QualityNote
from vigil.domain.samples import Quality
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.domain.units import EPOCH_NS, NS_PER_S
from vigil.recordings.writers.cells import number_cell, text_cell
from vigil.recordings.writers.table import write_csv

ORIGIN = 7 * NS_PER_S


def epoch(index: int, *, stage: Stage = Stage.REM, known: bool = True) -> EpochScored:
    """An epoch, at its end."""
    p = StageProbabilities(0.125, 0.25, 0.0, 0.625) if known else None
    heart, movement = (58.34, 0.0152) if known else (None, None)
    return EpochScored(ORIGIN + (index + 1) * EPOCH_NS, index, stage, p, heart, movement, 30 if known else 0)


def decision(seconds: float, state: WatchState, *codes: ReasonCode, action: Action = Action.NOTHING) -> Decision:
    """A decision this many seconds after lights-out."""
    return Decision(
        ORIGIN + round(seconds * NS_PER_S), state, action, tuple(Reason(code, 1.0, 2.0, Unit.BPM) for code in codes)
    )


def table(path: Path, outputs: list[NightOutput], night: str = "2026-03-01") -> list[dict[str, str]]:
    """Write and read back."""
    write_csv(path / "night.csv", outputs, began_ns=ORIGIN, night=night)
    with (path / "night.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_row_says_what_was_known_of_the_epoch(tmp_path: Path) -> None:
    """Time from lights-out, stage, probabilities, heart, movement, watched seconds; empty where not known."""
    first, second = table(tmp_path, [epoch(0), epoch(1, stage=Stage.UNSCORED, known=False)])
    assert list(first.values())[:10] == [
        *("2026-03-01", "30", "rem", "0.125", "0.25", "0", "0.625", "58.3", "0.015", "30"),
    ]
    assert list(second.values())[1:10] == ["60", "unscored", "", "", "", "", "", "", "0"]
    assert (first["state"], first["action"], first["reasons"]) == ("", "", "")


def test_an_epoch_has_the_last_decision_made_up_to_its_end(tmp_path: Path) -> None:
    """A decision at the very end of an epoch is its own, though it comes after it; else the one before it stands."""
    found = table(
        tmp_path,
        [
            decision(5, WatchState.SETTLING, ReasonCode.SETTLING_IN),
            epoch(0),
            decision(30, WatchState.WATCHING, ReasonCode.QUIET),
            QualityNote(ORIGIN + 31 * NS_PER_S, Quality.GOOD, Quality.STALE),
            epoch(1),
            decision(75, WatchState.SUSPECTING, ReasonCode.EVIDENCE, ReasonCode.HEART_SURGE),
            epoch(2),
        ],
    )
    assert [row["state"] for row in found] == ["watching", "watching", "suspecting"]
    assert [row["reasons"] for row in found] == ["quiet", "quiet", "evidence; heart_surge"]


def test_a_nudge_is_not_hidden_by_a_later_decision_in_its_epoch(tmp_path: Path) -> None:
    """The epoch of a nudge shows it, and the next one does not."""
    found = table(
        tmp_path,
        [
            decision(10, WatchState.NUDGING, ReasonCode.SMALLEST_FIRST, action=Action.NUDGE),
            decision(15, WatchState.OBSERVING, ReasonCode.OBSERVING_ANSWER),
            epoch(0),
            epoch(1),
        ],
    )
    assert [row["action"] for row in found] == ["nudge", "nothing"]
    assert [row["state"] for row in found] == ["nudging", "observing"]


@given(text=st.text(alphabet=st.sampled_from("=+-@\t\r\n a'1(),"), max_size=8))
def test_no_cell_can_start_a_formula(text: str) -> None:
    """Whatever the text, a spreadsheet takes it for text, on one line."""
    cell = text_cell(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell.isprintable()
    assert cell.endswith("".join(char if char.isprintable() else " " for char in text))


def test_a_night_called_like_a_formula_is_only_a_name(tmp_path: Path) -> None:
    """The night's name comes from outside, and is defused."""
    (row,) = table(tmp_path, [epoch(0)], night='=HYPERLINK("http://x")')
    assert row["night"] == '\'=HYPERLINK("http://x")'


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, 1e300])
def test_what_is_no_number_leaves_its_cell_empty(value: float | None) -> None:
    """NaN and infinity never reach a table."""
    assert number_cell(value, 2) == ""


def test_numbers_are_short() -> None:
    """No trailing zeros, and no minus sign or digits lost."""
    assert [number_cell(v, 2) for v in (0.0, 58.0, 100.0, -0.5, 1.005, 0.129)] == [
        "0",
        "58",
        "100",
        "-0.5",
        "1",
        "0.13",
    ]


def test_a_table_that_is_there_is_never_touched(tmp_path: Path) -> None:
    """An existing file is refused and stays as it was."""
    (tmp_path / "night.csv").write_text("mine")
    with pytest.raises(InputError, match="already there"):
        write_csv(tmp_path / "night.csv", [])
    assert (tmp_path / "night.csv").read_text() == "mine"
