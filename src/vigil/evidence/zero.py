"""Whether an episode of size nought can be told from the untouched night: the area under the ROC curve of its peaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigil.evidence.cohort import Cohort
from vigil.evidence.figures import Drawn, Figure, FloatArray, over


@dataclass(frozen=True, slots=True)
class Zero:
    """auc: 0.5 where nothing tells them apart, which is what must be; n is the number of placements."""

    auc: Figure


def zero(cohort: Cohort) -> Zero:
    """Of all placements of size nought in a cohort."""
    people = cohort.people
    with_it = [_of(cohort, person, touched=True) for person in range(people)]
    without = [_of(cohort, person, touched=False) for person in range(people)]
    wins = np.array([wins_over(with_it, other) for other in without]).reshape(people, people)
    pairs = np.array([[a.size * b.size for a in with_it] for b in without], dtype=np.float64).reshape(people, people)
    value = float(over(wins.sum(), pairs.sum()))
    drawn_wins, drawn_pairs = np.zeros(len(cohort.times)), np.zeros(len(cohort.times))
    for one in range(people):
        for other in range(people):
            together = cohort.times[:, one] * cohort.times[:, other]
            drawn_wins += together * wins[one, other]
            drawn_pairs += together * pairs[one, other]
    n = sum(one.size for one in with_it)
    return Zero(Drawn(value, over(drawn_wins, drawn_pairs), n).figure())


def wins_over(groups: list[FloatArray], others: FloatArray) -> list[float]:
    """For each group the pairs in which it lies above one of `others`, ties as half (Mann & Whitney 1947)."""
    ordered = np.sort(others)
    return [
        float((np.searchsorted(ordered, group, "left") + np.searchsorted(ordered, group, "right")).sum()) / 2
        for group in groups
    ]


def _of(cohort: Cohort, person: int, *, touched: bool) -> FloatArray:
    nights = [one.placements for one, who in zip(cohort.counts, cohort.who, strict=True) if who == person]
    return np.concatenate([one.zero if touched else one.untouched for one in nights])
