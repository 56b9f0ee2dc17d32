"""Whatever is added, wherever: what comes out is a night that the same sensor could have sent."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_added_episodes import night_of, strap_inputs, watch_inputs
from vigil.domain.records import Input
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_S
from vigil.recordings.added.episode import Kind, draw_episode
from vigil.recordings.added.track import increments_of

NIGHTS = {"watch": night_of(watch_inputs()), "strap": night_of(strap_inputs())}


@settings(max_examples=60)
@given(
    sensor=st.sampled_from(sorted(NIGHTS)),
    kind=st.sampled_from(Kind),
    onset_s=st.integers(-100, 150 * 60),
    seed=st.integers(0, 2**32),
)
def test_what_comes_out_is_a_night_of_the_same_sensor(sensor: str, kind: Kind, onset_s: int, seed: int) -> None:
    """In order, within the window, on the grid, within what a heart can do; the same for the same seed."""
    night, onset_ns = NIGHTS[sensor], onset_s * NS_PER_S
    until_ns = onset_ns + 300 * NS_PER_S

    def made() -> list[Input]:
        chance = random.Random(seed)
        return list(night.with_episode(draw_episode(kind, chance, night.rate_at(onset_ns)), onset_ns, until_ns, chance))

    inputs = made()
    assert inputs == made()
    for record in inputs:
        assert isinstance(record, HeartSample | BeatInterval | MotionSummary) or record in night.inputs
        assert onset_ns < record.at_ns <= until_ns
        if isinstance(record, HeartSample):
            assert 250 <= record.bpm_x10 <= 2200
            assert record.bpm_x10 % 10 == 0
        elif isinstance(record, BeatInterval):
            assert 270 <= record.rr_ms <= 2400
            assert record.rr_ms % 4 == 0
    instants = [record.at_ns for record in inputs]
    assert all(before <= after for before, after in pairwise(instants))


@given(values=st.lists(st.integers(30, 200), min_size=2, max_size=200))
def test_shares_of_increments_sum_to_one_and_none_is_nought(values: list[int]) -> None:
    """Every increment stays possible, so nothing that must be sent is ever refused for good."""
    shares = increments_of(values, [0], len(values))
    assert abs(sum(shares.values()) - 1) < 1e-9
    assert min(shares.values()) > 0
    assert all(abs(shares[jump] - shares[-jump]) < 1e-12 for jump in shares)
