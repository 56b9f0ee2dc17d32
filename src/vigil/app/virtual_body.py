"""A simulated sleeper who wears virtual wearables: what the body does becomes what they measure and send.

The strap and the watch ask for what they measure second by second; both are the same body's. A pulse on the watch's
motor reaches the body as the train it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.devices.virtual.vitals import Vitals
from vigil.domain.requests import Output
from vigil.domain.samples import BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.steps import LADDERS, Step
from vigil.domain.units import NS_PER_S
from vigil.recordings.synthetic.sleeper import SimulatedSleeper

REST_BPM = 60
"""Before lights-out, while the wearables are put on and found."""

ONE_TRAIN_NS = 3 * NS_PER_S
"""Pulses that follow each other more closely than this are one train: the ladder's pause is below a second."""

SILENT_NS = 5 * NS_PER_S
"""A heart that was not heard for so long is not measured: the sensor lost it."""


@dataclass(slots=True)
class VirtualBody:
    """`began_ns`: lights-out on the loop's clock, None before it; so long the body only rests."""

    sleeper: SimulatedSleeper
    began_ns: int | None = None
    _bpm: int = REST_BPM
    _bpm_ns: int = 0
    _beats: list[int] = field(default_factory=list)
    _worn: bool = True
    _motion: MotionSummary | None = None
    _felt_ns: int = -ONE_TRAIN_NS

    def strap(self, now_ns: int) -> Vitals:
        """What a strap measures in the second that ends now: beats, and the rate that they make."""
        self._live(now_ns)
        beats, self._beats = tuple(self._beats), []
        return Vitals(bpm=self._rate(now_ns), rr_ms=beats, contact=self._worn)

    def watch(self, now_ns: int) -> Vitals:
        """What a watch measures: movement, and a rate."""
        self._live(now_ns)
        motion, bpm = self._motion, self._rate(now_ns)
        if motion is None or motion.low_mg is None or motion.high_mg is None or motion.mean_mg is None:
            return Vitals(bpm=bpm, contact=self._worn)
        return Vitals(bpm=bpm, contact=self._worn, low_mg=motion.low_mg, high_mg=motion.high_mg, mean_mg=motion.mean_mg)

    def feel(self, now_ns: int, duration_ms: int) -> None:
        """A pulse of the motor; the first of a train is felt as the whole train."""
        is_first, self._felt_ns = now_ns - self._felt_ns > ONE_TRAIN_NS, now_ns
        step = _step_of(duration_ms)
        if self.began_ns is not None and is_first and step is not None:
            self.sleeper.feel(Output.VIBRATION, step.level, step.duration_ms, now_ns - self.began_ns)

    def _rate(self, now_ns: int) -> int:
        return self._bpm if self.began_ns is None or now_ns - self._bpm_ns <= SILENT_NS else 0

    def _live(self, now_ns: int) -> None:
        if self.began_ns is None or now_ns < self.began_ns:
            self._beats = [60_000 // REST_BPM]
            return
        for record in self.sleeper.until(now_ns - self.began_ns):
            match record:
                case BeatInterval(rr_ms=rr_ms):
                    self._beats.append(rr_ms)
                    self._bpm, self._bpm_ns = round(60_000 / rr_ms), now_ns
                case HeartSample(bpm_x10=bpm_x10):
                    self._bpm, self._bpm_ns = round(bpm_x10 / 10), now_ns
                case MotionSummary():
                    self._motion = record
                case Contact(on=on):
                    self._worn = on


def _step_of(pulse_ms: int) -> Step | None:
    return next((step for step in LADDERS[Output.VIBRATION] if step.on_ms == pulse_ms), None)
