"""What is happening: samples in, a look every five seconds, a stage every thirty, suspicions as they come."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.records import (
    ClockStepped,
    EpochScored,
    Input,
    LinkLost,
    LinkRegained,
    NightBegan,
    NightOutput,
    QualityNote,
    Restarted,
    Resumed,
)
from vigil.domain.samples import BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import ASLEEP, Stage, StageProbabilities
from vigil.domain.units import EPOCH_NS, MAX_INSTANT_NS, NS_PER_MS, NS_PER_S, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.excursions import Excursions
from vigil.engine.features import FeatureMaker
from vigil.engine.parameters import Parameters
from vigil.engine.scene import Perceived, Scene
from vigil.engine.scorer import Scorer
from vigil.engine.stager import Stager
from vigil.signal.heart import HeartLook, HeartTracker
from vigil.signal.motion import MotionLook, MotionTracker

AWAKE_P = 0.9
"""P(wake) at or above which an epoch counts as awake for the guard (DESIGN section 5)."""

WARM_UP_NS = 300 * NS_PER_S
"""Five minutes of good data before anything may be done (DESIGN section 5): until then a minute counts as blind."""


@register
@dataclass(slots=True)
class SleepEngine:
    """The state of the engine. `take` inputs as they arrive, `look` at every step in order; parameters stay outside.

    warm_ns: the last restart, resume or step of the clock, or return of the link or to the wrist, after which the guard
    waits as well. stood_still: the last span in which nothing ran.
    """

    excursions: Excursions
    scorer: Scorer = field(default_factory=Scorer)
    heart: HeartTracker = field(default_factory=HeartTracker)
    motion: MotionTracker = field(default_factory=MotionTracker)
    features: FeatureMaker = field(default_factory=FeatureMaker)
    stager: Stager = field(default_factory=Stager)
    began_ns: int = 0
    epoch_index: int = 0
    quality: Quality = Quality.NEVER
    p: StageProbabilities | None = None
    sleep_onset_ns: int | None = None
    awake_epochs: deque[int] = field(default_factory=lambda: deque(maxlen=8))
    rates: list[float] = field(default_factory=list)
    ranges: list[int] = field(default_factory=list)
    watched_steps: int = 0
    warm_ns: int = -MAX_INSTANT_NS
    stood_still: tuple[int, int] = (0, 0)

    @classmethod
    def start(cls, parameters: Parameters) -> SleepEngine:
        """An engine before its night."""
        return cls(Excursions.of(EpisodeBounds.of(parameters.episodes)))

    def begin(self, began: NightBegan) -> None:
        """Lights-out: epochs and steps count from here."""
        self.began_ns = began.at_ns
        self.heart.begin(began.heart_cadence_ms)
        self.features.begin(began.at_ns)
        self.scorer.begin(began.at_ns)

    def take(self, record: Input) -> None:
        """Take one input; what is not a sample or about the link is not the engine's business."""
        match record:  # the most frequent first
            case MotionSummary():
                self.motion.take(record)
            case BeatInterval():
                self.heart.take_beat(record)
            case HeartSample():
                self.heart.take_heart(record)
            case Contact():
                if not self.heart.on_wrist:  # as the guard has it: put on again, it proves itself anew
                    self.warm_ns = record.at_ns
                self.heart.contact(record.on)
            case LinkLost():
                self.heart.link(False)
            case LinkRegained():
                self.heart.link(True)
                self.warm_ns = record.at_ns  # a loss between two steps leaves no mark on the quality
            case Restarted() | Resumed() | ClockStepped():
                self.warm_ns = record.at_ns
            case _:
                pass

    def stand_still(self, from_ns: int, until_ns: int) -> None:
        """Nothing ran in (from_ns, until_ns]: its steps, which are taken afterwards, were not watched."""
        self.stood_still = (from_ns, until_ns)

    def stood_still_at(self, at_ns: int) -> bool:
        """Whether nothing ran at a step."""
        from_ns, until_ns = self.stood_still
        return from_ns < at_ns <= until_ns

    def blank_movement(self, from_ns: int, until_ns: int) -> None:
        """Vigil itself shook the wrist in [from_ns, until_ns): rows of movement that overlap it are not used."""
        self.motion.blank(from_ns, until_ns)

    def expect_echo(self, until_ns: int) -> None:
        """The heart answers a nudge until then: a surge that begins before it is not one of those that repeat."""
        self.excursions.echo_until_ns = max(self.excursions.echo_until_ns, until_ns)

    def perceive(self, at_ns: int, parameters: Parameters) -> Perceived:
        """Take the step that ends at `at_ns`; at an epoch's end the epoch is scored first. No threshold enters."""
        heart, motion = self.heart.look(at_ns), self.motion.look(at_ns)
        self.features.note(heart, motion)
        watchable = self._watchable(at_ns, heart)
        self._note_for_epoch(heart, motion, watchable=watchable)
        outputs: list[NightOutput] = self._quality_outputs(at_ns, heart.quality)
        if (at_ns - self.began_ns) % EPOCH_NS == 0:
            outputs.append(self._score_epoch(at_ns, parameters))
        p = self.p or _UNKNOWN
        self.excursions.look(at_ns, heart, p)
        score = self.scorer.look(heart, motion, parameters.experts)
        scene = Scene(at_ns, heart, motion, p, self.sleep_onset_ns, score, self.excursions)
        return Perceived(scene, watchable, None if self.p is None else self.p.wake, tuple(outputs))

    def awake_before_ms(self, onset_ns: int) -> int:
        """How long every epoch up to the one that held `onset_ns` had been awake, in milliseconds."""
        end = onset_ns - (onset_ns - self.began_ns) % EPOCH_NS
        ends, count = set(self.awake_epochs), 0
        while end - count * EPOCH_NS in ends:
            count += 1
        return count * EPOCH_NS // NS_PER_MS

    def left_out(self) -> dict[str, int]:
        """Samples not used so far, by fault."""
        counts: dict[str, int] = {}
        for tracker in (self.heart, self.motion):
            for fault, count in tracker.left_out.items():
                counts[fault.value] = counts.get(fault.value, 0) + count
        return counts

    def _watchable(self, at_ns: int, heart: HeartLook) -> bool:
        good = heart.good_since_ns
        if good is None or heart.baseline_bpm is None or self.stood_still_at(at_ns):
            return False
        return at_ns - max(good, self.warm_ns) >= WARM_UP_NS

    def _note_for_epoch(self, heart: HeartLook, motion: MotionLook, *, watchable: bool) -> None:
        if heart.bpm is not None:
            self.rates.append(heart.bpm)
        if motion.range_mg is not None:
            self.ranges.append(motion.range_mg)
        self.watched_steps += watchable

    def _quality_outputs(self, at_ns: int, quality: Quality) -> list[NightOutput]:
        if quality is self.quality:
            return []
        before, self.quality = self.quality, quality
        return [QualityNote(at_ns, quality, before)]

    def _score_epoch(self, at_ns: int, parameters: Parameters) -> EpochScored:
        any_data = bool(self.rates or self.ranges)
        self.p = self.stager.score(self.features.epoch(at_ns), any_data, parameters)
        stage = parameters.label(self.p) if any_data else Stage.UNSCORED
        if self.sleep_onset_ns is None and stage in ASLEEP:
            self.sleep_onset_ns = at_ns - EPOCH_NS
        if self.p.wake >= AWAKE_P:
            self.awake_epochs.append(at_ns)
        scored = EpochScored(
            at_ns=at_ns,
            index=self.epoch_index,
            stage=stage,
            p=_rounded(self.p) if any_data else None,
            heart_bpm=round(sum(self.rates) / len(self.rates), 2) if self.rates else None,
            movement_g=max(self.ranges) / 1000 if self.ranges else None,
            watched_s=self.watched_steps * STEP_S,
        )
        self.epoch_index += 1
        self.rates, self.ranges, self.watched_steps = [], [], 0
        return scored


def _rounded(p: StageProbabilities) -> StageProbabilities:
    """To six decimals: what is kept for years need not hold sixteen digits of a belief."""
    return StageProbabilities(*(round(value, 6) for value in p.as_tuple()))


_UNKNOWN = StageProbabilities(0.25, 0.25, 0.25, 0.25)
"""Before the first epoch is scored nothing is known of the stage."""
