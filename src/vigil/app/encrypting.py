"""A person's own nights and journal under a passphrase, plain again, or under another one; for command and page alike.

Two drivers in one process do not see each other's locks: a page does this in a process of its own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from vigil.app.home import Home, Shelf
from vigil.app.wiring import LOCK_NAME
from vigil.domain.errors import StoreError
from vigil.store import cipher, sealing
from vigil.store.database import Database
from vigil.store.erase import scrub
from vigil.store.journal import Journal
from vigil.store.journal_erase import journals_aside, scrub_journal
from vigil.store.journal_file import NAME as JOURNAL
from vigil.store.lock import StoreLock
from vigil.store.quarantine import set_aside

SSD = (
    "The old files were written over and removed. A solid-state disk, and a file system that keeps snapshots, may keep "
    "old blocks all the same, where no program reaches them; where that matters, encrypt the whole disk as well."
)
STAYS_PLAIN = "Not encrypted: pictures, settings, sessions of the page, and whatever you exported; exports stay plain."


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done. databases: files that were made anew. backups: copies that were.

    unreachable: folders of backups that are not there now. set_aside: damaged files that stay as they are.
    """

    databases: tuple[str, ...]
    backups: int
    unreachable: tuple[str, ...]
    set_aside: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The same for a person."""
        made = f"Made anew: {', '.join(self.databases)}." if self.databases else "Nothing had to be made anew."
        copies = f" Backups replaced or removed: {self.backups}." if self.backups else ""
        return (
            made + copies,
            *(f"Not reached: backups in {folder}; they stay as they were." for folder in self.unreachable),
            *(f"Left as it was: {path}, which was set aside as damaged." for path in self.set_aside),
        )


def is_encrypted(home: Home) -> bool:
    """Whether the person's own nights are kept encrypted. Raises OSError."""
    return cipher.is_sealed(home.database(Shelf.OWN))


def encrypt(home: Home, passphrase: str) -> Changed:
    """Nights, journal and their backups under this passphrase. Made again, it finishes what was interrupted.

    Raises BusyError while another Vigil has them open; LockedError under another passphrase; StoreError.
    """
    cipher.new_key(passphrase)
    for path in _databases(home):
        if cipher.is_sealed(path) and not cipher.fits(path, passphrase):
            message = f"{path.name} is encrypted already; nothing was changed; for another passphrase: vigil passphrase"
            raise StoreError(message)
    return _change(home, passphrase)


def decrypt(home: Home) -> Changed:
    """All of it plain again. Raises as `encrypt`."""
    return _change(home, None)


def change_passphrase(home: Home, passphrase: str) -> Changed:
    """All of it under another passphrase; no backup stays under the old one. Raises as `encrypt`."""
    cipher.new_key(passphrase)
    if not is_encrypted(home):
        message = "your nights are not encrypted, so there is no passphrase to change; to encrypt them: vigil encrypt"
        raise StoreError(message)
    return _change(home, passphrase)


def _change(home: Home, words: str | None) -> Changed:
    nights = home.database(Shelf.OWN)
    with StoreLock.acquire(home.shelf(Shelf.OWN) / LOCK_NAME, time.strftime("%H:%M")):
        for path in _databases(home):
            cipher.key_for(path)
        Database.open(nights).close()
        changed = [path for path in _databases(home) if not _is_so(path, words)]
        for path in changed:
            sealing.change(path, None if words is None else cipher.new_key(words))
            if words is not None:
                cipher.know(words)
        return _made_anew(home, tuple(path.name for path in changed))


def _is_so(path: Path, words: str | None) -> bool:
    return not cipher.is_sealed(path) if words is None else cipher.fits(path, words)


def _made_anew(home: Home, changed: tuple[str, ...]) -> Changed:
    """Backups in the new way, in every folder that is known; those in the old way are overwritten and removed."""
    path = home.database(Shelf.OWN)
    words = path.with_name(JOURNAL)
    with Database.open(path) as database:
        with database.atomic():
            pass  # one commit more, so that no copy takes the name, and with it the place, of an old one
        done = scrub(database)
    unreachable, backups = set(done.unreachable), done.backups
    if words.exists():
        with Journal.open(words, create=False) as journal:
            with journal.file.atomic():
                pass  # as above
            erased = scrub_journal(journal)
        unreachable |= set(erased.unreachable)
        backups += erased.backups
    aside = [str(each) for each in (*set_aside(path), *journals_aside(words))]
    return Changed(changed, backups, tuple(sorted(unreachable)), tuple(aside))


def _databases(home: Home) -> list[Path]:
    """The journal first: it is the one that a page may have open, and then nothing has been changed yet."""
    nights = home.database(Shelf.OWN)
    return [path for path in (nights.with_name(JOURNAL), nights) if path.exists()]
