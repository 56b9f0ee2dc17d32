"""vigil pair."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import typer
from rich.console import Console

from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.home import Home
from vigil.app.pairing import (
    TRY_S,
    Near,
    OtherFamilyError,
    OwnRadio,
    Radio,
    Trial,
    heard_words,
    near_json,
    sorted_out,
)
from vigil.app.pairing_room import NO_SENSOR, ROLES, USE_WORDS, Use, no_night, replaced_words, uses_of
from vigil.app.pairing_room import forget as forget_pairing
from vigil.app.wearables_file import Paired, Role, Wearables, is_address, read_wearables, with_pair, write_wearables
from vigil.devices.catalogue import known
from vigil.domain.errors import DeviceError, InputError

app = single()

FORMAT = "vigil-pair"
VERSION = 1

NOBODY = (
    "Nothing that Vigil knows was heard. Put the wearable on and wake it, end the phone app that holds it (most are "
    "heard by one at a time), come closer, and try again. What Vigil knows: vigil devices --known"
)
NO_RADIO = "nothing was paired; switch Bluetooth on or plug an adapter in, and try again; vigil doctor looks closer"
NO_HEART = (
    "No heart rate came, so nothing was paired. Put it on skin, a strap's electrodes moist, and try again; to pair it "
    "without a try: --untested"
)


def own_radio() -> Radio:
    """This computer's Bluetooth; tests put another in its place."""
    return OwnRadio()


@dataclass(slots=True)
class _Sitting:
    """One round of pairing, and what came of it."""

    console: Console
    near: tuple[Near, ...] = ()
    others: int = 0
    trial: Trial | None = None
    paired: Paired | None = None
    asked: bool = field(default=False)

    def say(self, text: str) -> None:
        terminal.say(self.console, text)

    def ask(self, question: str) -> str | None:
        """What was typed, None where nobody answers."""
        self.console.print(f"  {question}: ", end="", markup=False, soft_wrap=True)
        self.asked = True
        typed = sys.stdin.readline()
        return typed.strip().lower() if typed else None


@app.command("pair", epilog="Example: vigil pair --seconds 20")
def pair(
    address: Annotated[str | None, typer.Option("--address", help="Take the device of this address.")] = None,
    use: Annotated[Use | None, typer.Option("--role", help="What it is for; otherwise it is asked.")] = None,
    seconds: Annotated[int, typer.Option("--seconds", min=2, max=120, help="Listen around for so long.")] = 10,
    untested: Annotated[bool, typer.Option("--untested", help="Do not connect to it first.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget what is paired; with --address only that one. Nights stay.")
    ] = False,
    json_to: JsonTo = None,
) -> None:
    """Say which wearable is yours: what is heard nearby, what it is for, and whether a heart rate comes.

    Only what you choose is paired. It does not vibrate here: vigil test-nudge tries that, from the softest step up.
    """
    home, sitting = Home.here(), _Sitting(terminal.words(json_to))
    if address is not None and not is_address(address):
        message = "--address must be letters, digits, colons, dots or dashes; nothing was changed"
        raise InputError(message)
    no_night(home)
    if forget:
        sitting.say(forget_pairing(home, address))
    else:
        before = read_wearables(home)
        chosen = _near(own_radio(), sitting, seconds, address)
        if chosen is not None:
            _pair(home, before, chosen, use, sitting, untested=untested)
    if json_to is not None:
        terminal.write_json(_plain(sitting), json_to)
    if not forget and sitting.paired is None:
        raise typer.Exit(1)


def _near(radio: Radio, sitting: _Sitting, seconds: int, address: str | None) -> Near | None:
    """The device that was chosen, by address or by number; raises DeviceError where there is no Bluetooth."""
    for words in known().refused:
        sitting.say(f"Note: {words}")
    sitting.say(f"Listening for {seconds} s.")
    try:
        sitting.near, sitting.others = sorted_out(radio.scan(seconds))
    except DeviceError as error:
        message = f"{error}; {NO_RADIO}"
        raise DeviceError(message) from error
    if address is not None:
        return _of_address(sitting, address)
    if not sitting.near:
        sitting.say(NOBODY)
        return None
    for number, near in enumerate(sitting.near, 1):
        sitting.say(f"{number}  {near.name}, {near.address}: {near.family.name}; {heard_words(near)}")
    if sitting.others:
        sitting.say(f"Heard beside them, and not known to Vigil: {sitting.others}.")
    typed = sitting.ask("Which one is yours? Its number, or Enter for none")
    with suppress(ValueError):
        number = int(typed or "0")
        if 1 <= number <= len(sitting.near):
            return sitting.near[number - 1]
    sitting.say("Nothing was paired.")
    return None


def _of_address(sitting: _Sitting, address: str) -> Near | None:
    for near in sitting.near:
        if near.address.upper() == address.upper():
            return near
    sitting.say(f"{address} was not heard as anything that Vigil knows; nothing was paired. {NOBODY}")
    return None


def _pair(home: Home, before: Wearables, near: Near, use: Use | None, sitting: _Sitting, *, untested: bool) -> None:
    """Ask what it is for, try it, and keep it; `sitting.paired` stays None where it was not kept."""
    sitting.say(f"{near.family.name}: {near.family.caution}")
    chosen = _use(near, use, sitting)
    if chosen is None:
        return
    paired = Paired(near.family.key, near.address, near.name, ROLES[chosen])
    after = with_pair(before, paired)
    if after.sensor is None:
        sitting.say(NO_SENSOR)
        return
    replaced = replaced_words(before, paired)
    for words in replaced:
        sitting.say(words)
    if replaced and sitting.asked and sitting.ask("Enter to go on, n to leave it as it is") != "":
        sitting.say("Nothing was changed.")
        return
    try:
        if not untested and not _try(own_radio(), near, sitting, needs_heart=Role.SENSOR in paired.roles):
            return
    except OtherFamilyError as other:
        sitting.say(f"Connected, and {other}. It is taken for that.")
        _pair(home, before, replace(near, family=other.family), None, sitting, untested=untested)
        return
    write_wearables(home, after)
    sitting.paired = paired
    sitting.say(f"Paired: {near.name}, {USE_WORDS[chosen]}.")
    if Role.VIBRATION in paired.roles:
        sitting.say("To feel its softest step, awake: vigil test-nudge --output vibration")


def _use(near: Near, use: Use | None, sitting: _Sitting) -> Use | None:
    """What it is for: as said, as the only thing it can, or as asked."""
    offered = uses_of(near)
    if use is not None and use not in offered:
        sitting.say(f"It cannot be used {USE_WORDS[use]}; nothing was paired.")
        return None
    if use is not None or len(offered) == 1:
        return use or offered[0]
    listed = ", ".join(f"{number} {USE_WORDS[one]}" for number, one in enumerate(offered, 1))
    typed = sitting.ask(f"What is it for? {listed}; Enter for 1")
    words = {str(number): one for number, one in enumerate(offered, 1)} | {"": offered[0]}
    if typed is None or typed not in words:
        sitting.say("Nothing was paired.")
        return None
    return words[typed]


def _try(radio: Radio, near: Near, sitting: _Sitting, *, needs_heart: bool) -> bool:
    """Whether it can be connected and, as a sensor, tells a heart rate; what it tells is shown."""
    sitting.trial = trial = Trial(lambda bpm: sitting.say(f"Heart rate {bpm:.0f}."))
    sitting.say(f"Connecting, and listening for up to {TRY_S:.0f} s. Sit still.")
    try:
        radio.listen(near, TRY_S if needs_heart else 1.0, trial.hear)
    except OtherFamilyError:
        raise
    except DeviceError as error:
        sitting.say(f"It did not work: {error}; nothing was paired. Come closer, wake it, and try again.")
        return False
    if trial.worn is False:
        sitting.say("It says that it is not worn.")
    if trial.battery_percent is not None:
        sitting.say(f"Its battery is at {trial.battery_percent} %.")
    if needs_heart and not trial.heart_came:
        sitting.say(NO_HEART)
        return False
    return True


def _plain(sitting: _Sitting) -> dict[str, Any]:
    trial, paired = sitting.trial, sitting.paired
    return {
        "format": FORMAT,
        "version": VERSION,
        "near": [near_json(one) for one in sitting.near],
        "others": sitting.others,
        "tried": None
        if trial is None
        else {
            "heart_rates_bpm": trial.rates,
            "beats": len(trial.beats),
            "worn": trial.worn,
            "battery_percent": trial.battery_percent,
        },
        "paired": None if paired is None else paired_json(paired),
    }


def paired_json(paired: Paired) -> dict[str, Any]:
    """A wearable that is paired, as JSON."""
    roles = [role.value for role in Role if role in paired.roles]
    return {"family": paired.key, "address": paired.address, "name": paired.name, "roles": roles}
