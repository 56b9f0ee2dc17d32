"""The population of simulated sleepers."""

from __future__ import annotations

import statistics
from dataclasses import fields

import pytest

from vigil.recordings.synthetic.people import POPULATION, PTSD_SHIFT_BPM, Person, person

PEOPLE = [person(seed) for seed in range(300)]


@pytest.mark.parametrize("name", sorted(POPULATION))
def test_everybody_is_within_the_documented_range_and_people_differ(name: str) -> None:
    """Each trait stays within its row of the population table, and spreads about as the table says."""
    row = POPULATION[name]
    values = [float(getattr(each, name)) for each in PEOPLE]
    assert all(row.low <= value <= row.high for value in values)
    assert abs(statistics.mean(values) - row.mean) < row.sd / 2
    assert 0.5 * row.sd < statistics.stdev(values) < 1.3 * row.sd


def test_every_trait_has_a_row() -> None:
    """A trait added to a person without a documented spread would be the same in everybody."""
    assert {field.name for field in fields(Person)} == {*POPULATION, "ptsd_shift_bpm"}


def test_the_shift_of_ptsd_is_three_to_ten_bpm_or_none() -> None:
    """Mission 5.2: the baseline shifts by +3 to +10 bpm; without PTSD it does not."""
    low, high = PTSD_SHIFT_BPM
    assert all(low <= person(seed, ptsd=True).ptsd_shift_bpm <= high for seed in range(50))
    assert all(person(seed, ptsd=False).ptsd_shift_bpm == 0 for seed in range(50))
    assert {each.ptsd_shift_bpm > 0 for each in PEOPLE} == {True, False}


def test_a_seed_is_one_person() -> None:
    """The same seed gives the same person; whether they have PTSD changes nothing else."""
    assert person(7) == person(7) != person(8)
    with_it, without = person(7, ptsd=True), person(7, ptsd=False)
    assert all(getattr(with_it, name) == getattr(without, name) for name in POPULATION)
