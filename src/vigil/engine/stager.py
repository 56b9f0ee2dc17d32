"""Sleep stages as they go: trees say how this epoch looks, a forward filter what that means after the last one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vigil.domain.plain import register
from vigil.domain.sleep import StageProbabilities
from vigil.engine.parameters import Parameters, Row4

LEAST = 1e-6
"""No stage is ever ruled out: the filter must be able to come back."""


@register
@dataclass(slots=True)
class Stager:
    """The belief after the last scored epoch, None before the first. The parameters stay outside the state.

    A forward filter (Rabiner 1989, equation 20, scaled): belief x transitions, times the evidence of the epoch, which
    is the trees' probability over `against`, to the power `temper`, because neighbouring epochs share most of their
    windows and would otherwise be counted many times. `against` is the share of each stage, flattened: with the full
    share rare stages are called too often, with none too seldom.
    """

    belief: Row4 | None = None

    def score(self, features: Sequence[float], any_data: bool, parameters: Parameters) -> StageProbabilities:
        """The stage of the epoch that just ended. Without data the filter only predicts.

        features: in the order of `FEATURES`, NaN where not known. any_data: whether heart rate or movement was known.
        """
        belief = self._predicted(parameters)
        if any_data:
            seen = parameters.forest.probabilities(features)
            evidence = [
                math.pow(max(p, LEAST) / share, parameters.temper)
                for p, share in zip(seen, parameters.against, strict=True)
            ]
            belief = _normal([b * e for b, e in zip(belief, evidence, strict=True)])
        self.belief = belief
        return StageProbabilities(*belief)

    def _predicted(self, parameters: Parameters) -> Row4:
        belief = self.belief
        if belief is None:
            return parameters.first
        rows = parameters.follow
        return _normal(
            [math.fsum([b * row[stage] for b, row in zip(belief, rows, strict=True)]) for stage in range(len(rows))]
        )


def _normal(weights: list[float]) -> Row4:
    floored = [max(weight, LEAST * LEAST) for weight in weights]
    total = math.fsum(floored)
    wake, light, deep, rem = (weight / total for weight in floored)
    return (wake, light, deep, rem)
