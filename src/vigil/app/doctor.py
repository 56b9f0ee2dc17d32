"""What a computer needs for Vigil, looked at one by one. Nothing is changed, and no check raises."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vigil.app.config import read_settings
from vigil.app.doctor_stores import journals, stores
from vigil.app.finding import Check, Finding, State
from vigil.app.home import Home, Shelf
from vigil.app.service_home import PAGE_UNATTENDED, Found, ServiceHome
from vigil.app.unlocking import UNATTENDED, is_unattended
from vigil.app.wiring import packaged_parameters
from vigil.domain.errors import VigilError
from vigil.run.inhibitor import LID, Inhibitor
from vigil.run.power import LOW_COMPUTER_PERCENT, power
from vigil.run.wall_time import synchronised

OLDEST_PYTHON = (3, 11)

LOW_DISK_MB, LEAST_DISK_MB = 500, 50
"""A year of nights takes up to 100 MB (DESIGN section 8), a backup as much again; below the second nothing is safe."""

SANE_FROM = datetime(2025, 1, 1, tzinfo=UTC)
"""Vigil did not exist before: a computer that says so has no clock battery and no network yet."""

PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
"""Programs that play a sound: PipeWire, PulseAudio, ALSA, macOS."""

NO_BATTERY = "this system tells of none"

BLUETOOTH = Path("/sys/class/bluetooth")
BUS = Path("/run/dbus/system_bus_socket")


def python(_home: Home) -> Iterator[Finding]:
    """The interpreter."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info >= OLDEST_PYTHON:
        yield Finding("Python", State.OK, version)
    else:
        yield Finding("Python", State.WRONG, f"{version} is too old", "install Python 3.11 or newer")


def parameters(_home: Home) -> Iterator[Finding]:
    """What the engine was fitted to."""
    try:
        digest = packaged_parameters().digest
    except (VigilError, OSError) as error:
        yield Finding("parameters", State.WRONG, str(error), "install Vigil anew")
        return
    yield Finding("parameters", State.OK, f"whole (digest {digest[:12]})")


def settings(home: Home) -> Iterator[Finding]:
    """The file of settings."""
    path = home.settings_file
    try:
        read_settings(path)
    except VigilError as error:
        yield Finding("settings", State.WRONG, str(error), f"correct or remove {path}")
        return
    yield Finding("settings", State.OK, f"{path}" if path.exists() else f"as shipped (there is no {path})")


def disk(home: Home) -> Iterator[Finding]:
    """Room for nights, and where."""
    place, found = room(home)
    yield replace(found, says=f"{found.says} ({place})")


def room(home: Home) -> tuple[Path, Finding]:
    """Room for nights: the folder that was looked at, and what was found, without naming it."""
    place = next(path for path in (home.data, *home.data.parents) if path.exists())
    free_mb = shutil.disk_usage(place).free // 1_000_000
    if not os.access(place, os.W_OK):
        says, todo = "the folder for your nights cannot be written to", "set VIGIL_HOME to a folder of yours"
        return place, Finding("disk", State.WRONG, says, todo)
    if free_mb < LEAST_DISK_MB:
        return place, Finding("disk", State.WRONG, f"only {free_mb} MB free", "make room on the disk")
    if free_mb < LOW_DISK_MB:
        return place, Finding("disk", State.ATTENTION, f"{free_mb} MB free", "make room before the next weeks")
    return place, Finding("disk", State.OK, f"{free_mb / 1000:.1f} GB free")


def clocks(_home: Home) -> Iterator[Finding]:
    """The boot clock, the wall clock and the zone."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        yield Finding("boot clock", State.OK, "there; it counts through suspend")
    else:
        todo = "keep the computer from sleeping while it watches"
        yield Finding("boot clock", State.ATTENTION, "not on this system: a suspend cannot be measured", todo)
    now = datetime.now(UTC)
    local = now.astimezone()
    todo = "let the computer set its clock from the network"
    if now < SANE_FROM:
        yield Finding("wall clock", State.ATTENTION, f"it says {local:%Y-%m-%d %H:%M}, which cannot be", todo)
    else:
        yield Finding("wall clock", State.OK, f"{local:%Y-%m-%d %H:%M}, zone {local:%Z} ({local:%z})")
    is_set = synchronised()
    if is_set is False:
        yield Finding("clock set", State.ATTENTION, "nobody has set the clock since the computer started", todo)
    else:
        yield Finding("clock set", State.OK, "from the network" if is_set else "this system does not say by whom")


def battery(_home: Home) -> Iterator[Finding]:
    """The computer's own battery."""
    found = power()
    charge = "an unknown charge" if found.percent is None else f"{found.percent} %"
    if found.low:
        words = f"running on battery, with {charge}: below {LOW_COMPUTER_PERCENT} % Vigil only watches"
        yield Finding("battery", State.ATTENTION, words, "plug the computer in")
    elif found.on_battery:
        yield Finding(
            "battery", State.ATTENTION, f"running on battery, with {charge}", "plug the computer in for the night"
        )
    elif found.on_battery is None:
        yield Finding("battery", State.OK, NO_BATTERY)
    else:
        yield Finding("battery", State.OK, f"plugged in, with {charge}")


def awake(_home: Home) -> Iterator[Finding]:
    """Whether the computer can be kept from sleeping: tried, and let go at once."""
    lock = Inhibitor()
    warning = lock.take()
    lock.release()
    if not warning:
        yield Finding("staying awake", State.OK, "the computer lets itself be kept awake while Vigil watches")
    else:
        todo = "leave the lid open" if warning == LID else "for the night, forbid it to sleep in its own settings"
        yield Finding("staying awake", State.ATTENTION, warning, todo)


def service(home: Home) -> Iterator[Finding]:
    """Whether the watch starts by itself."""
    words = "not installed; the watch is started by hand, or: vigil install-service"
    yield _service("service", home, words, (UNATTENDED, "vigil watch, by hand"))


def page_service(home: Home) -> Iterator[Finding]:
    """Whether the page opens by itself."""
    words = "not installed; the page is opened by hand, or: vigil install-service --page"
    yield _service("page service", home, words, (PAGE_UNATTENDED, "vigil serve, by hand"), page=True)


def _service(name: str, home: Home, absent: str, locked: tuple[str, str], *, page: bool = False) -> Finding:
    """One of the two. absent: what is said where there is none. locked: the same of one that cannot start by itself."""
    place = ServiceHome.here(os.environ, sys.platform, Path.home())
    path = place.page if page else place.path
    try:
        found = place.found(page=page)
        fits = found is not Found.OURS or place.interpreter in place.written(page=page)
    except OSError as error:
        words = f"{path} cannot be looked at ({error.strerror})"
        return Finding(name, State.ATTENTION, words, "look at that folder's owner and rights")
    if found is Found.NOTHING:
        return Finding(name, State.OK, absent)
    if found is Found.FOREIGN:
        return Finding(
            name, State.ATTENTION, f"{path} is not a file that Vigil wrote", "look at it; if it may go, move it away"
        )
    if not fits:
        again = "vigil install-service --page" if page else "vigil install-service"
        return Finding(name, State.ATTENTION, f"{path} starts another Python than this one", again)
    if is_unattended(home.database(Shelf.OWN)):
        return Finding(name, State.ATTENTION, f"installed ({path}). {locked[0]}", locked[1])
    return Finding(name, State.OK, f"installed ({path})")


def sound(_home: Home) -> Iterator[Finding]:
    """A program that can play a sound."""
    player = next((name for name in PLAYERS if shutil.which(name)), None)
    if player is None:
        todo = "for nudges by sound: install alsa-utils or pipewire (not needed for replay and demo)"
        yield Finding("sound", State.ATTENTION, "no player found", todo)
    else:
        yield Finding("sound", State.OK, player)


def bluetooth(_home: Home) -> Iterator[Finding]:
    """An adapter, and the bus on which one asks for it. Only Linux can be looked at without asking for leave."""
    if not sys.platform.startswith("linux"):
        yield Finding("Bluetooth", State.OK, "not looked at on this system")
        return
    adapters = sorted(path.name for path in BLUETOOTH.iterdir()) if BLUETOOTH.is_dir() else []
    if not adapters:
        todo = "for a wearable: plug in or switch on Bluetooth (not needed for replay and demo)"
        yield Finding("Bluetooth", State.ATTENTION, "no adapter", todo)
    elif not BUS.exists():
        todo = "install and start dbus and bluez"
        yield Finding("Bluetooth", State.ATTENTION, f"{', '.join(adapters)}, but no system bus", todo)
    else:
        yield Finding("Bluetooth", State.OK, ", ".join(adapters))


def terminal(_home: Home) -> Iterator[Finding]:
    """Whether the live view can be shown."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if not encoding.startswith("utf8"):
        todo = "set LANG to a UTF-8 locale, such as C.UTF-8"
        yield Finding("terminal", State.ATTENTION, f"{encoding or 'unknown'}: curves show as question marks", todo)
    elif os.environ.get("TERM", "dumb") == "dumb":
        yield Finding("terminal", State.OK, "plain: nights are shown in lines")
    else:
        yield Finding("terminal", State.OK, os.environ["TERM"])


CHECKS: tuple[Check, ...] = (
    python,
    parameters,
    settings,
    disk,
    stores,
    journals,
    clocks,
    battery,
    awake,
    service,
    page_service,
    sound,
    bluetooth,
    terminal,
)
"""Everything that is looked at, in the order in which it is said."""


def examine(home: Home) -> list[Finding]:
    """Look at everything."""
    return [finding for check in CHECKS for finding in check(home)]
