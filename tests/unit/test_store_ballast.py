"""The ballast takes up its room, leaves enough beside it, and goes when it is told to."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

import pytest

from vigil.domain.errors import StoreError
from vigil.store import ballast as ballast_module
from vigil.store.ballast import BALLAST_MB, BYTES_PER_MB, LEAST_MB, WARN_MB, Ballast, free_mb


class Usage(NamedTuple):
    """The shape that shutil.disk_usage gives."""

    total: int
    used: int
    free: int


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests need not write 32 MB each."""
    monkeypatch.setattr(ballast_module, "BALLAST_MB", 1)


def has_free(monkeypatch: pytest.MonkeyPatch, megabytes: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, megabytes * BYTES_PER_MB + 7))


def allocated(path: Path) -> int:
    return path.stat().st_blocks * 512


def test_it_really_takes_up_its_room(tmp_path: Path) -> None:
    """All 32 MB are allocated, private, and given back at once."""
    path = tmp_path / "store" / "ballast"
    ballast = Ballast(path)
    assert ballast.make()
    assert ballast.is_held
    assert allocated(path) >= BALLAST_MB * BYTES_PER_MB
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.stat().st_ino
    assert ballast.make()
    assert path.stat().st_ino == before
    assert ballast.release()
    assert not ballast.release()
    assert not path.exists()


@pytest.mark.usefixtures("small")
def test_without_a_system_that_reserves_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has no posix_fallocate, and some file systems refuse it."""

    def refused(descriptor: int, offset: int, length: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "no")

    for index, reserve in enumerate((refused, None)):
        monkeypatch.setattr(os, "posix_fallocate", reserve)
        path = tmp_path / str(index)
        assert Ballast(path).make()
        assert allocated(path) >= BYTES_PER_MB


@pytest.mark.usefixtures("small")
def test_a_file_with_holes_is_no_ballast(tmp_path: Path) -> None:
    """A sparse file of the right length gives nothing back when it is removed; it is made anew."""
    path = tmp_path / "ballast"
    with path.open("wb") as file:
        file.truncate(BYTES_PER_MB)
    assert not Ballast(path).is_held
    assert Ballast(path).make()
    assert allocated(path) >= BYTES_PER_MB


@pytest.mark.parametrize(("free", "made"), [(LEAST_MB, False), (LEAST_MB + 1, True), (WARN_MB, True)])
@pytest.mark.usefixtures("small")
def test_it_never_takes_the_last_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, made: bool) -> None:
    """It is made only if `LEAST_MB` stay free beside it."""
    has_free(monkeypatch, free)
    assert Ballast(tmp_path / "ballast").make() == made
    assert (tmp_path / "ballast").exists() == made


@pytest.mark.usefixtures("small")
def test_a_disk_that_fills_while_it_is_made_leaves_no_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a ballast would take room and help nobody."""
    monkeypatch.setattr(os, "posix_fallocate", None)
    original = os.pwrite
    for attempt in ("short", "full"):

        def failing(descriptor: int, data: bytes, offset: int, how: str = attempt) -> int:
            if how == "full":
                raise OSError(errno.ENOSPC, "full")
            return original(descriptor, data[:100], offset)

        monkeypatch.setattr(os, "pwrite", failing)
        assert not Ballast(tmp_path / "ballast").make()
        assert list(tmp_path.iterdir()) == []


def test_free_room_is_told_before_the_folder_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first evening nothing has been made yet; whole MB, rounded down; what cannot be told is said."""
    assert abs(free_mb(tmp_path / "a" / "b") - free_mb(tmp_path)) < 100
    has_free(monkeypatch, 180)
    assert free_mb(tmp_path / "a") == 180

    def gone(path: Path) -> Usage:
        raise OSError(errno.EIO, "gone")

    monkeypatch.setattr(shutil, "disk_usage", gone)
    with pytest.raises(StoreError, match="not armed"):
        free_mb(tmp_path)
