"""Figures that learning reads, off nights that were really nudged."""

from __future__ import annotations

import pytest

from tests.nudged_nights import EASY, NUMB, nudged_night
from vigil.app.night_figures import figures_of, known
from vigil.domain.records import OutputAcknowledged
from vigil.domain.settings import Settings
from vigil.night.report import NightReport, ReportBuilder
from vigil.recordings.synthetic.people import Person


def report_of(who: Person, top_level: int, seed: int = 1, *, shadow: bool = False) -> NightReport:
    """A night with a strong nightmare, and a sleeper who feels nudges or does not."""
    _, outputs = nudged_night(seed=seed, who=who, settings=Settings(top_level=top_level))
    builder = ReportBuilder("nudged")
    for output in outputs:
        builder.add(output)
    if shadow:
        for serial in range(1, 10):
            builder.acknowledge(OutputAcknowledged(0, serial, shadow=True))
    return builder.build()


@pytest.mark.parametrize("top_level", [1, 2])
def test_a_nightmare_that_outlasts_the_ladder_is_counted(top_level: int) -> None:
    """With the highest step that night allowed, and the highest that was given."""
    night = known(figures_of(report_of(NUMB, top_level), 6.0), number=1, name="a")
    assert (night.top_level, night.highest_level, night.ladder_ended) == (top_level, top_level, 1)
    assert night.settled_levels == ()


def test_an_episode_that_settled_is_known_with_its_step() -> None:
    """The last step that was given before the body settled."""
    night = known(figures_of(report_of(EASY, 3, seed=5), 6.0), number=1, name="a")
    assert (night.interventions, night.highest_level, night.ladder_ended) == (1, 2, 0)
    assert night.settled_levels == (2,)


def test_what_was_not_really_given_teaches_nothing() -> None:
    """Shadow nudges have no levels and end no ladder."""
    night = known(figures_of(report_of(NUMB, 2, shadow=True), 6.0), number=1, name="a")
    assert (night.top_level, night.highest_level, night.ladder_ended, night.settled_levels) == (0, 0, 0, ())
