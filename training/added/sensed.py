"""What the sensor would have said of a night with a response in it: its own instants, grid, lag and gaps."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.added.responses import HORIZON_S, Burst, Response
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S

RESTLESS = 0.75
"""How often a response has the restlessness of a real surge."""

COURSE = 6
"""Samples on either side that a slow course is a mean of."""

SURGE_BEFORE, SURGE_AFTER, MOST_WILD = 60, 84, 20
"""Samples: what a surge is held against, how long it is taken for; and how many are taken from a night."""

Sensed = HeartSample | BeatInterval | MotionSummary


@dataclass(frozen=True, slots=True)
class Habits:
    """grid_x10: heart rates come in multiples of this many tenths of a beat a minute. lag_s: of the sensor's filter.

    wild: stretches of the night in which the heart rate surged by itself.
    """

    grid_x10: int
    lag_s: float
    wild: tuple[tuple[int, ...], ...]


def habits_of(night: Sequence[Sensed], chance: random.Random) -> Habits:
    """From the untouched night; the lag is not in the data and is drawn from 2 to 15 s (mission 5.6)."""
    rates = [record for record in night if isinstance(record, HeartSample)]
    grid = math.gcd(*(record.bpm_x10 for record in rates)) if rates else 1
    return Habits(max(1, min(grid, 10)), chance.uniform(2, 15), _wild(rates))


def with_response(
    records: Sequence[Sensed], onset_ns: int, response: Response, habits: Habits, chance: random.Random
) -> list[Sensed]:
    """The records of (onset, onset + horizon], in order, as they would have been. Rates, beats and movement change.

    Beats are laid anew, each lasting what the beat of its instant lasted, shortened by what was added.
    """
    end_ns = onset_ns + HORIZON_S * NS_PER_S
    inside = [record for record in records if onset_ns < record.at_ns <= end_ns]
    hearts = [record for record in inside if isinstance(record, HeartSample)]
    beats = [record for record in inside if isinstance(record, BeatInterval)]
    out: list[Sensed] = [
        _moved(record, onset_ns, response.bursts) for record in inside if isinstance(record, MotionSummary)
    ]
    out.extend(_hearts(hearts, onset_ns, _lagged(response.added_bpm, habits.lag_s), habits, chance))
    out.extend(_beats(beats, onset_ns, response.added_bpm, chance))
    return sorted(out, key=lambda record: record.at_ns)


def _hearts(
    hearts: Sequence[HeartSample], onset_ns: int, added: Sequence[float], habits: Habits, chance: random.Random
) -> list[HeartSample]:
    """Rates with what was added, as restless and as given to holding and jumping as the sensor is in real surges.

    What is sent is a stretch of this night, its own or (mostly, since a body in distress is restless) one in which the
    rate surged by itself, lifted to where it should be. It is lifted where the stretch itself changes; elsewhere only
    when it has fallen far behind.
    """
    if not hearts:
        return []
    wild = habits.wild if chance.random() < RESTLESS else ()
    grid, own = habits.grid_x10, [record.bpm_x10 for record in hearts]
    model: Sequence[int] = chance.choice(wild)[: len(own)] if wild else own
    if len(model) < len(own):
        model = [*model, *own[len(model) :]]
    base = _course(own, COURSE) if wild else own
    under = _course(model, COURSE // 2) if wild else own
    patience_x10 = chance.uniform(20, 80)
    lift, out, before = 0, [], model[0]
    for record, level, course, value in zip(hearts, base, under, model, strict=True):
        wanted = level + 10 * _at(added, onset_ns, record.at_ns) - course
        off = wanted - lift
        if (value != before and chance.random() < 0.6) or abs(off) > patience_x10:
            lift += grid * round(off / grid)
        before = value
        out.append(HeartSample(record.at_ns, min(2200, max(250, value + lift))))
    return out


def _course(values: Sequence[int], half: int) -> list[float]:
    """Mean of so many values on either side."""
    return [
        sum(values[max(0, index - half) : index + half + 1]) / len(values[max(0, index - half) : index + half + 1])
        for index in range(len(values))
    ]


def _wild(rates: Sequence[HeartSample]) -> tuple[tuple[int, ...], ...]:
    """The stretches after the largest surges of the night, as long as a response."""
    values = [record.bpm_x10 for record in rates]
    if len(values) < 4 * SURGE_AFTER:
        return ()
    middle = [sorted(values[max(0, index - SURGE_BEFORE) : index + 1]) for index in range(0, len(values), 6)]
    over = [(values[6 * index] - past[len(past) // 2], 6 * index) for index, past in enumerate(middle)]
    found: list[int] = []
    for _, index in sorted(over, reverse=True):
        if all(abs(index - other) > SURGE_AFTER for other in found) and index + SURGE_AFTER < len(values):
            found.append(index)
        if len(found) == MOST_WILD:
            break
    return tuple(tuple(values[max(0, index - 12) : index + SURGE_AFTER]) for index in found)


def _lagged(added: Sequence[float], lag_s: float) -> list[float]:
    held, out = 0.0, []
    for value in added:
        held += (value - held) / lag_s
        out.append(held)
    return out


def _at(added: Sequence[float], onset_ns: int, at_ns: int) -> float:
    return added[min(len(added) - 1, max(0, (at_ns - onset_ns) // NS_PER_S))]


def _beats(
    beats: Sequence[BeatInterval], onset_ns: int, added: Sequence[float], chance: random.Random
) -> list[BeatInterval]:
    """A true interval within the rounding of 4 ms is drawn; beats are inserted whole, the last joins what follows."""
    out: list[BeatInterval] = []
    if not beats:
        return out
    index, at_ns, end_ns = 0, float(beats[0].at_ns - beats[0].rr_ms * NS_PER_MS), beats[-1].at_ns
    while index < len(beats):
        here = beats[index]
        rr_ms = here.rr_ms + chance.uniform(-2, 2)
        rr_ms = 60_000 / (60_000 / rr_ms + _at(added, onset_ns, round(at_ns)))
        pause_ns = here.at_ns - here.rr_ms * NS_PER_MS
        at_ns = max(at_ns, pause_ns) if pause_ns - at_ns > 2 * NS_PER_S else at_ns
        at_ns += rr_ms * NS_PER_MS
        if at_ns > end_ns:
            break
        if at_ns > onset_ns:
            out.append(BeatInterval(round(at_ns), 4 * round(rr_ms / 4), here.clean))
        while index < len(beats) and beats[index].at_ns <= at_ns:
            index += 1
    return out


def _moved(record: MotionSummary, onset_ns: int, bursts: Sequence[Burst]) -> MotionSummary:
    from_s = (record.at_ns - onset_ns) / NS_PER_S - record.duration_ms / 1000
    to_s = from_s + record.duration_ms / 1000
    hit = [burst for burst in bursts if burst.from_s < to_s and burst.from_s + burst.long_s > from_s]
    if not hit:
        return record
    range_mg = record.range_mg
    if range_mg is not None:
        range_mg = max(range_mg, 10 * round(max(burst.range_mg for burst in hit) / 10))
    steps = record.steps if record.steps is None else record.steps + sum(burst.steps for burst in hit)
    return replace(record, range_mg=range_mg, low_mg=None, high_mg=None, steps=steps)
