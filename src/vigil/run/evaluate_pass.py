"""One perception of an untouched night, followed at every threshold at once, and snapshots where episodes will begin.

The order of things is that of `night.NightWatch` fed by `run.replay`: an input at a step's instant counts in that
step, and whatever comes of a step at a threshold is answered one nanosecond later.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from vigil.domain.records import (
    SAMPLES,
    EpochScored,
    Input,
    NightBegan,
    NightEnded,
    OutputAcknowledged,
    OutputConfirmedOff,
    OutputFailed,
)
from vigil.domain.samples import Contact
from vigil.domain.units import EPOCH_NS, STEP_NS
from vigil.engine.engine import SleepEngine
from vigil.engine.parameters import Parameters
from vigil.engine.scene import Perceived
from vigil.run.branches import Branches, Noted

_PLAIN = SAMPLES - {Contact}
_ANSWERS = OutputAcknowledged | OutputConfirmedOff | OutputFailed
"""Of what was done when the night was lived; here every threshold has answers of its own."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at an instant, to go on from with other inputs; good in this process only."""

    at_ns: int
    watchable: bool
    state: bytes


@dataclass(slots=True)
class Pass:
    """A night at many thresholds; `take` every input in order, `look` at every step."""

    engine: SleepEngine
    branches: Branches
    parameters: Parameters
    began_ns: int = 0

    @classmethod
    def of(cls, parameters: Parameters, factors: Sequence[float]) -> Pass:
        """Before the night."""
        return cls(SleepEngine.start(parameters), Branches.of(parameters, factors), parameters)

    @classmethod
    def resumed(cls, snapshot: Snapshot, parameters: Parameters, began_ns: int) -> Pass:
        """The night as it stood; the state of another run is not touched."""
        engine, branches = pickle.loads(snapshot.state)  # noqa: S301 — made by this very process
        return cls(engine, branches, parameters, began_ns)

    def snapshot(self, at_ns: int, *, watchable: bool) -> Snapshot:
        """The state after the step at `at_ns`."""
        return Snapshot(at_ns, watchable, pickle.dumps((self.engine, self.branches), pickle.HIGHEST_PROTOCOL))

    def take(self, record: Input) -> None:
        """Take one input."""
        self.engine.take(record)
        if type(record) not in _PLAIN and not isinstance(record, _ANSWERS):
            self.branches.note(record)

    def begin(self, began: NightBegan) -> None:
        """Lights-out."""
        self.take(began)
        self.began_ns = began.at_ns
        self.engine.begin(began)

    def look(self, at_ns: int) -> tuple[Perceived, list[Noted]]:
        """Take the step that ends at `at_ns`."""
        perceived = self.engine.perceive(at_ns, self.parameters)
        epoch_end = (at_ns - self.began_ns) % EPOCH_NS == 0
        return perceived, self.branches.look(perceived, self.engine, epoch_end=epoch_end)


@dataclass(slots=True)
class WholeNight:
    """What one pass of an untouched night gave. scores: evidence at each step, the first one step after lights-out."""

    epochs: list[EpochScored] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    blind_steps: int = 0
    ended_ns: int = 0


def run_whole(
    inputs: Iterable[Input], parameters: Parameters, factors: Sequence[float], at: Collection[int]
) -> WholeNight:
    """Run untouched inputs, from `NightBegan` (or before) to `NightEnded`, with snapshots at the instants `at`."""
    one, whole, next_ns = Pass.of(parameters, factors), WholeNight(), 0
    begun = False
    for record in inputs:
        if isinstance(record, NightBegan):
            one.begin(record)
            begun, next_ns = True, record.at_ns + STEP_NS
            continue
        if begun:
            until_ns = record.at_ns if isinstance(record, NightEnded) else record.at_ns - 1
            while next_ns <= until_ns:
                _step(one, whole, next_ns, at)
                next_ns += STEP_NS
        one.take(record)
        whole.ended_ns = record.at_ns
    return whole


def _step(one: Pass, whole: WholeNight, at_ns: int, at: Collection[int]) -> None:
    perceived, noted = one.look(at_ns)
    whole.epochs.extend(output for output in perceived.outputs if isinstance(output, EpochScored))
    whole.scores.append(perceived.scene.score)
    whole.noted.extend(noted)
    whole.blind_steps += not perceived.watchable
    if at_ns in at:
        whole.snapshots[at_ns] = one.snapshot(at_ns, watchable=perceived.watchable)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What came of a window: first intervention of each branch, ns after the onset, and the most evidence in it."""

    first_ns: tuple[int | None, ...]
    peak: float


def run_window(one: Pass, inputs: Sequence[Input], onset_ns: int, long_ns: int) -> Aftermath:
    """Go on from a snapshot taken at the onset with the inputs that came after it."""
    first: list[int | None] = [None] * len(one.branches.branches)
    position, peak = 0, 0.0
    for at_ns in range(onset_ns + STEP_NS, onset_ns + long_ns + 1, STEP_NS):
        while position < len(inputs) and inputs[position].at_ns <= at_ns:
            one.take(inputs[position])
            position += 1
        perceived, noted = one.look(at_ns)
        peak = max(peak, perceived.scene.score)
        for what in noted:
            if what.kind is None and first[what.branch] is None:
                first[what.branch] = at_ns - onset_ns
                one.branches.left.add(what.branch)
    return Aftermath(tuple(first), peak)
