"""Runs the stand-in for the watch in Node, once for each question, and gives what it saw."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "firmware" / "banglejs"
NODE = shutil.which("node")

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed, so the watch app cannot be run here")

MOST_S = 100.0
"""How long one run may take; a hundred thousand commands take about ten seconds."""


@cache
def ran(*arguments: str) -> Any:
    """The result of one run, as JSON. The same question is asked once a process."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, str(HERE / "run.js"), *arguments], capture_output=True, text=True, timeout=MOST_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def scene(name: str) -> Any:
    """What came of one of the short scenes of `run.js`."""
    return ran("scenes")[name]


def pulses(name: str) -> list[tuple[int, float]]:
    """(milliseconds, strength) of what the motor really did in a scene."""
    return [(round(end - start), strength) for start, end, strength in scene(name)["buzzes"]]
