"""Sentences that name a command, as a page says them: the command becomes a link to the page that does the same.

What no page does stays as it is typed, and is told apart as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PAGES = {
    "vigil setup --again watched": ("/evening/watched", "evening.link_again"),
    "vigil setup": ("/evening", "more.evening"),
    "vigil pair --forget": ("/devices", "more.devices"),
    "vigil pair": ("/devices/pair", "devices.link_pair"),
    "vigil test-nudge --find": ("/devices/sound", "outputs.choose_sound"),
    "vigil test-nudge": ("/devices/nudge", "devices.link_nudge"),
    "vigil devices": ("/devices", "more.devices"),
    "vigil evening drink": ("/bedtime", "more.bedtime"),
    "vigil morning --resume": ("/morning#resume", "morning.resume_where"),
    "vigil setup --again way": ("/evening/way", "evening.link_again"),
    "vigil setup --again outputs": ("/evening/outputs", "evening.link_again"),
    "vigil morning": ("/morning", "base.nav_morning"),
    "vigil nights": ("/nights", "more.nights"),
    "vigil journal threads": ("/journal/threads", "journal.threads"),
    "vigil backup": ("/data/copies", "data.copies"),
    "vigil restore": ("/data/copies", "data.copies"),
    "vigil encrypt": ("/data/lock", "data.lock"),
    "vigil passphrase": ("/data/lock", "data.lock"),
    "vigil stop --release": ("/tonight", "base.nav_tonight"),
    "[person] in settings.toml": ("/follow", "follow.title"),
    "[light] in settings.toml": ("/devices/lamp", "outputs.choose_light"),
}
"""Command to address and the name of its text. A command that goes on (`vigil pair --json FILE`) is another one."""

_TYPED = r"vigil [a-z]+(?:-[a-z]+)*(?: --[a-z]+(?:-[a-z]+)*)*(?: [A-Z]{2,})?|\[[a-z]+\] in settings\.toml"
_KNOWN = "|".join(re.escape(one) for one in sorted(PAGES, key=len, reverse=True))
_COMMAND = re.compile(rf"`?(?:(?P<known>{_KNOWN})(?![-\w]| --| [A-Z])|(?P<typed>{_TYPED}))`?")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: text as it stands, or a link whose text has the name `key`. typed: it is a command."""

    text: str = ""
    href: str = ""
    key: str = ""
    typed: bool = False


def linked(sentence: str) -> tuple[Part, ...]:
    """The sentence in pieces; one without a command is one piece."""
    parts, at = list[Part](), 0
    for found in _COMMAND.finditer(sentence):
        parts += [Part(sentence[at : found.start()]), _part(found)]
        at = found.end()
    return tuple(part for part in (*parts, Part(sentence[at:])) if part.text or part.href)


def _part(found: re.Match[str]) -> Part:
    if found["known"] is None:
        return Part(found["typed"], typed=True)
    href, key = PAGES[found["known"]]
    return Part(href=href, key=key)
