"""Questions to the system end, whatever is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigil.run.asking import MOST_ANSWER, asked, written


def test_an_answer_and_none() -> None:
    """What a program says; a failure, an absence or an impossible word is None."""
    assert asked(["echo", "yes"]) == "yes\n"
    assert asked(["false"]) is None
    assert asked(["no-such-program-here"]) is None
    assert asked(["echo", "a\0b"]) is None


def test_a_program_that_hangs_is_not_waited_for() -> None:
    """A lost bus does not hold the evening up."""
    assert asked(["sleep", "600"], wait_s=0.01) is None


def test_a_file(tmp_path: Path) -> None:
    """Its text without white space around it, no more than fits, None if it is not there."""
    (tmp_path / "a").write_bytes(b" 12 \n\xff")
    assert written(tmp_path / "a") == "12 \n\ufffd"
    (tmp_path / "a").write_text("9" * (MOST_ANSWER + 5))
    assert len(written(tmp_path / "a") or "") == MOST_ANSWER
    assert written(tmp_path / "none") is None
    assert written(tmp_path) is None


@pytest.mark.parametrize("said", [b"\xff\xfe", b"caf\xe9"])
def test_bytes_of_no_text_are_an_answer_still(tmp_path: Path, said: bytes) -> None:
    """A program that writes in an old alphabet does not raise."""
    (tmp_path / "a").write_bytes(said)
    assert "\ufffd" in (asked(["cat", str(tmp_path / "a")]) or "")
