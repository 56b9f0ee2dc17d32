"""Words that come out of files, made harmless for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with ? for what a terminal would obey instead of show: a recording must not move the cursor."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
