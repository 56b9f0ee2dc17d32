"""night.json: what a night folder says of itself, read strictly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from vigil.domain.units import MAX_INSTANT_NS
from vigil.recordings.readers.begin import WallTime, wall_time
from vigil.recordings.readers.numbers import LONGEST_S
from vigil.recordings.readers.refusals import refuse, refuse_format
from vigil.recordings.readers.text import opening_bytes

FOLDER_FORMAT = "night-folder/1"
MANIFEST = "night.json"
_MOST_BYTES = 1 << 20
_UNITS = {"hr": "bpm", "rr": "ms", "motion": "g"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """night: the name it gives, or None. start: the wall clock at zero. files: (stream, file name) it names.

    origin_ns: the instant of zero on the clock of a night that Vigil wrote, else 0. hours: how long it lasts, rounded.
    """

    night: str | None = None
    start: WallTime | None = None
    origin_ns: int = 0
    hours: float | None = None
    files: tuple[tuple[str, str], ...] = ()

    def file(self, stream: str) -> str | None:
        """The file named for a stream, or None."""
        return dict(self.files).get(stream)


def read_manifest(folder: Path) -> Manifest:
    """Read night.json, or nothing if there is none; raises InputError or FormatError.

    File names must be plain names inside the folder: a name with a path in it is refused, whatever it points to.
    """
    path = folder / MANIFEST
    if not path.exists():
        return Manifest()
    body = _load(path)
    if body.get("format") != FOLDER_FORMAT:
        message = f"says format {str(body.get('format'))[:40]!r}; Vigil reads {FOLDER_FORMAT}"
        refuse_format(message, path)
    night, start, origin = body.get("night"), body.get("start_local"), body.get("origin_ns", 0)
    hours = body.get("hours")
    if isinstance(origin, bool) or not isinstance(origin, int) or abs(origin) > MAX_INSTANT_NS:
        refuse("origin_ns is not a whole number of nanoseconds; nothing was read", path)
    return Manifest(
        night=night if isinstance(night, str) else None,
        start=wall_time(start) if isinstance(start, str) else None,
        origin_ns=origin,
        hours=float(hours)
        if isinstance(hours, int | float) and hours is not True and 0 < hours <= LONGEST_S / 3_600
        else None,
        files=_files(body.get("streams", {}), path),
    )


def _files(streams: object, path: Path) -> tuple[tuple[str, str], ...]:
    if not isinstance(streams, dict):
        refuse("streams is not an object; nothing was read", path)
    files: list[tuple[str, str]] = []
    for stream, about in streams.items():
        name, unit = (about.get("file"), about.get("unit")) if isinstance(about, dict) else (None, None)
        if not isinstance(name, str) or name in {"", ".", ".."} or set(name) & set("/\\:\0") or not name.isprintable():
            message = f"stream {stream[:40]!r} names no plain file inside the folder; nothing was read"
            refuse(message, path)
        expected = _UNITS.get(stream)
        if unit is not None and expected is not None and unit != expected:
            message = f"stream {stream!r} is in {str(unit)[:20]!r}, Vigil reads {expected}; nothing was read"
            refuse(message, path)
        files.append((stream, name))
    return tuple(files)


def _load(path: Path) -> dict[str, Any]:
    raw = opening_bytes(path, _MOST_BYTES, _MOST_BYTES)
    try:
        body = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        message = f"cannot be read as JSON ({str(error)[:100]}); nothing was read"
        refuse(message, path)
    if not isinstance(body, dict):
        refuse("is not a JSON object; nothing was read", path)
    return body


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is not a number"
    raise ValueError(message)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        message = "a key stands twice"
        raise ValueError(message)
    return body
