"""A loudspeaker and a lamp as their pages offer them. No secret gets here: what is kept of one is only that it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vigil.app.choosing import ASKED, SECRET, SHIPPED_CEILING, WHICH_ONE, Found
from vigil.app.lamps_found import Search
from vigil.app.outputs import WHICH, Lamp, OutputChoices
from vigil.web.views.sentences import sentence
from vigil.web.words import Words

VOICE, TONES = "voice", "tones"


@dataclass(frozen=True, slots=True)
class SoundSeen:
    """The loudspeaker that was found. device, words, lines: it, and what to mind of it; "" where there is none.

    none: why there is none. other: it is another one than was chosen. chosen: there is one that was chosen.
    voice: name of the recording that the settings name, or "". what: what is heard. ceiling: what stands in its field.
    """

    device: str
    words: str
    lines: tuple[str, ...]
    none: str
    other: bool
    chosen: bool
    voice: str
    what: str
    ceiling: str


@dataclass(frozen=True, slots=True)
class AskedOfLamp:
    """One field. name: of its input and its texts. typed: what stands in it, never a secret. kept: a secret is."""

    name: str
    label: str
    hint: str
    typed: str
    secret: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class LampSeen:
    """A lamp to choose. which: what is sent for it. also: what tells it from another of the same name, or ""."""

    which: str
    name: str
    also: str
    chosen: bool


def sound_seen(found: Found | str, choices: OutputChoices, form: Mapping[str, str], t: Words) -> SoundSeen:
    """The form. found: the loudspeaker, or why there is none. form: what was typed, where it is shown again."""
    choice = choices.sound
    voice = "" if choice is None or not choice.voice else Path(choice.voice).name
    ceiling = SHIPPED_CEILING if choice is None else choice.ceiling_percent
    speaker = None if isinstance(found, str) else found
    return SoundSeen(
        device="" if speaker is None else speaker.device,
        words="" if speaker is None else speaker.words,
        lines=() if speaker is None else (_volume(speaker, t), speaker.unseen),
        none=sentence(found) if isinstance(found, str) else "",
        other=speaker is not None and choice is not None and speaker.device != choice.device,
        chosen=choice is not None,
        voice=voice,
        what=form.get("what", VOICE if voice else TONES),
        ceiling=form.get("ceiling", str(ceiling)),
    )


def lamp_words(lamp: Lamp, t: Words) -> str:
    """Which lamp it is; nothing of how it is reached."""
    return t("devices.light_is", kind=t(f"devices.lamp_{lamp.kind}"), which=getattr(lamp.choice, WHICH[lamp.kind][-1]))


def lamp_form(kind: str, lamp: Lamp | None, form: Mapping[str, str], t: Words) -> tuple[AskedOfLamp, ...]:
    """The fields of a lamp of that kind, as they stand for the one that is chosen, or as they were typed."""
    same = lamp if lamp is not None and lamp.kind == kind else None
    fields = []
    for name in ASKED[kind]:
        secret = name == SECRET[kind]
        stands = "" if same is None or secret else str(getattr(same.choice, name))
        typed = "" if secret else form.get(name, stands)
        label, hint = t(f"outputs.{kind}_{name}"), t(f"outputs.{kind}_{name}_is")
        fields.append(AskedOfLamp(name, label, hint, typed, secret, secret and same is not None))
    return tuple(fields)


def looking_form(kind: str, lamp: Lamp | None, form: Mapping[str, str], t: Words) -> tuple[AskedOfLamp, ...]:
    """The fields that are needed to look for lamps: a bridge gives its key itself."""
    needed = {"url"} if kind == "hue" else {"url", SECRET[kind]}
    return tuple(one for one in lamp_form(kind, lamp, form, t) if one.name in needed)


def lamps_seen(search: Search, lamp: Lamp | None, t: Words) -> tuple[LampSeen, ...]:
    """The lamps to choose from; the one that is chosen already is marked."""
    lamps = () if search.found is None else search.found.lamps
    times = Counter(one.name for one in lamps)
    same = lamp is not None and (lamp.kind, lamp.choice.url) == (search.way.kind, search.way.url)
    chosen = getattr(lamp.choice, WHICH_ONE[search.way.kind]) if lamp is not None and same else ""
    return tuple(
        LampSeen(
            one.which,
            one.name or t("outputs.nameless"),
            one.which if times[one.name] > 1 or not one.name else "",
            one.which == chosen,
        )
        for one in lamps
    )


def _volume(speaker: Found, t: Words) -> str:
    if speaker.muted:
        return t("outputs.muted")
    if speaker.volume_percent is None:
        return t("outputs.volume_unknown")
    return t("outputs.volume", percent=speaker.volume_percent)
