"""vigil install-service from outside: what it writes, refuses, removes and says."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.service_files import LABEL, MARK, PAGE_LABEL
from vigil.app.setup_file import write_answers
from vigil.app.wearables_file import Paired, Role, Wearables, wearables_path, write_wearables
from vigil.interview.interview import Interview


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["install-service", *words])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own on a Linux with systemd, whose manager only notes down what it is told."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    manager(tmp_path, monkeypatch, fails="nothing")
    band = Paired("heart-rate-strap", "A0:9E:1A:00:00:01", "a strap", frozenset({Role.SENSOR}))
    write_wearables(Home.here(), Wearables(sensor=band))
    return tmp_path


def manager(home: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    (home / "bin").mkdir(exist_ok=True)
    for name in ("systemctl", "launchctl", "loginctl"):
        path = home / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {home}/told\ncase "$*" in *{fails}*) exit 1;; esac\n')
        path.chmod(0o700)
    monkeypatch.setenv("PATH", f"{home}/bin:{os.environ['PATH']}")


def unit(home: Path) -> Path:
    return home / ".config" / "systemd" / "user" / "vigil.service"


def timer(home: Path) -> Path:
    return unit(home).with_name("vigil.timer")


def words(result: Result) -> str:
    return " ".join(result.stdout.split())


def told(home: Path) -> list[str]:
    return (home / "told").read_text().splitlines() if (home / "told").exists() else []


def test_it_writes_the_unit_and_says_what_to_type(home: Path) -> None:
    """The files are whole, run this interpreter on this store, and nothing was started."""
    result = invoke("--source", "synthetic")
    assert result.exit_code == 0
    text = unit(home).read_text()
    assert f'ExecStart="{sys.executable}"' in text
    assert f'Environment="VIGIL_HOME={os.environ["VIGIL_HOME"]}"' in text
    assert stat.S_IMODE(unit(home).stat().st_mode) == 0o644
    assert sorted(path.name for path in unit(home).parent.iterdir()) == ["vigil.service", "vigil.timer"]
    for command in ("daemon-reload", "systemctl --user enable --now vigil.timer", "loginctl enable-linger"):
        assert command in result.stdout
    assert told(home) == []


def test_without_a_wearable_there_is_nothing_to_begin(home: Path) -> None:
    """A service that could only fail every evening is not written; it says what to do first."""
    wearables_path(Home.here()).unlink()
    result = invoke()
    assert result.exit_code == 1
    assert "vigil pair" in result.stderr
    assert not unit(home).exists()


def page(home: Path) -> Path:
    return unit(home).with_name("vigil-page.service")


def test_the_page_too(home: Path) -> None:
    """Only where it is asked for; shown, said, enabled with the night's, and how to get in is said."""
    invoke()
    assert not page(home).exists()
    shown = invoke("--print", "--page").stdout
    assert (f"# {page(home)}\n# {MARK}\n" in shown, page(home).exists()) == (True, False)
    result = invoke("--page")
    assert f'ExecStart="{sys.executable}" "-P" "-m" "vigil.app.cli" "serve"\n' in page(home).read_text()
    assert f'Environment="VIGIL_HOME={os.environ["VIGIL_HOME"]}"' in page(home).read_text()
    assert "for a link that lets one more in: vigil serve" in words(result)
    assert "type: systemctl --user enable --now vigil.timer vigil-page.service" in words(result)
    assert "passphrase" not in result.stdout
    invoke("--page", "--now")
    assert told(home)[-1] == "systemctl --user enable --now vigil.timer vigil-page.service"


def test_a_page_that_cannot_open_by_itself_is_said(home: Path) -> None:
    """Nobody sits there to type the passphrase."""
    database = Home.here().database(Shelf.OWN)
    database.parent.mkdir(parents=True)
    database.write_bytes(os.urandom(4096))
    assert "Nor does the page open by itself" in words(invoke("--page"))
    assert "Nor does the page" not in words(invoke())


def test_the_page_is_removed_with_the_night(home: Path) -> None:
    """File and link gone, ended first with --now; one of somebody else's is left with everything."""
    invoke("--page")
    link = page(home).parent / "default.target.wants" / "vigil-page.service"
    link.parent.mkdir()
    link.symlink_to(page(home))
    result = invoke("--uninstall")
    assert "type: systemctl --user stop vigil.timer vigil-page.service vigil.service" in result.stdout
    assert not [path for path in (unit(home), timer(home), page(home), link) if path.exists() or path.is_symlink()]
    invoke("--page")
    invoke("--uninstall", "--now")
    assert told(home) == [
        "systemctl --user disable --now vigil.timer vigil-page.service",
        "systemctl --user stop vigil.service",
    ]
    invoke("--page")
    page(home).write_text("[Service]\n")
    assert (invoke("--page").exit_code, invoke("--uninstall").exit_code, unit(home).exists()) == (1, 1, True)


def test_only_with_now_is_the_manager_told(home: Path) -> None:
    """What would be said is done, lingering aside, which is for the person to decide."""
    result = invoke("--now")
    assert told(home) == ["systemctl --user daemon-reload", "systemctl --user enable --now vigil.timer"]
    assert "enable --now" not in result.stdout
    assert "loginctl enable-linger" in result.stdout


def test_a_manager_that_refuses_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stays, and what was not done is there to be typed."""
    manager(home, monkeypatch, fails="enable")
    result = invoke("--now")
    assert "systemctl --user enable --now vigil.timer did not work; the file stays" in result.stdout
    assert "next, type: systemctl --user enable --now vigil.timer" in result.stdout
    assert "type: systemctl --user daemon-reload" not in result.stdout
    monkeypatch.setenv("PATH", str(home))
    assert "daemon-reload did not work" in invoke("--now").stdout


def test_again_is_the_same(home: Path) -> None:
    """What Vigil wrote it may write anew."""
    invoke()
    first = unit(home).read_text()
    assert invoke().exit_code == 0
    assert unit(home).read_text() == first


@pytest.mark.parametrize("words", [(), ("--now",), ("--uninstall",), ("--uninstall", "--now")])
def test_a_file_of_somebody_else_is_left(home: Path, words: tuple[str, ...]) -> None:
    """Neither written over nor removed, and its service not stopped; said with what to do."""
    unit(home).parent.mkdir(parents=True)
    unit(home).write_text("[Service]\nExecStart=/usr/bin/mine\n")
    result = invoke(*words)
    assert (result.exit_code, "is not a file that Vigil wrote" in result.stderr) == (1, True)
    assert unit(home).read_text() == "[Service]\nExecStart=/usr/bin/mine\n"
    assert told(home) == []


def test_a_link_is_somebody_elses_arrangement(home: Path) -> None:
    """A masked service, or one kept in another place by a link, is left as it is."""
    unit(home).parent.mkdir(parents=True)
    unit(home).symlink_to("/dev/null")
    assert invoke().exit_code == 1
    assert unit(home).is_symlink()


@pytest.mark.parametrize("command", [(), ("--uninstall",)])
def test_a_timer_of_somebody_else_is_left(home: Path, command: tuple[str, ...]) -> None:
    """As the service is; and then the service is neither written nor removed."""
    invoke()
    timer(home).write_text("[Timer]\nOnCalendar=daily\n")
    unit(home).write_text(f"# {MARK}\n")
    result = invoke(*command)
    assert (result.exit_code, f"{timer(home).name} is not a file" in result.stderr) == (1, True)
    assert unit(home).read_text() == f"# {MARK}\n"
    assert timer(home).read_text() == "[Timer]\nOnCalendar=daily\n"


def test_removed_without_a_trace(home: Path) -> None:
    """Files, what enabled them and what systemd remembers are gone; then there is nothing to do: no failure."""
    invoke()
    links = [
        unit(home).parent / "timers.target.wants" / "vigil.timer",
        unit(home).parent / "default.target.wants" / "vigil.service",
    ]
    for link in links:
        link.parent.mkdir()
        link.symlink_to(unit(home).with_name(link.name))
    stamp = home / ".local" / "share" / "systemd" / "timers" / "stamp-vigil.timer"
    stamp.parent.mkdir(parents=True)
    stamp.touch()
    result = invoke("--uninstall")
    assert (result.exit_code, "type: systemctl --user stop vigil.timer vigil.service" in result.stdout) == (0, True)
    assert not [path for path in (unit(home), timer(home), stamp) if path.exists()]
    assert not [link for link in links if link.is_symlink()]
    again = invoke("--uninstall")
    assert (again.exit_code, "nothing was removed" in words(again)) == (0, True)


def test_removed_at_once(home: Path) -> None:
    """With --now it is ended while its files are still there, and nothing is left to type."""
    invoke()
    result = invoke("--uninstall", "--now")
    assert told(home) == ["systemctl --user disable --now vigil.timer", "systemctl --user stop vigil.service"]
    assert "next, type" not in result.stdout


def test_what_could_not_be_ended_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are gone all the same, and how to end what runs is there to be typed."""
    invoke()
    manager(home, monkeypatch, fails="disable")
    result = invoke("--uninstall", "--now")
    assert not unit(home).exists()
    assert "next, type: systemctl --user stop vigil.timer vigil.service" in result.stdout


@pytest.mark.parametrize(
    ("typed", "bed_time", "at", "why"),
    [
        (None, None, "22:00", "I do not know your bed time"),
        (None, "23:10", "22:55", "15 minutes before your bed time, 23:10"),
        (None, "00:05", "23:50", "15 minutes before your bed time, 00:05"),
        ("20:30", "23:10", "20:30", "as you said"),
    ],
)
def test_the_time_of_evening(home: Path, typed: str | None, bed_time: str | None, at: str, why: str) -> None:
    """As typed, else by the bed time of the first evening, else the usual one; said, and the same in both files."""
    if bed_time is not None:
        write_answers(Home.here().setup_file, Interview({"bed_time": bed_time}))
    result = invoke(*(() if typed is None else ("--at", typed)))
    assert f"begins every evening at {at}, {why}" in words(result) or f"at {at}, for {why}" in words(result)
    assert f"OnCalendar=*-*-* {at}:00\n" in timer(home).read_text()
    assert f'"--evening" "{at}"\n' in unit(home).read_text()


@pytest.mark.parametrize(
    "typed", ["24:00", "9", "22:00:00", "", "evening", "22:60", "-1:00", "*:00", "\u0662\u0662:00"]
)
def test_what_is_no_time_is_refused(home: Path, typed: str) -> None:
    """With an example of one, and nothing is written."""
    result = invoke("--at", typed)
    assert (result.exit_code, "write it as 21:45" in result.stderr) == (1, True)
    assert not unit(home).exists()


def test_printing_changes_nothing(home: Path) -> None:
    """The files on stdout alone, each below its name, and none on the disk; the time of evening is said beside."""
    result = invoke("--print", "--at", "21:30")
    assert result.stdout.count(MARK) == 2
    assert f"# {unit(home)}\n# {MARK}\n[Unit]\n" in result.stdout
    assert f"# {timer(home)}\n# {MARK}\n[Unit]\n" in result.stdout
    assert "every evening at 21:30" in result.stderr
    assert not unit(home).exists()


def test_the_folder_of_settings_may_be_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the account says, if it says so with a whole path."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "cfg"))
    monkeypatch.delenv("VIGIL_HOME")
    assert invoke("--source", "synthetic").exit_code == 0
    assert "VIGIL_HOME" not in (home / "cfg" / "systemd" / "user" / "vigil.service").read_text()


def test_on_macos(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent of launchd, started and ended with its own words."""
    monkeypatch.setattr(sys, "platform", "darwin")
    path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    said = invoke("--now").stdout
    assert path.exists()
    assert "linger" not in said
    assert "<key>StartCalendarInterval</key>" in path.read_text()
    assert invoke("--print", "--at", "22:00").stdout == path.read_text()
    invoke("--uninstall", "--now")
    assert told(home) == [
        f"launchctl bootstrap gui/{os.getuid()} {path}",
        f"launchctl bootout gui/{os.getuid()}/{LABEL}",
    ]
    assert not path.exists()
    invoke()
    assert f"launchctl bootout gui/{os.getuid()}/{LABEL}" in invoke("--uninstall").stdout
    beside = path.with_name(f"{PAGE_LABEL}.plist")
    assert f"launchctl bootstrap gui/{os.getuid()} {beside}" in invoke("--page").stdout
    assert "<key>AbandonProcessGroup</key>" in beside.read_text()
    assert f"launchctl bootout gui/{os.getuid()}/{PAGE_LABEL}" in invoke("--uninstall").stdout
    assert not beside.exists()


def test_a_system_without_a_manager_is_told_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written, and there is another way to start the night."""
    monkeypatch.setattr(sys, "platform", "freebsd14")
    result = invoke()
    assert (result.exit_code, "vigil watch" in result.stderr) == (1, True)
    assert not (home / ".config").exists()
