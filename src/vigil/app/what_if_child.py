"""One kept night under other settings, in a limited child (run/limited.py): asked and answered as plain JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vigil.app.clock_words import NightClock
from vigil.app.home import Shelf
from vigil.app.stored_night import read
from vigil.app.wiring import OpenShelf, packaged_parameters
from vigil.domain.errors import InputError, StoreError
from vigil.domain.nudges import EpisodeKind
from vigil.domain.plain import dumps, loads
from vigil.domain.records import Mode
from vigil.domain.settings import Profile, Settings
from vigil.night.report import NightReport
from vigil.run.limited import LimitedChild
from vigil.run.replay import Outfit
from vigil.run.what_if import what_if
from vigil.store import cipher
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights

NIGHT = f"{__name__}:night_plain"
"""What the child is asked to call."""


@dataclass(frozen=True, slots=True)
class Task:
    """One night: its name and key, and what it is to run with."""

    night: str
    key: int
    settings: Settings
    profile: Profile


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a night. signs: episodes with signs of a nightmare. nudges: in so many episodes.

    at: when the first of each was given, in the night's own clock.
    """

    signs: int
    nudges: int
    episodes: int
    at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NightThen:
    """One night: what really came of it, and what would have. same_engine: Vigil is still the one it was."""

    night: str
    mode: Mode
    really: Came
    would: Came
    same_engine: bool

    def as_plain(self) -> dict[str, Any]:
        """Field by field, for files."""
        return {**asdict(self), "mode": self.mode.value}


def night_plain(database: str, key: int, settings: str, profile: str, secret: str | None = None) -> dict[str, Any]:
    """In the child: live through a night of a store. Raises StoreError where it, or a part of it, cannot be read.

    secret: the passphrase of an encrypted store; it comes through the pipe, and is in no file or argument.
    """
    if secret is not None:
        cipher.know(secret)
    outfit = Outfit(packaged_parameters(), loads(settings), loads(profile))
    with Database.open(Path(database), create=False, read_only=True) as opened:
        stored = read(OpenShelf(Shelf.OWN, opened), Nights(opened).row(key))
        if stored.damaged:
            message = "a part of it is damaged"
            raise StoreError(message)
        records = list(NightReader(opened).records(key))
    would = what_if(records, outfit)
    parameters = dict(stored.report.digests).get("parameters")
    return {
        "mode": stored.row.mode,
        "really": asdict(_came(stored.report, stored.clock)),
        "would": asdict(_came(would, stored.clock)),
        "same_engine": parameters == outfit.parameters.digest,
    }


def _came(report: NightReport, clock: NightClock) -> Came:
    """Nudges that were given, or would have been; one that failed counts as well, since it may have acted."""
    return Came(
        signs=sum(row.kind is EpisodeKind.NIGHTMARE_LIKE for row in report.suspicions),
        nudges=len(report.nudges),
        episodes=len(report.interventions),
        at=tuple(clock.words(row.t_s) for row in report.interventions),
    )


class WhatIfChild(LimitedChild):
    """A child that lives through kept nights."""

    def night(self, database: Path, task: Task) -> NightThen:
        """One night; raises InputError if the child came to harm, StoreError as `night_plain`."""
        asked = (str(database), task.key, dumps(task.settings), dumps(task.profile), cipher.known())
        answer = self.call(NIGHT, *asked, about=task.night)
        try:
            really, would = (_read(answer[name]) for name in ("really", "would"))
            return NightThen(task.night, Mode(answer["mode"]), really, would, same_engine=answer["same_engine"] is True)
        except (KeyError, TypeError, ValueError) as error:
            message = f"the worker answered with something else ({error}); it was given up"
            raise InputError(message, path=task.night) from error


def _read(one: Any) -> Came:
    signs, nudges, episodes = (one[name] for name in ("signs", "nudges", "episodes"))
    if not all(type(number) is int for number in (signs, nudges, episodes)):
        message = "numbers were expected"
        raise TypeError(message)
    return Came(signs, nudges, episodes, tuple(str(at) for at in one["at"]))
