"""What a person may choose, frozen and bounded, validated once.

The ceilings of the guard are not here: they are constants in `control/guard.py`, and a setting can only be
stricter. `profile` is what Vigil has learned or been told about the sleeper; it starts as the population.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from vigil.domain.errors import SettingsError
from vigil.domain.plain import dumps, register
from vigil.domain.requests import Output


def _check(name: str, value: object, low: float, high: float) -> None:
    """Raise SettingsError unless `value` is a number, not a bool, within [low, high]. NaN fails."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        message = f"{name} = {value!r}: must be a number from {low:g} to {high:g}; nothing was started"
        raise SettingsError(message)


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        message = f"{name} = {value!r}: must be true or false; nothing was started"
        raise SettingsError(message)


def _check_word(name: str, value: object, words: type[Enum]) -> None:
    if not isinstance(value, words):
        message = f"{name} = {value!r}: must be one of {', '.join(str(word.value) for word in words)}"
        raise SettingsError(message)


@register
class Room(Enum):
    """Who else would hear or see a nudge. Until it is said, only the sleeper's own wrist is touched."""

    UNSAID = "unsaid"
    ALONE = "alone"
    AGREED = "agreed"
    """somebody shares the room and agrees"""


@register
class OnSignalLost(Enum):
    """What is done when the signal is lost at night. Nothing of it ever wakes the sleeper."""

    MORNING = "morning"
    PERSON = "person"
    LAMP = "lamp"
    """a lamp that was left lit goes out"""


@register
@dataclass(frozen=True, slots=True)
class CapSettings:
    """How much may be done. Shipped values of DESIGN section 5; the upper bounds are the guard's ceilings."""

    per_episode: int = 3
    per_hour: int = 4
    per_18_hours: int = 6
    energised_s: int = 60

    def __post_init__(self) -> None:
        """Raise SettingsError outside the bounds."""
        _check("caps.per_episode", self.per_episode, 0, 4)
        _check("caps.per_hour", self.per_hour, 0, 6)
        _check("caps.per_18_hours", self.per_18_hours, 0, 12)
        _check("caps.energised_s", self.energised_s, 0, 60)


@register
@dataclass(frozen=True, slots=True)
class Settings:
    """The watch's settings.

    nudging: False only watches. outputs: in order of preference. top_level: highest step of the ladder, 1 to 4.
    settle_min: minutes after lights-out without a nudge, at least 30.
    observe_s: seconds of looking at the body's answer before the next step, 20 to 60 (mission 5.4).
    threshold_factor: multiplies the threshold; 1.0 as shipped, higher is more cautious.
    room: who shares it; sound and light are only used once that is said. on_signal_lost: who is told, and when.
    """

    nudging: bool = True
    outputs: tuple[Output, ...] = (Output.VIBRATION,)
    top_level: int = 3
    settle_min: int = 30
    observe_s: int = 30
    threshold_factor: float = 1.0
    room: Room = Room.UNSAID
    on_signal_lost: OnSignalLost = OnSignalLost.MORNING
    caps: CapSettings = field(default_factory=CapSettings)

    def __post_init__(self) -> None:
        """Raise SettingsError outside the bounds."""
        _check_flag("nudging", self.nudging)
        if len(set(self.outputs)) != len(self.outputs) or not all(isinstance(o, Output) for o in self.outputs):
            message = f"outputs = {self.outputs!r}: each of {[o.value for o in Output]} at most once"
            raise SettingsError(message)
        _check("top_level", self.top_level, 1, 4)
        _check("settle_min", self.settle_min, 30, 240)
        _check("observe_s", self.observe_s, 20, 60)
        _check("threshold_factor", self.threshold_factor, 0.5, 4.0)
        _check_word("room", self.room, Room)
        _check_word("on_signal_lost", self.on_signal_lost, OnSignalLost)

    @property
    def usable_outputs(self) -> tuple[Output, ...]:
        """The outputs that may be used: until it is said who shares the room, only what nobody else notices."""
        return tuple(one for one in self.outputs if one is Output.VIBRATION or self.room is not Room.UNSAID)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of these settings."""
        return digest_of(self)


@register
@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the sleeper. Defaults: the population (mission 5.1: 50 to 65 bpm asleep).

    resting_bpm: heart rate asleep, used until the night's own baseline is known.
    spread_bpm: ordinary wobble of the 5-s heart rate about its running baseline, one robust sigma.
    threshold_factor: learned multiplier of the shipped threshold, within fixed bounds.
    """

    resting_bpm: float = 58.0
    spread_bpm: float = 3.0
    threshold_factor: float = 1.0

    def __post_init__(self) -> None:
        """Raise SettingsError outside the bounds."""
        _check("profile.resting_bpm", self.resting_bpm, 30, 120)
        _check("profile.spread_bpm", self.spread_bpm, 0.5, 20)
        _check("profile.threshold_factor", self.threshold_factor, 0.5, 4.0)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of this profile."""
        return digest_of(self)


def digest_of(record: object) -> str:
    """SHA-256, hex, of a registered record, the same wherever its fields are the same."""
    return hashlib.sha256(dumps(record).encode()).hexdigest()
