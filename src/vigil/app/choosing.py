"""Choosing a loudspeaker or a lamp: into the person's settings, held to what a file written by hand is held to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from vigil.app.outputs import Lamp, OutputChoices, choices_of, read_choices
from vigil.app.settings_writer import write_settings
from vigil.devices.nudgers.mixers import MIXERS
from vigil.devices.nudgers.sound import CEILING_PERCENT, speaker_here
from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.interview.question import SettingValue

TABLE = {Output.SOUND: "sound", Output.LIGHT: "light"}
"""Which table of the settings file says what an output is."""

ASKED = {"home_assistant": ("url", "token", "entity"), "hue": ("url", "key", "light")}
"""What is asked of a lamp, by kind: its address, its secret, and which lamp it is. Other kinds are set in the file."""

SECRET = {kind: names[1] for kind, names in ASKED.items()}

WHICH_ONE = {kind: names[2] for kind, names in ASKED.items()}

SHIPPED_CEILING = CEILING_PERCENT

Values = Mapping[str, SettingValue | float]


@dataclass(frozen=True, slots=True)
class Found:
    """A loudspeaker that can be checked. device: its name in the settings; words: what a person would call it.

    volume_percent, muted: None where it is not told. unseen: what is never told of one like it.
    """

    device: str
    words: str
    volume_percent: int | None
    muted: bool | None
    unseen: str


def speaker_found() -> Found:
    """The loudspeaker this computer would sound from now; raises DeviceError if there is none that can be checked."""
    one = asyncio.run(speaker_here())
    unseen = MIXERS[one.key.partition(":")[0]].unseen
    return Found(one.key, one.words, one.volume_percent, one.muted, unseen)


def certificate_shown(url: str) -> str:
    """The fingerprint of the certificate shown at an address now; raises DeviceError where nothing answers."""
    from vigil.devices.nudgers.one_host import ASK_S, certificate_of  # noqa: PLC0415 — aiohttp takes a while to import

    return asyncio.run(certificate_of(url, ASK_S))


def choose_sound(path: Path, device: str, ceiling_percent: int, *, with_voice: bool) -> None:
    """This loudspeaker from now on; a recording that the settings name is kept or left.

    Raises SettingsError, and then nothing was changed; OSError where the disk refuses.
    """
    was = read_choices(path).sound
    voice = was.voice if was is not None and with_voice else ""
    values: Values = {"device": device, "ceiling_percent": ceiling_percent}
    _choose(path, Output.SOUND, {**values, "voice": voice} if voice else values)


def choose_lamp(
    path: Path, kind: str, typed: Mapping[str, str], certificate: Callable[[str], str] = certificate_shown
) -> None:
    """This lamp from now on. typed: what `ASKED` asks; a secret left empty is the one that is kept for this address.

    A bridge of Hue is asked for its certificate, which alone is believed afterwards. Raises SettingsError and
    DeviceError, and then nothing was changed; OSError where the disk refuses.
    """
    _choose(path, Output.LIGHT, pinned(kind, with_kept(path, kind, typed), certificate))


def forget(path: Path, output: Output) -> bool:
    """No such output from now on; returns whether there was one. Raises SettingsError, OSError."""
    return write_settings(path, {TABLE[output]: None})


def with_kept(path: Path, kind: str, typed: Mapping[str, str]) -> Values:
    """What was typed of a lamp, with what the settings keep for its address."""
    values: Values = {name: typed.get(name, "").strip() for name in ASKED[kind]}
    return {"kind": kind, **values, **_kept(read_choices(path).lamp, kind, values)}


def pinned(kind: str, values: Values, certificate: Callable[[str], str]) -> Values:
    """The same, held to what a lamp's settings must be; with the certificate of a bridge, asked for where none is kept.

    Raises SettingsError before anything is asked, DeviceError.
    """
    if kind != "hue" or values.get("certificate") or values.get("any_certificate"):
        checked(Output.LIGHT, values)
        return values
    checked(Output.LIGHT, {**values, "any_certificate": True})
    return {**values, "certificate": certificate(str(values["url"]))}


def _kept(lamp: Lamp | None, kind: str, values: Values) -> dict[str, SettingValue | float]:
    """What is kept of a lamp and was not asked anew. It goes with its address: no other one is handed the secret."""
    if lamp is None or lamp.kind != kind or lamp.choice.url != str(values["url"]).rstrip("/"):
        return {}
    found = {name: value for name, value in asdict(lamp.choice).items() if value and name not in ASKED[kind]}
    secret = SECRET[kind]
    return found if values[secret] else {**found, secret: getattr(lamp.choice, secret)}


def _choose(path: Path, output: Output, values: Values) -> None:
    checked(output, values)
    write_settings(path, {TABLE[output]: values})


def checked(output: Output, values: Values) -> OutputChoices:
    """The choice that these are; raises SettingsError in the words of the choice itself, without those of a file."""
    try:
        return choices_of({TABLE[output]: dict(values)})
    except SettingsError as error:
        raise SettingsError(str(error.__cause__ or error)) from error
