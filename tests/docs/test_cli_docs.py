"""docs/cli.md is what the commands say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigil.app.cli import COMMANDS
from vigil.app.cli_docs import reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_the_reference_is_what_help_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is made from --help; when it drifts, make it anew (the page says how)."""
    monkeypatch.setenv("COLUMNS", "80")
    assert PAGE.read_text() == reference()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_reference_with_an_example(name: str) -> None:
    """Nothing that works is hidden, and nothing that does not work is promised."""
    _, found, rest = PAGE.read_text().partition(f"## vigil {name}\n")
    assert found
    assert f"Example: vigil {name}" in rest.split("\n## ")[0]
