"""Keeping the answers of the first evening, for terminal and page; and whether tonight is only watched."""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.app.config import read_settings
from vigil.app.home import Home, Shelf
from vigil.app.settings_writer import write_settings
from vigil.app.setup_file import write_answers
from vigil.app.tonight import Tonight, kept_nights
from vigil.app.wiring import packaged_parameters, reading
from vigil.domain.errors import SettingsError, VigilError
from vigil.domain.records import Mode
from vigil.domain.settings import Settings
from vigil.interview.consequences import SETTINGS_OF, consequences
from vigil.interview.interview import Interview


@dataclass
class Keeping:
    """Keeps answers and the settings that follow from them; what it could not do with settings is said at the end."""

    home: Home
    last: Interview
    trouble: list[str] = field(default_factory=list)

    def __call__(self, interview: Interview, question: str) -> None:
        """See `setup_prompt.Keep`. Raises OSError where the answers themselves cannot be kept."""
        write_answers(self.home.setup_file, interview)
        self.last = interview
        keys = SETTINGS_OF.get(question, ())
        changes = {key: value for key, value in consequences(interview.answers).settings if key in keys}
        try:
            write_settings(self.home.settings_file, changes)
        except SettingsError as error:
            self.trouble = [str(error)]


def only_watches(home: Home, shelf: Shelf) -> bool:
    """Whether tonight is only watched, as far as the nights that are kept say; False where that cannot be known."""
    try:
        with reading(home, (shelf,)) as opened:
            nights = kept_nights(opened[0], packaged_parameters()).nights if opened else ()
        plan = Tonight.of(nights, packaged_parameters(), Settings()).plan
        return plan.mode is Mode.WATCH_ONLY or not read_settings(home.settings_file).nudging
    except VigilError:
        return False
