"""Files and folders that appear whole or not at all: written beside their place, synced, and renamed into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from vigil.domain.errors import InputError

UNFINISHED = ".unfinished-"
"""Prefix of what is being written; anything so called that stays behind (a power cut) can be deleted."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; on leaving without an error it becomes `path`, else it is removed.

    Raises InputError if `path` exists or cannot be written beside. The file is readable by its owner alone.
    """
    _refuse_existing(path)
    try:
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    except OSError as error:
        _cannot(path, error)
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        _sync(unfinished)
        _refuse_existing(path)
        unfinished.replace(path)
    except OSError as error:
        _cannot(path, error)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """As `whole_file`, for a folder."""
    _refuse_existing(path)
    try:
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=path.parent))
    except OSError as error:
        _cannot(path, error)
    try:
        yield unfinished
        for file in unfinished.iterdir():
            _sync(file)
        _refuse_existing(path)
        unfinished.rename(path)
    except OSError as error:
        _cannot(path, error)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _refuse_existing(path: Path) -> None:
    if path.exists() or path.is_symlink():
        message = "is already there; nothing was written. Choose another name or remove it first"
        raise InputError(message, path=str(path))


def _cannot(path: Path, error: OSError) -> NoReturn:
    message = f"cannot be written ({error.strerror or error}); nothing was left behind"
    raise InputError(message, path=str(path)) from error


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
