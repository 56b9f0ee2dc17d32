"""Where Vigil keeps things: one folder for each store, one file of settings; `VIGIL_HOME` moves all of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import platformdirs


class Shelf(Enum):
    """The stores. Simulated and shadow nights never touch the person's own (DESIGN section 7)."""

    OWN = "own"
    REPLAY = "replay"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of this person's Vigil."""

    data: Path
    config: Path

    @classmethod
    def here(cls) -> Home:
        """As `VIGIL_HOME` says, else the platform's own folders for data and for settings."""
        moved = os.environ.get("VIGIL_HOME")
        if moved:
            folder = Path(moved).expanduser().absolute()
            return cls(folder, folder)
        return cls(
            platformdirs.user_data_path("vigil", appauthor=False),
            platformdirs.user_config_path("vigil", appauthor=False),
        )

    def shelf(self, shelf: Shelf) -> Path:
        """The folder of one store."""
        return self.data / shelf.value

    def database(self, shelf: Shelf) -> Path:
        """The database of one store."""
        return self.shelf(shelf) / "vigil.db"

    def pictures(self, shelf: Shelf) -> Path:
        """Where pictures of a store's nights go unless the person says otherwise."""
        return self.shelf(shelf) / "pictures"

    @property
    def settings_file(self) -> Path:
        """The file of settings; it need not exist."""
        return self.config / "settings.toml"

    @property
    def setup_file(self) -> Path:
        """The answers of the first evening; it need not exist."""
        return self.config / "setup.json"

    @property
    def help_file(self) -> Path:
        """Which numbers of the help were found wrong; it need not exist."""
        return self.config / "help.json"

    @property
    def evening_file(self) -> Path:
        """What was said about this evening; it need not exist."""
        return self.config / "evening.json"
