"""What is looked at before the light goes out, for the page: one line each, with what to do where it is not well.

To look changes nothing and asks nothing of radio, loudspeaker or lamp: what only trying tells is not called well
before somebody tried (`bedside_tried.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vigil.app import doctor
from vigil.app.arming import safe_settings
from vigil.app.finding import Finding, State
from vigil.app.home import Home, Shelf
from vigil.app.how_it_stands import NightStanding
from vigil.app.outputs import read_choices
from vigil.app.standing import standing
from vigil.app.wearables_file import Wearables, read_wearables
from vigil.domain.errors import InputError
from vigil.domain.requests import Output
from vigil.interview.consequences import Known
from vigil.night.account_events import LOW_PERCENT
from vigil.store.live_state import LIVE_NAME, Link, LiveState, read

TRY_IT = "press the button below, which asks it"

NO_OUTPUT = "no output answers, so tonight Vigil can watch and not nudge"
"""Reliability F10."""

CHARGE = "charge it, or change its battery; it may not last until morning"

OUTPUT_WORDS = {Output.VIBRATION: "a buzz on the wrist", Output.SOUND: "a soft sound", Output.LIGHT: "a faint light"}

_SETTINGS = "the page of settings, under More, says what is wrong with them"

_ORDER = (State.OK, State.ATTENTION, State.WRONG)


def looked(home: Home, shelf: Shelf, stands: NightStanding, trusted: str, now: str) -> list[Finding]:
    """Sensor, output, disk, power, clock, trusted person, in this order; never raises.

    trusted: who follows, "" for nobody. now: the day and the time in the reader's own way of writing them.
    """
    return [
        _sensor(home, shelf, stands),
        _output(home, shelf, stands),
        doctor.room(home)[1],
        _power(home),
        _clock(home, now),
        _trusted(trusted),
    ]


def wearables_of(home: Home) -> Wearables | InputError:
    """The paired wearables, or why they cannot be read."""
    try:
        return read_wearables(home)
    except InputError as error:
        return error


def _sensor(home: Home, shelf: Shelf, stands: NightStanding) -> Finding:
    if shelf is not Shelf.OWN:
        return Finding("sensor", State.OK, "an invented wearable, on an invented sleeper")
    wearables = wearables_of(home)
    if isinstance(wearables, InputError):
        return Finding("sensor", State.WRONG, str(wearables), "pair it anew, by day")
    if wearables.sensor is None:
        says = "no wearable is paired, so nothing can be watched"
        return Finding("sensor", State.ATTENTION, says, "pair one, by day")
    name, live = wearables.sensor.name, stands.live
    charge = last_charge(home, shelf, stands)
    if live is not None and live.link is not Link.HEARD:
        return Finding("sensor", State.ATTENTION, f"{name} is not heard just now", "see that it is worn and near")
    radio = next(iter(doctor.bluetooth(home)))
    if live is None and radio.state is not State.OK:
        return replace(radio, name="sensor")
    return charged(charge, Finding("sensor", State.UNASKED if live is None else State.OK, name, _todo(live)))


def _todo(live: LiveState | None) -> str:
    return TRY_IT if live is None else ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a wearable told of its battery. age_ms: how long ago."""

    percent: int
    age_ms: int = 0

    @property
    def words(self) -> str:
        """As a clause, with its age if that is more than a few minutes."""
        minutes = self.age_ms // 60_000
        for most, length, unit in ((5, 0, ""), (90, 1, "minutes"), (48 * 60, 60, "hours")):
            if minutes < most:
                return f"battery {self.percent} %" + (f", told {minutes // length} {unit} ago" if length else "")
        return f"battery {self.percent} %, told {minutes // 1440} days ago"


def last_charge(home: Home, shelf: Shelf, stands: NightStanding) -> Charge | None:
    """What the night that is watched, or was watched last, told of the battery."""
    told = read(home.shelf(shelf) / LIVE_NAME)
    if told is None or told.battery_percent is None:
        return None
    return Charge(told.battery_percent, max(0, stands.now_wall_ms - told.now_wall_ms))


def charged(charge: Charge | None, found: Finding) -> Finding:
    """The same with what is known of the battery, and with what to do where that may not last (reliability F23)."""
    if charge is None:
        return found
    found = replace(found, says=f"{found.says}, {charge.words}")
    low = charge.percent <= LOW_PERCENT
    return replace(found, state=State.ATTENTION, todo=CHARGE) if low else found


def _output(home: Home, shelf: Shelf, stands: NightStanding) -> Finding:
    """What could nudge tonight: as the night that is watched has it, else as it is set up."""
    usable = usable_outputs(home, shelf)
    if isinstance(usable, Finding):
        return usable
    if stands.live is not None:
        return _of_the_night(stands.live)
    return Finding("output", State.UNASKED, ", ".join(usable.values()), TRY_IT)


def _of_the_night(live: LiveState) -> Finding:
    there, not_there = ([OUTPUT_WORDS[one] for one, ok in live.outputs if ok is which] for which in (True, False))
    if not there:
        return Finding("output", State.WRONG, NO_OUTPUT, "see what it is by day, where it is chosen")
    if not_there:
        says = f"{', '.join(there)}; not to be used: {', '.join(not_there)}"
        return Finding("output", State.ATTENTION, says, "see what it is by day, where it is chosen")
    return Finding("output", State.OK, ", ".join(there))


def usable_outputs(home: Home, shelf: Shelf) -> Finding | Mapping[Output, str]:
    """What is set up and may be used tonight, in words, by settings and first evening; a finding where that is none."""
    chosen, unreadable = safe_settings(home.settings_file)
    if unreadable:
        return Finding("output", State.WRONG, unreadable[0].rstrip("."), _SETTINGS)
    if shelf is not Shelf.OWN:
        return Finding("output", State.OK, "an invented buzz on the wrist")
    known = standing(home)
    if known.known is not Known.NOTHING and known.watch_only:
        return Finding("output", State.OK, "none: Vigil only watches, as follows from the first evening")
    if not chosen.nudging:
        return Finding("output", State.OK, "none: nudging is off in your settings")
    may = chosen.outputs if known.known is Known.NOTHING else known.outputs  # as the night has it (`standing.as_said`)
    wanted = {one: words for one, words in _there(home) if one in chosen.outputs and one in may}
    usable = {one: words for one, words in wanted.items() if one in chosen.usable_outputs}
    if usable:
        return usable
    if wanted:
        says = f"{', '.join(wanted.values())}: not used until it is said who shares the room"
        return Finding("output", State.ATTENTION, says, "say it among the settings, under More")
    todo = "pair a watch that vibrates, or set up a sound or a lamp"
    return Finding("output", State.ATTENTION, "nothing that may be used is there, so no nudge can reach you", todo)


def _there(home: Home) -> Iterator[tuple[Output, str]]:
    """What is set up, whether or not it may be used; never raises."""
    wearables, choices = wearables_of(home), read_choices(home.settings_file)
    if isinstance(wearables, Wearables) and wearables.vibration is not None:
        yield Output.VIBRATION, f"a buzz of {wearables.vibration.name}"
    for output in choices.outputs:
        yield output, OUTPUT_WORDS[output]


def _power(home: Home) -> Finding:
    """The computer's battery, or that there is none to run down."""
    found = replace(next(iter(doctor.battery(home))), name="power")
    return replace(found, says="from the socket; no battery is known of") if found.says == doctor.NO_BATTERY else found


def _clock(home: Home, now: str) -> Finding:
    """The worst of what is known of the clocks; the first of equals, which is the time itself."""
    clocks = [one for one in doctor.clocks(home) if one.name != "boot clock"]
    found = max(clocks, key=lambda one: _ORDER.index(one.state))
    says = found.says if found.name != "wall clock" else now if found.state is State.OK else f"{now}, which cannot be"
    return replace(found, name="clock", says=says)


def _trusted(name: str) -> Finding:
    if not name:
        return Finding("trusted", State.OK, "nobody follows this night; that is not needed")
    return Finding("trusted", State.OK, f"{name} may be asked to call")
