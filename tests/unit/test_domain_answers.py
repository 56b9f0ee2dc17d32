"""What can be said in the morning, and what that says of a nudge."""

from __future__ import annotations

from typing import Any

import pytest

from vigil.domain.answers import MOST, MOST_DREAMS, Answer, MorningWord
from vigil.domain.errors import InputError


@pytest.mark.parametrize(
    "said",
    [
        {"dreams": -1},
        {"dreams": MOST_DREAMS + 1},
        {"distress": MOST + 1},
        {"sleepiness": -1},
        {"distress": 5.0},
        {"distress": float("nan")},
        {"dreams": True},
        {"woken": 1},
        {"resumed": None},
    ],
)
def test_what_nobody_can_mean_is_refused(said: dict[str, Any]) -> None:
    """A number outside its bounds, or one that is none, is refused by name and nothing is kept."""
    with pytest.raises(InputError, match=f"{next(iter(said))} = .*nothing was kept"):
        Answer(**said)


def test_leaving_is_an_empty_answer() -> None:
    """Whoever leaves has said nothing, and whoever said one thing more has not."""
    assert Answer().is_empty
    assert not Answer(sleepiness=0).is_empty
    assert not Answer(MorningWord.QUIET).is_empty


@pytest.mark.parametrize(
    "word", [MorningWord.QUIET, MorningWord.NOT_REMEMBERED, MorningWord.BAD_DREAM, MorningWord.LEFT]
)
def test_no_such_morning_speaks_against_a_nudge(word: MorningWord) -> None:
    """A quiet night may be quiet because the nudge worked; only what was said against it counts against it."""
    assert not Answer(word, distress=10, dreams=3, woken=True, disturbed=False, was_awake=False).against_a_nudge


@pytest.mark.parametrize(
    "answer", [Answer(disturbed=True), Answer(was_awake=True), Answer(MorningWord.KEPT_DREAM)], ids=str
)
def test_these_mornings_do(answer: Answer) -> None:
    """Disturbed, already awake, or a dream that was wanted."""
    assert answer.against_a_nudge


def test_every_field_is_in_the_plain_form() -> None:
    """What is exported is all that was said."""
    answer = Answer(MorningWord.BAD_DREAM, 2, 7, 3, woken=True, disturbed=False, was_awake=None, resumed=True)
    assert answer.as_plain() == {
        "answer": "bad_dream",
        "dreams": 2,
        "distress": 7,
        "sleepiness": 3,
        "woken": True,
        "disturbed": False,
        "was_awake": None,
        "resumed": True,
    }
