"""What a computer needs for Vigil, looked at one by one. Nothing is changed, and no check raises."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from vigil.app.config import read_settings
from vigil.app.home import Home, Shelf
from vigil.app.wiring import backup_folder, packaged_parameters
from vigil.domain.errors import VigilError
from vigil.store.backup import backups
from vigil.store.database import Database


class State(Enum):
    """How a thing is. Only WRONG keeps replay and demo from working."""

    OK = "ok"
    ATTENTION = "attention"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. todo: one thing to do, "" if nothing is needed."""

    name: str
    state: State
    says: str
    todo: str = ""


Check = Callable[[Home], Iterator[Finding]]

OLDEST_PYTHON = (3, 11)

LOW_DISK_MB, LEAST_DISK_MB = 500, 50
"""A year of nights takes up to 100 MB (DESIGN section 8), a backup as much again; below the second nothing is safe."""

SANE_FROM = datetime(2025, 1, 1, tzinfo=UTC)
"""Vigil did not exist before: a computer that says so has no clock battery and no network yet."""

PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
"""Programs that play a sound: PipeWire, PulseAudio, ALSA, macOS."""

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
    """Room for nights."""
    place = next(path for path in (home.data, *home.data.parents) if path.exists())
    free_mb = shutil.disk_usage(place).free // 1_000_000
    if not os.access(place, os.W_OK):
        yield Finding("disk", State.WRONG, f"{place} cannot be written to", "set VIGIL_HOME to a folder of yours")
    elif free_mb < LEAST_DISK_MB:
        yield Finding("disk", State.WRONG, f"only {free_mb} MB free at {place}", "make room on the disk")
    elif free_mb < LOW_DISK_MB:
        yield Finding("disk", State.ATTENTION, f"{free_mb} MB free at {place}", "make room before the next weeks")
    else:
        yield Finding("disk", State.OK, f"{free_mb / 1000:.1f} GB free at {place}")


def stores(home: Home) -> Iterator[Finding]:
    """Every database that exists: whether it opens, what its own check says, and its backups."""
    there = [shelf for shelf in Shelf if home.database(shelf).exists()]
    if not there:
        yield Finding("database", State.OK, f"none yet; the first night makes one in {home.data}")
    for shelf in there:
        name = f"database {shelf.value}"
        try:
            with Database.open(home.database(shelf), create=False, read_only=True) as database:
                problems, lost = database.check(), database.lost_commits
        except VigilError as error:
            yield Finding(name, State.WRONG, str(error), _way_back(home, shelf))
            continue
        yield _store(home, shelf, name, problems, lost)


def _store(home: Home, shelf: Shelf, name: str, problems: tuple[str, ...], lost: int) -> Finding:
    if problems:
        return Finding(name, State.WRONG, "; ".join(problems[:3]), _way_back(home, shelf))
    if lost:
        words = f"{lost} commits that were acknowledged are gone (a disk that lies, or an old copy put back)"
        return Finding(name, State.ATTENTION, words, "nudging stays off until you have looked; check the disk")
    made = len(backups(backup_folder(home, shelf)))
    copies = f"{made} backup{'s' if made != 1 else ''}"
    if shelf is Shelf.OWN and not made:
        return Finding(name, State.ATTENTION, "whole, no backup yet", "vigil backup")
    return Finding(name, State.OK, f"whole, {copies}")


def _way_back(home: Home, shelf: Shelf) -> str:
    folder = backup_folder(home, shelf)
    if backups(folder):
        return f"go back to a backup in {folder}"
    return f"move {home.database(shelf)} away: there is no backup of it, and Vigil makes a new one"


def clocks(_home: Home) -> Iterator[Finding]:
    """The boot clock, the wall clock and the zone."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        yield Finding("boot clock", State.OK, "there; it counts through suspend")
    else:
        todo = "keep the computer from sleeping while it watches"
        yield Finding("boot clock", State.ATTENTION, "not on this system: a suspend cannot be measured", todo)
    now = datetime.now(UTC)
    local = now.astimezone()
    if now < SANE_FROM:
        todo = "let the computer set its clock from the network"
        yield Finding("wall clock", State.ATTENTION, f"it says {local:%Y-%m-%d %H:%M}, which cannot be", todo)
    else:
        yield Finding("wall clock", State.OK, f"{local:%Y-%m-%d %H:%M}, zone {local:%Z} ({local:%z})")


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


CHECKS: tuple[Check, ...] = (python, parameters, settings, disk, stores, clocks, sound, bluetooth, terminal)
"""Everything that is looked at, in the order in which it is said."""


def examine(home: Home) -> list[Finding]:
    """Look at everything."""
    return [finding for check in CHECKS for finding in check(home)]
