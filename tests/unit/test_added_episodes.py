"""What is added is known: sizes and times as the literature gives them, and nothing where nothing is added."""

from __future__ import annotations

import ast
import math
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from vigil.domain.records import Input
from vigil.domain.samples import BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.recordings.added.beats import grid_of
from vigil.recordings.added.episode import Burst, Episode, Kind, Piece, draw_episode
from vigil.recordings.added.lag import LONGEST_LAG_S, lag_of, lagged
from vigil.recordings.added.movement import add_to_rows, axis_grid_mg
from vigil.recordings.added.untouched import Untouched

ROOT = Path(__file__).resolve().parents[2]
MINUTES = 150
ONSET_NS = 90 * 60 * NS_PER_S
UNTIL_NS = ONSET_NS + 300 * NS_PER_S


def watch_inputs(seed: int = 1) -> list[Input]:
    """A made-up wrist sensor: whole beats a minute about every 5 s, held and jumping, with a surge now and then."""
    chance = random.Random(seed)
    inputs: list[Input] = []
    level, at_s = 60.0, 0.0
    while at_s < MINUTES * 60:
        at_s += chance.choice((4, 5, 5, 5, 6))
        surge = 12.0 * math.exp(-((((at_s % 1300) - 900) / 40) ** 2))
        level += 0.1 * (60 - level) + (chance.gauss(0, 2) if chance.random() < 0.5 else 0.0)
        inputs.append(HeartSample(round(at_s * NS_PER_S), 10 * round(level + surge)))
    rows = [
        MotionSummary(30 * minute * NS_PER_S, 30_000, chance.choice((10, 14, 35))) for minute in range(1, 2 * MINUTES)
    ]
    return sorted([*inputs, *rows, Contact(5 * NS_PER_S, True)], key=lambda record: record.at_ns)


def strap_inputs(seed: int = 1, grid_ms: int = 4) -> list[Input]:
    """A made-up ECG: beats on a grid, with breathing in them, and one doubtful beat in fifty."""
    chance = random.Random(seed)
    inputs: list[Input] = []
    at_ns = 0
    while at_ns < MINUTES * 60 * NS_PER_S:
        seconds = at_ns / NS_PER_S
        rate = (
            60
            + 2 * math.sin(seconds * 1.6)
            + chance.gauss(0, 1)
            + 12 * math.exp(-((((seconds % 1300) - 900) / 40) ** 2))
        )
        rr_ms = round(60_000 / rate / grid_ms) * grid_ms
        at_ns += rr_ms * NS_PER_MS
        inputs.append(BeatInterval(at_ns, rr_ms, chance.random() > 0.02))
    return inputs


def night_of(inputs: list[Input]) -> Untouched:
    return Untouched.of(inputs, 0, None, random.Random(3))


def level(size_bpm: float, from_s: float = 0.0) -> Episode:
    """A minute up, then as high for ever."""
    return Episode(Kind.STRONG, size_bpm, (Piece(from_s, size_bpm, 60, 900, 60),))


NIGHTS = {"watch": watch_inputs, "strap": strap_inputs}


@pytest.mark.parametrize("sensor", NIGHTS)
@pytest.mark.parametrize("seed", range(5))
def test_an_episode_of_size_nought_is_the_untouched_night(sensor: str, seed: int) -> None:
    """Through the whole of the adding, nothing changes: not a value, not an instant."""
    night, chance = night_of(NIGHTS[sensor]()), random.Random(seed)
    episode = draw_episode(Kind.ZERO, chance, 60)
    assert episode.size_bpm == 0
    assert night.with_episode(episode, ONSET_NS, UNTIL_NS, chance) == list(night.between(ONSET_NS, UNTIL_NS))


@pytest.mark.parametrize("sensor", NIGHTS)
@pytest.mark.parametrize("size_bpm", [2.0, 8.0, 25.0])
def test_the_heart_rate_is_raised_by_what_was_asked_for(sensor: str, size_bpm: float) -> None:
    """Over many draws the mean rate of the level stretch is the untouched one and the size, whatever the wobble."""
    night = night_of(NIGHTS[sensor]())
    raised = []
    for seed in range(40):
        chance = random.Random(seed)
        onset_ns = ONSET_NS + seed * 37 * NS_PER_S
        span = onset_ns + 90 * NS_PER_S, onset_ns + 300 * NS_PER_S
        made = night.with_episode(level(size_bpm), onset_ns, span[1], chance)
        raised.append(mean_rate(made, span) - mean_rate(night.between(*span), span))
    assert sum(raised) / len(raised) == pytest.approx(size_bpm, abs=1.0)


def mean_rate(inputs: object, span: tuple[int, int]) -> float:
    """Mean heart rate of a span, in bpm: of samples as they stand, of beats as beats over time."""
    assert isinstance(inputs, list | tuple)
    inside = [record for record in inputs if span[0] < record.at_ns <= span[1]]
    hearts = [record.bpm_x10 / 10 for record in inside if isinstance(record, HeartSample)]
    beats = [record.rr_ms for record in inside if isinstance(record, BeatInterval)]
    return sum(hearts) / len(hearts) if hearts else 60_000 * len(beats) / sum(beats)


def test_a_watch_keeps_its_instants_and_its_grid() -> None:
    """Cadence, jitter, gaps and rounding are the sensor's; only the values go up."""
    inputs = watch_inputs()
    holey = [record for record in inputs if not ONSET_NS + 60 * NS_PER_S < record.at_ns < ONSET_NS + 100 * NS_PER_S]
    night = night_of(holey)
    made = night.with_episode(level(20), ONSET_NS, UNTIL_NS, random.Random(2))
    assert [record.at_ns for record in made] == [record.at_ns for record in night.between(ONSET_NS, UNTIL_NS)]
    assert all(record.bpm_x10 % 10 == 0 for record in made if isinstance(record, HeartSample))


def test_beats_follow_each_other_and_come_back_to_the_untouched_night() -> None:
    """Each beat comes its own interval after the last; once it is over, a beat falls on an untouched one."""
    night = night_of(strap_inputs())
    episode = Episode(Kind.TURN, 12, (Piece(0, 12, 10, 5, 40),))
    made = [b for b in night.with_episode(episode, ONSET_NS, UNTIL_NS, random.Random(2)) if isinstance(b, BeatInterval)]
    for before, after in pairwise(made):
        assert after.at_ns - before.at_ns == after.rr_ms * NS_PER_MS
    assert {beat.rr_ms % 4 for beat in made[:60]} == {0}
    untouched = list(night.between(ONSET_NS, UNTIL_NS))
    assert made[-60:] == untouched[-60:]
    assert made[:60] != untouched[:60]


def test_gaps_between_beats_stay_gaps() -> None:
    """Where the untouched night has no beats there are none, and the laying begins anew behind the gap."""
    inputs = strap_inputs()
    gap = range(ONSET_NS + 60 * NS_PER_S, ONSET_NS + 100 * NS_PER_S)
    night = night_of([record for record in inputs if record.at_ns not in gap])
    made = night.with_episode(level(10), ONSET_NS, UNTIL_NS, random.Random(2))
    inside = [record for record in made if gap.start + 2 * NS_PER_S < record.at_ns < gap.stop]
    assert not inside
    assert sum(gap.stop <= record.at_ns for record in made) > 200


def test_doubtful_beats_stay_doubtful() -> None:
    """A source that doubts one beat in fifty doubts as many with an episode in it."""
    night = night_of(strap_inputs())
    made = night.with_episode(level(10), ONSET_NS, UNTIL_NS, random.Random(2))
    doubted = sum(not record.clean for record in made if isinstance(record, BeatInterval))
    assert 1 <= doubted <= 25


@pytest.mark.parametrize("kind", Kind)
def test_sizes_and_times_are_those_of_the_literature(kind: Kind) -> None:
    """Every class keeps to its row of mission 5.3 to 5.5."""
    bounds = {
        Kind.SILENT: (0, 3),
        Kind.MODERATE: (5, 12),
        Kind.STRONG: (12, 30),
        Kind.TERROR: (0.33 * 60, 60),
        Kind.TURN: (5, 20),
        Kind.BATHROOM: (40, 50),
        Kind.PERIODIC: (5 * 0.75, 8),
        Kind.ZERO: (0, 0),
    }[kind]
    rises = {Kind.MODERATE: (60, 300), Kind.STRONG: (10, 90), Kind.TERROR: (15, 30), Kind.TURN: (5, 15)}
    for seed in range(200):
        episode = draw_episode(kind, random.Random(seed), 60.0)
        top = max(episode.at(second / 2) for second in range(2000))
        assert bounds[0] <= episode.size_bpm <= bounds[1]
        assert top == pytest.approx(episode.size_bpm, abs=0.5 + 0.1 * episode.size_bpm)
        low, high = rises.get(kind, (0.0, math.inf))
        assert low <= episode.pieces[0].rise_s <= high
        assert episode.at(0.0) == 0.0
        assert episode.at(episode.ends_s + 1) == 0.0
        if kind in (Kind.SILENT, Kind.MODERATE, Kind.STRONG):
            assert 100 <= episode.ends_s <= 15 * 60


def test_nightmares_of_every_size_are_met_evenly() -> None:
    """Sizes are even over the range of their class, so a figure by size rests on as many of each."""
    sizes = [draw_episode(Kind.STRONG, random.Random(seed), 60).size_bpm for seed in range(900)]
    counts, _ = np.histogram(sizes, bins=3, range=(12, 30))
    assert counts.min() > 240


def test_movement_rows_keep_their_length_their_rounding_and_never_shrink() -> None:
    """A burst makes its row larger, on the grid of the axes; steps are counted where the source counts them."""
    chance = random.Random(1)
    rows = [
        MotionSummary(30 * n * NS_PER_S, 30_000, round(math.hypot(10, 10 * (n % 3))), steps=0) for n in range(1, 60)
    ]
    assert axis_grid_mg(rows) == 10
    bursts = (Burst(40, 5, 600, steps=3), Burst(45, 5, 20, steps=2))
    made = add_to_rows(rows, bursts, 0, 10, chance)
    assert [(row.at_ns, row.duration_ms) for row in made] == [(row.at_ns, row.duration_ms) for row in rows]
    assert [row for row in made if row.steps] == [made[1]]
    assert made[1].steps == 5
    assert made[1].range_mg is not None
    assert made[1].range_mg == pytest.approx(600, abs=20)
    assert round(10 * math.sqrt(round(made[1].range_mg ** 2 / 100))) == made[1].range_mg
    assert made[:1] + made[2:] == rows[:1] + rows[2:]


@pytest.mark.parametrize("low", [(0, 0, -1000), (-20, 0, -1010)])
def test_extremes_of_a_row_widen_with_its_range(low: tuple[int, int, int]) -> None:
    """Whoever rebuilds the range from the extremes finds the burst in them too."""
    row = MotionSummary(NS_PER_S, 1000, round(math.dist(low, (0, 0, -1000))), low, (0, 0, -1000), None)
    (made,) = add_to_rows([row], [Burst(0, 2, 500)], 0, 1, random.Random(1))
    assert made.low_mg is not None
    assert made.high_mg is not None
    assert made.range_mg == pytest.approx(math.dist(made.low_mg, made.high_mg), abs=2)
    assert made.range_mg == pytest.approx(500, abs=3)


def test_rows_without_acceleration_gain_steps_alone() -> None:
    """A step counter that measures no acceleration does not begin to."""
    row = MotionSummary(60 * NS_PER_S, 60_000, None, steps=1)
    (made,) = add_to_rows([row], [Burst(10, 5, 900, steps=4)], 0, 1, random.Random(1))
    assert (made.range_mg, made.steps) == (None, 5)


def test_a_night_without_a_heart_gains_movement_alone() -> None:
    """What was not sensed is not invented."""
    rows: list[Input] = [MotionSummary(n * NS_PER_S, 1000, 20) for n in range(1, 2000)]
    night = night_of(rows)
    made = night.with_episode(
        draw_episode(Kind.TURN, random.Random(1), 60), 500 * NS_PER_S, 900 * NS_PER_S, random.Random(1)
    )
    assert night.rate_at(0) == 60.0
    assert len(made) == 400
    assert any(
        record != before for record, before in zip(made, night.between(500 * NS_PER_S, 900 * NS_PER_S), strict=True)
    )


def test_the_lag_of_a_sensor_is_found_and_passed_on() -> None:
    """A random walk that was smoothed over 8 s is told to have been; what is added is smoothed as much."""
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.normal(0, 1, 20_000))
    smooth = np.empty_like(walk)
    level_now = 0.0
    for index, value in enumerate(walk):
        level_now += (1 - math.exp(-1 / 8)) * (value - level_now)
        smooth[index] = level_now
    seconds = np.arange(len(walk), dtype=np.float64)
    assert lag_of(seconds, smooth) == pytest.approx(8, abs=1)
    assert lag_of(seconds, walk) == 0.0
    assert lag_of(seconds, np.cumsum(smooth)) <= LONGEST_LAG_S
    assert lag_of(seconds[:50], walk[:50]) == 0.0
    assert lag_of(seconds, np.full(len(walk), 60.0)) == 0.0
    edge = lagged(lambda t_s: 10.0 * (t_s > 0), 8.0)
    assert edge[0] == 0.0
    assert edge[8] == pytest.approx(10 * (1 - math.exp(-1)), abs=0.5)
    assert lagged(lambda t_s: t_s, 0.0)[5] == 5.0


@pytest.mark.parametrize("period_ms", [1.0, 4.0, 7.8125, 10.0])
def test_the_grid_of_beats_is_found(period_ms: float) -> None:
    """250 Hz, 128 Hz and 100 Hz are told from whole milliseconds."""
    chance = random.Random(1)
    intervals = [round(round(chance.uniform(700, 1100) / period_ms) * period_ms) for _ in range(500)]
    assert grid_of(intervals) == period_ms


def test_the_two_generators_share_no_code() -> None:
    """Fitting and measuring each have a generator of their own: neither imports the other, nor a module in common."""

    def imports(folder: Path) -> set[str]:
        names = {
            node.module or ""
            for path in folder.glob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
        }
        return {name for name in names if name.startswith(("vigil.", "training."))}

    measuring, fitting = imports(ROOT / "src/vigil/recordings/added"), imports(ROOT / "training/added")
    assert measuring
    assert fitting
    assert not any(name.startswith("training") for name in measuring)
    assert not any(name.startswith("vigil.recordings.added") for name in fitting)
    both = measuring & fitting
    assert all(name.startswith("vigil.domain") for name in both), both


def test_the_two_generators_are_of_different_families() -> None:
    """No curve of the fitting family is one of this family: raised cosines are smooth and climb without a step back."""
    from training.added.responses import draw_response  # noqa: PLC0415 - a tool of developers, which tests may have

    def roughness(curve: list[float]) -> float:
        second = np.diff(np.asarray(curve), 2)
        return float(np.abs(second).max() / max(curve))

    ours, theirs = [], []
    for seed in range(60):
        episode = draw_episode(Kind.MODERATE, random.Random(seed), 60)
        ours.append(roughness([episode.at(float(second)) for second in range(300)]))
        theirs.append(roughness(list(draw_response("moderate", random.Random(seed)).added_bpm[:300])))
    assert max(ours) < min(theirs)
