"""What the evening looks at, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigil.app import arming
from vigil.app.arming import BALLAST_NAME, HOLD_NAME, SAFE, arm, safe_settings
from vigil.domain.errors import StoreError
from vigil.domain.settings import Settings
from vigil.run.power import Power
from vigil.store.ballast import LEAST_MB, WARN_MB
from vigil.store.hold import Hold, write_hold

WALL_MS = 1_795_000_000_000


@pytest.fixture(autouse=True)
def fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer with room, and plugged in."""
    monkeypatch.setattr(arming, "free_mb", lambda _path: 10 * WARN_MB)
    monkeypatch.setattr(arming, "power", lambda: Power(on_battery=False, percent=50))


def words(folder: Path) -> str:
    return " ".join(arm(folder, lambda: WALL_MS).words)


def test_where_all_is_well_nothing_is_said(tmp_path: Path) -> None:
    """The file that keeps a stop and the ballast are ready."""
    assert words(tmp_path / "own") == ""
    assert (tmp_path / "own" / HOLD_NAME).exists()
    assert (tmp_path / "own" / BALLAST_NAME).exists()


@pytest.mark.parametrize(("free", "said"), [(WARN_MB - 1, "has 499 MB left"), (LEAST_MB - 1, "almost full (199 MB)")])
def test_a_disk_that_fills_up_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, said: str) -> None:
    """In the evening, when something can be done about it."""
    monkeypatch.setattr(arming, "free_mb", lambda _path: free)
    assert said in words(tmp_path)


def test_a_low_battery_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that ends in the night watches nobody."""
    monkeypatch.setattr(arming, "power", lambda: Power(on_battery=True, percent=19))
    assert "Plug it in." in words(tmp_path)


def test_a_stop_that_stands_is_said(tmp_path: Path) -> None:
    """Nobody goes to bed thinking that they will be nudged."""
    write_hold(tmp_path / HOLD_NAME, Hold(None, WALL_MS))
    assert "vigil stop --release" in words(tmp_path)


def test_a_stop_that_stands_because_its_file_is_damaged_is_said_as_what_it_is(tmp_path: Path) -> None:
    """Whoever pressed nothing must learn why nothing will nudge them, and how to end that."""
    (tmp_path / HOLD_NAME).write_bytes(b"torn")
    said = words(tmp_path)
    assert "cannot be relied on (it is damaged or of another version)" in said
    assert "vigil stop --release" in said


def test_without_a_place_for_a_stop_nothing_is_armed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop that could not last is no stop."""

    def refuse(_path: Path) -> None:
        message = "the file could not be made"
        raise StoreError(message)

    monkeypatch.setattr(arming, "prepare_hold", refuse)
    armed = arm(tmp_path, lambda: WALL_MS)
    assert armed.stop.stands()
    assert "only watches" in " ".join(armed.words)


def test_a_disk_that_does_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The evening goes on without knowing."""

    def refuse(_path: Path) -> int:
        message = "the disk did not answer"
        raise StoreError(message)

    monkeypatch.setattr(arming, "free_mb", refuse)
    assert "The disk did not answer." in words(tmp_path)


def test_settings_that_cannot_be_relied_on_only_watch(tmp_path: Path) -> None:
    """And the file stays as it was (reliability F20)."""
    path = tmp_path / "settings.toml"
    assert safe_settings(path) == (Settings(), ())
    path.write_text("gap = 0\n")
    settings, said = safe_settings(path)
    assert settings == SAFE
    assert not settings.nudging
    assert "gap" in said[0]
    assert "nothing was started" not in said[0]
    assert path.read_text() == "gap = 0\n"
