"""Settings from `settings.toml`: the fields of `domain.settings.Settings`, nothing else.

nudging = true
outputs = ["vibration"]
top_level = 3
settle_min = 30
observe_s = 30
threshold_factor = 1.0
room = "unsaid"
on_signal_lost = "morning"

[caps]
per_episode = 3
per_hour = 4
per_18_hours = 6
energised_s = 60
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from vigil.app.outputs import TABLES, choices_of
from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.domain.settings import CapSettings, OnSignalLost, Room, Settings

MAX_BYTES = 64 * 1024
"""A larger file is not a file of settings."""

_WORDS: dict[str, type[Room | OnSignalLost]] = {"room": Room, "on_signal_lost": OnSignalLost}


def read_settings(path: Path) -> Settings:
    """The settings of a file, or the shipped ones where there is none.

    Raises SettingsError naming the file, the key and what is allowed; nothing unsafe is ever rounded to something safe.
    """
    if not path.exists():
        return Settings()
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            message = f"{path}: {len(raw)} bytes are too many for a file of settings; nothing was started"
            raise SettingsError(message)
        given = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        message = f"{path}: cannot be read as settings ({error}); nothing was started"
        raise SettingsError(message) from error
    try:
        return settings_of(given)
    except SettingsError as error:
        message = f"{path}: {error}"
        raise SettingsError(message) from error


def settings_of(given: dict[str, Any]) -> Settings:
    """Settings from plain values; raises SettingsError for an unknown key or a value outside its bounds."""
    choices_of(given)
    values = {key: value for key, value in given.items() if key not in TABLES}
    _only_known("", values, Settings)
    if "caps" in values:
        values["caps"] = _caps(values["caps"])
    if "outputs" in values:
        values["outputs"] = _outputs(values["outputs"])
    for key, words in _WORDS.items():
        if key in values:
            values[key] = _word(key, values[key], words)
    return Settings(**values)


def _word(key: str, given: Any, words: type[Room | OnSignalLost]) -> Any:
    known = {word.value: word for word in words}
    if not isinstance(given, str) or given not in known:
        message = f"{key} = {given!r}: must be one of {', '.join(known)}; nothing was started"
        raise SettingsError(message)
    return known[given]


def _caps(given: Any) -> CapSettings:
    if not isinstance(given, dict):
        message = f"caps = {given!r}: must be a table [caps]; nothing was started"
        raise SettingsError(message)
    _only_known("caps.", given, CapSettings)
    return CapSettings(**given)


def _outputs(given: Any) -> tuple[Output, ...]:
    known = {output.value: output for output in Output}
    if not isinstance(given, list) or not all(isinstance(one, str) and one in known for one in given):
        message = f"outputs = {given!r}: must be a list of {', '.join(known)}; nothing was started"
        raise SettingsError(message)
    return tuple(known[one] for one in given)


def _only_known(prefix: str, given: dict[str, Any], cls: type[Settings | CapSettings]) -> None:
    names = [field.name for field in fields(cls)]
    for key in given:
        if key not in names:
            message = f"{prefix}{key}: no such setting; there are {', '.join(names)}; nothing was started"
            raise SettingsError(message)
