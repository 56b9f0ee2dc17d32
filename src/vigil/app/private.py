"""Files and folders that only their owner can read, whatever the umask says."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vigil.store.private_files import wipe

FOLDER_MODE = 0o700

PASSING = "passing-"
"""How a folder begins whose files only pass through; the number of the process that made it follows."""


def private_folder(path: Path) -> Path:
    """Make the folder, and its parents, for its owner only; an existing folder is left as it is."""
    for part in (*reversed(path.parents), path):
        if not part.exists():
            part.mkdir(mode=FOLDER_MODE, exist_ok=True)
    return path


def write_private(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, mode 0600; raises OSError."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error  # not the name of a file nobody asked for
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())  # or a power cut could leave the new name on an empty file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def passing_folder(place: Path) -> Iterator[Path]:
    """An empty folder, beside what is kept, for what only passes through; at the end its files are overwritten.

    What a process left that was killed meanwhile goes first. Raises OSError.
    """
    wipe_passing(place)
    folder = Path(tempfile.mkdtemp(prefix=f"{PASSING}{os.getpid()}-", dir=private_folder(place)))
    try:
        yield folder
    finally:
        wipe_folder(folder)


def wipe_passing(place: Path) -> None:
    """Overwrite and remove what processes left in such folders that are no more. Raises OSError."""
    for folder in place.glob(f"{PASSING}*-*"):
        number = folder.name.removeprefix(PASSING).partition("-")[0]
        if number.isdecimal() and not _lives(int(number)):
            wipe_folder(folder)


def wipe_folder(folder: Path) -> None:
    """Overwrite every file below a folder and remove it. Raises OSError."""
    for path in folder.rglob("*"):
        if path.is_symlink() or path.is_file():
            wipe(path)
    shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    with suppress(PermissionError):  # it is somebody else's, and lives
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True
