"""Who lies there tonight: a simulated sleeper, or a person with a wearable. The night is watched the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from vigil.app.kept_so_far import KeptSoFar
from vigil.app.night_outputs import RealOutputs, felt_outputs
from vigil.app.simulated_night import NamedSleeper, Script
from vigil.app.truth import Comparison, compare
from vigil.domain.records import Mark, NightBegan
from vigil.domain.requests import Output
from vigil.night.report import NightReport
from vigil.recordings.synthetic.recording import FORMAT
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.run.ports import Nudger, Source
from vigil.run.sources import OneAtATime, SleeperSource


class Bed(Protocol):
    """One night's source and outputs."""

    @property
    def kind(self) -> str:
        """What kind of night it is in the store (`Nights.begin`)."""
        ...

    @property
    def format(self) -> str:
        """What the night's source is called in the store."""
        ...

    @property
    def source(self) -> Source:
        """What is heard."""
        ...

    def outputs(self, usable: Sequence[Output]) -> Mapping[Output, Nudger]:
        """What there is to nudge with, of those that may be used."""
        ...

    def open(self, pressed: Callable[[Mark], None]) -> Sequence[Output]:
        """Begin to listen; returns the outputs that are still looked for.

        pressed: called at once, in whichever thread, when the sleeper marks something on the wearable.
        """
        ...

    def close(self) -> None:
        """Let everything go."""
        ...

    def facts(self, report: NightReport) -> dict[str, Any]:
        """What is kept beside the night."""
        ...

    def truth(self, report: NightReport) -> Comparison | None:
        """What really happened, where anybody knows."""
        ...


class Beds(Protocol):
    """Makes the bed of a night that begins, or of one that is gone on with."""

    def begins(self, began: NightBegan, zero_ns: int) -> Bed:
        """A night with these lights-out, at `zero_ns` on the boot clock."""
        ...

    def goes_on(self, kept: KeptSoFar, shift_ns: int) -> Bed:
        """The same night after an interruption; its time is the boot clock plus `shift_ns`."""
        ...


@dataclass(frozen=True, slots=True)
class SimulatedBed:
    """See `Bed`."""

    body: SimulatedSleeper
    sleeper: OneAtATime
    zero_ns: int
    real: RealOutputs | None

    @property
    def kind(self) -> str:
        """See `Bed`."""
        return "demo"

    @property
    def format(self) -> str:
        """See `Bed`."""
        return FORMAT

    @property
    def source(self) -> Source:
        """See `Bed`."""
        return SleeperSource(self.sleeper)

    def outputs(self, usable: Sequence[Output]) -> Mapping[Output, Nudger]:
        """See `Bed`: virtual, or the person's own, which the simulated sleeper feels as well."""
        return felt_outputs(usable, self.real, self.sleeper, self.zero_ns)

    def open(self, pressed: Callable[[Mark], None]) -> Sequence[Output]:  # noqa: ARG002 — see `Bed`; it presses nothing
        """See `Bed`."""
        return ()

    def close(self) -> None:
        """See `Bed`."""

    def facts(self, report: NightReport) -> dict[str, Any]:
        """See `Bed`."""
        return {"remarks": ["a simulated night: nobody slept it"], "known": self.truth(report).known_plain()}

    def truth(self, report: NightReport) -> Comparison:
        """See `Bed`."""
        return compare(self.body.truth, report)


@dataclass(frozen=True, slots=True)
class SimulatedBeds:
    """See `Beds`."""

    script: Script
    real: RealOutputs | None

    def begins(self, began: NightBegan, zero_ns: int) -> SimulatedBed:
        """See `Beds`."""
        body = self.script.sleeper()
        return SimulatedBed(body, OneAtATime(NamedSleeper(body, began)), zero_ns, self.real)

    def goes_on(self, kept: KeptSoFar, shift_ns: int) -> SimulatedBed:  # noqa: ARG002 — see `Beds`; its time is the night's
        """See `Beds`: the sleeper feels again what was given before the interruption."""
        body = self.script.sleeper()
        sleeper = OneAtATime(NamedSleeper(body, replace(kept.began, at_ns=0)))
        for at_ns, request in kept.given:
            since_ns = at_ns - kept.began.at_ns
            sleeper.until(since_ns)
            sleeper.feel(request.output, request.level, request.duration_ms, since_ns)
        return SimulatedBed(body, sleeper, kept.began.at_ns, self.real)
