"""What a spectator of a running night knows: gathered from the inputs and outputs that pass by, shown elsewhere."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.app.clock_words import NightClock
from vigil.domain.explain import KIND_WORDS, OUTPUT_WORDS, sentences
from vigil.domain.nudges import Action, Decision, EpisodeKind, WatchState
from vigil.domain.records import (
    EpochScored,
    Input,
    NightBegan,
    NightOutput,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.domain.units import NS_PER_S, bpm_x10_from_rr

TRAIL = 40
"""Epochs of heart rate and movement kept for the small curves: twenty minutes."""


@dataclass(slots=True)
class NightSoFar:
    """The state of the night as it stands; `note` takes whatever passes by."""

    clock: NightClock = field(default_factory=NightClock)
    began_ns: int = 0
    now_ns: int = 0
    heart_bpm: float | None = None
    movement_g: float | None = None
    stages: list[Stage] = field(default_factory=list)
    p: StageProbabilities | None = None
    heart_trail: deque[float | None] = field(default_factory=lambda: deque(maxlen=TRAIL))
    movement_trail: deque[float | None] = field(default_factory=lambda: deque(maxlen=TRAIL))
    state: WatchState = WatchState.BLIND
    kind: EpisodeKind | None = None
    decision: Decision | None = None
    nudge: Decision | None = None
    nudges: int = 0

    def note(self, record: Input | NightOutput) -> None:
        """Take one input or output in passing."""
        self.now_ns = max(self.now_ns, record.at_ns)
        match record:
            case HeartSample():
                self.heart_bpm = record.bpm_x10 / 10
            case BeatInterval():
                self._beat(record)
            case MotionSummary():
                self.movement_g = None if record.range_mg is None else record.range_mg / 1000
            case EpochScored():
                self._epoch(record)
            case Decision():
                self._decision(record)
            case SuspicionRaised():
                self.kind = record.suspicion.kind
            case SuspicionCleared():
                self.kind = None
            case NightBegan():
                self.began_ns = self.now_ns = record.at_ns
                self.clock = NightClock.of(record)
            case _:
                pass

    def _beat(self, beat: BeatInterval) -> None:
        if beat.clean and beat.rr_ms > 0:
            self.heart_bpm = bpm_x10_from_rr(beat.rr_ms) / 10

    def _epoch(self, epoch: EpochScored) -> None:
        self.stages.append(epoch.stage)
        self.p = epoch.p
        self.heart_trail.append(epoch.heart_bpm)
        self.movement_trail.append(epoch.movement_g)
        if epoch.heart_bpm is None:
            self.heart_bpm = None

    def _decision(self, decision: Decision) -> None:
        self.state = decision.state
        self.decision = decision
        if decision.action is Action.NUDGE:
            self.nudge = decision
            self.nudges += 1

    @property
    def elapsed_s(self) -> float:
        """Seconds since lights-out."""
        return (self.now_ns - self.began_ns) / NS_PER_S

    @property
    def stage(self) -> Stage:
        """The stage of the last epoch."""
        return self.stages[-1] if self.stages else Stage.UNSCORED

    def time(self, decision: Decision) -> str:
        """When a decision was made, in words."""
        return self.clock.words((decision.at_ns - self.began_ns) / NS_PER_S)

    def suspicion_words(self) -> str:
        """What is being followed now, or nothing."""
        return "" if self.kind is None else KIND_WORDS[self.kind]


def decision_words(decision: Decision) -> str:
    """What was decided and why, as running text."""
    done = "Nothing was done."
    if decision.permit is not None:
        request = decision.permit.request
        done = f"A nudge was given: {OUTPUT_WORDS[request.output]}, step {request.level}."
    return f"{done} {sentences(decision.reasons)}"
