"""Errors, which a program begins and ends as it likes, as sentences on a page."""

from __future__ import annotations


def sentence(text: object) -> str:
    """With a capital at its beginning and a stop at its end."""
    words = str(text).strip()
    stop = "" if words[-1:] in {"", ".", "?", "…"} else "."
    return words[:1].upper() + words[1:] + stop
