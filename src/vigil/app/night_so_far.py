"""What a spectator of a running night knows: gathered from the inputs and outputs that pass by, shown elsewhere.

Instants are those of the records, on the night's own axis.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vigil.app.clock_words import NightClock
from vigil.domain.explain import KIND_WORDS, OUTPUT_WORDS, sentences
from vigil.domain.nudges import Action, Decision, EpisodeKind, WatchState
from vigil.domain.records import (
    EpochScored,
    Held,
    Input,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    NightBegan,
    NightEnded,
    NightOutput,
    OutputFailed,
    OutputProbed,
    QualityNote,
    Released,
    Restarted,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_S, bpm_x10_from_rr

TRAIL = 40
"""Epochs of heart rate and movement kept for the small curves: twenty minutes."""


@dataclass(slots=True)
class NightSoFar:
    """The state of the night as it stands; `note` takes whatever passes by."""

    clock: NightClock = field(default_factory=NightClock)
    began: NightBegan = field(default_factory=lambda: NightBegan(0))
    began_ns: int = 0
    now_ns: int = 0
    heart_bpm: float | None = None
    heart_ns: int = 0
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
    heard_ns: int | None = None
    """when anything came from the wearable last"""
    lost_ns: int | None = None
    """when it was lost, while it is"""
    linked_ns: int = 0
    """since when it has been heard, or has not"""
    quality: Quality = Quality.NEVER
    quality_ns: int = 0
    contact: bool | None = None
    battery: int | None = None
    held: bool = False
    mark: Marked | None = None
    episode_ns: int | None = None
    """when the last that looked like a nightmare began; it goes on while `kind` says so"""
    troubles: list[TroubleKind] = field(default_factory=list)
    unusable: set[Output] = field(default_factory=set)
    """outputs that failed or did not answer: as the guard has it, for the rest of the night"""
    ended: bool = False

    def note(self, record: Input | NightOutput) -> None:
        """Take one input or output in passing."""
        self.now_ns = max(self.now_ns, record.at_ns)
        handler = _HANDLERS.get(type(record))
        if handler is not None:
            handler(self, record)

    def _begin(self, began: NightBegan) -> None:
        self.began, self.clock = began, NightClock.of(began)
        self.began_ns = self.now_ns = self.linked_ns = self.quality_ns = began.at_ns

    def _restart(self, restarted: Restarted) -> None:
        """What was connected is looked for anew."""
        if self.heard_ns is not None:
            self.lost_ns = self.lost_ns or restarted.at_ns
            self.linked_ns = self.lost_ns

    def _end(self, _ended: NightEnded) -> None:
        self.ended = True

    def _heart(self, sample: HeartSample) -> None:
        self.heart_bpm, self.heart_ns = sample.bpm_x10 / 10, sample.at_ns
        self._hear(sample)

    def _beat(self, beat: BeatInterval) -> None:
        if beat.clean and beat.rr_ms > 0:
            self.heart_bpm, self.heart_ns = bpm_x10_from_rr(beat.rr_ms) / 10, beat.at_ns
        self._hear(beat)

    def _move(self, motion: MotionSummary) -> None:
        self.movement_g = None if motion.range_mg is None else motion.range_mg / 1000
        self._hear(motion)

    def _hear(self, sample: HeartSample | BeatInterval | MotionSummary) -> None:
        """Something came; what was only on its way when the wearable was lost does not bring it back."""
        if self.heard_ns is None or (self.lost_ns is not None and sample.at_ns > self.lost_ns):
            self.lost_ns, self.linked_ns = None, sample.at_ns
        self.heard_ns = sample.at_ns

    def _lose(self, lost: LinkLost) -> None:
        self.lost_ns = self.linked_ns = lost.at_ns

    def _regain(self, regained: LinkRegained) -> None:
        self.lost_ns, self.linked_ns = None, regained.at_ns

    def _wear(self, contact: Contact) -> None:
        self.contact = contact.on

    def _charge(self, battery: Battery) -> None:
        self.battery = battery.percent

    def _judge(self, note: QualityNote) -> None:
        self.quality, self.quality_ns = note.quality, note.at_ns

    def _hold(self, _held: Held) -> None:
        self.held = True

    def _release(self, _released: Released) -> None:
        self.held = False

    def _mark(self, marked: Marked) -> None:
        self.mark = marked
        self.held = self.held or marked.mark is Mark.STOP

    def _trouble(self, trouble: Trouble) -> None:
        others = [kind for kind in self.troubles if kind is not trouble.kind]
        self.troubles = others if trouble.over else [*others, trouble.kind]

    def _probe(self, probed: OutputProbed) -> None:
        if probed.ok:
            self.unusable.discard(probed.output)
        else:
            self.unusable.add(probed.output)

    def _fail(self, failed: OutputFailed) -> None:
        self.unusable.add(failed.output)

    def _raise(self, raised: SuspicionRaised) -> None:
        self.kind = raised.suspicion.kind
        if self.kind is EpisodeKind.NIGHTMARE_LIKE:
            self.episode_ns = raised.suspicion.onset_ns

    def _clear(self, _cleared: SuspicionCleared) -> None:
        self.kind = None

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


_HANDLERS: dict[type, Callable[[NightSoFar, Any], None]] = {
    HeartSample: NightSoFar._heart,
    BeatInterval: NightSoFar._beat,
    MotionSummary: NightSoFar._move,
    Contact: NightSoFar._wear,
    Battery: NightSoFar._charge,
    LinkLost: NightSoFar._lose,
    LinkRegained: NightSoFar._regain,
    QualityNote: NightSoFar._judge,
    EpochScored: NightSoFar._epoch,
    Decision: NightSoFar._decision,
    SuspicionRaised: NightSoFar._raise,
    SuspicionCleared: NightSoFar._clear,
    Held: NightSoFar._hold,
    Released: NightSoFar._release,
    Marked: NightSoFar._mark,
    OutputProbed: NightSoFar._probe,
    OutputFailed: NightSoFar._fail,
    Trouble: NightSoFar._trouble,
    NightBegan: NightSoFar._begin,
    Restarted: NightSoFar._restart,
    NightEnded: NightSoFar._end,
}


def decision_words(decision: Decision) -> str:
    """What was decided and why, as running text."""
    return f"{done_words(decision)} {sentences(decision.reasons)}"


def done_words(decision: Decision) -> str:
    """What was done, without why."""
    if decision.permit is None:
        return "Nothing was done."
    request = decision.permit.request
    return f"A nudge was given: {OUTPUT_WORDS[request.output]}, step {request.level}."
