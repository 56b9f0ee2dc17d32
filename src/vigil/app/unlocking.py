"""How a passphrase comes to Vigil: asked at the terminal, or through an open descriptor; never by argument."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from vigil.domain.errors import InputError
from vigil.store import cipher

MOST_BYTES = 4096
"""Two passphrases are shorter. Our choice."""

UNATTENDED = (
    "Your nights are locked with a passphrase, so no watch begins by itself, and none goes on by itself after a power "
    "cut: start it by hand, with vigil watch. Within a night that was started so, a restart works by itself."
)

FORGOTTEN = "If it is forgotten, nobody can open your nights again: not Vigil, and nobody who helps with it."

_given: list[str] = []


def passphrases_from(descriptor: int) -> None:
    """Read passphrases, one a line, and know the first; the next ones are for `another`. Raises InputError, OSError."""
    found = b""
    try:
        while len(found) <= MOST_BYTES and (part := os.read(descriptor, MOST_BYTES)):
            found += part
    finally:
        os.close(descriptor)
    try:
        lines = found.decode().splitlines()
    except UnicodeDecodeError as error:
        message = "what came through --passphrase-fd is no text; nothing was started"
        raise InputError(message) from error
    if not lines or not lines[0] or len(found) > MOST_BYTES:
        message = "no passphrase came through --passphrase-fd; nothing was started; write it there as one line"
        raise InputError(message)
    _given[:] = lines
    cipher.know(lines[0])


def handed_on(passphrase: str) -> int:
    """A descriptor from which one process of our own can read it, once. Raises OSError."""
    there, here = os.pipe()
    try:
        os.write(here, passphrase.encode() + b"\n")
    finally:
        os.close(here)
    return there


def ask_at_terminal() -> None:
    """From now on whoever sits at the terminal is asked, where somebody does."""
    cipher.ask_by(_ask)


def ask_nobody() -> None:
    """From now on what is locked stays locked, and says so: nobody may be kept waiting for an answer."""
    cipher.ask_by(None)


def _ask(name: str, again: bool) -> str:
    if not sys.stdin.isatty():
        return ""
    return getpass.getpass(f"{'That does not open it. ' if again else ''}Passphrase for {name}, or nothing: ")


def is_unattended(path: Path) -> bool:
    """Whether a database can only be opened by a person; False too where it cannot be looked at."""
    try:
        return cipher.is_sealed(path)
    except OSError:
        return False


def another(number: int, say: Callable[[str], None]) -> str:
    """A new passphrase: line `number` of those that were given, else asked for twice. Raises InputError."""
    if _given:
        if len(_given) <= number:
            message = "the new passphrase is missing; nothing was changed; write both to --passphrase-fd, one a line"
            raise InputError(message)
        return _given[number]
    if not sys.stdin.isatty():
        message = "nobody can be asked here; nothing was changed; say --passphrase-fd N before the command"
        raise InputError(message)
    say(f"{cipher.LEAST_WORDS[:1].upper()}{cipher.LEAST_WORDS[1:]}.")
    say(FORGOTTEN)
    first = getpass.getpass("New passphrase: ")
    if getpass.getpass("The same again: ") != first:
        message = "the two are not the same; nothing was changed"
        raise InputError(message)
    return first
