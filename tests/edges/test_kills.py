"""Ledger before act, always; no cap is passed by dying; nothing that was promised is lost."""

from __future__ import annotations

import pytest

from tests.campaigns.kills import KILLS, KillFigures, run


def held(figures: KillFigures) -> bool:
    return figures.failures == 0 and figures.acts > 0 and figures.seconds > 0


@pytest.mark.timeout(300)
def test_a_dose_of_kills() -> None:
    """At any instant and at every seam between ledger and act, over restarts and reboots."""
    figures = run(kills=12, seed=3)
    assert held(figures), figures
    assert figures.at_seams > 0
    assert figures.reboots > 0


@pytest.mark.timeout(300)
def test_with_the_ledger_after_the_act_the_same_kills_do_harm() -> None:
    """The control: were the order the other way round, the campaign would find out."""
    figures = run(kills=6, seed=3, broken=1)
    assert figures.unwritten > 0


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_a_thousand_kills() -> None:
    """The same in full."""
    figures = run(kills=KILLS)
    assert held(figures), figures
    assert figures.acts > KILLS // 4
