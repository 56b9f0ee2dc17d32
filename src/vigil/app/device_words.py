"""What is paired, in words: what each wearable does, and what to mind of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.app.pairing import roles_of
from vigil.app.wearables_file import Paired, Role
from vigil.devices.catalogue import family_of

NOBODY = "No wearable is paired. To pair one: vigil pair"
STILL = "Nothing that is paired vibrates. What vibrates can be paired as well: vigil pair"

_DOES = {Role.SENSOR: "senses", Role.VIBRATION: "vibrates"}


@dataclass(frozen=True, slots=True)
class PairedWords:
    """One wearable. does: what it is used for. family: what it is, "" where nothing here knows it any more.

    caution: what to mind. trouble: why it cannot be used as it is paired, "" if it can.
    """

    does: str
    family: str = ""
    caution: str = ""
    trouble: str = ""


def paired_words(one: Paired) -> PairedWords:
    """A wearable of this person in words."""
    does = " and ".join(words for role, words in _DOES.items() if role in one.roles)
    family = family_of(one.key)
    if family is None:
        trouble = (
            f"its family {one.key} is not installed, so it cannot be used. Install the package it comes from again, "
            "or: vigil pair --forget"
        )
        return PairedWords(does, trouble=trouble)
    missing = one.roles - frozenset(roles_of(family))
    return PairedWords(does, family.name, family.caution, "It cannot do all of that; pair it again." if missing else "")


def paired_lines(one: Paired) -> Sequence[str]:
    """The same in lines, for a terminal."""
    words = paired_words(one)
    if not words.family:
        return (f"{one.name}, {one.address}: {words.does}, but {words.trouble}",)
    first = f"{one.name}, {one.address}: {words.does}. {words.family}."
    return (f"{first} {words.trouble}".strip(), f"Mind: {words.caution}")
