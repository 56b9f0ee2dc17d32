"""Where the real nights are, and how a test says that they are not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("vigil", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vigil")

ROOT = Path(__file__).resolve().parent.parent

UNCOUNTED = (
    "edges",
    "firmware",
    "properties",
    "radio",
    "golden",
    "unit/test_added_episodes.py",
    "unit/test_added_unmistakable.py",
    "unit/test_app_evidence.py",
    "unit/test_readers_mutations.py",
    "unit/test_run_evaluate.py",
    "unit/test_synthetic_plans.py",
    "unit/test_synthetic_sleeper.py",
    "unit/test_training.py",
    "unit/test_training_added.py",
    "web/test_attacks",
    "web/test_follow_story.py",
    "web/test_looks.py",
    "web/test_story_",
    "web/test_weeks_look.py",
)
"""Tests that live through night after night, give whole commands, or wait for a browser. Counting lines makes them four
times as slow and finds no line that the tests of the parts do not reach; so they, and those of real nights, which are
not everywhere, run uncounted, in a run of their own: a worker of pytest-cov 7.1 has two counters, and a pause of one
starts the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests run at full speed (`script/test`)."""
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here).as_posix()
        if item.get_closest_marker("real") or place.startswith(UNCOUNTED):
            item.add_marker("uncounted")


def data_folder() -> Path:
    """The folder of real nights: VIGIL_DATA, else ../shared/data beside the project."""
    return Path(os.environ.get("VIGIL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def real_nights() -> Path:
    """The real nights, or a skip that says so; a failure where they are required."""
    folder = data_folder()
    if not (folder / "walch").is_dir():
        if os.environ.get("VIGIL_REQUIRE_DATA"):
            pytest.fail("the real nights are required here, but VIGIL_DATA does not lead to them")
        pytest.skip("the real nights are not here (set VIGIL_DATA to their folder)")
    return folder


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may touch what a person keeps."""
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path_factory.mktemp("vigil-home")))
