"""What is said at bedtime of things that went wrong before, and what the night itself must know of them."""

from __future__ import annotations

from pathlib import Path

from vigil.app.arming import safe_settings
from vigil.app.finding import Finding, State
from vigil.app.home import Home, Shelf
from vigil.app.loss_words import loss_words
from vigil.app.outputs import read_choices
from vigil.app.person import AWAY, person_of, wall_now_ms
from vigil.app.stayed_down import clear_down, read_down
from vigil.app.wiring import OpenShelf
from vigil.domain.errors import StoreError
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


def lost_words(home: Home, chosen: Settings, *, real: bool, now_ms: int | None = None) -> str:
    """Why what was chosen for a lost signal cannot work tonight; nothing where it can, or nothing was chosen.

    real: whether the person's own outputs are used. now_ms: UTC in ms since 1970; None for the computer's own.
    """
    why = _why_not(home, chosen.on_signal_lost, wall_now_ms() if now_ms is None else now_ms)
    if not why and not real and chosen.on_signal_lost is not OnSignalLost.MORNING:
        why = "your own lamp and your person are only reached with --real-outputs"
    return f"If the signal is lost tonight, that is left to the morning: {why}." if why else ""


def lost_finding(home: Home, shelf: Shelf, now_ms: int) -> list[Finding]:
    """The same for the page, as a line with where to go; none where there is nothing to say."""
    chosen, _ = safe_settings(home.settings_file)
    says = lost_words(home, chosen, real=True, now_ms=now_ms) if shelf is Shelf.OWN else ""
    if not says:
        return []
    name = "no_lamp" if chosen.on_signal_lost is OnSignalLost.LAMP else "nobody_told"
    return [Finding(name, State.OK if AWAY in says else State.ATTENTION, says)]


def _why_not(home: Home, chosen: OnSignalLost, now_ms: int) -> str:
    if chosen is OnSignalLost.LAMP and read_choices(home.settings_file).lamp is None:
        return "no lamp was chosen; it is chosen by [light] in settings.toml"
    if chosen is not OnSignalLost.PERSON:
        return ""
    try:
        return person_of(home, now_ms).why_not
    except StoreError as error:
        return str(error)
