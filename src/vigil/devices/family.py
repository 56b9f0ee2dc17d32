"""What a row of the catalogue is: one family of wearables, with the source of every number."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from vigil.devices.packets.contract import Codec

CADENCE_MS = (100, 600_000)
"""Cadences that the signal takes as declared (`signal.hygiene.declared_cadence_ns`); another would be learned."""

LONGEST_KEY = 40
"""A key stands in files and on command lines. Our choice."""

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Sense(Enum):
    """What a wearable can tell."""

    HEART = "heart rate"
    BEATS = "beats"
    MOTION = "movement"
    CONTACT = "whether it is worn"
    BATTERY = "battery"
    MARKS = "a button"


class Buzz(Enum):
    """How a wearable can nudge."""

    NONE = "cannot vibrate"
    ONE_STRENGTH = "vibrates at one strength"
    GRADED = "vibrates as softly as asked"


class Tried(Enum):
    """What a family was tried on. Only hardware proves hardware."""

    PACKETS = "its packets, as they are documented"
    VIRTUAL = "a virtual device"
    HARDWARE = "the device itself"


@dataclass(frozen=True, slots=True)
class Family:
    """One family of wearables.

    key: the name it is kept by. names: beginnings of the advertised name, lower-case. services: advertised services
    that tell it (full UUIDs); a device matches by name if the row has names, else by service. heart_cadence_ms: how
    often a heart rate comes, None where every beat does; freshness and frozen limits follow from it. caution: what a
    person must know, in a sentence. sources: of each number and UUID, as (what, where it stands).
    """

    key: str
    name: str
    names: tuple[str, ...]
    services: tuple[str, ...]
    codec: Callable[[], Codec]
    senses: frozenset[Sense]
    heart_cadence_ms: int | None
    buzz: Buzz
    tried: Tried
    caution: str
    sources: tuple[tuple[str, str], ...]


def is_key(value: object) -> bool:
    """Whether this can be the key of a family: lower-case words and digits joined by single dashes."""
    return isinstance(value, str) and len(value) <= LONGEST_KEY and _KEY.fullmatch(value) is not None


def wrong_with(row: object) -> str:
    """Why something cannot be a row, in a clause; empty if it can be one. Rows of strangers are looked at with this."""
    if not isinstance(row, Family):
        return "it is no Family"
    for words, right in _SHAPE + _SENSE:
        if not right(row):
            return words
    return ""


def _all(values: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(values, tuple | frozenset) and all(isinstance(one, kind) for one in values)


def _is_cadence(value: object) -> bool:
    return value is None or (type(value) is int and CADENCE_MS[0] <= value <= CADENCE_MS[1])


def _is_source(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(one, str) and one for one in value)


_Rule = tuple[str, Callable[[Family], bool]]

_SHAPE: tuple[_Rule, ...] = (
    ("its key must be short lower-case words joined by dashes", lambda row: is_key(row.key)),
    ("its name and its caution must be text", lambda row: all(isinstance(one, str) for one in (row.name, row.caution))),
    ("its names must be a tuple of text", lambda row: _all(row.names, str)),
    ("its services must be a tuple of text", lambda row: _all(row.services, str)),
    ("its codec must be callable", lambda row: callable(row.codec)),
    (
        "its senses must be a frozenset of Sense",
        lambda row: isinstance(row.senses, frozenset) and _all(row.senses, Sense),
    ),
    ("its heart_cadence_ms must be None or whole, 100 to 600000", lambda row: _is_cadence(row.heart_cadence_ms)),
    (
        "its buzz must be a Buzz and its tried a Tried",
        lambda row: _all((row.buzz,), Buzz) and _all((row.tried,), Tried),
    ),
    ("its sources must be a tuple of pairs of text", lambda row: isinstance(row.sources, tuple)),
)
"""What the fields must be before they can be looked into."""

_SENSE: tuple[_Rule, ...] = (
    ("it has no name", lambda row: bool(row.name.strip())),
    ("it names neither a beginning of a name nor a service", lambda row: bool(row.names or row.services)),
    ("its names must be lower-case and not empty", lambda row: all(one and one == one.lower() for one in row.names)),
    ("its services must be full, lower-case UUIDs", lambda row: all(_UUID.fullmatch(one) for one in row.services)),
    ("its sources must be a tuple of pairs of text", lambda row: all(map(_is_source, row.sources))),
    ("it can neither sense nor nudge", lambda row: bool(row.senses) or row.buzz is not Buzz.NONE),
)
"""What they must say."""
