"""A text that a person types at the terminal, or pipes in."""

from __future__ import annotations

import sys

import typer

from vigil.domain.errors import InputError
from vigil.domain.journal import MOST_BODY

MOST_BYTES = 4 * MOST_BODY
"""A letter has at most four bytes in UTF-8: a longer text is refused before all of it is in memory."""


def something_typed() -> str:
    """The same as `typed`, but nothing at all is more likely a pipe that broke than a text that should go."""
    text = typed()
    if not text.strip():
        message = "no text came, so nothing was changed; to erase the entry: vigil journal delete"
        raise InputError(message)
    return text


def typed() -> str:
    """What is typed or piped in; raises InputError if it is too long or no text."""
    if sys.stdin.isatty():
        typer.echo("Write; Ctrl-D on a line of its own ends.", err=True)
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        message = f"the text has more than {MOST_BODY:,} letters; nothing was kept; it is still where it came from"
        raise InputError(message)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the text is not UTF-8 (byte {error.start}); nothing was kept; it is still where it came from"
        raise InputError(message) from error
