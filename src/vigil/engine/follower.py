"""One threshold's view of a night: the episodes it raises, and what control must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from vigil.domain.nudges import Reason, ReasonCode, Suspicion
from vigil.domain.plain import register
from vigil.domain.records import NightOutput
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.episodes import EpisodeDetector
from vigil.engine.scene import Perceived
from vigil.engine.signs import Signs
from vigil.engine.wobble import excess_bpm
from vigil.signal.heart import HeartLook

UPRIGHT_STEPS = 6
"""Steps within a minute that mean walking: fewer come from a turning arm."""


class EngineLook(NamedTuple):
    """What the engine says at one step.

    watchable: a nudge would be possible for all the data say: good, warm, with a known baseline. A leap that waits to
    be borne out is watched.
    p_wake: of the last scored epoch, None before the first. awake_before_onset_ms: how long P(wake) had been at least
    0.9, without a break, when the suspicion that stands began; 0 without one. surge_bpm: how far the heart stands above
    its baseline, None where not known. moving_s: of the last two minutes. signs: what is seen. outputs: in order.
    """

    at_ns: int
    heart: HeartLook
    suspicion: Suspicion | None
    p_wake: float | None
    awake_before_onset_ms: int
    upright: bool
    surge_bpm: float | None
    moving_s: float
    watchable: bool
    signs: Signs
    outputs: tuple[NightOutput, ...]


class Wakefulness(Protocol):
    """Knows how long the sleeper had been awake before an instant; the engine does."""

    def awake_before_ms(self, onset_ns: int) -> int:
        """Milliseconds for which every epoch up to the one that held `onset_ns` had been awake."""


@register
@dataclass(slots=True)
class Follower:
    """The detector at one threshold. episode: the last one seen; awake_ms: how long awake before it."""

    detector: EpisodeDetector
    episode: int = 0
    awake_ms: int = 0

    @classmethod
    def of(cls, bounds: EpisodeBounds, factor: float = 1.0) -> Follower:
        """A follower before its night; `factor` multiplies the threshold."""
        return cls(EpisodeDetector.of(bounds, factor))

    def expect_echo(self, until_ns: int) -> None:
        """The heart answers a nudge until `until_ns`: its rise is no escalation."""
        self.detector.expect_echo(until_ns)

    def look(self, perceived: Perceived, wakefulness: Wakefulness) -> EngineLook:
        """Take one step that was perceived."""
        scene = perceived.scene
        changed = self.detector.look(scene)
        suspicion = self.detector.suspicion
        if suspicion is not None and suspicion.episode != self.episode:
            self.episode = suspicion.episode
            self.awake_ms = wakefulness.awake_before_ms(suspicion.onset_ns)
        return EngineLook(
            at_ns=scene.at_ns,
            heart=scene.heart,
            suspicion=suspicion,
            p_wake=perceived.p_wake,
            awake_before_onset_ms=0 if suspicion is None else self.awake_ms,
            upright=(scene.motion.steps_60 or 0) >= UPRIGHT_STEPS,
            surge_bpm=excess_bpm(scene.heart),
            moving_s=scene.motion.moving_s,
            watchable=perceived.watchable,
            signs=self.detector.signs(scene),
            outputs=(*perceived.outputs, *changed) if changed else perceived.outputs,
        )

    def end(self, at_ns: int) -> list[NightOutput]:
        """The night is over: a suspicion that stands is cleared."""
        return self.detector.clear(at_ns, (Reason(ReasonCode.NIGHT_OVER),))
