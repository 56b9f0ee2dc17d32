"""Sentences that name a command, as a page says them: the command becomes a link to the page that does the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

PAGES = {
    "vigil setup --again watched": ("/evening/watched", "evening.link_again"),
    "vigil setup": ("/evening", "more.evening"),
    "vigil pair --forget": ("/devices", "more.devices"),
    "vigil pair": ("/devices/pair", "devices.link_pair"),
    "vigil test-nudge": ("/devices/nudge", "devices.link_nudge"),
    "vigil devices": ("/devices", "more.devices"),
    "vigil evening drink": ("/bedtime", "more.bedtime"),
    "vigil morning --resume": ("/morning#resume", "morning.resume_where"),
    "vigil stop --release": ("/tonight", "base.nav_tonight"),
}
"""Command to address and the name of its text. A command that goes on (`vigil test-nudge --find`) is another one."""

_COMMAND = re.compile(rf"(?:{'|'.join(sorted(PAGES, key=len, reverse=True))})(?! --| [A-Z])")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: text as it stands, or a link whose text has the name `key`."""

    text: str = ""
    href: str = ""
    key: str = ""


def linked(sentence: str) -> tuple[Part, ...]:
    """The sentence in pieces; one without a command is one piece."""
    parts, at = list[Part](), 0
    for found in _COMMAND.finditer(sentence):
        href, key = PAGES[found[0]]
        parts += [Part(sentence[at : found.start()]), Part(href=href, key=key)]
        at = found.end()
    return tuple(part for part in (*parts, Part(sentence[at:])) if part.text or part.href)
