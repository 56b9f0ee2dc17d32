"""Files and folders that only their owner may read, whatever the umask says (reliability 7.2)."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path

from vigil.domain.errors import StoreError

FOLDER_MODE = 0o700
FILE_MODE = 0o600

_CHUNK = 1 << 20


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


def read_small(path: Path, most: int) -> bytes:
    """What stands in a plain file, and no more than `most` + 1 bytes of it: whoever asks sees that it is too long.

    A pipe, a device, a folder or a link is not waited for or followed. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        return os.read(descriptor, most + 1)
    finally:
        os.close(descriptor)


def replace_small(path: Path, data: bytes) -> None:
    """A new file in the place of an old one, whole or not at all, for views that need not outlive a power cut.

    Raises OSError, and then the old one stands. One writer at a time.
    """
    part = path.with_name(path.name + ".new")
    try:
        with os.fdopen(open_file(part), "wb") as file:
            file.truncate()
            file.write(data)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or which names a folder has. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        full_sync(descriptor)
    finally:
        os.close(descriptor)


def wipe(path: Path) -> None:
    """Overwrite a file with zeros, have the disk hold them, and remove it; nothing if it is not there. Raises OSError.

    Where it cannot be written over, say for want of room on a disk that writes elsewhere, it is removed all the same.
    What a disk keeps beneath the file system (worn flash cells, snapshots) is out of a program's reach.
    """
    with suppress(OSError):
        _zero(path)
    path.unlink(missing_ok=True)


def _zero(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        left = os.fstat(descriptor).st_size
        while left > 0:
            left -= os.write(descriptor, bytes(min(left, _CHUNK)))
        full_sync(descriptor)
    finally:
        os.close(descriptor)


def full_sync(descriptor: int) -> None:
    """Have the disk itself hold what was written. Raises OSError.

    On macOS fsync alone leaves it in the drive's own memory, and not every volume there knows the full one.
    """
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        with suppress(OSError):
            fcntl.fcntl(descriptor, full)
            return
    os.fsync(descriptor)


def _words(path: Path, error: OSError) -> str:
    return f"{path} could not be made ({error.strerror}); nothing was stored; check that the folder is yours"
