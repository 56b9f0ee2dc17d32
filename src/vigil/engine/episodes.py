"""Follows episodes: evidence gathers while the heart runs above its own baseline, and drains when it does not.

A one-sided cumulative sum (Page 1954, Biometrika 41:100) of the deviation of heart rate from the sleeper's own
running baseline, in units of the ordinary wobble about it. Stage, movement and repetition are soft: they raise or
lower what counts as ordinary, and never rule an episode out, because more than half of the nightmares captured in
PTSD came outside REM (mission 5.3). What looks like something else is named and left alone (mission 5.5). An episode
ends when the body has recovered, itself a cumulative sum, never after a mere interval.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from itertools import pairwise

from vigil.domain.nudges import EpisodeKind, Reason, ReasonCode, Reasons, Suspicion, Unit
from vigil.domain.plain import register
from vigil.domain.records import NightOutput, SuspicionCleared, SuspicionRaised
from vigil.domain.samples import Quality
from vigil.domain.sleep import StageProbabilities
from vigil.domain.units import MS_PER_S, NS_PER_MINUTE, NS_PER_S, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.signs import Sign, Signs, reasons_of
from vigil.engine.wobble import Wobble, excess_bpm
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

LOST_S = 60
"""Seconds without good data after which what was gathered is thrown away (reliability F1)."""

LIKELY = 0.5
"""Probability at or above which a stage is named among what is seen."""

REPEAT_WINDOW_NS = 10 * NS_PER_MINUTE
TERROR_WINDOW_NS = 160 * NS_PER_MINUTE
"""The first third of an eight-hour night, in which arousals out of deep sleep fall (mission 5.5)."""

_RISE_STEPS = 30 // STEP_S

SETTLED_KINDS = frozenset({EpisodeKind.TERROR_LIKE, EpisodeKind.OUT_OF_BED, EpisodeKind.PERIODIC})
"""Once named so, an episode keeps its name: back in bed the heart still races, and the surge of a terror lasts."""

_LOOKS_LIKE = {
    EpisodeKind.TERROR_LIKE: ReasonCode.LOOKS_LIKE_TERROR,
    EpisodeKind.OUT_OF_BED: ReasonCode.LOOKS_LIKE_OUT_OF_BED,
    EpisodeKind.AROUSAL: ReasonCode.LOOKS_LIKE_AROUSAL,
    EpisodeKind.PERIODIC: ReasonCode.LOOKS_LIKE_PERIODIC,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the detector looks at in one step. `sleep_onset_ns` is None before sleep."""

    at_ns: int
    heart: HeartLook
    motion: MotionLook
    p: StageProbabilities
    sleep_onset_ns: int | None


@register
@dataclass(slots=True)
class EpisodeDetector:
    """The state of the detector; `look` it every step, in order.

    evidence: gathered so far, in sigma-steps, at least 0. `factor` multiplies its threshold.
    onset_ns: when the evidence began to gather; it means something only while there is any.
    top: the largest deviation since then; onset_rise: the largest rise within half a minute since then.
    """

    bounds: EpisodeBounds
    wobble: Wobble
    factor: float = 1.0
    evidence: float = 0.0
    onset_ns: int = 0
    suspicion: Suspicion | None = None
    serial: int = 0
    peak: float = 0.0
    recovery: float = 0.0
    lost_steps: int = 0
    above: bool = False
    rates: deque[float] = field(default_factory=lambda: deque(maxlen=_RISE_STEPS + 1))
    surges: deque[int] = field(default_factory=lambda: deque(maxlen=12))
    onset_rise: float = 0.0
    top: float = 0.0
    onset_p_deep: float = 0.0
    p_deep_before: float = 0.0

    @classmethod
    def of(cls, bounds: EpisodeBounds, factor: float = 1.0) -> EpisodeDetector:
        """A detector before its night."""
        return cls(bounds, Wobble(bounds.wobble_quantile, bounds.wobble_share, bounds.wobble_least_bpm), factor)

    @property
    def score(self) -> float:
        """Evidence in units of the threshold: a suspicion is raised at 1."""
        return self.evidence / (self.bounds.threshold * self.factor)

    def look(self, scene: Scene) -> list[NightOutput]:
        """Take one step; returns what changed: at most one suspicion raised (or renamed) or cleared."""
        deviation = self._deviation(scene)
        if deviation is None:
            return self._look_blind(scene)
        self.lost_steps = 0
        self._remember(scene.at_ns, scene.heart.bpm or 0.0, deviation)
        standing = self.suspicion
        if standing is None:
            self._gather(scene, deviation)
            return self._raise(scene, deviation) if self.score >= 1.0 else []
        self._gather_in_episode(scene, deviation)
        if self.recovery >= self.bounds.recovery or self.evidence == 0.0:
            return self.clear(scene.at_ns, (Reason(ReasonCode.SETTLED),))
        return self._rename(scene, standing, deviation)

    def clear(self, at_ns: int, reasons: Reasons) -> list[NightOutput]:
        """End the suspicion that stands, if one does, and start from nothing."""
        ended, peak = self.suspicion, self.peak
        self.suspicion = None
        self.evidence = self.peak = self.recovery = 0.0
        if ended is None:
            return []
        return [SuspicionCleared(at_ns, ended.episode, ended.kind, ended.onset_ns, round(peak, 4), reasons)]

    def evidence_reasons(self, scene: Scene) -> Reasons:
        """What is seen now, as typed reasons, whether or not it amounts to anything."""
        return reasons_of(self.signs(scene))

    def signs(self, scene: Scene) -> Signs:
        """What is seen now, whether or not it amounts to anything."""
        heart, p, peak_mg = scene.heart, scene.p, scene.motion.peak_mg
        signs: list[Sign] = [(ReasonCode.EVIDENCE, self.score, 1.0, Unit.SCORE, 4)]
        excess = excess_bpm(heart)
        if excess is not None and heart.spread_bpm is not None:
            signs.append((ReasonCode.HEART_SURGE, excess, self.wobble.unit_bpm(heart.spread_bpm), Unit.BPM, 2))
        if p.rem >= LIKELY:
            signs.append((ReasonCode.STAGE_REM, p.rem, None, Unit.PROBABILITY, 4))
        if p.deep >= LIKELY:
            signs.append((ReasonCode.STAGE_DEEP, p.deep, None, Unit.PROBABILITY, 4))
        if p.wake >= LIKELY:
            signs.append((ReasonCode.STAGE_WAKE, p.wake, None, Unit.PROBABILITY, 4))
        if peak_mg is not None:
            signs.append((ReasonCode.MOVEMENT, peak_mg / 1000, None, Unit.G, 3))
        return tuple(signs)

    # -- one step ------------------------------------------------------------------------------------------

    def _deviation(self, scene: Scene) -> float | None:
        """How far the heart rate stands above its baseline, in units of what is ordinary; None without good data."""
        heart = scene.heart
        excess = excess_bpm(heart)
        if heart.quality is not Quality.GOOD or excess is None or heart.spread_bpm is None:
            return None
        deviation = excess / self.wobble.unit_bpm(heart.spread_bpm)
        if self.suspicion is None:
            self.wobble.note(scene.at_ns, excess)
        return deviation

    def _look_blind(self, scene: Scene) -> list[NightOutput]:
        """Without good data nothing gathers; after `LOST_S` what was gathered is stale and thrown away."""
        self.lost_steps += 1
        if self.lost_steps * STEP_S < LOST_S:
            return []
        age = scene.heart.age_ms
        lost = Reason(ReasonCode.DATA_STALE, None if age is None else age / MS_PER_S, LOST_S, Unit.SECONDS)
        return self.clear(scene.at_ns, (lost,))

    def _remember(self, at_ns: int, bpm: float, deviation: float) -> None:
        """Keep what the look-alikes are told by: the last half minute's rise, and when surges began."""
        self.rates.append(bpm)
        if not self.above and deviation >= self.bounds.surge_on:
            self.above = True
            self.surges.append(at_ns)
        elif self.above and deviation <= self.bounds.surge_off:
            self.above = False
        while self.surges and self.surges[0] <= at_ns - REPEAT_WINDOW_NS:
            self.surges.popleft()

    def _increment(self, scene: Scene, deviation: float) -> float:
        """What one step adds: the deviation less what is ordinary for the stage and the movement of now."""
        bounds, p, motion = self.bounds, scene.p, scene.motion
        moving = min(1.0, motion.moving_s / 60) if motion.known else 0.0
        ordinary = (
            bounds.ordinary
            + bounds.ordinary_wake * p.wake
            + bounds.ordinary_deep * p.deep
            - bounds.ordinary_rem * p.rem
            + bounds.ordinary_moving * moving
        )
        return min(deviation, bounds.deviation_cap) - ordinary

    def _gather(self, scene: Scene, deviation: float) -> None:
        before = self.evidence
        self.evidence = max(0.0, before + self._increment(scene, deviation))
        if self.evidence == 0.0:
            self.p_deep_before = scene.p.deep
            return
        if before == 0.0:
            self.onset_ns = scene.at_ns
            self.onset_p_deep = self.p_deep_before
            self.onset_rise = self.top = 0.0
        self.onset_rise = max(self.onset_rise, self._rise())
        self.top = max(self.top, deviation)

    def _gather_in_episode(self, scene: Scene, deviation: float) -> None:
        self.evidence = max(0.0, self.evidence + self._increment(scene, deviation))
        self.peak = max(self.peak, self.score)
        self.onset_rise = max(self.onset_rise, self._rise())
        self.top = max(self.top, deviation)
        self.recovery = max(0.0, self.recovery + self.bounds.recovered_below - deviation)

    def _rise(self) -> float:
        """By how much the heart rate rose over the last half minute, in bpm."""
        return self.rates[-1] - min(self.rates)

    # -- naming --------------------------------------------------------------------------------------------

    def _kind(self, scene: Scene, deviation: float) -> EpisodeKind:
        """Which kind it looks like now: the first rule that fits, the most telling first."""
        bounds, motion = self.bounds, scene.motion
        if (motion.steps_60 or 0) >= bounds.steps or (motion.known and motion.moving_s >= bounds.moving_s):
            return EpisodeKind.OUT_OF_BED
        if self._is_terror(scene):
            return EpisodeKind.TERROR_LIKE
        if self._is_periodic():
            return EpisodeKind.PERIODIC
        if self._is_arousal(scene, deviation):
            return EpisodeKind.AROUSAL
        return EpisodeKind.NIGHTMARE_LIKE

    def _is_terror(self, scene: Scene) -> bool:
        baseline = scene.heart.baseline_bpm
        return (
            scene.sleep_onset_ns is not None
            and scene.at_ns - scene.sleep_onset_ns <= TERROR_WINDOW_NS
            and self.onset_p_deep >= self.bounds.terror_p_deep
            and baseline is not None
            and self.onset_rise >= self.bounds.terror_rise * baseline
        )

    def _is_periodic(self) -> bool:
        """Surges at one spacing of 15 to 120 s, again and again within ten minutes (mission 5.5)."""
        if len(self.surges) < self.bounds.repeats:
            return False
        times = list(self.surges)
        gaps = sorted((later - earlier) / NS_PER_S for earlier, later in pairwise(times))
        middle = gaps[len(gaps) // 2]
        even = sum(1 for gap in gaps if 0.5 * middle <= gap <= 1.5 * middle)
        return 15 <= middle <= 120 and even >= len(gaps) - 1

    def _is_arousal(self, scene: Scene, deviation: float) -> bool:
        """A surge that is fading already, or that came with a strong movement and is too young to be more than a turn.

        The heart rate of an arousal decays within 30 to 90 s (mission 5.3); that of a nightmare stays.
        """
        age_s = (scene.at_ns - self.onset_ns) / NS_PER_S
        still_s = scene.motion.still_s
        with_movement = still_s is not None and still_s <= age_s + 2 * STEP_S
        return deviation < self.bounds.fading * self.top or (with_movement and age_s < self.bounds.arousal_s)

    def _raise(self, scene: Scene, deviation: float) -> list[NightOutput]:
        self.serial += 1
        self.peak, self.recovery = self.score, 0.0
        kind = self._kind(scene, deviation)
        reasons = self._reasons(scene, kind)
        self.suspicion = Suspicion(self.serial, kind, self.onset_ns, scene.at_ns, round(self.score, 4), reasons)
        return [SuspicionRaised(scene.at_ns, self.suspicion)]

    def _rename(self, scene: Scene, standing: Suspicion, deviation: float) -> list[NightOutput]:
        """An episode may turn out to be something else; then it is raised again under its new name."""
        kind = standing.kind if standing.kind in SETTLED_KINDS else self._kind(scene, deviation)
        fading = standing.kind is EpisodeKind.NIGHTMARE_LIKE and kind is EpisodeKind.AROUSAL
        if kind is standing.kind or fading:
            return []
        self.suspicion = replace(standing, kind=kind, score=round(self.score, 4), reasons=self._reasons(scene, kind))
        return [SuspicionRaised(scene.at_ns, self.suspicion)]

    def _reasons(self, scene: Scene, kind: EpisodeKind) -> Reasons:
        reasons = list(self.evidence_reasons(scene))
        code = _LOOKS_LIKE.get(kind)
        if code is not None:
            reasons.append(Reason(code))
        if kind is EpisodeKind.TERROR_LIKE and scene.heart.baseline_bpm is not None:
            bound = self.bounds.terror_rise * scene.heart.baseline_bpm
            reasons.append(Reason(ReasonCode.HEART_RISE, self.onset_rise, bound, Unit.BPM))
        if kind is EpisodeKind.PERIODIC:
            reasons.append(Reason(ReasonCode.REPEATING, len(self.surges), self.bounds.repeats))
        if kind is EpisodeKind.OUT_OF_BED and scene.motion.steps_60:
            reasons.append(Reason(ReasonCode.STEPS, scene.motion.steps_60))
        return tuple(reasons)
