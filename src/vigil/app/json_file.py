"""A small file of JSON that belongs to the person: read with care, written whole, moved aside rather than lost."""

from __future__ import annotations

import json
from pathlib import Path

from vigil.app.private import private_folder, write_private
from vigil.domain.errors import InputError

MAX_BYTES = 64 * 1024
"""A larger file is none of ours."""


def read_json(path: Path) -> object | None:
    """The document, or None where there is no file. Raises InputError where it cannot be read."""
    try:
        if not path.exists():
            return None
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            message = f"{len(raw)} bytes are too many; nothing was changed"
            raise InputError(message, path=str(path))
        document: object = json.loads(raw)
    except OSError as error:
        message = f"cannot be read ({error.strerror}); nothing was changed; check that the file is yours"
        raise InputError(message, path=str(path)) from error
    except (ValueError, RecursionError) as error:
        message = "is damaged and cannot be read; nothing was changed"
        raise InputError(message, path=str(path)) from error
    return document


def write_json_file(path: Path, document: object) -> None:
    """Write it, mode 0600, whole or not at all; raises OSError."""
    private_folder(path.parent)
    write_private(path, (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode())


def set_aside(path: Path) -> Path:
    """Move the file out of the way under a free name beside it, and return that; nothing is ever written over."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.aside-{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
    return aside
