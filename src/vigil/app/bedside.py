"""What is looked at before the light goes out, for the page: one line each, with what to do where it is not well.

To look changes nothing and waits for no radio; `tried` also does what a look cannot: it listens for the wearable, and
asks the computer to stay awake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vigil.app import doctor
from vigil.app.arming import safe_settings
from vigil.app.finding import Finding, State
from vigil.app.home import Home, Shelf
from vigil.app.how_it_stands import NightStanding
from vigil.app.outputs import read_choices
from vigil.app.pairing import OwnRadio
from vigil.app.standing import standing
from vigil.app.wearables_file import Wearables, read_wearables
from vigil.domain.errors import DeviceError, InputError
from vigil.domain.requests import Output
from vigil.interview.consequences import Known

LISTEN_S = 5.0
"""How long the wearable is listened for: strap and watch tell of themselves at least once a second. Our choice."""

LOW_PERCENT = 20
"""A strap or watch below it may not last a night."""

_SETTINGS = "the page of settings, under More, says what is wrong with them"

_ORDER = (State.OK, State.ATTENTION, State.WRONG)


def looked(home: Home, shelf: Shelf, stands: NightStanding, trusted: str, now: str) -> list[Finding]:
    """Sensor, output, disk, power, clock, trusted person, in this order; never raises.

    trusted: who follows, "" for nobody. now: the day and the time in the reader's own way of writing them.
    """
    return [
        _sensor(home, shelf, stands),
        _output(home, shelf),
        doctor.room(home)[1],
        _power(home),
        _clock(home, now),
        _trusted(trusted),
    ]


def tried(home: Home, shelf: Shelf, stands: NightStanding) -> Iterator[Finding]:
    """What only trying tells; takes up to `LISTEN_S` and a little. Nothing is tried while a night is watched."""
    if stands.watching:
        return
    yield from doctor.awake(home)
    wearables = _wearables(home)
    if shelf is Shelf.OWN and isinstance(wearables, Wearables) and wearables.sensor is not None:
        yield _heard(wearables.sensor.address, wearables.sensor.name)


def _heard(address: str, name: str) -> Finding:
    try:
        seen = OwnRadio().scan(LISTEN_S)
    except DeviceError as error:
        return Finding("sensor", State.ATTENTION, str(error), "look whether Bluetooth is on")
    if any(one.address.upper() == address.upper() for one in seen):
        return Finding("sensor", State.OK, f"{name} is heard")
    todo = "put it on, see that it has a battery, and that no phone is connected to it"
    return Finding("sensor", State.ATTENTION, f"{name} was not heard within {LISTEN_S:.0f} seconds", todo)


def _wearables(home: Home) -> Wearables | InputError:
    try:
        return read_wearables(home)
    except InputError as error:
        return error


def _sensor(home: Home, shelf: Shelf, stands: NightStanding) -> Finding:
    if shelf is not Shelf.OWN:
        return Finding("sensor", State.OK, "an invented wearable, on an invented sleeper")
    wearables = _wearables(home)
    if isinstance(wearables, InputError):
        return Finding("sensor", State.WRONG, str(wearables), "pair it anew, by day")
    if wearables.sensor is None:
        says = "no wearable is paired, so nothing can be watched"
        return Finding("sensor", State.ATTENTION, says, "pair one, by day")
    name = wearables.sensor.name
    live = stands.live
    if live is None or live.battery_percent is None:
        radio = next(iter(doctor.bluetooth(home)))
        return Finding("sensor", State.OK, name) if radio.state is State.OK else replace(radio, name="sensor")
    words = f"{name}, battery {live.battery_percent} %"
    if live.battery_percent < LOW_PERCENT:
        return Finding("sensor", State.ATTENTION, words, "charge it, or change its battery")
    return Finding("sensor", State.OK, words)


def _output(home: Home, shelf: Shelf) -> Finding:
    """What could nudge tonight, by settings, first evening and what there is."""
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
    there = [words for output, words in _there(home) if output in chosen.outputs and output in known.outputs]
    if there:
        return Finding("output", State.OK, ", ".join(there))
    todo = "pair a watch that vibrates, or set up a sound or a lamp"
    return Finding("output", State.ATTENTION, "nothing that may be used is there, so no nudge can reach you", todo)


def _there(home: Home) -> Iterator[tuple[Output, str]]:
    wearables, choices = _wearables(home), read_choices(home.settings_file)
    if isinstance(wearables, Wearables) and wearables.vibration is not None:
        yield Output.VIBRATION, f"a buzz of {wearables.vibration.name}"
    if choices.sound is not None:
        yield Output.SOUND, "a soft sound"
    if choices.lamp is not None:
        yield Output.LIGHT, "a faint light"


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
    return Finding("trusted", State.OK, f"{name} can see what you chose, and may be asked to call")
