"""What looking at this computer finds, one thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from vigil.app.home import Home


class State(Enum):
    """How a thing is. Only WRONG keeps replay and demo from working.

    UNASKED: it is set up; whether it works is only told by trying, and nobody has.
    """

    OK = "ok"
    UNASKED = "unasked"
    ATTENTION = "attention"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. todo: one thing to do, "" if nothing is needed."""

    name: str
    state: State
    says: str
    todo: str = ""


Check = Callable[[Home], Iterator[Finding]]
