"""Every small change to guard, memory and permits is noticed by a test, or explained."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns.equivalent import EQUIVALENT

ROOT = Path(__file__).resolve().parents[2]

needs_mutmut = pytest.mark.skipif(
    importlib.util.find_spec("mutmut") is None, reason="mutmut is not here (it comes with script/test --nightly)"
)


@needs_mutmut
def test_what_is_explained_is_still_a_mutant() -> None:
    """An explanation of a change that nobody can make any more is taken out."""
    asked = "from tests.campaigns.guard_mutants import mutants; print(*(one.name for one in mutants()), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=True, capture_output=True, text=True)
    assert set(EQUIVALENT) <= set(done.stdout.splitlines())
    assert all(why.strip() for why in EQUIVALENT.values())


@needs_mutmut
@pytest.mark.nightly
@pytest.mark.timeout(4 * 3600)
def test_every_mutant_is_noticed_or_explained(tmp_path: Path) -> None:
    """About a thousand, each in a process of its own; the guard as it is must pass, or nothing is proved."""
    found = tmp_path / "mutants.json"
    command = [sys.executable, "-m", "tests.campaigns.guard_mutants", "--json", str(found)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    figures = json.loads(found.read_text("utf-8"))
    assert figures["survivors"] == []
    assert figures["mutants"] > 900
    assert figures["killed"] + figures["explained"] == figures["mutants"]
