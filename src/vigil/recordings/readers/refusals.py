"""The two ways a reader says no to a whole file."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from vigil.domain.errors import FormatError, InputError


def refuse(reason: str, path: Path, line: int | None = None) -> NoReturn:
    """Raise InputError: what happened to this file (at this 1-based line), and what was or was not used."""
    raise InputError(reason, path=str(path), line=line)


def refuse_format(reason: str, path: Path) -> NoReturn:
    """Raise FormatError: this file is of no kind that Vigil reads."""
    raise FormatError(reason, path=str(path))
