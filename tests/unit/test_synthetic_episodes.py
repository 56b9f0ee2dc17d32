"""Nightmares and what they are made of."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.sleep import AasmStage
from vigil.recordings.synthetic.drives import Level, Surge, add, direction
from vigil.recordings.synthetic.episodes import (
    LENGTH_S,
    SIZES,
    EndedBy,
    EpisodeSize,
    draw_episode,
    draw_length,
    draw_size,
)


def test_sizes_come_in_the_shares_of_the_mixture() -> None:
    """Mission 5.3: 35 % silent, 45 % moderate, 20 % strong."""
    rng = np.random.default_rng(1)
    counts = Counter(draw_size(rng) for _ in range(4000))
    assert sum(row.share for row in SIZES.values()) == pytest.approx(1.0)
    for size, row in SIZES.items():
        assert counts[size] / 4000 == pytest.approx(row.share, abs=0.03)


@pytest.mark.parametrize("size", list(EpisodeSize))
def test_an_episode_stays_within_its_row(size: EpisodeSize) -> None:
    """Rise, ramp and length are those of the mixture's table."""
    rng = np.random.default_rng(2)
    row = SIZES[size]
    for _ in range(200):
        made = draw_episode(rng, size, AasmStage.REM, 1000, draw_length(rng))
        assert row.rise_bpm[0] <= made.rise.bpm <= row.rise_bpm[1]
        assert made.rise.rise_s <= row.ramp_s[1]
        assert LENGTH_S[0] <= made.end_s - made.onset_s <= LENGTH_S[1]
        assert all(1000 <= move.at_s < made.end_s for move in made.twitches)
        assert (made.ended_by is EndedBy.WAKING) == (made.awake_s > 0) == bool(made.waking)


def test_strong_episodes_move_more_than_silent_ones() -> None:
    """A silent nightmare hardly moves the wrist; a strong one does."""
    rng = np.random.default_rng(3)

    def moved(size: EpisodeSize) -> int:
        made = [draw_episode(rng, size, AasmStage.REM, 0, 600) for _ in range(50)]
        return sum(move.mg * move.length_s for episode in made for move in episode.twitches)

    assert moved(EpisodeSize.STRONG) > 10 * moved(EpisodeSize.MODERATE) > 10 * moved(EpisodeSize.SILENT)


surges = st.builds(
    Surge, st.integers(0, 50), st.integers(1, 200), st.integers(0, 200), st.floats(1, 90), st.floats(-5, 30)
)


@given(surge=surges, after=st.integers(1, 500), fall_s=st.floats(5, 60))
def test_a_cut_surge_is_the_same_until_the_cut_and_falls_after_it(surge: Surge, after: int, fall_s: float) -> None:
    """Settling an episode changes nothing before it, and never makes the heart rate jump up."""
    if after > surge.rise_s + surge.hold_s:
        return
    whole, cut = surge.profile(), surge.cut(surge.at_s + after, fall_s).profile()
    assert cut[:after] == pytest.approx(whole[:after])
    tail = [abs(value) for value in cut[after - 1 :]]
    assert tail == sorted(tail, reverse=True)
    assert tail[-1] <= abs(surge.bpm) * math.exp(-3) + 1e-9


def test_a_level_rises_and_falls_slowly() -> None:
    """A fever comes over its rise and goes over its fall, and is never above its height."""
    profile = Level(0, 100, 20, 40, 8.0).profile()
    assert len(profile) == 100
    assert max(profile) == 8.0
    assert max(abs(b - a) for a, b in pairwise(profile)) <= 8.0 / 20 + 1e-9


def test_what_lies_outside_the_night_is_left_out() -> None:
    """An event before lights-out or past the end adds only what falls within."""
    night = np.zeros(5)
    add(night, -2, [1.0, 2.0, 3.0])
    add(night, 4, [5.0, 6.0])
    add(night, 9, [7.0])
    assert night.tolist() == [3.0, 0.0, 0.0, 0.0, 5.0]


def test_gravity_has_the_length_of_gravity() -> None:
    """Any position of the wrist feels one g."""
    rng = np.random.default_rng(4)
    assert all(math.dist((0, 0, 0), direction(rng)) == pytest.approx(1000, abs=2) for _ in range(100))
