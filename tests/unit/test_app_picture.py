"""The picture of a night: the same bytes each time, readable with eyes or without, also for a night that went wrong."""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from vigil.app import picture
from vigil.app.clock_words import NightClock
from vigil.app.known import Known
from vigil.app.night_lanes import blind_stretches
from vigil.domain.nudges import EpisodeKind
from vigil.domain.records import EpochScored, NightBegan
from vigil.domain.sleep import Hypnogram, Stage
from vigil.domain.units import EPOCH_S, NS_PER_S
from vigil.night.report import NightReport, NudgeRow, SuspicionRow

CLOCK = NightClock.of(NightBegan(0, wall_ms=1_767_308_400_000, zone_min=0))
STAGES = (Stage.WAKE, Stage.LIGHT, Stage.DEEP, Stage.LIGHT, Stage.REM, Stage.UNSCORED)


def night(epochs: int = 240, *, heart: bool = True, movement: bool = True, shadow: bool = False) -> NightReport:
    stages = [STAGES[index // 20 % len(STAGES)] for index in range(epochs)]
    rows = tuple(
        EpochScored(
            (index + 1) * EPOCH_S * NS_PER_S,
            index,
            stage,
            None,
            60.0 + index % 7 if heart and stage is not Stage.UNSCORED else None,
            0.02 * (index % 9) if movement else None,
            0 if index < 10 else EPOCH_S,
        )
        for index, stage in enumerate(stages)
    )
    marked = epochs > 0
    return NightReport(
        night='<night> & "one"',
        summary=Hypnogram.of(stages).summary(),
        epochs=rows,
        suspicions=(SuspicionRow(1, 3000, 3020, 3300, EpisodeKind.NIGHTMARE_LIKE, 1.4, ()),) if marked else (),
        nudges=tuple(
            NudgeRow(3030 + 40 * step, 1, step, "vibration", shadow, step == 1, ())
            for step in ((1, 2) if marked else ())
        ),
        decisions=(),
        quality=(),
        watched_min=(epochs - 10) / 2 if marked else 0.0,
        blind_min=5 if marked else 0.0,
        left_out=(),
        began_ns=0,
    )


def test_the_same_night_gives_the_same_bytes(tmp_path: Path) -> None:
    """A picture can be compared and kept under version control."""
    known = (Known(2900, 3200), Known(5000, 5200, nightmare=False))
    for name in ("a", "b"):
        picture.save(night(), CLOCK, [tmp_path / f"{name}.svg", tmp_path / f"{name}.png"], known)
    for ending in ("svg", "png"):
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_the_svg_can_be_read_without_eyes(tmp_path: Path) -> None:
    """It is whole XML with a title and a label that says what the night came to; odd names do not break it."""
    path = tmp_path / "night.svg"
    picture.save(night(), CLOCK, [path])
    root = ET.fromstring(path.read_text())
    label = root.get("aria-label") or ""
    assert root.get("role") == "img"
    assert '<night> & "one"' in label
    assert "signs of a nightmare at 23:50" in label
    assert root.find("{http://www.w3.org/2000/svg}title") is not None


def test_the_png_has_the_size_of_a_screen(tmp_path: Path) -> None:
    """1200 by 700, whatever the night."""
    path = tmp_path / "night.PNG"
    picture.save(night(20), NightClock(), [path])
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1200, 700)


@pytest.mark.parametrize(
    "report",
    [night(0), night(1), night(heart=False), night(movement=False), night(heart=False, movement=False), night(4000)],
    ids=["empty", "one epoch", "no heart", "no movement", "nothing", "33 hours"],
)
def test_a_poor_night_has_a_picture_too(tmp_path: Path, report: NightReport) -> None:
    """A night in which nothing was recorded is drawn as what it is."""
    path = tmp_path / "poor.svg"
    picture.save(report, NightClock(), [path])
    assert b"</svg>" in path.read_bytes()


def test_shadow_nudges_are_said_to_be_none() -> None:
    """In a replay nothing was really done, and the label of the picture cannot be mistaken."""
    texts = [text.get_text() for text in picture.draw(night(shadow=True), CLOCK).texts]
    assert any("nothing really done" in text for text in texts)
    assert not any("nothing really done" in t.get_text() for t in picture.draw(night(), CLOCK).texts)


def test_blind_stretches_are_whole_epochs_less_than_half_watched() -> None:
    """What was blind is hatched from its first to its last epoch."""
    assert blind_stretches(night(40).epochs) == [(0.0, 300.0)]
