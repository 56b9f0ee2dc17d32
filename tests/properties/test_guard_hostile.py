"""Ten million hostile events around the guard, by night; `test_guard_machine.py` has the dose of every day."""

from __future__ import annotations

import pytest

from tests.campaigns.guard_hostile import EVENTS, FIRST_SEED, hostile_events, one_seed


@pytest.mark.nightly
@pytest.mark.timeout(8 * 3600)
def test_ten_million_hostile_events_break_no_cap() -> None:
    """The campaign, whole: forty worlds, two at a time."""
    found = hostile_events()
    assert found.violations == ()
    assert found.events >= EVENTS
    assert found.permits > found.events // 50


def test_a_world_of_the_campaign_is_counted() -> None:
    """Until it has had its events; what was permitted and done in it is told."""
    found = one_seed(FIRST_SEED, 1_000)
    assert found.violations == ()
    assert found.events >= 1_000
    assert found.permits >= found.tests
