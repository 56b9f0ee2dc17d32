"""HAZARDS.md: behind every control there is a test that exists, or it says that there is none."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "HAZARDS.md").read_text("utf-8")
NOT_PROVED = "not proved yet"
HAZARDS = re.findall(r"^## (H\d+) ", TEXT, re.MULTILINE)
ROWS = re.findall(r"^\| (?!control|---)(.+?) \| (.+) \|$", TEXT, re.MULTILINE)
NODE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NAMED = sorted(set(NODE.findall(TEXT)))


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names a test can be asked for by: functions, classes, and classes that Hypothesis made."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(name for name in found if name.lower().startswith("test"))


def test_every_hazard_is_there_once() -> None:
    """Eleven, in their order, each with a table of controls."""
    assert [f"H{number}" for number in range(1, 12)] == HAZARDS
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:-1]:
        assert "| control | proof |" in part, part.splitlines()[0]


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[f"{path}::{name}" for path, name in NAMED])
def test_a_named_test_exists(path: str, name: str) -> None:
    """A proof that was renamed away is none."""
    assert (ROOT / path).is_file()
    assert name in names_in(ROOT / path)


@pytest.mark.parametrize(("control", "proof"), ROWS, ids=[row[0][:50] for row in ROWS])
def test_every_control_has_a_proof_or_says_that_it_has_none(control: str, proof: str) -> None:
    """A control names its tests and nothing else, or is marked, not both."""
    assert control
    if proof.startswith(NOT_PROVED):
        assert not NODE.findall(proof)
    else:
        assert NODE.findall(proof)
        assert not NODE.sub("", proof).replace(",", "").strip()


def test_what_is_not_proved_is_counted() -> None:
    """How many controls nobody has proved is said at the top."""
    open_rows = [control for control, proof in ROWS if proof.startswith(NOT_PROVED)]
    assert f"Not proved yet: {len(open_rows)} control{'s' * (len(open_rows) != 1)}." in TEXT
