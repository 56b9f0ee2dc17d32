"""Sleep stages as they go: trees say how this epoch looks, second trees what that means after the night so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.sleep import StageProbabilities
from vigil.engine.course import Course
from vigil.engine.parameters import Parameters, Row4

LEAST = 1e-6
"""No stage is ever ruled out: what follows must be able to come back."""


@register
@dataclass(slots=True)
class Stager:
    """What is believed after the last scored epoch. The parameters stay outside the state.

    Stacking (Wolpert 1992): the second trees were fitted on what first trees said of people *they* had not seen, so
    they know how far to trust them. Their probabilities are those of the stage given the night so far, not evidence
    to be multiplied up: neighbouring epochs share most of their windows, and a forward filter counts that twice
    (measured: log-loss 1.1 with it, 0.75 without). Only where nothing is known do the transitions carry on.
    seen, belief: of the first and the second trees, None before the first epoch.
    """

    seen: Row4 | None = None
    belief: Row4 | None = None
    course: Course = field(default_factory=Course)

    def score(self, features: Sequence[float], any_data: bool, parameters: Parameters) -> StageProbabilities:
        """The stage of the epoch that just ended. Without data the transitions only predict.

        features: in the order of `FEATURES`, NaN where not known. any_data: whether heart rate or movement was known.
        """
        if any_data:
            self.seen = _normal(parameters.forest.probabilities(features))
            row = (*self.course.add(self.seen), *features)
            self.belief = _normal(parameters.second.probabilities(row))
        else:
            self.seen = predicted(self.seen, parameters)
            self.course.add(self.seen)
            self.belief = predicted(self.belief, parameters)
        return StageProbabilities(*self.belief)


def predicted(before: Row4 | None, parameters: Parameters) -> Row4:
    """One epoch later, nothing known: through `follow`; `first` before the first epoch."""
    if before is None:
        return parameters.first
    rows = parameters.follow
    return _normal([math.fsum([b * row[k] for b, row in zip(before, rows, strict=True)]) for k in range(len(rows))])


def _normal(weights: Sequence[float]) -> Row4:
    floored = [max(weight, LEAST) for weight in weights]
    total = math.fsum(floored)
    wake, light, deep, rem = (weight / total for weight in floored)
    return (wake, light, deep, rem)
