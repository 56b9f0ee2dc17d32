"""The formats Vigil reads, and the one way from a path to recorded nights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path

from vigil.domain.errors import FormatError, InputError
from vigil.recordings.readers import edf, generic_csv, night_folder, sleep_accel
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.readers.refusals import refuse_format
from vigil.recordings.readers.streams import each_night
from vigil.recordings.readers.text import opening_bytes
from vigil.recordings.recording import Recording

__all__ = ["ENTRY_POINTS", "FORMATS", "Format", "ReadOptions", "find_recordings", "format_of", "night_paths"]

ENTRY_POINTS = "vigil.readers"
"""Group of entry points by which a reader from outside is found; each names a `Format`."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of recording.

    name: in words for a person. recognise: cheap, safe on any path, never raises.
    open: the nights in it; raises InputError or FormatError, at once or while it is iterated.
    """

    name: str
    recognise: Callable[[Path], bool]
    open: Callable[[Path, ReadOptions], Iterable[Recording]]


FORMATS: tuple[Format, ...] = (
    Format(night_folder.NAME, night_folder.recognise, night_folder.open_night_folder),
    Format(sleep_accel.NAME, sleep_accel.recognise, sleep_accel.open_sleep_accel),
    Format(edf.NAME, edf.recognise, edf.open_edf),
)
"""The formats with a mark of their own, the surest first."""

TABLES = Format(generic_csv.NAME, generic_csv.recognise, generic_csv.open_csv)
"""The format of last resort, asked after readers from outside."""

_READS = "a night folder, a folder of them, a sleep-accel folder, an EDF or EDF+ file, a CSV file with named columns"


def outside_formats() -> tuple[Format, ...]:
    """Readers installed beside Vigil, by name; raises InputError for one that cannot be loaded."""
    found: list[Format] = []
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        try:
            loaded = entry.load()
        except Exception as error:
            message = f"the reader {entry.name!r} from outside could not be loaded ({error}); remove or repair it"
            raise InputError(message) from error
        if not isinstance(loaded, Format):
            message = f"the reader {entry.name!r} from outside is not a Format; remove or repair it"
            raise InputError(message)
        found.append(loaded)
    return tuple(found)


def format_of(path: Path) -> Format | None:
    """The format that recognises a path, or None. Readers from outside are loaded only if none of `FORMATS` does."""
    for known in FORMATS:
        if known.recognise(path):
            return known
    for outside in (*outside_formats(), TABLES):
        if outside.recognise(path):
            return outside
    return None


def night_paths(path: Path) -> tuple[Path, ...]:
    """The paths to open one by one: the path itself, or for a folder of nights each recognised child, by name."""
    return look_into(path)[0]


def look_into(path: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """`night_paths`, and what else is in a folder of nights: things of no kind that Vigil reads."""
    if format_of(path) is not None or not path.is_dir():
        return (path,), ()
    try:
        children = sorted(child for child in path.iterdir() if not child.name.startswith("."))
    except OSError as error:
        message = f"could not be listed ({error})"
        raise InputError(message, path=str(path)) from error
    known = tuple(child for child in children if format_of(child) is not None)
    return known, tuple(child for child in children if child not in known)


def find_recordings(path: Path, options: ReadOptions | None = None) -> Iterator[Recording]:
    """Yield every night at a path, opened but not yet read.

    In a folder of nights, those that open are yielded first; then, if some did not, one InputError says how many
    and why. Of several nights with one name the second is named with the suffix "-2", and so on.
    Raises FormatError where nothing at the path is of a kind Vigil reads.
    """
    options = options or ReadOptions()
    paths = night_paths(path)
    if not paths:
        refuse_format(f"holds nothing Vigil reads. Vigil reads {_READS}", path)
    names: dict[str, int] = {}
    for recording in each_night(paths, lambda one: _open(one, options), path):
        yield _named(recording, names)


def _open(path: Path, options: ReadOptions) -> Iterable[Recording]:
    known = format_of(path)
    if known is None and generic_csv.may_be_table(path):
        known = TABLES  # whose words about the header help more, and whose columns may have been named
    if known is not None:
        return known.open(path, options)
    if path.is_dir():
        message = f"holds nothing Vigil reads. Vigil reads {_READS}"
    else:
        opening_bytes(path, options.max_bytes)  # missing, empty, packed and special files have words of their own
        message = f"is in no format Vigil reads. Vigil reads {_READS}"
    raise FormatError(message, path=str(path))


def _named(recording: Recording, names: dict[str, int]) -> Recording:
    count = names[recording.night] = names.get(recording.night, 0) + 1
    if count == 1 or recording.as_recorded:
        return recording
    night = f"{recording.night}-{count}"
    return replace(recording, night=night, began=replace(recording.began, night=night))
