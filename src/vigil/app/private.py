"""Files and folders that only their owner can read, whatever the umask says."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

FOLDER_MODE = 0o700


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
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
