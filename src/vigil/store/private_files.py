"""Files and folders that only their owner may read, whatever the umask says (reliability 7.2)."""

from __future__ import annotations

import os
from pathlib import Path

from vigil.domain.errors import StoreError

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_folder(path: Path) -> None:
    """Make the folder, and those above it, if it is not there. Only the folder itself is closed to others."""
    if path.is_dir():
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(FOLDER_MODE)
    except OSError as error:
        raise StoreError(_words(path, error)) from error


def make_file(path: Path) -> None:
    """Make an empty file if there is none, and close it to others; raises StoreError if that cannot be done."""
    try:
        descriptor = open_file(path)
    except OSError as error:
        raise StoreError(_words(path, error)) from error
    os.close(descriptor)


def open_file(path: Path) -> int:
    """A descriptor for reading and writing, made if need be, mode 0600. Raises OSError.

    The mode is set on the descriptor, since the one given to `open` is weakened or widened by the umask.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    os.fchmod(descriptor, FILE_MODE)
    return descriptor


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or which names a folder has. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(path: Path, error: OSError) -> str:
    return f"{path} could not be made ({error.strerror}); nothing was stored; check that the folder is yours"
