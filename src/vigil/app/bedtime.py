"""What is said at bedtime of things that went wrong before, and what the night itself must know of them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from vigil.app.home import Home
from vigil.app.loss_words import loss_words
from vigil.app.outputs import read_choices
from vigil.app.stayed_down import clear_down, read_down
from vigil.app.wiring import OpenShelf
from vigil.domain.settings import OnSignalLost, Settings
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.store.quarantine import Opened


def troubles_found(opened: Opened, folder: Path, *, goes_on: bool) -> tuple[Trouble, ...]:
    """For the night; that Vigil stayed down is of a night only if that night is gone on with."""
    down = read_down(folder) if goes_on else None
    damaged = () if opened.quarantined is None else (Trouble(0, TroubleKind.STORE_DAMAGED),)
    return damaged if down is None else (*damaged, Trouble(0, TroubleKind.HOUSE_DOWN, down.restarts))


def bedtime_words(home: Home, shelf: OpenShelf, opened: Opened) -> tuple[str, ...]:
    """A damaged store, what can be done after a loss, that Vigil stayed down."""
    down = read_down(home.shelf(shelf.shelf))
    return tuple(
        words for words in (opened.why, *loss_words(home, shelf)[1:], "" if down is None else down.words) if words
    )


def down_was_said(home: Home, shelf: OpenShelf, *, goes_on: bool, to_somebody: bool) -> None:
    """It is said once: at bedtime if somebody sits there, else by the night's account, else in the morning."""
    if goes_on or to_somebody:
        clear_down(home.shelf(shelf.shelf))


def lost_words(settings_file: Path, chosen: Settings, *, real: bool) -> str:
    """Why what was chosen for a lost signal cannot work tonight; nothing where it can, or nothing was chosen.

    real: whether the person's own outputs are used.
    """
    if chosen.on_signal_lost is OnSignalLost.MORNING:
        return ""
    choices = read_choices(settings_file)
    why = _why_not(chosen.on_signal_lost, person=choices.person is not None, lamp=choices.lamp is not None, real=real)
    return f"If the signal is lost tonight, that is left to the morning: {why}." if why else ""


def _why_not(chosen: OnSignalLost, *, person: bool, lamp: bool, real: bool) -> str:
    if chosen is OnSignalLost.PERSON and not person:
        return "no address of your person is in the settings file; a table [person] says it, see docs/data.md"
    if chosen is OnSignalLost.PERSON and find_spec("apprise") is None:
        return "to tell your person one more package is needed: pip install 'vigil[notify]'"
    if chosen is OnSignalLost.LAMP and not lamp:
        return "no lamp was chosen; a table [light] in the settings file says which, see docs/data.md"
    return "" if real else "your own lamp and your person are only reached with --real-outputs"
