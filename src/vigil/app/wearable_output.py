"""The paired wearable that vibrates, as an output to be tried by day: connected for as long as the trying lasts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random

from vigil.app.wearable_bed import paired_family
from vigil.app.wearables_file import Paired
from vigil.devices.nudgers.vibration import VibrationNudger
from vigil.domain.errors import StoreError
from vigil.domain.records import Mark, Marked
from vigil.run.link_table import State
from vigil.run.noticing import StopFile
from vigil.run.ports import WallClock
from vigil.run.radio import RadioBuzzer, RadioThread
from vigil.run.wearable import Said, Wearable

WAIT_S = 30.0
"""How long the wearable is waited for: one that is there is found within half a minute (`run/link_table.py`)."""

ASK_S = 0.1


@contextmanager
def worn_output(paired: Paired, stop: StopFile, say: Callable[[str], None]) -> Iterator[VibrationNudger]:
    """The wearable that vibrates, looked for and waited for; let go at the end.

    One that is not there in time is handed over all the same: asked, it says that it is out of reach. A stop that is
    pressed on it is a stop. Raises SettingsError for a wearable that nothing here knows any more.
    """

    def hear(said: Said) -> None:
        if isinstance(said, Marked) and said.mark is Mark.STOP:
            with suppress(StoreError):  # then it holds for as long as this process runs
                stop.press_for_the_night()

    codec, boot_ns = paired_family(paired).codec, WallClock().boot_ns
    worn = Wearable(paired.address, codec, hear, boot_ns, asyncio.Lock(), Random(time.time_ns()))
    thread = RadioThread(lambda _loop: [worn])
    thread.open()
    try:
        say(f"Looking for {paired.name}.")
        until = time.monotonic() + WAIT_S
        while worn.state is not State.LISTENING and time.monotonic() < until:
            time.sleep(ASK_S)
        if worn.state is not State.LISTENING:
            say(f"{paired.name} is not there: {worn.why or 'nothing was heard of it'}.")
        yield VibrationNudger(RadioBuzzer(paired.name, worn, thread.loop))
    finally:
        thread.close()
