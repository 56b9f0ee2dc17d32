"""The settings file: what a person may write, and what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigil.app.config import read_settings
from vigil.app.home import Home, Shelf
from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.domain.settings import CapSettings, OnSignalLost, Room, Settings


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "settings.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_file_the_shipped_settings_hold(tmp_path: Path) -> None:
    """Nobody has to write a file."""
    assert read_settings(tmp_path / "settings.toml") == Settings()


def test_every_setting_can_be_written(tmp_path: Path) -> None:
    """What the module's docstring shows is what can be set."""
    path = written(
        tmp_path,
        b"\xef\xbb\xbfnudging = false\noutputs = ['sound', 'vibration']\ntop_level = 2\nsettle_min = 45\n"
        b"observe_s = 40\nthreshold_factor = 1.5\nroom = 'agreed'\non_signal_lost = 'lamp'\n"
        b"[caps]\nper_episode = 1\nper_hour = 2\nper_18_hours = 3\n"
        b"energised_s = 10\n",
    )
    assert read_settings(path) == Settings(
        nudging=False,
        outputs=(Output.SOUND, Output.VIBRATION),
        top_level=2,
        settle_min=45,
        observe_s=40,
        threshold_factor=1.5,
        room=Room.AGREED,
        on_signal_lost=OnSignalLost.LAMP,
        caps=CapSettings(1, 2, 3, 10),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nudgin = true", "nudgin: no such setting; there are nudging"),
        ("[caps]\nper_night = 3", "caps.per_night: no such setting"),
        ("caps = 3", "must be a table"),
        ("outputs = ['siren']", "list of vibration, sound, light"),
        ("outputs = 'sound'", "must be a list"),
        ("outputs = ['sound', 'sound']", "at most once"),
        ("top_level = 9", "from 1 to 4"),
        ("settle_min = 5", "from 30 to 240"),
        ("threshold_factor = nan", "threshold_factor"),
        ("nudging = 'yes'", "must be true or false"),
        ("room = 'empty'", "must be one of unsaid, alone, agreed"),
        ("on_signal_lost = ['lamp']", "must be one of morning, person, lamp"),
        ("[caps]\nper_episode = 5", "from 0 to 4"),
        ("[caps]\nper_hour = true", "must be a number"),
        ("top_level = ", "cannot be read as settings"),
        (b"\xff\xfe\x00", "cannot be read as settings"),
        ("#" * 70_000, "too many for a file of settings"),
    ],
)
def test_what_is_unknown_or_unsafe_is_refused_by_name(tmp_path: Path, text: str | bytes, said: str) -> None:
    """A wrong setting names the file, the key and what is allowed, and is never rounded to something allowed."""
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_one_variable_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VIGIL_HOME moves stores, pictures and settings; without it the platform's folders are used."""
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "here"))
    moved = Home.here()
    places = [moved.settings_file, *(moved.database(shelf) for shelf in Shelf), moved.pictures(Shelf.DEMO)]
    assert all(place.is_relative_to(tmp_path / "here") for place in places)
    assert len(set(places)) == len(places)
    monkeypatch.delenv("VIGIL_HOME")
    assert not Home.here().data.is_relative_to(tmp_path)
