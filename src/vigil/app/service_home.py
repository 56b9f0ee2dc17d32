"""Where the files of the service live on this computer, whose they are, and what its manager is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from vigil.app.evening_start import USUAL_MIN, hours_and_minutes
from vigil.app.private import private_folder, write_private
from vigil.app.service_files import (
    LABEL,
    MARK,
    PAGE_LABEL,
    PAGE_NAME,
    TIMER_NAME,
    UNIT_NAME,
    launchd_page,
    launchd_plist,
    systemd_page,
    systemd_timer,
    systemd_unit,
)
from vigil.domain.errors import SettingsError

Command = tuple[str, ...]

FILE_MODE = 0o644
"""As every unit: it holds no secret, and systemd warns of one that others cannot read."""

MOST_READ = 65_536

ENABLED = (
    ("timers.target.wants", TIMER_NAME),
    ("default.target.wants", UNIT_NAME),
    ("default.target.wants", PAGE_NAME),
)
"""Links by which systemd starts them; an earlier Vigil enabled the service itself."""

LINGER = (
    "As it is, it lives while you are logged in. To let it live without a login, type the last line too; but then this "
    "computer may fall asleep unless you forbid it yourself, for only a login may hold it awake."
)
PAGE = (
    "The page opens at each login, for this computer only. A browser that was let in stays known; for a link that lets "
    "one more in: vigil serve, at any time."
)
PAGE_UNATTENDED = (
    "Nor does the page open by itself while your nights are locked with a passphrase: vigil serve opens it, and asks."
)
LAUNCHD = "A watch that gave up is tried again every ten minutes, for launchd cannot be told to leave it."


class Manager(Enum):
    """Who starts services here."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    NONE = "none"


class Found(Enum):
    """What lies where the file of the service goes."""

    NOTHING = "nothing"
    OURS = "ours"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class ServiceHome:
    """The place of the services' files of one account. path: that of the night's own; timer and page stand beside it.

    data: where the account's programs keep what they know; systemd remembers there when a timer last ran.
    environment: what of it the service needs too.
    """

    manager: Manager
    path: Path
    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    interpreter: str = sys.executable
    user: int = field(default_factory=os.getuid)

    @classmethod
    def here(cls, environment: Mapping[str, str], platform: str, home: Path) -> ServiceHome:
        """Of the account whose home this is."""
        moved = environment.get("VIGIL_HOME")
        needed = {"VIGIL_HOME": str(Path(moved).expanduser().absolute())} if moved else {}
        data = _folder(environment, "XDG_DATA_HOME", home / ".local" / "share")
        if platform == "darwin":
            return cls(Manager.LAUNCHD, home / "Library" / "LaunchAgents" / f"{LABEL}.plist", data, needed)
        manager = Manager.SYSTEMD if platform.startswith("linux") else Manager.NONE
        config = _folder(environment, "XDG_CONFIG_HOME", home / ".config")
        return cls(manager, config / "systemd" / "user" / UNIT_NAME, data, needed)

    @property
    def timer(self) -> Path | None:
        """The file that starts the service every evening, where that is a file of its own."""
        return self.path.with_name(TIMER_NAME) if self.manager is Manager.SYSTEMD else None

    @property
    def page(self) -> Path:
        """The file of the page's service, where one is wanted."""
        return self.path.with_name(f"{PAGE_LABEL}.plist" if self.manager is Manager.LAUNCHD else PAGE_NAME)

    def files(self, source: str, at_min: int = USUAL_MIN, *, page: bool = False) -> dict[Path, bytes]:
        """What is written, for this very interpreter. at_min: when every evening begins, minutes since local midnight.

        page: a service for the page too. Raises SettingsError where there is no manager that is known.
        """
        vigil = (self.interpreter, "-P", "-m", "vigil.app.cli")
        begins = ("--evening", hours_and_minutes(at_min))
        watch = (*vigil, "watch", "--source", source, "--quiet", "--real-outputs", *begins)
        serve = (*vigil, "serve")
        if self.timer is not None:
            unit = systemd_unit(watch, (*vigil, "stop", "--outputs-only"), self.environment)
            beside = {self.page: systemd_page(serve, self.environment).encode()} if page else {}
            return {self.path: unit.encode(), self.timer: systemd_timer(at_min).encode(), **beside}
        if self.manager is Manager.LAUNCHD:
            beside = {self.page: launchd_page(serve, self.environment)} if page else {}
            return {self.path: launchd_plist(watch, self.environment, at_min), **beside}
        message = "Vigil knows no service manager of this system; nothing was changed; start the night with vigil watch"
        raise SettingsError(message)

    def found(self, *, page: bool = False) -> Found:
        """Whose file of the service (or the page's) lies there. Raises OSError if it cannot be looked at."""
        return _found(self.page if page else self.path)

    def written(self, *, page: bool = False) -> str:
        """What stands in the file of the service, or of the page's; raises OSError."""
        return _written(self.page if page else self.path)

    def write(self, source: str, at_min: int = USUAL_MIN, *, page: bool = False) -> tuple[Path, ...]:
        """Write the files, each whole or not at all, and return them.

        Raises SettingsError for a file that is not Vigil's, and then none was written; OSError.
        """
        files = self.files(source, at_min, page=page)
        _refuse_foreign(files, "written")
        private_folder(self.path.parent)
        for path, text in files.items():
            write_private(path, text)
            path.chmod(FILE_MODE)
        return tuple(files)

    def remove(self) -> tuple[Path, ...]:
        """Remove the files, and what enabled them; returns those that were there. Raises as `write`."""
        self.refuse_foreign("removed")
        there = tuple(path for path in self._paths if path.exists())
        for path in there:
            path.unlink()
        if self.timer is not None and there:
            for folder, name in ENABLED:
                (self.path.parent / folder / name).unlink(missing_ok=True)
            (self.data / "systemd" / "timers" / f"stamp-{TIMER_NAME}").unlink(missing_ok=True)
        return there

    def refuse_foreign(self, deed: str) -> None:
        """Raises SettingsError if something that lies there is not Vigil's, saying that nothing was `deed`."""
        _refuse_foreign(self._paths, deed)

    @property
    def _paths(self) -> tuple[Path, ...]:
        """The timer first: what is removed first starts nothing more."""
        return (self.page, self.path) if self.timer is None else (self.timer, self.page, self.path)

    def after_writing(self, *, page: bool = False) -> tuple[Command, ...]:
        """What makes the manager start it, and the page."""
        if self.manager is Manager.LAUNCHD:
            paths = (self.path, self.page) if page else (self.path,)
            return tuple(("launchctl", "bootstrap", f"gui/{self.user}", str(path)) for path in paths)
        enable = ("systemctl", "--user", "enable", "--now", TIMER_NAME, *([PAGE_NAME] if page else []))
        return (("systemctl", "--user", "daemon-reload"), enable)

    def before_removing(self, *, page: bool = False) -> tuple[Command, ...]:
        """What ends it, and the page, while their files are still there."""
        beside = [PAGE_NAME] if page else []
        if self.manager is Manager.LAUNCHD:
            labels = (LABEL, PAGE_LABEL) if page else (LABEL,)
            return tuple(("launchctl", "bootout", f"gui/{self.user}/{label}") for label in labels)
        disable = ("systemctl", "--user", "disable", "--now", TIMER_NAME, *beside)
        return (disable, ("systemctl", "--user", "stop", UNIT_NAME))

    def after_removing(self, *, page: bool = False) -> tuple[Command, ...]:
        """What ends one that runs still, its file being gone."""
        if self.manager is Manager.LAUNCHD:
            return self.before_removing(page=page)
        stop = ("systemctl", "--user", "stop", TIMER_NAME, *([PAGE_NAME] if page else []), UNIT_NAME)
        return (stop, ("systemctl", "--user", "daemon-reload"))

    @property
    def remark(self) -> str:
        """What a person should know of this manager."""
        return LAUNCHD if self.manager is Manager.LAUNCHD else LINGER

    @property
    def if_wanted(self) -> tuple[Command, ...]:
        """What the remark speaks of: for the person to decide, so never said to the manager by Vigil."""
        return () if self.manager is Manager.LAUNCHD else (("loginctl", "enable-linger"),)


def _folder(environment: Mapping[str, str], name: str, usual: Path) -> Path:
    """A folder of the account, as its environment says if it says so with a whole path."""
    said = environment.get(name, "")
    return Path(said) if said.startswith("/") else usual


def _refuse_foreign(paths: Iterable[Path], deed: str) -> None:
    for path in paths:
        if _found(path) is Found.FOREIGN:
            message = f"{path} is not a file that Vigil wrote; nothing was {deed}; move it away if it may go"
            raise SettingsError(message)


def _found(path: Path) -> Found:
    """Whose file lies there; a link is somebody's own arrangement."""
    if path.is_symlink():
        return Found.FOREIGN
    if not path.exists():
        return Found.NOTHING
    return Found.OURS if MARK in _written(path) else Found.FOREIGN


def _written(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(MOST_READ)
