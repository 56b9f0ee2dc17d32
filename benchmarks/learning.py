"""One command: what learning does to a person, night after night, all of it simulated.

    python -m benchmarks.learning [--json FILE] [--people N] [--nights N]

Nights are simulated as figures, never as samples. How often each class of nightmare is found at the shipped threshold,
how that falls with the factor, and how people answer are assumptions [A] (the mixture is that of mission 5.3); what is
real is the learning: the same `plan_for` that `vigil watch` asks each evening. Rows: kinds of people. Before: the
shipped threshold, nothing learned. After: the second half of the nights.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean, median

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import Mode
from vigil.engine.first_nights import plan_for
from vigil.engine.nights_known import NightKnown
from vigil.engine.personal import LEAST_NIGHTS

THRESHOLD_NIGHTS = 10.0
"""Ordinary nights between two false nudges at the shipped threshold, guard and look-alikes taken off [A]."""

SLEPT_NIGHTS = 0.9
"""Watched sleep of a night over eight hours."""

MIXTURE = ((0.35, 0.05, 0.5), (0.45, 0.5, 0.2), (0.20, 0.9, 0.05))
"""Silent, moderate, strong: share (mission 5.3), found at the shipped threshold, and the power of the factor by which
that falls [A]."""

RISES_WHEN_MISSED = 0.6
"""Moderate and strong nightmares that are not found but show as a rise too small to be nudged [A]: to learning they
look ordinary, unless the morning tells of a bad dream."""

CLUSTER_SHAPE = 2.0
"""Rises of a night follow a gamma-Poisson law of this shape: they cluster (mission 6.4)."""

CLOSE = 1.25
"""Converged: what is learned of the ordinary rate is within a quarter of the truth, and from then on."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What a simulated night held."""

    dreams: int
    found: int
    false_nudges: int


Mornings = Callable[[Happened, random.Random], Answer]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of person. ordinary: rises, times the population. nightmares: a night."""

    name: str
    ordinary: float
    nightmares: float
    mornings: Mornings


def honest(night: Happened, chance: random.Random) -> Answer:
    """Says what they remember: a dream that was interrupted is mostly forgotten, a false nudge mostly slept through."""
    if night.dreams > night.found and chance.random() < 0.8:
        return Answer(MorningWord.BAD_DREAM, distress=chance.randint(4, 9))
    if night.false_nudges and chance.random() < 0.25:
        return Answer(MorningWord.QUIET, disturbed=True)
    return Answer(chance.choice((MorningWord.QUIET, MorningWord.QUIET, MorningWord.NOT_REMEMBERED)))


def silent(_night: Happened, _chance: random.Random) -> Answer:
    """Never answers."""
    return Answer()


def forgetful(_night: Happened, _chance: random.Random) -> Answer:
    """Remembers nothing."""
    return Answer(MorningWord.NOT_REMEMBERED)


def complaining(_night: Happened, _chance: random.Random) -> Answer:
    """Says every morning that Vigil disturbed them, whatever it did."""
    return Answer(MorningWord.KEPT_DREAM, disturbed=True, was_awake=True)


def alarmed(_night: Happened, _chance: random.Random) -> Answer:
    """Reports twenty bad dreams every morning, whatever happened."""
    return Answer(MorningWord.BAD_DREAM, dreams=20, distress=5)


def at_random(_night: Happened, chance: random.Random) -> Answer:
    """Presses any key."""
    woken, disturbed, was_awake = (chance.choice((None, True, False)) for _ in range(3))
    return Answer(chance.choice(list(MorningWord)), woken=woken, disturbed=disturbed, was_awake=was_awake)


KINDS = (
    Kind("ordinary rate x0.3, no nightmares", 0.3, 0.0, honest),
    Kind("ordinary rate x1, no nightmares", 1.0, 0.0, honest),
    Kind("ordinary rate x2, no nightmares", 2.0, 0.0, honest),
    Kind("ordinary rate x4, no nightmares", 4.0, 0.0, honest),
    Kind("ordinary rate x1, one nightmare a week", 1.0, 1 / 7, honest),
    Kind("ordinary rate x1, three a week", 1.0, 3 / 7, honest),
    Kind("ordinary rate x1, near-nightly", 1.0, 6 / 7, honest),
    Kind("ordinary rate x2, three a week, never answers", 2.0, 3 / 7, silent),
    Kind("ordinary rate x2, three a week, remembers nothing", 2.0, 3 / 7, forgetful),
    Kind("ordinary rate x1, one a week, always complains", 1.0, 1 / 7, complaining),
    Kind("ordinary rate x1, one a week, always reports bad dreams", 1.0, 1 / 7, alarmed),
    Kind("ordinary rate x1, one a week, any key", 1.0, 1 / 7, at_random),
)


@dataclass(frozen=True, slots=True)
class Lived:
    """One simulated night as it went. factor, ordinary: learned after it.

    false_per_night, found_share: to be expected at what it ran with.
    """

    night: NightKnown
    happened: Happened
    factor: float
    ordinary: float
    nudging: bool
    false_per_night: float
    found_share: float


def live(kind: Kind, nights: int, seed: int) -> Iterator[Lived]:
    """A person's nights, one after another, each under the plan that those before it make."""
    chance = random.Random(seed)
    history: list[NightKnown] = []
    plan, _ = plan_for(history)
    for number in range(nights):
        bar = THRESHOLD_NIGHTS * plan.profile.threshold_factor
        nudging = plan.mode is Mode.ON
        night, happened = _night(kind, number, bar, chance, nudging=nudging)
        history.append(night)
        plan, learned = plan_for(history)
        rate = kind.ordinary * SLEPT_NIGHTS / bar if nudging else 0.0
        found = found_share(bar) if nudging else 0.0
        yield Lived(night, happened, learned.threshold_factor, learned.ordinary.value, nudging, rate, found)


def found_share(bar: float) -> float:
    """Share of nightmares of the mixture that is found at a threshold [A]."""
    return math.fsum(_found(found, power, bar) * share for share, found, power in MIXTURE)


def _found(found: float, power: float, bar: float) -> float:
    return min(1.0, found * math.pow(bar / THRESHOLD_NIGHTS, -power))


def _night(kind: Kind, number: int, bar: float, chance: random.Random, *, nudging: bool) -> tuple[NightKnown, Happened]:
    expected = (1 / LEAST_NIGHTS - 1 / bar) * SLEPT_NIGHTS
    rises = _poisson(kind.ordinary * expected * chance.gammavariate(CLUSTER_SHAPE, 1 / CLUSTER_SHAPE), chance)
    false = _poisson(kind.ordinary * SLEPT_NIGHTS / bar, chance)
    dreams = _poisson(kind.nightmares, chance)
    classes = [chance.choices(MIXTURE, [row[0] for row in MIXTURE])[0] for _ in range(dreams)]
    missed = [one for one in classes if chance.random() >= _found(one[1], one[2], bar)]
    seen = dreams - len(missed)
    rises += sum(chance.random() < RISES_WHEN_MISSED for one in missed if one is not MIXTURE[0])
    happened = Happened(dreams, seen if nudging else 0, false if nudging else 0)
    night = NightKnown(
        number=number,
        name=f"night {number + 1}",
        day=number,
        watched_h=7.5,
        blind_h=0.4,
        resting_bpm=chance.gauss(56, 3),
        spread_bpm=abs(chance.gauss(3, 0.7)),
        rises=rises,
        rises_expected=expected,
        suspicions=seen + false,
        interventions=happened.found + happened.false_nudges,
    )
    return replace(night, answer=kind.mornings(happened, chance)), happened


def _poisson(mean: float, chance: random.Random) -> int:
    """Knuth 1969: how many uniform factors until their product falls below exp(-mean)."""
    below, product, count = math.exp(-mean), chance.random(), 0
    while product > below:
        product *= chance.random()
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of person; medians and means over people.

    nights_to_converge: of the ordinary rate; None where fewer than half ever come to stay within `CLOSE` of the truth.
    """

    who: str
    nights_to_converge: float | None
    factor: float
    factor_low: float
    factor_high: float
    false_before: float
    false_after: float
    found_before: float
    found_after: float
    nudging_share: float


def row_of(kind: Kind, people: int, nights: int) -> Row:
    """Simulate people of a kind and sum them up."""
    lives = [list(live(kind, nights, seed)) for seed in range(people)]
    late = [lived for life in lives for lived in life[nights // 2 :]]
    armed = [lived for lived in late if lived.nudging]
    last = sorted(life[-1].factor for life in lives)
    reached = [converged(kind, life) for life in lives]
    came = [night for night in reached if night is not None]
    return Row(
        who=kind.name,
        nights_to_converge=median(came) if 2 * len(came) > people else None,
        factor=round(median(last), 2),
        factor_low=round(last[int(0.05 * people)], 2),
        factor_high=round(last[int(0.95 * people)], 2),
        false_before=round(kind.ordinary * SLEPT_NIGHTS / THRESHOLD_NIGHTS, 3),
        false_after=round(fmean(lived.false_per_night for lived in armed), 3) if armed else 0.0,
        found_before=round(found_share(THRESHOLD_NIGHTS), 2),
        found_after=round(fmean(lived.found_share for lived in armed), 2) if armed else 0.0,
        nudging_share=round(len(armed) / len(late), 2),
    )


def converged(kind: Kind, life: list[Lived]) -> int | None:
    """The first night from which on what is learned of the ordinary rate stays near the truth."""
    near = (kind.ordinary / CLOSE, kind.ordinary * CLOSE)
    away = [index for index, lived in enumerate(life) if not near[0] <= lived.ordinary <= near[1]]
    first = away[-1] + 2 if away else 1
    return first if first <= len(life) else None


def main() -> None:
    """Simulate and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also as JSON")
    parser.add_argument("--people", type=int, default=20, help="of each kind")
    parser.add_argument("--nights", type=int, default=120, help="of each person")
    wish = parser.parse_args()
    rows = [row_of(kind, wish.people, wish.nights) for kind in KINDS]
    print(
        "| person (simulated) | nights to converge | factor (5-95 %) | false nudges a night | found | nights nudging |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        reached = "-" if row.nights_to_converge is None else f"{row.nights_to_converge:.0f}"
        print(
            f"| {row.who} | {reached} | {row.factor:.2f} ({row.factor_low:.2f}-{row.factor_high:.2f}) "
            f"| {row.false_before:.3f} -> {row.false_after:.3f} | {row.found_before:.0%} -> {row.found_after:.0%} "
            f"| {row.nudging_share:.0%} |"
        )
    if wish.json is not None:
        wish.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
