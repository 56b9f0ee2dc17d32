"""Changing a few settings in a person's file: everything else in it stays as it was, comments too."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Mapping, MutableMapping
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table, Whitespace

from vigil.app.config import MAX_BYTES
from vigil.app.private import private_folder, write_private
from vigil.domain.errors import SettingsError
from vigil.interview.question import SettingValue

Change: TypeAlias = SettingValue | float | Mapping[str, SettingValue | float] | None
"""A value; a table, which then holds just these; or None, for what is taken out."""

_BOM = "\ufeff"

_ONE_AT_A_TIME = threading.Lock()
"""A file is read, changed and written: two at once would lose a change."""


def write_settings(path: Path, changes: Mapping[str, Change]) -> bool:
    """Put settings into the file, whole or not at all; returns whether that changed anything.

    A name with a dot is that of a setting in a table: `caps.per_hour`. A table that is there keeps what it says of the
    same keys, and the comments between them; one that is taken out leaves the comments around it.
    A file that cannot be read as settings is never written over: raises SettingsError. Raises OSError where the disk
    refuses. A link stays a link: what it leads to is written.
    """
    with _ONE_AT_A_TIME:
        return _written(path.resolve(), changes)


def _written(target: Path, changes: Mapping[str, Change]) -> bool:
    text = _read(target)
    mark, body = (_BOM, text.removeprefix(_BOM)) if text.startswith(_BOM) else ("", text)
    before = _parsed(target, body)
    wanted = {key: list(value) if isinstance(value, tuple) else value for key, value in changes.items()}
    after = deepcopy(before)
    for key, value in wanted.items():
        _put(target, after, key, value)
    if after == before:
        return False
    changed = _changed(target, body, wanted)
    if tomllib.loads(changed) != after:
        raise SettingsError(_refusal(target, "the change would not keep the rest of it as it is"))
    private_folder(target.parent)
    write_private(target, (mark + changed).encode())
    return True


def _read(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise SettingsError(_refusal(path, f"{len(raw)} bytes are too many"))
        return raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(_refusal(path, str(error))) from error


def _parsed(path: Path, body: str) -> dict[str, object]:
    try:
        return tomllib.loads(body)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(_refusal(path, str(error))) from error


def _put(path: Path, document: Any, key: str, value: object) -> None:
    """One setting into a document, whichever library it is of; one that is there already is left as it is written."""
    if value is None:
        _take_out(document, key)
    elif isinstance(value, Mapping):
        place = _table(path, document, key)
        for name in [name for name in place if name not in value]:
            del place[name]
        for name, one in value.items():
            _set(place, name, one)
    else:
        table, _, name = key.rpartition(".")
        place = _table(path, document, table) if table else document
        if isinstance(place.get(name), Mapping):
            raise SettingsError(_refusal(path, f"[{key}] is a table there"))
        _set(place, name, value)


def _table(path: Path, document: Any, key: str) -> Any:
    """A table of the document, made if need be."""
    if key not in document:
        document[key] = {}
    place = document[key]
    if not isinstance(place, MutableMapping):
        raise SettingsError(_refusal(path, f"{key} is no table there"))
    return place


def _set(place: Any, name: str, value: object) -> None:
    """A value into a document or a table of it; a new line goes above what is written below the table's last one."""
    if name in place and place[name] == value:
        return
    below = _below(place)
    place[name] = value
    if below:
        place.value.body.extend(below)


def _take_out(document: Any, key: str) -> None:
    """A key out of a document, if it is there; what is written below the last line of a table stays."""
    item = document.get(key)
    below = "".join(words.as_string() for _, words in _below(item))
    place = next(number for number, (_, one) in enumerate(document.body) if one is item) if below else None
    document.pop(key, None)
    if place is not None:
        document.body[place] = (None, Whitespace(below))


def _below(table: object) -> list[Any]:
    """The lines without a key below a table's last one, taken off it: they are about what follows it in the file."""
    if not isinstance(table, Table):
        return []
    body = table.value.body
    end = next((number for number in range(len(body), 0, -1) if body[number - 1][0] is not None), 0)
    below = body[end:]
    del body[end:]
    return below


def _changed(path: Path, body: str, wanted: Mapping[str, object]) -> str:
    try:
        document = tomlkit.parse(body)
        for key, value in wanted.items():
            _put(path, document, key, value)
        return tomlkit.dumps(document)
    except (TOMLKitError, RecursionError) as error:
        raise SettingsError(_refusal(path, str(error))) from error


def _refusal(path: Path, why: str) -> str:
    return (
        f"{path}: cannot be changed as settings ({why}); it was left as it is; correct it or move it away, then again"
    )
