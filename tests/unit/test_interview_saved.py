"""Saved answers that were edited, cut short, or written by another version."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interviews import CALM, calm
from vigil.interview.consequences import Known, consequences
from vigil.interview.questions import QUESTIONS
from vigil.interview.saved import Restored, from_saved, is_newer, to_saved
from vigil.interview.typed import Refusal


def with_answers(answers: object) -> dict[str, object]:
    return {"format": "vigil-setup", "version": 1, "answers": answers}


def test_what_is_saved_is_in_the_order_of_the_questions() -> None:
    """The order in which somebody answered is nobody's business."""
    backwards = {name: CALM[name] for name in reversed(CALM)}
    found = from_saved(with_answers(backwards))
    assert isinstance(found, Restored)
    assert to_saved(found.interview) == to_saved(calm())
    answers = to_saved(calm())["answers"]
    assert isinstance(answers, dict)
    assert list(answers) == [question.id for question in QUESTIONS if question.id in CALM]


@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        ({"shoe_size": "44"}, "shoe_size"),
        ({"way": "sing"}, "way"),
        ({"watched": ["none", "gasps"]}, "watched"),
        ({"watched": {"none": 1}}, "watched"),
        ({"bed_time": "25:00"}, "bed_time"),
        ({"contact": None}, "contact"),
        ({"safe_now": "yes"}, "safe_now"),
    ],
)
def test_an_answer_that_cannot_be_used_is_asked_again(change: dict[str, Any], left_out: str) -> None:
    """The rest is kept, what is left out is named, and the answer that is never kept is not taken from a file."""
    found = from_saved(with_answers(CALM | change))
    assert isinstance(found, Restored)
    assert found.left_out == (left_out,)
    assert left_out not in found.interview.answers
    assert found.interview.answers["room"] == "alone"


def test_a_safety_question_that_was_damaged_means_only_watching() -> None:
    """What is in doubt is decided for the sleeper."""
    found = from_saved(with_answers(CALM | {"watched": "nonsense"}))
    assert isinstance(found, Restored)
    standing = consequences(found.interview.answers)
    assert standing.watch_only
    assert standing.known is Known.PART
    assert "nudging" not in dict(standing.settings)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "no answers"),
        ([], "no answers"),
        ({"format": "vigil-morning", "version": 1}, "no answers"),
        (with_answers({}) | {"version": 2}, "newer"),
        (with_answers({}) | {"version": True}, "damaged"),
        (with_answers({}) | {"version": 1.0}, "damaged"),
        (with_answers({}) | {"version": 0}, "damaged"),
        (with_answers([]), "damaged"),
    ],
)
def test_what_is_none_of_ours_is_refused(document: object, said: str) -> None:
    """A refusal in words, never a guess."""
    found = from_saved(document)
    assert isinstance(found, Refusal)
    assert said in found.words
    assert is_newer(document) == (said == "newer")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_document_is_an_error(document: object) -> None:
    """Whatever a file holds, reading it ends in answers or in words; and what follows can be worked out."""
    for found in (from_saved(document), from_saved(with_answers(document))):
        if isinstance(found, Restored):
            assert consequences(found.interview.answers).sham is False
        else:
            assert found.words
