"""What is kept, looked at for the doctor: databases of nights, journals, and the backups of both."""

from __future__ import annotations

from collections.abc import Iterator

from vigil.app.finding import Finding, State
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal_path
from vigil.app.unlocking import is_unattended
from vigil.app.wiring import backup_folder
from vigil.domain.errors import LockedError, VigilError
from vigil.store.backup import backups
from vigil.store.database import Database
from vigil.store.journal import Journal
from vigil.store.journal_backup import journal_backups


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
            yield _refused(name, error, _way_back(home, shelf))
        else:
            yield _store(home, shelf, name, problems, lost)


def _refused(name: str, error: VigilError, todo: str) -> Finding:
    if isinstance(error, LockedError):
        return Finding(name, State.ATTENTION, str(error), "vigil watch, by hand")
    return Finding(name, State.WRONG, str(error), todo)


def _store(home: Home, shelf: Shelf, name: str, problems: tuple[str, ...], lost: int) -> Finding:
    if problems:
        return Finding(name, State.WRONG, "; ".join(problems[:3]), _way_back(home, shelf))
    if lost:
        words = f"{lost} commits that were acknowledged are gone (a disk that lies, or an old copy put back)"
        return Finding(name, State.ATTENTION, words, "nudging stays off until you have looked; check the disk")
    made = len(backups(backup_folder(home, shelf)))
    if shelf is Shelf.OWN and not made:
        return Finding(name, State.ATTENTION, "whole, no backup yet", "vigil backup")
    if not is_unattended(home.database(shelf)):
        return Finding(name, State.OK, f"whole, {_counted(made)}")
    if not all(map(is_unattended, backups(backup_folder(home, shelf)))):
        return Finding(name, State.ATTENTION, "encrypted, but not every backup of it is", "vigil encrypt, once more")
    return Finding(name, State.OK, f"whole, encrypted, {_counted(made)}")


def _counted(backups_made: int) -> str:
    return f"{backups_made} backup{'s' if backups_made != 1 else ''}"


def journals(home: Home) -> Iterator[Finding]:
    """Every journal that exists: its size, what its own check says, and its backups."""
    for shelf in (each for each in Shelf if journal_path(home, each).exists()):
        path, name = journal_path(home, shelf), f"journal {shelf.value}"
        copies = journal_backups(backup_folder(home, shelf))
        todo = "vigil restore" if copies else f"move {path} away: there is no copy of it, and Vigil makes a new one"
        try:
            with Journal.open(path, create=False, read_only=True) as journal:
                problems, size_mb = journal.file.problems(), path.stat().st_size / 1e6
        except VigilError as error:
            yield _refused(name, error, todo)
            continue
        if problems:
            yield Finding(name, State.WRONG, "; ".join(problems[:3]), todo)
        elif not copies:
            yield Finding(name, State.ATTENTION, f"whole, {size_mb:.1f} MB, no backup yet", "vigil backup")
        else:
            yield Finding(name, State.OK, f"whole, {size_mb:.1f} MB, {_counted(len(copies))}")


def _way_back(home: Home, shelf: Shelf) -> str:
    folder = backup_folder(home, shelf)
    if backups(folder):
        return f"go back to a backup in {folder}"
    return f"move {home.database(shelf)} away: there is no backup of it, and Vigil makes a new one"
