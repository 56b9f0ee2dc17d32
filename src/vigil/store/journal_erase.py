"""Erasing in the journal that really erases: rows, the index of words, free pages, the log, and Vigil's own copies.

What a disk keeps beneath the file system (worn flash cells, snapshots) is out of a program's reach and is not promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.domain.journal import place_of
from vigil.store.journal import Journal
from vigil.store.journal_backup import backup_journal, made_of_journals
from vigil.store.journal_file import SIDES
from vigil.store.private_files import wipe
from vigil.store.quarantine import DAMAGED_FOLDER


@dataclass(frozen=True, slots=True)
class WordsErased:
    """What was done. unreachable: folders that once held copies and are not there now (a stick that was pulled).

    set_aside: damaged journals that were moved aside and may still hold it; only erasing all removes them.
    """

    entries: int
    backups: int
    unreachable: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()


def erase_entry(journal: Journal, number: int) -> WordsErased:
    """Erase one entry everywhere, and what was being typed into it. Raises NotFoundError.

    Raises BusyError while somebody reads the journal, StoreError where a copy cannot be replaced: the entry is gone
    then, but traces may remain until `scrub_journal` is done again.
    """
    journal.entry(number)
    return _erase(journal, (number,))


def erase_night_words(journal: Journal, night: str) -> WordsErased:
    """Erase what was written of a night: its entries, its morning's words and answer, and drafts. Raises as above."""
    return erase_words_of(journal, (night,))


def erase_words_of(journal: Journal, nights: Sequence[str], days: tuple[str, str] | None = None) -> WordsErased:
    """The same of several nights at once, and of entries about the days from the first to the last of `days`."""
    return _erase(journal, words_of(journal, nights, days), *nights)


def words_of(journal: Journal, nights: Sequence[str], days: tuple[str, str] | None = None) -> tuple[int, ...]:
    """The numbers of those entries. days: ISO dates, both included; "" is before any, and of entries without one."""
    first, last = days or ("1", "0")
    about = journal.file.rows("SELECT id FROM entry WHERE coalesce(day, '') BETWEEN ? AND ?", (first, last))
    found = [journal.file.rows("SELECT id FROM entry WHERE night = ?", (night,)) for night in nights]
    return tuple(sorted({number for rows in (about, *found) for (number,) in rows}))


def erase_thread(journal: Journal, number: int) -> WordsErased:
    """Erase a thread's name and note everywhere; its entries stay. Raises as above."""
    with journal.file.atomic():
        journal.file.execute("DELETE FROM thread WHERE id = ?", (number,))
    return scrub_journal(journal)


def erase_journal(journal: Journal) -> WordsErased:
    """Erase every word, every copy, and journals that were set aside. Raises as above.

    The file stays, empty: whoever has it open would go on writing into one that is removed. Numbers of entries are
    not given again, so that an old page cannot change a new entry.
    """
    with journal.file.atomic():
        ((entries,),) = journal.file.rows("SELECT count(*) FROM entry")
        for table in ("tag", "entry", "thread", "morning", "waiting", "draft"):
            journal.file.execute(f"DELETE FROM {table}")
    aside = journals_aside(journal.file.path)
    _remove(aside)
    for folder in {path.parent for path in aside}:
        with suppress(OSError):  # somebody's own file is in it
            folder.rmdir()
    return scrub_journal(journal, entries=entries, renew=False)


def _erase(journal: Journal, numbers: tuple[int, ...], *nights: str) -> WordsErased:
    with journal.file.atomic():
        for number in numbers:
            journal.take_out(number)
            journal.file.execute("DELETE FROM draft WHERE place = ?", (place_of(number),))
        for night in nights:
            for table in ("morning", "waiting", "draft"):
                journal.file.execute(f"DELETE FROM {table} WHERE night = ?", (night,))
    return scrub_journal(journal, entries=len(numbers))


def scrub_journal(journal: Journal, *, entries: int = 0, renew: bool = True) -> WordsErased:
    """Leave no trace of what was deleted: the file and its index anew, its log empty, copies replaced or removed.

    A copy that cannot be made anew, say for want of room, is removed all the same before the error is raised.
    """
    journal.file.rewrite()
    folders = [Path(path) for (path,) in journal.file.rows("SELECT path FROM backup_folder ORDER BY path")]
    removed = 0
    for folder in folders:
        old = made_of_journals(folder)
        try:
            if old and renew:
                fresh = backup_journal(journal, folder)
                old = [path for path in old if path != fresh]
        finally:
            removed += _remove(old)
    unreachable = tuple(str(folder) for folder in folders if not folder.is_dir())
    aside = tuple(str(path) for path in journals_aside(journal.file.path) if path.suffix == ".db")
    return WordsErased(entries, removed, unreachable, aside)


def journals_aside(path: Path) -> list[Path]:
    """Every file of a journal that was set aside as damaged."""
    folders = (path.parent / DAMAGED_FOLDER).glob("*")
    return sorted(file for folder in folders for side in SIDES if (file := folder / (path.name + side)).is_file())


def _remove(paths: list[Path]) -> int:
    try:
        for path in paths:
            wipe(path)
    except OSError as error:
        message = f"a copy could not be removed ({error}); the rest was erased; remove that file yourself"
        raise StoreError(message) from error
    return len(paths)
