"""Nights with every kind of fault, a dose of the year; the whole of it runs at night (`tests/campaigns/year.py`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.year import dose_of, run
from tests.campaigns.year_faults import Fault, planned
from tests.campaigns.year_person import PersonYear

DOSES = 7
NEEDS_AN_ACT = frozenset(
    {Fault.KILL_BEFORE_ACT, Fault.KILL_AFTER_ACT, Fault.OUTPUT_STUCK, Fault.OUTPUT_CHANGED, Fault.OUTPUT_FAILING}
)
SEED, HOURS = 2, 5.0


@pytest.mark.parametrize("number", range(DOSES))
def test_a_night_with_faults_is_survived_and_told_truly(tmp_path: Path, number: int) -> None:
    """Limits, ledger, store, watched seconds, stop and morning hold, whatever goes wrong; each fault took effect."""
    kinds = dose_of(number, DOSES)
    lived = PersonYear(tmp_path, SEED).live(number, planned(SEED, number, kinds, HOURS), HOURS)
    assert lived.wrong == []
    happened = {one.kind for one in lived.happened}
    assert set(kinds) - happened - NEEDS_AN_ACT == set()


def test_the_doses_have_every_kind() -> None:
    """No kind of fault is only met at night."""
    assert {kind for number in range(DOSES) for kind in dose_of(number, DOSES)} == set(Fault)


@pytest.mark.nightly
@pytest.mark.timeout(6 * 3600)
def test_a_year_of_nights() -> None:
    """365 nights with at least 5,000 faults, each kind ten times: no rule is broken, and nothing grows."""
    figures = run()
    assert figures.violations == 0, figures.examples
    assert figures.faults >= 5_000
    assert min(figures.faults_by_kind.values()) >= 10, figures.faults_by_kind
    assert figures.worst_off_s <= 5
    assert figures.rss_mb_per_100_nights <= 1.0
    assert figures.rss_mb <= 150
    assert figures.descriptors[0] == figures.descriptors[1]
    assert figures.threads[0] == figures.threads[1]
    assert figures.database_mb <= 100
