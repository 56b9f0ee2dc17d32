"""The journal of a shelf, for commands and page alike: where it is, what waits in it, copies, and erasing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vigil.app.home import Home, Shelf
from vigil.app.private import private_folder
from vigil.app.wiring import backup_folder, reading, writing
from vigil.domain.errors import BusyError, DamagedError, NotFoundError
from vigil.store.answers import Answers
from vigil.store.journal import Journal
from vigil.store.journal_backup import backup_journal, journal_backups, verify_journal
from vigil.store.journal_erase import WordsErased, erase_journal, erase_night_words
from vigil.store.journal_file import NAME
from vigil.store.journal_notes import Waiting
from vigil.store.journal_restore import WordsRestored, begin_anew, restore_journal
from vigil.store.nights import Nights

ASIDE_WORDS = "The file with your journal was damaged. I moved it aside, as it was, and started a fresh one."


def journal_path(home: Home, shelf: Shelf) -> Path:
    """Where the journal of a store is; it need not exist."""
    return home.shelf(shelf) / NAME


@contextmanager
def journal(home: Home, shelf: Shelf) -> Iterator[Journal]:
    """Open the journal for writing, made if it is missing. It needs no lock of the store. Raises StoreError."""
    private_folder(home.data)
    with Journal.open(journal_path(home, shelf)) as opened:
        yield opened


@contextmanager
def journal_if_any(home: Home, shelf: Shelf, *, read_only: bool = False) -> Iterator[Journal | None]:
    """The same, None where there is none yet: looking makes no file."""
    path = journal_path(home, shelf)
    if not path.exists():
        yield None
        return
    with Journal.open(path, create=False, read_only=read_only) as opened:
        yield opened


def thread_named(opened: Journal, name: str) -> int | None:
    """The number of a thread by its name, begun if need be; None for no name. Raises InputError, StoreError."""
    if not name.strip():
        return None
    try:
        return opened.thread(name).id
    except NotFoundError:
        return opened.put_thread(name).id


def settle_waiting(home: Home, shelf: Shelf) -> int:
    """Put the answers that wait into the store of nights, if nobody holds it; how many were put.

    An answer of a night that is not in the store stays: the night may be taken back from a backup. Raises StoreError.
    """
    with journal_if_any(home, shelf) as opened:
        if opened is None or not _known(home, shelf, opened.notes.waiting()):
            return 0  # and a night that is just about to begin finds the store free
        try:
            with writing(home, shelf) as store:
                keys = {row.name: row.key for row in Nights(store.database).nights()}
                known = [each for each in opened.notes.waiting() if each.night in keys]  # read anew
                for each in known:
                    Answers(store.database).put(keys[each.night], each.answer)
                    opened.notes.settled(each)
        except BusyError:  # a night is being watched: they go on waiting
            return 0
    return len(known)


def _known(home: Home, shelf: Shelf, waiting: Sequence[Waiting]) -> bool:
    """Whether any of them is of a night that is in the store."""
    if not waiting:
        return False
    with reading(home, (shelf,)) as found:
        names = {row.name for each in found for row in Nights(each.database).nights()}
    return any(each.night in names for each in waiting)


def back_up_journal(home: Home, shelf: Shelf, folder: Path) -> Path | None:
    """A verified copy into a folder; None where there is no journal. Raises StoreError."""
    with journal_if_any(home, shelf) as opened:
        return None if opened is None else backup_journal(opened, folder)


def forget_words(home: Home, shelf: Shelf, night: str | None = None) -> WordsErased | None:
    """Erase what was written of a night, or everything for None; None where there is no journal. Raises StoreError.

    A damaged journal of which everything is to go is moved aside first, and goes with what was set aside.
    """
    path = journal_path(home, shelf)
    try:
        with journal_if_any(home, shelf) as opened:
            if opened is None:
                return None
            return erase_journal(opened) if night is None else erase_night_words(opened, night)
    except DamagedError:
        if night is not None:
            raise
    begin_anew(path, "erased", backup_folder(home, shelf))
    with Journal.open(path) as fresh:
        return erase_journal(fresh)


def take_words_back(home: Home, shelf: Shelf, source: Path, stamp: str) -> tuple[WordsRestored, str]:
    """Take back from a copy what is not here, and what is to be said besides, "" for nothing. Raises StoreError.

    A damaged journal is moved aside first, never deleted; stamp: what to call the folder.
    """
    said, path = "", journal_path(home, shelf)
    if path.exists() and _is_damaged(path):
        begin_anew(path, stamp, backup_folder(home, shelf))
        said = ASIDE_WORDS
    with journal(home, shelf) as opened:
        return restore_journal(opened, source), said


def newest_sound_copy(folder: Path) -> Path:
    """The newest copy of a journal with nothing wrong in it; raises NotFoundError."""
    for path in reversed(journal_backups(folder)):
        if not verify_journal(path):
            return path
    message = "there is no sound copy of the journal; nothing was changed; name a file"
    raise NotFoundError(message)


def _is_damaged(path: Path) -> bool:
    try:
        with Journal.open(path, create=False, read_only=True) as opened:
            return bool(opened.file.problems())
    except DamagedError:
        return True
