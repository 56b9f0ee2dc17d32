"""The home of the invented sleeper, beside its nights (those are in `test_serve.py`)."""

from __future__ import annotations

from vigil.app import demo_home
from vigil.app.config import read_settings
from vigil.app.home import Home
from vigil.app.standing import standing
from vigil.domain.settings import Room


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
