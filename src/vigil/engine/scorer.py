"""Interim: a cumulative sum as evidence."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.plain import register
from vigil.domain.sleep import StageProbabilities
from vigil.engine.excursions import Excursions
from vigil.signal.motion import MotionLook


@register
@dataclass(slots=True)
class Scorer:
    """Interim."""

    evidence: float = 0.0

    def look(self, excursions: Excursions, p: StageProbabilities, motion: MotionLook) -> float:
        """Interim."""
        if excursions.deviation is None:
            return 0.0
        moving = min(1.0, motion.moving_s / 60) if motion.known else 0.0
        ordinary = 2.0 + 1.5 * p.wake + 0.3 * p.deep - 0.2 * p.rem + 1.5 * moving
        self.evidence = max(0.0, self.evidence + min(excursions.deviation, 6.0) - ordinary)
        return self.evidence / 4
