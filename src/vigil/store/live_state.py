"""How the night that is being watched stands, as its process tells it to whoever looks on: `live.json`.

A view, not a record: it is written anew whenever something changes, replaced whole, and believed only while it is
young and somebody holds the store. Nothing that a person wrote or said in words is ever in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from vigil.domain.nudges import WatchState
from vigil.domain.records import Mark, Mode
from vigil.domain.requests import Output
from vigil.domain.samples import Quality
from vigil.domain.sleep import Stage
from vigil.domain.troubles import TroubleKind
from vigil.store.private_files import read_small, replace_small

LIVE_NAME = "live.json"
"""Beside the store."""

FORMAT = 1

FRESH_MS = 15_000
"""A state older than this is of a night process that is gone or hangs: three times the longest pause between two."""

MOST_BYTES = 8192
"""Several times what the longest state takes; a longer file is none of ours."""

MOST_CHARACTERS = 100
"""Of a night's name, and of the name of a boot. Longer ones are cut when they are written."""

_MOST_MS = 4_102_444_800_000
"""The year 2100, as in `hold.py`."""

_T = TypeVar("_T")
_Reader = Callable[[object], Any]


class Link(Enum):
    """Whether the wearable is heard."""

    HEARD = "heard"
    LOST = "lost"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class LiveState:
    """A night as it stands. Instants are UTC ms since 1970 on the night's own clock, but for `told_wall_ms`.

    The night's own clock is that of lights-out carried on; in a night by real life it is the wall clock, and a
    simulated night has an hour of its own. now_wall_ms: that clock, when this was told; told_wall_ms: the computer's.
    number: grows with every state of a store. heart_bpm_x10: tenths of a beat a minute, last heard `heart_ago_ms`
    before now; for nobody but the sleeper. outputs: which there are, and whether each can be used. mark, nudge: the
    last of each. episode: one that looks like a nightmare goes on; episode_wall_ms: when the last of them began.
    stage: of the last epoch. ends_wall_ms: when the night ends by itself, if that is known.
    """

    pid: int
    boot_id: str
    night: str
    began_wall_ms: int
    now_wall_ms: int
    told_wall_ms: int
    number: int
    mode: Mode
    state: WatchState
    link: Link
    link_since_wall_ms: int
    quality: Quality
    quality_since_wall_ms: int
    heart_bpm_x10: int | None = None
    heart_ago_ms: int | None = None
    contact: bool | None = None
    battery_percent: int | None = None
    outputs: tuple[tuple[Output, bool], ...] = ()
    held: bool = False
    mark: Mark | None = None
    mark_wall_ms: int | None = None
    nudges: int = 0
    nudge_wall_ms: int | None = None
    episode: bool = False
    episode_wall_ms: int | None = None
    stage: Stage = Stage.UNSCORED
    troubles: tuple[TroubleKind, ...] = ()
    ends_wall_ms: int | None = None
    ended: bool = False

    @property
    def awake(self) -> bool:
        """Whether the last epoch was scored awake."""
        return self.stage is Stage.WAKE


def alive(state: LiveState | None, now_wall_ms: int, lock_holder: str) -> bool:
    """Whether a night is being watched: it was told not long ago, is not over, and somebody has the store.

    lock_holder: as `holder_of` says. A state from a while ahead (the clock was set back) is not believed either.
    """
    if state is None or state.ended or not lock_holder:
        return False
    return abs(now_wall_ms - state.told_wall_ms) <= FRESH_MS


def write(path: Path, state: LiveState) -> None:
    """Put this state in the place of the one before; raises OSError, and then that one stands.

    It is not made durable: after a power cut nobody is watched.
    """
    replace_small(path, _packed(state))


def read(path: Path) -> LiveState | None:
    """The state that was told last; None if there is none, or what is there is not one. Never raises."""
    try:
        return _parsed(read_small(path, MOST_BYTES))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _packed(state: LiveState) -> bytes:
    plain = {field.name: _plain(getattr(state, field.name)) for field in fields(state)}
    return json.dumps({"format": FORMAT} | plain, separators=(",", ":")).encode("ascii")


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value[:MOST_CHARACTERS] if isinstance(value, str) else value


def _parsed(data: bytes) -> LiveState:
    """Raises ValueError, TypeError, KeyError or RecursionError for whatever is not exactly a state."""
    if len(data) > MOST_BYTES:
        message = "too long"
        raise ValueError(message)
    found = json.loads(data)
    if type(found) is not dict or found.get("format") != FORMAT or found.keys() != {"format", *_READERS}:
        message = "not a state of this version"
        raise ValueError(message)
    return LiveState(**{name: reader(found[name]) for name, reader in _READERS.items()})


def _checked(value: _T, *, right: bool) -> _T:
    if not right:
        message = "out of range"
        raise ValueError(message)
    return value


def _whole(most: int) -> _Reader:
    return lambda value: _checked(value, right=type(value) is int and 0 <= value <= most)


def _text(value: object) -> object:
    return _checked(value, right=isinstance(value, str) and len(value) <= MOST_CHARACTERS)


def _flag(value: object) -> object:
    return _checked(value, right=isinstance(value, bool))


def _maybe(reader: _Reader) -> _Reader:
    return lambda value: None if value is None else reader(value)


def _several(reader: _Reader, most: int) -> _Reader:
    def read_all(value: object) -> object:
        items = value if isinstance(value, list) else []
        _checked(value, right=isinstance(value, list) and len(items) <= most)
        return tuple(reader(item) for item in items)

    return read_all


def _output(value: object) -> object:
    items = value if isinstance(value, list) else []
    output, usable = _checked(items, right=len(items) == 2)
    return Output(output), _flag(usable)


_INSTANT = _whole(_MOST_MS)
_COUNT = _whole(2**53)
"""As far as every reader of JSON counts exactly (RFC 8259 section 6)."""

_READERS: dict[str, _Reader] = {
    "pid": _COUNT,
    "boot_id": _text,
    "night": _text,
    "began_wall_ms": _INSTANT,
    "now_wall_ms": _INSTANT,
    "told_wall_ms": _INSTANT,
    "number": _COUNT,
    "mode": Mode,
    "state": WatchState,
    "link": Link,
    "link_since_wall_ms": _INSTANT,
    "quality": Quality,
    "quality_since_wall_ms": _INSTANT,
    "heart_bpm_x10": _maybe(_whole(10_000)),
    "heart_ago_ms": _maybe(_COUNT),
    "contact": _maybe(_flag),
    "battery_percent": _maybe(_whole(100)),
    "outputs": _several(_output, 2 * len(Output)),
    "held": _flag,
    "mark": _maybe(Mark),
    "mark_wall_ms": _maybe(_INSTANT),
    "nudges": _COUNT,
    "nudge_wall_ms": _maybe(_INSTANT),
    "episode": _flag,
    "episode_wall_ms": _maybe(_INSTANT),
    "stage": Stage,
    "troubles": _several(TroubleKind, len(TroubleKind)),
    "ends_wall_ms": _maybe(_INSTANT),
    "ended": _flag,
}
"""What may stand in each field; a test holds that no field is without its row."""
