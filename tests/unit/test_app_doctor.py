"""What the doctor finds, and what it says to do."""

from __future__ import annotations

import shutil
import sys
import time
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigil.app import doctor
from vigil.app.doctor import Finding, State, examine
from vigil.app.home import Home, Shelf
from vigil.app.wiring import writing


@pytest.fixture
def home() -> Home:
    return Home.here()


def found(home: Home, name: str) -> Finding:
    return next(finding for finding in examine(home) if finding.name == name)


def test_a_fresh_computer_has_nothing_wrong(home: Home) -> None:
    """Before the first night everything replay and demo need is there, and nothing was made by looking."""
    findings = examine(home)
    assert not [finding for finding in findings if finding.state is State.WRONG]
    assert {"Python", "parameters", "settings", "disk", "database", "sound", "Bluetooth"} <= {f.name for f in findings}
    assert not home.database(Shelf.OWN).exists()


def test_whatever_is_not_ok_says_what_to_do(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finding that needs something names one thing to do."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    home.config.mkdir(parents=True, exist_ok=True)
    home.settings_file.write_text("nudgin = 1")
    with writing(home, Shelf.OWN):
        pass
    wanting = [finding for finding in examine(home) if finding.state is not State.OK]
    assert {"sound", "settings", "database own"} <= {finding.name for finding in wanting}
    assert all(finding.todo for finding in wanting)


def test_a_damaged_database_is_wrong_and_left_as_it_is(home: Home) -> None:
    """What cannot be opened is named with where its backups are, and not touched."""
    path = home.database(Shelf.REPLAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database at all" * 100)
    before = path.read_bytes()
    finding = found(home, "database replay")
    assert finding.state is State.WRONG
    assert "backup" in finding.todo
    assert path.read_bytes() == before


@pytest.mark.parametrize(("free_mb", "state"), [(10, State.WRONG), (200, State.ATTENTION), (5000, State.OK)])
def test_room_on_the_disk(home: Home, monkeypatch: pytest.MonkeyPatch, free_mb: int, state: State) -> None:
    """A full disk is found before the night is."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, free_mb * 1_000_000))
    assert found(home, "disk").state is state


def test_bluetooth_needs_an_adapter_and_a_bus(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No adapter, no bus, both: three different things to do, the last none."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "BLUETOOTH", tmp_path / "bluetooth")
    monkeypatch.setattr(doctor, "BUS", tmp_path / "bus")
    said = [found(home, "Bluetooth")]
    (tmp_path / "bluetooth" / "hci0").mkdir(parents=True)
    said.append(found(home, "Bluetooth"))
    (tmp_path / "bus").touch()
    said.append(found(home, "Bluetooth"))
    assert [finding.state for finding in said] == [State.ATTENTION, State.ATTENTION, State.OK]
    assert said[0].todo != said[1].todo
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "not looked at" in found(home, "Bluetooth").says


def test_a_clock_before_vigil_is_doubted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that woke up in another year is told to set its clock."""
    monkeypatch.setattr(doctor, "SANE_FROM", datetime(2999, 1, 1, tzinfo=UTC))
    assert found(home, "wall clock").state is State.ATTENTION
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    assert found(home, "boot clock").state is State.ATTENTION


def test_the_terminal(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dumb terminal is fine; one that cannot show curves is said to."""

    class Narrow:
        encoding = "ascii"

    monkeypatch.setenv("TERM", "dumb")
    assert "lines" in found(home, "terminal").says
    monkeypatch.setenv("TERM", "xterm")
    assert found(home, "terminal").says == "xterm"
    monkeypatch.setattr(sys, "stdout", Narrow())
    assert found(home, "terminal").state is State.ATTENTION
