"""The night's wearables as a source of samples and as something to nudge with.

The radio runs in a thread and an event loop of its own, so that neither an engine that hangs nor a slow disk delays a
packet, and a stop that is pressed on the wrist is obeyed at once. What was heard waits, stamped with the boot clock,
until the night's next turn (`Source.due`).
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from vigil.devices.ble_link import BleLink
from vigil.devices.packets import banglejs
from vigil.devices.packets.beat_times import WAIT_NS as BEAT_WAIT_NS
from vigil.devices.packets.contract import DeviceTime, Unread
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT
from vigil.domain.errors import DeviceError
from vigil.domain.records import Event, LinkLost, LinkRegained, Mark, Marked, NightBegan, Sample
from vigil.domain.samples import AccelerationBlock, Battery, BeatInterval, HeartSample, MotionSummary
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MS
from vigil.night.account_events import LOW_PERCENT
from vigil.run.drift import Drift
from vigil.run.link_table import State
from vigil.run.ports import OutOfReachError
from vigil.run.wearable import Joined, Parted, Said, Stranger, Wearable
from vigil.signal.seconds import SecondsReducer

MOST_WAITING = 100_000
"""Records that may wait for a turn: hours of the fastest wearable. What comes beyond that is dropped, oldest first, so
that a night that hangs costs no memory."""

UNREADABLE_BPM_X10 = 0
"""What stands for a heart rate that could not be read: one that cannot be, so that it counts as such and, if there are
many, the wearable is not believed (reliability F4)."""

HEARTS = frozenset({HEART_RATE_MEASUREMENT, banglejs.HEART})
"""Where a packet that cannot be read is a heart rate that was lost. An unknown stream of movement is none: a new
firmware would make every night one that cannot be believed."""

ROW_WAIT_NS = 1_500 * NS_PER_MS
"""Movement of a second is known so much later, always: a Verity Sense sends 71 samples at 52 Hz at once (a frame of
1.4 s), and a row that comes after its turn would have to be moved next to another, which would look like a double."""

CLOSE_S = 25.0
"""How long letting go of the wearables may take: a call that hangs, and one more."""


@dataclass(slots=True)
class Inbox:
    """What was heard of the sensor and waits for the night. Safe between two threads.

    pressed: called at once, in the radio's thread, when the sleeper presses stop or says "awake". moves: whether
    movement is taken from the wearable that vibrates, because the sensor has none.
    """

    pressed: Callable[[Mark], None] = lambda _mark: None
    moves: bool = False
    _waiting: deque[Said] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, said: Said) -> None:
        """One thing that was heard."""
        with self._lock:
            self._waiting.append(said)
        if isinstance(said, Marked):
            self.pressed(said.mark)

    def beside(self, said: Said) -> None:
        """The same of a wearable that is there to vibrate.

        Its buttons, its battery once it is low, and its movement where the sensor has none.
        """
        low = isinstance(said, Battery) and said.percent <= LOW_PERCENT
        if low or isinstance(said, Marked) or (self.moves and isinstance(said, MotionSummary | AccelerationBlock)):
            self.put(said)

    def take(self) -> list[Said]:
        """Everything that waits."""
        with self._lock:
            found, self._waiting = list(self._waiting), deque(maxlen=MOST_WAITING)
        return found


class RadioSource:
    """The paired sensor as a night's source (`run.ports.Source`).

    began: lights-out, on the boot clock; of a night that begins it is when `began` is first called, which `boot_ns`
    tells. shift_ns: what the time of a night that goes on is ahead of the boot clock (`axis.py`).
    """

    def __init__(
        self,
        began: NightBegan,
        inbox: Inbox,
        shift_ns: int = 0,
        ends_ns: int | None = None,
        boot_ns: Callable[[], int] | None = None,
    ) -> None:
        self._boot_ns = boot_ns
        self._began = began
        self._inbox = inbox
        self._shift_ns = shift_ns
        self._ends_ns = ends_ns
        self._reducer = SecondsReducer()
        self._drift = Drift()
        self._ahead: list[Sample | Event] = []
        self._cut_ns = began.at_ns
        self._joined = 0
        self._linked = False

    def began(self) -> NightBegan:
        """See `Source`."""
        if self._boot_ns is not None:
            self._began, self._boot_ns = replace(self._began, at_ns=self._boot_ns()), None
            self._cut_ns = self._began.at_ns
        return self._began

    @property
    def ends_ns(self) -> int | None:
        """See `Source`; None until somebody ends the night."""
        return self._ends_ns

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        """See `Source`. Nothing comes before what was returned already: an instant that passed becomes the next one."""
        until_ns = self._began.at_ns + elapsed_ns
        for said in self._inbox.take():
            self._ahead += self._records(said)
        self._ahead.sort(key=lambda record: record.at_ns)
        ready = [record for record in self._ahead if record.at_ns <= until_ns]
        self._ahead = [record for record in self._ahead if record.at_ns > until_ns]
        first_ns, self._cut_ns = self._cut_ns + 1, max(self._cut_ns, until_ns)
        return [record if record.at_ns >= first_ns else replace(record, at_ns=first_ns) for record in ready]

    def _records(self, said: Said) -> list[Sample | Event]:
        if isinstance(said, Unread):
            lost = said.characteristic in HEARTS
            return [HeartSample(self._cut_ns + 1, UNREADABLE_BPM_X10)] if lost else []
        at_ns = said.at_ns + self._shift_ns
        match said:
            case AccelerationBlock():
                rows = self._reducer.push(replace(said, at_ns=at_ns))
                return [replace(row, at_ns=row.at_ns + ROW_WAIT_NS) for row in rows]
            case BeatInterval():
                return [replace(said, at_ns=at_ns + BEAT_WAIT_NS)]
            case DeviceTime(device_ns=device_ns):
                drifted_ms = self._drift.take(at_ns, device_ns)
                return [] if drifted_ms is None else [Trouble(at_ns, TroubleKind.BAND_CLOCK, drifted_ms)]
            case Stranger():
                return [Trouble(at_ns, TroubleKind.OTHER_BAND)]
            case Joined():
                return self._join(at_ns)
            case Parted():
                return self._part(at_ns)
            case _:
                return [replace(said, at_ns=at_ns)]

    def _join(self, at_ns: int) -> list[Sample | Event]:
        """Connected: the first time of a night nothing was lost before."""
        self._drift, self._linked = Drift(), True
        self._joined += 1
        return [LinkRegained(at_ns)] if self._joined > 1 else []

    def _part(self, at_ns: int) -> list[Sample | Event]:
        was, self._linked = self._linked, False
        return [LinkLost(at_ns)] if was else []


@dataclass(slots=True)
class RadioBuzzer:
    """A wearable that vibrates, as `devices.nudgers.vibration.Buzzer`: asked from the outputs' own loop."""

    name: str
    wearable: Wearable
    loop: asyncio.AbstractEventLoop

    async def reachable(self) -> bool:
        """See `Buzzer`."""
        return self._link is not None

    @property
    def _link(self) -> BleLink | None:
        """The connection, None while there is none that holds."""
        link = self.wearable.link
        return link if self.wearable.state is State.LISTENING and link is not None and not link.is_over else None

    async def pulse(self, duration_ms: int, strength_percent: int) -> None:
        """See `Buzzer`. Raises OutOfReachError where there is no connection, or it broke meanwhile."""
        await self._in_its_loop(self._pulse, duration_ms, strength_percent)

    async def still(self) -> None:
        """See `Buzzer`; a wearable that is out of reach ends its pulse by itself within a second."""
        await self._in_its_loop(self._still)

    async def _pulse(self, duration_ms: int, strength_percent: int) -> None:
        with self._in_reach():
            if (link := self._link) is not None:
                await link.pulse(duration_ms, strength_percent)

    async def _still(self) -> None:
        with suppress(OutOfReachError), self._in_reach():
            if (link := self._link) is not None:
                await link.still()

    @contextmanager
    def _in_reach(self) -> Iterator[None]:
        """What is done over a connection that does not hold until it is done failed for that reason."""
        try:
            yield
        except DeviceError as error:
            if self._link is not None:
                raise
            message = f"{self.name} went out of reach"
            raise OutOfReachError(message) from error
        if self._link is None:
            message = f"{self.name} is out of reach"
            raise OutOfReachError(message)

    async def _in_its_loop(self, doing: Callable[..., Coroutine[Any, Any, None]], *given: int) -> None:
        if asyncio.get_running_loop() is self.loop:
            await doing(*given)
            return
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(doing(*given), self.loop))


class RadioThread:
    """The wearables of a night in a thread of their own; `open` first, `close` last, from the night's thread."""

    def __init__(self, wearables: Callable[[asyncio.AbstractEventLoop], Sequence[Wearable]]) -> None:
        self._loop = asyncio.new_event_loop()
        self._wearables = wearables
        self._thread = threading.Thread(target=self._run, name="vigil-radio", daemon=True)
        self._keeping: asyncio.Task[None] | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The radio's own loop."""
        return self._loop

    def open(self) -> None:
        """Begin to look for the wearables."""
        self._thread.start()

    def close(self) -> None:
        """Let every wearable go; returns when that is done, or cannot be."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end)
            self._thread.join(CLOSE_S)
        elif not self._loop.is_closed():  # it was never opened
            self._loop.close()

    def _end(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._keeping = self._loop.create_task(keep_all(self._wearables(self._loop)))
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._keeping)
        self._loop.close()


async def keep_all(wearables: Sequence[Wearable]) -> None:
    """Keep them all until cancelled."""
    async with asyncio.TaskGroup() as keeping:
        for one in wearables:
            keeping.create_task(one.keep())
