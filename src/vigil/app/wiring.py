"""The only place that picks implementations: parameters, settings, stores. Everything else is handed what it needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from vigil.app.home import Home, Shelf
from vigil.app.private import private_folder
from vigil.domain.settings import Profile, Settings
from vigil.engine.parameters import Parameters
from vigil.run.replay import Outfit
from vigil.store.database import Database, OutdatedError
from vigil.store.lock import StoreLock
from vigil.store.quarantine import Opened, open_or_quarantine

LOCK_NAME = "vigil.lock"
PAGE_LOCK = "page.lock"
"""Of a page that is open, beside the store."""
BEGUN_LOCK = "begun.lock"
BEGUN_NAME = "begun.log"
"""Of a night that was begun from the page, beside the store (`beginning.py`)."""

BACKUPS_NAME = "backups"
OUTPUTS_NAME = "outputs"
"""Where outputs keep what a restart must find: which lamp is lit, which player plays."""


@cache
def packaged_parameters() -> Parameters:
    """The parameters that come with Vigil; raises SettingsError if the installation is damaged."""
    return Parameters.from_json(files("vigil.data").joinpath("population.json").read_text(encoding="utf-8"))


def population_outfit() -> Outfit:
    """What simulated and shadow nights run with: the population, shipped settings, nudging armed (DESIGN section 6)."""
    return Outfit(packaged_parameters(), Settings(), Profile())


@dataclass(frozen=True, slots=True)
class OpenShelf:
    """An open store and which one it is."""

    shelf: Shelf
    database: Database


@contextmanager
def writing(home: Home, shelf: Shelf) -> Iterator[OpenShelf]:
    """Open a store for writing, alone; raises BusyError if another Vigil has it, StoreError as `Database.open`."""
    private_folder(home.data)
    folder = home.shelf(shelf)
    with (
        StoreLock.acquire(folder / LOCK_NAME, time.strftime("%H:%M")),
        Database.open(folder / home.database(shelf).name) as database,
    ):
        yield OpenShelf(shelf, database)


@contextmanager
def watching(home: Home, shelf: Shelf, patience_s: float = 0.0) -> Iterator[tuple[OpenShelf, Opened]]:
    """Open a store for a night, alone; a damaged database is set aside, never deleted, and a fresh one begun.

    patience_s: how long it is waited for another Vigil that has it. Raises BusyError if it has it still, StoreError
    where nothing can be kept.
    """
    private_folder(home.data)
    folder = home.shelf(shelf)
    with StoreLock.acquire(folder / LOCK_NAME, time.strftime("%H:%M"), patience_s):
        opened = open_or_quarantine(folder / home.database(shelf).name, time.strftime("%Y-%m-%d-%H%M"))
        with opened.database:
            yield OpenShelf(shelf, opened.database), opened


@contextmanager
def reading(home: Home, shelves: tuple[Shelf, ...]) -> Iterator[list[OpenShelf]]:
    """Open those of the stores that exist, in this order, for reading only; raises StoreError."""
    found: list[OpenShelf] = []
    try:
        for shelf in shelves:
            path = home.database(shelf)
            if path.exists():
                found.append(OpenShelf(shelf, _open_to_read(path)))
        yield found
    finally:
        for each in found:
            each.database.close()


def _open_to_read(path: Path) -> Database:
    """Open a store for reading; one that an older Vigil wrote is brought to the present step first."""
    try:
        return Database.open(path, create=False, read_only=True)
    except OutdatedError:
        Database.open(path, create=False).close()
        return Database.open(path, create=False, read_only=True)


def backup_folder(home: Home, shelf: Shelf) -> Path:
    """Where backups of a store go unless the person says otherwise."""
    return home.shelf(shelf) / BACKUPS_NAME
