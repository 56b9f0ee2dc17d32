"""Verified copies of the journal, beside those of the nights. A copy that was not read back is a hope."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from vigil.domain.errors import StoreError
from vigil.store.backup import KEPT
from vigil.store.journal import Journal
from vigil.store.journal_file import SIDES, JournalFile, Row, need_journal
from vigil.store.opening import connect
from vigil.store.private_files import make_file, make_folder, sync, wipe
from vigil.store.sqlite_errors import plain_words

_NAME = re.compile(r"journal-\d{12}\.db(\.part)?(-wal|-shm|-journal)?")

_COUNTS = """
    SELECT (SELECT changes FROM state), (SELECT count(*) FROM entry), (SELECT total(length(body)) FROM entry),
    (SELECT count(*) FROM tag), (SELECT count(*) FROM thread), (SELECT count(*) FROM morning),
    (SELECT count(*) FROM waiting), (SELECT count(*) FROM draft)
"""


def backup_journal(journal: Journal, folder: Path, *, keep: int = KEPT) -> Path:
    """Copy the journal into `folder`, prove the copy, and return it; older ones than the last `keep` go.

    The name carries the number of changes, so names sort by age. Mode 0600; encrypted with the same key where the
    journal is. Raises StoreError, and then the folder is as it was.
    """
    folder = folder.absolute()
    make_folder(folder)
    remember_folder(journal.file, folder)
    part = folder / f"journal-{journal.file.changes:012d}.db.part"
    try:
        _remove(part)
        make_file(part)
        journal.file.copy_to(part)
        counts, faults = _proven(part)
        if faults:
            message = (
                f"the copy of the journal did not come out whole ({faults[0]}); it was thrown away; check the disk"
            )
            raise StoreError(message)
        sync(part)
        made = part.replace(folder / f"journal-{counts[0]:012d}.db")
        sync(folder)
    except OSError as error:
        message = f"the journal could not be copied ({error.strerror}); nothing was kept of it; check {folder}"
        raise StoreError(message) from error
    finally:
        _remove(part)
    for old in journal_backups(folder)[: -max(1, keep)]:
        wipe(old)
    return made


def journal_backups(folder: Path) -> list[Path]:
    """The finished copies in a folder, oldest first."""
    return sorted(path for path in made_of_journals(folder) if path.suffix == ".db")


def made_of_journals(folder: Path) -> list[Path]:
    """Every file of a copy in the folder, also what a crash left behind."""
    return [path for path in folder.iterdir() if _NAME.fullmatch(path.name)] if folder.is_dir() else []


def verify_journal(path: Path) -> tuple[str, ...]:
    """What is wrong with a copy, in words; nothing if it can be relied on. Changes nothing and never raises."""
    try:
        if not path.is_file():
            return (f"there is no copy at {path}",)
        return _proven(path)[1]
    except (StoreError, OSError) as error:
        return (str(error),)


def is_journal(path: Path) -> bool:
    """Whether a file is a journal rather than a database of nights. Never raises."""
    try:
        with plain_words(), closing(connect(path.absolute(), "mode=ro&immutable=1")) as connection:
            need_journal(connection, path)
    except (StoreError, OSError):
        return False
    return True


def _proven(path: Path) -> tuple[Row, tuple[str, ...]]:
    """How much a copy holds, and what is wrong with it. Raises StoreError, OSError."""
    with plain_words(), closing(connect(path.absolute(), "mode=ro&immutable=1")) as connection:
        need_journal(connection, path)
        file = JournalFile(connection, path, writes=False)
        return file.rows(_COUNTS)[0], file.problems()


def remember_folder(file: JournalFile, folder: Path) -> None:
    """Keep the folder's name, so that erasing finds its copies."""
    if file.row("SELECT 1 FROM backup_folder WHERE path = ?", (str(folder),)) is None:
        with file.atomic():
            file.execute("INSERT INTO backup_folder (path) VALUES (?)", (str(folder),))


def _remove(path: Path) -> None:
    for side in SIDES:
        path.with_name(path.name + side).unlink(missing_ok=True)
