"""How well staged: Cohen's kappa, accuracy, and what each class comes to."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Pairs = Sequence[tuple[int, int]]
"""(scored, said) by epoch"""


class Said(NamedTuple):
    """One scored epoch: the class scored, the class named, the probabilities of all four."""

    scored: int
    named: int
    p: tuple[float, float, float, float]


THREE = (0, 1, 1, 2)
"""wake, light, deep, REM to wake, NREM, REM"""


BINS = 10
"""Of probability, for calibration."""

DRAWS, SEED = 500, 7
"""Bootstrap draws, and the seed that makes two runs agree."""


def kappa(pairs: Pairs, classes: int) -> float:
    """Cohen's kappa (1960): agreement beyond chance; 0 where chance explains all."""
    total = len(pairs)
    agreed = sum(scored == said for scored, said in pairs) / total
    chance = sum(
        sum(scored == c for scored, _ in pairs) * sum(said == c for _, said in pairs) for c in range(classes)
    ) / (total * total)
    return (agreed - chance) / (1 - chance) if chance < 1 else 0.0


def accuracy(pairs: Pairs) -> float:
    """Share of epochs that agree."""
    return sum(scored == said for scored, said in pairs) / len(pairs)


def f1(pairs: Pairs, of_class: int) -> float:
    """Harmonic mean of recall and precision of one class."""
    both = sum(scored == said == of_class for scored, said in pairs)
    either = sum(scored == of_class for scored, _ in pairs) + sum(said == of_class for _, said in pairs)
    return 2 * both / either if either else 0.0


def recall(pairs: Pairs, of_class: int) -> float:
    """Share of the scored epochs of one class that were found."""
    wanted = [said for scored, said in pairs if scored == of_class]
    return sum(said == of_class for said in wanted) / len(wanted) if wanted else 0.0


def calibration_error(told: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error (Naeini 2015): |share that was so - mean probability| over `BINS` equal bins."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, so in told:
        bins[min(int(p * BINS), BINS - 1)].append((p, so))
    return sum(abs(sum(p - so for p, so in one)) for one in bins) / len(told)


def figures(by_person: Mapping[str, Sequence[Said]]) -> dict[str, float]:
    """The figures of a set of people: pooled over epochs, with 95 % intervals by person, and the median person's."""
    told = [one for said in by_person.values() for one in said]
    four = [(one.scored, one.named) for one in told]
    three = [(THREE[scored], THREE[named]) for scored, named in four]
    people = [[(THREE[one.scored], THREE[one.named]) for one in said] for said in by_person.values() if said]
    named = {
        "people": float(len(people)),
        "epochs": float(len(four)),
        "kappa_3": kappa(three, 3),
        "accuracy_3": accuracy(three),
        "kappa_3_median_person": statistics.median(kappa(pairs, 3) for pairs in people),
        "accuracy_3_median_person": statistics.median(accuracy(pairs) for pairs in people),
        "kappa_4": kappa(four, 4),
        "accuracy_4": accuracy(four),
        "rem_f1": f1(three, 2),
        "wake_sensitivity": recall(three, 0),
        "sleep_sensitivity": recall([(int(a > 0), int(b > 0)) for a, b in three], 1),
        "share_wake_scored": sum(a == 0 for a, _ in four) / len(four),
        "share_wake_said": sum(b == 0 for _, b in four) / len(four),
        "share_rem_scored": sum(a == 3 for a, _ in four) / len(four),
        "share_rem_said": sum(b == 3 for _, b in four) / len(four),
        "share_deep_scored": sum(a == 2 for a, _ in four) / len(four),
        "share_deep_said": sum(b == 2 for _, b in four) / len(four),
        "log_loss": sum(-math.log(one.p[one.scored]) for one in told) / len(told),
        "ece_wake": calibration_error([(one.p[0], one.scored == 0) for one in told]),
        "ece_rem": calibration_error([(one.p[3], one.scored == 3) for one in told]),
    }
    for name, measure in (("kappa_3", lambda pairs: kappa(pairs, 3)), ("accuracy_3", accuracy), ("rem_f1", _rem_f1)):
        named[f"{name}_low"], named[f"{name}_high"] = interval(people, measure)
    return {name: round(value, 4) for name, value in named.items()}


def interval(people: Sequence[Pairs], measure: Callable[[Pairs], float]) -> tuple[float, float]:
    """95 % bootstrap interval of a pooled figure, people drawn with replacement (Efron 1979), seeded."""
    chance = random.Random(SEED)
    drawn = sorted(
        measure([pair for _ in people for pair in people[chance.randrange(len(people))]]) for _ in range(DRAWS)
    )
    return drawn[round(0.025 * (DRAWS - 1))], drawn[round(0.975 * (DRAWS - 1))]


def _rem_f1(pairs: Pairs) -> float:
    return f1(pairs, 2)
