"""What only trying tells before the light goes out: what answers, and what the sensor's battery holds.

The wearables are listened for, the sensor is connected and let go, loudspeaker and lamp are asked whether they can be
used, and the computer whether it can be kept awake. Nothing vibrates, sounds or is lit, and every step has its limit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vigil.app import doctor
from vigil.app.bedside import NO_OUTPUT, Charge, charged, last_charge, usable_outputs, wearables_of
from vigil.app.finding import Finding, State
from vigil.app.home import Home, Shelf
from vigil.app.how_it_stands import NightStanding
from vigil.app.pairing import Near, OwnRadio, Radio
from vigil.app.real_outputs import Answered, ask_outputs
from vigil.app.wearables_file import Paired, Wearables
from vigil.app.wiring import BEGUN_LOCK, LOCK_NAME
from vigil.devices.catalogue import family_of
from vigil.devices.packets.contract import Heard
from vigil.domain.errors import BusyError, DeviceError, StoreError
from vigil.domain.requests import Output
from vigil.domain.samples import Battery
from vigil.store.lock import holder_of

if TYPE_CHECKING:
    from vigil.devices.ble_link import Seen

LISTEN_S = 5.0
"""How long the wearables are listened for: strap and watch tell of themselves at least once a second. Our choice."""

BATTERY_S = 10.0
"""How long a connected sensor has to tell its battery; most do at once. Our choice."""

_WORN = "put it on, see that it has a battery, and that no phone is connected to it"

REMEDY = {
    Output.VIBRATION: _WORN,
    Output.SOUND: "see that the loudspeaker is there and how far it is turned up, or choose it again",
    Output.LIGHT: "see that the lamp, and what switches it, have power, or choose it again",
}
"""What to do where an output cannot be used."""

BUSY = "Vigil is busy with your nights just now, so nothing was asked"

_InTheAir = Mapping[str, "Seen"] | DeviceError
"""Who was heard, by address; or why nothing could be."""


def tried(home: Home, shelf: Shelf, stands: NightStanding) -> Iterator[Finding]:
    """One finding each; half a minute or so at the most. Nothing is tried while a night is watched.

    While one gets ready no wearable is: to let it go would take it from the night as well.
    """
    if stands.watching:
        return
    yield from doctor.awake(home)
    if shelf is not Shelf.OWN:
        return
    if any(holder_of(home.shelf(shelf) / name) for name in (LOCK_NAME, BEGUN_LOCK)):
        yield Finding("sensor", State.UNASKED, BUSY, "try again in a minute")
        return
    wearables = wearables_of(home)
    worn = wearables if isinstance(wearables, Wearables) else Wearables()
    radio = OwnRadio()
    air = _listened(radio, worn.all)
    if worn.sensor is not None:
        yield _sensor(radio, worn.sensor, air, last_charge(home, shelf, stands))
    usable = usable_outputs(home, shelf)
    if not isinstance(usable, Finding):
        yield from _outputs(home, usable, worn.vibration, air)


def _listened(radio: Radio, worn: Sequence[Paired]) -> _InTheAir:
    if not worn:
        return {}
    try:
        return {one.address.upper(): one for one in radio.scan(LISTEN_S)}
    except DeviceError as error:
        return error


def _sensor(radio: Radio, paired: Paired, air: _InTheAir, before: Charge | None) -> Finding:
    """Whether the sensor is heard and can be connected, and its battery: told now, or else last."""
    name, why = paired.name, _unheard(paired, air)
    if isinstance(air, DeviceError):
        return Finding("sensor", State.ATTENTION, why, "look whether Bluetooth is on")
    if why:
        return Finding("sensor", State.ATTENTION, why, _WORN)
    try:
        charge = _charge(radio, paired, air[paired.address.upper()]) or before
    except DeviceError as error:
        return Finding("sensor", State.ATTENTION, f"{name} is heard, and could not be connected: {error}", _WORN)
    return charged(charge, Finding("sensor", State.OK, f"{name} is heard"))


def _unheard(paired: Paired, air: _InTheAir) -> str:
    """Why a wearable is not there, "" if it is."""
    if isinstance(air, DeviceError):
        return str(air)
    there = paired.address.upper() in air
    return "" if there else f"{paired.name} was not heard within {LISTEN_S:.0f} seconds"


def _charge(radio: Radio, paired: Paired, seen: Seen) -> Charge | None:
    """What its battery holds, None if it does not say; whoever is connected to it already is left alone.

    Raises DeviceError.
    """
    family, told = family_of(paired.key), list[int]()
    if family is None or seen.held:
        return None

    def hear(said: Heard) -> bool:
        told.extend([said.percent] if isinstance(said, Battery) else [])
        return bool(told)

    radio.listen(Near(paired.address, paired.name, seen.rssi, family), BATTERY_S, hear)
    return Charge(told[-1]) if told else None


def _outputs(home: Home, usable: Collection[Output], worn: Paired | None, air: _InTheAir) -> Iterator[Finding]:
    """One finding for each that may be used; before them one that says so if none of them can be (reliability F10)."""
    answers = []
    if Output.VIBRATION in usable and worn is not None:
        answers.append(Answered(Output.VIBRATION, worn.name, _unheard(worn, air)))
    try:
        if any(one is not Output.VIBRATION for one in usable):
            answers += ask_outputs(home, usable)
    except BusyError:
        says = "loudspeaker and lamp are being used or tried just now, so they were not asked"
        yield Finding("output", State.UNASKED, says, "try again in a minute")
    except StoreError as error:
        yield Finding("output", State.UNASKED, str(error))
    else:
        if all(one.why for one in answers):
            yield Finding("output", State.WRONG, NO_OUTPUT, "see below what each of them says")
    yield from (_answer(one) for one in answers)


def _answer(one: Answered) -> Finding:
    if one.why:
        return Finding("output", State.ATTENTION, one.why, REMEDY[one.output])
    return Finding("output", State.OK, f"{one.name} answers")
