"""How unusual a moment is: the experts are asked, and the rarest answer counts.

Evidence is told as a return period: so much of it is met in ordinary sleep about once in so many nights. A threshold
is then a budget of false nudges, and multiplying it means what it says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.engine.experts import Expert
from vigil.engine.moments import MOMENTS, MomentMaker
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

MOVE_NOW = next(place for place, spec in enumerate(MOMENTS) if spec.name == "move_now")

SILENT = -8.0
"""What an expert that was not asked in the step before is taken to have said: nothing of the kind."""


@register
@dataclass(slots=True)
class Scorer:
    """The state: the row maker, and what each expert said in the last step. `look` at every step, in order.

    An answer is averaged with the one before it, so that no single step decides.
    """

    maker: MomentMaker = field(default_factory=MomentMaker)
    said: list[float | None] = field(default_factory=list)

    def begin(self, at_ns: int) -> None:
        """Lights-out."""
        self.maker.begin(at_ns)

    def look(self, heart: HeartLook, motion: MotionLook, experts: Sequence[Expert]) -> float:
        """Take one step; evidence in ordinary nights, at least 0."""
        row = self.maker.note(heart, motion)
        before, self.said = self.said or [None] * len(experts), [None] * len(experts)
        if row is None:
            return 0.0
        self.said = [expert.log_odds(row) for expert in experts]
        rarest, moved = 0.0, not math.isnan(row[MOVE_NOW])
        for expert, now, then in zip(experts, self.said, before, strict=True):
            if now is not None:
                rarest = max(rarest, expert.nights((now + (SILENT if then is None else then)) / 2, moved=moved))
        return rarest
