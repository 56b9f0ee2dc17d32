"""Beat-to-beat intervals of a chest strap, integrated from the true heart rate, breathing and a little noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vigil.domain.samples import BeatInterval
from vigil.domain.units import MS_PER_S, NS_PER_MS
from vigil.recordings.synthetic.chance import Chance, generator
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.sensor import RR_NOISE_MS, STRAP_MISS_CHANCE, STRAP_MISS_MG

SHORTEST_MS, LONGEST_MS = 300, 2000
RSA_SHARE = 0.95
"""Amplitude of the breathing wave over RMSSD: successive differences of a sine sampled four times a breath have an
RMS of its amplitude; the rest of the RMSSD is noise."""
RMSSD_REFERENCE_MS = 42.0


@dataclass(slots=True)
class Beats:
    """The heart at work.

    at_ms: the last beat. pending_ms: the interval to the next, fixed when it began, so that no beat falls before one
    that was already known; 0 before the first. carried_ms: an interval whose end the strap missed, added to the next.
    """

    rmssd_ms: float
    normal: list[float]
    even: list[float]
    at_ms: int = 0
    phase: float = 0.0
    count: int = 0
    pending_ms: int = 0
    carried_ms: int = 0

    @classmethod
    def of(cls, who: Person, seed: int, seconds: int) -> Beats:
        """A heart for a night of `seconds`."""
        rng = generator(seed, Chance.SENSOR)
        return cls(who.rmssd_ms, rng.standard_normal(3 * seconds + 3).tolist(), rng.random(seconds + 1).tolist())

    def second(self, s: int, heart_bpm: float, rsa: float, breathing_hz: float, move_mg: float) -> list[BeatInterval]:
        """The intervals whose second beat falls in the second that ends at `s`."""
        found: list[BeatInterval] = []
        misses = move_mg > STRAP_MISS_MG and self.even[s] < STRAP_MISS_CHANCE
        while True:
            rr = self.pending_ms or self._interval(heart_bpm, rsa)
            self.pending_ms = rr
            if self.at_ms + rr > s * MS_PER_S:
                return found
            self.at_ms += rr
            self.pending_ms = 0
            self.phase = math.fmod(self.phase + math.tau * breathing_hz * rr / MS_PER_S, math.tau)
            self.count += 1
            if misses and self.carried_ms == 0:
                self.carried_ms = rr
                continue
            whole, clean = rr + self.carried_ms, self.carried_ms == 0
            self.carried_ms = 0
            found.append(BeatInterval(self.at_ms * NS_PER_MS, whole, clean))

    def _interval(self, heart_bpm: float, rsa: float) -> int:
        depth = self.rmssd_ms * rsa
        noise = RR_NOISE_MS * depth / RMSSD_REFERENCE_MS * self.normal[self.count % len(self.normal)]
        rr = 60_000 / heart_bpm + RSA_SHARE * depth * math.sin(self.phase) + noise
        return min(LONGEST_MS, max(SHORTEST_MS, round(rr)))
