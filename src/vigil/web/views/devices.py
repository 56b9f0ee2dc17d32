"""What is paired and what is set up to nudge with, in words for its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from vigil.app.device_words import paired_words
from vigil.app.outputs import OutputChoices
from vigil.app.wearables_file import Paired, Wearables
from vigil.domain.requests import Output
from vigil.domain.settings import Settings
from vigil.store.live_state import LiveState
from vigil.web.views.outputs import lamp_words
from vigil.web.views.said_links import Part, linked
from vigil.web.words import Words


@dataclass(frozen=True, slots=True)
class PairedSeen:
    """One wearable. name: as it was kept, once a stranger's words. lines: what it does and what to mind."""

    name: str
    address: str
    lines: tuple[tuple[Part, ...], ...]


CHOOSE = {Output.SOUND: "/devices/sound", Output.LIGHT: "/devices/lamp"}
"""Where an output is chosen; what vibrates is paired."""


@dataclass(frozen=True, slots=True)
class OutputSeen:
    """One way to nudge. key: of its texts. lines: what is set up, and whether it is used. there: something is.

    choose: the page on which it is chosen, "" where it is not chosen but paired.
    """

    key: str
    name: str
    lines: tuple[str, ...]
    there: bool
    choose: str


def paired_seen(one: Paired, t: Words) -> PairedSeen:
    """How a wearable is shown."""
    words = paired_words(one)
    does = t(f"devices.does_{'_'.join(sorted(role.value for role in one.roles))}")
    lines = [f"{words.family}. {does}" if words.family else does, words.trouble, words.caution]
    return PairedSeen(one.name, one.address, tuple(linked(_sentence(line)) for line in lines if line))


def battery_words(live: LiveState | None, t: Words, now: datetime) -> str:
    """The battery as it was told last, by the night that was watched last; "" where none was. now: in local time."""
    if live is None or live.battery_percent is None:
        return ""
    told = datetime.fromtimestamp(live.told_wall_ms / 1000, now.tzinfo)
    when = f"{t.short_day(told.date())}, {t.time(told)}"
    return t("devices.battery_told", percent=live.battery_percent, when=when)


def outputs_seen(choices: OutputChoices, wearables: Wearables, settings: Settings, t: Words) -> Iterator[OutputSeen]:
    """Vibration, sound and light. Nothing secret of a lamp is shown."""
    for output in Output:
        there = _there(output, choices, wearables, t)
        lines = [there or t(f"outputs.none_{output.value}")]
        if output not in settings.outputs:
            lines.append(t("devices.not_chosen"))
        elif output not in settings.usable_outputs:
            lines.append(t("devices.not_yet_agreed"))
        elif there and settings.outputs[0] is output:
            lines.append(t("devices.used_first"))
        name = t(f"devices.output_{output.value}")
        yield OutputSeen(output.value, name, tuple(lines), bool(there), CHOOSE.get(output, ""))


def _there(output: Output, choices: OutputChoices, wearables: Wearables, t: Words) -> str:
    """What is set up for an output; "" where nothing is."""
    sound, lamp = choices.sound, choices.lamp
    if output is Output.VIBRATION and wearables.vibration is not None:
        return t("devices.vibration_is", name=wearables.vibration.name)
    if output is Output.SOUND and sound is not None:
        return t("devices.sound_is", device=sound.device.partition(":")[2], percent=sound.ceiling_percent)
    if output is Output.LIGHT and lamp is not None:
        return lamp_words(lamp, t)
    return ""


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
