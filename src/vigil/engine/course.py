"""How the night has gone so far, as the first trees saw it: what the second trees look at beside the features.

One epoch's look is ambiguous; the hours before it are not. Restless sleepers look like dreaming all night, so that
what counts is how much more than before; and REM comes again after its time (mission 5.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.engine.feature_list import FeatureSpec
from vigil.signal.estimators import NightQuantiles

SPANS = (3, 10, 20, 60, 120, 180, 240)
"""Epochs over which the first probabilities are averaged: 1.5 min to 2 h, a cycle being 90 to 110 min."""

MOST_OF = (60, 180)
"""Epochs in which the highest 5-min mean is looked for."""

LONG_AGO = 240
"""Epochs at which a time since something stops: 2 h."""

STAGE_WORDS = ("wake", "light", "deep", "rem")

FOLLOWED = (("wake", 0, 0.5), ("deep", 2, 0.4), ("rem", 3, 0.5))
"""Name, class, and the mean of 5 min above which a stretch is that stage. Our choice; the trees learn what it means."""

ONSET_WAKE = 0.4
"""Sleep has begun once the 5-min mean of wake is below this. Our choice."""

COURSE: tuple[FeatureSpec, ...] = (
    *(FeatureSpec(f"p_{one}", "1", f"first probability of {one}") for one in STAGE_WORDS),
    *(
        FeatureSpec(f"p_{one}_{span / 2:g}m", "1", f"its mean over {span / 2:g} min")
        for one in STAGE_WORDS
        for span in SPANS
    ),
    *(
        FeatureSpec(f"{one}_{what}", unit, meaning)
        for one, _, _ in FOLLOWED
        for what, unit, meaning in (
            ("most_30m", "1", "highest 5-min mean of 30 min"),
            ("most_90m", "1", "highest 5-min mean of 90 min"),
            ("rank", "1", "share of the night so far with a lower 5-min mean"),
            ("since", "epochs", "since the last stretch of it, at most 240"),
            ("run", "epochs", "how long this stretch of it has lasted, 0 outside one"),
            ("count", "1", "stretches of it so far"),
        )
    ),
    FeatureSpec("since_first_rem", "epochs", "since the first stretch of REM began, -1 before"),
    FeatureSpec("since_onset", "epochs", "since sleep began, -1 before"),
)


@register
@dataclass(slots=True)
class Stretches:
    """The stretches of one stage. of_5m: means of 5 min, for `MOST_OF`. since: epochs since the last one."""

    of_5m: list[float] = field(default_factory=list)
    usual: NightQuantiles = field(default_factory=lambda: NightQuantiles(1))
    since: int = LONG_AGO
    run: int = 0
    count: int = 0

    def add(self, mean: float, least: float) -> tuple[float, ...]:
        """Take the 5-min mean of this epoch; the six numbers of `COURSE`."""
        of_5m = self.of_5m
        of_5m.append(mean)
        del of_5m[: -MOST_OF[1]]
        self.usual.update(0, mean)
        if mean > least:
            self.count += self.run == 0
            self.run, self.since = self.run + 1, 0
        else:
            self.run, self.since = 0, min(self.since + 1, LONG_AGO)
        most = max(of_5m[-MOST_OF[0] :])
        rank = self.usual.rank(mean) or 0.0
        return (most, max(of_5m), rank, float(self.since), float(self.run), float(self.count))


@register
@dataclass(slots=True)
class Course:
    """What the first trees said of the night so far. seen: by class, for 2 h. first_rem, onset: epochs since, or -1."""

    seen: list[list[float]] = field(default_factory=lambda: [[] for _ in STAGE_WORDS])
    stretches: list[Stretches] = field(default_factory=lambda: [Stretches() for _ in FOLLOWED])
    first_rem: int = -1
    onset: int = -1

    def add(self, p: Sequence[float]) -> tuple[float, ...]:
        """Take the first probabilities of an epoch, which sum to 1; the row that `COURSE` explains."""
        means: list[float] = []
        of_5m: list[float] = []
        for held, value in zip(self.seen, p, strict=True):
            held.append(value)
            del held[: -SPANS[-1]]
            spans = _means(held)
            means += spans
            of_5m.append(spans[1])
        stretches = [
            number
            for stretch, (_, of_class, least) in zip(self.stretches, FOLLOWED, strict=True)
            for number in stretch.add(of_5m[of_class], least)
        ]
        self.first_rem = _counted(self.first_rem, begins=self.stretches[-1].count > 0)
        self.onset = _counted(self.onset, begins=of_5m[0] < ONSET_WAKE)
        return (*p, *means, *stretches, float(self.first_rem), float(self.onset))


def _means(values: Sequence[float]) -> list[float]:
    """The mean of the last of each of `SPANS`, or of as many as there are: the whole window summed, span by span."""
    count, total, after = len(values), 0.0, 0
    means = []
    for span in SPANS:
        if after < count:
            total += sum(values[max(count - span, 0) : count - after])
            after = min(span, count)
        means.append(total / after)
    return means


def _counted(epochs: int, *, begins: bool) -> int:
    """One epoch more since something that began; -1 until it does."""
    return epochs + 1 if epochs >= 0 or begins else -1
