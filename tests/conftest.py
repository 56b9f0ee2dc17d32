"""Where the real nights are, and how a test says that they are not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("vigil", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vigil")

ROOT = Path(__file__).resolve().parent.parent


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
