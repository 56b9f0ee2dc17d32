"""Figures and how sure they are: known answers by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence_nights import EMPTY, FACTORS, night_of, placement
from vigil.evidence import agreement
from vigil.evidence.cohort import DRAWS, Cohort, weighted_median
from vigil.evidence.counts import NightCounts, common_factors
from vigil.evidence.figures import Drawn, Figure, over
from vigil.evidence.records import AddedClass, NightEvidence
from vigil.evidence.zero import wins_over, zero


def cohort_of(nights: list[NightEvidence], seed: int = 1) -> Cohort:
    return Cohort.of([NightCounts.of(night, FACTORS) for night in nights], seed)


def test_kappa_of_a_small_table() -> None:
    """Cohen's kappa of the classic example: 20 and 15 agreed of 50, chance 0.5."""
    table = np.array([[20.0, 5.0], [10.0, 15.0]])
    assert agreement.accuracy(table) == pytest.approx(0.7)
    assert agreement.kappa(table) == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert agreement.sensitivity(table, 0) == pytest.approx(20 / 25)
    assert agreement.precision(table, 0) == pytest.approx(20 / 30)
    assert agreement.f1(table, 0) == pytest.approx(2 * 20 / (25 + 30))


def test_one_class_has_no_kappa_and_one_guess_has_none_of_it() -> None:
    """Where both say one thing throughout chance explains all; always the same guess is no better than chance."""
    assert np.isnan(agreement.kappa(np.array([[9.0, 0.0], [0.0, 0.0]])))
    assert agreement.kappa(np.array([[6.0, 0.0], [3.0, 0.0]])) == 0
    assert np.isnan(agreement.precision(np.array([[6.0, 0.0], [3.0, 0.0]]), 1))
    assert np.isnan(agreement.accuracy(np.zeros((2, 2))))


def test_shares_of_nothing_are_not_numbers() -> None:
    """Nothing divided by nothing is not nought."""
    assert np.isnan(over(np.array([0.0, 1.0]), np.array([0.0, 0.0]))).all()
    assert over(np.array(1.0), np.array([2.0, 4.0])).tolist() == [0.5, 0.25]


def test_an_interval_is_read_off_the_draws() -> None:
    """The 2.5th and 97.5th percentile, widened to hold the value."""
    draws = np.arange(1001) / 1000
    assert Drawn(0.5, draws, 7).figure() == Figure(0.5, 0.025, 0.975, 7)
    assert Drawn(0.99, draws, 7).figure().high == 0.99


def test_there_is_no_interval_where_most_draws_cannot_say() -> None:
    """A few draws that can say are no interval; no value, no interval at all."""
    few = np.array([0.4, math.nan, math.nan])
    assert Drawn(0.5, few, 1).figure() == Figure(0.5, None, None, 1)
    assert Drawn(0.5, np.empty(0), 1).figure() == Figure(0.5, None, None, 1)
    assert Drawn(math.nan, np.ones(3), 4).figure() == Figure(None, None, None, 4)


def test_people_are_drawn_not_nights() -> None:
    """Two nights of one person come together or not at all."""
    cohort = cohort_of([night_of("a"), night_of("a"), night_of("b")])
    assert cohort.people == 2
    assert cohort.times.shape == (DRAWS, 2)
    assert set(cohort.times.sum(axis=1).tolist()) == {2}
    totals = cohort.totals(lambda _: np.array(1.0), ())
    assert totals.whole == 3
    assert set(totals.drawn.tolist()) == {2.0, 3.0, 4.0}


def test_the_same_seed_draws_the_same_people() -> None:
    """Figures can be made again; another seed is another draw."""
    nights = [night_of(name) for name in "abcde"]
    assert (cohort_of(nights, 5).times == cohort_of(nights, 5).times).all()
    assert (cohort_of(nights, 5).times != cohort_of(nights, 6).times).any()


def test_one_person_cannot_be_drawn_again() -> None:
    """With fewer than two people there is no interval."""
    assert cohort_of([night_of("a")]).times.shape == (0, 1)
    assert cohort_of([]).times.shape == (0, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 3)), min_size=1, max_size=12))
def test_a_weighted_median_is_the_median_of_the_repeated(pairs: list[tuple[int, int]]) -> None:
    """Taking a value n times is having it n times in the list."""
    pairs.sort()
    values, times = np.array([float(value) for value, _ in pairs]), np.array([[count for _, count in pairs]])
    repeated = [value for value, count in pairs for _ in range(count)]
    told = weighted_median(values, times)[0]
    assert math.isnan(told) if not repeated else told == np.median(repeated)


def test_the_median_leaves_out_people_of_whom_nothing_can_be_said() -> None:
    """A person without the class does not count, and is not drawn either."""
    cohort = cohort_of([night_of(name) for name in "abc"])
    told = cohort.median(np.array([0.2, math.nan, 0.6])).figure()
    assert told.value == pytest.approx(0.4)
    assert told.n == 2
    assert cohort.median(np.full(3, math.nan)).figure() == Figure(None, None, None, 0)


def test_wins_count_ties_as_half() -> None:
    """Mann and Whitney by hand: 3 beats 1 and 2, ties with 3; 1 ties with 1."""
    assert wins_over([np.array([3.0, 1.0])], np.array([2.0, 1.0, 3.0])) == [2.5 + 0.5]


def peaks(person: str, *pairs: tuple[float, float]) -> NightEvidence:
    rows = tuple(placement(AddedClass.ZERO, (None,) * 4, peaks=pair) for pair in pairs)
    return replace(EMPTY, person=person, placements=rows)


def test_an_episode_of_size_nought_is_not_told_apart() -> None:
    """Equal peaks give 0.5 whoever is drawn, always higher ones 1; broken ones do not count."""
    equal = cohort_of([peaks("a", (1.0, 1.0), (2.0, 2.0)), peaks("b", (1.0, 1.0), (math.nan, 0.0), (2.0, 2.0))])
    assert zero(equal).auc == Figure(0.5, 0.5, 0.5, 4)
    higher = cohort_of([peaks("a", (5.0, 1.0)), peaks("b", (6.0, 2.0))])
    assert zero(higher).auc == Figure(1.0, 1.0, 1.0, 2)
    assert zero(cohort_of([night_of("a")])).auc == Figure(None, None, None, 0)


def test_only_thresholds_that_every_night_has_are_told() -> None:
    """A threshold that one night lacks cannot be summed over all."""
    short = replace(EMPTY, factors=(4.0, 1.0))
    assert common_factors([EMPTY, short]) == (1.0, 4.0)
    assert common_factors([]) == ()
