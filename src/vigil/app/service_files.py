"""What a service manager is told about Vigil, as text: systemd user units with a timer, launchd property lists.

One service is the night's; another, if it is wanted, the page's.

Neither manager knows whether a night is due or was interrupted: they start the watch whenever it might be, and the
watch decides (`evening_start.py`). A start too many does nothing.

Which options a user unit really honours: systemd.exec(5) of version 252. Those that need a namespace of their own
(PrivateTmp=, ProtectSystem= and their like) work in a user unit only together with PrivateUsers=, which is not to be
had everywhere; those given here are filters of system calls, which need no leave from anybody.
"""

from __future__ import annotations

import plistlib
from collections.abc import Mapping, Sequence

from vigil.app.evening_start import hours_and_minutes
from vigil.domain.errors import SettingsError
from vigil.run import supervisor

MARK = "Made by `vigil install-service`, which may write it anew or remove it."
"""Stands in every file that Vigil wrote; one without it is somebody else's, and is not touched."""

UNIT_NAME = "vigil.service"
TIMER_NAME = "vigil.timer"
PAGE_NAME = "vigil-page.service"
LABEL = "local.vigil.watch"
PAGE_LABEL = "local.vigil.page"

STARTS, WINDOW_S = supervisor.MOST_RESTARTS, round(supervisor.WITHIN_S)
"""Starts of the supervisor in ten minutes before it stays down (reliability F12). systemd counts every start, the first
too; but that one may be long ago, and then it is the number of restarts."""

WATCHDOG_S = round(supervisor.WATCHDOG_S + supervisor.FIRST_BEAT_S) + 30
"""Silence after which the supervisor itself is taken for hung. It hands on each beat of the night process, and between
two beats may have to wait for one that hangs, and for the first of the next; ending it meanwhile would end the cure."""

STOP_S = round(supervisor.END_S) + 10
"""What an orderly end may take: that of the night process, and its outputs."""

STAY_DOWN = (supervisor.SAID, supervisor.WRONG_USE, supervisor.BUSY)
"""Exit codes at which nobody starts it again: it has said why it cannot, or has tried often enough itself."""

PAGE_STOP_S = 10
"""What an orderly end of the page may take; two seconds are usual (`web/serving.py`)."""

_HARDENED = """\
{environment}# What is kept is for its owner only, and a crash leaves no copy of the memory behind.
UMask=0077
LimitCORE=0
NoNewPrivileges=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
# The service bus and Bluetooth (through it), lights in the home, changes of the network.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
# Not RestrictRealtime=, for players of sound ask for it; not MemoryDenyWriteExecute=, for ctypes writes code.
"""

_UNIT = (
    """\
# {mark}
[Unit]
Description=Vigil keeps watch over the night
StartLimitIntervalSec={window}
StartLimitBurst={starts}

[Service]
Type=notify
# Only the supervisor may say that the night makes progress; it ends a night process that hangs by itself, and sooner.
NotifyAccess=main
WatchdogSec={watchdog}
ExecStart={start}
# However it ended: every output off. A failure of this is no failure of the night.
ExecStopPost=-{off}
Restart=on-failure
RestartSec=1
RestartPreventExitStatus={stay_down}
# The supervisor ends the night in order; whatever is left then is killed.
KillMode=mixed
TimeoutStopSec={stop}
"""
    + _HARDENED
    + "# Nothing to enable here: vigil.timer starts it.\n"
)

_PAGE = (
    """\
# {mark}
[Unit]
Description=Vigil's page, for this computer only
StartLimitIntervalSec={window}
StartLimitBurst={starts}

[Service]
Type=exec
ExecStart={start}
# The link by which a browser enters is for whoever asks for one (vigil serve), and for no log.
StandardOutput=null
Restart=on-failure
RestartSec=1
RestartPreventExitStatus={stay_down}
# Only the page itself is ended: a night that was begun from it must outlive it.
KillMode=process
TimeoutStopSec={stop}
"""
    + _HARDENED
    + """
[Install]
WantedBy=default.target
"""
)

_TIMER = """\
# {mark}
[Unit]
Description=Vigil begins its watch every evening

[Timer]
Unit={unit}
# By local clocks, whatever the season or the zone.
OnCalendar=*-*-* {at}:00
# At a login or a start of the computer too: to go on with a night that was interrupted, by a power cut say. Unlike
# OnActiveSec=, which every daemon-reload sets off again, it comes once in the life of a service manager.
OnStartupSec=1s
# A start that was missed is made up for; the watch itself refuses one that comes too late.
Persistent=yes
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def systemd_unit(watch: Sequence[str], off: Sequence[str], environment: Mapping[str, str]) -> str:
    """The user unit. watch: the command of the night; off: that of all outputs off; environment: what both need.

    Raises SettingsError for a word that a unit cannot hold (a control character).
    """
    return _UNIT.format(
        mark=MARK,
        window=WINDOW_S,
        starts=STARTS,
        watchdog=WATCHDOG_S,
        start=_command(watch),
        off=_command(off),
        stay_down=" ".join(str(code) for code in STAY_DOWN),
        stop=STOP_S,
        environment=_environment(environment),
    )


def systemd_page(serve: Sequence[str], environment: Mapping[str, str]) -> str:
    """The user unit of the page, from login on. serve: its command. Raises as `systemd_unit`."""
    return _PAGE.format(
        mark=MARK,
        window=WINDOW_S,
        starts=STARTS,
        start=_command(serve),
        stay_down=f"{supervisor.WRONG_USE} {supervisor.BUSY}",
        stop=PAGE_STOP_S,
        environment=_environment(environment),
    )


def _environment(environment: Mapping[str, str]) -> str:
    return "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment.items())


def systemd_timer(at_min: int) -> str:
    """The timer beside the unit. at_min: when every evening begins, in minutes since local midnight."""
    return _TIMER.format(mark=MARK, unit=UNIT_NAME, at=hours_and_minutes(at_min))


def launchd_plist(watch: Sequence[str], environment: Mapping[str, str], at_min: int) -> bytes:
    """The property list of a launch agent (launchd.plist(5)); raises SettingsError as `systemd_unit`.

    It is started at `at_min` (minutes since local midnight), or when the computer wakes if it slept then, and at login.

    launchd knows no watchdog, no exit code that means stay down, and no limit of restarts: it starts a job anew no
    sooner than `ThrottleInterval` after its last start. So one that gave up is tried again each ten minutes.
    """
    begins = {"StartCalendarInterval": {"Hour": at_min // 60, "Minute": at_min % 60}}
    return _plist(LABEL, watch, environment, {**begins, "ThrottleInterval": WINDOW_S, "ExitTimeOut": STOP_S})


def launchd_page(serve: Sequence[str], environment: Mapping[str, str]) -> bytes:
    """The property list of the page's own agent, from login on; raises SettingsError as `systemd_unit`.

    A night that was begun from the page is left alone when the page ends. Four starts in ten minutes at most, again and
    again: launchd gives up on nothing.
    """
    apart = {"ThrottleInterval": WINDOW_S // STARTS, "ExitTimeOut": PAGE_STOP_S, "AbandonProcessGroup": True}
    return _plist(PAGE_LABEL, serve, environment, apart)


def _plist(label: str, words: Sequence[str], environment: Mapping[str, str], more: Mapping[str, object]) -> bytes:
    """A job that is started at login, and again if it fails."""
    for word in (*words, *environment.values()):
        _refuse_control(word)
    job = {
        "Label": label,
        "ProgramArguments": list(words),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        **more,
        "ProcessType": "Interactive",  # else its timers are put off, and stop would come late
        "Umask": 0o077,
        "HardResourceLimits": {"Core": 0},
        "EnvironmentVariables": dict(environment),
    }
    text = plistlib.dumps(job, sort_keys=False)
    return text.replace(b"<plist ", f"<!-- {MARK} -->\n<plist ".encode(), 1)


def _command(words: Sequence[str]) -> str:
    """A command line of a unit; in it a dollar begins a variable."""
    return " ".join(_quoted(word).replace("$", "$$") for word in words)


def _quoted(word: str) -> str:
    """One word between quotation marks, where a percent sign begins a specifier (systemd.syntax(7))."""
    _refuse_control(word)
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _refuse_control(word: str) -> None:
    if not word.isprintable():
        message = f"{word!r} cannot stand in a service file; nothing was written; use a path without such characters"
        raise SettingsError(message)
