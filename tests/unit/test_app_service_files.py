"""What a service manager is told, as text."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vigil.app.service_files import (
    MARK,
    PAGE_LABEL,
    STOP_S,
    WATCHDOG_S,
    launchd_page,
    launchd_plist,
    systemd_page,
    systemd_timer,
    systemd_unit,
)
from vigil.domain.errors import SettingsError
from vigil.run import supervisor

WATCH = (sys.executable, "-P", "-m", "vigil.app.cli", "watch")
SERVE = (*WATCH[:-1], "serve")
OFF = (*WATCH[:-1], "stop", "--outputs-only")
SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this computer")
ODD = {"VIGIL_HOME": '/home/ann $HOME/100% "mine"\\n'}


def test_the_unit_says_what_survival_needs() -> None:
    """Watchdog, at most four starts in ten minutes, outputs off at every end, nothing kept for others."""
    lines = systemd_unit(WATCH, OFF, {}).splitlines()
    assert MARK in lines[0]
    assert {
        "Type=notify",
        "NotifyAccess=main",
        "WatchdogSec=180",
        "TimeoutStopSec=30",
        "RestartPreventExitStatus=1 2 3",
        "Restart=on-failure",
        "StartLimitBurst=4",
        "StartLimitIntervalSec=600",
        "KillMode=mixed",
        "UMask=0077",
        "LimitCORE=0",
        "NoNewPrivileges=yes",
    } <= set(lines)
    assert [line for line in lines if line.startswith("ExecStopPost=-") and '"stop" "--outputs-only"' in line]


def test_the_page_comes_back_and_never_takes_a_night_along() -> None:
    """The same limits and the same shutters as the night's; at its end only the page itself is ended."""
    night, page = (text.splitlines() for text in (systemd_unit(WATCH, OFF, ODD), systemd_page(SERVE, ODD)))
    assert MARK in page[0]
    assert {
        "Type=exec",
        "StandardOutput=null",
        "Restart=on-failure",
        "StartLimitBurst=4",
        "StartLimitIntervalSec=600",
        "RestartPreventExitStatus=2 3",
        "KillMode=process",
        "WantedBy=default.target",
    } <= set(page)
    assert {line for line in night[night.index("UMask=0077") :] if "=" in line} <= set(page)
    assert [line for line in page if line.startswith("ExecStart=") and line.endswith('"serve"')]
    assert [line for line in page if line.startswith('Environment="VIGIL_HOME=')]
    job = plistlib.loads(launchd_page(SERVE, ODD))
    assert (job["Label"], job["ProgramArguments"], job["RunAtLoad"]) == (PAGE_LABEL, list(SERVE), True)
    assert (job["AbandonProcessGroup"], job["KeepAlive"]) == (True, {"SuccessfulExit": False})
    assert (job["ThrottleInterval"], "StartCalendarInterval" in job) == (150, False)


def test_nobody_stands_in_the_way_of_the_supervisor() -> None:
    """systemd waits longer for a beat, and for an end, than the supervisor may need to put a hung night right."""
    assert supervisor.WATCHDOG_S + supervisor.FIRST_BEAT_S < WATCHDOG_S
    assert supervisor.END_S < STOP_S


def test_nothing_that_a_user_unit_cannot_have() -> None:
    """Options that need a namespace of their own would keep the service from starting, so none is asked for."""
    unit = systemd_unit(WATCH, OFF, {})
    settings = {line.partition("=")[0] for line in unit.splitlines() if not line.startswith("#")}
    assert not {name for name in settings if name.startswith(("Private", "Protect", "ReadWrite", "Capability", "User"))}


def test_odd_paths_are_words_not_code() -> None:
    """Quotes, spaces, percent and dollar signs in a path stay what they are."""
    unit = systemd_unit(("/opt/my $python/100%", 'a"b', "c\\d"), OFF, ODD)
    assert 'ExecStart="/opt/my $$python/100%%" "a\\"b" "c\\\\d"\n' in unit
    assert 'Environment="VIGIL_HOME=/home/ann $HOME/100%% \\"mine\\"\\\\n"\n' in unit


@pytest.mark.parametrize("word", ["a\nExecStart=/bin/false", "\x00", "\x1b[2J", "\u2028"])
def test_a_line_break_cannot_smuggle_in_an_order(word: str) -> None:
    """A word with a control character is refused, in both files."""
    with pytest.raises(SettingsError, match="cannot stand in a service file"):
        systemd_unit((*WATCH, word), OFF, {})
    with pytest.raises(SettingsError, match="cannot stand in a service file"):
        systemd_unit(WATCH, OFF, {"VIGIL_HOME": word})
    with pytest.raises(SettingsError, match="cannot stand in a service file"):
        launchd_plist(WATCH, {"VIGIL_HOME": word}, 0)
    with pytest.raises(SettingsError, match="cannot stand in a service file"):
        systemd_page((*SERVE, word), {})
    with pytest.raises(SettingsError, match="cannot stand in a service file"):
        launchd_page(SERVE, {"VIGIL_HOME": word})


def test_the_agent_of_launchd() -> None:
    """It is a property list, starts every evening and at login, again after a failure only, not before ten minutes."""
    text = launchd_plist(WATCH, ODD, 21 * 60 + 5)
    assert MARK.encode() in text
    job = plistlib.loads(text)
    assert job["ProgramArguments"] == list(WATCH)
    assert job["KeepAlive"] == {"SuccessfulExit": False}
    assert job["EnvironmentVariables"] == ODD
    assert (job["StartCalendarInterval"], job["RunAtLoad"]) == ({"Hour": 21, "Minute": 5}, True)
    assert (job["Umask"], job["HardResourceLimits"], job["ThrottleInterval"]) == (0o077, {"Core": 0}, 600)


def test_the_timer_starts_every_evening_and_every_login() -> None:
    """To the second, late where it was missed; it is the one thing to enable, and no reload of units sets it off."""
    lines = systemd_timer(5).splitlines()
    assert MARK in lines[0]
    assert {
        "Unit=vigil.service",
        "OnCalendar=*-*-* 00:05:00",
        "OnStartupSec=1s",
        "Persistent=yes",
        "AccuracySec=1s",
        "WantedBy=timers.target",
    } <= set(lines)
    assert not any(line.startswith("OnActiveSec=") for line in lines)
    assert "[Install]" not in systemd_unit(WATCH, OFF, {})


def analyzed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"XDG_RUNTIME_DIR": str(folder), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    command = ["systemd-analyze", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@SYSTEMD
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """Its own check knows every key and value, and finds the interpreter and the service of the timer."""
    (tmp_path / "vigil.service").write_text(systemd_unit(WATCH, OFF, ODD))
    (tmp_path / "vigil.timer").write_text(systemd_timer(22 * 60))
    (tmp_path / "vigil-page.service").write_text(systemd_page(SERVE, ODD))
    paths = [str(tmp_path / name) for name in ("vigil.service", "vigil.timer", "vigil-page.service")]
    done = analyzed(tmp_path, "verify", "--user", "--man=no", *paths)
    assert (done.returncode, done.stderr) == (0, "")


@SYSTEMD
@pytest.mark.parametrize("at_min", [0, 5, 22 * 60, 24 * 60 - 1])
def test_systemd_reads_the_time_as_it_is_meant(tmp_path: Path, at_min: int) -> None:
    """Every day at that minute; what it reads is what was written."""
    (line,) = [one for one in systemd_timer(at_min).splitlines() if one.startswith("OnCalendar=")]
    done = analyzed(tmp_path, "calendar", line.removeprefix("OnCalendar="))
    assert done.returncode == 0
    assert f"*-*-* {at_min // 60:02d}:{at_min % 60:02d}:00" in done.stdout
