"""What an earlier Vigil left on, and how it is put out whatever the settings say by now.

A lamp that is lit has a note, and beside it what it takes to put it out (`devices/nudgers/lit_marker.py`): a settings
file that was edited since, or cannot be read any more, must not leave it burning. A sound needs no setting to be ended.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from vigil.app.outputs import LIT, Lamp, OutputChoices, choices_of, light_of, note_of, nudgers_of
from vigil.devices.nudgers.lit_marker import HOW_SUFFIX
from vigil.devices.nudgers.players import WAV_PREFIX, WAV_SUFFIX
from vigil.domain.errors import SettingsError
from vigil.run.desk import all_off
from vigil.run.ports import Nudger

_MOST_BYTES = 16_384


def put_out(choices: OutputChoices, folder: Path) -> tuple[str, ...]:
    """Put out what the settings name, and whatever else was left on; what could not be, in words.

    folder: where outputs keep what a restart must find. Raises StoreError if it cannot be made.
    """
    nudgers = nudgers_of(choices, folder)
    left, unknown = left_on(choices, folder)
    found = [*nudgers.values(), *left]
    return (*(asyncio.run(all_off(found)) if found else ()), *unknown)


def left_on(choices: OutputChoices, folder: Path) -> tuple[Sequence[Nudger], tuple[str, ...]]:
    """Outputs that may be on and are not among `choices`; and, in words, notes of which nobody knows the lamp."""
    found: list[Nudger] = []
    unknown: list[str] = []
    own = None if choices.lamp is None else note_of(choices.lamp, folder)
    for note in sorted(folder.glob(f"{LIT}*")):
        if note.name.endswith(HOW_SUFFIX) or note == own:
            continue
        lamp = _lamp_of(note)
        if lamp is None:
            unknown.append(
                f"Vigil lit a lamp and cannot tell any more which; please look at your lamps, then remove {note}"
            )
        else:
            found.append(light_of(lamp, folder))
    if choices.sound is None and any(folder.glob(f"{WAV_PREFIX}*{WAV_SUFFIX}")):
        found.append(_ending_sounds(folder))
    return found, tuple(unknown)


def _lamp_of(note: Path) -> Lamp | None:
    """The lamp that was lit when the note was made; None if what lies beside it is not to be believed."""
    how = note.with_name(note.name + HOW_SUFFIX)
    with suppress(OSError, ValueError, RecursionError, SettingsError):
        with how.open("rb") as file:
            lamp = choices_of({"light": json.loads(file.read(_MOST_BYTES))}).lamp
        if lamp is not None and note_of(lamp, note.parent) == note:
            return lamp
    return None


def _ending_sounds(folder: Path) -> Nudger:
    """What ends sounds: no loudspeaker need be chosen for that."""
    sound = import_module("vigil.devices.nudgers.sound")
    made: Nudger = sound.SoundNudger(sound.SoundChoice("pactl:any"), folder)
    return made
