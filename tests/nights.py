"""Nights for tests: inputs as a live night would have had them, acknowledgements included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import get_args

from vigil.app.wiring import packaged_parameters
from vigil.domain.nudges import Suspicion
from vigil.domain.records import Event, Input, NightBegan, NightOutput, Sample, Tick
from vigil.engine.parameters import Parameters
from vigil.night.night_watch import NightWatch
from vigil.night.transcript import canonical
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.recording import Recording
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.run.hands import Hands
from vigil.run.ports import NoKeeper
from vigil.run.replay import inputs_of, ticked
from vigil.run.runner import NightRunner

REAL = ("walch/844359", "slpdb/slp01a", "nsr2db/nsr001", "fitbit2016/2347167796-0418", "apnea_ecg/a03")
"""Real nights for the properties: wrist heart rate, beats of a sleep lab, a Holter, a second watch, apnoea."""


@cache
def parameters() -> Parameters:
    return packaged_parameters()


@dataclass(frozen=True)
class Night:
    """Every input of a night in order, ticks left out, and what was said."""

    inputs: tuple[Input, ...]
    outputs: tuple[NightOutput, ...]
    digests: dict[str, str]

    @property
    def began(self) -> NightBegan:
        return next(record for record in self.inputs if isinstance(record, NightBegan))


def lived(recording: Recording) -> Night:
    """Run a recording once, with every acknowledgement that came of it written among the inputs."""
    inputs: list[Input] = []
    outputs: list[NightOutput] = []
    watch = NightWatch(parameters())

    def listen(record: Input | NightOutput) -> None:
        if isinstance(record, Tick):
            return
        (inputs if isinstance(record, INPUT_TYPES) else outputs).append(record)  # type: ignore[arg-type]  # by type

    runner = NightRunner(watch, NoKeeper(), Hands.shadows(), listen)
    for record in ticked(inputs_of(recording)):
        runner.deliver(record)
    return Night(tuple(inputs), tuple(outputs), watch.digests)


INPUT_TYPES = (*get_args(Sample), *get_args(Event))


@cache
def simulated_night(plan: str, seed: int = 1, hours: float = 3.0) -> Night:
    return lived(simulated(seed, plan=named_plan(plan, seed, hours=hours), hours=hours))


@cache
def real_night(folder: Path) -> Night:
    return lived(next(iter(find_recordings(folder, ReadOptions()))))


def pushed(inputs: Iterable[Input], watch: NightWatch | None = None) -> tuple[NightWatch, list[NightOutput]]:
    """Push inputs into a night; returns it and everything it said."""
    watch = watch or NightWatch(parameters())
    outputs: list[NightOutput] = []
    for record in inputs:
        outputs.extend(watch.push(record))
    return watch, outputs


def lines(outputs: Sequence[NightOutput], origin_ns: int = 0) -> list[str]:
    """Canonical lines: equal lines, equal night."""
    return [canonical(output, origin_ns) for output in outputs]


def moved(record: Input, by_ns: int) -> Input:
    """The same input at another time; instants inside it move too."""
    if isinstance(record, Tick):
        return Tick(record.at_ns + by_ns)
    changes: dict[str, object] = {"at_ns": record.at_ns + by_ns}
    for name in ("until_ns", "since_ns"):
        instant = getattr(record, name, None)
        if instant is not None:
            changes[name] = instant + by_ns
    return replace(record, **changes)  # type: ignore[arg-type]  # every input has these fields


def suspicions(outputs: Iterable[NightOutput]) -> list[Suspicion]:
    return [output.suspicion for output in outputs if hasattr(output, "suspicion")]
