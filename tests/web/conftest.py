"""Rooms and visitors for every test of the page."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.begun import REALLY, Processes, refuse
from tests.web.browser import a_browser
from tests.web.kept import lived, with_nights
from tests.web.visitor import Now, Visitor, rooms_in
from vigil.app import beginning
from vigil.web.rooms import Rooms

SRC = Path(__file__).resolve().parents[2] / "src"


@pytest.fixture(autouse=True)
def _nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A night outlives whatever began it."""
    monkeypatch.setattr(beginning, "_process", refuse)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """Every night that a page begins, for real; none outlives the test."""
    processes: Processes = []

    def start(*given: Any) -> subprocess.Popen[bytes]:
        processes.append(REALLY(*given))
        return processes[-1]

    monkeypatch.setattr(beginning, "_process", start)
    monkeypatch.setenv("PYTHONPATH", str(SRC))
    yield processes
    for process in processes:
        process.terminate()
        process.wait(60)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def rooms(tmp_path: Path, now: Now) -> Rooms:
    """A person's own Vigil, empty."""
    return rooms_in(tmp_path, now)


@pytest.fixture
def stranger(rooms: Rooms) -> Visitor:
    return Visitor.at(rooms)


@pytest.fixture
def sleeper(rooms: Rooms) -> Visitor:
    return Visitor.inside(rooms)


@pytest.fixture
def nights(tmp_path: Path, now: Now) -> Rooms:
    """A person's own Vigil with three nights (`tests/web/kept.py`)."""
    return rooms_in(with_nights(tmp_path), now)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module. While it runs, nothing in that module may run a loop (`Visitor`)."""
    lived()  # which needs a loop of its own
    with a_browser() as found:
        yield found
