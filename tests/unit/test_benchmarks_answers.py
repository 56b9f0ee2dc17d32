"""The figures of what nudges met add up, and follow from the seed alone."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.answers import Given, Lived, Met, as_lines, live, row_of
from tests.nights import parameters
from vigil.domain.settings import Settings
from vigil.recordings.synthetic.sensor import WRIST_1S
from vigil.recordings.synthetic.truth import NudgeOutcome


def test_a_night_is_lived_the_same_from_its_seed() -> None:
    """A strong dream is nudged, the truth is asked at that instant, and again it is the same."""
    one, again = (live("strong", 1, parameters(), Settings(), WRIST_1S) for _ in range(2))
    assert one == again
    assert one.given[0].met is Met.DREAM
    assert one.nudged == one.dreams == 1


def test_every_nudge_is_counted_once() -> None:
    """By what it met; nudges an episode are over episodes that were nudged, night by night."""
    felt = Given(1, 1, Met.DREAM, NudgeOutcome.FELT)
    woke = replace(felt, level=2, met=Met.SETTLED, outcome=NudgeOutcome.WOKE)
    nights = [
        Lived("many", 1, (felt, woke, replace(felt, episode=2)), 3, 2, 1, 0),
        Lived("many", 2, (felt,), 2, 1, 0, 1),
        Lived("many", 3, (), 1, 0, 0, 0),
    ]
    row = row_of("many", nights)
    assert (row.nights, row.nudges, sum(row.met.values()), row.woke) == (3, 4, 4, 1)
    assert (row.met[Met.DREAM.value], row.met[Met.SETTLED.value]) == (3, 1)
    assert (row.dreams, row.dreams_nudged, row.dreams_settled, row.dreams_woken) == (6, 3, 1, 1)
    assert row.nudges_an_episode == 1.33
    assert row_of("many", nights[2:]).nudges_an_episode == 0
    assert "4 nudges" in as_lines(row)[0]
