"""The desk: real outputs, in a thread of their own, so that they can be stopped whatever the night is doing.

A permit that was written down is handed over with `take`; the thread gives it, stops it when its time is over, and
says what came of it, to be heard at the night's next turn. A stop (`quiet`, or the file or signal that `stopped` looks
at) ends what goes on within `LOOK_S` and the output's own `off`, also while the engine hangs or the disk is full: the
thread needs neither. The guard is not asked again here, but a stop that stands lets nothing begin.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from vigil.domain.errors import DeviceError, PermitError
from vigil.domain.permits import Permit
from vigil.domain.records import Event, OutputAcknowledged, OutputConfirmedOff, OutputFailed, OutputProbed
from vigil.domain.requests import Output
from vigil.domain.units import MS_PER_S
from vigil.run.hands import Hands
from vigil.run.ports import Nudger, OutOfReachError

PROBE_S, START_S, OFF_S = 5.0, 2.0, 2.0
"""How long an output is waited for. A permit lives two seconds, so a start that takes longer would be too late; an
output that does not confirm within two seconds that it is off is asked again (reliability F9)."""

OFF_TRIES = 3
"""Times an output is told to stop before it counts as stuck (reliability F9)."""

LOOK_S = 0.05
"""How often a stop is looked for while something goes on: a fifth of the 250 ms in which it must be over."""

AGAIN_S = 60.0
"""How often one that was out of reach is looked for: not sooner, since each use may cost a nudge unfelt. Our choice."""

CLOSE_S = OFF_TRIES * OFF_S + 1.0
"""How long a nudge that goes on may take to end when the desk is closed."""

CALL_S = CLOSE_S + OFF_TRIES * OFF_S + OFF_S + 1.0
"""How long the night waits for the thread at the most: what goes on ends, everything is stopped, and let go."""

_T = TypeVar("_T")

_DEAF = "an output held everything up and did not answer"


class Desk(Hands):
    """The outputs of a night. `now_ns`: the night's own clock. `stopped`: whether a stop stands, asked in the thread.

    loop: of the thread; a new one as a rule. `open` first, `close` last; both can be called from any thread, `take` and
    `heard` from the night's own.
    """

    acts = True

    def __init__(
        self,
        nudgers: Mapping[Output, Nudger],
        now_ns: Callable[[], int],
        stopped: Callable[[], bool],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._nudgers = dict(nudgers)
        self._now_ns = now_ns
        self._stopped = stopped
        self._said: list[Event] = []
        self._lock = threading.Lock()
        self._loop = loop or asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="vigil-desk", daemon=True)
        self._stops: set[asyncio.Event] = set()
        self._given: set[asyncio.Task[None]] = set()
        self._others: set[asyncio.Task[None]] = set()

    # -- from the night ------------------------------------------------------------------------------------

    def open(self) -> tuple[str, ...]:
        """Start the thread and stop every output, whatever an earlier run left; returns what could not be stopped."""
        self._thread.start()
        return self._call(self._all_off(), (_DEAF,))

    def probe(self) -> list[OutputProbed]:
        """Ask every output whether it is there, without touching the sleeper."""
        deaf = [OutputProbed(self._now_ns(), output, ok=False, why=_DEAF) for output in self._nudgers]
        return self._call(self._probe_all(), deaf)

    def take(self, permit: Permit, at_ns: int) -> Sequence[Event]:
        """See `Hands`; what comes of it is heard later."""
        try:
            self._loop.call_soon_threadsafe(self._begin, permit)
        except RuntimeError:
            return (OutputFailed(at_ns + 1, permit.serial, permit.request.output, "it came after the night"),)
        return ()

    def heard(self, until_ns: int) -> Sequence[Event]:
        """See `Hands`."""
        with self._lock:
            ready = [event for event in self._said if event.at_ns <= until_ns]
            self._said = [event for event in self._said if event.at_ns > until_ns]
        return ready

    def quiet(self) -> None:
        """See `Hands`."""
        with suppress(RuntimeError):  # a desk that is closed is quiet
            self._loop.call_soon_threadsafe(self._stop_all)

    def also(self, doing: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Do something beside in the desk's loop: listen for a button, let a lamp go out. Its failure changes nothing.

        What still goes on when the desk is closed is cancelled.
        """
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._beside, doing)

    def close(self) -> tuple[str, ...]:
        """Stop everything, let the outputs go, end the thread; returns what could not be stopped."""
        if not self._thread.is_alive():
            return ()
        left = self._call(self._shut(), (_DEAF,))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_S)
        return left

    def _call(self, doing: Coroutine[Any, Any, _T], deaf: _T) -> _T:
        """What comes of it in the thread; `deaf` if an output holds the thread up: the night goes on without."""
        future: Future[_T] = asyncio.run_coroutine_threadsafe(doing, self._loop)
        try:
            return future.result(CALL_S)
        except TimeoutError:
            return deaf

    # -- in the thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            if left:
                self._loop.run_until_complete(asyncio.wait(left, timeout=OFF_S))
        finally:
            self._loop.close()

    def _say(self, event: Event) -> None:
        with self._lock:
            self._said.append(event)

    def _begin(self, permit: Permit) -> None:
        stop = asyncio.Event()
        self._stops.add(stop)  # from now on: a hand that is raised before the first step counts as well
        task = self._loop.create_task(self._give(permit, stop))
        self._given.add(task)
        task.add_done_callback(self._given.discard)
        task.add_done_callback(lambda _: self._stops.discard(stop))

    def _beside(self, doing: Callable[[], Coroutine[Any, Any, object]]) -> None:
        task = self._loop.create_task(_harmless(doing))
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    def _stop_all(self) -> None:
        for stop in self._stops:
            stop.set()

    async def _give(self, permit: Permit, stop: asyncio.Event) -> None:
        """One nudge from its beginning to its confirmed end. Whatever goes wrong ends with the output off."""
        nudger = self._nudgers.get(permit.request.output)
        if nudger is None:
            self._say(self._failed(permit, "there is no such output"))
            return
        if stop.is_set() or self._stands():  # it did not fail: it may be used again when the stop is over
            self._say(OutputConfirmedOff(self._now_ns(), permit.serial))
            return
        doing, stopping = asyncio.create_task(self._do(nudger, permit)), asyncio.create_task(self._until(stop))
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            doing.cancel()
        await asyncio.wait({doing}, timeout=LOOK_S)
        stuck = await _off(nudger)
        if not doing.done():  # one that does not let itself be interrupted may have begun all the same
            await asyncio.wait({doing}, timeout=START_S)
            stuck = await _off(nudger)
        failed = None if not doing.done() or doing.cancelled() else doing.result()
        failed = self._failed(permit, stuck) if stuck else failed
        self._say(failed or OutputConfirmedOff(self._now_ns(), permit.serial))
        if failed is not None and failed.unreached:
            self._beside(partial(self._look_for, nudger))

    async def _look_for(self, nudger: Nudger) -> None:
        """Until an output that was out of reach is there again; then it is said, and it may be used again."""
        await asyncio.sleep(AGAIN_S)
        while await _probe(nudger):
            await asyncio.sleep(AGAIN_S)
        self._say(OutputProbed(self._now_ns(), nudger.output, ok=True))

    async def _do(self, nudger: Nudger, permit: Permit) -> OutputFailed | None:
        """Begin, say so, and let its time go by; what to say if it did not begin."""
        try:
            async with asyncio.timeout(START_S):
                await nudger.start(permit, self._now_ns())
        except (PermitError, DeviceError, TimeoutError) as error:
            why = str(error) or f"{nudger.name} did not answer"
            return self._failed(permit, why, unreached=isinstance(error, OutOfReachError))
        except Exception as error:
            return self._failed(permit, f"{nudger.name} broke down ({type(error).__name__})")
        self._say(OutputAcknowledged(self._now_ns(), permit.serial))
        task = asyncio.current_task()
        if task is None or not task.cancelling():  # a stop may have come, and `start` not have minded
            await asyncio.sleep(permit.request.duration_ms / MS_PER_S)
        return None

    async def _until(self, stop: asyncio.Event) -> None:
        """Until a stop comes."""
        while not stop.is_set() and not self._stands():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()

    def _stands(self) -> bool:
        """Whether a stop stands; where that cannot be told, one does."""
        try:
            return self._stopped()
        except Exception:
            return True

    def _failed(self, permit: Permit, why: str, *, unreached: bool = False) -> OutputFailed:
        return OutputFailed(self._now_ns(), permit.serial, permit.request.output, why, unreached)

    async def _probe_all(self) -> list[OutputProbed]:
        whys = await asyncio.gather(*(_probe(nudger) for nudger in self._nudgers.values()))
        return [OutputProbed(self._now_ns(), one, not why, why) for one, why in zip(self._nudgers, whys, strict=True)]

    async def _all_off(self) -> tuple[str, ...]:
        left = await asyncio.gather(*(_off(nudger) for nudger in self._nudgers.values()))
        return tuple(why for why in left if why)

    async def _shut(self) -> tuple[str, ...]:
        self._stop_all()
        for task in tuple(self._others):
            task.cancel()
        if self._given:
            await asyncio.wait(self._given, timeout=CLOSE_S)
        left = await self._all_off()
        await asyncio.gather(*(_let_go(nudger) for nudger in self._nudgers.values()))
        return left


async def _harmless(doing: Callable[[], Coroutine[Any, Any, object]]) -> None:
    with suppress(Exception):  # what is done beside the outputs must never touch them
        await doing()


async def _probe(nudger: Nudger) -> str:
    """Nothing if an output is there, else why not."""
    try:
        async with asyncio.timeout(PROBE_S):
            return await nudger.probe()
    except TimeoutError:
        return f"{nudger.name} did not answer"
    except Exception as error:
        return f"{nudger.name} broke down ({type(error).__name__})"


async def _let_go(nudger: Nudger) -> None:
    """Close an output; one that cannot be closed is off all the same, and ends with the process."""
    with suppress(Exception):
        async with asyncio.timeout(OFF_S):
            await nudger.close()


async def _off(nudger: Nudger) -> str:
    """Stop an output, three times if need be; nothing if that was confirmed, else why not."""
    why = ""
    for _ in range(OFF_TRIES):
        try:
            async with asyncio.timeout(OFF_S):
                await nudger.off()
        except (DeviceError, TimeoutError) as error:
            why = str(error) or f"{nudger.name} did not confirm that it is off"
        except Exception as error:
            why = f"{nudger.name} broke down ({type(error).__name__})"
        else:
            return ""
    return why


async def all_off(nudgers: Sequence[Nudger]) -> tuple[str, ...]:
    """Stop these outputs and let them go: what a supervisor does after a night process died. What is left, in words."""
    left = await asyncio.gather(*(_off(nudger) for nudger in nudgers))
    await asyncio.gather(*(_let_go(nudger) for nudger in nudgers))
    return tuple(why for why in left if why)
