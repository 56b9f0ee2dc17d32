"""Somebody awake tries the outputs: what is set up is held by this program alone, one step given after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

from vigil.app.arming import HOLD_NAME
from vigil.app.home import Home, Shelf
from vigil.app.outputs import nudgers_of, read_choices
from vigil.app.real_outputs import outputs_lock
from vigil.app.trying import PAUSE_S, Trial, Tried
from vigil.app.wearables_file import Paired, read_wearables
from vigil.app.wiring import OUTPUTS_NAME, OpenShelf, writing
from vigil.domain.errors import SettingsError
from vigil.domain.records import Restarted
from vigil.domain.requests import Output
from vigil.domain.settings import Settings
from vigil.domain.steps import LADDERS, Step
from vigil.run.axis import ProvenWall
from vigil.run.boot_id import boot_id
from vigil.run.desk import Desk
from vigil.run.noticing import StopFile
from vigil.run.ports import Nudger, WallClock
from vigil.run.wall_time import synchronised
from vigil.store.ledger import LedgerStore, Now

NOT_YET = {
    Output.VIBRATION: "No wearable that vibrates is paired. To pair one: vigil pair",
    Output.SOUND: "No loudspeaker was chosen. To see what can be checked here: vigil test-nudge --find",
    Output.LIGHT: "No lamp was chosen: a table [light] in the settings file says which, see docs/data.md.",
}
"""What to say where an output was not set up."""


@dataclass
class TrySitting:
    """One round of trying. names: what is there, in the order of `Output`. wrong: why one of it cannot be used now."""

    names: Mapping[Output, str]
    wrong: Mapping[Output, str]
    settings: Settings
    _trial: Trial
    _clock: WallClock
    _wall: ProvenWall
    _latest: Output | None = None
    _ended_s: float | None = field(default=None)

    def steps(self, output: Output) -> tuple[Step, ...]:
        """Its steps, lowest first, as high as the person chose."""
        return LADDERS[output][: self.settings.top_level]

    def give(self, output: Output, step: Step) -> Tried:
        """One step, to its end; after the pause there must be between two.

        The lowest step, and another output than before, begin a round of their own: the guard lets nobody start
        higher. Raises StoreError if it could not be written down, and then it is not given.
        """
        if output is not self._latest or step.level == 1:
            self._trial.next_output()
            self._latest = output
        if self._ended_s is not None:
            time.sleep(max(0.0, self._ended_s + PAUSE_S - time.monotonic()))
        tried = self._trial.give(output, step, self._clock.boot_ns, self._wall.wall_ms)
        self._ended_s = time.monotonic()
        return tried


def outputs_there(home: Home, wanted: Collection[Output]) -> tuple[Output, ...]:
    """Which of these outputs are set up. Raises InputError where the wearables cannot be read."""
    found = set(read_choices(home.settings_file).outputs)
    if Output.VIBRATION in wanted and read_wearables(home).vibration is not None:
        found.add(Output.VIBRATION)
    return tuple(one for one in Output if one in found and one in wanted)


@contextmanager
def trying(
    home: Home, shelf: Shelf, outputs: Collection[Output], settings: Settings, say: Callable[[str], None]
) -> Iterator[TrySitting]:
    """Hold these outputs, which are set up, until the end; a wearable is connected for as long.

    Raises BusyError while a night is watched or another program uses them, StoreError, SettingsError.
    """
    clock, here = WallClock(), boot_id()
    with ExitStack() as held:
        held.enter_context(outputs_lock(home))
        opened = held.enter_context(writing(home, shelf))
        stop = StopFile(home.shelf(shelf) / HOLD_NAME, clock.wall_ms)
        nudgers = _held(home, outputs, stop, say, held)
        wall = ProvenWall(clock, synchronised)
        wall.notices(clock.boot_ns())
        desk = Desk(nudgers, clock.boot_ns, stop.stands)
        trial = _trial(desk, opened, clock, here, settings)
        for left in desk.open():
            say(left)
        try:
            if stop.stands():
                trial.hold(clock.boot_ns())
            wrong = {probed.output: probed.why for probed in desk.probe() if not probed.ok}
            names = {output: nudger.name for output, nudger in nudgers.items()}
            yield TrySitting(names, wrong, settings, trial, clock, wall)
        finally:
            for left in desk.close():
                say(left)


def _held(
    home: Home, outputs: Collection[Output], stop: StopFile, say: Callable[[str], None], held: ExitStack
) -> dict[Output, Nudger]:
    found = nudgers_of(read_choices(home.settings_file), home.shelf(Shelf.OWN) / OUTPUTS_NAME)
    worn = read_wearables(home).vibration if Output.VIBRATION in outputs else None
    if worn is not None:
        found[Output.VIBRATION] = held.enter_context(_worn(worn, stop, say))
    return {one: found[one] for one in Output if one in found and one in outputs}


def _worn(paired: Paired, stop: StopFile, say: Callable[[str], None]) -> AbstractContextManager[Nudger]:
    """The paired wearable that vibrates; raises SettingsError where Bluetooth support was not installed."""
    try:
        from vigil.app.wearable_output import worn_output  # noqa: PLC0415 — bleak takes a second to import
    except ImportError as error:
        message = "Bluetooth support is not installed; nothing was tried"
        raise SettingsError(message) from error
    return worn_output(paired, stop, say)


def _trial(desk: Desk, opened: OpenShelf, clock: WallClock, here: str, settings: Settings) -> Trial:
    ledger = LedgerStore(opened.database)
    spent = ledger.recent(now=Now(here, clock.boot_ns()))
    name = f"tried {time.strftime('%Y-%m-%d %H:%M:%S')}"
    return Trial(desk, ledger, Restarted(clock.boot_ns(), here, ledger=spent), settings, name)
