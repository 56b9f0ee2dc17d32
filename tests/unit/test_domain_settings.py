"""Settings outside their bounds are refused in words, wherever they come from."""

from __future__ import annotations

from typing import Any

import pytest

from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.domain.settings import CapSettings, Profile, Settings

WRONG: list[tuple[type[Any], dict[str, Any], str]] = [
    (Settings, {"nudging": 1}, "nudging = 1: must be true or false"),
    (Settings, {"room": "alone"}, "room = 'alone': must be one of unsaid, alone, agreed"),
    (Settings, {"on_signal_lost": None}, "on_signal_lost = None: must be one of morning, person, lamp"),
    (Settings, {"outputs": (Output.SOUND, Output.SOUND)}, "at most once"),
    (Settings, {"top_level": 5}, "must be a number from 1 to 4"),
    (Settings, {"settle_min": 29}, "must be a number from 30 to 240"),
    (Settings, {"observe_s": True}, "must be a number from 20 to 60"),
    (Settings, {"threshold_factor": float("nan")}, "must be a number from 0.5 to 4"),
    (CapSettings, {"per_hour": 7}, "caps.per_hour = 7: must be a number from 0 to 6"),
    (Profile, {"resting_bpm": "58"}, "profile.resting_bpm = '58': must be a number from 30 to 120"),
]


@pytest.mark.parametrize(("cls", "values", "words"), WRONG)
def test_a_value_outside_its_bounds_is_refused(cls: type[Any], values: dict[str, Any], words: str) -> None:
    """The sentence names the setting, what it was, and what it may be."""
    with pytest.raises(SettingsError) as refused:
        cls(**values)
    assert words in str(refused.value)


def test_sound_is_only_used_once_it_is_said_who_shares_the_room() -> None:
    """Until then only the sleeper's own wrist is touched."""
    assert Settings(outputs=tuple(Output)).usable_outputs == (Output.VIBRATION,)
