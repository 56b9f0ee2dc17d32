"""The questions of the first evening as data: each can be reached, each is explained, each answer leads somewhere."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.interviews import CALM, calm, taken
from vigil.domain.requests import Output
from vigil.domain.settings import OnSignalLost, Room, Settings
from vigil.interview.consequences import SETTINGS_OF, consequences
from vigil.interview.interview import Interview
from vigil.interview.question import Kind, Question
from vigil.interview.questions import BLUNTED, BY_ID, NONE, OUTPUTS, QUESTIONS, SAFE_NOW, WATCHED, WAY

ORDER = [
    "wearable", "way", "watched", "blunted", "country", "contact", "safe_now",
    "bed_time", "wake_time", "room", "agrees", "outputs", "signal_lost",
]  # fmt: skip


def test_the_order_is_the_one_that_was_thought_about() -> None:
    """What works, what it is, who is only watched, what blunts, whom to call and only then the hard question."""
    assert [question.id for question in QUESTIONS] == ORDER
    assert len(BY_ID) == len(QUESTIONS)


def test_every_question_is_asked_of_somebody() -> None:
    """Going through in order, with somebody who shares a room and wants to be nudged, meets every question."""
    interview, met = Interview(), []
    said: Mapping[str, object] = CALM | {"room": "shared", "agrees": "yes", "safe_now": "no"}
    while (question := interview.next_question) is not None:
        met.append(question.id)
        interview = taken(interview, question.id, said[question.id])
    assert met == ORDER
    assert interview.complete


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_question_says_why_and_is_short(question: Question) -> None:
    """Tired people read it: one or two sentences, and a reason."""
    assert question.text.endswith(("?", ".", "."))
    assert question.why
    assert len(question.text) <= 120
    assert len(question.why) <= 160
    assert all(len(choice.words) <= 70 for choice in question.choices)
    assert bool(question.choices) == (question.kind in (Kind.ONE, Kind.SEVERAL, Kind.YES_NO))


@pytest.mark.parametrize(
    ("question", "choice"),
    [(question, choice.id) for question in QUESTIONS for choice in question.choices],
    ids=lambda part: part if isinstance(part, str) else part.id,
)
def test_every_answer_has_a_consequence(question: Question, choice: str) -> None:
    """An answer that led nowhere would be a question asked for nothing; what leads to nothing new says so by design."""
    lead = next(one.lead for one in question.choices if one.id == choice)
    leads = bool(lead.watch_only or lead.turn_to or lead.note or lead.sets)
    by_others = question.id in ("country", "outputs", "safe_now") or choice == NONE
    assert leads or by_others


@pytest.mark.parametrize("choice", [one for one in WATCHED.choices if one.id != NONE], ids=lambda one: one.id)
def test_who_should_only_be_watched_is_told_where_to_turn(choice: object) -> None:
    """Each reason for only watching comes with somewhere to turn, and switches nudging off."""
    standing = consequences(calm(watched=[choice.id], outputs=None).answers)  # type: ignore[attr-defined]  # a Choice
    assert standing.watch_only
    assert len(standing.reasons) == len(standing.where_to_turn) == 1
    assert dict(standing.settings)["nudging"] is False


def test_the_words_that_were_asked_for_are_there() -> None:
    """What must be said is said in these words (issue 'Acting within limits')."""
    assert WAY.why == (
        "Vigil cannot tell a bad dream from a strong one. It may interrupt a dream you wanted. It can also only watch."
    )
    turn = {choice.id: choice.lead.turn_to for choice in WATCHED.choices}
    assert "call from a distance, do not hold" in turn["acts_out"]
    assert "apnoea" in turn["gasps"]
    assert "Ask whoever prescribes it; do not stop alone" in turn["changed"]
    assert SAFE_NOW.offers is not None
    assert SAFE_NOW.offers.words.startswith("I will keep watch without nudging, if you wish.")


def test_nothing_claims_to_diagnose_or_treat() -> None:
    """Vigil says what it does and where to turn, never what somebody has; and no medicine is advised against."""
    said = " ".join(
        f"{question.text} {question.why} {choice.words} {choice.lead.note} {choice.lead.turn_to}"
        for question in QUESTIONS
        for choice in question.choices
    ).lower()
    assert not [word for word in ("diagnos", "patient", "suffer", "sorry", "disorder", "cure") if word in said]
    assert all("keep taking" in one.lead.note for one in BLUNTED.choices if one.id in ("beta_blocker", "calcium"))


def test_what_is_set_is_a_setting() -> None:
    """Every key and value that an answer may set is one that the settings know."""
    known = set(Settings.__dataclass_fields__)
    for question in QUESTIONS:
        for choice in question.choices:
            for key, value in choice.lead.sets:
                assert key in known
                assert key in SETTINGS_OF[question.id]
                assert key != "room" or Room(value)
                assert key != "on_signal_lost" or OnSignalLost(value)
    assert {choice.id for choice in OUTPUTS.choices} == {output.value for output in Output}
    assert set(SETTINGS_OF) <= set(BY_ID)
