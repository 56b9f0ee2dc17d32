"""Learning converges for people whose ordinary nights differ, and no morning, however wrong, makes it run away.

People are simulated at the level of nights (`benchmarks/learning.py`, which prints the table); the learning is the one
that `vigil watch` asks every evening.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import cache
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.learning import KINDS, Kind, Lived, forgetful, honest, live, silent
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import Mode
from vigil.domain.settings import Settings
from vigil.engine.first_nights import STRONG_FACTOR, Stage, plan_for
from vigil.engine.gentle import FIRST_LEVEL, UNANSWERED_NIGHTS, ladder
from vigil.engine.nights_known import NightKnown
from vigil.engine.personal import BOUNDS, STEP, learn

PEOPLE = 24
NIGHTS = 90
BUDGET = 0.1
"""False nudges a night (DESIGN section 8)."""

answers = st.builds(
    Answer,
    word=st.sampled_from(MorningWord),
    dreams=st.none() | st.integers(0, 20),
    distress=st.none() | st.integers(0, 10),
    sleepiness=st.none() | st.integers(0, 10),
    woken=st.none() | st.booleans(),
    disturbed=st.none() | st.booleans(),
    was_awake=st.none() | st.booleans(),
    resumed=st.booleans(),
)
figure = st.floats(allow_nan=True, allow_infinity=True)
nights_known = st.builds(
    NightKnown,
    number=st.integers(0, 10**6),
    name=st.text(max_size=5),
    day=st.none() | st.integers(-(10**6), 10**6),
    watched_h=figure | st.floats(0, 12),
    blind_h=figure | st.floats(0, 12),
    resting_bpm=st.none() | figure,
    spread_bpm=st.none() | figure,
    rises=st.integers(-5, 10**7),
    rises_expected=figure | st.floats(0, 1),
    suspicions=st.integers(0, 50),
    interventions=st.integers(0, 12),
    awakenings=st.integers(0, 12),
    terrors=st.integers(0, 12),
    top_level=st.integers(0, 4) | st.integers(),
    highest_level=st.integers(0, 4),
    ladder_ended=st.integers(0, 3) | st.integers(),
    settled_levels=st.lists(st.integers(1, 4), max_size=3).map(tuple),
    answer=answers,
)
histories = st.lists(nights_known, max_size=40, unique_by=lambda night: night.number)


def person(ordinary: float, nightmares: float = 0.0) -> Kind:
    return Kind("simulated", ordinary, nightmares, silent)


@cache
def late(kind: Kind) -> list[Lived]:
    return [lived for seed in range(PEOPLE) for lived in list(live(kind, NIGHTS, seed))[NIGHTS // 2 :]]


# -- it converges --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.3, 0.5, 1.0, 2.0, 4.0])
def test_it_converges_to_the_persons_own_rate(rate: float) -> None:
    """From a third to four times the ordinary rate the factor comes to where the budget of false nudges is kept."""
    ideal = max(BOUNDS[0], min(BOUNDS[1], rate))
    lives = late(person(rate))
    assert median(lived.factor for lived in lives) == pytest.approx(ideal, rel=0.2)
    armed = [lived.false_per_night for lived in lives if lived.nudging]
    assert math.fsum(armed) / len(armed) <= BUDGET * 1.2


def test_nightmares_hardly_teach_themselves_away() -> None:
    """Near-nightly nightmares that nobody remembers cost a third of the evidence at most: what was nudged never counts.

    Those too small to be nudged look like ordinary rises, and without an answer nothing tells them apart.
    """
    without, often = late(person(1.0)), late(replace(person(1.0, 6 / 7), mornings=forgetful))
    plain, dreamt = (math.fsum(lived.factor for lived in lives) / len(lives) for lives in (without, often))
    assert dreamt <= 1.35 * plain


def test_honest_mornings_end_no_watch() -> None:
    """Nobody whose nights stay as they are is paused for it."""
    kind = Kind("honest", 1.0, 3 / 7, honest)
    assert all(lived.nudging for lived in late(kind))


def test_missed_nightmares_night_after_night_are_met_more_often() -> None:
    """Near-nightly bad dreams that are missed let the factor go down, within its bound."""

    def reported(number: int) -> NightKnown:
        known = NightKnown(number, str(number), number, 7.5, 0.2, rises=1, rises_expected=1.0)
        return replace(known, answer=Answer(MorningWord.BAD_DREAM))

    factor = learn([reported(number) for number in range(60)]).threshold_factor
    assert BOUNDS[0] <= factor < 0.7


# -- it does not run away ------------------------------------------------------------------------------------------


@given(histories)
def test_bounds_hold_whatever_is_said(nights: list[NightKnown]) -> None:
    """Broken figures and contradictory answers included: a factor in its bounds, a profile, a plan with words."""
    plan, learned = plan_for(nights)
    assert BOUNDS[0] <= learned.threshold_factor <= BOUNDS[1]
    assert learned.ordinary.low <= learned.ordinary.value <= learned.ordinary.high
    assert math.isfinite(learned.ordinary.high)
    assert plan.words
    assert plan.profile.threshold_factor <= BOUNDS[1]
    if learned.good_nights < 2 or plan.pause is not None:
        assert plan.mode is Mode.WATCH_ONLY
    if plan.stage is Stage.STRONG_SIGNS:
        strictest = plan.settings(Settings(threshold_factor=0.5, top_level=4))
        assert plan.profile.threshold_factor * strictest.threshold_factor >= STRONG_FACTOR
        assert strictest.top_level == 1


@given(histories, nights_known)
def test_a_night_moves_the_factor_by_one_step_at_most(nights: list[NightKnown], last: NightKnown) -> None:
    """Whatever a night says, the next one runs with nearly the same threshold."""
    last = replace(last, number=10**6 + 1)
    before, after = learn(nights).threshold_factor, learn([*nights, last]).threshold_factor
    assert before / STEP - 1e-3 <= after <= before * STEP + 1e-3


@given(histories, nights_known, st.integers(1, 4))
def test_a_night_moves_the_highest_step_by_one_at_most(nights: list[NightKnown], last: NightKnown, most: int) -> None:
    """Within the ladder and the setting whatever is said; up by one at most, and never after a night that woke."""
    last = replace(last, number=10**6 + 1)
    before, after = ladder(nights, most).top_level, ladder([*nights, last], most).top_level
    assert 1 <= after <= most
    assert after <= before + 1
    if last.was_woken or last.was_disturbed:
        ran_with = last.top_level if 1 <= last.top_level <= 4 else before
        assert after == max(1, min(before, ran_with) - 1)
    else:
        assert after >= before


@given(histories, st.integers(1, 4))
def test_more_nudges_that_woke_never_raise_the_highest_step(nights: list[NightKnown], most: int) -> None:
    """However the nights went, saying that nudges woke or disturbed can only make them gentler."""
    nudged = [replace(night, interventions=1) for night in nights]
    for woken in (
        [replace(night, awakenings=1) for night in nudged],
        [replace(night, answer=replace(night.answer, disturbed=True)) for night in nudged],
    ):
        assert ladder(woken, most).top_level <= ladder(nudged, most).top_level


@given(histories, st.integers(1, 4))
def test_the_highest_step_goes_up_once_in_three_nights_at_most(nights: list[NightKnown], most: int) -> None:
    """However bad the nights: from the first step to the last takes as long as a person takes to notice."""
    assert ladder(nights, most).top_level <= FIRST_LEVEL + len(nights) // UNANSWERED_NIGHTS


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_handing_over_is_of_no_account(nights: list[NightKnown], chance: random.Random) -> None:
    """Nights have their numbers; a store that lists them otherwise changes nothing."""
    shuffled = list(nights)
    chance.shuffle(shuffled)
    assert plan_for(shuffled) == plan_for(nights)


@given(histories, st.lists(answers, min_size=1, max_size=5), st.data())
def test_only_the_last_word_on_a_morning_counts(
    nights: list[NightKnown], edits: list[Answer], data: st.DataObject
) -> None:
    """However often and in whatever order a morning was changed before, what is learned follows from what stands."""
    if not nights:
        return
    index = data.draw(st.integers(0, len(nights) - 1))
    edited = list(nights)
    for edit in (*edits, *reversed(edits), edits[-1]):
        edited[index] = replace(edited[index], answer=edit)
    straight = [*nights[:index], replace(nights[index], answer=edits[-1]), *nights[index + 1 :]]
    assert plan_for(edited) == plan_for(straight)


@given(histories, st.randoms(use_true_random=False))
def test_quiet_forgotten_and_unanswered_mornings_are_one_to_the_factor(
    nights: list[NightKnown], chance: random.Random
) -> None:
    """They may be put in each other's place anywhere: never evidence against a nudge, nor for one."""
    neutral = (MorningWord.QUIET, MorningWord.NOT_REMEMBERED, MorningWord.LEFT)
    swapped = [
        replace(night, answer=replace(night.answer, word=chance.choice(neutral)))
        if night.answer.word in neutral
        else night
        for night in nights
    ]
    assert learn(swapped) == learn(nights)


@given(histories)
def test_more_complaints_never_lower_the_factor(nights: list[NightKnown]) -> None:
    """Saying that a nudge disturbed can only make Vigil more cautious."""
    nudged = [replace(night, interventions=1) for night in nights]
    disturbed = [replace(night, answer=replace(night.answer, disturbed=True)) for night in nudged]
    assert learn(disturbed).threshold_factor >= learn(nudged).threshold_factor - 1e-9


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nobody_is_left_with_more_than_twice_the_shipped_false_nudges(kind: Kind) -> None:
    """The lowest factor is a half: the worst a morning can do is to double what the threshold ships with."""
    for lived in live(kind, 60, 7):
        assert BOUNDS[0] <= lived.factor <= BOUNDS[1]
        assert lived.false_per_night <= 2 * kind.ordinary * BUDGET
