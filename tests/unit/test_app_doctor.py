"""What the doctor finds, and what it says to do."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigil.app import doctor
from vigil.app.doctor import examine
from vigil.app.finding import Finding, State
from vigil.app.home import Home, Shelf
from vigil.app.service_home import ServiceHome
from vigil.app.wiring import writing
from vigil.run.inhibitor import LID, NOT_HELD, Inhibitor
from vigil.run.power import Power


@pytest.fixture
def home() -> Home:
    return Home.here()


@pytest.fixture(autouse=True)
def _quiet_computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test depends on the battery, the helpers or the services of the computer it runs on."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(doctor, "power", Power)
    monkeypatch.setattr(doctor, "synchronised", lambda: None)
    monkeypatch.setattr(Inhibitor, "take", lambda _lock: "")


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


@pytest.mark.parametrize(
    ("power", "state", "words"),
    [
        (Power(False, 80), State.OK, "plugged in, with 80 %"),
        (Power(False, None), State.OK, "plugged in, with an unknown charge"),
        (Power(), State.OK, "this system tells of none"),
        (Power(True, 60), State.ATTENTION, "running on battery, with 60 %"),
        (Power(True, 19), State.ATTENTION, "below 20 % Vigil only watches"),
        (Power(True, None), State.ATTENTION, "an unknown charge"),
    ],
)
def test_the_battery(home: Home, monkeypatch: pytest.MonkeyPatch, power: Power, state: State, words: str) -> None:
    """A computer that runs on its battery is to be plugged in before the night."""
    monkeypatch.setattr(doctor, "power", lambda: power)
    finding = found(home, "battery")
    assert (finding.state, words in finding.says, bool(finding.todo)) == (state, True, state is not State.OK)


@pytest.mark.parametrize(("is_set", "state"), [(True, State.OK), (None, State.OK), (False, State.ATTENTION)])
def test_a_clock_that_nobody_set(
    home: Home, monkeypatch: pytest.MonkeyPatch, is_set: bool | None, state: State
) -> None:
    """A clock that runs free is said; a system that does not say is no fault."""
    monkeypatch.setattr(doctor, "synchronised", lambda: is_set)
    assert found(home, "clock set").state is state


def test_a_computer_that_may_fall_asleep(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it may still do has its own thing to do against it, and the lock of the trial is let go."""
    released = []
    monkeypatch.setattr(Inhibitor, "release", lambda _lock: released.append(1))
    assert found(home, "staying awake").state is State.OK
    todo = set()
    for warning in (LID, NOT_HELD):
        monkeypatch.setattr(Inhibitor, "take", lambda _lock, says=warning: says)
        finding = found(home, "staying awake")
        assert (finding.state, finding.says) == (State.ATTENTION, warning)
        todo.add(finding.todo)
    assert (len(todo), len(released)) == (2, 3)


def test_the_service(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Absent, Vigil's own, of another Python, somebody else's, not to be looked at."""
    monkeypatch.setattr(sys, "platform", "linux")
    place = ServiceHome.here({}, "linux", tmp_path)
    assert "not installed" in found(home, "service").says
    place.write("synthetic")
    assert found(home, "service").says == f"installed ({place.path})"
    place.path.write_text(place.written().replace(sys.executable, "/gone/python"))
    assert (found(home, "service").state, found(home, "service").todo) == (State.ATTENTION, "vigil install-service")
    place.path.write_text("[Service]\n")
    assert "not a file that Vigil wrote" in found(home, "service").says

    def refuse(_place: ServiceHome, *, page: bool) -> None:
        raise PermissionError(13, f"Permission denied{page * ' there'}")

    monkeypatch.setattr(ServiceHome, "found", refuse)
    assert "cannot be looked at (Permission denied)" in found(home, "service").says
    assert "cannot be looked at (Permission denied there)" in found(home, "page service").says


def test_the_service_of_the_page(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Looked at by itself: absent, there, of another Python, locked."""
    monkeypatch.setattr(sys, "platform", "linux")
    place = ServiceHome.here({}, "linux", tmp_path)
    place.write("synthetic")
    assert "vigil install-service --page" in found(home, "page service").says
    place.write("synthetic", page=True)
    assert found(home, "page service").says == f"installed ({place.page})"
    home.database(Shelf.OWN).parent.mkdir(parents=True, exist_ok=True)
    home.database(Shelf.OWN).write_bytes(os.urandom(4096))
    assert (found(home, "page service").state, found(home, "page service").todo) == (
        State.ATTENTION,
        "vigil serve, by hand",
    )
    place.page.write_text(place.written(page=True).replace(sys.executable, "/gone/python"))
    assert found(home, "page service").todo == "vigil install-service --page"
