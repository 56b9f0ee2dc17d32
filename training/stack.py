"""Two layers of trees: the second fitted on what the first say of people they were not fitted on (Wolpert 1992)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from training.boost import Table, plain_trees
from training.rows import NightRows, Numbers
from training.variants import VARIANTS
from vigil.engine.course import COURSE, Course

FOLDS = 4
"""Groups of people that the first trees leave out in turn."""

OTHERS = 2
"""Variants of a night that are fitted on beside the recorded one: all eight cost twice the time."""

BEATS_WEIGHT = 0.5
"""Of nights that have only one variant (ECG alone, sleepers with apnoea) beside nights that have many."""


def chosen(rows: Sequence[NightRows]) -> list[NightRows]:
    """Each night as recorded, and in `OTHERS` other variants, other ones from person to person."""
    names = [variant.name for variant in VARIANTS]
    kept = []
    for night in rows:
        place = names.index(night.variant)
        turn = zlib.crc32(night.person.encode())
        if place == 0 or (place + turn) % (len(names) - 1) < OTHERS:
            kept.append(night)
    return kept


def weights(nights: Sequence[NightRows], rows: Sequence[NightRows]) -> list[float]:
    """What each night's epochs weigh in fitting; `rows` are all there are, which tell who has many variants."""
    by_name = {variant.name: variant.weight for variant in VARIANTS}
    many = {night.person for night in rows if night.variant != VARIANTS[0].name}
    return [by_name[night.variant] * (1.0 if night.person in many else BEATS_WEIGHT) for night in nights]


def fit_stack(rows: Sequence[NightRows], follow: Sequence[Sequence[float]], first: Sequence[float]) -> dict[str, Any]:
    """`{"trees": ..., "second": ...}`, in the form that `vigil.engine.trees` reads."""
    nights = chosen(rows)
    people = sorted({night.person for night in nights})
    group = [people.index(night.person) % FOLDS for night in nights]
    weight = weights(nights, rows)
    table = Table.of(nights, [night.features for night in nights], weight, group)
    seen: list[Numbers] = [np.empty(0)] * len(nights)
    for fold in range(min(FOLDS, len(people))):
        booster = table.fit(without=fold if len(people) > 1 else None)
        for index, night in enumerate(nights):
            if group[index] == fold:
                seen[index] = booster.predict(night.features, num_threads=1)
    rows_2 = [second_rows(night, p, follow, first) for night, p in zip(nights, seen, strict=True)]
    return {
        "trees": plain_trees(table.fit().dump_model()),
        "second": plain_trees(Table.of(nights, rows_2, weight, group).fit().dump_model()),
    }


def second_rows(night: NightRows, seen: Numbers, follow: Sequence[Sequence[float]], first: Sequence[float]) -> Numbers:
    """What the second trees look at: shape (epochs, course and features), as `vigil.engine.stager` lays it out."""
    course, before = Course(), None
    made = np.empty((len(seen), len(COURSE)))
    for index, known in enumerate(night.any_data):
        if known:
            before = seen[index].tolist()
        elif before is None:
            before = list(first)
        else:
            before = [sum(b * row[k] for b, row in zip(before, follow, strict=True)) for k in range(len(follow))]
        made[index] = course.add(before)
    return np.hstack([made, night.features])
