"""Changing a few settings in a person's file: everything else in it stays as it was, comments too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, MutableMapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vigil.app.config import MAX_BYTES
from vigil.app.private import private_folder, write_private
from vigil.domain.errors import SettingsError
from vigil.interview.question import SettingValue

_BOM = "\ufeff"


def write_settings(path: Path, changes: Mapping[str, SettingValue | float]) -> bool:
    """Put settings into the file, whole or not at all; returns whether that changed anything.

    A name with a dot is that of a setting in a table: `caps.per_hour`.
    A file that cannot be read as settings is never written over: raises SettingsError. Raises OSError where the disk
    refuses. A link stays a link: what it leads to is written.
    """
    target = path.resolve()
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
    table, _, name = key.rpartition(".")
    if table and table not in document:
        document[table] = {}
    place = document[table] if table else document
    if not isinstance(place, MutableMapping):
        raise SettingsError(_refusal(path, f"{table} is no table there"))
    if isinstance(place.get(name), Mapping):
        raise SettingsError(_refusal(path, f"[{key}] is a table there"))
    if name not in place or place[name] != value:
        place[name] = value


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
