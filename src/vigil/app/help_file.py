"""Numbers of the help that the person found wrong, in a file beside their answers: hidden, never lost."""

from __future__ import annotations

from pathlib import Path

from vigil.app.home import Home
from vigil.app.json_file import read_json, set_aside, write_json_file
from vigil.domain.errors import InputError

FORMAT = "vigil-help"
VERSION = 1

MOST = 100
"""More than every country has: a form that sends ever more fills no disk."""


def read_hidden(home: Home) -> frozenset[str]:
    """Which entries are hidden, as `crisis.entry` names them; none where the file cannot be used. It never raises.

    Rather a number too many than help that does not open.
    """
    try:
        return _read(home.help_file)
    except InputError:
        return frozenset()


def hide(home: Home, entry: str) -> None:
    """Hide one; raises OSError."""
    hidden = read_hidden(home)
    if len(hidden) < MOST:
        _write(home.help_file, hidden | {entry})


def show(home: Home, entry: str) -> None:
    """Show one again; raises OSError."""
    _write(home.help_file, read_hidden(home) - {entry})


def _read(path: Path) -> frozenset[str]:
    document = read_json(path)
    if document is None:
        return frozenset()
    hidden = document.get("hidden") if isinstance(document, dict) and document.get("format") == FORMAT else None
    if not isinstance(document, dict) or document.get("version") != VERSION or not isinstance(hidden, list):
        message = "is not what was hidden of the help, or of a newer Vigil; nothing was changed"
        raise InputError(message, path=str(path))
    return frozenset(one for one in hidden if isinstance(one, str))


def _write(path: Path, hidden: frozenset[str]) -> None:
    try:
        _read(path)
    except InputError:
        set_aside(path)
    write_json_file(path, {"format": FORMAT, "version": VERSION, "hidden": sorted(hidden)})
