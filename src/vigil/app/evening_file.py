"""What was said about an evening, in its file; it counts for that evening's night and no other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from vigil.app.json_file import read_json, set_aside, write_json_file
from vigil.domain.errors import InputError
from vigil.interview.evening import Tap

FORMAT = "vigil-evening"
VERSION = 1

_NOON = timedelta(hours=12)


def evening_of(wall_ms: int) -> date:
    """The local date of the evening an instant belongs to: before noon, still the evening before."""
    local = datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone()
    return (local.replace(tzinfo=None) - _NOON).date()


def read_taps(path: Path, evening: date) -> tuple[Tap, ...]:
    """What was said about that evening, nothing if nothing was. Raises InputError where it cannot be read."""
    document = read_json(path)
    if document is None:
        return ()
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
        message = "is not what was said about an evening, or of a newer Vigil; nothing was changed"
        raise InputError(message, path=str(path))
    known = {tap.value: tap for tap in Tap}
    taps = document.get("taps")
    if not isinstance(taps, list) or not all(isinstance(one, str) and one in known for one in taps):
        message = "is damaged and cannot be read; nothing was changed"
        raise InputError(message, path=str(path))
    return tuple(known[one] for one in taps) if document.get("evening") == evening.isoformat() else ()


def write_taps(path: Path, evening: date, taps: Collection[Tap]) -> None:
    """Keep what was said about that evening, in place of any evening before; raises OSError."""
    said = [tap.value for tap in Tap if tap in taps]
    write_json_file(path, {"format": FORMAT, "version": VERSION, "evening": evening.isoformat(), "taps": said})


def replace_taps(path: Path, evening: date, taps: Collection[Tap]) -> str:
    """The same where what was there may be unreadable: that is moved aside, and its new name returned, else "".

    Raises OSError.
    """
    aside = ""
    try:
        read_taps(path, evening)
    except InputError:
        aside = set_aside(path).name
    write_taps(path, evening, taps)
    return aside
