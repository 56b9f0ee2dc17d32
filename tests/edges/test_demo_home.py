"""The home of the invented sleeper, beside its nights (those are in `test_serve.py`)."""

from __future__ import annotations

from pathlib import Path

from vigil.app import demo_home
from vigil.app.config import read_settings
from vigil.app.home import Home, Shelf
from vigil.app.live_view import NoView
from vigil.app.simulated_night import INVENTED_WALL_MS, Script, lights_out, live
from vigil.app.standing import standing
from vigil.app.wiring import population_outfit, writing
from vigil.domain.settings import Room
from vigil.night.report import NightReport
from vigil.run.ports import VirtualClock
from vigil.store.live_state import LIVE_NAME


def test_the_invented_sleeper_is_set_up_and_may_be_nudged() -> None:
    """The page of settings said "not set up yet, so I only watch" beside nights that were nudged."""
    home = demo_home.demo_home(Home.here())
    demo_home.introduce(home)
    known = standing(home)
    assert not known.watch_only
    assert read_settings(home.settings_file).room is Room.ALONE
    home.setup_file.write_text("changed by a visitor", encoding="utf-8")
    demo_home.introduce(home)
    assert home.setup_file.read_text(encoding="utf-8") == "changed by a visitor"


def test_a_night_that_nobody_looks_at_is_the_same_night(tmp_path: Path) -> None:
    """The nights before this one are lived in folders that nobody opens: nothing is told there, and nothing differs."""

    def lived(folder: Path, *, alone: bool) -> NightReport:
        script, outfit = Script(1, "strong", 0.5), population_outfit()
        began = lights_out(script, outfit, wall_ms=INVENTED_WALL_MS, zone_min=0, name="one")
        with writing(Home(folder, folder), Shelf.OWN) as shelf:
            return live(script, began, outfit, shelf.database, VirtualClock(), NoView(), alone=alone).report

    assert lived(tmp_path / "seen", alone=False) == lived(tmp_path / "alone", alone=True)
    assert [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob(LIVE_NAME)] == ["seen"]
