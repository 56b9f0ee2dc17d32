"""The person's own outputs, and whom to tell, as the settings file says."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vigil.app.home import Home, Shelf
from vigil.app.real_outputs import outputs_off, own_outputs
from vigil.domain.requests import Output
from vigil.domain.settings import OnSignalLost, Settings
from vigil.run.noticing import StopFile, for_the_night_ms
from vigil.store.doors import DOORS_NAME
from vigil.store.hold import read_hold

WALL_MS = 1_795_000_000_000
LAMP = '[light]\nkind = "home_assistant"\nurl = "http://127.0.0.1:9"\ntoken = "0123456789"\nentity = "light.bed"\n'
BROKER = '[light]\nkind = "mqtt"\nhost = "127.0.0.1"\nlamp = "bed"\n'


def home_with(folder: Path, text: str) -> Home:
    (folder / "settings.toml").write_text(text)
    return Home(folder, folder)


def stop_in(folder: Path) -> StopFile:
    return StopFile(folder / "hold", lambda: WALL_MS)


def test_nothing_set_up_is_nothing(tmp_path: Path) -> None:
    """No output, no button, nobody to tell; and no folder is made for them."""
    real = own_outputs(home_with(tmp_path, ""), Settings(), stop_in(tmp_path))
    assert (dict(real.nudgers), real.beside, real.tell) == ({}, (), None)
    assert outputs_off(Home(tmp_path, tmp_path)) == ()
    assert not (tmp_path / "own").exists()


def test_a_lamp_is_an_output_and_can_go_out(tmp_path: Path) -> None:
    """Only if that was chosen for a lost signal."""
    home = home_with(tmp_path, LAMP)
    chosen = Settings(on_signal_lost=OnSignalLost.LAMP)
    assert set(own_outputs(home, chosen, stop_in(tmp_path)).nudgers) == {Output.LIGHT}
    assert own_outputs(home, chosen, stop_in(tmp_path)).tell is not None
    assert own_outputs(home, Settings(), stop_in(tmp_path)).tell is None


def test_whether_a_person_may_be_told_is_asked_when_they_would_be(tmp_path: Path) -> None:
    """An address may come during a night, and an invitation end: `tests/unit/test_app_person.py`."""
    home = home_with(tmp_path, "")
    real = own_outputs(home, Settings(on_signal_lost=OnSignalLost.PERSON), stop_in(tmp_path))
    assert real.tell is not None
    asyncio.run(real.tell())
    assert not (home.shelf(Shelf.OWN) / DOORS_NAME).exists()  # nobody to tell, and nothing was made for it


def test_a_broker_brings_a_button_that_stops(tmp_path: Path) -> None:
    """It presses the same stop as everything else, for the night of the press and not that in which it began."""
    wall = [WALL_MS]
    stop = StopFile(tmp_path / "hold", lambda: wall[0])
    (listen,) = own_outputs(home_with(tmp_path, BROKER), Settings(), stop).beside
    button = listen.__self__  # type: ignore[attr-defined]  # the method of a StopButton
    wall[0] += 20 * 3_600_000
    button._pressed()
    hold = read_hold(tmp_path / "hold").hold
    assert hold is not None
    assert hold.until_wall_ms == for_the_night_ms(wall[0])
    assert stop.stands()
