"""What the table of addresses is made of: one row an address, a method and who may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum

from starlette.responses import Response

from vigil.web.asked import Asked

SMALL = 64 * 1024
"""Bytes a form may have unless its row says otherwise."""


class Role(Enum):
    """Who may ask. SLEEPER: who has entered by a one-time link. ANYONE: everybody who reaches the page."""

    ANYONE = "anyone"
    SLEEPER = "sleeper"


@dataclass(frozen=True, slots=True)
class Row:
    """One address. answer: called in a thread of its own. most: bytes its form may have, for POST.

    stream: in place of an answer, what is sent event by event; it must end soon after the session does.
    """

    method: str
    path: str
    role: Role
    answer: Callable[[Asked], Response] | None = None
    most: int = SMALL
    stream: Callable[[Asked], AsyncIterator[dict[str, str]]] | None = None


def get(path: str, answer: Callable[[Asked], Response], role: Role = Role.SLEEPER) -> Row:
    """An address that shows something and changes nothing."""
    return Row("GET", path, role, answer)


def post(path: str, answer: Callable[[Asked], Response], role: Role = Role.SLEEPER, most: int = SMALL) -> Row:
    """An address that does something, for pages of this very site only."""
    return Row("POST", path, role, answer, most)


def events(path: str, stream: Callable[[Asked], AsyncIterator[dict[str, str]]]) -> Row:
    """An address that tells what changes, for as long as somebody listens."""
    return Row("GET", path, Role.SLEEPER, stream=stream)
