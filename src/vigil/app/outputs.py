"""Sound and light of this person, and whom to tell, from tables of `settings.toml`.

[sound]
device = "pactl:alsa_output.usb"   # as `vigil test-nudge --find` says it
ceiling_percent = 60
voice = ""                         # full path of a recording; empty for soft tones

[light]
kind = "home_assistant"            # or "hue", "mqtt"
url = "http://homeassistant.local:8123"
token = "..."
entity = "light.bed"

[person]
address = "ntfy://..."             # as Apprise writes it; needs the extra `notify`

Libraries of lamps are only imported where a lamp was chosen, so that every other command starts without them.
"""

from __future__ import annotations

import json
import tomllib
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigil.app.private import private_folder
from vigil.devices.messenger import PersonChoice
from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.run.ports import Nudger

if TYPE_CHECKING:
    from vigil.devices.nudgers.sound import SoundChoice

TABLES = ("sound", "light", "person")
"""Tables of the settings file that belong to outputs."""

LAMPS = {
    "home_assistant": ("home_assistant", "HomeAssistantChoice", "HomeAssistantLight"),
    "hue": ("hue", "HueChoice", "HueLight"),
    "mqtt": ("mqtt", "MqttChoice", "MqttLight"),
}
"""Kinds of lamp: module, what is chosen, what acts."""

WHICH = {"home_assistant": ("url", "entity"), "hue": ("url", "light"), "mqtt": ("host", "port", "base", "lamp")}
"""What of a choice says which lamp it is; the rest is how it is reached."""

LIT = "lit-"
"""How the names of notes about lamps begin."""

_NUDGERS = "vigil.devices.nudgers"


@dataclass(frozen=True, slots=True)
class Lamp:
    """A lamp that was chosen: a key of `LAMPS`, and its choice."""

    kind: str
    choice: Any


@dataclass(frozen=True, slots=True)
class OutputChoices:
    """What was chosen; None where nothing was."""

    sound: SoundChoice | None = None
    lamp: Lamp | None = None
    person: PersonChoice | None = None

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Which outputs these are."""
        there = {Output.SOUND: self.sound, Output.LIGHT: self.lamp}
        return tuple(output for output, choice in there.items() if choice is not None)


def choices_of(given: Mapping[str, Any]) -> OutputChoices:
    """The tables of a settings file as choices; raises SettingsError naming the key, never its value."""
    sound, light, person = (given.get(table) for table in TABLES)
    return OutputChoices(
        None if sound is None else _made("sound", sound, import_module(f"{_NUDGERS}.sound").SoundChoice),
        None if light is None else _lamp(light),
        None if person is None else _made("person", person, PersonChoice),
    )


def read_choices(path: Path) -> OutputChoices:
    """The choices of a settings file; none where there is no file or it cannot be relied on, which others say."""
    with suppress(OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, SettingsError):
        return choices_of(tomllib.loads(path.read_text("utf-8-sig")))
    return OutputChoices()


def _lamp(table: Any) -> Lamp:
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in LAMPS:
        message = f"light.kind must be one of {', '.join(LAMPS)}; nothing was started"
        raise SettingsError(message)
    module, choice, _ = LAMPS[kind]
    values = {key: value for key, value in table.items() if key != "kind"}
    return Lamp(kind, _made("light", values, getattr(import_module(f"{_NUDGERS}.{module}"), choice)))


def _made(table: str, values: Any, cls: Any) -> Any:
    """A choice from its table; unknown and missing keys are named, values are not: some of them are secret."""
    if not isinstance(values, dict):
        message = f"{table} must be a table [{table}]; nothing was started"
        raise SettingsError(message)
    known = {each.name: each for each in fields(cls)}
    for key in values:
        if key not in known:
            message = f"{table}.{key}: no such setting; there are {', '.join(known)}; nothing was started"
            raise SettingsError(message)
    for name, each in known.items():
        if name not in values and each.default is MISSING:
            message = f"{table}.{name} is missing; nothing was started"
            raise SettingsError(message)
        if name in values and type(values[name]).__name__ != each.type:
            message = f"{table}.{name} must be of type {each.type}; nothing was started"
            raise SettingsError(message)
    try:
        return cls(**values)
    except SettingsError as error:
        message = f"[{table}]: {error}; nothing was started"
        raise SettingsError(message) from error


def nudgers_of(choices: OutputChoices, folder: Path) -> dict[Output, Nudger]:
    """The outputs that were chosen. folder: a private one, made if need be, for what they must remember.

    The same folder again finds what an earlier process left on. Raises StoreError if the folder cannot be made.
    """
    found: dict[Output, Nudger] = {}
    if choices.sound is None and choices.lamp is None:
        return found
    private_folder(folder)
    if choices.sound is not None:
        found[Output.SOUND] = import_module(f"{_NUDGERS}.sound").SoundNudger(choices.sound, folder)
    if choices.lamp is not None:
        found[Output.LIGHT] = light_of(choices.lamp, folder)
    return found


def note_of(lamp: Lamp, folder: Path) -> Path:
    """Where it is noted that this lamp is lit: each has a note of its own, which no other lamp's writes over."""
    which = json.dumps([getattr(lamp.choice, name) for name in WHICH[lamp.kind]])
    return folder / f"{LIT}{lamp.kind}-{zlib.crc32(which.encode()):08x}"


def light_of(lamp: Lamp, folder: Path) -> Nudger:
    """The output of a lamp, which keeps beside its note how it is put out again: settings change, a lit lamp stays."""
    module, _, light = LAMPS[lamp.kind]
    made = getattr(import_module(f"{_NUDGERS}.{module}"), light)(lamp.choice, note_of(lamp, folder))
    made.keep_beside(json.dumps({"kind": lamp.kind, **asdict(lamp.choice)}).encode())
    nudger: Nudger = made
    return nudger
