"""How high the ladder may go: down at once after a nudge that woke, up only after nights of none that was felt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.settings import Settings
from vigil.engine.first_nights import Stage, plan_for
from vigil.engine.gentle import FIRST_LEVEL, HIGHEST_LEVEL, UNANSWERED_NIGHTS, Ladder, ladder
from vigil.engine.nights_known import NightKnown

QUIET = NightKnown(0, "quiet", watched_h=7.5, blind_h=0.2)


def unanswered(top_level: int) -> NightKnown:
    """An episode went on after every step up to this one."""
    return replace(QUIET, interventions=1, ladder_ended=1, top_level=top_level, highest_level=top_level)


def woken(top_level: int) -> NightKnown:
    return replace(QUIET, interventions=1, awakenings=1, top_level=top_level, highest_level=1)


def after(*nights: NightKnown, most: int = HIGHEST_LEVEL) -> Ladder:
    return ladder([replace(night, number=number) for number, night in enumerate(nights)], most)


def test_it_begins_at_the_second_step() -> None:
    """Before anything is learned, and after nights in which nothing had to be done."""
    assert after() == Ladder(FIRST_LEVEL)
    assert after(*[QUIET] * 60) == Ladder(FIRST_LEVEL)


def test_a_nudge_that_woke_takes_one_step_off() -> None:
    """The morning says so, and nothing is said once another night has passed."""
    assert after(woken(2)) == Ladder(1, "Last night a nudge woke you, so the highest step tonight is 1.")
    assert after(woken(2), QUIET) == Ladder(1)


def test_a_morning_that_was_disturbed_does_as_well() -> None:
    """What the person says counts as much as what the signals say; without a nudge it is about something else."""
    disturbed = replace(QUIET, interventions=1, top_level=2, answer=Answer(MorningWord.QUIET, disturbed=True))
    assert after(disturbed) == Ladder(1, "Last night a nudge disturbed you, so the highest step tonight is 1.")
    assert after(replace(disturbed, interventions=0)).top_level == FIRST_LEVEL


def test_the_lowest_step_is_never_left() -> None:
    """However often it wakes: below it is only not to nudge, which is a setting and a pause."""
    assert after(*[woken(1)] * 9).top_level == 1


def test_three_nights_without_an_answer_add_one_step() -> None:
    """Not necessarily in a row; and three more for the next."""
    nights = [unanswered(2), QUIET, unanswered(2), QUIET]
    assert after(*nights).top_level == 2
    assert after(*nights, unanswered(2)) == Ladder(
        3, "On 3 nights signs of a nightmare went on after the highest step, so the highest step tonight is 3."
    )
    assert after(*[unanswered(2)] * 3, *[unanswered(3)] * 2).top_level == 3
    assert after(*[unanswered(2)] * 3, *[unanswered(3)] * 3).top_level == 4
    assert after(*[unanswered(2)] * 3, *[unanswered(3)] * 3, *[unanswered(4)] * 9).top_level == HIGHEST_LEVEL


def test_a_night_that_woke_begins_the_count_anew() -> None:
    """None may have woken since the first of the three."""
    nights = [unanswered(2), unanswered(2), woken(2), unanswered(1), unanswered(1)]
    assert after(*nights).top_level == 1
    assert after(*nights, unanswered(1)).top_level == 2


@pytest.mark.parametrize("top_level", [0, 1, 3, -1, 99])
def test_a_ladder_that_ended_below_or_above_says_nothing_of_this_step(top_level: int) -> None:
    """First nights end at the lowest step, and a setting may have been lower: the second was not tried then."""
    assert after(*[unanswered(top_level)] * 9).top_level == FIRST_LEVEL


def test_one_step_down_is_one_below_what_woke() -> None:
    """First nights go no higher than the lowest step; if that woke, two would be no step down."""
    nights = [unanswered(2)] * 3
    assert after(*nights, woken(3)).top_level == 2
    assert after(*nights, woken(0)).top_level == 2
    assert after(*nights, woken(1)).top_level == 1


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_setting_is_never_passed(most: int) -> None:
    """The person's own word; and a nudge that wakes there takes a step off all the same."""
    nights = [unanswered(level) for level in (1, 2, 3, 4) for _ in range(UNANSWERED_NIGHTS)]
    assert after(*nights, most=most).top_level <= most
    assert after(*nights, woken(most), most=most).top_level == max(1, most - 1)


def test_the_plan_takes_it_once_the_person_is_known() -> None:
    """First nights keep to the lowest step whatever was learned; then the plan says what last night changed."""
    good = [replace(QUIET, number=number, name=str(number)) for number in range(20)]
    plan, _ = plan_for(good)
    assert (plan.stage, plan.top_level) == (Stage.KNOWN, 2)
    plan, _ = plan_for([*good, replace(woken(2), number=20)])
    assert plan.top_level == 1
    assert plan.words.endswith("the usual signs. Last night a nudge woke you, so the highest step tonight is 1.")
    assert plan.settings(Settings(top_level=4)).top_level == 1
    early, _ = plan_for([replace(night, interventions=1, ladder_ended=1, top_level=2) for night in good[:8]])
    assert (early.stage, early.top_level) == (Stage.STRONG_SIGNS, 1)
