"""What an evening can be said to have held, afterwards: a few things, ticked in the morning, compared in the weeks."""

from __future__ import annotations

from collections.abc import Iterable

from vigil.interview.evening import Tap

MARKS: dict[str, str] = {
    Tap.DRINK.value: "a drink",
    Tap.PILL.value: "a sleeping pill",
    Tap.ILL.value: "being ill",
    Tap.SHARING.value: "somebody in the room",
    "coffee": "coffee or tea late",
    "screen": "news or films late",
    "worry": "a worry taken to bed",
    "quarrel": "a quarrel",
    "late": "to bed late",
    "elsewhere": "another bed than usual",
}
"""By the name under which they are kept; the first four are those of `vigil evening`. Few on
purpose, and our choice: each one more is one more comparison in which chance can look like a reason."""


def mark_words(mark: str) -> str:
    """A mark in words; one that this Vigil does not offer stands as it was written."""
    return MARKS.get(mark, mark)


def offered(chosen: Iterable[str]) -> tuple[tuple[str, str, bool], ...]:
    """Every mark that can be ticked, in words, and whether it is; what was kept under another name stays among them."""
    ticked = tuple(chosen)
    names = dict.fromkeys((*MARKS, *ticked))
    return tuple((name, mark_words(name), name in ticked) for name in names)
