"""Raises, names and clears episodes at one threshold.

How unusual a moment is comes with the scene (`scorer.py`); here it is held against a threshold. Stage, movement and
repetition are soft in that score and never rule an episode out, because more than half of the nightmares captured in
PTSD came outside REM (mission 5.3). What looks like something else is named and left alone (mission 5.5). An episode
ends when the body has recovered, a cumulative sum of its own, never after a mere interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vigil.domain.nudges import EpisodeKind, Reason, ReasonCode, Reasons, Suspicion, Unit
from vigil.domain.plain import register
from vigil.domain.records import NightOutput, SuspicionCleared, SuspicionRaised
from vigil.domain.units import MAX_INSTANT_NS, MS_PER_S, NS_PER_MINUTE, STEP_NS, STEP_S
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.excursions import LOST_S
from vigil.engine.scene import Scene
from vigil.engine.signs import Sign, Signs, reasons_of
from vigil.engine.wobble import excess_bpm

LIKELY = 0.5
"""Probability at or above which a stage is named among what is seen."""

TERROR_WINDOW_NS = 160 * NS_PER_MINUTE
"""The first third of an eight-hour night, in which arousals out of deep sleep fall (mission 5.5)."""

SETTLED_KINDS = frozenset({EpisodeKind.TERROR_LIKE, EpisodeKind.OUT_OF_BED, EpisodeKind.PERIODIC})
"""Once named so, an episode keeps its name: back in bed the heart still races, and the surge of a terror lasts."""

_LOOKS_LIKE = {
    EpisodeKind.TERROR_LIKE: ReasonCode.LOOKS_LIKE_TERROR,
    EpisodeKind.OUT_OF_BED: ReasonCode.LOOKS_LIKE_OUT_OF_BED,
    EpisodeKind.AROUSAL: ReasonCode.LOOKS_LIKE_AROUSAL,
    EpisodeKind.PERIODIC: ReasonCode.LOOKS_LIKE_PERIODIC,
}


@register
@dataclass(slots=True)
class EpisodeDetector:
    """The state of the detector; `look` it every step, in order. `factor` multiplies its threshold.

    peak: most evidence of the episode that stands, in units of the threshold. recovery: gathered so far.
    armed: whether evidence has been below the threshold since the last episode. echo_until_ns: the heart answers a
    nudge until then; a rise up to that instant neither begins an episode nor adds to the evidence of one.
    """

    bounds: EpisodeBounds
    factor: float = 1.0
    suspicion: Suspicion | None = None
    serial: int = 0
    peak: float = 0.0
    recovery: float = 0.0
    lost_steps: int = 0
    armed: bool = True
    echo_until_ns: int = -MAX_INSTANT_NS

    @classmethod
    def of(cls, bounds: EpisodeBounds, factor: float = 1.0) -> EpisodeDetector:
        """A detector before its night."""
        return cls(bounds, factor)

    def look(self, scene: Scene) -> list[NightOutput]:
        """Take one step; returns what changed: at most one suspicion raised (or renamed) or cleared."""
        if scene.excursions.deviation is None:
            return self._look_blind(scene)
        self.lost_steps = 0
        if self.suspicion is None:
            exceeds = scene.score >= self.bounds.threshold * self.factor
            ready, self.armed = exceeds and self.armed, self.armed or not exceeds
            return self._raise(scene) if ready and not self._in_echo(scene) else []
        return self._follow(scene, self.suspicion, scene.excursions.deviation)

    def expect_echo(self, until_ns: int) -> None:
        """The heart answers a nudge until `until_ns`."""
        self.echo_until_ns = max(self.echo_until_ns, until_ns)

    def clear(self, at_ns: int, reasons: Reasons) -> list[NightOutput]:
        """End the suspicion that stands, if one does."""
        ended, peak = self.suspicion, self.peak
        self.suspicion = None
        self.peak = self.recovery = 0.0
        if ended is None:
            return []
        self.armed = False
        return [SuspicionCleared(at_ns, ended.episode, ended.kind, ended.onset_ns, round(peak, 4), reasons)]

    def signs(self, scene: Scene) -> Signs:
        """What is seen now, whether or not it amounts to anything."""
        heart, p, peak_mg = scene.heart, scene.p, scene.motion.peak_mg
        signs: list[Sign] = [(ReasonCode.EVIDENCE, self._units(scene), 1.0, Unit.SCORE, 4)]
        excess = excess_bpm(heart)
        if excess is not None and heart.spread_bpm is not None:
            unit_bpm = scene.excursions.wobble.unit_bpm(heart.spread_bpm)
            signs.append((ReasonCode.HEART_SURGE, excess, unit_bpm, Unit.BPM, 2))
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

    def _units(self, scene: Scene) -> float:
        """Evidence in units of the threshold: a suspicion is raised at 1."""
        return scene.score / (self.bounds.threshold * self.factor)

    def _in_echo(self, scene: Scene) -> bool:
        return scene.at_ns <= self.echo_until_ns

    def _look_blind(self, scene: Scene) -> list[NightOutput]:
        """After `LOST_S` without good data what was followed is stale and let go."""
        self.lost_steps += 1
        if self.lost_steps * STEP_S < LOST_S:
            return []
        age = scene.heart.age_ms
        lost = Reason(ReasonCode.DATA_STALE, None if age is None else age / MS_PER_S, LOST_S, Unit.SECONDS)
        return self.clear(scene.at_ns, (lost,))

    def _follow(self, scene: Scene, standing: Suspicion, deviation: float) -> list[NightOutput]:
        if not self._in_echo(scene):
            self.peak = max(self.peak, self._units(scene))
        self.recovery = max(0.0, self.recovery + self.bounds.recovered_below - deviation)
        if self.recovery >= self.bounds.recovery:
            return self.clear(scene.at_ns, (Reason(ReasonCode.SETTLED),))
        return self._rename(scene, standing, deviation)

    # -- naming --------------------------------------------------------------------------------------------

    def _kind(self, scene: Scene, deviation: float) -> EpisodeKind:
        """Which kind it looks like now: the first rule that fits, the most telling first."""
        bounds, motion = self.bounds, scene.motion
        if (motion.steps_60 or 0) >= bounds.steps or (motion.known and motion.moving_s >= bounds.moving_s):
            return EpisodeKind.OUT_OF_BED
        if self._is_terror(scene):
            return EpisodeKind.TERROR_LIKE
        if scene.excursions.is_periodic():
            return EpisodeKind.PERIODIC
        if self._is_arousal(scene, deviation):
            return EpisodeKind.AROUSAL
        return EpisodeKind.NIGHTMARE_LIKE

    def _is_terror(self, scene: Scene) -> bool:
        baseline = scene.heart.baseline_bpm
        return (
            scene.sleep_onset_ns is not None
            and scene.at_ns - scene.sleep_onset_ns <= TERROR_WINDOW_NS
            and scene.excursions.p_deep_before >= self.bounds.terror_p_deep
            and baseline is not None
            and scene.excursions.rise_bpm >= self.bounds.terror_rise * baseline
        )

    def _is_arousal(self, scene: Scene, deviation: float) -> bool:
        """A surge that is fading: that of an arousal decays within 30 to 90 s (mission 5.3), a nightmare's stays."""
        return deviation < self.bounds.fading * scene.excursions.top

    def _onset_ns(self, scene: Scene) -> int:
        """When what is seen began: the step after the last in which the heart rate stood at its baseline."""
        return min(scene.at_ns, scene.excursions.under_ns + STEP_NS)

    def _raise(self, scene: Scene) -> list[NightOutput]:
        self.serial += 1
        self.peak, self.recovery = self._units(scene), 0.0
        kind = self._kind(scene, scene.excursions.deviation or 0.0)
        reasons = self._reasons(scene, kind)
        onset_ns = self._onset_ns(scene)
        self.suspicion = Suspicion(self.serial, kind, onset_ns, scene.at_ns, round(self.peak, 4), reasons)
        return [SuspicionRaised(scene.at_ns, self.suspicion)]

    def _rename(self, scene: Scene, standing: Suspicion, deviation: float) -> list[NightOutput]:
        """An episode may turn out to be something else; then it is raised again under its new name."""
        kind = standing.kind if standing.kind in SETTLED_KINDS else self._kind(scene, deviation)
        fading = standing.kind is EpisodeKind.NIGHTMARE_LIKE and kind is EpisodeKind.AROUSAL
        if kind is standing.kind or fading:
            return []
        units = min(self.peak, self._units(scene)) if self._in_echo(scene) else self._units(scene)
        score, reasons = round(units, 4), self._reasons(scene, kind)
        self.suspicion = replace(standing, kind=kind, score=score, reasons=reasons)
        return [SuspicionRaised(scene.at_ns, self.suspicion)]

    def _reasons(self, scene: Scene, kind: EpisodeKind) -> Reasons:
        reasons = list(reasons_of(self.signs(scene)))
        code = _LOOKS_LIKE.get(kind)
        if code is not None:
            reasons.append(Reason(code))
        if kind is EpisodeKind.TERROR_LIKE and scene.heart.baseline_bpm is not None:
            bound = self.bounds.terror_rise * scene.heart.baseline_bpm
            reasons.append(Reason(ReasonCode.HEART_RISE, scene.excursions.rise_bpm, bound, Unit.BPM))
        if kind is EpisodeKind.PERIODIC:
            reasons.append(Reason(ReasonCode.REPEATING, len(scene.excursions.surges), self.bounds.repeats))
        if kind is EpisodeKind.OUT_OF_BED and scene.motion.steps_60:
            reasons.append(Reason(ReasonCode.STEPS, scene.motion.steps_60))
        return tuple(reasons)
