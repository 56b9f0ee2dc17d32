"""Nights as live sources: a recording played as if it were happening, and the simulated sleeper."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

from vigil.domain.permits import Permit
from vigil.domain.records import Event, Input, NightBegan, NightEnded, Sample
from vigil.domain.requests import Output
from vigil.recordings.recording import Recording
from vigil.run.ports import Nudger
from vigil.run.replay import inputs_of


class RecordedSource:
    """A recording that is heard only as its own time passes. Its end must be known or come with its items."""

    def __init__(self, recording: Recording) -> None:
        self._began = recording.began
        self._inputs: Iterator[Input] = inputs_of(recording)
        self._next: Input | None = next(self._inputs, None)
        self._ends_ns: int | None = None

    def began(self) -> NightBegan:
        """See `Source`."""
        return self._began

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        """See `Source`."""
        heard: list[Sample | Event] = []
        until_ns = self._began.at_ns + elapsed_ns
        while self._next is not None and self._next.at_ns <= until_ns:
            record, self._next = self._next, next(self._inputs, None)
            if isinstance(record, NightEnded):
                self._ends_ns = record.at_ns - self._began.at_ns
            elif record.at_ns >= self._began.at_ns and not isinstance(record, NightBegan):
                heard.append(record)  # type: ignore[arg-type]  # ticks are never among a recording's inputs
        return heard

    @property
    def ends_ns(self) -> int | None:
        """See `Source`; known once the end was heard."""
        return self._ends_ns


class Sleeper(Protocol):
    """What a simulated sleeper offers."""

    @property
    def ends_ns(self) -> int:
        """End of the night, nanoseconds from lights-out."""
        ...

    def began(self) -> NightBegan:
        """Lights-out at 0."""
        ...

    def until(self, at_ns: int) -> list[Sample | Event]:
        """Everything known since the last call and up to `at_ns`."""
        ...

    def feel(self, output: Output, level: int, duration_ms: int, at_ns: int) -> None:
        """A nudge reaches the sleeper."""
        ...


class OneAtATime:
    """A sleeper who is heard in one thread and touched from another: one at a time."""

    def __init__(self, sleeper: Sleeper) -> None:
        self._sleeper = sleeper
        self._lock = threading.Lock()

    @property
    def ends_ns(self) -> int:
        """See `Sleeper`."""
        return self._sleeper.ends_ns

    def began(self) -> NightBegan:
        """See `Sleeper`."""
        return self._sleeper.began()

    def until(self, at_ns: int) -> list[Sample | Event]:
        """See `Sleeper`."""
        with self._lock:
            return self._sleeper.until(at_ns)

    def feel(self, output: Output, level: int, duration_ms: int, at_ns: int) -> None:
        """See `Sleeper`."""
        with self._lock:
            self._sleeper.feel(output, level, duration_ms, at_ns)


class SleeperSource:
    """The simulated sleeper as a source."""

    def __init__(self, sleeper: Sleeper) -> None:
        self._sleeper = sleeper

    def began(self) -> NightBegan:
        """See `Source`."""
        return self._sleeper.began()

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        """See `Source`."""
        return self._sleeper.until(elapsed_ns)

    @property
    def ends_ns(self) -> int | None:
        """See `Source`."""
        return self._sleeper.ends_ns


class SleeperNudger:
    """A virtual output that reaches the simulated sleeper, so that a live run closes the loop.

    zero_ns: the boot-clock instant of lights-out, from which the sleeper counts.
    """

    def __init__(self, sleeper: Sleeper, output: Output, zero_ns: int) -> None:
        self._sleeper = sleeper
        self._output = output
        self._zero_ns = zero_ns

    @property
    def output(self) -> Output:
        """See `Nudger`."""
        return self._output

    @property
    def name(self) -> str:
        """See `Nudger`."""
        return "a simulated " + self._output.value

    async def probe(self) -> str:
        """See `Nudger`: a virtual output is always there."""
        return ""

    async def start(self, permit: Permit, at_ns: int) -> None:
        """See `Nudger`."""
        request = permit.redeem(at_ns)
        self._sleeper.feel(request.output, request.level, request.duration_ms, at_ns - self._zero_ns)

    async def off(self) -> None:
        """See `Nudger`: what was felt cannot be taken back, and nothing of it lasts."""

    async def close(self) -> None:
        """See `Nudger`."""


class FeltNudger:
    """A real output that a simulated sleeper feels as well: for trying a whole night out by day."""

    def __init__(self, nudger: Nudger, sleeper: Sleeper, zero_ns: int) -> None:
        self._nudger = nudger
        self._sleeper = sleeper
        self._zero_ns = zero_ns
        self.output = nudger.output
        self.name = nudger.name

    async def probe(self) -> str:
        """See `Nudger`."""
        return await self._nudger.probe()

    async def start(self, permit: Permit, at_ns: int) -> None:
        """See `Nudger`: felt only if it began."""
        request = permit.request
        await self._nudger.start(permit, at_ns)
        self._sleeper.feel(request.output, request.level, request.duration_ms, at_ns - self._zero_ns)

    async def off(self) -> None:
        """See `Nudger`."""
        await self._nudger.off()

    async def close(self) -> None:
        """See `Nudger`."""
        await self._nudger.close()
