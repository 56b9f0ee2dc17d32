"""Simulated nights whose every output is written down."""

from __future__ import annotations

import pytest

from tests.golden.nights import FOLDER, GOLDEN, differences, golden_night, text_of


@pytest.mark.parametrize("plan", GOLDEN)
def test_a_golden_night_has_not_moved(plan: str) -> None:
    """Decisions exactly, numbers to a millionth; if it moved on purpose, rewrite it and say so in the CHANGELOG."""
    found = differences((FOLDER / f"{plan}.txt").read_text(), text_of(golden_night(plan)))
    assert not found, "\n".join(found[:5])


def test_a_difference_is_noticed() -> None:
    """The comparison itself sees a changed word, a changed number and a missing line, and not a last digit."""
    line = "EpochScored(30,0,light,[0.5,0.25])\n"
    assert not differences(line, line.replace("0.25", "0.25000000001"))
    assert differences(line, line.replace("0.25", "0.2501"))
    assert differences(line, line.replace("light", "deep"))
    assert differences(line, line + line)


def test_the_golden_nights_hold_what_they_are_for() -> None:
    """A nudge, look-alikes left alone, and a blind stretch are among them."""
    texts = {plan: (FOLDER / f"{plan}.txt").read_text() for plan in GOLDEN}
    assert "nudge," in texts["strong"]
    assert "SuspicionCleared" in texts["strong"]
    assert "data_stale" in texts["dropouts"]
    for look_alike in ("bathroom", "apnoea"):
        assert "nudge," not in texts[look_alike]
