"""What people type, late in the evening."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.interview.question import MOST_TEXT, Answers, Value
from vigil.interview.questions import BY_ID, QUESTIONS
from vigil.interview.typed import Refusal, checked, minutes_of, understood

ALONE: Answers = {"room": "alone"}


@pytest.mark.parametrize(
    ("question", "typed", "value"),
    [
        ("wearable", "1", "buzzes"),
        ("wearable", " 2 ", "silent"),
        ("wearable", "an apple", "not_live"),
        ("wearable", "nothing", "nothing"),
        ("way", "Only watch", "watch"),
        ("watched", "1 3", ("acts_out", "seizures")),
        ("watched", "3, 1 and 3", ("seizures", "acts_out")),
        ("watched", "none", ("none",)),
        ("outputs", "2 1", ("sound", "vibration")),
        ("safe_now", "Y", "yes"),
        ("safe_now", "no", "no"),
        ("country", "germany", "de"),
        ("country", "DE", "de"),
        ("country", "united k", "gb"),
        ("country", "another", "other"),
        ("contact", "  Ana   0123 ", "Ana 0123"),
        ("contact", "Ana 0123\r\n\n Ben  4 \n", "Ana 0123; Ben 4"),
        ("contact", "Ana 0123;\nBen;; Cem", "Ana 0123; Ben; Cem"),
        ("contact", "-", ""),
        ("contact", " -\n", ""),
        ("bed_time", "23:15", "23:15"),
        ("bed_time", "23.15", "23:15"),
        ("bed_time", "2315", "23:15"),
        ("bed_time", "7", "07:00"),
        ("bed_time", "11 pm", "23:00"),
        ("bed_time", "11:15 p.m.", "23:15"),
        ("bed_time", "12am", "00:00"),
        ("bed_time", "12 pm", "12:00"),
    ],
)
def test_what_was_meant_is_understood(question: str, typed: str, value: Value) -> None:
    """Numbers, words, beginnings of words and the usual ways to write a time."""
    assert understood(BY_ID[question], typed, ALONE) == value
    assert checked(BY_ID[question], value, ALONE) == value


@pytest.mark.parametrize(
    ("question", "typed", "said"),
    [
        ("wearable", "9", "one number from 1 to 4"),
        ("wearable", "0", "one number from 1 to 4"),
        ("wearable", "99999", "one number"),
        ("wearable", "a", "one number"),
        ("watched", "1 x", "one or more numbers from 1 to 8"),
        ("watched", "and", "one or more numbers"),
        ("country", "united", "from 1 to"),
        ("safe_now", "maybe", "y or n"),
        ("bed_time", "25:00", "23:15"),
        ("bed_time", "23:75", "23:15"),
        ("bed_time", "late", "23:15"),
        ("bed_time", "13pm", "23:15"),
        ("bed_time", "0am", "23:15"),
        ("bed_time", "123:00", "23:15"),
        ("bed_time", "²³", "23:15"),
        ("bed_time", "23:1٣", "23:15"),
    ],
)
def test_what_was_not_understood_is_asked_again_in_words(question: str, typed: str, said: str) -> None:
    """A refusal says what would be an answer."""
    refusal = understood(BY_ID[question], typed, ALONE)
    assert isinstance(refusal, Refusal)
    assert said in refusal.words


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        ("watched", ["none", "gasps"], "do not go together"),
        ("watched", [], "one or more"),
        ("watched", "gasps", "one or more"),
        ("watched", [3], "one or more"),
        ("watched", ["flu"], "one or more"),
        ("way", 1, "one number"),
        ("way", "sing", "one number"),
        ("bed_time", "24:00", "23:15"),
        ("bed_time", 23, "23:15"),
        ("contact", 23, "line of text"),
        ("contact", "x" * (MOST_TEXT + 1), "shorten"),
        ("contact", "Ana\x1b[2J", "no letter"),
        ("safe_now", True, "y or n"),
    ],
)
def test_a_value_that_is_none_is_refused(question: str, value: object, said: str) -> None:
    """What a page or a file gives is held to the same rules."""
    refusal = checked(BY_ID[question], value, ALONE)
    assert isinstance(refusal, Refusal)
    assert said in refusal.words


def test_what_is_not_offered_says_why() -> None:
    """Sound in a shared room is refused with the reason, whichever way it is asked for."""
    refusal = checked(BY_ID["outputs"], ["sound"], {"room": "shared"})
    assert isinstance(refusal, Refusal)
    assert "until nobody shares the room" in refusal.words
    assert checked(BY_ID["outputs"], ["vibration"], {"room": "shared"}) == ("vibration",)


@given(st.sampled_from(QUESTIONS), st.text(max_size=40))
def test_typing_is_never_an_error(question: object, typed: str) -> None:
    """Anything at all can be typed; what is understood is also accepted, or refused in words."""
    asked = BY_ID[question.id]  # type: ignore[attr-defined]  # a Question
    value = understood(asked, typed, ALONE)
    if not isinstance(value, Refusal):
        again = checked(asked, value, ALONE)
        assert again == value or isinstance(again, Refusal)


def test_a_time_is_minutes_after_midnight() -> None:
    """For whoever plans with it."""
    assert minutes_of("23:15") == 23 * 60 + 15
    assert minutes_of(None) is None
    assert minutes_of(("23:15",)) is None
    assert minutes_of("23-15") is None
