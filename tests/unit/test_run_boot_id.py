"""Which boot this is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vigil.run.boot_id import boot_id

UUID = "3d10ea14-073a-4f2c-974a-8414d793a681"


@pytest.mark.parametrize("said", ["", "unknown", UUID[:-1], UUID + "0", "\x00" * 40, "0" * 100_000])
def test_what_is_no_identity_is_unknown(tmp_path: Path, said: str) -> None:
    """Anything but a UUID is "": two boots must never look the same by chance."""
    (tmp_path / "id").write_text(said)
    assert boot_id(tmp_path / "id", platform="linux") == ""
    assert boot_id(command=["cat", str(tmp_path / "id")], platform="darwin") == ""


def test_both_systems_say_it_in_small_letters(tmp_path: Path) -> None:
    """macOS writes it in capitals; whichever system, the same boot reads the same."""
    (tmp_path / "id").write_text(f"{UUID.upper()}\n")
    assert boot_id(tmp_path / "id", platform="linux") == UUID
    assert boot_id(command=["cat", str(tmp_path / "id")], platform="darwin") == UUID


def test_a_system_that_does_not_say(tmp_path: Path) -> None:
    """No file, no program, a program that fails: unknown."""
    assert boot_id(tmp_path / "none", platform="linux") == ""
    assert boot_id(command=["no-such-program-here"], platform="darwin") == ""
    assert boot_id(command=["false"], platform="darwin") == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the identity that Linux gives")
def test_this_computer_has_one() -> None:
    """On Linux it is there, and the same when asked again."""
    assert len(boot_id()) == len(UUID)
    assert boot_id() == boot_id()
