"""Which loudspeaker would sound now, and how far it is turned up: the system's own tools, as a table.

A loudspeaker is known by its `key`: the tool that told of it and all that tool says to tell it from another, the socket
in use included where it is told, because a headset in the same socket as a loudspeaker is another loudspeaker.
What cannot be read for certain is None, and None is never taken for fine.
Formats as printed under LC_ALL=C by pactl 1 to 17, wpctl 0.4 and 0.5, osascript and system_profiler, aplay -l.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speaker:
    """The loudspeaker that would sound now.

    key: `MIXER:...`, to compare with the one that was tried. target: its name, for a player that can be told it.
    words: what a person would call it. volume_percent: of its own range, the highest channel; None where it is not
    told. muted: None where it is not told.
    """

    key: str
    target: str
    words: str
    volume_percent: int | None
    muted: bool | None


@dataclass(frozen=True, slots=True)
class Mixer:
    """A tool, or a pair of them, that tells the loudspeaker.

    questions: the command lines to ask. read: their answers, in order, to the loudspeaker, or None if there is none or
    it cannot be read. players: those that play on the loudspeaker it tells of, best first. tells_volume: whether a
    loudspeaker without a volume is a fault. unseen: what it does not tell, for the person to know.
    """

    questions: tuple[tuple[str, ...], ...]
    read: Callable[[Sequence[str]], Speaker | None]
    players: tuple[str, ...]
    tells_volume: bool
    unseen: str


NO_LOUDSPEAKER = "auto_null"
"""Name of the sink PulseAudio and WirePlumber make up where there is no loudspeaker at all."""


def read_pactl(answers: Sequence[str]) -> Speaker | None:
    """`pactl info` and `pactl list sinks`."""
    info, sinks = answers
    default = _field(info, "Default Sink")
    for block in re.split(r"^Sink #", sinks, flags=re.MULTILINE)[1:]:
        if default and default != NO_LOUDSPEAKER and _field(block, "Name") == default:
            volumes = [int(percent) for percent in re.findall(r"(\d{1,4})%", _field(block, "Volume"))]
            return Speaker(
                key=f"pactl:{default}/{_field(block, 'Active Port')}",
                target=default,
                words=_field(block, "Description") or default,
                volume_percent=max(volumes, default=None),
                muted={"yes": True, "no": False}.get(_field(block, "Mute")),
            )
    return None


def read_wpctl(answers: Sequence[str]) -> Speaker | None:
    """`wpctl inspect` and `wpctl get-volume` of the default loudspeaker."""
    inspected, volume = answers
    name = _property(inspected, "node.name")
    if not name or name == NO_LOUDSPEAKER:
        return None
    told = re.match(r"Volume: (\d{1,3}(?:\.\d{1,6})?)( \[MUTED\])?\s*$", volume)
    return Speaker(
        key=f"wpctl:{name}",
        target=name,
        words=_property(inspected, "node.description") or name,
        volume_percent=None if told is None else round(float(told[1]) * 100),
        muted=None if told is None else told[2] is not None,
    )


def read_osascript(answers: Sequence[str]) -> Speaker | None:
    """`get volume settings` and what system_profiler says of sound, as JSON."""
    settings, profile = answers
    device = _default_on_mac(profile)
    if device is None:
        return None
    volume = re.search(r"output volume:(\d{1,4})\b", settings)
    muted = re.search(r"output muted:(true|false)", settings)
    name, source = device
    return Speaker(
        key=f"osascript:{name}/{source}",
        target=name,
        words=name,
        volume_percent=None if volume is None else int(volume[1]),
        muted=None if muted is None else muted[1] == "true",
    )


def read_aplay(answers: Sequence[str]) -> Speaker | None:
    """`aplay -l`: every sound card there is, since it does not say which is the default one."""
    cards = [line.strip() for line in answers[0].splitlines() if line.startswith("card ")]
    if not cards:
        return None
    return Speaker("aplay:" + "; ".join(cards), target="", words=cards[0], volume_percent=None, muted=None)


MIXERS: dict[str, Mixer] = {
    "pactl": Mixer(
        (("pactl", "info"), ("pactl", "list", "sinks")),
        read_pactl,
        ("paplay", "pw-play"),
        tells_volume=True,
        unseen="A knob on the loudspeaker or headset itself is not seen.",
    ),
    "wpctl": Mixer(
        (("wpctl", "inspect", "@DEFAULT_AUDIO_SINK@"), ("wpctl", "get-volume", "@DEFAULT_AUDIO_SINK@")),
        read_wpctl,
        ("pw-play",),
        tells_volume=True,
        unseen="A headset put into the socket of the same sound card is not seen, nor a knob on the loudspeaker.",
    ),
    "osascript": Mixer(
        (("osascript", "-e", "get volume settings"), ("system_profiler", "-json", "SPAudioDataType")),
        read_osascript,
        ("afplay",),
        tells_volume=True,
        unseen="A knob on the loudspeaker or headset itself is not seen.",
    ),
    "aplay": Mixer(
        (("aplay", "-l"),),
        read_aplay,
        ("aplay",),
        tells_volume=False,
        unseen="How far the loudspeaker is turned up is not seen here, nor what is put into its socket;"
        " only whether a sound card came or went.",
    ),
}
"""In the order in which they are tried at setup: the one that tells most comes first."""


def _field(text: str, name: str) -> str:
    """The rest of the first line that begins with `name:`, however far it is indented; empty if there is none."""
    found = re.search(rf"^\s*{re.escape(name)}:[ \t]*(.*?)[ \t]*$", text, flags=re.MULTILINE)
    return "" if found is None else found[1]


def _property(text: str, name: str) -> str:
    """The value of a property as wpctl prints it; empty if there is none."""
    found = re.search(rf'^[\s*]*{re.escape(name)} = "(.*)"\s*$', text, flags=re.MULTILINE)
    return "" if found is None else found[1]


def _default_on_mac(profile: str) -> tuple[str, str] | None:
    """Name and source of the default output in system_profiler's JSON; None if it cannot be told."""
    try:
        groups = json.loads(profile)["SPAudioDataType"]
        devices = [device for group in groups for device in group.get("_items", [])]
        chosen = [d for d in devices if d.get("coreaudio_default_audio_output_device") == "spaudio_yes"]
        return str(chosen[0]["_name"]), str(chosen[0].get("coreaudio_output_source", ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None
