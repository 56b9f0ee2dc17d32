"""Databases damaged at random: exact, or it is said; and a night can be recorded afterwards."""

from __future__ import annotations

import pytest

from tests.campaigns.damaged_databases import DATABASES, DamageFigures, run


def held(figures: DamageFigures) -> bool:
    assert figures.examples == ()
    return figures.failures == 0 and figures.set_aside > figures.databases // 10 and figures.told > 0


def test_a_dose_of_damaged_databases() -> None:
    """Three hundred: none crashes, none gives something wrong in silence."""
    assert held(run(databases=300, seed=1))


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_ten_thousand_damaged_databases() -> None:
    """The same in full."""
    assert held(run(databases=DATABASES))
