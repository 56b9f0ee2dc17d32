"""The person's own outputs for a running night, with what goes on beside them: a button that stops, whom to tell."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module

from vigil.app.home import Home, Shelf
from vigil.app.left_on import put_out
from vigil.app.night_outputs import Beside, RealOutputs
from vigil.app.outputs import LIT, OutputChoices, nudgers_of, read_choices
from vigil.app.person import tell_person
from vigil.app.private import private_folder
from vigil.app.wiring import LOCK_NAME, OUTPUTS_NAME
from vigil.domain.errors import BusyError, StoreError
from vigil.domain.requests import Output
from vigil.domain.settings import OnSignalLost, Settings
from vigil.run.desk import Desk
from vigil.run.noticing import StopFile
from vigil.run.ports import Nudger, boot_now_ns
from vigil.store.lock import StoreLock


def own_outputs(home: Home, chosen: Settings, stop: StopFile) -> RealOutputs:
    """What the settings file says is there; a stop by a button lasts for the night."""
    choices = read_choices(home.settings_file)
    nudgers = nudgers_of(choices, home.shelf(Shelf.OWN) / OUTPUTS_NAME)
    return RealOutputs(nudgers, _buttons(choices, stop), _teller(home, chosen, nudgers))


@dataclass(frozen=True, slots=True)
class Answered:
    """What an output said when it was asked. name: in words. why: "" if it can be used, else why not, in a clause."""

    output: Output
    name: str
    why: str


def ask_outputs(home: Home, wanted: Collection[Output]) -> list[Answered]:
    """Ask the loudspeaker and the lamp that were set up whether they can be used; nothing sounds and nothing is lit.

    What an earlier process left on is put out. Raises BusyError while another program uses them, StoreError.
    """
    with outputs_lock(home):
        made = nudgers_of(read_choices(home.settings_file), home.shelf(Shelf.OWN) / OUTPUTS_NAME)
        nudgers = {output: nudger for output, nudger in made.items() if output in wanted}
        desk = Desk(nudgers, boot_now_ns, stopped=lambda: True)
        desk.open()
        try:
            return [Answered(one.output, nudgers[one.output].name, one.why) for one in desk.probe()]
        finally:
            desk.close()


def outputs_off(home: Home) -> tuple[str, ...]:
    """Put out whatever an earlier process left on, whatever the settings say by now; what could not be, in words."""
    return put_out(read_choices(home.settings_file), home.shelf(Shelf.OWN) / OUTPUTS_NAME)


def left_before(home: Home) -> tuple[str, ...]:
    """The same before a night that uses no outputs of the person's own, unless another program is using them now."""
    if any((home.shelf(Shelf.OWN) / OUTPUTS_NAME).glob(f"{LIT}*")):
        with suppress(BusyError), outputs_lock(home):
            return outputs_off(home)
    return ()


def outputs_lock(home: Home) -> StoreLock:
    """The outputs for this program alone: two on one loudspeaker would add up. Raises BusyError, StoreError."""
    private_folder(home.data)
    return StoreLock.acquire(home.shelf(Shelf.OWN) / OUTPUTS_NAME / LOCK_NAME, time.strftime("%H:%M"))


def _buttons(choices: OutputChoices, stop: StopFile) -> tuple[Beside, ...]:
    """A broker that has a lamp has a Stop button as well."""
    if choices.lamp is None or choices.lamp.kind != "mqtt":
        return ()

    def pressed() -> None:
        with suppress(StoreError):  # then it holds for as long as this process runs
            stop.press_for_the_night()

    button = import_module("vigil.devices.nudgers.mqtt_stop").StopButton(choices.lamp.choice, pressed)
    return (button.listen,)


def _teller(home: Home, chosen: Settings, nudgers: dict[Output, Nudger]) -> Beside | None:
    """Whom to tell when the signal is lost for long; None leaves it to the morning.

    Whether a person may be told is asked when they would be: an invitation may have ended by then, or an address come.
    """
    if chosen.on_signal_lost is OnSignalLost.PERSON:
        return partial(tell_person, home)
    if chosen.on_signal_lost is OnSignalLost.LAMP:
        return getattr(nudgers.get(Output.LIGHT), "go_out", None)
    return None
