"""The note that Vigil lit a lamp."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from vigil.devices.nudgers.lit_marker import LitMarker


def test_a_note_is_there_for_the_next_process_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """What was noted before a kill is known after it, whatever the umask says."""
    before = os.umask(0)
    try:
        asyncio.run(LitMarker(tmp_path / "lit", "light.bed").set())
    finally:
        os.umask(before)
    assert LitMarker(tmp_path / "lit", "light.bed").is_set()
    assert stat.S_IMODE((tmp_path / "lit").stat().st_mode) == 0o600


def test_a_removed_note_is_gone_and_may_be_removed_again(tmp_path: Path) -> None:
    """Confirmed off is confirmed off, however often."""
    marker = LitMarker(tmp_path / "lit", "light.bed")
    assert not marker.is_set()
    asyncio.run(marker.set())
    asyncio.run(marker.clear())
    asyncio.run(marker.clear())
    assert not marker.is_set()


def test_a_note_about_another_lamp_is_none(tmp_path: Path) -> None:
    """Changing the lamp in the settings must not put out a lamp that a person lit."""
    asyncio.run(LitMarker(tmp_path / "lit", "light.hall").set())
    assert not LitMarker(tmp_path / "lit", "light.bed").is_set()


@pytest.mark.parametrize("damaged", [b"", b"lit by", b"\xff\xfe", b"lit by Vigil: light.ha", b"x" * 10_000])
def test_a_damaged_note_counts(tmp_path: Path, damaged: bytes) -> None:
    """A power cut may leave half a note; then the lamp is put out rather than left."""
    (tmp_path / "lit").write_bytes(damaged)
    assert LitMarker(tmp_path / "lit", "light.bed").is_set()


def test_a_note_that_cannot_be_read_counts(tmp_path: Path) -> None:
    """A folder in the place of the note is no reason to forget a lamp."""
    (tmp_path / "lit").mkdir()
    assert LitMarker(tmp_path / "lit", "light.bed").is_set()


def test_a_note_is_not_written_through_a_link(tmp_path: Path) -> None:
    """Nobody can have Vigil write over a file of their choice."""
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "lit").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic"):
        asyncio.run(LitMarker(tmp_path / "lit", "light.bed").set())
    assert (tmp_path / "precious").read_text() == "precious"
