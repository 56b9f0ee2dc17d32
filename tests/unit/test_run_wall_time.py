"""Whether the wall clock can be believed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vigil.run.wall_time import SANE_FROM_MS, SANE_UNTIL_MS, synchronised, wall_sane, zone_min

NOW = 1_790_000_000_000
"""An evening in 2026."""


@pytest.mark.parametrize(
    ("wall", "newest", "is_set", "sane"),
    [
        (NOW, NOW - 1, True, True),
        (NOW, NOW, True, True),
        (NOW, None, True, True),
        (NOW, NOW + 1, True, False),
        (NOW, NOW - 1, False, False),
        (NOW, NOW - 1, None, False),
        (0, None, True, False),
        (SANE_FROM_MS, None, True, True),
        (SANE_FROM_MS - 1, None, True, False),
        (SANE_UNTIL_MS, None, True, False),
        (2**80, None, True, False),
        (float("nan"), None, True, False),
        (float(NOW), None, True, False),
        (NOW, float("nan"), True, False),
        (NOW, "yesterday", True, False),
        (None, None, True, False),
        (NOW, None, 1, False),
        (NOW, None, "no", False),
    ],
)
def test_only_positive_proof_counts(wall: Any, newest: Any, is_set: Any, sane: bool) -> None:
    """A year that can be, nothing known that is newer, and the computer says that its clock was set: else no."""
    assert wall_sane(wall, newest, is_set) is sane


def test_the_clock_was_set(tmp_path: Path) -> None:
    """The mark of timesyncd is enough; else what timedatectl says; else it is not known."""
    made, answer = tmp_path / "synchronized", tmp_path / "answer"
    answer.write_text("no\n")
    assert synchronised(made, ["cat", str(answer)], "linux") is False
    answer.write_text("yes\n")
    assert synchronised(made, ["cat", str(answer)], "linux") is True
    answer.write_text("perhaps\n")
    assert synchronised(made, ["cat", str(answer)], "linux") is None
    assert synchronised(made, ["false"], "linux") is None
    assert synchronised(made, ["no-such-program-here"], "linux") is None
    made.touch()
    assert synchronised(made, ["false"], "linux") is True
    assert synchronised(made, ["false"], "darwin") is None


@pytest.fixture
def _zone_of_before() -> Iterator[None]:
    """Undone after monkeypatch has put TZ back."""
    yield
    time.tzset()


@pytest.mark.usefixtures("_zone_of_before")
def test_the_zone_of_an_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Summer and winter have their own offset, and a zone changed meanwhile is met at the next call."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    winter, summer = 1_768_000_000_000, 1_783_000_000_000
    assert (zone_min(winter), zone_min(summer)) == (60, 120)
    monkeypatch.setenv("TZ", "IST-5:30")
    assert zone_min(winter) == 330
    assert zone_min(2**80) == 0
