"""What was looked at before the night, a line each."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.app.finding import Finding, State
from vigil.web.words import Words

NAMES = {"staying awake": "staying", "nobody_told": "lost", "no_lamp": "lost"}
"""Where a name of the doctor's is no key of the catalogue."""

LINKS = {"sensor": "devices", "output": "devices", "trusted": "follow", "nobody_told": "follow", "no_lamp": "devices"}
"""Where something can be done about it on a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing. state: in a word. says, todo: whole sentences, todo "" where nothing is to be done. link: or ""."""

    name: str
    state: str
    well: bool
    says: str
    todo: str
    link: str


def line_of(found: Finding, words: Words) -> Line:
    """A finding as it is shown."""
    name = NAMES.get(found.name, found.name)
    well = found.state is State.OK
    todo = words("bedtime.todo", what=found.todo) if found.todo else ""
    link = LINKS.get(found.name, "")
    shown = not well or name == "trusted"
    return Line(
        words(f"bedtime.{name}"),
        words(f"bedtime.{found.state.value}"),
        well,
        sentence(found.says),
        sentence(todo),
        link if shown else "",
    )


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
